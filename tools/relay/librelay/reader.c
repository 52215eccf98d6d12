// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A channel: all its buffers, in turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "internal.h"

/*
 * Open
 */

static int reader_poll(const struct relay_reader *reader, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(reader->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int reader_add(struct relay_reader *reader, struct relay_buf *buf)
{
	struct relay_buf **bufs = realloc(reader->bufs, (reader->n_bufs + 1) *
					  sizeof(*bufs));

	if (!bufs)
		return -ENOMEM;
	reader->bufs = bufs;
	bufs[reader->n_bufs++] = buf;
	return 0;
}

/* Was it selected, or was none? */
static bool reader_wants(const struct relay_reader *reader, unsigned int cpu)
{
	for (unsigned int i = 0; i < reader->n_cpus; i++)
		if (reader->cpus[i] == cpu)
			return true;
	return !reader->cpus;
}

static int reader_open_buf(struct relay_reader *reader, unsigned int cpu)
{
	struct relay_buf *buf;
	int err;

	if (relay_reader_buf(reader, cpu) || !reader_wants(reader, cpu))
		return 0;
	err = relay_buf_open(&buf, reader->path, cpu, reader->flags);
	if (err)
		return err;
	/* A reader that waits for sub-buffers is woken by the writers for each. */
	if (!buf->flight)
		err = reader_poll(reader, buf->fd);
	buf->polled = !buf->flight && !err;
	if (!err)
		err = reader_add(reader, buf);
	if (err)
		relay_buf_close(buf);
	return err;
}

/* What "all" says of the channel is there before any CPU is. */
static int reader_get_info(struct relay_reader *reader)
{
	char *path;
	int fd, err = 0;

	if (asprintf(&path, "%s/all", reader->path) < 0)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RELAY_GET_INFO, &reader->info))
		err = -errno;
	if (!err && reader->info.abi_version < RELAY_ABI_VERSION)
		err = -EPROTO;
	if (fd >= 0)
		close(fd);
	free(path);
	return err;
}

static int reader_open(struct relay_reader *reader)
{
	int err = reader_get_info(reader);

	if (err)
		return err;
	reader->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (reader->epoll < 0)
		return -errno;
	/* First the watch: what comes while we look is seen twice, or once. */
	err = relay_watch_open(reader);
	if (!err && reader->watch >= 0)
		err = reader_poll(reader, reader->watch);
	return err ? err : relay_scan(reader, reader_open_buf);
}

/**
 * relay_open - open a channel
 * @to: set to the reader
 * @channel: its name below RELAY_ROOT; with a / or . in front, a path
 * @flags: RELAY_NONBLOCK, RELAY_CONFIRM, and RELAY_SPLICE or RELAY_FLIGHT
 *
 * Return: 0 or an error.
 */
EXPORT int relay_open(struct relay_reader **to, const char *channel,
		      unsigned int flags)
{
	struct relay_reader *reader;
	int err;

	if (flags & ~(RELAY_NONBLOCK | RELAY_SPLICE | RELAY_FLIGHT | RELAY_CONFIRM) ||
	    (flags & RELAY_SPLICE && flags & RELAY_FLIGHT))
		return -EINVAL;
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->flags = flags;
	reader->epoll = -1;
	reader->watch = -1;
	reader->path = relay_channel_path(channel);
	err = reader->path ? reader_open(reader) : -ENOMEM;
	if (err)
		relay_close(reader);
	else
		*to = reader;
	return err;
}

/**
 * relay_close - close a channel
 * @reader: the reader, or NULL; what is released is consumed
 */
EXPORT void relay_close(struct relay_reader *reader)
{
	if (!reader)
		return;
	for (unsigned int i = 0; i < reader->n_bufs; i++)
		relay_buf_close(reader->bufs[i]);
	if (reader->watch >= 0)
		close(reader->watch);
	if (reader->epoll >= 0)
		close(reader->epoll);
	free(reader->bufs);
	free(reader->cpus);
	free(reader->path);
	free(reader);
}

/*
 * What it is
 */

/**
 * relay_fd - a descriptor for the caller's poll loop
 * @reader: the reader
 *
 * Return: the descriptor: when it is readable, relay_next() may have something.
 */
EXPORT int relay_fd(const struct relay_reader *reader)
{
	return reader->epoll;
}

/**
 * relay_geometry - what a channel is
 * @reader: the reader
 * @geometry: filled in
 */
EXPORT void relay_geometry(const struct relay_reader *reader,
			   struct relay_geometry *geometry)
{
	const struct relay_info *info = &reader->info;

	*geometry = (struct relay_geometry) {
		.overwrite	= info->flags & RELAY_CHAN_OVERWRITE,
		.global		= info->flags & RELAY_CHAN_GLOBAL,
		.n_subbufs	= info->n_subbufs,
		.subbuf_size	= info->subbuf_size,
		.header_size	= info->header_size,
		.n_cpus		= reader->n_bufs,
	};
}

