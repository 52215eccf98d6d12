// SPDX-License-Identifier: GPL-2.0
/*
 * Splice without a copy: a pipe gets the pages of sub-buffers themselves.
 *
 * A sub-buffer that is in a pipe, or in a socket that it was spliced on to, is
 * lent: it is read, but not consumed, so no writer enters it. It is consumed when
 * only the buffer holds its pages. No event tells when that is: the reader looks when
 * it comes back, and a timer for as long as a sub-buffer is lent.
 *
 * A mapping holds pages too, and its share of a page's references cannot be
 * told from a pipe's. So a buffer is either mapped or lent: while one is, the
 * other is refused.
 */
#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include <linux/splice.h>
#include <linux/workqueue.h>
#include "internal.h"

#define RELAY_RECLAIM_PERIOD	msecs_to_jiffies(10)

static struct page *relay_buf_page(const struct rchan_buf *buf, size_t offset)
{
	return buf->pages.page[offset >> PAGE_SHIFT];
}

static bool relay_subbuf_lent(const struct rchan_buf *buf, unsigned long pos)
{
	size_t size = buf->ring.subbuf_size;
	size_t first = relay_pos_index(&buf->ring, pos) * size;
	size_t offset;

	for (offset = round_down(first, PAGE_SIZE); offset < first + size;
	     offset += PAGE_SIZE)
		if (page_ref_count(relay_buf_page(buf, offset)) > 1)
			return true;
	/*
	 * Guarantee that the reader which dropped the last reference has read before
	 * a writer can enter. Pairs with the full barrier of put_page().
	 */
	smp_mb(); /* LMM(relay_subbuf_lent:A) */
	return false;
}

/* Is some of the sub-buffer at the cursor read, and in a pipe? */
static bool relay_cursor_lent(const struct rchan_buf *buf)
{
	const struct relay_reader *reader = &buf->reader;

	return reader->offset && reader->pos == reader->cursor &&
	       relay_subbuf_lent(buf, reader->cursor);
}

/**
 * relay_buf_lent - how many sub-buffers are lent?
 * @buf: the buffer
 *
 * Context: Any.
 * Return: the number; one of which a part is lent, the rest not yet read, counts.
 */
unsigned int relay_buf_lent(const struct rchan_buf *buf)
{
	unsigned long pos = atomic_long_read(&buf->ring.control->consumed);
	unsigned long cursor = relay_reader_cursor(buf);
	unsigned int lent = 0;

	if (!READ_ONCE(buf->reader.lent))
		return 0;
	for (; lent < buf->ring.n_subbufs && (long)(cursor - pos) > 0; lent++)
		pos = relay_pos_next(&buf->ring, pos);
	return max(lent, 1);
}

static void relay_lend_end(struct rchan_buf *buf)
{
	/*
	 * Guarantee that what was lent is seen as consumed. Pairs with
	 * LMM(relay_reader_cursor:A), by which the ring's own mark is read.
	 */
	smp_store_release(&buf->reader.lent, false); /* LMM(relay_lend_end:A) */
}

/**
 * relay_lend_reclaim - consume what was lent and is given back
 * @buf: the buffer
 *
 * In the order of the sub-buffers.
 *
 * Context: The reader's lock is held.
 */
void relay_lend_reclaim(struct rchan_buf *buf)
{
	struct relay_reader *reader = &buf->reader;
	unsigned long pos = atomic_long_read(&buf->ring.control->consumed);
	struct relay_span span;

	if (!reader->lent)
		return;
	while ((long)(reader->cursor - pos) > 0 && !relay_subbuf_lent(buf, pos)) {
		if (relay_ring_find(&buf->ring, pos, &span))
			relay_ring_consume(&buf->ring, &span);
		pos = relay_pos_next(&buf->ring, pos);
	}
	if ((long)(reader->cursor - pos) > 0 || relay_cursor_lent(buf))
		queue_delayed_work(system_dfl_wq, &buf->reclaim, RELAY_RECLAIM_PERIOD);
	else
		relay_lend_end(buf);
}

