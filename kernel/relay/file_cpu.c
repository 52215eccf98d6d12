// SPDX-License-Identifier: GPL-2.0
/*
 * The files of one buffer on relayfs: cpu0 to cpuN, with the whole user ABI, and map0 to
 * mapN, which have a size.
 *
 * <uapi/linux/relay.h> documents the ioctls.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "internal.h"

/*
 * Wait
 */

/*
 * Is @cursor so old that positions have wrapped? A cursor that is more than half of all
 * positions old compares as if it were after the reader's cursor; but then it compares
 * as if it were after the reserve position, too.
 */
static bool relay_file_left_behind(const struct relay_file *file, unsigned long cursor)
{
	const struct relay_ring *ring = &file->buf->ring;
	unsigned long reserve = relay_word_read(&ring->control->reserve);

	return (long)(relay_pos_next(ring, reserve) - cursor) < 0;
}

/* A file that has a snapshot, or got sub-buffers and did not put them, has its own cursor. */
static unsigned long relay_file_cursor(const struct relay_file *file)
{
	unsigned long cursor = relay_reader_cursor(file->buf);
	unsigned long ahead = READ_ONCE(file->cursor);

	if (READ_ONCE(file->snapshot) ||
	    ((long)(ahead - cursor) > 0 && !relay_file_left_behind(file, ahead)))
		return ahead;
	return cursor;
}

/* Are as many sub-buffers ready as the watermark says? */
static bool relay_cpu_ready(struct relay_file *file)
{
	unsigned long cursor = relay_file_cursor(file);
	u32 watermark = READ_ONCE(file->watermark);
	struct relay_span span;

	if (!READ_ONCE(file->snapshot))
		return relay_buf_ready(file->buf, cursor, watermark) >= watermark;
	/* At its end, too: the last sub-buffers of a snapshot may be gone. */
	return !relay_ring_peek(&file->buf->ring, &cursor, &span) ||
	       (long)(cursor - READ_ONCE(file->end)) >= 0;
}

static bool relay_cpu_readable(struct relay_file *file, bool closed)
{
	struct relay_buf *buf = file->buf;

	return READ_ONCE(file->snapshot) || relay_cpu_ready(file) ||
	       (closed && relay_buf_ready(buf, relay_file_cursor(file), 1)) ||
	       relay_copy_holds(&buf->reader.copy);
}

/*
 * Get and put
 */

/*
 * Find the next sub-buffer, with its number from the meta pages. In an overwrite ring a
 * writer may overwrite it meanwhile; then it counts as missed, like those before it.
 *
 * Return: 1; 0 when it is not delivered yet, -ENODATA for the end of a snapshot.
 */
static int relay_file_next(struct relay_file *file, struct relay_span *span)
{
	struct relay_ring *ring = &file->buf->ring;
	unsigned long cursor = file->cursor;
	bool delivered;

	if (relay_file_left_behind(file, cursor))
		cursor = relay_reader_cursor(file->buf);
	do {
		delivered = !relay_ring_peek(ring, &cursor, span);
		/* poll() reads it without the lock. */
		WRITE_ONCE(file->cursor, cursor);
		file->of->missed += span->missed;
		if (file->snapshot && (long)(cursor - file->end) >= 0)
			return -ENODATA;
		if (!delivered)
			return 0;
		span->info.sequence = relay_meta_sequence(file->buf, cursor);
	} while (!relay_ring_intact(ring, span));
	return 1;
}

/* Return: as relay_file_next(). */
static int relay_get(struct relay_file *file, void __user *to, size_t size)
{
	struct relay_ring *ring = &file->buf->ring;
	struct relay_subbuf_get get;
	struct relay_span span;
	int ret;

	ACQUIRE(mutex_kill, lock)(&file->lock);
	ret = ACQUIRE_ERR(mutex_kill, &lock);
	if (!ret)
		ret = relay_file_next(file, &span);
	if (ret <= 0)
		return ret;
	get = (struct relay_subbuf_get) {
		.info	= span.info,
		.offset	= (u64)relay_pos_index(ring, span.pos) * ring->subbuf_size,
		.missed	= file->of->missed,
	};
	get.info.lost = relay_lost_since(span.info.lost, file->of->lost);
	ret = copy_struct_to_user(to, size, &get, sizeof(get), NULL);
	if (ret)
		return ret;
	file->of->missed = 0;
	WRITE_ONCE(file->cursor, relay_pos_next(ring, span.pos));
	return 1;
}

static long relay_ioctl_get(struct relay_file *file, void __user *arg, size_t size)
{
	bool closed;
	ssize_t ret;

	do {
		closed = relay_chan_closed(file->chan);
		ret = relay_get(file, arg, size);
	} while (relay_file_again(file, &ret, closed, false));
	return min(ret, 0);
}