/**
 * relay_cpu - which CPUs have a buffer?
 * @reader: the reader
 * @i: 0, 1, 2 ...
 *
 * Return: a CPU; -ENOENT when there are no more.
 */
EXPORT int relay_cpu(const struct relay_reader *reader, unsigned int i)
{
	return i < reader->n_bufs ? (int)reader->bufs[i]->cpu : -ENOENT;
}

/**
 * relay_copying - does the reader copy what it would map or splice?
 * @reader: the reader
 *
 * Return: 0; -EBUSY: a pipe holds pages of a buffer, so that it cannot be mapped; -ESTALE:
 * another reader, or a reset, took a sub-buffer that was being spliced.
 */
EXPORT int relay_copying(const struct relay_reader *reader)
{
	int why = 0;

	for (unsigned int i = 0; i < reader->n_bufs && !why; i++)
		why = reader->bufs[i]->copying;
	return why;
}

/**
 * relay_reader_buf - the buffer of a CPU
 * @reader: the reader
 * @cpu: the CPU
 *
 * Return: the buffer, or NULL.
 */
struct relay_buf *relay_reader_buf(const struct relay_reader *reader,
				   unsigned int cpu)
{
	/* Mostly the one that was read last. */
	if (reader->turn < reader->n_bufs && reader->bufs[reader->turn]->cpu == cpu)
		return reader->bufs[reader->turn];
	for (unsigned int i = 0; i < reader->n_bufs; i++)
		if (reader->bufs[i]->cpu == cpu)
			return reader->bufs[i];
	return NULL;
}

/**
 * relay_counts - where every record has gone
 * @reader: the reader
 * @cpu: the CPU, or RELAY_ALL_CPUS
 * @counts: filled in
 *
 * Return: 0 or an error; -ENOENT for a CPU that has no buffer.
 */
EXPORT int relay_counts(struct relay_reader *reader, unsigned int cpu,
			struct relay_counts *counts)
{
	bool found = cpu == RELAY_ALL_CPUS;
	int err = 0;

	*counts = (struct relay_counts) { 0 };
	for (unsigned int i = 0; i < reader->n_bufs && !err; i++) {
		if (cpu != RELAY_ALL_CPUS && reader->bufs[i]->cpu != cpu)
			continue;
		found = true;
		err = relay_buf_count(reader->bufs[i], counts);
	}
	return found ? err : -ENOENT;
}

/**
 * relay_select - read a single CPU
 * @reader: the reader; the buffers of the others are left alone
 * @cpu: the CPU
 *
 * Return: 0; -ENOENT if it has no buffer.
 */
EXPORT int relay_select(struct relay_reader *reader, unsigned int cpu)
{
	struct relay_buf *buf = relay_reader_buf(reader, cpu);

	if (!buf)
		return -ENOENT;
	for (unsigned int i = 0; i < reader->n_bufs; i++)
		if (reader->bufs[i] != buf)
			relay_buf_close(reader->bufs[i]);
	reader->bufs[0] = buf;
	reader->n_bufs = 1;
	reader->turn = 0;
	reader->fixed = true;
	reader->selected = true;
	return 0;
}

/**
 * relay_select_cpus - read some CPUs only
 * @reader: the reader, before anything was read
 * @cpus: the CPUs; one that has no buffer yet is read when it has
 * @n: how many
 *
 * Return: how many of them have a buffer, or -ENOMEM.
 */
EXPORT int relay_select_cpus(struct relay_reader *reader, const unsigned int *cpus,
			     unsigned int n)
{
	unsigned int *copy = calloc(n ? n : 1, sizeof(*copy)), left = 0;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, cpus, n * sizeof(*copy));
	free(reader->cpus);
	reader->cpus = copy;
	reader->n_cpus = n;
	for (unsigned int i = 0; i < reader->n_bufs; i++) {
		if (reader_wants(reader, reader->bufs[i]->cpu))
			reader->bufs[left++] = reader->bufs[i];
		else
			relay_buf_close(reader->bufs[i]);
	}
	reader->n_bufs = left;
	reader->turn = 0;
	return left;
}

/*
 * Next
 */

/**
 * relay_reader_wait - wait until something may have happened
 * @reader: the reader
 *
 * Return: 0; -EAGAIN for one that does not wait, -EINTR for a signal.
 */
int relay_reader_wait(struct relay_reader *reader)
{
	struct epoll_event event;

	if (reader->flags & RELAY_NONBLOCK)
		return -EAGAIN;
	return epoll_wait(reader->epoll, &event, 1, -1) < 0 ? -errno : 0;
}

