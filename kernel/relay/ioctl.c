// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of the files on relayfs: which there are, and with which structures.
 *
 * To add one: a command in <uapi/linux/relay.h>, a row here, and a function for it in
 * the table of each file that knows it.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <uapi/linux/relay.h>
#include "internal.h"

/*
 * By number. The size in @first is that of the structure when the command came to be,
 * and stays; a command whose structure @grows may come with any that is not shorter.
 */
static const struct {
	unsigned int	first;
	bool		grows;
} relay_ioctls[RELAY_IOCTLS] = {
	[_IOC_NR(RELAY_GET_INFO)]	= { RELAY_GET_INFO, true },
	[_IOC_NR(RELAY_GET_SUBBUF)]	= { RELAY_GET_SUBBUF, true },
	[_IOC_NR(RELAY_PUT_SUBBUF)]	= { RELAY_PUT_SUBBUF, true },
	[_IOC_NR(RELAY_FLUSH)]		= { RELAY_FLUSH },
	[_IOC_NR(RELAY_SNAPSHOT)]	= { RELAY_SNAPSHOT },
	/* As it was first: without what follows @ready. */
	[_IOC_NR(RELAY_GET_COUNTERS)]	= { _IOC(_IOC_READ, RELAY_IOC_MAGIC, 5,
						 offsetof(struct relay_counters, unnoted)),
					    true },
	[_IOC_NR(RELAY_SET_WATERMARK)]	= { RELAY_SET_WATERMARK },
	[_IOC_NR(RELAY_GET_TRIGGERS)]	= { RELAY_GET_TRIGGERS },
};

/**
 * relay_ioctl - call what a file has for an ioctl
 * @filp: the file
 * @cmd: the ioctl, with the size of the structure that the caller knows; untrusted
 * @arg: of the ioctl
 * @calls: what the file has, by number
 *
 * Context: May sleep.
 * Return: what was called returns; -ENOTTY where there is nothing, or the structure
 * is shorter than it ever was.
 */
long relay_ioctl(struct file *filp, unsigned int cmd, unsigned long arg,
		 const relay_ioctl_call calls[RELAY_IOCTLS])
{
	unsigned int nr = _IOC_NR(cmd), first;

	if (nr >= RELAY_IOCTLS)
		return -ENOTTY;
	nr = array_index_nospec(nr, RELAY_IOCTLS);
	first = relay_ioctls[nr].first;
	if (!calls[nr] || ((cmd ^ first) & ~IOCSIZE_MASK) ||
	    _IOC_SIZE(cmd) < _IOC_SIZE(first) || (cmd != first && !relay_ioctls[nr].grows))
		return -ENOTTY;
	return calls[nr](filp, cmd, (void __user *)arg);
}
