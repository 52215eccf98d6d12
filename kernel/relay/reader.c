// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of a buffer: its cursor, the copy that it reads from, the sub-buffers that
 * it has lent to pipes, and when there is something to read.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "internal.h"

/* How often the reader checks whether pipes have dropped the pages of lent sub-buffers. */
#define RELAY_RECLAIM_PERIOD	msecs_to_jiffies(10)

/*
 * How often to fault a page in again if copying to it fails without a byte. The page can
 * have been reclaimed; or it is present, and rejects the copy because of its memory tags.
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
	 * If this reads @lent from LMM(relay_lend_start:B), then it reads the cursor
	 * stored there, or a later one. If it reads it from LMM(relay_lend_reclaim:A),
	 * then it sees the lent sub-buffers as consumed.
	 */
	if (smp_load_acquire(&reader->lent)) /* LMM(relay_reader_cursor:A) */
		return READ_ONCE(reader->cursor);
	return atomic_long_read(&buf->ring.control->consumed);
}

/**
 * relay_reader_finish - move the reader past a sub-buffer
 * @buf: the buffer
 * @span: the sub-buffer, at the reader's cursor
 *
 * Context: The reader's lock is held.
 * Return: false if the sub-buffer was overwritten before: the caller drops its copy.
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
 * Look at the sub-buffer to read next: a delivered one, or the committed part of the one
 * that is being filled. Return: whether there is one.
 */
