// SPDX-License-Identifier: GPL-2.0
/*
 * The common part of the open files of a channel, those of one buffer and "all": open and
 * release, read, poll, and the table of ioctls.
 */
#include <linux/nospec.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "internal.h"

/*
 * Open
 */

static bool relay_file_has(const struct relay_file *file, const struct relay_buf *buf)
{
	return !file->buf || file->buf == buf;
}

/**
 * relay_file_create - open a file of a channel
 * @filp: the file; its private_data is set, for relay_fops_release()
 * @chan: the channel
 * @buf: the buffer that it is a file of; NULL for all of the channel
 * @kind: which kind of file it is
 *
 * Context: May sleep.
 * Return: 0; -EPERM under lockdown, -ENOMEM, or as relay_chan_watch().
 */
int relay_file_create(struct file *filp, struct relay_chan *chan, struct relay_buf *buf,
		      const struct relay_file_kind *kind)
{
	struct relay_file_buf *of;
	struct relay_file *file;
	int err = security_locked_down(LOCKDOWN_TRACEFS);

	if (err)
		return err;
	file = kvzalloc_flex(*file, of, buf ? 1 : nr_cpu_ids, GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	err = relay_chan_watch(chan);
	if (err) {
		kvfree(file);
		return err;
	}
	kref_get(&chan->kref);
	mutex_init(&file->lock);
	file->kind = kind;
	file->filp = filp;
	file->chan = chan;
	file->buf = buf;
	file->read_wait = buf ? &buf->read_wait : &chan->read_wait;
	file->triggers = atomic_read(&chan->triggers);
	relay_for_each_buf(buf, chan) {
		if (!relay_file_has(file, buf))
			continue;
		of = &file->of[file->buf ? 0 : buf->cpu];
		of->next = relay_meta_number(buf, relay_reader_cursor(buf));
		of->lost = relay_ring_lost(&buf->ring);
	}
	filp->private_data = file;
	return 0;
}

/**
 * relay_fops_release - release() of a file
 * @inode: the file's inode
 * @filp: the file
 *
 * Return: 0.
 */
int relay_fops_release(struct inode *inode, struct file *filp)
{
	struct relay_file *file = filp->private_data;

	relay_chan_unwatch(file->chan);
	relay_chan_put(file->chan);
	kvfree(file->copy.data);
	kvfree(file);
	return 0;
}

/*
 * Read and wait
 */

/**
 * relay_file_fetch - fill the copy of a file, if it is empty
 * @file: the file
 *
 * Context: May sleep; the file's lock is held.
 * Return: 1, or as &relay_file_kind.take, or relay_copy_alloc().
 */
int relay_file_fetch(struct relay_file *file)
{
	int err;

	if (relay_copy_holds(&file->copy))
		return 1;
	err = relay_copy_alloc(&file->copy, file->kind->header_size + file->chan->subbuf_size);
	return err ? err : file->kind->take(file);
}

/**
 * relay_file_look - read from a file without waiting
 * @file: the file
 * @to: where to
 *
 * Context: May sleep.
 * Return: bytes, 0 if there are none now, or an error; -ENODATA at the end of a snapshot.
 */
ssize_t relay_file_look(struct relay_file *file, struct iov_iter *to)
{
	int ret;

	if (file->buf && !READ_ONCE(file->snapshot))
		return relay_buf_read(file->buf, to);
	ACQUIRE(mutex_kill, lock)(&file->lock);
	ret = ACQUIRE_ERR(mutex_kill, &lock);
	if (!ret)
		ret = relay_file_fetch(file);
	return ret > 0 ? relay_copy_read(&file->copy, to) : ret;
}

/**
 * relay_file_again - wait after a look that found no data
 * @file: the file
 * @ret: in: result of the look, 0 for no data. Out, if this returns false: the final
 *	result, which instead of 0 is -ENODATA at the end, -EAGAIN, or -ERESTARTSYS
 * @closed: whether the channel was closed before the look
 * @nonblock: do not wait, whatever the file's flags are
 *
 * Context: May sleep.
 * Return: whether the caller should look again.
 */
bool relay_file_again(struct relay_file *file, ssize_t *ret, bool closed, bool nonblock)
{
	if (*ret)
		return false;
	if (closed)
		*ret = -ENODATA;
	else if (nonblock || (file->filp->f_flags & O_NONBLOCK))
		*ret = -EAGAIN;
	else
		*ret = wait_event_interruptible(*file->read_wait,
						relay_chan_closed(file->chan) ||
						file->kind->ready(file));
	return !*ret;
}

/**
 * relay_fops_read - read_iter() of a file
 * @iocb: the file and the flags
 * @to: where to
 *
 * Context: May sleep.
 * Return: bytes; 0 at the end, or if the caller asks for none; or an error.
 */
ssize_t relay_fops_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct relay_file *file = iocb->ki_filp->private_data;
	bool closed;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	do {
		closed = relay_chan_closed(file->chan);
		ret = relay_file_look(file, to);
	} while (relay_file_again(file, &ret, closed, iocb->ki_flags & IOCB_NOWAIT));
	return ret == -ENODATA ? 0 : ret;
}

/**
 * relay_fops_poll - poll() of a file
 * @filp: the file
 * @wait: the task that polls
 *
 * Adds the task to the queue whatever it waits for, because EPOLL_CTL_MOD changes that
 * without another call that could.
 *
 * Return: as relay_poll_says(); and EPOLLPRI if relay_trigger() was called since the file
 * was opened, or since its last RELAY_GET_TRIGGERS.
 */
