// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a recording that is a stream: see stream.c. Memory grows with the data that was read,
 * because the size in a header is not trusted.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "stream-in.h"

/* The first allocation. Later ones are twice the size of the data that was read. */
#define STREAM_PIECE	(64U << 10)

/**
 * stream_open - prepare to read a stream
 * @stream: filled in
 * @fd: the file, which stream_close() does not close
 */
void stream_open(struct stream *stream, int fd)
{
	*stream = (struct stream) { .fd = fd };
}

/**
 * stream_close - free the memory of a stream
 * @stream: the stream
 */
void stream_close(struct stream *stream)
{
	free(stream->data);
}

/* Return: 0 or an error; -ENODATA at the end. */
static int read_all(int fd, void *data, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t more = read(fd, (char *)data + got, size - got);

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return -errno;
		if (!more)
			return got ? -EBADMSG : -ENODATA;
		got += more;
	}
	return 0;
}

static int stream_grow(struct stream *stream, size_t size)
{
	unsigned char *data;

	if (size <= stream->size)
		return 0;
	data = realloc(stream->data, size);
	if (!data)
		return -ENOMEM;
	stream->data = data;
	stream->size = size;
	return 0;
}

static int stream_read_data(struct stream *stream)
{
	size_t used = stream->header.info.used, done = 0, end;
	int err = 0;

	for (; done < used && !err; done = end) {
		end = done ? 2 * done : STREAM_PIECE;
		end = end < used ? end : used;
		err = stream_grow(stream, end);
		if (!err)
			err = read_all(stream->fd, stream->data + done, end - done);
	}
	return err == -ENODATA ? -EBADMSG : err;
}

/**
 * stream_next - read the next sub-buffer
 * @stream: the stream
 *
 * Return: 1; 0 at the end; -EBADMSG if it is not a stream, or ends within a sub-buffer;
 * another error.
 */
int stream_next(struct stream *stream)
{
	int err = read_all(stream->fd, &stream->header, sizeof(stream->header));

	if (err)
		return err == -ENODATA ? 0 : err;
	if (stream->header.magic != RELAY_ALL_MAGIC ||
	    stream->header.header_size != sizeof(stream->header))
		return -EBADMSG;
	err = stream_read_data(stream);
	return err ? err : 1;
}
