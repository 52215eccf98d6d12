// SPDX-License-Identifier: GPL-2.0
/*
 * The files of one buffer on relayfs: cpu0 to cpuN, the whole of the user ABI, and
 * map0 to mapN, which have a size.
 *
 * What the calls mean is said in <uapi/linux/relay.h>.
 */
#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/linux/relay.h>
#include "internal.h"

/**
 * struct relay_file - an open file
 * @buf:	the buffer
 * @lock:	serializes tasks that share the descriptor
 * @cursor:	start position of the sub-buffer to get next
 * @missed:	sub-buffers that were gone since the one that was got last
 * @lost:	records that the buffer had lost when the file was opened; 0 for a
 *		snapshot, which is of what was written before
 * @snapshot:	reads without consuming, up to @end
 * @end:	start position of the first sub-buffer after the snapshot
 * @copy:	snapshot: the sub-buffer that is being read
 * @copy_pos:	snapshot: next byte of @copy to hand out
 * @copy_end:	snapshot: end of what @copy holds
 * @triggers:	triggers that there were when the file was opened, or the reader asked last
 * @watermark:	sub-buffers that must be ready to wake a reader
 */
struct relay_file {
	struct relay_buf	*buf;
	struct mutex		lock;	/* all that follows, but for @watermark */
	unsigned long		cursor;
	u64			missed;
	unsigned long		lost;
	bool			snapshot;
	unsigned long		end;
	void			*copy;
	size_t			copy_pos;
	size_t			copy_end;
	u32			triggers;
	u32			watermark;
};

/*
 * Wait
 */

static bool relay_file_ready(const struct relay_file *file, unsigned long cursor)
{
	u32 watermark = READ_ONCE(file->snapshot) ? 1 : READ_ONCE(file->watermark);

	return relay_buf_ready(file->buf, cursor, watermark) >= watermark;
}

/*
 * Positions come again. A cursor that is more than half of them old compares as if it
 * were after the reader's mark; but then it is after the writers' position, too.
 */
static bool relay_file_left_behind(const struct relay_file *file, unsigned long cursor)
{
	const struct relay_ring *ring = &file->buf->ring;
	unsigned long reserve = relay_word_read(&ring->control->reserve);

	return (long)(relay_pos_next(ring, reserve) - cursor) < 0;
}

/* A file that got sub-buffers, or has a snapshot, is ahead of the buffer's reader. */
static unsigned long relay_file_cursor(const struct relay_file *file)
{
	unsigned long cursor = relay_reader_cursor(file->buf);
	unsigned long ahead = READ_ONCE(file->cursor);

	if (READ_ONCE(file->snapshot) ||
	    ((long)(ahead - cursor) > 0 && !relay_file_left_behind(file, ahead)))
		return ahead;
	return cursor;
}

/* Return: 0 to look again, -EAGAIN, or -ERESTARTSYS. */
static int relay_file_wait(const struct relay_file *file, bool nonblock)
{
	struct relay_buf *buf = file->buf;

	if (nonblock)
		return -EAGAIN;
	return wait_event_interruptible(buf->read_wait, relay_buf_closed(buf) ||
					relay_file_ready(file, relay_file_cursor(file)));
}

static __poll_t relay_cpu_poll(struct file *filp, poll_table *wait)
{
	struct relay_file *file = filp->private_data;
	struct relay_buf *buf = file->buf;
	unsigned long cursor;
	bool closed;

	relay_poll_wait(filp, relay_buf_chan(buf), &buf->read_wait, wait);
	closed = relay_buf_closed(buf);
	cursor = relay_file_cursor(file);
	return relay_poll_says(READ_ONCE(file->snapshot) || relay_file_ready(file, cursor) ||
			       (closed && relay_buf_ready(buf, cursor, 1)) ||
			       relay_reader_holds(buf), closed) |
	       relay_poll_triggered(relay_buf_chan(buf), &file->triggers);
}

