// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The buffer of a CPU: finds, takes and gives back sub-buffers.
 *
 * In no-overwrite mode the library finds sub-buffers in the meta page, without a
 * system call, because a delivered sub-buffer stays unchanged until it is put. One
 * call puts several. In overwrite mode and in a snapshot the library copies a
 * sub-buffer, and uses the copy only if the put after it succeeds.
 *
 * In no-overwrite mode, too, another reader or a reset by the owner of the channel can
 * consume a sub-buffer, and then a writer enters it. So data that was read, copied or
 * spliced is valid only if the put after it succeeds.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "internal.h"

/* Put at most this many sub-buffers with one call: see buf_puts_late(). */
#define RELAY_MAX_BATCH		64

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

/* Return: 0 or an error; -EBUSY while pages of the buffer are in a pipe. */
static int buf_map_data(struct relay_buf *buf)
{
	void *data;

	if (buf->data)
		return 0;
	data = mmap(NULL, buf->info.data_size, PROT_READ, MAP_SHARED,
		    buf->fd, buf->info.data_offset);
	if (data == MAP_FAILED)
		return -errno;
	buf->data = data;
	return 0;
}

/* Return: the file @name of the CPU, or an error. */
static int buf_open_file(const struct relay_buf *buf, const char *name)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s%u", buf->dir, name, buf->cpu) < 0)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	free(path);
	return fd;
}

static int buf_open_map(struct relay_buf *buf)
{
	if (buf->map < 0)
		buf->map = buf_open_file(buf, "map");
	return buf->map < 0 ? buf->map : 0;
}

/* Read the data through the file mapN, without a mapping. */
static int buf_read_map(struct relay_buf *buf, void *to, size_t size, uint64_t offset)
{
	int err = buf_open_map(buf);
	ssize_t got;

	if (err)
		return err;
	got = pread(buf->map, to, size, offset);
	if (got < 0)
		return -errno;
	return got == (ssize_t)size ? 0 : -EIO;
}

static void buf_unmap_data(struct relay_buf *buf)
{
	if (buf->data)
		munmap((void *)buf->data, buf->info.data_size);
	buf->data = NULL;
}

/*
 * The reader does not report losses from before it was opened, unless the buffer had produced
 * nothing by then: the first sub-buffer of all counts from the creation, see buf_lost_before().
 */
static int buf_count_before(struct relay_buf *buf)
{
	struct relay_counts counts = { 0 };
	int err = relay_buf_count(buf, &counts);

	buf->opened = counts.lost_since;
	buf->lost = counts.produced ? buf->opened : 0;
	return err;
}

/* Take from sub-buffer @next on; until one is taken, its number is modulo 2^32. */
static void buf_begin(struct relay_buf *buf, uint64_t next)
{
	buf->next = next;
	buf->done = next;
	buf->put = next;
}

/* Begin where the kernel does: at the oldest sub-buffer that no reader has consumed. */
static void buf_begin_oldest(struct relay_buf *buf)
{
	buf_begin(buf, __atomic_load_n(&buf->meta->consumed, __ATOMIC_RELAXED));
}

static int buf_open(struct relay_buf *buf, unsigned int flags)
{
	int err;

	buf->fd = buf_open_file(buf, "cpu");
	if (buf->fd < 0)
		return buf->fd;
	if (ioctl(buf->fd, RELAY_GET_INFO, &buf->info))
		return -errno;
	err = buf_map_meta(buf);
	if (!err) {
		buf_begin_oldest(buf);
		err = buf_count_before(buf);
	}
	buf->splice = flags & RELAY_SPLICE && !(buf->info.flags & RELAY_CHAN_OVERWRITE);
	/* Open it now, because closing the channel removes the file. */
	return err || !buf->splice ? err : buf_open_map(buf);
}

/**
 * relay_buf_open - open a buffer
 * @to: set to the buffer
 * @dir: the channel's directory; the caller keeps the string as long as the buffer
 * @cpu: its CPU
 * @flags: of the reader; RELAY_SPLICE is ignored in overwrite mode
 *
 * Return: 0 or an error.
 */
int relay_buf_open(struct relay_buf **to, const char *dir, unsigned int cpu,
		   unsigned int flags)
{
	struct relay_buf *buf = malloc(sizeof(*buf));
	int err;

	if (!buf)
		return -ENOMEM;
	*buf = (struct relay_buf) {
		.cpu		= cpu,
		.dir		= dir,
		.map		= -1,
		.confirm	= flags & RELAY_CONFIRM,
		.flight		= flags & RELAY_FLIGHT,
		.merged		= flags & RELAY_MERGED,
	};
	err = buf_open(buf, flags);
	if (err)
		relay_buf_close(buf);
	else
		*to = buf;
	return err;
}

