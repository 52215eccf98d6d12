// SPDX-License-Identifier: GPL-2.0
/*
 * The file of a buffer: read, splice, mmap, poll.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include "internal.h"

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
unsigned long relay_reader_cursor(const struct rchan_buf *buf)
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

/* Return: whether it was still there. */
static bool relay_reader_consume(struct rchan_buf *buf, const struct relay_span *span)
{
	struct relay_reader *reader = &buf->reader;

	if (!reader->lent)
		return relay_ring_consume(&buf->ring, span);
	WRITE_ONCE(reader->cursor, relay_pos_next(&buf->ring, span->pos));
	relay_lend_reclaim(buf);
	return true;
}

/**
 * relay_reader_finish - a sub-buffer is read
 * @buf: the buffer
 * @span: the sub-buffer, at the reader's cursor
 *
 * Context: The reader's lock is held.
 * Return: false if it was overwritten before: what was copied does not count.
 */
bool relay_reader_finish(struct rchan_buf *buf, const struct relay_span *span)
{
	/* Before the writer may have it. */
	u64 sequence = buf->meta ? relay_meta_sequence(buf, span->pos) : 0;
	bool ours = relay_reader_consume(buf, span);

	if (ours && buf->meta)
		relay_meta_consume(buf, sequence);
	return ours;
}

/*
 * In overwrite mode no part of the open sub-buffer is read: overwritten with some of
 * it read, it could not be counted. Nor is one in a channel whose sub-buffers have a
 * footer, because that is written last.
 */
static bool relay_reader_parts(const struct rchan_buf *buf)
{
	return !buf->ring.overwrite && !(buf->chan->flags & RELAY_WHOLE);
}

/*
 * What can be read next: a delivered sub-buffer, or the committed part of the
 * one that is being filled.
 */
