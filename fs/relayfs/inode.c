// SPDX-License-Identifier: GPL-2.0
/*
 * relayfs: the file system of relay channels.
 *
 * Holds directories and files that kernel code creates. Their creator provides the
 * operations of each file. All mounts share one instance.
 *
 * Copyright (C) 2003-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 2003-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/fsnotify.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/relayfs_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <uapi/linux/relay.h>

#define RELAYFS_DEFAULT_MODE	0700

/* Serializes the open of a file with its removal, after which its module may go. */
static DEFINE_MUTEX(relayfs_open_mutex);

static struct vfsmount *relayfs_mount;
static int relayfs_mount_count;

/**
 * struct relayfs_inode - a file or directory
 * @vfs_inode:	the inode
 * @mode:	permissions that the creator allows; the mount's mode= can clear some
 * @fops:	operations of a file; NULL once it is removed
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
 * @mode:	mask for the permissions of files and directories
 * @given:	options that a mount sets, as BIT(RELAYFS_UID) and so on
 */
struct relayfs_options {
	kuid_t		uid;
	kgid_t		gid;
	umode_t		mode;
	unsigned int	given;
};

enum { RELAYFS_UID, RELAYFS_GID, RELAYFS_MODE };

/* Options of the one instance; a mount changes those that it sets. */
static struct relayfs_options relayfs_options;

#define relayfs_i(inode)	container_of(inode, struct relayfs_inode, vfs_inode)

/*
 * Inodes
 */

/*
 * Only the creator of a file sets its size, so truncate() fails. open() with O_TRUNC
 * succeeds without a change, because a shell passes it for any file that it redirects to.
 */
static int relayfs_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
			   struct iattr *attr)
{
	if ((attr->ia_valid & ATTR_SIZE) && !(attr->ia_valid & ATTR_OPEN))
		return -EINVAL;
	attr->ia_valid &= ~ATTR_SIZE;
	return simple_setattr(idmap, dentry, attr);
}

static const struct inode_operations relayfs_file_inode_operations = {
	.setattr	= relayfs_setattr,
};

/* Replace the operations by those of the file, and hold their module. */
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

static struct inode *relayfs_alloc_inode(struct super_block *sb)
{
	struct relayfs_inode *inode = kzalloc_obj(*inode);

	if (!inode)
		return NULL;
	inode_init_once(&inode->vfs_inode);
	return &inode->vfs_inode;
}

static void relayfs_free_inode(struct inode *inode)
{
	kfree(relayfs_i(inode));
}

/* Called when the file is removed and no descriptor of it is open. */
static void relayfs_destroy_inode(struct inode *inode)
{
	if (relayfs_i(inode)->put)
		relayfs_i(inode)->put(inode->i_private);
}

/* Set only the attributes in @given, so that others keep the changes of chown() and chmod(). */
static void relayfs_apply_options(struct inode *inode, unsigned int given)
{
	umode_t mode = relayfs_i(inode)->mode & relayfs_options.mode;

	if (given & BIT(RELAYFS_UID))
		inode->i_uid = relayfs_options.uid;
	if (given & BIT(RELAYFS_GID))
		inode->i_gid = relayfs_options.gid;
	if (given & BIT(RELAYFS_MODE))
		inode->i_mode = (inode->i_mode & S_IFMT) | mode;
}

static struct inode *relayfs_new_inode(struct super_block *sb, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	simple_inode_init_ts(inode);
	relayfs_i(inode)->mode = mode & 0777;
	/* new_inode() has listed it, so that relayfs_reconfigure() finds it. */
	scoped_guard(spinlock, &sb->s_inode_list_lock) {
		inode->i_mode = mode;
		relayfs_apply_options(inode, ~0);
	}
	if (S_ISDIR(mode)) {
		inode->i_op = &simple_dir_inode_operations;
		inode->i_fop = &simple_dir_operations;
		inc_nlink(inode);
	} else {
		inode->i_op = &relayfs_file_inode_operations;
		inode->i_fop = &relayfs_file_operations;
	}
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
	struct relayfs_options *options = fc->fs_private;
	struct fs_parse_result result;
	int option = fs_parse(fc, relayfs_parameters, param, &result);

	switch (option) {
	case RELAYFS_UID:
		options->uid = result.uid;
		break;
	case RELAYFS_GID:
		options->gid = result.gid;
		break;
	case RELAYFS_MODE:
		if (result.uint_32 & ~0777)
			return invalfc(fc, "mode=%o has more than permission bits",
				       result.uint_32);
		options->mode = result.uint_32;
		break;
	default:
		return option;
	}
	options->given |= BIT(option);
	return 0;
}

/* Apply the options that this mount sets to all inodes. */
static int relayfs_reconfigure(struct fs_context *fc)
{
	const struct relayfs_options *options = fc->fs_private;
	struct super_block *sb = fc->root->d_sb;
	struct inode *inode;

	if (options->given & BIT(RELAYFS_UID))
		relayfs_options.uid = options->uid;
	if (options->given & BIT(RELAYFS_GID))
		relayfs_options.gid = options->gid;
	if (options->given & BIT(RELAYFS_MODE))
		relayfs_options.mode = options->mode;

	guard(spinlock)(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list)
		relayfs_apply_options(inode, options->given);
	return 0;
}

static int relayfs_show_options(struct seq_file *m, struct dentry *root)
{
	if (!uid_eq(relayfs_options.uid, GLOBAL_ROOT_UID))
		seq_printf(m, ",uid=%u",
			   from_kuid_munged(&init_user_ns, relayfs_options.uid));
	if (!gid_eq(relayfs_options.gid, GLOBAL_ROOT_GID))
		seq_printf(m, ",gid=%u",
			   from_kgid_munged(&init_user_ns, relayfs_options.gid));
	if (relayfs_options.mode != RELAYFS_DEFAULT_MODE)
		seq_printf(m, ",mode=%o", relayfs_options.mode);
	return 0;
}

