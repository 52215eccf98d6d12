/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Directories and files on relayfs.
 *
 * A relay channel that is opened without file callbacks gets its files there by
 * itself; this is for clients that want directories around them, or control files
 * beside them.
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
				   umode_t mode,
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
relayfs_create_file(const char *name, struct dentry *parent, umode_t mode,
		    const struct file_operations *fops, void *data,
		    void (*put)(void *data))
{
	return ERR_PTR(-ENODEV);
}

static inline void relayfs_remove(struct dentry *dentry)
{
}

#endif /* CONFIG_RELAYFS_FS */

/* The names of 2005. */
#define relayfs_remove_dir	relayfs_remove
#define relayfs_remove_file	relayfs_remove

#endif /* _LINUX_RELAYFS_FS_H */