static bool relay_reader_look(struct rchan_buf *buf, struct relay_span *span,
			      bool *delivered)
{
	struct relay_reader *reader = &buf->reader;
	unsigned long cursor = relay_reader_cursor(buf);

	*delivered = !relay_ring_peek(&buf->ring, &cursor, span);
	if (!*delivered && !(relay_reader_parts(buf) &&
			     relay_ring_partial(&buf->ring, cursor, span)))
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
bool relay_reader_next(struct rchan_buf *buf, struct relay_span *span,
		       bool *delivered)
{
	while (relay_reader_look(buf, span, delivered)) {
		if (buf->reader.offset < span->used)
			return true;
		if (!*delivered)
			return false;
		relay_reader_finish(buf, span);
	}
	return false;
}

/*
 * As copy_to_iter(), as far as the reader's memory is there: what is not may be
 * long in coming, and who resets the channel, or brings a CPU up, waits for the
 * reader's lock.
 */
static size_t relay_copy_to_iter(const void *from, size_t len, struct iov_iter *to)
{
	size_t copied;

	pagefault_disable();
	copied = copy_to_iter(from, len, to);
	pagefault_enable();
	return copied;
}

/* Straight from the ring: no writer enters the sub-buffer before it is consumed. */
static ssize_t relay_read_in_place(struct rchan_buf *buf, struct iov_iter *to)
{
	struct relay_reader *reader = &buf->reader;
	struct relay_span span;
	bool delivered;
	size_t len, copied;

	if (!relay_reader_next(buf, &span, &delivered))
		return 0;
	len = min(span.used - reader->offset, iov_iter_count(to));
	copied = relay_copy_to_iter(span.data + reader->offset, len, to);
	reader->offset += copied;
	if (delivered && reader->offset == span.used)
		relay_reader_finish(buf, &span);
	return copied ? copied : -EFAULT;
}

/*
 * Copy the rest of @span out of the ring.
 * Return: false if a writer got there meanwhile.
 */
static bool relay_reader_copy(struct rchan_buf *buf, void *to,
			      struct relay_span *span, bool delivered)
{
	struct relay_reader *reader = &buf->reader;
	bool whole;

	span->used -= reader->offset;
	/* The writer does not wait: it is found out below if it got here. */
	data_race(memcpy(to, span->data + reader->offset, span->used));
	whole = delivered ? relay_reader_finish(buf, span) :
			    relay_ring_intact(&buf->ring, span);
	if (whole)
		reader->offset += span->used;
	return whole;
}

/* Did read() have all of it while it was being filled? Not if there is nothing. */
static bool relay_reader_had(const struct rchan_buf *buf, const struct relay_span *span)
{
	return span->used && buf->reader.offset == span->used;
}

/**
 * relay_reader_take - take a sub-buffer out of the ring
 * @buf: the buffer; one with meta pages
 * @to: where to copy it; has room for a sub-buffer
 * @span: filled in; @span->used is how many bytes were copied
 * @sequence: its number
 *
 * Whole or not at all, however fast the writers are; also one that is empty, so
 * that by the numbers nothing is missing.
 *
 * Context: The reader's lock is held.
 * Return: whether there was one.
 */
bool relay_reader_take(struct rchan_buf *buf, void *to, struct relay_span *span,
		       u64 *sequence)
{
	bool delivered, had;

	while (relay_reader_look(buf, span, &delivered) && delivered) {
		had = relay_reader_had(buf, span);
		*sequence = relay_meta_sequence(buf, span->pos);
		if (relay_reader_copy(buf, to, span, true) && !had)
			return true;
	}
	return false;
}

/* The same of what is being filled, too. */
static bool relay_reader_take_part(struct rchan_buf *buf)
{
	struct relay_reader *reader = &buf->reader;
	struct relay_span span;
	bool delivered;

	while (relay_reader_next(buf, &span, &delivered)) {
		if (!relay_reader_copy(buf, reader->copy, &span, delivered))
			continue;
		WRITE_ONCE(reader->copy_pos, 0);
		WRITE_ONCE(reader->copy_end, span.used);
		return true;
	}
	return false;
}

/**
 * relay_copy_alloc - memory for a copy of a sub-buffer
 * @copy: set to the memory, for kvfree(); left alone if that was done before
 * @size: its size, in bytes
 *
 * Charged to the calling reader.
 *
 * Context: May sleep. Not under a lock that other readers of the buffer wait for.
 * Return: 0, -ENOMEM, or -EFBIG for more than kvmalloc() gives.
 */
int relay_copy_alloc(void **copy, size_t size)
{
	void *memory;

	if (READ_ONCE(*copy))
		return 0;
	if (size > INT_MAX)
		return -EFBIG;
	memory = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!memory)
		return -ENOMEM;
	/* Another reader of the buffer may have done the same meanwhile. */
	if (cmpxchg(copy, NULL, memory))
		kvfree(memory);
	return 0;
}

static ssize_t relay_read_copy(struct rchan_buf *buf, struct iov_iter *to)
{
	struct relay_reader *reader = &buf->reader;
	size_t len, copied;

	if (reader->copy_pos == reader->copy_end && !relay_reader_take_part(buf))
		return 0;

	len = min(reader->copy_end - reader->copy_pos, iov_iter_count(to));
	copied = relay_copy_to_iter(reader->copy + reader->copy_pos, len, to);
	WRITE_ONCE(reader->copy_pos, reader->copy_pos + copied);
	return copied ? copied : -EFAULT;
}

/* Asks the ring: the client's callbacks may be gone, with its module. */
static bool relay_buf_overwrites(const struct rchan_buf *buf)
{
	return buf->ring.overwrite || buf->ring.ops->admit;
}

