// SPDX-License-Identifier: GPL-2.0
/*
 * The file "all": the buffers of all CPUs through one descriptor.
 *
 * A stream of whole sub-buffers, as they are delivered, each after a header that
 * says which CPU wrote it. Reading consumes them.
 */
#include <linux/cleanup.h>
#include <linux/lockdep.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/linux/relay.h>
#include "internal.h"

#define RELAY_ALL_HEADER	sizeof(struct relay_all_header)

/**
 * struct relay_all_buf - a buffer, to an open file
 * @buf:	kept, it can be read when the channel is closed; NULL for that of a
 *		CPU that was never up, until it comes: relay_all_of()
 * @cursor:	of an earlier boot: start position of the sub-buffer to read next
 * @next:	number of the sub-buffer that follows the one that was read last
 * @missed:	sub-buffers that were gone before they were read
 * @lost:	records that the buffer had lost when the file was opened
 */
struct relay_all_buf {
	struct relay_buf	*buf;
	unsigned long		cursor;
	u64			next;
	u64			missed;
	unsigned long		lost;
};

/* Protects &relay_chan.alls of all channels. Taken inside of relay_chan_lock(). */
static DEFINE_MUTEX(relay_all_mutex);

/**
 * struct relay_all - an open file
 * @chan:	the channel
 * @list:	in the channel's @alls
 * @lock:	serializes tasks that share the descriptor
 * @last:	CPU whose sub-buffer was read last
 * @triggers:	triggers that there were when the file was opened, or the reader asked last
 * @copy:	a header and a sub-buffer
 * @copy_pos:	next byte of @copy to hand out
 * @copy_end:	end of what @copy holds
 * @n_cpus:	how many of the following
 * @of:		the buffer of each CPU
 */
struct relay_all {
	struct relay_chan	*chan;
	struct list_head	list;
	struct mutex		lock;	/* all that follows */
	unsigned int		last;
	u32			triggers;
	void			*copy;
	size_t			copy_pos;
	size_t			copy_end;
	unsigned int		n_cpus;
	struct relay_all_buf	of[];
};

static void relay_all_free(struct relay_all *all)
{
	kvfree(all->copy);
	kvfree(all);
}

/* A buffer may be found in the channel and be told of by relay_all_add_buf(), too. */
static void relay_all_add(struct relay_all *all, struct relay_buf *buf)
{
	struct relay_all_buf *of = &all->of[buf->cpu];

	lockdep_assert_held(&relay_all_mutex);
	if (of->buf)
		return;
	relay_buf_get(buf);
	of->cursor = relay_reader_cursor(buf);
	of->next = relay_meta_number(buf, of->cursor);
	of->lost = relay_ring_lost(&buf->ring);
	/* A reader may use the file meanwhile. Pairs with the acquire in relay_all_of(). */
	smp_store_release(&of->buf, buf);
}

/**
 * relay_all_add_buf - a channel has got another buffer
 * @buf: the buffer
 *
 * An open file gets the buffer here, and not when it is read the next time, because
 * the channel may be closed then, and not know its buffers any more.
 *
 * Context: May sleep. The channel does not close meanwhile.
 */
void relay_all_add_buf(struct relay_buf *buf)
{
	struct relay_all *all;

	guard(mutex)(&relay_all_mutex);
	list_for_each_entry(all, &relay_buf_chan(buf)->alls, list)
		relay_all_add(all, buf);
}

/* Return: 0, or as relay_chan_watch(). */
static int relay_all_begin(struct relay_all *all)
{
	struct relay_chan *chan = all->chan;
	struct relay_buf *buf;
	int err = relay_chan_watch(chan);

	if (err)
		return err;
	if (!relay_chan_lock(chan)) {
		relay_chan_unwatch(chan);
		return -ENODEV;
	}
	scoped_guard(mutex, &relay_all_mutex) {
		relay_for_each_buf(buf, chan)
			relay_all_add(all, buf);
		list_add(&all->list, &chan->alls);
	}
	relay_chan_unlock(chan);
	return 0;
}

/* Return: the buffer of @cpu, or NULL. */
static struct relay_buf *relay_all_of(struct relay_all *all, unsigned int cpu)
{
	/* Pairs with the release in relay_all_add(). */
	return smp_load_acquire(&all->of[cpu].buf);
}

/* Asked before a look at the rings: nothing is added afterwards. */
static bool relay_all_closed(const struct relay_all *all)
{
	return relay_chan_closed(all->chan);
}

