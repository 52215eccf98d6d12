// SPDX-License-Identifier: GPL-2.0
/*
 * Gets the data of a sub-buffer into a file or a stream: written from the mapping, or
 * spliced. In any case the sub-buffer is released.
 *
 * The written data is valid only if the sub-buffer could then be released. A file can be
 * cut back if it could not. A stream cannot be cut back, so there the data is copied and
 * the sub-buffer released before the data is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "mover.h"

#define PIPE_SIZE	(1 << 20)

/**
 * mover_init - set a mover up
 * @mover: the mover
 * @reader: the reader of the sub-buffers; NULL if their data is in memory of relayctl
 */
void mover_init(struct mover *mover, struct relay_reader *reader)
{
	*mover = (struct mover) { .reader = reader, .pipe = { -1, -1 } };
}

/**
 * mover_close - free what a mover has allocated
 * @mover: the mover; its reader stays open
 */
void mover_close(struct mover *mover)
{
	free(mover->copy);
	if (mover->pipe[0] < 0)
		return;
	close(mover->pipe[0]);
	close(mover->pipe[1]);
}

/**
 * mover_release - release a sub-buffer
 * @mover: the mover
 * @subbuf: the sub-buffer
 *
 * Return: 0 or an error; -ESTALE if it, or another one that is given back with it, was
 * gone before, so that the data read from it is not valid.
 */
int mover_release(struct mover *mover, const struct relay_subbuf *subbuf)
{
	return mover->reader ? relay_release(mover->reader, subbuf) : 0;
}

static int mover_open_pipe(struct mover *mover)
{
	if (mover->pipe[0] >= 0)
		return 0;
	if (pipe2(mover->pipe, O_CLOEXEC))
		return -errno;
	/* If that fails, a smaller pipe does, too, with more calls. */
	fcntl(mover->pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
	/* Only this process reads from the pipe, so a wait for room would never end. */
	fcntl(mover->pipe[1], F_SETFL, O_NONBLOCK);
	return 0;
}

/* Empty the pipe. */
static void discard(int pipe, size_t size)
{
	char scrap[4096];

	while (size) {
		ssize_t done = read(pipe, scrap, size < sizeof(scrap) ?
				    size : sizeof(scrap));

		if (done <= 0)
			return;
		size -= done;
	}
}

/* Read and write, for file systems to which splice(2) fails with EINVAL. */
static ssize_t copy_piece(int pipe, int fd, uint64_t offset, size_t size)
{
	char piece[16384];
	ssize_t got = read(pipe, piece, size < sizeof(piece) ? size : sizeof(piece));
	int err;

	if (got <= 0)
		return got ? -errno : -EIO;
	err = write_all_at(fd, piece, got, offset);
	return err ? err : got;
}

/* Return: 0 or an error; the pipe is empty in any case. */
static int pipe_to_file(int pipe, int fd, uint64_t offset, size_t size)
{
	while (size) {
		loff_t at = offset;
		ssize_t done = splice(pipe, NULL, fd, &at, size, SPLICE_F_MOVE);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EINVAL)
			done = copy_piece(pipe, fd, offset, size);
		else if (done <= 0)
			done = done ? -errno : -EIO;
		if (done < 0) {
			discard(pipe, size);
			return done;
		}
		offset += done;
		size -= done;
	}
	return 0;
}

static int splice_to_file(struct mover *mover, const struct relay_subbuf *subbuf,
			  int fd, uint64_t offset)
{
	ssize_t moved;
	int err = mover_open_pipe(mover);

	if (err)
		return mover_release(mover, subbuf) ? : err;
	while ((moved = relay_splice(mover->reader, subbuf, mover->pipe[1])) > 0) {
		if (!err)
			err = pipe_to_file(mover->pipe[0], fd, offset, moved);
		else
			discard(mover->pipe[0], moved);
		offset += moved;
	}
	/* After an error, release it, or its rest would be spliced for the next one. */
	if (moved)
		mover_release(mover, subbuf);
	return moved ? (int)moved : err;
}

/**
 * move_to_file - write a sub-buffer into a file
 * @mover: the mover
 * @subbuf: the sub-buffer, which is released in any case
 * @fd: the file
 * @offset: offset in the file
 *
 * Return: 0 or an error.
 */