/**
 * relay_lend_erase - throw away what comes after the sub-buffers that are lent
 * @buf: the buffer
 *
 * The ring's own reset would let writers in where pipes still read.
 *
 * Context: The reader's lock is held. Something was lent when the reset began;
 * it may all come back meanwhile.
 */
void relay_lend_erase(struct rchan_buf *buf)
{
	struct relay_span span;
	bool delivered;

	while (relay_reader_next(buf, &span, &delivered) && delivered) {
		atomic_long_add(span.records, &buf->ring.control->erased);
		relay_reader_finish(buf, &span);
	}
}

static void relay_lend_work(struct work_struct *work)
{
	struct rchan_buf *buf = container_of(to_delayed_work(work),
					     struct rchan_buf, reclaim);

	guard(mutex)(&buf->reader.lock);
	relay_lend_reclaim(buf);
}

/**
 * relay_lend_init - prepare a buffer for lending
 * @buf: the buffer
 */
void relay_lend_init(struct rchan_buf *buf)
{
	INIT_DELAYED_WORK(&buf->reclaim, relay_lend_work);
}

/* Return: whether the buffer may lend, which it is marked for then. */
static bool relay_lend_start(struct rchan_buf *buf)
{
	struct relay_reader *reader = &buf->reader;

	if (reader->lent)
		return true;
	WRITE_ONCE(reader->cursor, relay_reader_cursor(buf));
	/* Guarantee that the cursor is seen. Pairs with LMM(relay_reader_cursor:A). */
	smp_store_release(&reader->lent, true); /* LMM(relay_lend_start:B) */
	/*
	 * Guarantee that of this and a mapping that begins one sees the other.
	 * Pairs with LMM(relay_data_mapped:A).
	 */
	smp_mb(); /* LMM(relay_lend_start:A) */
	if (!atomic_read(&buf->mappings))
		return true;
	WRITE_ONCE(reader->lent, false);
	return false;
}

/* Return: bytes of @span that went into the pipe, or the error of the first. */
static ssize_t relay_lend_span(struct rchan_buf *buf,
			       struct pipe_inode_info *pipe,
			       const struct relay_span *span, size_t len)
{
	size_t offset = span->data - buf->start + buf->reader.offset;
	size_t end = offset + min(len, span->used - buf->reader.offset);
	ssize_t done = 0, ret = 0;

	while (offset < end) {
		struct pipe_buffer piece = {
			.ops	= &nosteal_pipe_buf_ops,
			.page	= relay_buf_page(buf, offset),
			.offset	= offset_in_page(offset),
			.len	= min(end - offset,
				      PAGE_SIZE - offset_in_page(offset)),
		};

		get_page(piece.page);
		ret = add_to_pipe(pipe, &piece);
		if (ret < 0)
			break;
		done += ret;
		offset += ret;
	}
	return done ? done : ret;
}

/**
 * relay_lend - splice to a pipe without a copy
 * @buf: a buffer in no-overwrite mode
 * @pipe: the pipe, locked
 * @len: at most so many bytes
 *
 * Context: May sleep.
 * Return: bytes that are in the pipe now; 0 if there are none to read;
 * -EOPNOTSUPP while the data is mapped: use a copy; -EAGAIN for a full pipe,
 * -EPIPE for one without a reader; -EINTR when the calling task is killed.
 */
ssize_t relay_lend(struct rchan_buf *buf, struct pipe_inode_info *pipe,
		   size_t len)
{
	struct relay_reader *reader = &buf->reader;
	struct relay_span span;
	ssize_t done = 0, ret;
	bool delivered;

	ACQUIRE(mutex_kill, lock)(&reader->lock);
	ret = ACQUIRE_ERR(mutex_kill, &lock);
	if (ret)
		return ret;
	relay_lend_reclaim(buf);
	if (!relay_lend_start(buf))
		ret = -EOPNOTSUPP;
	while (!ret && len && relay_reader_next(buf, &span, &delivered)) {
		ret = relay_lend_span(buf, pipe, &span, len);
		if (ret < 0)
			break;
		reader->offset += ret;
		done += ret;
		len -= ret;
		ret = 0;
		if (delivered && reader->offset == span.used)
			relay_reader_finish(buf, &span);
	}
	relay_lend_reclaim(buf);
	return done ? done : ret;
}
