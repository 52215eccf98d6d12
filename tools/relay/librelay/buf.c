// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The buffer of a CPU: finds, takes and gives back sub-buffers.
 *
 * In no-overwrite mode what the meta page says is enough to take one: it stays
 * as it is until it is put. So many can be taken without a system call, and are
 * put with one. In overwrite mode, and in a snapshot, a sub-buffer is copied,
 * and counts if the kernel then says that it was still there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "internal.h"

/* So many sub-buffers are put at once, where there are as many. */
#define RELAY_MAX_BATCH		64

/* Pages that were spliced away are back after so long, or their pipe is full. */
#define RELAY_LENT_TRIES	100
#define RELAY_LENT_MS		10

/*
 * Open and map
 */

static int buf_map_meta(struct relay_buf *buf)
{
	void *meta = mmap(NULL, buf->info.meta_size, PROT_READ, MAP_SHARED,
			  buf->fd, buf->info.meta_offset);

	if (meta == MAP_FAILED)
		return -errno;
	buf->meta = meta;
	return 0;
}

/* While pages of the buffer are in a pipe it cannot be mapped. */
static int buf_map_data(struct relay_buf *buf)
{
	int tries = RELAY_LENT_TRIES;
	void *data;

	if (buf->data)
		return 0;
	do {
		data = mmap(NULL, buf->info.data_size, PROT_READ, MAP_SHARED,
			    buf->fd, buf->info.data_offset);
	} while (data == MAP_FAILED && errno == EBUSY && tries-- &&
		 !poll(NULL, 0, RELAY_LENT_MS));
	if (data == MAP_FAILED)
		return -errno;
	buf->data = data;
	return 0;
}

static void buf_unmap_data(struct relay_buf *buf)
{
	if (buf->data)
		munmap((void *)buf->data, buf->info.data_size);
	buf->data = NULL;
}

/* Losses of before the reader came are not told. */
static int buf_count_before(struct relay_buf *buf)
{
	struct relay_counts counts = { 0 };
	int err = relay_buf_count(buf, &counts);

	buf->opened = counts.lost_since;
	buf->lost = buf->opened;
	return err;
}

/**
 * relay_buf_open - open a buffer
 * @to: set to the buffer
 * @path: its file
 * @flags: of relay_open(); RELAY_SPLICE goes where the mode allows it
 *
 * Return: 0 or an error.
 */
int relay_buf_open(struct relay_buf **to, const char *path, unsigned int flags)
{
	struct relay_buf *buf = calloc(1, sizeof(*buf));
	int err = 0;

	if (!buf)
		return -ENOMEM;
	buf->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (buf->fd < 0 || ioctl(buf->fd, RELAY_GET_INFO, &buf->info))
		err = -errno;
	if (!err)
		err = buf_map_meta(buf);
	if (!err)
		err = buf_count_before(buf);
	if (err) {
		relay_buf_close(buf);
		return err;
	}
	buf->cpu = buf->info.cpu;
	buf->splice = flags & RELAY_SPLICE && !(buf->info.flags & RELAY_CHAN_OVERWRITE);
	buf->flight = flags & RELAY_FLIGHT;
	*to = buf;
	return 0;
}

/**
 * relay_buf_close - close a buffer
 * @buf: the buffer; what is released is given back
 */
void relay_buf_close(struct relay_buf *buf)
{
	relay_buf_put(buf);
	buf_unmap_data(buf);
	if (buf->meta)
		munmap((void *)buf->meta, buf->info.meta_size);
	if (buf->fd >= 0)
		close(buf->fd);
	free(buf->copy);
	free(buf);
}

/*
 * Find
 */

static const struct relay_subbuf_desc *buf_desc(const struct relay_buf *buf,
						uint64_t sequence)
{
	const struct relay_meta *meta = buf->meta;
	size_t i = sequence % meta->n_subbufs;

	return (const void *)((const char *)meta + meta->header_size +
			      i * meta->desc_size);
}

/* Return: whether the sub-buffer of that number is the last that was there. */
static bool buf_read_desc(const struct relay_buf *buf, uint64_t sequence,
			  struct relay_subbuf_desc *to)
{
	const struct relay_subbuf_desc *desc = buf_desc(buf, sequence);
	uint32_t version = __atomic_load_n(&desc->version, __ATOMIC_ACQUIRE);

	if (!version || version & 1)
		return false;
	memcpy(to, desc, sizeof(*to));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&desc->version, __ATOMIC_RELAXED) == version &&
	       to->sequence == sequence;
}

static bool buf_closed(const struct relay_buf *buf)
{
	return __atomic_load_n(&buf->meta->closed, __ATOMIC_ACQUIRE);
}