/**
 * relay_buf_close - close a buffer, and give released sub-buffers back
 * @buf: the buffer
 */
void relay_buf_close(struct relay_buf *buf)
{
	relay_buf_put(buf);
	buf_unmap_data(buf);
	if (buf->meta)
		munmap((void *)buf->meta, buf->info.meta_size);
	if (buf->fd >= 0)
		close(buf->fd);
	if (buf->map >= 0)
		close(buf->map);
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

/* Return: whether @to has a consistent descriptor of sub-buffer @sequence. */
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
	       to->info.sequence == sequence;
}

/**
 * relay_buf_closed - is the channel closed?
 * @buf: the buffer
 *
 * Return: whether it is, so that no more sub-buffers are delivered.
 */
bool relay_buf_closed(const struct relay_buf *buf)
{
	return __atomic_load_n(&buf->meta->closed, __ATOMIC_ACQUIRE);
}

static bool buf_copies(const struct relay_buf *buf)
{
	return buf->info.flags & RELAY_CHAN_OVERWRITE || buf->snapshot || buf->merged;
}

/* Has another reader consumed sub-buffer @next? */
static bool buf_overtaken(const struct relay_buf *buf)
{
	uint32_t consumed = __atomic_load_n(&buf->meta->consumed, __ATOMIC_RELAXED);

	return (int32_t)(consumed - (uint32_t)buf->next) > 0;
}

/* Find the next sub-buffer in the meta page. Return: false if the kernel must be asked. */
static bool buf_look(const struct relay_buf *buf, struct relay_subbuf_get *get)
{
	struct relay_subbuf_desc desc;

	if (!buf->started || buf_copies(buf) || buf_overtaken(buf) ||
	    !buf_read_desc(buf, buf->next, &desc))
		return false;
	*get = (struct relay_subbuf_get) {
		.info	= desc.info,
		.offset	= desc.info.sequence % buf->info.n_subbufs * buf->info.subbuf_size,
	};
	return true;
}

/*
 * The meta page has no next sub-buffer: must the kernel be asked? Also ask while
 * sub-buffers are held: poll() reports them as ready until RELAY_GET_SUBBUF has moved this
 * descriptor past them.
 */
static bool buf_must_ask(const struct relay_buf *buf)
{
	return !buf->started || buf_copies(buf) || buf_overtaken(buf) ||
	       buf->put != buf->next || relay_buf_closed(buf);
}

/*
 * The loss count of RELAY_GET_SUBBUF starts when the descriptor was opened, except in a
 * snapshot. That of the meta page starts when the channel was opened.
 */
static uint64_t buf_lost_in_all(const struct relay_buf *buf,
				const struct relay_subbuf_get *get)
{
	struct relay_subbuf_desc desc;

	if (buf_read_desc(buf, get->info.sequence, &desc))
		return desc.info.lost;
	return buf->snapshot ? get->info.lost : buf->opened + get->info.lost;
}

static bool buf_is_after_end(const struct relay_buf *buf, uint64_t sequence)
{
	return buf->bounded && (int32_t)((uint32_t)sequence - buf->end) >= 0;
}

static int buf_ask(struct relay_buf *buf, struct relay_subbuf_get *get)
{
	do {
		if (ioctl(buf->fd, RELAY_GET_SUBBUF, get))
			return -errno;
	} while (buf->started && get->info.sequence < buf->next);
	if (buf_is_after_end(buf, get->info.sequence))
		return -ENODATA;
	get->info.lost = buf_lost_in_all(buf, get);
	return 0;
}

static int buf_find(struct relay_buf *buf, struct relay_subbuf_get *get)
{
	int err;

	if (buf_look(buf, get))
		return 0;
	/* Before a wait: the writers may be waiting for these sub-buffers. */
	err = relay_buf_put(buf);
	if (err)
		return err;
	return buf_must_ask(buf) ? buf_ask(buf, get) : -EAGAIN;
}

/*
 * Take
 */

/*
 * Return: the loss count of the sub-buffer before the first one, from which the reader
 * counts. If the meta page does not have that sub-buffer any more, the loss count when
 * the buffer was opened.
 */
