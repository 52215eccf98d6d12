// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of a buffer: its cursor, the copy that it reads from, what it has lent to
 * pipes, and when there is something to read.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "internal.h"

/* How often the reader looks whether what it has lent was given back. */
#define RELAY_RECLAIM_PERIOD	msecs_to_jiffies(10)

/*
 * How often a page that was brought in may be gone again before a byte is copied
 * there. It can also be one that is there and takes none, by its tags.
 */
#define RELAY_FAULTS	16

/**
 * relay_reader_cursor - the sub-buffer to read next
 * @buf: the buffer
 *
 * Context: Any.
 * Return: its start position.
 */
unsigned long relay_reader_cursor(const struct relay_buf *buf)
{
	const struct relay_reader *reader = &buf->reader;

	/*
	 * Guarantee that the cursor is the one that lending began with, or a
	 * later one. Pairs with LMM(relay_lend_start:B).
	 */
	if (smp_load_acquire(&reader->lent)) /* LMM(relay_reader_cursor:A) */
		return READ_ONCE(reader->cursor);
	return atomic_long_read(&buf->ring.control->consumed);
}

/**
 * relay_reader_finish - a sub-buffer is read
 * @buf: the buffer
 * @span: the sub-buffer, at the reader's cursor
 *
 * Context: The reader's lock is held.
 * Return: false if it was overwritten before: what was copied does not count.
 */
bool relay_reader_finish(struct relay_buf *buf, const struct relay_span *span)
{
	unsigned long next = relay_pos_next(&buf->ring, span->pos);

	if (buf->reader.lent) {
		WRITE_ONCE(buf->reader.cursor, next);
		relay_lend_reclaim(buf);
	} else if (!relay_ring_consume(&buf->ring, span)) {
		return false;
	}
	relay_meta_consume_before(buf, next);
	return true;
}

/*
 * What can be read next: a delivered sub-buffer, or the committed part of the
 * one that is being filled.
 */
static bool relay_reader_look(struct relay_buf *buf, struct relay_span *span,
			      bool *delivered)
{
	struct relay_reader *reader = &buf->reader;
	unsigned long cursor = relay_reader_cursor(buf);

	*delivered = !relay_ring_peek(&buf->ring, &cursor, span);
	/*
	 * In overwrite mode no part of the open sub-buffer is read: overwritten with
	 * some of it read, it could not be counted. Nor is one in a channel whose
	 * sub-buffers have a footer, because that is written last.
	 */
	if (!*delivered && (buf->ring.overwrite || relay_buf_chan(buf)->flags & RELAY_WHOLE ||
			    !relay_ring_partial(&buf->ring, cursor, span)))
		return false;
	if (reader->pos != span->pos) {
		reader->pos = span->pos;
		reader->offset = 0;
	}
	return true;
}

/**
 * relay_reader_next - what holds bytes that were not read yet
 * @buf: the buffer
 * @span: filled in; the reader's offset says how much of it was read
 * @delivered: set to whether it is a complete sub-buffer
 *
 * Context: The reader's lock is held.
 * Return: whether there is anything.
 */
bool relay_reader_next(struct relay_buf *buf, struct relay_span *span,
		       bool *delivered)
{
	while (relay_reader_look(buf, span, delivered)) {
		if (buf->reader.offset < span->info.used)
			return true;
		if (!*delivered)
			return false;
		relay_reader_finish(buf, span);
	}
	return false;
}

/* Straight from the ring: no writer enters the sub-buffer before it is consumed. */
static ssize_t relay_read_in_place(struct relay_buf *buf, struct iov_iter *to)
{
	struct relay_reader *reader = &buf->reader;
	struct relay_span span;
	bool delivered;
	size_t copied;

	if (!relay_reader_next(buf, &span, &delivered))
		return 0;
	copied = copy_to_iter(span.data + reader->offset, span.info.used - reader->offset, to);
	reader->offset += copied;
	if (delivered && reader->offset == span.info.used)
		relay_reader_finish(buf, &span);
	return copied ? copied : -EFAULT;
}

/**
 * relay_reader_take - take the rest of a sub-buffer out of the ring
 * @buf: the buffer
 * @to: where to copy it; has room for a sub-buffer
 * @span: filled in; @span->info.used is how many bytes were copied
 * @whole: not of one that is being filled; but one that is empty, so that by the
 *	numbers nothing is missing
 *
 * Whole or not at all, however fast the writers are.
 *
 * Context: The reader's lock is held.
 * Return: whether there was one.
 */
bool relay_reader_take(struct relay_buf *buf, void *to, struct relay_span *span, bool whole)
{
	struct relay_reader *reader = &buf->reader;
	bool delivered, had, intact;

	while (relay_reader_look(buf, span, &delivered) && (delivered || !whole)) {
		/* Did read() have all of it while it was being filled? */
		had = reader->offset >= span->info.used && (span->info.used || !whole);
		if (had && !delivered)
			return false;
		span->info.used -= min(reader->offset, span->info.used);
		/* The writer does not wait: it is found out below if it got here. */
		data_race(memcpy(to, span->data + reader->offset, span->info.used));
		intact = delivered ? relay_reader_finish(buf, span) :
				     relay_ring_intact(&buf->ring, span);
		if (intact)
			reader->offset += span->info.used;
		if (intact && !had)
			return true;
	}
	return false;
}