static int relay_all_open(struct inode *inode, struct file *filp)
{
	struct relay_chan *chan = inode->i_private;
	struct relay_all *all;
	int err = security_locked_down(LOCKDOWN_TRACEFS);

	if (err)
		return err;
	all = kvzalloc_flex(*all, of, chan->n_cpus, GFP_KERNEL_ACCOUNT);
	if (!all)
		return -ENOMEM;
	all->chan = chan;
	all->n_cpus = chan->n_cpus;
	mutex_init(&all->lock);
	all->last = all->n_cpus - 1;
	all->triggers = atomic_read(&chan->triggers);
	err = relay_all_begin(all);
	if (err) {
		relay_all_free(all);
		return err;
	}
	relay_chan_get(chan);
	filp->private_data = all;
	return relay_stream_open(inode, filp);
}

static int relay_all_release(struct inode *inode, struct file *filp)
{
	struct relay_all *all = filp->private_data;
	unsigned int cpu;

	scoped_guard(mutex, &relay_all_mutex)
		list_del(&all->list);
	for (cpu = 0; cpu < all->n_cpus; cpu++)
		if (relay_all_of(all, cpu))
			relay_buf_put(all->of[cpu].buf);
	relay_chan_unwatch(all->chan);
	relay_chan_put(all->chan);
	relay_all_free(all);
	return 0;
}

static void relay_all_fill(struct relay_all *all, struct relay_all_buf *of,
			   const struct relay_span *span)
{
	struct relay_all_header *header = all->copy;

	/* By the numbers: each reader of the buffer moves the cursor. */
	of->missed += span->info.sequence - of->next;
	of->next = span->info.sequence + 1;
	*header = (struct relay_all_header) {
		.magic		= RELAY_ALL_MAGIC,
		.header_size	= sizeof(*header),
		.cpu		= of->buf->cpu,
		.missed		= of->missed,
		.info		= span->info,
	};
	header->info.lost = relay_lost_since(span->info.lost, of->lost);
	WRITE_ONCE(all->copy_pos, 0);
	WRITE_ONCE(all->copy_end, sizeof(*header) + span->info.used);
}

static bool relay_all_take_from(struct relay_all *all, struct relay_all_buf *of)
{
	struct relay_buf *buf = of->buf;
	struct relay_span span;
	bool taken;

	ACQUIRE(mutex_kill, lock)(&buf->reader.lock);
	if (ACQUIRE_ERR(mutex_kill, &lock))
		return false;
	taken = relay_reader_take(buf, all->copy + RELAY_ALL_HEADER, &span);
	if (taken)
		relay_all_fill(all, of, &span);
	return taken;
}

/* One sub-buffer, of each CPU in turn. */
static bool relay_all_take(struct relay_all *all)
{
	unsigned int i, cpu;

	for (i = 1; i <= all->n_cpus; i++) {
		cpu = (all->last + i) % all->n_cpus;
		if (relay_all_of(all, cpu) && relay_all_take_from(all, &all->of[cpu])) {
			all->last = cpu;
			return true;
		}
	}
	return false;
}

/* Return: 0 for something; -EAGAIN for nothing now, -ENODATA for nothing any more. */
static int relay_all_fetch(struct relay_all *all)
{
	bool closed = relay_all_closed(all);
	int err;

	if (all->copy_pos != all->copy_end)
		return 0;
	err = relay_copy_alloc(&all->copy, RELAY_ALL_HEADER + all->chan->subbuf_size);
	if (err || relay_all_take(all))
		return err;
	return closed ? -ENODATA : -EAGAIN;
}