/* Pick up the files of new CPUs, whether or not the watch has told of them. */
static int reader_look(struct relay_reader *reader)
{
	int err = reader->selected ? 0 : relay_scan(reader, reader_open_buf);

	/* The channel is closed: the directory is gone, the buffers are not. */
	return err == -ENOENT ? 0 : err;
}

/**
 * relay_reader_update - pick up the files of new CPUs
 * @reader: the reader
 *
 * Return: whether to look again: there are some, or a flight recorder's channel may
 * be closed; or an error.
 */
int relay_reader_update(struct relay_reader *reader)
{
	unsigned int before = reader->n_bufs;
	int err;

	if (reader->watch < 0 || !relay_watch_read(reader) || reader->fixed)
		return 0;
	err = reader_look(reader);
	return err ? err : reader->n_bufs > before || reader->flags & RELAY_FLIGHT;
}

/* The next in turn: after a while, lest one that is busy keeps the others off. */
static void reader_turn(struct relay_reader *reader, bool again)
{
	if (again && ++reader->run < reader->info.n_subbufs)
		return;
	reader->run = 0;
	reader->turn = (reader->turn + 1) % reader->n_bufs;
}

/* An end that poll would go on to tell. */
static void reader_ended(struct relay_reader *reader, struct relay_buf *buf)
{
	if (!buf->polled)
		return;
	buf->polled = false;
	epoll_ctl(reader->epoll, EPOLL_CTL_DEL, buf->fd, NULL);
}

/*
 * Of one buffer after the other. Return: 0 when there was one, else the most
 * hopeful of the answers.
 */
static int reader_take(struct relay_reader *reader, struct relay_subbuf *subbuf)
{
	unsigned int tries = reader->n_bufs;
	int worst = tries || reader->fixed ? -ENODATA : -EAGAIN;

	while (tries--) {
		struct relay_buf *buf = reader->bufs[reader->turn];
		int err = relay_buf_take(buf, subbuf);

		reader_turn(reader, !err);
		if (!err)
			return 0;
		if (err == -ENODATA)
			reader_ended(reader, buf);
		else if (err == -EAGAIN || (err == -EBUSY && worst != -EAGAIN))
			worst = err;
		else if (err != -EBUSY)
			return err;
	}
	return worst;
}

static int reader_next(struct relay_reader *reader, struct relay_subbuf *subbuf)
{
	int err, found;

	do {
		err = reader_take(reader, subbuf);
		if (err != -EAGAIN)
			return err;
		found = relay_reader_update(reader);
	} while (found > 0);
	return found ? found : err;
}

/**
 * relay_next - the next sub-buffer that is delivered, of any CPU
 * @reader: the reader
 * @subbuf: filled in
 *
 * Return: 1; 0 at the end: the channel is closed, or the snapshot is, or what
 * relay_drain() found; with RELAY_FLIGHT, before a snapshot, only the first of these;
 * -EAGAIN with RELAY_NONBLOCK, -EINTR, -EBUSY when a
 * sub-buffer must be released before; -ESTALE, once, when another reader or a reset took
 * some of what was released, not with RELAY_CONFIRM; another error.
 */
EXPORT int relay_next(struct relay_reader *reader, struct relay_subbuf *subbuf)
{
	int err;

	for (;;) {
		err = reader_next(reader, subbuf);
		if (!err)
			return 1;
		if (err == -ENODATA)
			return 0;
		if (err != -EAGAIN)
			return err;
		err = relay_reader_wait(reader);
		if (err)
			return err;
	}
}

/*
 * Flush, and ends
 */

/**
 * relay_flush - have delivered what is written
 * @reader: the reader
 *
 * Return: 0 or an error.
 */
EXPORT int relay_flush(struct relay_reader *reader)
{
	int err = 0;

	for (unsigned int i = 0; i < reader->n_bufs && !err; i++)
		err = relay_buf_flush(reader->bufs[i]);
	return err;
}

/**
 * relay_drain - end after what is written now
 * @reader: the reader; relay_next() gives that, and then 0
 *
 * Return: 0 or an error.
 */
EXPORT int relay_drain(struct relay_reader *reader)
{
	int err = reader_look(reader);

	if (!err)
		err = relay_flush(reader);
	for (unsigned int i = 0; i < reader->n_bufs && !err; i++)
		err = relay_buf_bound(reader->bufs[i]);
	reader->fixed = true;
	return err;
}

/**
 * relay_snapshot - read what is in the buffers now, and consume nothing
 * @reader: the reader; relay_next() gives that, and then 0; again: a new one
 *
 * Return: 0 or an error; -EINVAL with RELAY_SPLICE.
 */
EXPORT int relay_snapshot(struct relay_reader *reader)
{
	int err = reader->flags & RELAY_SPLICE ? -EINVAL : reader_look(reader);

	for (unsigned int i = 0; i < reader->n_bufs && !err; i++)
		err = relay_buf_snapshot(reader->bufs[i]);
	reader->fixed = true;
	return err;
}