int move_to_file(struct mover *mover, const struct relay_subbuf *subbuf, int fd,
		 uint64_t offset)
{
	int err, released;

	if (!subbuf->data)
		return splice_to_file(mover, subbuf, fd, offset);
	err = write_all_at(fd, subbuf->data, subbuf->used, offset);
	released = mover_release(mover, subbuf);
	return released ? released : err;
}

/*
 * Streams
 */

/* Make room for @size more bytes in @copy. */
static int mover_grow(struct mover *mover, size_t size)
{
	unsigned char *copy;

	if (mover->copied + size <= mover->copy_size)
		return 0;
	copy = realloc(mover->copy, mover->copied + size);
	if (!copy)
		return -ENOMEM;
	mover->copy = copy;
	mover->copy_size = mover->copied + size;
	return 0;
}

static int mover_take_copy(struct mover *mover, const struct relay_subbuf *subbuf)
{
	int err = mover_grow(mover, subbuf->used), released;

	if (!err) {
		memcpy(mover->copy, subbuf->data, subbuf->used);
		mover->copied = subbuf->used;
	}
	released = mover_release(mover, subbuf);
	return released ? released : err;
}

/* The pipe is full: move its contents to the end of @copy. */
static int mover_spill(struct mover *mover)
{
	int err = mover_grow(mover, mover->piped);
	ssize_t got;

	if (err || !mover->piped)
		return err ? err : -EAGAIN;
	got = read(mover->pipe[0], mover->copy + mover->copied, mover->piped);
	if (got <= 0)
		return got ? -errno : -EIO;
	mover->copied += got;
	mover->piped -= got;
	return 0;
}

/* Return: 1 to go on, 0 when all of the sub-buffer was taken and it is released; an error. */
static int mover_take_piece(struct mover *mover, const struct relay_subbuf *subbuf)
{
	ssize_t moved = relay_splice(mover->reader, subbuf, mover->pipe[1]);
	int err;

	if (moved > 0)
		mover->piped += moved;
	if (moved != -EAGAIN)
		return moved > 0 ? 1 : moved;
	err = mover_spill(mover);
	return err ? err : 1;
}

static int mover_take_spliced(struct mover *mover, const struct relay_subbuf *subbuf)
{
	int err = mover_open_pipe(mover) ? : 1;

	while (err > 0)
		err = mover_take_piece(mover, subbuf);
	if (!err)
		return 0;
	discard(mover->pipe[0], mover->piped);
	/* Release it, or its rest would be spliced for the next one. */
	return mover_release(mover, subbuf) ? : err;
}

/**
 * mover_take - copy or splice a sub-buffer out of the channel, for mover_give()
 * @mover: the mover
 * @subbuf: the sub-buffer, which is released in any case
 *
 * Return: 0, or an error, after which mover_give() must not be called; -ESTALE if the
 * sub-buffer was gone before all of it was taken.
 */
int mover_take(struct mover *mover, const struct relay_subbuf *subbuf)
{
	mover->copied = 0;
	mover->piped = 0;
	return subbuf->data ? mover_take_copy(mover, subbuf) :
			      mover_take_spliced(mover, subbuf);
}

/* Return: 0 or an error; the pipe is empty in any case. */
static int pipe_to_stream(int pipe, int fd, size_t size)
{
	while (size) {
		ssize_t done = splice(pipe, NULL, fd, NULL, size, SPLICE_F_MOVE);
		int err = errno;

		if (done < 0 && err == EINTR)
			continue;
		if (done <= 0) {
			discard(pipe, size);
			return done ? -err : -EIO;
		}
		size -= done;
	}
	return 0;
}

/**
 * mover_give - write the data that mover_take() took to a stream
 * @mover: the mover
 * @fd: the stream; a pipe if the data is spliced
 *
 * Return: 0 or an error.
 */
int mover_give(struct mover *mover, int fd)
{
	int err = write_all(fd, mover->copy, mover->copied);

	if (err) {
		discard(mover->pipe[0], mover->piped);
		return err;
	}
	return pipe_to_stream(mover->pipe[0], fd, mover->piped);
}