/*
 * The meta page already shows the sub-buffer at @pos as delivered; wait until its writer
 * has stored @state, too.
 * Return: 0 when @state is of the lap of @pos, or a later one; -EINTR when the calling
 * task is killed.
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
 * Is there an older sub-buffer that must be put before the one at @pos? In an overwrite
 * ring sub-buffers can be put in any order.
 */
static bool relay_put_early(struct relay_buf *buf, unsigned long pos)
{
	unsigned long cursor = relay_reader_cursor(buf);
	struct relay_span span;

	if (cursor == pos || buf->ring.overwrite)
		return false;
	/* Moves the cursor to the oldest that is neither consumed nor thrown away. */
	relay_ring_peek(&buf->ring, &cursor, &span);
	return (long)(pos - cursor) > 0;
}

/*
 * @sequence is untrusted: user space may give any number.
 *
 * Return: 0 when the sub-buffer is consumed, -ESTALE when it was overwritten or consumed
 * before, -EINVAL when it is not delivered yet, or an older one must be put first; -EINTR.
 */
static int relay_put_one(struct relay_file *file, u64 sequence)
{
	struct relay_buf *buf = file->buf;
	unsigned long pos = relay_sequence_pos(&buf->ring, sequence);
	u64 delivered = relay_meta_sequence(buf, pos);
	struct relay_span span;
	int err;

	/* A negative number: no sub-buffer was delivered in this slot yet. */
	if ((s64)delivered < 0 || sequence > delivered)
		return -EINVAL;
	if (sequence != delivered)
		return -ESTALE;
	err = relay_await_state(&buf->ring, pos);
	if (err)
		return err;
	/* Find the sub-buffer first, so that the check of its number is of this lap. */
	if (!relay_ring_find(&buf->ring, pos, &span) ||
	    relay_meta_sequence(buf, pos) != sequence ||
	    (long)(pos - relay_reader_cursor(buf)) < 0)
		return -ESTALE;
	if (READ_ONCE(file->snapshot))
		return 0;
	if (relay_put_early(buf, pos))
		return -EINVAL;
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

static long relay_ioctl_put(struct relay_file *file, void __user *arg, size_t size)
{
	struct relay_subbuf_put put;
	int err = copy_struct_from_user(&put, sizeof(put), arg, size);
	int fault;

	if (err)
		return err;
	err = relay_put(file, &put);
	fault = copy_struct_to_user(arg, size, &put, sizeof(put), NULL);
	return err ? err : fault;
}

static long relay_ioctl_watermark(struct relay_file *file, void __user *arg, size_t size)
{
	const struct relay_ring *ring = &file->buf->ring;
	u32 watermark;

	if (get_user(watermark, (u32 __user *)arg))
		return -EFAULT;
	if (!watermark || watermark > ring->n_subbufs)
		return -EINVAL;
	/* The next record would overwrite one, so that all are delivered only until then. */
	if (ring->overwrite && watermark > 1)
		watermark = min(watermark, ring->n_subbufs - 1);
	WRITE_ONCE(file->watermark, watermark);
	wake_up_interruptible(file->read_wait);
	return 0;
}

/*
 * Snapshot
 */

static long relay_ioctl_snapshot(struct relay_file *file, void __user *arg, size_t size)
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
	/* A closed sub-buffer belongs to the snapshot; an open one has only later records. */
	WRITE_ONCE(file->end, relay_pos_closed(&buf->ring, pos) ?
			      relay_pos_next(&buf->ring, pos) : relay_pos_start(&buf->ring, pos));
	WRITE_ONCE(file->cursor, atomic_long_read(&buf->ring.control->consumed));
	file->of->missed = 0;
	file->of->lost = 0;
	relay_copy_fill(&file->copy, 0);
	WRITE_ONCE(file->snapshot, true);
	wake_up_interruptible(file->read_wait);
	return 0;
}

static int relay_snapshot_take(struct relay_file *file)
{
	struct relay_ring *ring = &file->buf->ring;
	struct relay_span span;
	bool whole;
	int ret;

	do {
		ret = relay_file_next(file, &span);
		if (ret <= 0)
			return ret;
		/* A writer may overwrite the bytes meanwhile: the check below detects that. */
		data_race(memcpy(file->copy.data, span.data, span.info.used));
		whole = relay_ring_intact(ring, &span);
		/* If it was overwritten, the next relay_file_next() counts it as missed. */
		if (whole)
			WRITE_ONCE(file->cursor, relay_pos_next(ring, span.pos));
	} while (!whole || !span.info.used);
	relay_copy_fill(&file->copy, span.info.used);
	return 1;
}