/*
 * Get and put
 */

static bool relay_file_ended(const struct relay_file *file, unsigned long pos)
{
	return file->snapshot && (long)(pos - file->end) >= 0;
}

/*
 * The next sub-buffer, with its number by the meta pages. In an overwrite ring it may
 * go while it is looked at, and is missed like those before it.
 */
static int relay_file_next(struct relay_file *file, struct relay_span *span)
{
	struct relay_buf *buf = file->buf;
	unsigned long cursor = file->cursor;
	bool closed;
	int err;

	if (relay_file_left_behind(file, cursor))
		cursor = relay_reader_cursor(buf);
	do {
		closed = relay_buf_closed(buf);
		err = relay_ring_peek(&buf->ring, &cursor, span);
		/* poll() looks at it without the lock. */
		WRITE_ONCE(file->cursor, cursor);
		file->missed += span->missed;
		if (err)
			return closed || relay_file_ended(file, cursor) ?
				-ENODATA : -EAGAIN;
		if (relay_file_ended(file, span->pos))
			return -ENODATA;
		span->info.sequence = relay_meta_sequence(buf, span->pos);
	} while (!relay_ring_intact(&buf->ring, span));
	return 0;
}

static int relay_get(struct relay_file *file, unsigned int cmd, void __user *to)
{
	struct relay_ring *ring = &file->buf->ring;
	struct relay_subbuf_get get;
	struct relay_span span;
	int err;

	ACQUIRE(mutex_kill, lock)(&file->lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (!err)
		err = relay_file_next(file, &span);
	if (err)
		return err;
	get = (struct relay_subbuf_get) {
		.info	= span.info,
		.offset	= (u64)relay_pos_index(ring, span.pos) * ring->subbuf_size,
		.missed	= file->missed,
	};
	get.info.lost = relay_lost_since(span.info.lost, file->lost);
	err = copy_struct_to_user(to, _IOC_SIZE(cmd), &get, sizeof(get), NULL);
	if (err)
		return err;
	file->missed = 0;
	WRITE_ONCE(file->cursor, relay_pos_next(ring, span.pos));
	return 0;
}

/*
 * The meta page has the sub-buffer already: its writer is about to make it readable.
 * Return: 0 when its state says of the lap of @pos, or a later one; -EINTR when the
 * calling task is killed.
 */
static int relay_await_state(const struct relay_ring *ring, unsigned long pos)
{
	const atomic_long_t *state = &relay_pos_subbuf(ring, pos)->state;

	while ((long)(relay_pos_start(ring, atomic_long_read(state)) - pos) < 0) {
		if (fatal_signal_pending(current))
			return -EINTR;
		schedule_timeout_killable(1);
	}
	return 0;
}

/*
 * Is there an older one to be put, or delivered and put? In an overwrite ring that
 * may stay.
 */
static bool relay_put_early(const struct relay_file *file, unsigned long pos)
{
	struct relay_ring *ring = &file->buf->ring;
	unsigned long cursor = relay_reader_cursor(file->buf);
	struct relay_span span;

	if (cursor == pos || ring->overwrite || READ_ONCE(file->snapshot))
		return false;
	/* The cursor stops at the oldest that is neither consumed nor thrown away. */
	relay_ring_peek(ring, &cursor, &span);
	return (long)(pos - cursor) > 0;
}

/*
 * @sequence is untrusted: user space may give any number, and @pos follows from it.
 *
 * Return: 0 when the sub-buffer can be consumed, -ESTALE when it is gone,
 * -EINVAL when it is not there yet, or another must be put before; -EINTR.
 */
static int relay_put_check(const struct relay_file *file, unsigned long pos,
			   u64 sequence, struct relay_span *span)
{
	struct relay_buf *buf = file->buf;
	u64 delivered = relay_meta_sequence(buf, pos);
	int err;

	/* Less than zero: the slot was never used. */
	if ((s64)delivered < 0 || sequence > delivered)
		return -EINVAL;
	if (sequence != delivered)
		return -ESTALE;
	err = relay_await_state(&buf->ring, pos);
	if (err)
		return err;
	/* The look comes before the check of the number that it is held against. */
	if (!relay_ring_find(&buf->ring, pos, span) ||
	    relay_meta_sequence(buf, pos) != sequence ||
	    (long)(pos - relay_reader_cursor(buf)) < 0)
		return -ESTALE;
	return relay_put_early(file, pos) ? -EINVAL : 0;
}

static int relay_put_one(struct relay_file *file, u64 sequence)
{
	struct relay_buf *buf = file->buf;
	unsigned long pos = relay_sequence_pos(&buf->ring, sequence);
	struct relay_span span;
	int err = relay_put_check(file, pos, sequence, &span);

	if (err || READ_ONCE(file->snapshot))
		return err;
	return relay_reader_finish(buf, &span) ? 0 : -ESTALE;
}

static int relay_put(struct relay_file *file, struct relay_subbuf_put *put)
{
	struct relay_buf *buf = file->buf;
	u32 count = put->count, done = 0, i;
	int err = 0, worst = 0;

	if (!count || count > buf->ring.n_subbufs || put->pad)
		return -EINVAL;
	ACQUIRE(mutex_kill, lock)(&buf->reader.lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (err)
		return err;
	for (i = 0; i < count && (!worst || worst == -ESTALE); i++) {
		err = relay_put_one(file, put->sequence + i);
		done += !err;
		if (err)
			worst = err;
	}
	put->count = done;
	return worst;
}

/*
 * Snapshot
 */

static int relay_snapshot(struct relay_file *file)
{
	struct relay_buf *buf = file->buf;
	unsigned long pos;
	int err;

	ACQUIRE(mutex_kill, lock)(&file->lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (!err)
		err = relay_buf_deliver(buf);
	if (err)
		return err;
	pos = relay_word_read(&buf->ring.control->reserve);
	file->end = relay_pos_start(&buf->ring, pos);
	/* A closed one is part of it, an open one holds nothing yet. */
	if (relay_pos_offset(&buf->ring, pos) == buf->ring.subbuf_size)
		file->end = relay_pos_next(&buf->ring, pos);
	WRITE_ONCE(file->cursor, atomic_long_read(&buf->ring.control->consumed));
	file->missed = 0;
	file->lost = 0;
	file->copy_pos = 0;
	file->copy_end = 0;
	WRITE_ONCE(file->snapshot, true);
	return 0;
}

static int relay_snapshot_take(struct relay_file *file)
{
	struct relay_buf *buf = file->buf;
	struct relay_span span;
	bool whole;
	int err = relay_copy_alloc(&file->copy, buf->ring.subbuf_size);

	if (err)
		return err;
	do {
		err = relay_file_next(file, &span);
		if (err)
			return err;
		/* Found out below if a writer got here. */
		data_race(memcpy(file->copy, span.data, span.info.used));
		whole = relay_ring_intact(&buf->ring, &span);
		/* Past one that is not whole goes the next look, and counts it. */
		if (whole)
			WRITE_ONCE(file->cursor, relay_pos_next(&buf->ring, span.pos));
	} while (!whole || !span.info.used);
	file->copy_pos = 0;
	file->copy_end = span.info.used;
	return 0;
}

static ssize_t relay_snapshot_read(struct relay_file *file, struct iov_iter *to)
{
	size_t copied;
	int err;

	ACQUIRE(mutex_kill, lock)(&file->lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (!err && file->copy_pos == file->copy_end)
		err = relay_snapshot_take(file);
	if (err)
		return err;
	copied = copy_to_iter(file->copy + file->copy_pos,
			      file->copy_end - file->copy_pos, to);
	file->copy_pos += copied;
	return copied ? copied : -EFAULT;
}

/*
 * Open
 */

static int relay_cpu_release(struct inode *inode, struct file *filp)
{
	struct relay_file *file = filp->private_data;

	relay_chan_unwatch(relay_buf_chan(file->buf));
	relay_buf_put(file->buf);
	kvfree(file->copy);
	kfree(file);
	return 0;
}

static int relay_map_open(struct inode *inode, struct file *filp)
{
	struct relay_buf *buf = inode->i_private;
	struct relay_file *file;
	int err = security_locked_down(LOCKDOWN_TRACEFS);

	if (err)
		return err;
	file = kzalloc_obj(*file, GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	err = relay_chan_watch(relay_buf_chan(buf));
	if (err) {
		kfree(file);
		return err;
	}
	relay_buf_get(buf);
	file->buf = buf;
	mutex_init(&file->lock);
	file->cursor = relay_reader_cursor(buf);
	file->lost = relay_ring_lost(&buf->ring);
	file->triggers = atomic_read(&relay_buf_chan(buf)->triggers);
	file->watermark = 1;
	filp->private_data = file;
	return 0;
}

static int relay_cpu_open(struct inode *inode, struct file *filp)
{
	int err = relay_map_open(inode, filp);

	return err ? err : relay_stream_open(inode, filp);
}

/*
 * Read and splice
 */

/* Return: bytes; -EAGAIN for none now, -ENODATA for none any more. */
static ssize_t relay_file_read(struct file *filp, struct iov_iter *to)
{
	struct relay_file *file = filp->private_data;
	bool closed = relay_buf_closed(file->buf);
	ssize_t ret;

	if (READ_ONCE(file->snapshot))
		return relay_snapshot_read(file, to);
	ret = relay_buf_read(file->buf, to);
	if (ret)
		return ret;
	return closed ? -ENODATA : -EAGAIN;
}

static int relay_cpu_wait(struct file *filp)
{
	return relay_file_wait(filp->private_data, false);
}

static ssize_t relay_cpu_read(struct kiocb *iocb, struct iov_iter *to)
{
	return relay_read(iocb, to, relay_file_read, relay_cpu_wait);
}

/* Return: as relay_file_read(). */
static ssize_t relay_file_splice(struct file *filp, struct pipe_inode_info *pipe,
				 size_t len)
{
	struct relay_file *file = filp->private_data;
	bool closed = relay_buf_closed(file->buf);
	ssize_t ret;

	if (file->buf->ring.overwrite || READ_ONCE(file->snapshot) ||
	    !file->buf->pages.page)
		ret = -EOPNOTSUPP;
	else
		ret = relay_lend(file->buf, pipe, len);
	if (ret == -EOPNOTSUPP)
		return relay_splice_copy(filp, pipe, len, relay_file_read);
	if (ret)
		return ret;
	return closed ? -ENODATA : -EAGAIN;
}

static ssize_t relay_cpu_splice(struct file *filp, loff_t *ppos,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	return relay_splice(filp, pipe, len, flags, relay_file_splice,
			    relay_cpu_wait);
}

/*
 * Map
 */

/*
 * Mappings of the data are counted, each by its own mark, vm_private_data: one
 * that failed half way is closed too, and was never counted.
 */
static int relay_data_mapped(unsigned long start, unsigned long end,
			     pgoff_t pgoff, const struct file *filp,
			     void **vm_private_data)
{
	const struct relay_file *file = filp->private_data;
	struct relay_buf *buf = file->buf;

	atomic_inc(&buf->mappings);
	/*
	 * Guarantee that of this and a splice that begins to lend one sees the
	 * other. Pairs with LMM(relay_lend_start:A).
	 */
	smp_mb__after_atomic(); /* LMM(relay_data_mapped:A) */
	if (READ_ONCE(buf->reader.lent)) {
		atomic_dec(&buf->mappings);
		return -EBUSY;
	}
	*vm_private_data = buf;
	return 0;
}

/* A part of one, or where it was moved to, has its mark. */
static void relay_data_open(struct vm_area_struct *vma)
{
	struct relay_buf *buf = vma->vm_private_data;

	if (buf)
		atomic_inc(&buf->mappings);
}

static void relay_data_close(struct vm_area_struct *vma)
{
	struct relay_buf *buf = vma->vm_private_data;

	if (buf)
		atomic_dec(&buf->mappings);
}

static const struct vm_operations_struct relay_data_vm_ops = {
	.mapped	= relay_data_mapped,
	.open	= relay_data_open,
	.close	= relay_data_close,
};

/*
 * The meta pages follow the data. Those of a buffer in the reserved area lie elsewhere:
 * there a mapping is of one or the other. The range is untrusted.
 */
static int relay_cpu_mmap_prepare(struct vm_area_desc *desc)
{
	struct relay_file *file = desc->file->private_data;
	pgoff_t first = desc->pgoff, data = file->buf->chan->alloc_size >> PAGE_SHIFT;
	struct relay_pages *pages = &file->buf->pages;
	int err;

	if (first < data) {
		desc->vm_ops = &relay_data_vm_ops;
	} else if (file->buf->meta_pages.n_pages) {
		first -= data;
		pages = &file->buf->meta_pages;
	}
	if (first >= pages->n_pages || vma_desc_pages(desc) > pages->n_pages - first)
		return -EINVAL;
	err = relay_mmap_check(desc);
	if (err)
		return err;
	if (pages->page)
		mmap_action_map_kernel_pages_full(desc, pages->page + first);
	else
		mmap_action_remap_full(desc, pages->pfn + first);
	return 0;
}

/*
 * The memory as it lies there, for programs that copy the file: what they get of it is
 * what a mapping shows at that moment.
 */
static ssize_t relay_map_read(struct file *filp, char __user *to, size_t len,
			      loff_t *ppos)
{
	struct relay_file *file = filp->private_data;
	struct relay_buf *buf = file->buf;
	size_t size = buf->chan->alloc_size;
	ssize_t got = simple_read_from_buffer(to, len, ppos, buf->start, size), more;
	loff_t pos = *ppos - size;

	if (got < 0 || pos < 0)
		return got;
	more = simple_read_from_buffer(to + got, len - got, &pos, buf->meta,
				       relay_meta_size(relay_buf_chan(buf)));
	if (more < 0)
		return got ? got : more;
	*ppos = pos + size;
	return got + more;
}

/*
 * ioctl
 */

static long relay_ioctl_info(struct file *filp, unsigned int cmd, void __user *arg)
{
	const struct relay_file *file = filp->private_data;
	const struct relay_buf *buf = file->buf;
	struct relay_info info = {
		.abi_version	= RELAY_ABI_VERSION,
		.flags		= buf->meta->flags,
		.cpu		= buf->cpu,
		.n_subbufs	= buf->ring.n_subbufs,
		.subbuf_size	= buf->ring.subbuf_size,
		.header_size	= READ_ONCE(buf->ring.header_size),
		.data_size	= buf->chan->alloc_size,
		.meta_offset	= buf->chan->alloc_size,
		.meta_size	= relay_meta_size(relay_buf_chan(buf)),
	};

	return copy_struct_to_user(arg, _IOC_SIZE(cmd), &info, sizeof(info), NULL);
}

static long relay_ioctl_counters(struct file *filp, unsigned int cmd, void __user *arg)
{
	struct relay_file *file = filp->private_data;
	struct relay_counters counters = {};

	relay_count(file->buf, &counters);
	return copy_struct_to_user(arg, _IOC_SIZE(cmd), &counters, sizeof(counters), NULL);
}

static long relay_ioctl_get(struct file *filp, unsigned int cmd, void __user *arg)
{
	struct relay_file *file = filp->private_data;
	int err;

	for (;;) {
		err = relay_get(file, cmd, arg);
		if (err != -EAGAIN)
			return err;
		err = relay_file_wait(file, filp->f_flags & O_NONBLOCK);
		if (err)
			return err;
	}
}

static long relay_ioctl_put(struct file *filp, unsigned int cmd, void __user *arg)
{
	struct relay_file *file = filp->private_data;
	struct relay_subbuf_put put;
	int err = copy_struct_from_user(&put, sizeof(put), arg, _IOC_SIZE(cmd));
	int fault;

	if (err)
		return err;
	err = relay_put(file, &put);
	fault = copy_struct_to_user(arg, _IOC_SIZE(cmd), &put, sizeof(put), NULL);
	return err ? err : fault;
}

static long relay_ioctl_watermark(struct file *filp, unsigned int cmd, void __user *arg)
{
	struct relay_file *file = filp->private_data;
	const struct relay_ring *ring = &file->buf->ring;
	u32 watermark;

	if (get_user(watermark, (u32 __user *)arg))
		return -EFAULT;
	if (!watermark || watermark > ring->n_subbufs)
		return -EINVAL;
	/* That all are delivered would last until the next record. */
	if (ring->overwrite && watermark > 1)
		watermark = min(watermark, ring->n_subbufs - 1);
	WRITE_ONCE(file->watermark, watermark);
	wake_up_interruptible(&file->buf->read_wait);
	return 0;
}

static long relay_ioctl_flush(struct file *filp, unsigned int cmd, void __user *arg)
{
	struct relay_file *file = filp->private_data;

	return relay_buf_deliver(file->buf);
}

static long relay_ioctl_snapshot(struct file *filp, unsigned int cmd, void __user *arg)
{
	return relay_snapshot(filp->private_data);
}

static long relay_ioctl_triggers(struct file *filp, unsigned int cmd, void __user *arg)
{
	struct relay_file *file = filp->private_data;
	int err;

	ACQUIRE(mutex_kill, lock)(&file->lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	return err ? err : relay_tell_triggers(relay_buf_chan(file->buf), &file->triggers, arg);
}

static const relay_ioctl_call relay_cpu_calls[RELAY_IOCTLS] = {
	[_IOC_NR(RELAY_GET_INFO)]	= relay_ioctl_info,
	[_IOC_NR(RELAY_GET_SUBBUF)]	= relay_ioctl_get,
	[_IOC_NR(RELAY_PUT_SUBBUF)]	= relay_ioctl_put,
	[_IOC_NR(RELAY_FLUSH)]		= relay_ioctl_flush,
	[_IOC_NR(RELAY_SNAPSHOT)]	= relay_ioctl_snapshot,
	[_IOC_NR(RELAY_GET_COUNTERS)]	= relay_ioctl_counters,
	[_IOC_NR(RELAY_SET_WATERMARK)]	= relay_ioctl_watermark,
	[_IOC_NR(RELAY_GET_TRIGGERS)]	= relay_ioctl_triggers,
};

static long relay_cpu_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return relay_ioctl(filp, cmd, arg, relay_cpu_calls);
}

const struct file_operations relay_cpu_file_operations = {
	.open		= relay_cpu_open,
	.poll		= relay_cpu_poll,
	.mmap_prepare	= relay_cpu_mmap_prepare,
	.read_iter	= relay_cpu_read,
	.splice_read	= relay_cpu_splice,
	.unlocked_ioctl	= relay_cpu_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_cpu_release,
};

/* The same to a program that maps, of a size; it has nothing to read as a stream. */
const struct file_operations relay_map_file_operations = {
	.open		= relay_map_open,
	.poll		= relay_cpu_poll,
	.mmap_prepare	= relay_cpu_mmap_prepare,
	.read		= relay_map_read,
	.llseek		= default_llseek,
	.unlocked_ioctl	= relay_cpu_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_cpu_release,
};
