// SPDX-License-Identifier: GPL-2.0
/*
 * The file "private": the memory that the owner of a channel has beside its data.
 */
#include <linux/fs.h>
#include <linux/security.h>
#include "internal.h"

static int relay_private_open(struct inode *inode, struct file *filp)
{
	int err = security_locked_down(LOCKDOWN_TRACEFS);

	return err ? err : simple_open(inode, filp);
}

static ssize_t relay_private_read(struct file *filp, char __user *to, size_t len,
				  loff_t *ppos)
{
	struct relay_chan *chan = filp->private_data;

	return simple_read_from_buffer(to, len, ppos, chan->private_area,
				       chan->private_size);
}

const struct file_operations relay_private_file_operations = {
	.open	= relay_private_open,
	.read	= relay_private_read,
	.llseek	= default_llseek,
};
