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
	/* A flight recorder does not wait for sub-buffers. */
	if (!buf->flight)
		err = reader_poll(reader, buf->fd, EPOLLIN);
	buf->polled = !buf->flight && !err;
	if (!err)
		err = reader_add(reader, buf);
	if (err)
		relay_buf_close(buf);
	return err;
}

/* From the file "all", because the channel may not have a buffer yet. */
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
		/* By edge, so that a trigger wakes relay_next(), which ignores it, only once. */
		err = reader_poll(reader, reader->all, EPOLLPRI | EPOLLET);
	if (err)
		return err;
	/* Watch before the scan, so that a file which appears meanwhile is not missed. */
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

/* Consume the records written until now, with a separate reader that drains and ends. */
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
	/* Another reader may consume some of them: -ESTALE is not an error here. */
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
 * @channel: the channel's name below RELAY_ROOT; or a path: see relay_is_path()
 * @cpus: the CPUs; one that has no buffer yet is added as soon as it has one
 * @n_cpus: number of @cpus; 0 for all, as relay_open()
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
 * @channel: its name below RELAY_ROOT; or a path: see relay_is_path()
 * @flags: RELAY_*; RELAY_FLIGHT not with RELAY_SPLICE nor RELAY_FROM_NOW, RELAY_TRIGGER
 *	only with RELAY_FLIGHT
 *
 * Return: 0 or an error.
 */
EXPORT int relay_open(struct relay_reader **to, const char *channel,
		      unsigned int flags)
{
	return relay_open_cpus(to, channel, NULL, 0, flags);
}

/**
 * relay_close - close a channel, and consume released sub-buffers
 * @reader: the reader, or NULL
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
 * Descriptor, geometry, counters
 */

/**
 * relay_fd - a descriptor for the caller's poll loop
 * @reader: the reader
 *
 * Return: the descriptor: when it is readable, relay_next() may have a sub-buffer.
 */
EXPORT int relay_fd(const struct relay_reader *reader)
{
	return reader->epoll;
}

/**
 * relay_get_geometry - mode and sizes of a channel
 * @reader: the reader
 *
 * Return: the geometry, valid until the next call.
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
 * relay_copying - does the reader copy instead of mapping or splicing?
 * @reader: the reader
 *
 * Return: 0; -EBUSY: a pipe holds pages of a buffer, so that it cannot be mapped; -ESTALE:
 * another reader, or a reset, consumed a sub-buffer that was being spliced.
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
	/* Usually the buffer that was read last. */
	if (reader->turn < reader->n_bufs && reader->bufs[reader->turn]->cpu == cpu)
		return reader->bufs[reader->turn];
	for (unsigned int i = 0; i < reader->n_bufs; i++)
		if (reader->bufs[i]->cpu == cpu)
			return reader->bufs[i];
	return NULL;
}

/**
 * relay_get_counts - count every record by its fate
 * @reader: the reader
 * @cpu: the CPU, or RELAY_ALL_CPUS
 * @counts: set to the counts, valid until the next call
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
 * relay_get_stale - which sub-buffers the last -ESTALE was about
 * @reader: the reader
 *
 * Return: the sub-buffers, valid until the next -ESTALE; a count of 0 before the first.
 */
EXPORT const struct relay_stale *relay_get_stale(const struct relay_reader *reader)
{
	return &reader->stale;
}

/**
 * relay_reader_error - note -ESTALE for relay_get_stale(), before the caller gets it
 * @reader: the reader
 * @buf: the buffer
 * @ret: what the call will return
 *
 * Return: @ret.
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
 * relay_reader_wait - wait for an event of a buffer, the watch, relay_stop() or a trigger
 * @reader: the reader
 *
 * Return: 0; -EAGAIN with RELAY_NONBLOCK, -EINTR after a signal.
 */
int relay_reader_wait(struct relay_reader *reader)
{
	struct epoll_event event;

	if (reader->flags & RELAY_NONBLOCK)
		return -EAGAIN;
	return epoll_wait(reader->epoll, &event, 1, -1) < 0 ? -errno : 0;
}