static bool relay_reader_look(struct relay_buf *buf, struct relay_span *span,
			      bool *delivered)
{
	struct relay_reader *reader = &buf->reader;
	unsigned long cursor = relay_reader_cursor(buf);

	*delivered = !relay_ring_peek(&buf->ring, &cursor, span);
	/*
	 * Do not read a part of an open sub-buffer in overwrite mode: if a writer
	 * overwrote the rest, the loss could not be counted exactly. Nor with
	 * RELAY_WHOLE, for clients whose sub-buffers end with a footer.
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
 * relay_reader_next - find a sub-buffer with bytes that the reader has not read yet
 * @buf: the buffer
 * @span: filled in; the reader's offset says how much of it was read
 * @delivered: set to whether the sub-buffer is delivered
 *
 * Context: The reader's lock is held.
 * Return: whether there is one.
 */
bool relay_reader_next(struct relay_buf *buf, struct relay_span *span, bool *delivered)
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

/* Copy from the ring itself: no writer enters the sub-buffer before it is consumed. */
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
 * @whole: take only delivered sub-buffers; also take an empty one, so that the numbers
 *	of the sub-buffers taken have no gap
 *
 * A sub-buffer that a writer overwrites meanwhile is skipped.
 *
 * Context: The reader's lock is held.
 * Return: whether a sub-buffer was taken.
 */
bool relay_reader_take(struct relay_buf *buf, void *to, struct relay_span *span, bool whole)
{
	struct relay_reader *reader = &buf->reader;
	bool delivered, had, intact;

	while (relay_reader_look(buf, span, &delivered) && (delivered || !whole)) {
		/* Has read() taken all bytes of the sub-buffer before it was delivered? */
		had = reader->offset >= span->info.used && (span->info.used || !whole);
		if (had && !delivered)
			return false;
		span->info.used -= min(reader->offset, span->info.used);
		/* A writer may overwrite the bytes meanwhile: the check below detects that. */
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
 * @copy: gets the memory, for kvfree(), unless it already has some
 * @size: size of the memory, in bytes
 *
 * Charged to the calling task.
 *
 * Context: May sleep. The reader's lock is not held, so that no other task waits for it.
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
	/* Another task that reads the buffer may have set it meanwhile. */
	if (cmpxchg(&copy->data, NULL, memory))
		kvfree(memory);
	return 0;
}

/**
 * relay_copy_read - hand out bytes of a copy
 * @copy: the copy; not empty
 * @to: where to
 *
 * Context: May sleep; the lock that protects @copy is held.
 * Return: bytes, or -EFAULT.
 */
ssize_t relay_copy_read(struct relay_copy *copy, struct iov_iter *to)
{
	size_t copied = copy_to_iter(copy->data + copy->pos, copy->end - copy->pos, to);

	/* poll() reads it without the lock. */
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

/* Looks at the ring's flags, because the client's callbacks may be gone with its module. */
static bool relay_buf_overwrites(const struct relay_buf *buf)
{
	return buf->ring.overwrite || buf->ring.ops->admit;
}

/* Return: 0 when no byte is left to read, or @to is full; else an error of relay_buf_read(). */
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
	 * A fault on the reader's memory may take long, and a task that resets the
	 * channel, or brings a CPU up, may wait for the lock.
	 */
	pagefault_disable();
	for (ret = 1; ret > 0 && iov_iter_count(to); )
		ret = read(buf, to);
	pagefault_enable();
	return min(ret, 0);
}

/* Fault in the memory for the next copy. Return: whether some of it is present. */
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
 * Leaves out padding. Reads a sub-buffer that is being filled up to its last whole
 * record; in overwrite mode delivers it first; with RELAY_WHOLE reads only delivered
 * sub-buffers. If @to has to be faulted in, another task may read, or the client reset
 * the channel, in between.
 *
 * Context: May sleep.
 * Return: bytes read, 0 if there are none now; -EFAULT if @to takes none, -ENOMEM or
 * -EFBIG if there is no memory for the copy that an overwrite buffer needs, -ERESTARTSYS
 * or -EINTR after a signal.
 */
ssize_t relay_buf_read(struct relay_buf *buf, struct iov_iter *to)
{
	size_t wanted = iov_iter_count(to), left = wanted;
	unsigned int in_vain = 0;
	ssize_t ret = 0;

	if (relay_buf_overwrites(buf))
		ret = relay_copy_alloc(&buf->reader.copy, buf->ring.subbuf_size);
	/* In overwrite mode read() delivers the open sub-buffer; poll() does not. */
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
 *	each other's read(), and accepts RWF_NOWAIT
 *
 * Return: 0.
 */
int relay_stream_open(struct inode *inode, struct file *filp)
{
	filp->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, filp);
}

/**
 * relay_buf_ready - count the delivered sub-buffers
 * @buf: the buffer
 * @cursor: start position of the first sub-buffer to count
 * @limit: where to stop counting
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
 * relay_poll_says - the events that poll() returns
 * @ready: there is something to read
 * @ended: the channel is closed; the caller must read this before @ready
 *
 * Return: EPOLLIN if @ready, else EPOLLHUP if @ended, else 0.
 */
__poll_t relay_poll_says(bool ready, bool ended)
{
	if (ready)
		return EPOLLIN | EPOLLRDNORM;
	return ended ? EPOLLHUP : 0;
}

/**
 * relay_buf_readable - the events that poll() returns for a buffer
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
 * Sub-buffers that are lent: see splice.c
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
	 * Guarantee that the task which dropped the last reference has read the page
	 * before a writer can enter. Pairs with the full barrier of put_page().
	 */
	smp_mb(); /* LMM(relay_subbuf_lent:A) */
	return false;
}

/* Is a part of the sub-buffer at the cursor lent? */
static bool relay_cursor_lent(const struct relay_buf *buf)
{
	const struct relay_reader *reader = &buf->reader;

	return reader->offset && reader->pos == reader->cursor &&
	       relay_subbuf_lent(buf, reader->cursor);
}

/* Number of sub-buffers that are lent; 1 if only a part of one is. */
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
 * relay_lend_reclaim - consume lent sub-buffers whose pages only the buffer still holds
 * @buf: the buffer
 *
 * Consumes them in their order, up to the first that is still lent.
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
	 * Guarantee that a task that sees @lent false also sees the lent sub-buffers
	 * as consumed in the ring. Pairs with LMM(relay_reader_cursor:A).
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
 * relay_lend_erase - throw away the delivered sub-buffers after those that are lent
 * @buf: the buffer
 *
 * Used for a reset in place of relay_ring_reset(), which would let writers enter
 * sub-buffers that are still in pipes.
 *
 * Context: The reader's lock is held. Sub-buffers were lent when the reset began; pipes
 * may drop them meanwhile.
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
 * relay_count - add the counts of a buffer
 * @buf: the buffer
 * @counters: the buffer's counts are added to these
 *
 * Context: Any.
 */
void relay_count(struct relay_buf *buf, struct relay_counters *counters)
{
	relay_ring_count(&buf->ring, counters);
	/* Unsigned, as in relay_ring_count(). */
	counters->bytes += (unsigned long)atomic_long_read(&buf->bytes);
	counters->produced += (unsigned long)atomic_long_read(&buf->produced);
	counters->ready += relay_buf_ready(buf, relay_reader_cursor(buf), UINT_MAX);
	counters->lent += relay_buf_lent(buf);
}
