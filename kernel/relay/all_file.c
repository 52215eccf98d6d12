// SPDX-License-Identifier: GPL-2.0
/*
 * The file "all": the buffers of all CPUs through one descriptor.
 *
 * A stream of whole sub-buffers, as they are delivered, each behind a header
 * that says whose it is. Reading consumes them.
 */
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/linux/relay.h>
#include "internal.h"

#define RELAY_ALL_HEADER	sizeof(struct relay_all_header)

/**
 * struct relay_all - an open file
 * @chan:	the channel
 * @lock:	serializes those who share the descriptor
 * @last:	CPU whose sub-buffer was read last
 * @copy:	a header and a sub-buffer
 * @copy_pos:	next byte of @copy to hand out
 * @copy_end:	end of what @copy holds
 * @missed:	sub-buffers of each CPU that were gone before they were read
 * @buf:	buffer of each CPU that was ever up: kept, they can be read when
 *		the channel is closed
 */
struct relay_all {
	struct rchan		*chan;
	struct mutex		lock;	/* all that follows */
	unsigned int		last;
	void			*copy;
	size_t			copy_pos;
	size_t			copy_end;
	u64			*missed;
	struct rchan_buf	*buf[];
};

static void relay_all_free(struct relay_all *all)
{
	kfree(all->missed);
	kvfree(all->copy);
	kfree(all);
}

static struct relay_all *relay_all_alloc(const struct rchan *chan)
{
	struct relay_all *all = kzalloc_flex(*all, buf, nr_cpu_ids);

	if (!all)
		return NULL;
	all->missed = kcalloc(nr_cpu_ids, sizeof(*all->missed), GFP_KERNEL);
	all->copy = kvmalloc(RELAY_ALL_HEADER + chan->subbuf_size, GFP_KERNEL);
	if (all->missed && all->copy)
		return all;
	relay_all_free(all);
	return NULL;
}

static int relay_all_open(struct inode *inode, struct file *filp)
{
	struct rchan *chan = inode->i_private;
	struct relay_all *all;
	int err = security_locked_down(LOCKDOWN_TRACEFS);

	if (err)
		return err;
	all = relay_all_alloc(chan);
	if (!all)
		return -ENOMEM;
	err = relay_chan_watch(chan);
	if (err) {
		relay_all_free(all);
		return err;
	}
	relay_chan_get(chan);
	all->chan = chan;
	mutex_init(&all->lock);
	all->last = nr_cpu_ids - 1;
	filp->private_data = all;
	return nonseekable_open(inode, filp);
}

static int relay_all_release(struct inode *inode, struct file *filp)
{
	struct relay_all *all = filp->private_data;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (all->buf[cpu])
			relay_buf_put(all->buf[cpu]);
	relay_chan_unwatch(all->chan);
	relay_chan_put(all->chan);
	relay_all_free(all);
	return 0;
}

/* CPUs may have come up. Return: whether the channel is closed. */
static bool relay_all_gather(struct relay_all *all)
{
	struct rchan_buf *buf;

	if (!relay_chan_lock(all->chan))
		return true;
	for (buf = relay_first_buf(all->chan); buf; buf = relay_next_buf(buf)) {
		if (all->buf[buf->cpu])
			continue;
		relay_buf_get(buf);
		all->buf[buf->cpu] = buf;
	}
	relay_chan_unlock(all->chan);
	return false;
}

static void relay_all_fill(struct relay_all *all, const struct rchan_buf *buf,
			   const struct relay_span *span, u64 sequence)
{
	struct relay_all_header *header = all->copy;

	all->missed[buf->cpu] += span->missed;
	*header = (struct relay_all_header) {
		.magic		= RELAY_ALL_MAGIC,
		.header_size	= sizeof(*header),
		.cpu		= buf->cpu,
		.used		= span->used,
		.sequence	= sequence,
		.begin_time	= span->begin_time,
		.end_time	= span->end_time,
		.lost		= span->lost,
		.missed		= all->missed[buf->cpu],
		.records	= span->records,
	};
	all->copy_pos = 0;
	all->copy_end = sizeof(*header) + span->used;
}

static bool relay_all_take_from(struct relay_all *all, struct rchan_buf *buf)
{
	struct relay_span span;
	u64 sequence;
	bool taken;

	mutex_lock(&buf->reader.lock);
	taken = relay_reader_take(buf, all->copy + RELAY_ALL_HEADER, &span,
				  &sequence);
	mutex_unlock(&buf->reader.lock);
	if (taken)
		relay_all_fill(all, buf, &span, sequence);
	return taken;
}

/* One sub-buffer, of each CPU in turn. */
static bool relay_all_take(struct relay_all *all)
{
	unsigned int i, cpu;

	for (i = 1; i <= nr_cpu_ids; i++) {
		cpu = (all->last + i) % nr_cpu_ids;
		if (all->buf[cpu] && relay_all_take_from(all, all->buf[cpu])) {
			all->last = cpu;
			return true;
		}
	}
	return false;
}