/* Open the files of new CPUs, whether or not the watch has an event. */
static int reader_look_again(struct relay_reader *reader)
{
	int err = relay_scan(reader, reader_open_buf);

	/* The channel is closed: its directory is gone, but the reader keeps the buffers. */
	return err == -ENOENT ? 0 : err;
}

/**
 * relay_reader_update - open the files of new CPUs, if the watch has an event
 * @reader: the reader
 *
 * Return: whether to take again, because there are new buffers, or a flight recorder's
 * channel may be closed; or an error.
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

/* Go to the next buffer after n_subbufs sub-buffers, so that a busy CPU cannot starve others. */
static void reader_turn(struct relay_reader *reader, bool again)
{
	if (again && ++reader->run < reader->info.n_subbufs)
		return;
	reader->run = 0;
	reader->turn = (reader->turn + 1) % reader->n_bufs;
}

/* Remove an ended buffer from the epoll, which would report it for ever. */
static void reader_ended(struct relay_reader *reader, struct relay_buf *buf)
{
	if (!buf->polled)
		return;
	buf->polled = false;
	epoll_ctl(reader->epoll, EPOLL_CTL_DEL, buf->fd, NULL);
}

/*
 * Take from the buffers in turn. Return: 0 for a sub-buffer; -EAGAIN if a buffer may get one,
 * else -EBUSY if one must be released, else -ENODATA; or another error.
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
 * relay_stop - drain the reader, from a signal handler or another thread
 * @reader: a reader that is open; the waiting or next call of relay_next() or
 *	relay_merge_next() drains it, and relay_wait_trigger() does not wait
 *
 * Context: Any; async-signal-safe.
 */
EXPORT void relay_stop(struct relay_reader *reader)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t done;

	__atomic_store_n(&reader->stop, true, __ATOMIC_RELEASE);
	/* If the counter is full the write fails, but the reader is woken anyway. */
	done = write(reader->stopper, &one, sizeof(one));
	(void)done;
	errno = saved;
}

/**
 * relay_reader_check_stop - drain the reader, if relay_stop() was called
 * @reader: the reader
 *
 * Return: 0, or the error of relay_drain(), which the next call tries again.
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
	/* In this order, so that the next check sees a relay_stop() between the two. */
	__atomic_store_n(&reader->stop, false, __ATOMIC_RELEASE);
	done = read(reader->stopper, &calls, sizeof(calls));
	(void)done;
	return 0;
}

/**
 * relay_next - the next delivered sub-buffer of any CPU
 * @reader: the reader
 * @subbuf: set to the sub-buffer, whose description is valid until the next call; a copy of
 *	it can be passed to relay_release(), too
 *
 * Return: 1; 0 at the end of the channel, of the snapshot, or the end that relay_drain()
 * set; with RELAY_FLIGHT, before a snapshot, only at the end of the channel; -EAGAIN with
 * RELAY_NONBLOCK, -EINTR; -EBUSY if a sub-buffer must be released before, or a merge is
 * open; -ESTALE, once and not with RELAY_CONFIRM, if another reader or a reset had consumed
 * released sub-buffers; another error.
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
 * relay_flush - make the kernel deliver partly filled sub-buffers
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
 * relay_drain - flush, and set the end there
 * @reader: the reader; relay_next() returns what was written until now, and then 0
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
 * relay_snapshot - read the sub-buffers that the buffers have now, and consume nothing
 * @reader: the reader; relay_next() returns these, and then 0; another call takes a new
 *	snapshot
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
 * Return: number of triggers since the last call, or since relay_open(); 0 if the channel is
 * closed, or relay_stop() was called; -EAGAIN with RELAY_NONBLOCK, -EINTR; -EINVAL without
 * RELAY_TRIGGER; another error.
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
		/* Check for the end first, because no trigger comes after it. */
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
