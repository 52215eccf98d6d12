// SPDX-License-Identifier: GPL-2.0
/*
 * A channel's directory on relayfs: cpu0 to cpuN, map0 to mapN, all, stats.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/relayfs_fs.h>
#include <linux/stat.h>
#include "internal.h"

/**
 * relay_dentry_get - keep a file or directory that a client may remove first
 * @dentry: the file or directory, just created
 *
 * A client may remove the directory that it lies in before relay_close(), and the
 * file system may be unmounted after that.
 *
 * Return: @dentry, for relay_dentry_put(); it keeps its inode.
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
	relay_buf_put(data);
}

static void relay_dir_put_chan(void *data)
{
	relay_chan_put(data);
}

static struct dentry *relay_dir_create_cpu_file(struct relay_buf *buf, const char *prefix,
						const struct file_operations *fops)
{
	struct dentry *file;
	char name[24];

	scnprintf(name, sizeof(name), "%s%u", prefix, buf->cpu);
	relay_buf_get(buf);
	file = relayfs_create_file(name, relay_buf_chan(buf)->dir, 0444, fops, buf,
				   relay_dir_put_buf);
	if (IS_ERR(file))
		relay_buf_put(buf);
	return file;
}

static struct dentry *relay_dir_create_buf_file(const char *filename,
						struct dentry *parent,
						umode_t mode,
						struct rchan_buf *client,
						int *is_global)
{
	struct relay_buf *buf = relay_buf_of(client);
	struct dentry *map = relay_dir_create_cpu_file(buf, "map",
						       &relay_map_file_operations);
	struct dentry *file;

	if (IS_ERR(map))
		return map;
	/* What a program can map: some check the range against the size. */
	i_size_write(d_inode(map), relay_chan_map_size(relay_buf_chan(buf)));
	file = relay_dir_create_cpu_file(buf, "cpu", &relay_cpu_file_operations);
	if (IS_ERR(file))
		relayfs_remove(map);
	else
		buf->map = relay_dentry_get(map);
	return file;
}

static int relay_dir_remove_buf_file(struct dentry *dentry)
{
	struct relay_buf *buf = d_inode(dentry)->i_private;

	relayfs_remove(buf->map);
	relay_dentry_put(buf->map);
	relayfs_remove(dentry);
	return 0;
}

/* Those of a channel that is opened with a name and without callbacks. */
const struct rchan_callbacks relay_dir_callbacks = {
	.create_buf_file	= relay_dir_create_buf_file,
	.remove_buf_file	= relay_dir_remove_buf_file,
};

/**
 * relay_dir_create_file - create a file beside those of a channel's buffers
 * @chan: the channel
 * @name: the file's name
 * @fops: what it does; the inode's i_private is the channel
 *
 * Context: May sleep.
 * Return: 0, or the error of relayfs_create_file().
 */
int relay_dir_create_file(struct relay_chan *chan, const char *name,
			  const struct file_operations *fops)
{
	struct dentry *file;

	relay_chan_get(chan);
	file = relayfs_create_file(name, chan->dir, 0444, fops, chan,
				   relay_dir_put_chan);
	if (!IS_ERR(file))
		return 0;
	relay_chan_put(chan);
	return PTR_ERR(file);
}

/**
 * relay_dir_create_private - create the file of a channel's private area
 * @chan: the channel, with a directory
 *
 * Context: May sleep.
 * Return: 0, also where it has none; or the error of relayfs_create_file().
 */
int relay_dir_create_private(struct relay_chan *chan)
{
	if (!chan->private_area)
		return 0;
	return relay_dir_create_file(chan, "private", &relay_private_file_operations);
}

/**
 * relay_dir_create - create a channel's directory, without its buffers' files
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
	err = relay_dir_create_file(chan, "all", &relay_all_file_operations);
	if (err)
		return err;
	return relay_dir_create_file(chan, "stats", &relay_stats_file_operations);
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