static uint64_t buf_lost_before(const struct relay_buf *buf, uint64_t lost)
{
	struct relay_subbuf_desc desc;

	if (!buf->next)
		return 0;
	if (buf_read_desc(buf, buf->next - 1, &desc))
		return desc.info.lost;
	return buf->opened < lost ? buf->opened : lost;
}

static void buf_start(struct relay_buf *buf, const struct relay_subbuf_get *get)
{
	buf->started = true;
	buf_begin(buf, get->info.sequence - get->missed);
	buf->lost = buf_lost_before(buf, get->info.lost);
}

/* Return: losses since the last sub-buffer; 0 if the count of a 32-bit kernel has wrapped. */
static uint64_t buf_lost_since(const struct relay_buf *buf, uint64_t lost)
{
	return (int64_t)(lost - buf->lost) > 0 ? lost - buf->lost : 0;
}

static uint64_t buf_take_lost(struct relay_buf *buf, uint64_t lost)
{
	uint64_t since = buf_lost_since(buf, lost);

	buf->lost += since;
	return since;
}

/* Extend @stale, or begin a new one if a call has returned -ESTALE for it. */
static void buf_set_stale(struct relay_buf *buf, uint64_t sequence, uint64_t count)
{
	if (!buf->gone)
		buf->stale.sequence = sequence;
	buf->stale.cpu = buf->cpu;
	buf->stale.count = sequence + count - buf->stale.sequence;
	buf->gone = true;
}

static void buf_fill(struct relay_buf *buf, const struct relay_subbuf_get *get,
		     struct relay_subbuf *subbuf)
{
	uint64_t missed = get->info.sequence - buf->next;

	*subbuf = (struct relay_subbuf) {
		.used		= get->info.used,
		.cpu		= buf->cpu,
		.records	= get->info.records,
		.sequence	= get->info.sequence,
		.begin_time	= get->info.begin_time,
		.end_time	= get->info.end_time,
		.lost		= buf_take_lost(buf, get->info.lost),
		.missed		= missed,
	};
	/* Sub-buffers are put in order, so the other reader also consumed those held here. */
	if (missed) {
		if (buf->put != buf->next)
			buf_set_stale(buf, buf->put, buf->next - buf->put);
		buf->done = get->info.sequence;
		buf->put = get->info.sequence;
	}
	buf->next = get->info.sequence + 1;
	buf->spliced = 0;
}

static int buf_put(const struct relay_buf *buf, struct relay_subbuf_put *put)
{
	return ioctl(buf->fd, RELAY_PUT_SUBBUF, put) ? -errno : 0;
}

/*
 * A mapping would make splice(2) copy, and the kernel refuses it while a pipe holds pages of
 * the buffer. Then read the file mapN.
 */
static int buf_copy_data(struct relay_buf *buf, const struct relay_subbuf_get *get)
{
	int err = buf->splice ? -EBUSY : buf_map_data(buf);

	if (err == -EBUSY)
		return buf_read_map(buf, buf->copy, get->info.used, get->offset);
	if (!err)
		memcpy(buf->copy, buf->data + get->offset, get->info.used);
	return err;
}

static int buf_copy_out(struct relay_buf *buf, const struct relay_subbuf_get *get)
{
	struct relay_subbuf_put put = { .sequence = get->info.sequence, .count = 1 };
	int err;

	if (!buf->copy)
		buf->copy = malloc(buf->info.subbuf_size);
	if (!buf->copy)
		return -ENOMEM;
	err = buf_copy_data(buf, get);
	return err ? err : buf_put(buf, &put);
}

static void buf_found(struct relay_buf *buf, const struct relay_subbuf_get *get)
{
	if (!buf->started)
		buf_start(buf, get);
}

/* Return: 0 or an error; -ESTALE if the sub-buffer was gone before the end of the copy. */
static int buf_give_copy(struct relay_buf *buf, const struct relay_subbuf_get *get,
			 struct relay_subbuf *subbuf)
{
	int err;

	buf_found(buf, get);
	err = buf_copy_out(buf, get);
	if (err)
		return err;
	buf_fill(buf, get, subbuf);
	subbuf->data = buf->copy;
	buf->held = true;
	buf->done = buf->next;
	buf->put = buf->next;
	return 0;
}

/*
 * Sub-buffers that were gone before the end of the copy are in @missed of the next one. A
 * writer or another reader can always be faster, so the loop ends after a lap, and the
 * caller handles its signals and tries again. A snapshot ends before that.
 */