/**
 * relay_copy_alloc - memory for a copy of a sub-buffer
 * @copy: gets the memory, for kvfree(); left alone if that was done before
 * @size: its size, in bytes
 *
 * Charged to the calling reader.
 *
 * Context: May sleep. Not under a lock that other readers of the buffer wait for.
 * Return: 0, -ENOMEM, or -EFBIG for more than kvmalloc() gives.
 */
int relay_copy_alloc(struct relay_copy *copy, size_t size)
{
	void *memory;

	if (READ_ONCE(copy->data))
		return 0;
	if (size > INT_MAX)
		return -EFBIG;
	memory = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!memory)
		return -ENOMEM;
	/* Another reader of the buffer may have done the same meanwhile. */
	if (cmpxchg(&copy->data, NULL, memory))
		kvfree(memory);
	return 0;
}

/**
 * relay_copy_read - hand out what a copy holds
 * @copy: the copy; holds something
 * @to: where to
 *
 * Context: May sleep; the copy's lock is held.
 * Return: bytes, or -EFAULT.
 */
ssize_t relay_copy_read(struct relay_copy *copy, struct iov_iter *to)
{
	size_t copied = copy_to_iter(copy->data + copy->pos, copy->end - copy->pos, to);

	/* poll() looks at it without the lock. */
	WRITE_ONCE(copy->pos, copy->pos + copied);
	return copied ? copied : -EFAULT;
}

static ssize_t relay_read_copy(struct relay_buf *buf, struct iov_iter *to)
{
	struct relay_copy *copy = &buf->reader.copy;
	struct relay_span span;

	if (!relay_copy_holds(copy)) {
		if (!relay_reader_take(buf, copy->data, &span, false))
			return 0;
		relay_copy_fill(copy, span.info.used);
	}
	return relay_copy_read(copy, to);
}

/* Asks the ring: the client's callbacks may be gone, with its module. */
static bool relay_buf_overwrites(const struct relay_buf *buf)
{
	return buf->ring.overwrite || buf->ring.ops->admit;
}

/* Return: 0 for all that there was, or that @to takes; else as relay_buf_read(). */
static ssize_t relay_buf_read_locked(struct relay_buf *buf, struct iov_iter *to)
{
	ssize_t (*read)(struct relay_buf *buf, struct iov_iter *to) =
		relay_buf_overwrites(buf) ? relay_read_copy : relay_read_in_place;
	ssize_t ret;

	ACQUIRE(mutex_kill, lock)(&buf->reader.lock);
	ret = ACQUIRE_ERR(mutex_kill, &lock);
	if (ret)
		return ret;
	/*
	 * Memory of the reader that is not there may be long in coming, and a task that
	 * resets the channel, or brings a CPU up, waits for the lock.
	 */
	pagefault_disable();
	for (ret = 1; ret > 0 && iov_iter_count(to); )
		ret = read(buf, to);
	pagefault_enable();
	return min(ret, 0);
}

/* Bring in what the next copy needs. Return: whether some of it is there. */
static bool relay_fault_in(const struct relay_buf *buf, struct iov_iter *to)
{
	size_t size = min(iov_iter_count(to), buf->ring.subbuf_size);

	return !fatal_signal_pending(current) &&
	       fault_in_iov_iter_writeable(to, size) < size;
}

/**
 * relay_buf_read - read committed bytes
 * @buf: the buffer
 * @to: where to
 *
 * Padding is left out; a sub-buffer that is being filled is read up to its
 * last whole record. In overwrite mode it is delivered first. With RELAY_WHOLE only
 * delivered sub-buffers are read. Where @to has to be
 * brought in, another reader may read, or the client reset the channel, in between.
 *
 * Context: May sleep.
 * Return: bytes read, 0 if there are none now; -EFAULT if nothing could be read for
 * that reason, -ENOMEM or -EFBIG if the copy that an overwrite buffer needs cannot be
 * made, -ERESTARTSYS or -EINTR after a signal.
 */
ssize_t relay_buf_read(struct relay_buf *buf, struct iov_iter *to)
{
	size_t wanted = iov_iter_count(to), left = wanted;
	unsigned int in_vain = 0;
	ssize_t ret = 0;

	if (relay_buf_overwrites(buf))
		ret = relay_copy_alloc(&buf->reader.copy, buf->ring.subbuf_size);
	/* In overwrite mode a read delivers the open sub-buffer, as poll() does not. */
	if (!ret && buf->ring.overwrite && !(relay_buf_chan(buf)->flags & RELAY_WHOLE) &&
	    !relay_buf_readable(buf))
		ret = relay_buf_deliver(buf);
	if (ret)
		return ret;
	do {
		ret = relay_buf_read_locked(buf, to);
		in_vain = left == iov_iter_count(to) ? in_vain + 1 : 0;
		left = iov_iter_count(to);
	} while (ret == -EFAULT && in_vain < RELAY_FAULTS && relay_fault_in(buf, to));
	return left < wanted ? wanted - left : ret;
}