static bool buf_copies(const struct relay_buf *buf)
{
	return buf->info.flags & RELAY_CHAN_OVERWRITE || buf->snapshot;
}

/* What is consumed, against the sub-buffer that is next. */
static int32_t buf_consumed(const struct relay_buf *buf)
{
	uint32_t consumed = __atomic_load_n(&buf->meta->consumed, __ATOMIC_RELAXED);

	return consumed - (uint32_t)buf->next;
}

/* Has another reader consumed the one that is next? */
static bool buf_overtaken(const struct relay_buf *buf)
{
	return buf_consumed(buf) > 0;
}

/* Without a system call, where nothing can be in the way. */
static bool buf_look(const struct relay_buf *buf, struct relay_subbuf_get *get)
{
	struct relay_subbuf_desc desc;

	if (!buf->started || buf_copies(buf) || buf_overtaken(buf) ||
	    !buf_read_desc(buf, buf->next, &desc))
		return false;
	*get = (struct relay_subbuf_get) {
		.sequence	= desc.sequence,
		.offset		= desc.sequence % buf->info.n_subbufs *
				  buf->info.subbuf_size,
		.used		= desc.used,
		.begin_time	= desc.begin_time,
		.end_time	= desc.end_time,
		.lost		= desc.lost,
		.records	= desc.records,
	};
	return true;
}

/*
 * Nothing to see: does the kernel know more? Also, poll goes by what this
 * descriptor got, unless that is consumed.
 */
static bool buf_must_ask(const struct relay_buf *buf)
{
	return !buf->started || buf_copies(buf) || buf_overtaken(buf) ||
	       buf->put != buf->next || buf_closed(buf);
}

/*
 * The kernel counts from the moment at which the descriptor was opened, but for a
 * snapshot, and the meta page from the beginning.
 */
static uint64_t buf_lost_in_all(const struct relay_buf *buf,
				const struct relay_subbuf_get *get)
{
	struct relay_subbuf_desc desc;

	if (buf_read_desc(buf, get->sequence, &desc))
		return desc.lost;
	return buf->snapshot ? get->lost : buf->opened + get->lost;
}

static int buf_ask(struct relay_buf *buf, struct relay_subbuf_get *get)
{
	do {
		if (ioctl(buf->fd, RELAY_GET_SUBBUF, get))
			return -errno;
	} while (buf->started && get->sequence < buf->next);
	get->lost = buf_lost_in_all(buf, get);
	return 0;
}

static int buf_find(struct relay_buf *buf, struct relay_subbuf_get *get)
{
	int err;

	if (buf_look(buf, get))
		return 0;
	/* Before the wait, which the writers may be in as well. */
	err = relay_buf_put(buf);
	if (err)
		return err;
	return buf_must_ask(buf) ? buf_ask(buf, get) : -EAGAIN;
}

/*
 * Take
 */

/*
 * Losses up to the sub-buffer before the first one are not ours. Where the meta
 * page has forgotten it, those that there were when the buffer was opened.
 */
static uint64_t buf_lost_before(const struct relay_buf *buf, uint64_t lost)
{
	struct relay_subbuf_desc desc;

	if (!buf->next)
		return 0;
	if (buf_read_desc(buf, buf->next - 1, &desc))
		return desc.lost;
	return buf->opened < lost ? buf->opened : lost;
}

static void buf_start(struct relay_buf *buf, const struct relay_subbuf_get *get)
{
	buf->started = true;
	buf->next = get->sequence - get->missed;
	buf->done = buf->next;
	buf->put = buf->next;
	buf->lost = buf_lost_before(buf, get->lost);
}

/*
 * Where writers interrupt each other a sub-buffer can be delivered before the
 * one in front of it, and so know of fewer losses: those are told already.
 */
static uint64_t buf_take_lost(struct relay_buf *buf, uint64_t lost)
{
	uint64_t before = buf->lost;

	if ((int64_t)(lost - before) <= 0)
		return 0;
	buf->lost = lost;
	return lost - before;
}

static void buf_fill(struct relay_buf *buf, const struct relay_subbuf_get *get,
		     struct relay_subbuf *subbuf)
{
	uint64_t missed = get->sequence - buf->next;

	*subbuf = (struct relay_subbuf) {
		.used		= get->used,
		.cpu		= buf->cpu,
		.records	= get->records,
		.sequence	= get->sequence,
		.begin_time	= get->begin_time,
		.end_time	= get->end_time,
		.lost		= buf_take_lost(buf, get->lost),
		.missed		= missed,
	};
	/* Who took those that are missing has given them back. */
	if (missed) {
		buf->done = get->sequence;
		buf->put = get->sequence;
	}
	buf->next = get->sequence + 1;
	buf->spliced = 0;
	/* What is missing may have been gone when @left was counted. */
	if (buf->bounded)
		buf->left--;
}

