// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A channel: all its buffers, in turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "internal.h"

/*
 * Open
 */

static int reader_poll(const struct relay_reader *reader, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

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

static bool reader_wants(const struct relay_reader *reader, unsigned int cpu)
{
	for (unsigned int i = 0; i < reader->n_cpus; i++)
		if (reader->cpus[i] == cpu)
			return true;
	return !reader->n_cpus;
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
		err = reader_poll(reader, buf->fd, EPOLLIN);
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
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RELAY_GET_INFO, &reader->info))
		err = -errno;
	if (!err && reader->info.abi_version < RELAY_ABI_VERSION)
		err = -EPROTO;
	if (!err && reader->flags & RELAY_TRIGGER)
		reader->all = fd;
	else if (fd >= 0)
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
	reader->stopper = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (reader->epoll < 0 || reader->stopper < 0)
		return -errno;
	err = reader_poll(reader, reader->stopper, EPOLLIN);
	if (!err && reader->all >= 0)
		/* By edge: a trigger that relay_next() is not asked about wakes it once. */
		err = reader_poll(reader, reader->all, EPOLLPRI | EPOLLET);
	if (err)
		return err;
	/* First the watch: what comes while we look is seen twice, or once. */
	err = relay_watch_open(reader);
	if (!err && reader->watch >= 0)
		err = reader_poll(reader, reader->watch, EPOLLIN);
	if (!err)
		err = relay_scan(reader, reader_open_buf);
	return !err && reader->n_cpus && !reader->n_bufs ? -ENXIO : err;
}

static int reader_create(struct relay_reader **to, const char *channel,
			 const unsigned int *cpus, unsigned int n_cpus, unsigned int flags)
{
	struct relay_reader *reader = calloc(1, sizeof(*reader));
	int err;

	if (!reader)
		return -ENOMEM;
	reader->flags = flags;
	reader->n_cpus = n_cpus;
	reader->epoll = -1;
	reader->stopper = -1;
	reader->all = -1;
	reader->watch = -1;
	reader->path = relay_channel_path(channel);
	reader->cpus = calloc(n_cpus + 1, sizeof(*cpus));
	err = reader->path && reader->cpus ? 0 : -ENOMEM;
	for (unsigned int i = 0; i < n_cpus && !err; i++)
		reader->cpus[i] = cpus[i];
	if (!err)
		err = reader_open(reader);
	if (err)
		relay_close(reader);
	else
		*to = reader;
	return err;
}

/* Consume what is written until now, by a reader of its own, which ends there. */
static int reader_skip(const char *channel, const unsigned int *cpus, unsigned int n_cpus)
{
	const struct relay_subbuf *subbuf;
	struct relay_reader *reader;
	int err = reader_create(&reader, channel, cpus, n_cpus, RELAY_NONBLOCK);

	if (err)
		return err;
	err = relay_drain(reader);
	if (!err)
		err = relay_next(reader, &subbuf);
	/* Another reader is welcome to its part. */
	while (err > 0 || err == -ESTALE) {
		if (err > 0)
			relay_release(reader, subbuf);
		err = relay_next(reader, &subbuf);
	}
	relay_close(reader);
	return err;
}

/**
 * relay_open_cpus - open the buffers of some CPUs
 * @to: set to the reader
 * @channel: the channel's name below RELAY_ROOT; with a / or . in front, a path
 * @cpus: the CPUs; one that has no buffer yet is read as soon as it has
 * @n_cpus: how many; 0 for all, as relay_open()
 * @flags: as of relay_open()
 *
 * Return: 0 or an error; -ENXIO if the channel has no buffer of any of the CPUs.
 */
EXPORT int relay_open_cpus(struct relay_reader **to, const char *channel,
			   const unsigned int *cpus, unsigned int n_cpus, unsigned int flags)
{
	int err = 0;

	if (flags & ~(RELAY_NONBLOCK | RELAY_SPLICE | RELAY_FLIGHT | RELAY_CONFIRM |
		      RELAY_FROM_NOW | RELAY_TRIGGER) ||
	    flags & (flags & RELAY_FLIGHT ? RELAY_SPLICE | RELAY_FROM_NOW : RELAY_TRIGGER))
		return -EINVAL;
	if (flags & RELAY_FROM_NOW)
		err = reader_skip(channel, cpus, n_cpus);
	return err ? err : reader_create(to, channel, cpus, n_cpus, flags);
}

