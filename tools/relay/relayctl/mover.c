// SPDX-License-Identifier: GPL-2.0
/*
 * Gets the data of a sub-buffer into a file: written from where it is mapped,
 * or spliced. In any case it is taken out of the channel.
 *
 * What was written counts only if the sub-buffer could be released after that. A file can
 * be cut back if it does not; a stream cannot, so there the data is taken first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "mover.h"

#define PIPE_SIZE	(1 << 20)

/**
 * mover_init - prepare
 * @mover: the mover
 * @reader: where sub-buffers come from; NULL: from our own memory
 */
void mover_init(struct mover *mover, struct relay_reader *reader)
{
	*mover = (struct mover) { .reader = reader, .pipe = { -1, -1 } };
}

/**
 * mover_close - the end of it
 * @mover: the mover; the reader stays
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
 * mover_release - a sub-buffer is done with
 * @mover: the mover
 * @subbuf: the sub-buffer
 *
 * Return: 0 or an error; -ESTALE if it, or another one that is given back with it, was
 * gone before: what was read of it does not count.
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
	/* What it has does as well, in more pieces. */
	fcntl(mover->pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
	/* No other process takes out what is in it, so a wait for room would have no end. */
	fcntl(mover->pipe[1], F_SETFL, O_NONBLOCK);
	return 0;
}

/* What is in the pipe has nowhere to go. */
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

/* For file systems that splice does not write to. */
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
	/* Else the rest of it would be spliced for the next one. */
	if (moved)
		mover_release(mover, subbuf);
	return moved ? (int)moved : err;
}

/**
 * move_to_file - write a sub-buffer into a file
 * @mover: the mover
 * @subbuf: the sub-buffer; it is released in any case
 * @fd: the file
 * @offset: where to
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

/* Room for @size bytes in @copy, after those that are there. */
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

/* The pipe is full: what it holds goes to memory, after what went there before. */
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

/* Return: 1 for more, 0 when the sub-buffer is in the pipe, and released; an error. */
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
	/* Else the rest of it would be spliced for the next one. */
	return mover_release(mover, subbuf) ? : err;
}

/**
 * mover_take - take a sub-buffer out of the channel, for mover_give()
 * @mover: the mover
 * @subbuf: the sub-buffer; it is released in any case
 *
 * Return: 0 or an error, with which there is nothing to give; -ESTALE if it was gone
 * before all of it was taken.
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
 * mover_give - write to a stream what was taken
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