/* Return: bytes; -EAGAIN for none now, -ENODATA for none any more. */
static ssize_t relay_all_read_some(struct relay_all *all, struct iov_iter *to)
{
	bool closed = relay_all_gather(all);
	size_t copied;

	if (all->copy_pos == all->copy_end && !relay_all_take(all))
		return closed ? -ENODATA : -EAGAIN;
	copied = copy_to_iter(all->copy + all->copy_pos,
			      all->copy_end - all->copy_pos, to);
	all->copy_pos += copied;
	return copied ? copied : -EFAULT;
}

static bool relay_all_ready(struct relay_all *all)
{
	bool ready, closed;
	unsigned int cpu;

	mutex_lock(&all->lock);
	closed = relay_all_gather(all);
	ready = closed || all->copy_pos != all->copy_end;
	for (cpu = 0; cpu < nr_cpu_ids && !ready; cpu++)
		ready = all->buf[cpu] &&
			relay_buf_ready(all->buf[cpu],
					relay_reader_cursor(all->buf[cpu]), 1);
	mutex_unlock(&all->lock);
	return ready;
}

/* Not wait_event(): the question takes a mutex. */
static int relay_all_wait(struct relay_all *all)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	add_wait_queue(&all->chan->read_wait, &wait);
	while (!relay_all_ready(all)) {
		if (signal_pending(current)) {
			err = -ERESTARTSYS;
			break;
		}
		wait_woken(&wait, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	}
	remove_wait_queue(&all->chan->read_wait, &wait);
	return err;
}

static ssize_t relay_all_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *filp = iocb->ki_filp;
	bool nonblock = (filp->f_flags & O_NONBLOCK) || (iocb->ki_flags & IOCB_NOWAIT);
	struct relay_all *all = filp->private_data;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	for (;;) {
		mutex_lock(&all->lock);
		ret = relay_all_read_some(all, to);
		mutex_unlock(&all->lock);
		if (ret == -ENODATA)
			return 0;
		if (ret != -EAGAIN || nonblock)
			return ret;
		ret = relay_all_wait(all);
		if (ret)
			return ret;
	}
}

static __poll_t relay_all_poll(struct file *filp, poll_table *wait)
{
	struct relay_all *all = filp->private_data;
	bool closed, held;

	poll_wait(filp, &all->chan->read_wait, wait);
	if (!relay_all_ready(all))
		return 0;
	mutex_lock(&all->lock);
	closed = relay_all_gather(all);
	held = all->copy_pos != all->copy_end || !closed || relay_all_take(all);
	mutex_unlock(&all->lock);
	return held ? EPOLLIN | EPOLLRDNORM : EPOLLHUP;
}

static long relay_all_info(struct relay_all *all, unsigned int cmd, void __user *to)
{
	const struct rchan *chan = all->chan;
	struct relay_info info = {
		.abi_version	= RELAY_ABI_VERSION,
		.flags		= relay_chan_abi_flags(chan),
		.cpu		= U32_MAX,
		.n_subbufs	= chan->n_subbufs,
		.subbuf_size	= chan->subbuf_size,
		.header_size	= chan->header_size,
	};

	return relay_ioctl_copy(to, cmd, &info, sizeof(info));
}

static long relay_all_counters(struct relay_all *all, unsigned int cmd, void __user *to)
{
	struct relay_counters counters = {};
	unsigned int cpu;

	mutex_lock(&all->lock);
	relay_all_gather(all);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (all->buf[cpu])
			relay_count(all->buf[cpu], &counters);
	mutex_unlock(&all->lock);
	return relay_ioctl_copy(to, cmd, &counters, sizeof(counters));
}

static long relay_all_flush(struct relay_all *all)
{
	unsigned int cpu;

	mutex_lock(&all->lock);
	relay_all_gather(all);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (all->buf[cpu])
			relay_buf_deliver(all->buf[cpu]);
	mutex_unlock(&all->lock);
	return 0;
}

static long relay_all_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct relay_all *all = filp->private_data;
	void __user *to = (void __user *)arg;

	if (cmd == RELAY_FLUSH)
		return relay_all_flush(all);
	if (relay_ioctl_size(cmd, RELAY_GET_INFO))
		return relay_all_info(all, cmd, to);
	if (relay_ioctl_size(cmd, RELAY_GET_COUNTERS))
		return relay_all_counters(all, cmd, to);
	return -ENOTTY;
}

const struct file_operations relay_all_file_operations = {
	.open		= relay_all_open,
	.poll		= relay_all_poll,
	.read_iter	= relay_all_read,
	.splice_read	= copy_splice_read,
	.unlocked_ioctl	= relay_all_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_all_release,
};