/**
 * relay_open - open a channel
 * @to: set to the reader
 * @channel: its name below RELAY_ROOT; with a / or . in front, a path
 * @flags: RELAY_NONBLOCK, RELAY_CONFIRM, RELAY_FROM_NOW, and RELAY_SPLICE or RELAY_FLIGHT,
 *	the latter not with RELAY_FROM_NOW, but perhaps with RELAY_TRIGGER
 *
 * Return: 0 or an error.
 */
EXPORT int relay_open(struct relay_reader **to, const char *channel,
		      unsigned int flags)
{
	return relay_open_cpus(to, channel, NULL, 0, flags);
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
	if (reader->all >= 0)
		close(reader->all);
	if (reader->stopper >= 0)
		close(reader->stopper);
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
 * relay_get_geometry - what a channel is
 * @reader: the reader
 *
 * Return: the geometry, until the next call.
 */
EXPORT const struct relay_geometry *relay_get_geometry(struct relay_reader *reader)
{
	const struct relay_info *info = &reader->info;

	reader->geometry = (struct relay_geometry) {
		.overwrite	= info->flags & RELAY_CHAN_OVERWRITE,
		.global		= info->flags & RELAY_CHAN_GLOBAL,
		.n_subbufs	= info->n_subbufs,
		.subbuf_size	= info->subbuf_size,
		.header_size	= info->header_size,
		.n_cpus		= reader->n_bufs,
	};
	return &reader->geometry;
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
 * relay_get_counts - where every record has gone
 * @reader: the reader
 * @cpu: the CPU, or RELAY_ALL_CPUS
 * @counts: set to the counts, which stay until the next call
 *
 * Return: 0 or an error; -ENXIO for a CPU that has no buffer.
 */
EXPORT int relay_get_counts(struct relay_reader *reader, unsigned int cpu,
			    const struct relay_counts **counts)
{
	bool found = cpu == RELAY_ALL_CPUS;
	int err = 0;

	reader->counts = (struct relay_counts) { 0 };
	*counts = &reader->counts;
	for (unsigned int i = 0; i < reader->n_bufs && !err; i++) {
		if (cpu != RELAY_ALL_CPUS && reader->bufs[i]->cpu != cpu)
			continue;
		found = true;
		err = relay_buf_count(reader->bufs[i], &reader->counts);
	}
	return found ? err : -ENXIO;
}

/**
 * relay_get_stale - what the last -ESTALE was about
 * @reader: the reader
 *
 * Return: the sub-buffers, until the next -ESTALE; a count of 0 before the first.
 */
EXPORT const struct relay_stale *relay_get_stale(const struct relay_reader *reader)
{
	return &reader->stale;
}

/**
 * relay_reader_error - an error of a buffer, on its way to the caller
 * @reader: the reader
 * @buf: the buffer
 * @ret: the error, or what else a call returns
 *
 * Return: @ret; -ESTALE can be asked about.
 */
ssize_t relay_reader_error(struct relay_reader *reader, struct relay_buf *buf, ssize_t ret)
{
	if (ret == -ESTALE) {
		reader->stale = buf->stale;
		buf->gone = false;
	}
	return ret;
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
static int reader_look_again(struct relay_reader *reader)
{
	int err = relay_scan(reader, reader_open_buf);

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
	err = reader_look_again(reader);
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
			return relay_reader_error(reader, buf, err);
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
 * relay_stop - end after what is written now, from a signal handler or another thread
 * @reader: a reader that is open; relay_next(), or relay_merge_next(), then does as
 *	relay_drain(), also if it waits, and relay_wait_trigger() waits no more
 *
 * Context: Any; async-signal-safe.
 */
EXPORT void relay_stop(struct relay_reader *reader)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t done;

	__atomic_store_n(&reader->stop, true, __ATOMIC_RELEASE);
	/* A counter that is full fails, and wakes the reader as well. */
	done = write(reader->stopper, &one, sizeof(one));
	(void)done;
	errno = saved;
}

/**
 * relay_reader_check_stop - drain, if the reader was told to stop
 * @reader: the reader
 *
 * Return: 0, or the error of relay_drain(), which is tried again the next time.
 */
int relay_reader_check_stop(struct relay_reader *reader)
{
	uint64_t calls;
	ssize_t done;
	int err;

	if (!__atomic_load_n(&reader->stop, __ATOMIC_ACQUIRE))
		return 0;
	err = relay_drain(reader);
	if (err)
		return err;
	reader->stopped = true;
	/* In this order: a call that comes between them is seen the next time. */
	__atomic_store_n(&reader->stop, false, __ATOMIC_RELEASE);
	done = read(reader->stopper, &calls, sizeof(calls));
	(void)done;
	return 0;
}

/**
 * relay_next - the next sub-buffer that is delivered, of any CPU
 * @reader: the reader
 * @subbuf: set to the sub-buffer, whose description stays until the next call; a copy of
 *	it serves relay_release() as well
 *
 * Return: 1; 0 at the end: the channel is closed, or the snapshot is, or what
 * relay_drain() found; with RELAY_FLIGHT, before a snapshot, only the first of these;
 * -EAGAIN with RELAY_NONBLOCK, -EINTR; -EBUSY when a sub-buffer must be released before, or a
 * merge is open; -ESTALE, once, when another reader or a reset took some of what was
 * released, not with RELAY_CONFIRM; another error.
 */
EXPORT int relay_next(struct relay_reader *reader, const struct relay_subbuf **subbuf)
{
	int err;

	*subbuf = &reader->subbuf;
	if (reader->merging)
		return -EBUSY;
	for (;;) {
		err = relay_reader_check_stop(reader);
		if (err)
			return err;
		err = reader_next(reader, &reader->subbuf);
		if (!err)
			return 1;
		if (err == -ENODATA)
			return 0;
		if (err == -EAGAIN)
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
	int err = reader_look_again(reader);

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
 * Return: 0 or an error; -EINVAL with RELAY_SPLICE, -EBUSY while a merge is open.
 */
EXPORT int relay_snapshot(struct relay_reader *reader)
{
	int err;

	if (reader->flags & RELAY_SPLICE)
		return -EINVAL;
	if (reader->merging)
		return -EBUSY;
	err = reader_look_again(reader);
	for (unsigned int i = 0; i < reader->n_bufs && !err; i++)
		err = relay_buf_snapshot(reader->bufs[i]);
	reader->fixed = true;
	return err;
}

static bool reader_closed(const struct relay_reader *reader)
{
	return reader->n_bufs && relay_buf_closed(reader->bufs[0]);
}

/**
 * relay_wait_trigger - wait for a trigger by the channel's owner
 * @reader: a reader with RELAY_TRIGGER, for relay_snapshot() after that
 *
 * Return: how many there were since the last call, or since relay_open(); 0 at the end: the
 * channel is closed, or relay_stop() was called; -EAGAIN with RELAY_NONBLOCK, -EINTR; -EINVAL
 * without RELAY_TRIGGER; another error.
 */
EXPORT int relay_wait_trigger(struct relay_reader *reader)
{
	uint32_t triggers;
	bool ended;
	int err;

	if (reader->all < 0)
		return -EINVAL;
	do {
		err = relay_reader_check_stop(reader);
		if (err)
			return err;
		/* Asked before, because there is no trigger after the end. */
		ended = reader->stopped || reader_closed(reader);
		if (ioctl(reader->all, RELAY_GET_TRIGGERS, &triggers))
			return -errno;
		if (triggers)
			return triggers < INT_MAX ? triggers : INT_MAX;
		if (ended)
			return 0;
		err = relay_reader_update(reader);
		if (!err)
			err = relay_reader_wait(reader);
	} while (err >= 0);
	return err;
}
