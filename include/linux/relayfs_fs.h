/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Directories and files on relayfs.
 *
 * relay creates the files of a channel that is opened without file callbacks. These
 * functions are for clients that also want parent directories or control files.
 */
#ifndef _LINUX_RELAYFS_FS_H
#define _LINUX_RELAYFS_FS_H

#include <linux/err.h>
#include <linux/types.h>

struct dentry;
struct file_operations;

#ifdef CONFIG_RELAYFS_FS

struct dentry *relayfs_create_dir(const char *name, struct dentry *parent);
struct dentry *relayfs_create_file(const char *name, struct dentry *parent,
				   umode_t mode, loff_t size,
				   const struct file_operations *fops,
				   void *data, void (*put)(void *data));
void relayfs_remove(struct dentry *dentry);

#else

static inline struct dentry *relayfs_create_dir(const char *name,
						struct dentry *parent)
{
	return ERR_PTR(-ENODEV);
}

static inline struct dentry *
relayfs_create_file(const char *name, struct dentry *parent, umode_t mode, loff_t size,
		    const struct file_operations *fops, void *data,
		    void (*put)(void *data))
{
	return ERR_PTR(-ENODEV);
}

static inline void relayfs_remove(struct dentry *dentry)
{
}

#endif /* CONFIG_RELAYFS_FS */

#endif /* _LINUX_RELAYFS_FS_H */
