// SPDX-License-Identifier: GPL-2.0
/*
 * Splice: without a copy where sub-buffers can be lent, with a copy elsewhere.
 *
 * Without a copy a pipe gets the pages of sub-buffers themselves. A sub-buffer that is
 * in a pipe, or in a socket that it was spliced on to, is lent: it is read, but not
 * consumed, so no writer enters it. relay_lend_reclaim() consumes it when only the buffer
 * holds its pages. No event tells when that is, so the reader checks on its next splice,
 * and a timer while a sub-buffer is lent.
 *
 * A mapping, too, holds references on pages, which cannot be told from those of a pipe.
 * So a buffer is either mapped or lent: while it is the one, the other is refused.
 *
 * copy_splice_read() calls read_iter(), which may wait. relay_splice_copy() calls
 * relay_file_look(), which does not wait, so that SPLICE_F_NONBLOCK has effect whatever
 * flags the file was opened with.
 */
#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include "internal.h"

/* As many as a pipe of the default size holds. */
#define RELAY_SPLICE_PAGES	16

/* Allocate pages for @len bytes, or fewer. Return: the number of pages. */
static unsigned int relay_splice_alloc(struct bio_vec *bv, size_t len)
{
	unsigned int i;

	for (i = 0; i < RELAY_SPLICE_PAGES && i * PAGE_SIZE < len; i++) {
		struct page *page = alloc_page(GFP_USER | __GFP_ACCOUNT);

		if (!page)
			break;
		bvec_set_page(&bv[i], page, PAGE_SIZE, 0);
	}
	return i;
}

/* Give the pages that hold the first @used bytes to the pipe, and free the rest. */
static void relay_splice_push(struct pipe_inode_info *pipe,
			      const struct bio_vec *bv, unsigned int n, size_t used)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct pipe_buffer piece = {
			.ops	= &default_pipe_buf_ops,
			.page	= bv[i].bv_page,
			.len	= min(used, PAGE_SIZE),
		};

		used -= piece.len;
		if (piece.len)
			add_to_pipe(pipe, &piece);
		else
			put_page(piece.page);
	}
}

/* Return: as relay_file_look(), or -ENOMEM. */
static ssize_t relay_splice_copy(struct relay_file *file, struct pipe_inode_info *pipe,
				 size_t len)
{
	struct bio_vec bv[RELAY_SPLICE_PAGES];
	unsigned int n = relay_splice_alloc(bv, len);
	struct iov_iter to;
	ssize_t ret;

	if (!n)
		return -ENOMEM;
	iov_iter_bvec(&to, ITER_DEST, bv, n, min(len, n * PAGE_SIZE));
	ret = relay_file_look(file, &to);
	relay_splice_push(pipe, bv, n, max(ret, 0));
	return ret;
}

/*
 * Without a copy
 */

/* Mark the buffer as lent, unless it is mapped. Return: whether it is marked. */
static bool relay_lend_start(struct relay_buf *buf)
{
	struct relay_reader *reader = &buf->reader;

	if (reader->lent)
		return true;
	WRITE_ONCE(reader->cursor, relay_reader_cursor(buf));
	/*
	 * Guarantee that a task which sees @lent also sees the cursor. Pairs with
	 * LMM(relay_reader_cursor:A).
	 */
	smp_store_release(&reader->lent, true); /* LMM(relay_lend_start:B) */
	/*
	 * Guarantee that either this sees the mapping, or a mapping that begins sees
	 * @lent. Pairs with LMM(relay_data_mapped:A).
	 */
	smp_mb(); /* LMM(relay_lend_start:A) */
	if (!atomic_read(&buf->mappings))
		return true;
	WRITE_ONCE(reader->lent, false);
	return false;
}

/* Return: bytes of @span that went into the pipe; the error if there are none. */
static ssize_t relay_lend_span(struct relay_buf *buf,
			       struct pipe_inode_info *pipe,
			       const struct relay_span *span, size_t len)
{
	size_t offset = span->data - buf->start + buf->reader.offset;
	size_t end = offset + min(len, span->info.used - buf->reader.offset);
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
 * @len: the most bytes to splice
 *
 * Context: May sleep.
 * Return: bytes that went into the pipe; 0 if there are none to read; -EOPNOTSUPP while
 * the data is mapped, so that the caller must copy; -EAGAIN for a full pipe, -EPIPE for
 * one without a reader; -EINTR when the calling task is killed.
 */
ssize_t relay_lend(struct relay_buf *buf, struct pipe_inode_info *pipe, size_t len)
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
	while (ret >= 0 && done < len && relay_reader_next(buf, &span, &delivered)) {
		ret = relay_lend_span(buf, pipe, &span, len - done);
		if (ret < 0)
			break;
		reader->offset += ret;
		done += ret;
		if (delivered && reader->offset == span.info.used)
			relay_reader_finish(buf, &span);
	}
	relay_lend_reclaim(buf);
	return done ? done : ret;
}

/*
 * With or without a copy
 */

/*
 * Other tasks may have filled the pipe while it was unlocked: wait for room, and reduce
 * @len to it. Return: 0 or the error.
 */
static int relay_splice_room(struct pipe_inode_info *pipe, size_t *len)
{
	size_t room;

	while (pipe->readers && pipe_is_full(pipe)) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		pipe_wait_writable(pipe);
	}
	if (!pipe->readers) {
		send_sig(SIGPIPE, current, 0);
		return -EPIPE;
	}
	room = pipe->max_usage - pipe_buf_usage(pipe);
	*len = min(*len, room << PAGE_SHIFT);
	return 0;
}

/* Return: as relay_file_look(). */
static ssize_t relay_splice_look(struct relay_file *file, struct pipe_inode_info *pipe,
				 size_t len)
{
	struct relay_buf *buf = file->buf;
	ssize_t ret = -EOPNOTSUPP;

	if (buf && !buf->ring.overwrite && !READ_ONCE(file->snapshot) && buf->pages.page)
		ret = relay_lend(buf, pipe, len);
	return ret == -EOPNOTSUPP ? relay_splice_copy(file, pipe, len) : ret;
}

/**
 * relay_fops_splice - splice_read() of a file
 * @filp: the file
 * @ppos: not used: the file is a stream
 * @pipe: the pipe, locked, with a reader and room for @len bytes
 * @len: the most bytes to splice
 * @flags: of splice(2)
 *
 * Unlocks the pipe while it waits, because a lent sub-buffer can be in the pipe: no
 * writer enters it before a reader of the pipe takes it out.
 *
 * Context: May sleep.
 * Return: bytes, 0 at the end, or an error.
 */
ssize_t relay_fops_splice(struct file *filp, loff_t *ppos, struct pipe_inode_info *pipe,
			  size_t len, unsigned int flags)
{
	struct relay_file *file = filp->private_data;
	bool closed, again;
	ssize_t ret;

	do {
		closed = relay_chan_closed(file->chan);
		ret = relay_splice_look(file, pipe, len);
		if (ret)
			break;
		pipe_unlock(pipe);
		again = relay_file_again(file, &ret, closed, flags & SPLICE_F_NONBLOCK);
		pipe_lock(pipe);
		if (again)
			ret = relay_splice_room(pipe, &len);
	} while (!ret);
	return ret == -ENODATA ? 0 : ret;
}