static int buf_put_range(const struct relay_buf *buf, uint64_t sequence,
			 uint64_t count)
{
	struct relay_subbuf_put put = { .sequence = sequence, .count = count };

	return ioctl(buf->fd, RELAY_PUT_SUBBUF, &put) ? -errno : 0;
}

static int buf_copy_out(struct relay_buf *buf, const struct relay_subbuf_get *get)
{
	int err = buf_map_data(buf);

	if (!err && !buf->copy)
		buf->copy = malloc(buf->info.subbuf_size);
	if (err || !buf->copy)
		return err ? err : -ENOMEM;
	memcpy(buf->copy, buf->data + get->offset, get->used);
	return buf_put_range(buf, get->sequence, 1);
}

/* Those that went before they were copied show as missed by the next. */
static int buf_take_copy(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	struct relay_subbuf_get get;
	int err;

	if (buf->held)
		return -EBUSY;
	do {
		err = buf_ask(buf, &get);
		if (err)
			return err;
		if (!buf->started)
			buf_start(buf, &get);
		err = buf_copy_out(buf, &get);
	} while (err == -ESTALE);
	if (err)
		return err;
	buf_fill(buf, &get, subbuf);
	subbuf->data = buf->copy;
	buf->held = true;
	buf->done = buf->next;
	buf->put = buf->next;
	return 0;
}

/*
 * Somebody may have read half of the first sub-buffer before us, and splice
 * would go on there. A copy has all of it.
 */
static int buf_take_first(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	int err = buf_take_copy(buf, subbuf);

	buf_unmap_data(buf);
	return err;
}

static int buf_take(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	struct relay_subbuf_get get;
	int err;

	if (buf->flight && !buf->snapshot)
		return buf_closed(buf) ? -ENODATA : -EAGAIN;
	if (buf_copies(buf))
		return buf_take_copy(buf, subbuf);
	if (buf->splice && !buf->started)
		return buf_take_first(buf, subbuf);
	err = buf_find(buf, &get);
	if (!err && !buf->splice)
		err = buf_map_data(buf);
	if (err)
		return err;
	if (!buf->started)
		buf_start(buf, &get);
	buf_fill(buf, &get, subbuf);
	subbuf->data = buf->splice ? NULL : buf->data + get.offset;
	return 0;
}

/**
 * relay_buf_take - the next sub-buffer of a buffer
 * @buf: the buffer
 * @subbuf: filled in
 *
 * Return: 0; -EAGAIN for none now, -ENODATA for none any more, -EBUSY if the
 * last one must be released before; -ESTALE if sub-buffers that are released
 * were not ours.
 */
int relay_buf_take(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	int err = -ENODATA;

	if (buf->ended)
		return err;
	if (!buf->bounded || buf->left)
		err = buf_take(buf, subbuf);
	/* Less than there was: the rest was overwritten. */
	if (err == -EAGAIN && buf->bounded)
		err = -ENODATA;
	if (err == -ENODATA) {
		buf->ended = true;
		err = relay_buf_put(buf);
	}
	return err ? err : buf->ended ? -ENODATA : 0;
}

/*
 * Give back
 */

/**
 * relay_buf_put - give back to the kernel what is released
 * @buf: the buffer
 *
 * Return: 0; -ESTALE if some of it had another reader.
 */
int relay_buf_put(struct relay_buf *buf)
{
	uint64_t first = buf->put;

	buf->put = buf->done;
	return buf->put == first ? 0 : buf_put_range(buf, first, buf->put - first);
}

static struct relay_buf *buf_of(struct relay_reader *reader,
				const struct relay_subbuf *subbuf)
{
	struct relay_buf *buf = relay_reader_buf(reader, subbuf->cpu);

	return buf && buf->started && subbuf->sequence < buf->next ? buf : NULL;
}

/**
 * relay_release - the caller is done with a sub-buffer
 * @reader: the reader
 * @subbuf: the sub-buffer, and with it those of its CPU before it
 *
 * Return: 0; -EINVAL if it is none that relay_next() gave.
 */
EXPORT int relay_release(struct relay_reader *reader,
			 const struct relay_subbuf *subbuf)
{
	struct relay_buf *buf = buf_of(reader, subbuf);
	uint64_t batch;

	if (!buf)
		return -EINVAL;
	buf->held = false;
	if (buf->done <= subbuf->sequence)
		buf->done = subbuf->sequence + 1;
	/* Not so late that the writers could want for one, nor would be spliced again. */
	batch = buf->info.n_subbufs / 4;
	if (batch > RELAY_MAX_BATCH)
		batch = RELAY_MAX_BATCH;
	if (buf->done - buf->put < batch && !buf->ended && !buf->splice)
		return 0;
	return relay_buf_put(buf);
}

