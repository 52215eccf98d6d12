// SPDX-License-Identifier: GPL-2.0
/*
 * relayfs: the file system of relay channels.
 *
 * Holds directories and files that kernel code creates, and knows nothing of
 * what is in them. One instance, however often it is mounted.
 *
 * Copyright (C) 2003-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 2003-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <linux/cleanup.h>
#include <linux/dcache.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/fsnotify.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/relayfs_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <uapi/linux/relay.h>

#define RELAYFS_DEFAULT_MODE	0700

/* Against each other: the open of a file, and its removal before its module goes. */
static DEFINE_MUTEX(relayfs_open_mutex);

static struct vfsmount *relayfs_mount;
static int relayfs_mount_count;
static struct kmem_cache *relayfs_inode_cache __ro_after_init;

/**
 * struct relayfs_inode - a file or directory
 * @vfs_inode:	the inode
 * @mode:	permissions that its creator allows; the mount's mode= can take
 *		some away
 * @fops:	a file's operations; NULL once it is removed
 * @put:	drops the reference on i_private that the file holds, or NULL
 */
struct relayfs_inode {
	struct inode	vfs_inode;
	umode_t		mode;
	const struct file_operations *fops;
	void		(*put)(void *data);
};

/**
 * struct relayfs_options - mount options
 * @uid:	owner of everything
 * @gid:	group of everything
 * @mode:	permissions of directories, and the most that files have
 */
struct relayfs_options {
	kuid_t	uid;
	kgid_t	gid;
	umode_t	mode;
};

/* What a mount asks for: which of the options were given. */
struct relayfs_request {
	struct relayfs_options	options;
	unsigned long		given;
};

static struct relayfs_inode *relayfs_i(struct inode *inode)
{
	return container_of(inode, struct relayfs_inode, vfs_inode);
}

/*
 * Inodes
 */

/*
 * The owner of a file says its size, and bytes after that may be mapped: no system call
 * changes it. O_TRUNC says no more than that the caller will write, and a shell gives it
 * with any file; it changes nothing.
 */
static int relayfs_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
			   struct iattr *attr)
{
	if ((attr->ia_valid & ATTR_SIZE) && !(attr->ia_valid & ATTR_OPEN))
		return -EINVAL;
	attr->ia_valid &= ~ATTR_SIZE;
	return simple_setattr(idmap, dentry, attr);
}

static const struct inode_operations relayfs_dir_inode_operations = {
	.lookup		= simple_lookup,
	.setattr	= simple_setattr,
};

static const struct inode_operations relayfs_file_inode_operations = {
	.setattr	= relayfs_setattr,
};

/*
 * From here on the file has its own operations, and so their module.
 */
static int relayfs_open(struct inode *inode, struct file *filp)
{
	const struct file_operations *fops;

	scoped_guard(mutex, &relayfs_open_mutex)
		fops = fops_get(relayfs_i(inode)->fops);
	if (!fops)
		return -ENODEV;
	replace_fops(filp, fops);
	return fops->open ? fops->open(inode, filp) : 0;
}

static const struct file_operations relayfs_file_operations = {
	.open	= relayfs_open,
};

static void relayfs_inode_init_once(void *memory)
{
	struct relayfs_inode *inode = memory;

	inode_init_once(&inode->vfs_inode);
}

static struct inode *relayfs_alloc_inode(struct super_block *sb)
{
	struct relayfs_inode *inode;

	inode = alloc_inode_sb(sb, relayfs_inode_cache, GFP_KERNEL);
	if (!inode)
		return NULL;
	inode->fops = NULL;
	inode->put = NULL;
	return &inode->vfs_inode;
}

static void relayfs_free_inode(struct inode *inode)
{
	kmem_cache_free(relayfs_inode_cache, relayfs_i(inode));
}

/* The file is not open, and cannot be opened any more. */
static void relayfs_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (relayfs_i(inode)->put)
		relayfs_i(inode)->put(inode->i_private);
}

enum { RELAYFS_UID, RELAYFS_GID, RELAYFS_MODE };

#define RELAYFS_ALL_OPTIONS	(BIT(RELAYFS_UID) | BIT(RELAYFS_GID) | BIT(RELAYFS_MODE))

/* What chown() and chmod() have changed stays, but for the options that are given. */
static void relayfs_apply_options(struct inode *inode,
				  const struct relayfs_options *options,
				  unsigned long given)
{
	umode_t mode = relayfs_i(inode)->mode & options->mode;

	if (given & BIT(RELAYFS_UID))
		inode->i_uid = options->uid;
	if (given & BIT(RELAYFS_GID))
		inode->i_gid = options->gid;
	if (given & BIT(RELAYFS_MODE))
		inode->i_mode = (inode->i_mode & S_IFMT) | mode;
}

static struct inode *relayfs_new_inode(struct super_block *sb, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = mode;
	simple_inode_init_ts(inode);
	relayfs_i(inode)->mode = mode & 0777;
	relayfs_apply_options(inode, sb->s_fs_info, RELAYFS_ALL_OPTIONS);
	return inode;
}