/* Return: 0 for all that there was, or that @to takes; else as relay_buf_read(). */
static ssize_t relay_buf_read_locked(struct rchan_buf *buf, struct iov_iter *to)
{
	ssize_t (*read)(struct rchan_buf *buf, struct iov_iter *to) =
		relay_buf_overwrites(buf) ? relay_read_copy : relay_read_in_place;
	ssize_t ret;

	ACQUIRE(mutex_kill, lock)(&buf->reader.lock);
	ret = ACQUIRE_ERR(mutex_kill, &lock);
	if (ret)
		return ret;
	ret = 1;
	while (ret > 0 && iov_iter_count(to))
		ret = read(buf, to);
	return min(ret, 0);
}

/* Bring in what the next copy needs. Return: whether some of it is there. */
static bool relay_fault_in(const struct rchan_buf *buf, struct iov_iter *to)
{
	size_t size = min(iov_iter_count(to), buf->ring.subbuf_size);

	return !fatal_signal_pending(current) &&
	       fault_in_iov_iter_writeable(to, size) < size;
}

/* In overwrite mode a read delivers the open sub-buffer, as poll() does not. */
static bool relay_reader_delivers(const struct rchan_buf *buf)
{
	return buf->ring.overwrite && !(buf->chan->flags & RELAY_WHOLE);
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
ssize_t relay_buf_read(struct rchan_buf *buf, struct iov_iter *to)
{
	size_t wanted = iov_iter_count(to), left = wanted;
	unsigned int in_vain = 0;
	ssize_t ret = 0;

	if (relay_buf_overwrites(buf))
		ret = relay_copy_alloc(&buf->reader.copy, buf->ring.subbuf_size);
	if (!ret && relay_reader_delivers(buf) && !relay_buf_readable(buf))
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
 * relay_again - wait where there was nothing
 * @filp: the file
 * @ret: bytes; -EAGAIN for none now, -ENODATA for none any more; another error
 * @nonblock: not to wait
 * @wait: waits until there may be something; 0, or what kept it from going on
 *
 * Context: May sleep.
 * Return: whether to try again; if not, @ret is what the call returns.
 */
bool relay_again(struct file *filp, ssize_t *ret, bool nonblock,
		 int (*wait)(struct file *filp))
{
	if (*ret == -EAGAIN && !nonblock) {
		*ret = wait(filp);
		return !*ret;
	}
	if (*ret == -ENODATA)
		*ret = 0;
	return false;
}

/**
 * relay_read - read, and wait where there is nothing
 * @iocb: the file, and how
 * @to: where to
 * @read: reads from the file without waiting
 * @wait: as for relay_again()
 *
 * Context: May sleep.
 * Return: what @read returned, or what kept it from going on; 0 where no byte is
 * asked for.
 */
ssize_t relay_read(struct kiocb *iocb, struct iov_iter *to,
		   ssize_t (*read)(struct file *filp, struct iov_iter *to),
		   int (*wait)(struct file *filp))
{
	struct file *filp = iocb->ki_filp;
	bool nonblock = (filp->f_flags & O_NONBLOCK) || (iocb->ki_flags & IOCB_NOWAIT);
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	do {
		ret = read(filp, to);
	} while (relay_again(filp, &ret, nonblock, wait));
	return ret;
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
unsigned int relay_buf_ready(struct rchan_buf *buf, unsigned long cursor,
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
 * relay_buf_closed - is the channel closed?
 * @buf: the buffer
 *
 * Asked before a look at the ring: a closed channel gets nothing more.
 *
 * Context: Any.
 * Return: whether it is.
 */
bool relay_buf_closed(const struct rchan_buf *buf)
{
	/* Pairs with the release in relay_close_buf(). */
	return smp_load_acquire(&buf->finalized);
}

/**
 * relay_buf_lost - how many records has a buffer lost, in all?
 * @buf: the buffer
 *
 * Context: Any.
 * Return: the number, for whatever reason they were lost.
 */
unsigned long relay_buf_lost(const struct rchan_buf *buf)
{
	unsigned long lost = 0;
	unsigned int i;

	for (i = 0; i < RELAY_LOST_REASONS; i++)
		lost += relay_word_read(&buf->ring.control->lost[i]);
	return lost;
}

/**
 * relay_lost_since - records lost since a file was opened
 * @lost: how many a buffer had lost, in all, when a sub-buffer was delivered
 * @before: the same when the file was opened
 *
 * Return: the difference; 0 for a sub-buffer that was delivered before.
 */
unsigned long relay_lost_since(unsigned long lost, unsigned long before)
{
	return (long)(lost - before) > 0 ? lost - before : 0;
}

/**
 * relay_buf_readable - what poll says
 * @buf: the buffer
 *
 * Return: EPOLLIN when a whole sub-buffer can be read, EPOLLHUP when the
 * channel is closed and nothing is left.
 */
__poll_t relay_buf_readable(struct rchan_buf *buf)
{
	unsigned long cursor = relay_reader_cursor(buf);
	bool closed = relay_buf_closed(buf);
	struct relay_span span;

	if (!relay_ring_peek(&buf->ring, &cursor, &span) ||
	    READ_ONCE(buf->reader.copy_pos) != READ_ONCE(buf->reader.copy_end))
		return EPOLLIN | EPOLLRDNORM;
	return closed ? EPOLLHUP : 0;
}

static int relay_file_open(struct inode *inode, struct file *filp)
{
	struct rchan_buf *buf = inode->i_private;

	relay_buf_get(buf);
	filp->private_data = buf;
	return relay_stream_open(inode, filp);
}

static int relay_file_release(struct inode *inode, struct file *filp)
{
	relay_buf_put(filp->private_data);
	return 0;
}

static ssize_t relay_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return relay_buf_read(iocb->ki_filp->private_data, to);
}

/* debugfs forwards this one only. */
static ssize_t relay_file_read(struct file *filp, char __user *buffer,
			       size_t count, loff_t *ppos)
{
	struct iov_iter to;
	int err = import_ubuf(ITER_DEST, buffer, count, &to);

	return err ? err : relay_buf_read(filp->private_data, &to);
}

static __poll_t relay_file_poll(struct file *filp, poll_table *wait)
{
	struct rchan_buf *buf = filp->private_data;

	poll_wait(filp, &buf->read_wait, wait);
	return relay_buf_readable(buf);
}

/**
 * relay_mmap_check - may this be a mapping of a buffer?
 * @desc: the mapping; shared and to read only, it is restricted to be that
 *
 * Return: 0, -EINVAL for a private one, -EPERM for one to write or execute.
 */
int relay_mmap_check(struct vm_area_desc *desc)
{
	/* Not VMA_SHARED_BIT: a file that is open to read only has none. */
	if (!vma_desc_test(desc, VMA_MAYSHARE_BIT))
		return -EINVAL;
	if (vma_desc_test_any(desc, VMA_WRITE_BIT, VMA_EXEC_BIT))
		return -EPERM;

	vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT);
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT,
			   VMA_DONTCOPY_BIT);
	return 0;
}

/*
 * The whole buffer, from its start: a mapping can reach nothing else, and
 * change nothing.
 */
static int relay_file_mmap_prepare(struct vm_area_desc *desc)
{
	struct rchan_buf *buf = desc->file->private_data;
	int err;

	if (desc->pgoff || vma_desc_size(desc) != buf->chan->alloc_size)
		return -EINVAL;
	err = relay_mmap_check(desc);
	if (err)
		return err;
	mmap_action_map_kernel_pages_full(desc, buf->pages.page);
	return 0;
}

const struct file_operations relay_file_operations = {
	.open		= relay_file_open,
	.poll		= relay_file_poll,
	.mmap_prepare	= relay_file_mmap_prepare,
	.read		= relay_file_read,
	.read_iter	= relay_file_read_iter,
	.splice_read	= copy_splice_read,
	.release	= relay_file_release,
};
EXPORT_SYMBOL_GPL(relay_file_operations);
