// SPDX-License-Identifier: GPL-2.0
/*
 * The file "stats": where every record of a channel has gone, as text.
 */
#include <linux/seq_file.h>
#include <uapi/linux/relay.h>
#include "internal.h"

static void relay_stats_show_buf(struct seq_file *m, struct relay_buf *buf)
{
	struct relay_counters counters = {};
	unsigned int i;

	relay_count(buf, &counters);
	seq_printf(m, "%u %llu %llu %llu %llu", buf->cpu, counters.committed,
		   counters.overwritten, counters.erased, counters.discarded);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		seq_printf(m, " %llu", counters.lost[i]);
	seq_printf(m, " %llu %llu %llu %llu %llu\n", counters.bytes, counters.produced,
		   counters.ready, counters.unnoted, counters.lent);
}

static int relay_stats_show(struct seq_file *m, void *v)
{
	struct relay_chan *chan = m->private;
	struct relay_buf *buf;

	if (!relay_chan_lock(chan))
		return -ENODEV;
	seq_puts(m, "cpu committed overwritten erased discarded lost_full lost_nested lost_too_big lost_disabled bytes produced ready unnoted lent\n");
	relay_for_each_buf(buf, chan)
		relay_stats_show_buf(m, buf);
	relay_chan_unlock(chan);
	return 0;
}

static int relay_stats_open(struct inode *inode, struct file *filp)
{
	return single_open(filp, relay_stats_show, inode->i_private);
}

const struct file_operations relay_stats_file_operations = {
	.open		= relay_stats_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};