static int buf_take_copy(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	uint64_t tries = buf->info.n_subbufs + 1ULL;
	struct relay_subbuf_get get;
	int err;

	if (buf->held)
		return -EBUSY;
	while (tries--) {
		err = buf_ask(buf, &get);
		if (!err)
			err = buf_give_copy(buf, &get, subbuf);
		if (err != -ESTALE)
			return err;
	}
	return -EAGAIN;
}

static int buf_take_lent(struct relay_buf *buf, const struct relay_subbuf_get *get,
			 struct relay_subbuf *subbuf)
{
	int err = buf_give_copy(buf, get, subbuf);

	return err == -ESTALE ? buf_take_copy(buf, subbuf) : err;
}

/*
 * Another reader or a reset consumes the channel, too. splice(2) would continue after what
 * the other reader consumed, and data that it moved by mistake would be lost for both.
 */
static void buf_stop_splicing(struct relay_buf *buf)
{
	buf->splice = false;
	buf->copying = -ESTALE;
}

/*
 * Another reader may have read a part of the first sub-buffer, and splice(2) would move
 * only the rest. So copy the first one.
 */
static int buf_take_spliced(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	struct relay_subbuf_get get;
	int err;

	if (!buf->started)
		return buf_take_copy(buf, subbuf);
	err = buf_ask(buf, &get);
	if (err)
		return err;
	if (get.info.sequence != buf->next) {
		buf_stop_splicing(buf);
		return buf_take_lent(buf, &get, subbuf);
	}
	buf_found(buf, &get);
	buf_fill(buf, &get, subbuf);
	return 0;
}

static int buf_take_mapped(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	struct relay_subbuf_get get;
	int err;

	if (buf->held && !buf->data)
		return -EBUSY;
	err = buf_find(buf, &get);
	if (err)
		return err;
	err = buf_map_data(buf);
	if (err == -EBUSY) {
		if (!buf->copying)
			buf->copying = err;
		return buf_take_lent(buf, &get, subbuf);
	}
	if (err)
		return err;
	buf_found(buf, &get);
	buf_fill(buf, &get, subbuf);
	subbuf->data = buf->data + get.offset;
	return 0;
}

/* Is it a flight recorder of which no snapshot was taken? */
static bool buf_takes_none(const struct relay_buf *buf)
{
	return buf->flight && !buf->snapshot;
}

static int buf_take(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	if (buf_takes_none(buf))
		return relay_buf_closed(buf) ? -ENODATA : -EAGAIN;
	if (buf_copies(buf))
		return buf_take_copy(buf, subbuf);
	return buf->splice ? buf_take_spliced(buf, subbuf) : buf_take_mapped(buf, subbuf);
}

/**
 * relay_buf_take - the next sub-buffer of a buffer
 * @buf: the buffer
 * @subbuf: filled in
 *
 * Return: 0; -EAGAIN for none now, -ENODATA at the end, -EBUSY if the last one must be
 * released before; -ESTALE if another reader or a reset had consumed released ones.
 */
int relay_buf_take(struct relay_buf *buf, struct relay_subbuf *subbuf)
{
	int err = -ENODATA;

	if (buf->ended)
		return err;
	if (!buf->started || !buf_is_after_end(buf, buf->next))
		err = buf_take(buf, subbuf);
	/* The rest before the end was overwritten, or another reader consumed it. */
	if (err == -EAGAIN && buf->bounded)
		err = -ENODATA;
	if (err == -ENODATA) {
		buf->ended = true;
		err = relay_buf_put(buf);
		/* With RELAY_CONFIRM the release of those held returns it. */
		if (!err && buf->gone && !buf->confirm)
			err = -ESTALE;
	}
	return err ? err : buf->ended ? -ENODATA : 0;
}

/**
 * relay_buf_merge - from here on, copy and put each sub-buffer before the caller gets it
 * @buf: the buffer
 *
 * Return: 0; -EBUSY while a sub-buffer is held; -ESTALE, once, if another reader or a reset
 * had consumed released ones.
 */
int relay_buf_merge(struct relay_buf *buf)
{
	if (buf->held || buf->done != buf->next)
		return -EBUSY;
	buf->merged = true;
	return relay_buf_put(buf);
}

/*
 * Give back
 */

/**
 * relay_buf_put - give released sub-buffers back to the kernel
 * @buf: the buffer
 *
 * Return: 0; -ESTALE if another reader or a reset had consumed some of them.
 */