/*
 * Map
 */

/*
 * Count the mappings of the data. A mapping that is counted has @buf in vm_private_data,
 * because relay_data_close() also runs for a mapping that failed and was not counted.
 */
static int relay_data_mapped(unsigned long start, unsigned long end,
			     pgoff_t pgoff, const struct file *filp, void **vm_private_data)
{
	const struct relay_file *file = filp->private_data;
	struct relay_buf *buf = file->buf;

	atomic_inc(&buf->mappings);
	/*
	 * Guarantee that either this sees @lent, or a splice that begins to lend sees
	 * the mapping. Pairs with LMM(relay_lend_start:A).
	 */
	smp_mb__after_atomic(); /* LMM(relay_data_mapped:A) */
	if (READ_ONCE(buf->reader.lent)) {
		atomic_dec(&buf->mappings);
		return -EBUSY;
	}
	*vm_private_data = buf;
	return 0;
}

/* A split or moved mapping has inherited vm_private_data. */
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
 * In the file the meta pages follow the data. In the reserved area they are not contiguous
 * in memory: there a mapping can show data or meta pages, but not both.
 */
static int relay_cpu_mmap_prepare(struct vm_area_desc *desc)
{
	struct relay_file *file = desc->file->private_data;
	pgoff_t first = desc->pgoff, data = file->buf->chan->alloc_size >> PAGE_SHIFT;
	const struct relay_pages *pages = &file->buf->pages;

	if (first < data) {
		desc->vm_ops = &relay_data_vm_ops;
	} else if (file->buf->meta_pages.n_pages) {
		first -= data;
		pages = &file->buf->meta_pages;
	}
	return relay_mmap(desc, pages, first);
}

/*
 * Read the data and the meta pages as a mapping shows them at that moment, for programs
 * that copy the file.
 */
static ssize_t relay_map_read(struct file *filp, char __user *to, size_t len, loff_t *ppos)
{
	struct relay_file *file = filp->private_data;
	struct relay_buf *buf = file->buf;
	size_t size = buf->chan->alloc_size;
	ssize_t got = simple_read_from_buffer(to, len, ppos, buf->start, size), more;
	loff_t pos = *ppos - size;

	if (got < 0 || pos < 0)
		return got;
	/* Not by the next read(), because tar takes a short read for the end of the file. */
	more = simple_read_from_buffer(to + got, len - got, &pos, buf->meta,
				       file->chan->meta_size);
	if (more < 0)
		return got ? got : more;
	*ppos = pos + size;
	return got + more;
}

static const struct relay_file_kind relay_cpu_kind = {
	.take		= relay_snapshot_take,
	.ready		= relay_cpu_ready,
	.readable	= relay_cpu_readable,
	.calls		= {
		[_IOC_NR(RELAY_GET_SUBBUF)]	= relay_ioctl_get,
		[_IOC_NR(RELAY_PUT_SUBBUF)]	= relay_ioctl_put,
		[_IOC_NR(RELAY_SNAPSHOT)]	= relay_ioctl_snapshot,
		[_IOC_NR(RELAY_SET_WATERMARK)]	= relay_ioctl_watermark,
	},
};

static int relay_map_open(struct inode *inode, struct file *filp)
{
	struct relay_buf *buf = inode->i_private;
	struct relay_file *file;
	int err = relay_file_create(filp, relay_buf_chan(buf), buf, &relay_cpu_kind);

	if (err)
		return err;
	file = filp->private_data;
	file->cursor = relay_reader_cursor(buf);
	file->watermark = 1;
	return 0;
}

static int relay_cpu_open(struct inode *inode, struct file *filp)
{
	int err = relay_map_open(inode, filp);

	return err ? err : relay_stream_open(inode, filp);
}

const struct file_operations relay_cpu_file_operations = {
	.open		= relay_cpu_open,
	.poll		= relay_fops_poll,
	.mmap_prepare	= relay_cpu_mmap_prepare,
	.read_iter	= relay_fops_read,
	.splice_read	= relay_fops_splice,
	.unlocked_ioctl	= relay_fops_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_fops_release,
};

/* mmap(), poll() and ioctls as of the cpu file; but it has a size, and read() a position. */
const struct file_operations relay_map_file_operations = {
	.open		= relay_map_open,
	.poll		= relay_fops_poll,
	.mmap_prepare	= relay_cpu_mmap_prepare,
	.read		= relay_map_read,
	.llseek		= default_llseek,
	.unlocked_ioctl	= relay_fops_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_fops_release,
};