__poll_t relay_fops_poll(struct file *filp, poll_table *wait)
{
	struct relay_file *file = filp->private_data;
	__poll_t says;
	bool closed;

	poll_wait(filp, file->read_wait, wait);
	closed = relay_chan_closed(file->chan);
	says = relay_poll_says(file->kind->readable(file, closed), closed);
	if ((u32)atomic_read(&file->chan->triggers) != READ_ONCE(file->triggers))
		says |= EPOLLPRI;
	return says;
}

/*
 * ioctl
 */

static long relay_ioctl_info(struct relay_file *file, void __user *arg, size_t size)
{
	const struct relay_chan *chan = file->chan;
	struct relay_info info = {
		.abi_version	= RELAY_ABI_VERSION,
		.flags		= relay_chan_abi_flags(chan),
		.cpu		= U32_MAX,
		.n_subbufs	= chan->n_subbufs,
		.subbuf_size	= chan->subbuf_size,
		.header_size	= chan->header_size,
	};

	if (file->buf) {
		info.cpu = file->buf->cpu;
		info.data_size = chan->alloc_size;
		info.meta_offset = chan->alloc_size;
		info.meta_size = chan->meta_size;
	}
	return copy_struct_to_user(arg, size, &info, sizeof(info), NULL);
}

static long relay_ioctl_flush(struct relay_file *file, void __user *arg, size_t size)
{
	struct relay_buf *buf;
	int err = 0;

	relay_for_each_buf(buf, file->chan)
		if (!err && relay_file_has(file, buf))
			err = relay_buf_deliver(buf);
	return err;
}

static long relay_ioctl_counters(struct relay_file *file, void __user *arg, size_t size)
{
	struct relay_counters counters = {};
	struct relay_buf *buf;

	relay_for_each_buf(buf, file->chan)
		if (relay_file_has(file, buf))
			relay_count(buf, &counters);
	return copy_struct_to_user(arg, size, &counters, sizeof(counters), NULL);
}

static long relay_ioctl_triggers(struct relay_file *file, void __user *arg, size_t size)
{
	u32 triggers;
	int err;

	ACQUIRE(mutex_kill, lock)(&file->lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (err)
		return err;
	triggers = atomic_read(&file->chan->triggers);
	if (put_user(triggers - file->triggers, (u32 __user *)arg))
		return -EFAULT;
	/* poll() reads it without the lock. */
	WRITE_ONCE(file->triggers, triggers);
	return 0;
}

/*
 * The ioctls, by number. @first is the command with the size that the structure had when
 * the command was added; it never changes. If the structure @grows, a caller may pass any
 * size that is not smaller. A command without a @call exists only for the kinds of file
 * that have it in &relay_file_kind.calls.
 *
 * To add one: a command in <uapi/linux/relay.h>, a row here, and a function; and raise
 * RELAY_IOCTLS in internal.h.
 */
static const struct {
	unsigned int		first;
	bool			grows;
	relay_ioctl_call	call;
} relay_ioctls[RELAY_IOCTLS] = {
	[_IOC_NR(RELAY_GET_INFO)]	= { RELAY_GET_INFO, true, relay_ioctl_info },
	[_IOC_NR(RELAY_GET_SUBBUF)]	= { RELAY_GET_SUBBUF, true },
	[_IOC_NR(RELAY_PUT_SUBBUF)]	= { RELAY_PUT_SUBBUF, true },
	[_IOC_NR(RELAY_FLUSH)]		= { RELAY_FLUSH, false, relay_ioctl_flush },
	[_IOC_NR(RELAY_SNAPSHOT)]	= { RELAY_SNAPSHOT },
	/* The first structure ended with @ready. */
	[_IOC_NR(RELAY_GET_COUNTERS)]	= { _IOC(_IOC_READ, RELAY_IOC_MAGIC, 5,
						 offsetof(struct relay_counters, unnoted)),
					    true, relay_ioctl_counters },
	[_IOC_NR(RELAY_SET_WATERMARK)]	= { RELAY_SET_WATERMARK },
	[_IOC_NR(RELAY_GET_TRIGGERS)]	= { RELAY_GET_TRIGGERS, false, relay_ioctl_triggers },
};

/**
 * relay_fops_ioctl - ioctl() of a file
 * @filp: the file
 * @cmd: the ioctl, with the size of the structure that the caller knows; untrusted
 * @arg: argument of the ioctl
 *
 * Context: May sleep.
 * Return: result of the ioctl; -ENOTTY if the file does not have it, or the structure is
 * smaller than its first version.
 */
long relay_fops_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct relay_file *file = filp->private_data;
	unsigned int nr = _IOC_NR(cmd), first;
	relay_ioctl_call call;

	if (nr >= RELAY_IOCTLS)
		return -ENOTTY;
	nr = array_index_nospec(nr, RELAY_IOCTLS);
	first = relay_ioctls[nr].first;
	call = relay_ioctls[nr].call ?: file->kind->calls[nr];
	if (!call || ((cmd ^ first) & ~IOCSIZE_MASK) ||
	    _IOC_SIZE(cmd) < _IOC_SIZE(first) || (cmd != first && !relay_ioctls[nr].grows))
		return -ENOTTY;
	return call(file, (void __user *)arg, _IOC_SIZE(cmd));
}