int relay_buf_put(struct relay_buf *buf)
{
	uint64_t first = buf->put, count = buf->done - first;
	struct relay_subbuf_put put = { .sequence = first, .count = count };
	int err = count ? buf_put(buf, &put) : 0;

	buf->put = buf->done;
	/* Sub-buffers are consumed in order, so the first ones are gone. */
	if (err == -ESTALE)
		buf_set_stale(buf, first, count - put.count);
	return err;
}

static struct relay_buf *buf_of(struct relay_reader *reader,
				const struct relay_subbuf *subbuf)
{
	struct relay_buf *buf = relay_reader_buf(reader, subbuf->cpu);

	return buf && buf->started && subbuf->sequence < buf->next ? buf : NULL;
}

/*
 * Put several sub-buffers with one call, but at the latest when a quarter of the buffer is
 * released, so that the writers do not run out of sub-buffers.
 */
static bool buf_puts_late(const struct relay_buf *buf)
{
	uint64_t batch = buf->info.n_subbufs / 4;

	if (batch > RELAY_MAX_BATCH)
		batch = RELAY_MAX_BATCH;
	return buf->done - buf->put < batch && !buf->ended && !buf->splice && !buf->confirm;
}

/**
 * relay_release - the caller is done with a sub-buffer
 * @reader: the reader
 * @subbuf: the sub-buffer, and with it those of its CPU before it
 *
 * Return: 0; -EINVAL if relay_next() did not return it; -EBUSY while a merge is open;
 * -ESTALE if one of the sub-buffers given back now was gone, so that the data read from it
 * is not valid. With RELAY_CONFIRM all that were not released before are given back now.
 */
EXPORT int relay_release(struct relay_reader *reader,
			 const struct relay_subbuf *subbuf)
{
	struct relay_buf *buf = buf_of(reader, subbuf);
	int err;

	if (!buf)
		return -EINVAL;
	if (reader->merging)
		return -EBUSY;
	buf->held = false;
	if (buf->done <= subbuf->sequence)
		buf->done = subbuf->sequence + 1;
	err = buf_puts_late(buf) ? 0 : relay_buf_put(buf);
	return relay_reader_error(reader, buf, !err && buf->gone ? -ESTALE : err);
}

static int buf_gone(struct relay_buf *buf)
{
	buf_stop_splicing(buf);
	buf_set_stale(buf, buf->put, buf->next - buf->put);
	buf->done = buf->next;
	buf->put = buf->next;
	return -ESTALE;
}

static bool pipe_is_full(int pipe_fd)
{
	struct pollfd fd = { .fd = pipe_fd, .events = POLLOUT };

	return !poll(&fd, 1, 0);
}

/*
 * If the pipe is not full and the kernel has nothing to splice although the sub-buffer was
 * ready, another reader or a reset consumed it.
 */
static ssize_t buf_splice_some(struct relay_buf *buf, size_t len, int pipe_fd, bool nonblock)
{
	ssize_t moved = splice(buf->fd, NULL, pipe_fd, NULL, len, nonblock ? SPLICE_F_NONBLOCK : 0);

	if (moved > 0) {
		buf->spliced += moved;
		return moved;
	}
	if (moved < 0 && errno != EAGAIN)
		return -errno;
	return moved < 0 && pipe_is_full(pipe_fd) ? -EAGAIN : buf_gone(buf);
}

/*
 * splice(2) moves from the sub-buffer at the kernel's cursor, whichever that is. So splice
 * all but the last byte, which leaves the sub-buffer to be put. If the put succeeds, no
 * other reader consumed a byte of it, and splice(2) moved no byte of another one.
 */
static int buf_confirm_spliced(struct relay_buf *buf, const struct relay_subbuf *subbuf)
{
	uint64_t offset = subbuf->sequence % buf->info.n_subbufs * buf->info.subbuf_size;
	int err = 0;

	if (subbuf->used)
		err = buf_read_map(buf, &buf->last_byte, 1, offset + subbuf->used - 1);
	if (err)
		return err;
	buf->done = buf->next;
	err = relay_buf_put(buf);
	return err == -ESTALE ? buf_gone(buf) : err;
}

static ssize_t buf_splice_last(struct relay_buf *buf, int pipe_fd, bool nonblock)
{
	ssize_t moved;

	if (nonblock && pipe_is_full(pipe_fd))
		return -EAGAIN;
	moved = write(pipe_fd, &buf->last_byte, 1);
	if (moved < 0)
		return -errno;
	buf->spliced += moved;
	return moved;
}