/* Its writer is about to make it readable: the meta page is that early. */
static ssize_t buf_splice_some(struct relay_buf *buf, size_t len, int pipe_fd)
{
	struct pollfd poll_fd = { .fd = buf->fd, .events = POLLIN };
	ssize_t moved;

	for (;;) {
		moved = splice(buf->fd, NULL, pipe_fd, NULL, len, 0);
		if (moved >= 0 || errno != EAGAIN || buf_overtaken(buf))
			break;
		/* Something is there: then it is the pipe that is full. */
		if (poll(&poll_fd, 1, 0))
			return -EAGAIN;
		sched_yield();
	}
	return moved < 0 ? -errno : moved;
}

/**
 * relay_splice - move a sub-buffer's data to a pipe
 * @reader: a reader with RELAY_SPLICE
 * @subbuf: the sub-buffer that relay_next() gave last
 * @pipe_fd: the pipe
 *
 * Return: bytes that were moved, at most what the pipe has room for; 0 when
 * all are, and the sub-buffer is released; -ESTALE when another reader has had
 * some of them, -EAGAIN for a full pipe that is non-blocking, -EINVAL.
 */
EXPORT ssize_t relay_splice(struct relay_reader *reader,
			    const struct relay_subbuf *subbuf, int pipe_fd)
{
	struct relay_buf *buf = buf_of(reader, subbuf);
	ssize_t moved;

	if (!buf || !buf->splice || subbuf->data ||
	    subbuf->sequence + 1 != buf->next)
		return -EINVAL;
	if (buf_overtaken(buf))
		return -ESTALE;
	if (buf->spliced < subbuf->used) {
		moved = buf_splice_some(buf, subbuf->used - buf->spliced, pipe_fd);
		if (moved > 0)
			buf->spliced += moved;
		return moved ? moved : -ESTALE;
	}
	buf->done = buf->next;
	/* Of an empty one, or one whose writer was late, the kernel knows nothing. */
	if (buf_consumed(buf) >= 0)
		buf->put = buf->next;
	return relay_buf_put(buf);
}

/*
 * Ends
 */

/**
 * relay_buf_flush - have delivered what is written
 * @buf: the buffer
 *
 * Return: 0 or an error.
 */
int relay_buf_flush(struct relay_buf *buf)
{
	return ioctl(buf->fd, RELAY_FLUSH) ? -errno : 0;
}

/**
 * relay_buf_bound - end behind what is in the buffer now
 * @buf: the buffer, flushed
 *
 * Return: 0 or an error.
 */
int relay_buf_bound(struct relay_buf *buf)
{
	struct relay_counters counters;
	int err = relay_buf_put(buf);

	if (err && err != -ESTALE)
		return err;
	if (ioctl(buf->fd, RELAY_GET_COUNTERS, &counters))
		return -errno;
	/* Of those that are ready, the caller may hold some. */
	buf->left = counters.ready - (buf->started ? buf->next - buf->put : 0);
	buf->bounded = true;
	return 0;
}

/**
 * relay_buf_snapshot - from here on, read what is in the buffer now
 * @buf: the buffer
 *
 * Return: 0 or an error.
 */
int relay_buf_snapshot(struct relay_buf *buf)
{
	if (ioctl(buf->fd, RELAY_SNAPSHOT))
		return -errno;
	buf->snapshot = true;
	buf->started = false;
	buf->held = false;
	buf->ended = false;
	return 0;
}

static uint64_t buf_count_lost(const struct relay_counters *counters)
{
	uint64_t lost = 0;

	for (unsigned int cause = 0; cause < RELAY_LOST_REASONS; cause++)
		lost += counters->lost[cause];
	return lost;
}

/**
 * relay_buf_count - where every record of a buffer has gone
 * @buf: the buffer
 * @sum: added to
 *
 * Return: 0 or an error.
 */
int relay_buf_count(const struct relay_buf *buf, struct relay_counts *sum)
{
	struct relay_counters counters;

	if (ioctl(buf->fd, RELAY_GET_COUNTERS, &counters))
		return -errno;
	sum->committed += counters.committed;
	sum->overwritten += counters.overwritten;
	sum->erased += counters.erased;
	sum->discarded += counters.discarded;
	sum->lost_full += counters.lost[RELAY_LOST_FULL];
	sum->lost_nested += counters.lost[RELAY_LOST_NESTED];
	sum->lost_too_big += counters.lost[RELAY_LOST_TOO_BIG];
	sum->lost_disabled += counters.lost[RELAY_LOST_DISABLED];
	sum->lost_since += buf_count_lost(&counters) - buf->lost;
	sum->bytes += counters.bytes;
	sum->produced += counters.produced;
	sum->ready += counters.ready;
	return 0;
}
