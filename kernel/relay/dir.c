// SPDX-License-Identifier: GPL-2.0
/*
 * A channel's directory on relayfs, with the files cpu0 to cpuN, map0 to mapN and all;
 * and the operations of its files stats and private.
 */
#include <linux/mm.h>
#include <linux/relayfs_fs.h>
#include <linux/seq_file.h>
#include "internal.h"

/*
 * stats: the counters of a channel as text, a line for each buffer
 */

/* The columns after the CPU are the members of struct relay_counters, all of them u64. */
static void relay_stats_show_buf(struct seq_file *m, struct relay_buf *buf)
{
	struct relay_counters counters = {};
	const u64 *count = (const u64 *)&counters;
	unsigned int i;

	relay_count(buf, &counters);
	seq_printf(m, "%u", buf->cpu);
	for (i = 0; i < sizeof(counters) / sizeof(*count); i++)
		seq_printf(m, " %llu", count[i]);
	seq_putc(m, '\n');
}

static int relay_stats_show(struct seq_file *m, void *v)
{
	struct relay_chan *chan = m->private;
	struct relay_buf *buf;

	if (relay_chan_closed(chan))
		return -ENODEV;
	seq_puts(m, "cpu committed overwritten erased discarded lost_full lost_nested lost_too_big lost_disabled bytes produced ready unnoted lent\n");
	relay_for_each_buf(buf, chan)
		relay_stats_show_buf(m, buf);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(relay_stats);

/*
 * private: the private area of a channel
 */

static ssize_t relay_private_read(struct file *filp, char __user *to, size_t len,
				  loff_t *ppos)
{
	struct relay_chan *chan = filp->private_data;

	return simple_read_from_buffer(to, len, ppos, chan->private_area,
				       chan->private_size);
}

static const struct file_operations relay_private_fops = {
	.open	= relay_simple_open,
	.read	= relay_private_read,
	.llseek	= default_llseek,
};

/*
 * The directory
 */

/**
 * relay_dentry_get - keep a file or directory, even if its client removes it first
 * @dentry: the file or directory, just created
 *
 * A client may remove the parent of @dentry before relay_close(), and the file system
 * may be unmounted after that.
 *
 * Return: @dentry, for relay_dentry_put().
 */
struct dentry *relay_dentry_get(struct dentry *dentry)
{
	atomic_inc(&dentry->d_sb->s_active);
	return dget(dentry);
}

/**
 * relay_dentry_put - drop a file or directory
 * @dentry: what relay_dentry_get() returned
 *
 * Context: May sleep.
 */
void relay_dentry_put(struct dentry *dentry)
{
	struct super_block *sb = dentry->d_sb;

	dput(dentry);
	deactivate_super(sb);
}

static void relay_dir_put_buf(void *data)
{
	struct relay_buf *buf = data;

	relay_chan_put(relay_buf_chan(buf));
}

static void relay_dir_put_chan(void *data)
{
	relay_chan_put(data);
}

/*
 * @data is the channel, or a buffer of it; @put drops the channel.
 *
 * Return: 0, also if an earlier attempt has created the file, or if the client has removed
 * the directory; or the error.
 */
static int relay_dir_create_file(struct relay_chan *chan, const char *name, loff_t size,
				 const struct file_operations *fops, void *data,
				 void (*put)(void *data))
{
	struct dentry *file;

	kref_get(&chan->kref);
	file = relayfs_create_file(name, chan->dir, 0444, size, fops, data, put);
	if (!IS_ERR(file))
		return 0;
	relay_chan_put(chan);
	return file == ERR_PTR(-EEXIST) || IS_DEADDIR(d_inode(chan->dir)) ? 0 : PTR_ERR(file);
}

static int relay_dir_create_cpu_file(struct relay_buf *buf, const char *prefix, loff_t size,
				     const struct file_operations *fops)
{
	char name[24];

	scnprintf(name, sizeof(name), "%s%u", prefix, buf->cpu);
	return relay_dir_create_file(relay_buf_chan(buf), name, size, fops, buf,
				     relay_dir_put_buf);
}

/**
 * relay_dir_create_buf_files - create the files of a buffer
 * @buf: the buffer, of a channel with a directory
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM. Then one of the files may be there.
 */
int relay_dir_create_buf_files(struct relay_buf *buf)
{
	/* The bytes that can be mapped, because some programs check a range against it. */
	loff_t size = relay_chan_map_size(relay_buf_chan(buf));
	int err = relay_dir_create_cpu_file(buf, "map", size, &relay_map_file_operations);

	return err ?: relay_dir_create_cpu_file(buf, "cpu", 0, &relay_cpu_file_operations);
}

static int relay_dir_create_chan_file(struct relay_chan *chan, const char *name,
				      const struct file_operations *fops)
{
	return relay_dir_create_file(chan, name, 0, fops, chan, relay_dir_put_chan);
}

/**
 * relay_dir_create_private - create the file of a channel's private area
 * @chan: the channel, with a directory and a private area
 *
 * Context: May sleep.
 * Return: 0, or the error of relayfs_create_file().
 */
int relay_dir_create_private(struct relay_chan *chan)
{
	return relay_dir_create_chan_file(chan, "private", &relay_private_fops);
}

/**
 * relay_dir_create - create a channel's directory, with the files all and stats
 * @chan: the channel
 *
 * Context: May sleep.
 * Return: 0, or the error of relayfs_create_dir(); relay_dir_remove() cleans up
 * in either case.
 */
int relay_dir_create(struct relay_chan *chan)
{
	struct dentry *dir = relayfs_create_dir(chan->base_filename, chan->parent);
	int err;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	chan->dir = relay_dentry_get(dir);
	chan->meta_size = PAGE_ALIGN(sizeof(struct relay_meta) +
				     chan->n_subbufs * sizeof(struct relay_subbuf_desc));
	err = relay_dir_create_chan_file(chan, "all", &relay_all_file_operations);
	return err ? err : relay_dir_create_chan_file(chan, "stats", &relay_stats_fops);
}

/**
 * relay_dir_remove - remove a channel's directory
 * @chan: the channel
 *
 * Context: May sleep.
 */
void relay_dir_remove(struct relay_chan *chan)
{
	if (!chan->dir)
		return;
	relayfs_remove(chan->dir);
	relay_dentry_put(chan->dir);
	chan->dir = NULL;
}