/**
 * relay_splice - move a sub-buffer's data to a pipe
 * @reader: a reader with RELAY_SPLICE
 * @subbuf: the sub-buffer that relay_next() returned last
 * @pipe_fd: the pipe
 *
 * Return: bytes that were moved, at most what the pipe has room for; 0 when all were moved
 * and the sub-buffer is released; -ESTALE if another reader or a reset consumed some of it,
 * so that the moved data is not valid; -EAGAIN for a full pipe, if the pipe or the reader
 * does not block; -EINVAL if it cannot be spliced.
 */
EXPORT ssize_t relay_splice(struct relay_reader *reader,
			    const struct relay_subbuf *subbuf, int pipe_fd)
{
	struct relay_buf *buf = buf_of(reader, subbuf);
	bool nonblock = reader->flags & RELAY_NONBLOCK;
	ssize_t ret = 0;

	if (!buf || !buf->splice || subbuf->data ||
	    subbuf->sequence + 1 != buf->next)
		return -EINVAL;
	if (buf->spliced + 1 < subbuf->used)
		ret = buf_splice_some(buf, subbuf->used - 1 - buf->spliced, pipe_fd, nonblock);
	else if (buf->put != buf->next)
		ret = buf_confirm_spliced(buf, subbuf);
	if (!ret && buf->put == buf->next && buf->spliced < subbuf->used)
		ret = buf_splice_last(buf, pipe_fd, nonblock);
	return relay_reader_error(reader, buf, ret);
}

/*
 * Ends
 */

/**
 * relay_buf_flush - make the kernel deliver a partly filled sub-buffer
 * @buf: the buffer
 *
 * Return: 0 or an error.
 */
int relay_buf_flush(struct relay_buf *buf)
{
	return ioctl(buf->fd, RELAY_FLUSH) ? -errno : 0;
}

static int buf_set_end(struct relay_buf *buf)
{
	struct relay_counters counters;

	if (ioctl(buf->fd, RELAY_GET_COUNTERS, &counters))
		return -errno;
	/* A number, not a count, because another reader may consume some of the ready ones. */
	buf->end = counters.produced;
	return 0;
}

/**
 * relay_buf_bound - set the end after the sub-buffers that are delivered now
 * @buf: the buffer, flushed
 *
 * Return: 0 or an error.
 */
int relay_buf_bound(struct relay_buf *buf)
{
	int err = relay_buf_put(buf);

	/* A later release, or the end, returns -ESTALE. */
	if (err && err != -ESTALE)
		return err;
	err = buf_set_end(buf);
	if (!err)
		buf->bounded = true;
	return err;
}

/**
 * relay_buf_snapshot - from here on, read the sub-buffers that the buffer has now
 * @buf: the buffer
 *
 * Return: 0 or an error.
 */
int relay_buf_snapshot(struct relay_buf *buf)
{
	/* Before the snapshot, so that no sub-buffer delivered after it counts as missed. */
	int err = buf_set_end(buf);

	if (err)
		return err;
	if (ioctl(buf->fd, RELAY_SNAPSHOT))
		return -errno;
	buf_begin_oldest(buf);
	buf->snapshot = true;
	buf->started = false;
	buf->held = false;
	buf->ended = false;
	buf->bounded = false;
	return 0;
}

static uint64_t buf_count_lost(const struct relay_counters *counters)
{
	uint64_t lost = 0;

	for (unsigned int cause = 0; cause < RELAY_LOST_REASONS; cause++)
		lost += counters->lost[cause];
	return lost;
}

/*
 * Return: sub-buffers between the last one taken and the end; 0 before the end, because the
 * reader may still get them. @produced: sub-buffers delivered; the end of a closed channel.
 */
static uint64_t buf_count_missed(const struct relay_buf *buf, uint64_t produced)
{
	uint32_t end = buf->bounded || buf->snapshot ? buf->end : produced;
	int32_t missed = end - (uint32_t)buf->next;

	return buf->ended && !buf_takes_none(buf) && missed > 0 ? missed : 0;
}

/**
 * relay_buf_count - add the counters of a buffer
 * @buf: the buffer
 * @sum: what they are added to
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
	sum->lost_since += buf_lost_since(buf, buf_count_lost(&counters));
	sum->bytes += counters.bytes;
	sum->produced += counters.produced;
	sum->ready += counters.ready;
	sum->missed_since += buf_count_missed(buf, counters.produced);
	return 0;
}