/* Return: bytes, or the error of relay_all_fetch(). */
static ssize_t relay_all_read_some(struct file *filp, struct iov_iter *to)
{
	struct relay_all *all = filp->private_data;
	size_t copied;
	int err;

	ACQUIRE(mutex_kill, lock)(&all->lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (!err)
		err = relay_all_fetch(all);
	if (err)
		return err;
	copied = copy_to_iter(all->copy + all->copy_pos,
			      all->copy_end - all->copy_pos, to);
	WRITE_ONCE(all->copy_pos, all->copy_pos + copied);
	return copied ? copied : -EFAULT;
}

/* Without the lock: its holder may be waiting for memory of user space. */
static bool relay_all_ready(struct relay_all *all)
{
	bool ready = relay_all_closed(all) ||
		     READ_ONCE(all->copy_pos) != READ_ONCE(all->copy_end);
	struct relay_buf *buf;
	unsigned int cpu;

	for (cpu = 0; cpu < all->n_cpus && !ready; cpu++) {
		buf = relay_all_of(all, cpu);
		ready = buf && relay_buf_ready(buf, relay_reader_cursor(buf), 1);
	}
	return ready;
}

static int relay_all_wait(struct file *filp)
{
	struct relay_all *all = filp->private_data;

	return wait_event_interruptible(all->chan->read_wait, relay_all_ready(all));
}

static ssize_t relay_all_read(struct kiocb *iocb, struct iov_iter *to)
{
	return relay_read(iocb, to, relay_all_read_some, relay_all_wait);
}

static ssize_t relay_all_splice_some(struct file *filp, struct pipe_inode_info *pipe,
				     size_t len)
{
	return relay_splice_copy(filp, pipe, len, relay_all_read_some);
}

static ssize_t relay_all_splice(struct file *filp, loff_t *ppos,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	return relay_splice(filp, pipe, len, flags, relay_all_splice_some,
			    relay_all_wait);
}

static __poll_t relay_all_poll(struct file *filp, poll_table *wait)
{
	struct relay_all *all = filp->private_data;
	bool ready, closed;

	relay_poll_wait(filp, all->chan, &all->chan->read_wait, wait);
	closed = relay_all_closed(all);
	ready = relay_all_ready(all);
	/* At the end, is there a sub-buffer that was not read before it was delivered? */
	if (closed && mutex_trylock(&all->lock)) {
		ready = relay_all_fetch(all) != -ENODATA;
		mutex_unlock(&all->lock);
	}
	return relay_poll_says(ready, closed) | relay_poll_triggered(all->chan, &all->triggers);
}

static long relay_all_info(struct file *filp, unsigned int cmd, void __user *to)
{
	const struct relay_all *all = filp->private_data;
	const struct relay_chan *chan = all->chan;
	struct relay_info info = {
		.abi_version	= RELAY_ABI_VERSION,
		.flags		= relay_chan_abi_flags(chan),
		.cpu		= U32_MAX,
		.n_subbufs	= chan->n_subbufs,
		.subbuf_size	= chan->subbuf_size,
		.header_size	= chan->header_size,
	};

	return copy_struct_to_user(to, _IOC_SIZE(cmd), &info, sizeof(info), NULL);
}

static long relay_all_counters(struct file *filp, unsigned int cmd, void __user *to)
{
	struct relay_all *all = filp->private_data;
	struct relay_counters counters = {};
	unsigned int cpu;

	for (cpu = 0; cpu < all->n_cpus; cpu++)
		if (relay_all_of(all, cpu))
			relay_count(all->of[cpu].buf, &counters);
	return copy_struct_to_user(to, _IOC_SIZE(cmd), &counters, sizeof(counters), NULL);
}

static long relay_all_flush(struct file *filp, unsigned int cmd, void __user *to)
{
	struct relay_all *all = filp->private_data;
	unsigned int cpu;
	int err = 0;

	for (cpu = 0; cpu < all->n_cpus && !err; cpu++)
		if (relay_all_of(all, cpu))
			err = relay_buf_deliver(all->of[cpu].buf);
	return err;
}

static long relay_all_triggers(struct file *filp, unsigned int cmd, void __user *to)
{
	struct relay_all *all = filp->private_data;
	int err;

	ACQUIRE(mutex_kill, lock)(&all->lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	return err ? err : relay_tell_triggers(all->chan, &all->triggers, to);
}

static const relay_ioctl_call relay_all_calls[RELAY_IOCTLS] = {
	[_IOC_NR(RELAY_GET_INFO)]	= relay_all_info,
	[_IOC_NR(RELAY_FLUSH)]		= relay_all_flush,
	[_IOC_NR(RELAY_GET_COUNTERS)]	= relay_all_counters,
	[_IOC_NR(RELAY_GET_TRIGGERS)]	= relay_all_triggers,
};

static long relay_all_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return relay_ioctl(filp, cmd, arg, relay_all_calls);
}

const struct file_operations relay_all_file_operations = {
	.open		= relay_all_open,
	.poll		= relay_all_poll,
	.read_iter	= relay_all_read,
	.splice_read	= relay_all_splice,
	.unlocked_ioctl	= relay_all_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_all_release,
};