static struct inode *relayfs_new_dir(struct super_block *sb)
{
	struct inode *inode = relayfs_new_inode(sb, S_IFDIR | 0777);

	if (!inode)
		return NULL;
	inode->i_op = &relayfs_dir_inode_operations;
	inode->i_fop = &simple_dir_operations;
	inc_nlink(inode);
	return inode;
}

/*
 * Mount
 */

static const struct fs_parameter_spec relayfs_parameters[] = {
	fsparam_uid("uid", RELAYFS_UID),
	fsparam_gid("gid", RELAYFS_GID),
	fsparam_u32oct("mode", RELAYFS_MODE),
	{}
};

static int relayfs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct relayfs_request *request = fc->fs_private;
	struct fs_parse_result result;
	int option = fs_parse(fc, relayfs_parameters, param, &result);

	switch (option) {
	case RELAYFS_UID:
		request->options.uid = result.uid;
		break;
	case RELAYFS_GID:
		request->options.gid = result.gid;
		break;
	case RELAYFS_MODE:
		if (result.uint_32 & ~0777)
			return invalfc(fc, "mode=%o has more than permission bits",
				       result.uint_32);
		request->options.mode = result.uint_32;
		break;
	default:
		return option;
	}
	request->given |= BIT(option);
	return 0;
}

/* Everything that exists gets the options that were given, and only those. */
static int relayfs_reconfigure(struct fs_context *fc)
{
	const struct relayfs_request *request = fc->fs_private;
	struct super_block *sb = fc->root->d_sb;
	struct relayfs_options *options = sb->s_fs_info;
	struct inode *inode;

	if (request->given & BIT(RELAYFS_UID))
		options->uid = request->options.uid;
	if (request->given & BIT(RELAYFS_GID))
		options->gid = request->options.gid;
	if (request->given & BIT(RELAYFS_MODE))
		options->mode = request->options.mode;
	if (!request->given)
		return 0;

	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list)
		relayfs_apply_options(inode, options, request->given);
	spin_unlock(&sb->s_inode_list_lock);
	return 0;
}

static int relayfs_show_options(struct seq_file *m, struct dentry *root)
{
	const struct relayfs_options *options = root->d_sb->s_fs_info;

	if (!uid_eq(options->uid, GLOBAL_ROOT_UID))
		seq_printf(m, ",uid=%u",
			   from_kuid_munged(&init_user_ns, options->uid));
	if (!gid_eq(options->gid, GLOBAL_ROOT_GID))
		seq_printf(m, ",gid=%u",
			   from_kgid_munged(&init_user_ns, options->gid));
	if (options->mode != RELAYFS_DEFAULT_MODE)
		seq_printf(m, ",mode=%o", options->mode);
	return 0;
}

static const struct super_operations relayfs_super_operations = {
	.alloc_inode	= relayfs_alloc_inode,
	.free_inode	= relayfs_free_inode,
	.evict_inode	= relayfs_evict_inode,
	.statfs		= simple_statfs,
	.show_options	= relayfs_show_options,
};

static int relayfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct relayfs_options *options = kzalloc_obj(*options);
	struct inode *root;

	if (!options)
		return -ENOMEM;
	options->uid = GLOBAL_ROOT_UID;
	options->gid = GLOBAL_ROOT_GID;
	options->mode = RELAYFS_DEFAULT_MODE;

	sb->s_fs_info = options;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = RELAYFS_MAGIC;
	sb->s_op = &relayfs_super_operations;
	sb->s_time_gran = 1;
	sb->s_d_flags |= DCACHE_DONTCACHE;

	root = relayfs_new_dir(sb);
	if (!root)
		return -ENOMEM;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int relayfs_get_tree(struct fs_context *fc)
{
	int err = get_tree_single(fc, relayfs_fill_super);

	/* There may have been one already, with other options. */
	return err ? err : relayfs_reconfigure(fc);
}