static const struct super_operations relayfs_super_operations = {
	.alloc_inode	= relayfs_alloc_inode,
	.free_inode	= relayfs_free_inode,
	.destroy_inode	= relayfs_destroy_inode,
	.statfs		= simple_statfs,
	.show_options	= relayfs_show_options,
};

static int relayfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	relayfs_options = (struct relayfs_options) {
		.uid	= GLOBAL_ROOT_UID,
		.gid	= GLOBAL_ROOT_GID,
		.mode	= RELAYFS_DEFAULT_MODE,
	};

	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = RELAYFS_MAGIC;
	sb->s_op = &relayfs_super_operations;
	sb->s_time_gran = 1;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_d_flags |= DCACHE_DONTCACHE;
	sb->s_root = d_make_root(relayfs_new_inode(sb, S_IFDIR | 0777));
	return sb->s_root ? 0 : -ENOMEM;
}

static int relayfs_get_tree(struct fs_context *fc)
{
	int err = get_tree_single(fc, relayfs_fill_super);

	/* An instance that existed before does not have the options of this mount yet. */
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
	fc->fs_private = kzalloc_obj(struct relayfs_options);
	if (!fc->fs_private)
		return -ENOMEM;
	fc->ops = &relayfs_context_operations;
	return 0;
}

static struct file_system_type relayfs_type = {
	.owner			= THIS_MODULE,
	.name			= "relayfs",
	.init_fs_context	= relayfs_init_fs_context,
	.parameters		= relayfs_parameters,
	.kill_sb		= kill_anon_super,
};
MODULE_ALIAS_FS("relayfs");

/*
 * Directories and files
 */

/* Each entry pins the file system, so that kernel code can create it without a mount. */
static struct dentry *relayfs_create(const char *name, struct dentry *parent, umode_t mode,
				     loff_t size, const struct file_operations *fops, void *data,
				     void (*put)(void *data))
{
	struct dentry *dentry;
	struct inode *inode, *dir;
	int err;

	if (IS_ERR(parent))
		return parent;
	err = simple_pin_fs(&relayfs_type, &relayfs_mount, &relayfs_mount_count);
	if (err)
		return ERR_PTR(err);
	dentry = simple_start_creating(parent ? parent : relayfs_mount->mnt_root, name);
	if (IS_ERR(dentry))
		goto release;
	dir = d_inode(dentry->d_parent);
	/* A directory that was removed may still have a negative entry of that name. */
	inode = IS_DEADDIR(dir) ? NULL : relayfs_new_inode(dentry->d_sb, mode);
	if (!inode) {
		simple_done_creating(dentry);
		dentry = ERR_PTR(IS_DEADDIR(dir) ? -ENOENT : -ENOMEM);
		goto release;
	}
	relayfs_i(inode)->fops = fops;
	inode->i_private = data;
	relayfs_i(inode)->put = put;
	i_size_write(inode, size);
	d_make_persistent(dentry, inode);
	if (S_ISDIR(mode)) {
		inc_nlink(dir);
		fsnotify_mkdir(dir, dentry);
	} else {
		fsnotify_create(dir, dentry);
	}
	simple_done_creating(dentry);
	return dentry;
release:
	simple_release_fs(&relayfs_mount, &relayfs_mount_count);
	return dentry;
}

/**
 * relayfs_create_dir - create a directory on relayfs
 * @name: its name
 * @parent: the parent directory, or NULL for the root
 *
 * Context: May sleep.
 * Return: the directory, for relayfs_remove(); ERR_PTR(-EEXIST) if the name is
 * taken, ERR_PTR(-EACCES) if it is not a valid name, ERR_PTR(-ENOENT) if @parent was
 * removed, ERR_PTR(-ENOMEM); @parent if that is an error.
 */
struct dentry *relayfs_create_dir(const char *name, struct dentry *parent)
{
	return relayfs_create(name, parent, S_IFDIR | 0777, 0, NULL, NULL, NULL);
}
EXPORT_SYMBOL_GPL(relayfs_create_dir);

/**
 * relayfs_create_file - create a file on relayfs
 * @name: its name
 * @parent: the parent directory, or NULL for the root
 * @mode: permissions; masked by the mount's mode=
 * @size: bytes that stat() shows; 0 for a stream
 * @fops: operations of the file; an open file holds @fops->owner
 * @data: for inode->i_private
 * @put: called with @data when the file is removed and no descriptor of it is open, to
 *	drop the reference that the caller passes to the file; or NULL. The function must
 *	not be in a module that can go before.
 *
 * Context: May sleep.
 * Return: the file, for relayfs_remove(); or an error as of relayfs_create_dir(), and
 * the caller keeps its reference on @data.
 */
struct dentry *relayfs_create_file(const char *name, struct dentry *parent,
				   umode_t mode, loff_t size,
				   const struct file_operations *fops,
				   void *data, void (*put)(void *data))
{
	return relayfs_create(name, parent, S_IFREG | (mode & 0777), size, fops, data, put);
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
 * @dentry: the file or directory; does nothing for NULL, an error, or an entry that was
 *	removed before
 *
 * Open files keep working until they are closed.
 *
 * Context: May sleep.
 */
void relayfs_remove(struct dentry *dentry)
{
	if (IS_ERR_OR_NULL(dentry) || d_unhashed(dentry))
		return;
	/* Pin the superblock, because the removal may drop the last other pin. */
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
	err = register_filesystem(&relayfs_type);
	if (err)
		sysfs_remove_mount_point(kernel_kobj, "relay");
	return err;
}
core_initcall(relayfs_init);
