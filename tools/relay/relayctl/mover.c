// SPDX-License-Identifier: GPL-2.0
/*
 * Gets the data of a sub-buffer into a file: written from where it is mapped,
 * or spliced. In any case it is taken out of the channel.
 */
#include <errno.h>
#include <fcntl.h>
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
 * Return: 0 or an error.
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

	if (err) {
		mover_release(mover, subbuf);
		return err;
	}
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
	return err ? err : released;
}

/**
 * move_to_pipe - write a sub-buffer to a stream
 * @mover: the mover
 * @subbuf: the sub-buffer; it is released, unless the stream has an error
 * @fd: the stream; a pipe if the data is to be spliced
 *
 * Return: 0 or an error.
 */
int move_to_pipe(struct mover *mover, const struct relay_subbuf *subbuf, int fd)
{
	ssize_t moved;
	int err;

	if (!subbuf->data) {
		do {
			moved = relay_splice(mover->reader, subbuf, fd);
		} while (moved > 0);
		return moved;
	}
	err = write_all(fd, subbuf->data, subbuf->used);
	return err ? err : relay_release(mover->reader, subbuf);
}