static void relayfs_free_fc(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations relayfs_context_operations = {
	.free		= relayfs_free_fc,
	.parse_param	= relayfs_parse_param,
	.get_tree	= relayfs_get_tree,
	.reconfigure	= relayfs_reconfigure,
};

static int relayfs_init_fs_context(struct fs_context *fc)
{
	fc->fs_private = kzalloc_obj(struct relayfs_request);
	if (!fc->fs_private)
		return -ENOMEM;
	fc->ops = &relayfs_context_operations;
	return 0;
}

static void relayfs_kill_sb(struct super_block *sb)
{
	struct relayfs_options *options = sb->s_fs_info;

	kill_anon_super(sb);
	kfree(options);
}

static struct file_system_type relayfs_type = {
	.owner			= THIS_MODULE,
	.name			= "relayfs",
	.init_fs_context	= relayfs_init_fs_context,
	.parameters		= relayfs_parameters,
	.kill_sb		= relayfs_kill_sb,
};
MODULE_ALIAS_FS("relayfs");

/*
 * Directories and files
 */

/* Every entry pins the file system, which need not be mounted for it. */
static struct dentry *relayfs_start_creating(const char *name,
					     struct dentry *parent)
{
	struct dentry *dentry;
	int err;

	if (IS_ERR(parent))
		return parent;
	err = simple_pin_fs(&relayfs_type, &relayfs_mount, &relayfs_mount_count);
	if (err)
		return ERR_PTR(err);
	dentry = simple_start_creating(parent ? parent : relayfs_mount->mnt_root,
				       name);
	if (IS_ERR(dentry))
		simple_release_fs(&relayfs_mount, &relayfs_mount_count);
	return dentry;
}

static struct dentry *relayfs_fail_creating(struct dentry *dentry)
{
	simple_done_creating(dentry);
	simple_release_fs(&relayfs_mount, &relayfs_mount_count);
	return ERR_PTR(-ENOMEM);
}

/**
 * relayfs_create_dir - create a directory on relayfs
 * @name: its name
 * @parent: the directory it shall be in, or NULL for the root
 *
 * Context: May sleep.
 * Return: the directory, for relayfs_remove(); ERR_PTR(-EEXIST) where the
 * name is taken, ERR_PTR(-EACCES) where it is none, ERR_PTR(-ENOMEM); an error
 * in @parent is passed on.
 */
struct dentry *relayfs_create_dir(const char *name, struct dentry *parent)
{
	struct dentry *dentry = relayfs_start_creating(name, parent);
	struct inode *inode;

	if (IS_ERR(dentry))
		return dentry;
	inode = relayfs_new_dir(dentry->d_sb);
	if (!inode)
		return relayfs_fail_creating(dentry);
	d_make_persistent(dentry, inode);
	inc_nlink(d_inode(dentry->d_parent));
	fsnotify_mkdir(d_inode(dentry->d_parent), dentry);
	simple_done_creating(dentry);
	return dentry;
}
EXPORT_SYMBOL_GPL(relayfs_create_dir);

/**
 * relayfs_create_file - create a file on relayfs
 * @name: its name
 * @parent: the directory it shall be in, or NULL for the root
 * @mode: permissions; what the mount's mode= does not have is taken away
 * @fops: its operations; @fops->owner is held while the file is open
 * @data: for inode->i_private
 * @put: drops a reference on @data that the file takes over, when the file is
 *	removed and no descriptor of it is open any more; or NULL. Not in a module that
 *	can go before.
 *
 * Context: May sleep.
 * Return: the file, for relayfs_remove(); an error as of
 * relayfs_create_dir(), the reference on @data is not taken then.
 */
struct dentry *relayfs_create_file(const char *name, struct dentry *parent,
				   umode_t mode,
				   const struct file_operations *fops,
				   void *data, void (*put)(void *data))
{
	struct dentry *dentry = relayfs_start_creating(name, parent);
	struct inode *inode;

	if (IS_ERR(dentry))
		return dentry;
	inode = relayfs_new_inode(dentry->d_sb, S_IFREG | (mode & 0777));
	if (!inode)
		return relayfs_fail_creating(dentry);
	inode->i_op = &relayfs_file_inode_operations;
	inode->i_fop = &relayfs_file_operations;
	relayfs_i(inode)->fops = fops;
	inode->i_private = data;
	relayfs_i(inode)->put = put;
	d_make_persistent(dentry, inode);
	fsnotify_create(d_inode(dentry->d_parent), dentry);
	simple_done_creating(dentry);
	return dentry;
}
EXPORT_SYMBOL_GPL(relayfs_create_file);

static void relayfs_release_one(struct dentry *dentry)
{
	scoped_guard(mutex, &relayfs_open_mutex)
		relayfs_i(d_inode(dentry))->fops = NULL;
	simple_release_fs(&relayfs_mount, &relayfs_mount_count);
}

/**
 * relayfs_remove - remove a file, or a directory with all in it, from relayfs
 * @dentry: what to remove; NULL, an error, or what was removed before is nothing
 *
 * Files that are open go on until they are closed.
 *
 * Context: May sleep.
 */
void relayfs_remove(struct dentry *dentry)
{
	if (IS_ERR_OR_NULL(dentry) || d_unhashed(dentry))
		return;
	/* The superblock must outlive the walk, whose last step may drop it. */
	simple_pin_fs(&relayfs_type, &relayfs_mount, &relayfs_mount_count);
	simple_recursive_removal(dentry, relayfs_release_one);
	simple_release_fs(&relayfs_mount, &relayfs_mount_count);
}
EXPORT_SYMBOL_GPL(relayfs_remove);

static int __init relayfs_init(void)
{
	int err = sysfs_create_mount_point(kernel_kobj, "relay");

	if (err)
		return err;
	relayfs_inode_cache = kmem_cache_create("relayfs_inode_cache",
						sizeof(struct relayfs_inode), 0,
						SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
						relayfs_inode_init_once);
	err = relayfs_inode_cache ? register_filesystem(&relayfs_type) : -ENOMEM;
	if (err) {
		kmem_cache_destroy(relayfs_inode_cache);
		sysfs_remove_mount_point(kernel_kobj, "relay");
	}
	return err;
}
core_initcall(relayfs_init);