/**
 * relay_stream_open - open a file that is a stream
 * @inode: the file's inode
 * @filp: the file; gets no position, so that tasks which share it do not wait for
 *	each other's read(), and reads from it without waiting if asked to
 *
 * Return: 0.
 */
int relay_stream_open(struct inode *inode, struct file *filp)
{
	filp->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, filp);
}

/**
 * relay_buf_ready - how many delivered sub-buffers are there?
 * @buf: the buffer
 * @cursor: start position of the first that counts
 * @limit: no need to count further
 *
 * Context: Any.
 * Return: the number, at most @limit.
 */
unsigned int relay_buf_ready(struct relay_buf *buf, unsigned long cursor,
			     unsigned int limit)
{
	struct relay_span span;
	unsigned int ready = 0;

	limit = min(limit, buf->ring.n_subbufs);
	while (ready < limit && !relay_ring_peek(&buf->ring, &cursor, &span)) {
		cursor = relay_pos_next(&buf->ring, span.pos);
		ready++;
	}
	return ready;
}

/**
 * relay_poll_says - what poll says
 * @ready: there is something to read
 * @ended: nothing will be added any more; asked before @ready
 *
 * Return: EPOLLIN, or where nothing is left, EPOLLHUP; 0 for a reader that waits.
 */
__poll_t relay_poll_says(bool ready, bool ended)
{
	if (ready)
		return EPOLLIN | EPOLLRDNORM;
	return ended ? EPOLLHUP : 0;
}

/**
 * relay_buf_readable - what poll says of a buffer
 * @buf: the buffer
 *
 * Return: EPOLLIN when a whole sub-buffer can be read, EPOLLHUP when the
 * channel is closed and nothing is left.
 */
__poll_t relay_buf_readable(struct relay_buf *buf)
{
	unsigned long cursor = relay_reader_cursor(buf);
	bool closed = relay_chan_closed(relay_buf_chan(buf));

	return relay_poll_says(relay_buf_ready(buf, cursor, 1) ||
			       relay_copy_holds(&buf->reader.copy), closed);
}

/*
 * What is lent: see splice.c
 */

static bool relay_subbuf_lent(const struct relay_buf *buf, unsigned long pos)
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
static bool relay_cursor_lent(const struct relay_buf *buf)
{
	const struct relay_reader *reader = &buf->reader;

	return reader->offset && reader->pos == reader->cursor &&
	       relay_subbuf_lent(buf, reader->cursor);
}

/* How many sub-buffers are lent? One of which a part is lent, the rest not yet read, counts. */
static unsigned int relay_buf_lent(const struct relay_buf *buf)
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

/**
 * relay_lend_reclaim - consume what was lent and is given back
 * @buf: the buffer
 *
 * In the order of the sub-buffers.
 *
 * Context: The reader's lock is held.
 */
void relay_lend_reclaim(struct relay_buf *buf)
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
	if ((long)(reader->cursor - pos) > 0 || relay_cursor_lent(buf)) {
		queue_delayed_work(system_dfl_wq, &buf->reclaim, RELAY_RECLAIM_PERIOD);
		return;
	}
	/*
	 * Guarantee that what was lent is seen as consumed. Pairs with
	 * LMM(relay_reader_cursor:A), by which the ring's own mark is read.
	 */
	smp_store_release(&reader->lent, false); /* LMM(relay_lend_reclaim:A) */
}

static void relay_lend_work(struct work_struct *work)
{
	struct relay_buf *buf = container_of(to_delayed_work(work),
					     struct relay_buf, reclaim);

	guard(mutex)(&buf->reader.lock);
	relay_lend_reclaim(buf);
}

/**
 * relay_reader_init - set the reader of a buffer up
 * @buf: the buffer
 */
void relay_reader_init(struct relay_buf *buf)
{
	mutex_init(&buf->reader.lock);
	INIT_DELAYED_WORK(&buf->reclaim, relay_lend_work);
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
void relay_lend_erase(struct relay_buf *buf)
{
	struct relay_span span;
	bool delivered;

	while (relay_reader_next(buf, &span, &delivered) && delivered) {
		atomic_long_add(span.info.records, &buf->ring.control->erased);
		relay_reader_finish(buf, &span);
	}
}

/*
 * Counters
 */

/**
 * relay_count - where every record of a buffer has gone
 * @buf: the buffer
 * @counters: added to
 *
 * Context: Any.
 */
void relay_count(struct relay_buf *buf, struct relay_counters *counters)
{
	relay_ring_count(&buf->ring, counters);
	/* Unsigned, as in relay_ring_count(). */
	counters->bytes += (unsigned long)atomic_long_read(&buf->bytes);
	counters->produced += (unsigned long)atomic_long_read(&buf->produced);
	counters->ready += relay_buf_ready(buf, relay_reader_cursor(buf),
					   UINT_MAX);
	counters->lent += relay_buf_lent(buf);
}
