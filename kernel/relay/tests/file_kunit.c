// SPDX-License-Identifier: GPL-2.0
/*
 * Real files of a channel, on debugfs: read, poll, mmap, splice, close.
 */
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pipe_fs_i.h>
#include <linux/relayfs_fs.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <uapi/linux/relay.h>
#include "support.h"

#define FILE_SUBBUF	3000
#define FILE_SUBBUFS	4

/* A channel with one file that is open for reading. */
struct file_test {
	struct rchan	*chan;
	struct relay_buf *buf;
	struct file	*file;
	char __user	*user;		/* USER_PAGES, and nothing after them */
	char		*got;
};

#define USER_PAGES	4
#define USER_SIZE	(USER_PAGES * PAGE_SIZE)

static struct vfsmount *debugfs_mnt;
static struct dentry *test_dentry;

static struct dentry *file_create(const char *filename, struct dentry *parent,
				  umode_t mode, struct rchan_buf *buf, int *is_global)
{
	test_dentry = debugfs_create_file_unsafe(filename, mode, parent, buf,
						 &relay_file_operations);
	return test_dentry;
}

static int file_remove(struct dentry *dentry)
{
	debugfs_remove(dentry);
	return 0;
}

static const struct rchan_callbacks file_cb = {
	.create_buf_file = file_create,
	.remove_buf_file = file_remove,
};

static int file_suite_init(struct kunit_suite *suite)
{
	struct file_system_type *type = get_fs_type("debugfs");

	if (!type)
		return -ENODEV;
	debugfs_mnt = kern_mount(type);
	return PTR_ERR_OR_ZERO(debugfs_mnt);
}

static void file_suite_exit(struct kunit_suite *suite)
{
	if (!IS_ERR_OR_NULL(debugfs_mnt))
		kern_unmount(debugfs_mnt);
}

static struct file *open_file(int flags)
{
	struct path path = { .mnt = debugfs_mnt, .dentry = test_dentry };

	return dentry_open(&path, flags | O_LARGEFILE, current_cred());
}

KUNIT_DEFINE_ACTION_WRAPPER(file_put_action, __fput_sync, struct file *);

static struct file *file_get(struct kunit *test, int flags)
{
	struct file *file = open_file(flags);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, file_put_action, file));
	return file;
}

static struct file_test *file_test(struct kunit *test)
{
	return test->priv;
}

static void file_map_user(struct kunit *test, struct file_test *this)
{
	unsigned long at = kunit_vm_mmap(test, NULL, 0, USER_SIZE + PAGE_SIZE,
					 PROT_READ | PROT_WRITE,
					 MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE(test, 0, at);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(at));
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(at + USER_SIZE, PAGE_SIZE));
	this->user = (char __user *)at;
	this->got = kunit_kzalloc(test, USER_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, this->got);
}

/* The parameter of a case is the channel's flags and this bit, so that it is not NULL. */
#define MODE_BIT	16

static int file_init(struct kunit *test)
{
	struct relay_params params = {
		.name = "relay_kunit_file",
		.subbuf_size = FILE_SUBBUF,
		.n_subbufs = FILE_SUBBUFS,
		.flags = ((long)test->param_value & RELAY_OVERWRITE) | RELAY_GLOBAL,
		.cb = &file_cb,
	};
	struct file_test *this = kunit_kzalloc(test, sizeof(*this), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, this);
	test->priv = this;
	this->chan = relay_test_open(test, &params);
	this->buf = relay_test_buf(this->chan, 0);
	this->file = file_get(test, O_RDONLY);
	file_map_user(test, this);
	return 0;
}

static const void *file_mode_gen_params(struct kunit *test, const void *prev, char *desc)
{
	unsigned long flags = prev ? (unsigned long)prev + RELAY_OVERWRITE : BIT(MODE_BIT);

	if (flags & ~(BIT(MODE_BIT) | RELAY_OVERWRITE))
		return NULL;
	strscpy(desc, flags & RELAY_OVERWRITE ? "overwrite" : "keep", KUNIT_PARAM_DESC_SIZE);
	return (void *)flags;
}

/* Byte @i of the data that file_write() writes. */
static char pattern(unsigned long i)
{
	return i * 7 + (i >> 8);
}

static unsigned long file_write(struct file_test *this, unsigned long from, size_t len)
{
	struct relay_slot slot;
	char *to;

	if (relay_slot_reserve(this->chan, &slot, len))
		return from;
	for (to = slot.data; len--; from++)
		*to++ = pattern(from);
	relay_slot_commit(&slot);
	return from;
}

static ssize_t user_read(struct file_test *this, char __user *to, size_t len)
{
	loff_t pos = 0;

	return this->file->f_op->read(this->file, to, len, &pos);
}

/* Read up to @len bytes, and expect the pattern from byte @from on. */
static ssize_t expect_read(struct kunit *test, unsigned long from, size_t len)
{
	struct file_test *this = file_test(test);
	ssize_t got = user_read(this, this->user, len), i;

	if (got <= 0)
		return got;
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(this->got, this->user, got));
	for (i = 0; i < got; i++)
		KUNIT_ASSERT_EQ_MSG(test, pattern(from + i), this->got[i], "byte %zd", i);
	return got;
}

/* Read until the buffer is empty, and expect the pattern from byte @from on. */
static unsigned long expect_rest(struct kunit *test, unsigned long from)
{
	unsigned long seen = 0;
	ssize_t got;

	while ((got = expect_read(test, from + seen, USER_SIZE)) > 0)
		seen += got;
	KUNIT_EXPECT_EQ(test, 0, got);
	return seen;
}

/*
 * read
 */

static void relay_test_read_in_pieces(struct kunit *test)
{
	struct file_test *this = file_test(test);
	unsigned long written = 0, seen = 0;
	ssize_t got;
	int i;

	KUNIT_EXPECT_EQ(test, 0, expect_read(test, 0, USER_SIZE));
	/* Each sub-buffer has padding, and the last one is only partly filled. */
	for (i = 0; i < 15; i++)
		written = file_write(this, written, 700);
	KUNIT_EXPECT_EQ(test, 0, expect_read(test, 0, 0));
	while ((got = expect_read(test, seen, 1 + seen % 997)) > 0)
		seen += got;
	KUNIT_EXPECT_EQ(test, 0, got);
	KUNIT_EXPECT_EQ(test, written, seen);
	KUNIT_EXPECT_EQ(test, 15 * 700, seen);
}

/*
 * One read takes all sub-buffers and skips their padding; in overwrite mode a second
 * one takes the open sub-buffer, which has to be delivered first.
 */
static void relay_test_read_at_once(struct kunit *test)
{
	struct file_test *this = file_test(test);
	unsigned long whole = 0, written;
	int i;

	for (i = 0; i < 12; i++)
		whole = file_write(this, whole, 700);
	for (written = whole; i < 15; i++)
		written = file_write(this, written, 700);
	if (this->buf->ring.overwrite)
		KUNIT_EXPECT_EQ(test, whole, expect_read(test, 0, USER_SIZE));
	else
		whole = 0;
	KUNIT_EXPECT_EQ(test, written - whole, expect_read(test, whole, USER_SIZE));
	written = file_write(this, written, 5);
	KUNIT_EXPECT_EQ(test, 5, expect_read(test, written - 5, USER_SIZE));
	KUNIT_EXPECT_EQ(test, 0, expect_read(test, written, USER_SIZE));
}

static void relay_test_read_unmapped(struct kunit *test)
{
	struct file_test *this = file_test(test);
	char __user *end = this->user + USER_SIZE;
	unsigned long written = file_write(this, 0, 3000);
	int i;

	written = file_write(this, written, 500);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, -EFAULT, user_read(this, end, 1));
		KUNIT_EXPECT_EQ(test, -EFAULT, user_read(this, end, 3500));
		KUNIT_EXPECT_EQ(test, -EFAULT, user_read(this, NULL, 3500));
	}
	KUNIT_EXPECT_EQ(test, written, expect_rest(test, 0));
}

/*
 * The second half of the reader's memory is unmapped: read returns the bytes that it copied,
 * and the next read gets the rest.
 */
static void relay_test_read_half_unmapped(struct kunit *test)
{
	struct file_test *this = file_test(test);
	char __user *end = this->user + USER_SIZE;
	unsigned long written = 0;
	ssize_t got, i;

	for (i = 0; i < 6; i++)
		written = file_write(this, written, 1000);
	got = user_read(this, end - PAGE_SIZE, written);
	KUNIT_ASSERT_GT(test, got, 0);
	KUNIT_ASSERT_LE(test, got, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(this->got, end - PAGE_SIZE, got));
	for (i = 0; i < got; i++)
		KUNIT_ASSERT_EQ(test, pattern(i), this->got[i]);
	KUNIT_EXPECT_EQ(test, written - got, expect_rest(test, got));
}

/* A reader in a thread of its own that uses the memory of the case's task. */
struct fault_reader {
	struct file_test	*this;
	struct mm_struct	*mm;
	struct completion	done;
	ssize_t			got;
};

static int fault_reader_thread(void *arg)
{
	struct fault_reader *reader = arg;

	kthread_use_mm(reader->mm);
	reader->got = user_read(reader->this, reader->this->user, USER_SIZE);
	kthread_unuse_mm(reader->mm);
	complete(&reader->done);
	return 0;
}

/*
 * The reader waits for a page fault that does not end. It does not hold the reader's lock,
 * for which a task that resets the channel would wait.
 */
static void relay_test_read_waits_for_memory(struct kunit *test)
{
	struct fault_reader reader = { .this = file_test(test), .mm = current->mm };
	struct relay_buf *buf = reader.this->buf;
	unsigned long written = file_write(reader.this, 0, 700), i;
	struct task_struct *task;
	bool locked;

	relay_flush(reader.this->chan);
	init_completion(&reader.done);
	task = kthread_create(fault_reader_thread, &reader, "relay_reader");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	mmap_write_lock(reader.mm);
	vma_start_write(vma_lookup(reader.mm, (unsigned long)reader.this->user));
	wake_up_process(task);
	/* Sleep, because the reader may need this CPU. */
	while (!mmap_lock_is_contended(reader.mm) && !completion_done(&reader.done))
		schedule_timeout_uninterruptible(1);
	locked = mutex_trylock(&buf->reader.lock);
	if (locked)
		mutex_unlock(&buf->reader.lock);
	mmap_write_unlock(reader.mm);
	wait_for_completion(&reader.done);
	KUNIT_EXPECT_TRUE(test, locked);
	KUNIT_ASSERT_EQ(test, written, reader.got);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(reader.this->got, reader.this->user, written));
	for (i = 0; i < written; i++)
		KUNIT_ASSERT_EQ(test, pattern(i), reader.this->got[i]);
}

/* If a writer overwrites the sub-buffer before the reader is done, the copy is not valid. */
static void relay_test_read_overwritten(struct kunit *test)
{
	struct file_test *this = file_test(test);
	struct relay_buf *buf = this->buf;
	struct relay_span span;
	bool delivered;
	int i;

	for (i = 0; i < 2; i++)
		file_write(this, 0, FILE_SUBBUF);
	mutex_lock(&buf->reader.lock);
	KUNIT_EXPECT_TRUE(test, relay_reader_next(buf, &span, &delivered));
	KUNIT_EXPECT_TRUE(test, delivered);
	for (i = 0; i < FILE_SUBBUFS; i++)
		file_write(this, 0, FILE_SUBBUF);
	KUNIT_EXPECT_EQ(test, !buf->ring.overwrite, relay_reader_finish(buf, &span));
	mutex_unlock(&buf->reader.lock);
}

/* The file's size is the number of bytes delivered. */
static void relay_test_file_size(struct kunit *test)
{
	struct file_test *this = file_test(test);

	KUNIT_EXPECT_EQ(test, 0, i_size_read(file_inode(this->file)));
	file_write(this, 0, 700);
	KUNIT_EXPECT_EQ(test, 0, i_size_read(file_inode(this->file)));
	relay_flush(this->chan);
	KUNIT_EXPECT_EQ(test, 700, i_size_read(file_inode(this->file)));
	file_write(this, 0, 3000);
	KUNIT_EXPECT_EQ(test, 3700, i_size_read(file_inode(this->file)));
}

/* A client removes its file before it closes the channel, and writes on. */
static void relay_test_file_removed_first(struct kunit *test)
{
	struct file_test *this = file_test(test);

	kunit_release_action(test, file_put_action, this->file);
	debugfs_remove(test_dentry);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, 1, d_count(this->buf->dentry));
	file_write(this, 0, 700);
	relay_flush(this->chan);
	KUNIT_EXPECT_EQ(test, 700, i_size_read(d_inode(this->buf->dentry)));
}

/* The CPU for which the client creates no file, and how often it was asked for it. */
static unsigned int refused_cpu;
static unsigned int refused_asked;

static struct dentry *refuse_create(const char *filename, struct dentry *parent,
				    umode_t mode, struct rchan_buf *buf, int *is_global)
{
	return buf->cpu == refused_cpu ? NULL :
	       file_create(filename, parent, mode, buf, is_global);
}

static int refuse_start(struct rchan_buf *buf, void *subbuf, void *prev_subbuf)
{
	refused_asked += buf->cpu == refused_cpu;
	return 1;
}

static const struct rchan_callbacks refuse_cb = {
	.create_buf_file = refuse_create,
	.remove_buf_file = file_remove,
	.subbuf_start	 = refuse_start,
};

/*
 * A CPU for which the client creates no file stays down, and the client is not asked for
 * its sub-buffers. The next attempt uses the buffer of the first, so that attempts that
 * fail again and again take no more memory.
 */
static void relay_test_file_refused(struct kunit *test)
{
	unsigned int cpu = relay_test_other_cpu(test);
	struct list_head *bufs;
	struct rchan *chan;
	size_t n;

	refused_cpu = UINT_MAX;
	refused_asked = 0;
	chan = relay_open("relay_kunit_refused", NULL, 64, 4, &refuse_cb, NULL);
	KUNIT_ASSERT_NOT_NULL(test, chan);
	bufs = &relay_chan_of(chan)->bufs;
	n = list_count_nodes(bufs);
	relay_test_never_up(chan, cpu);
	KUNIT_EXPECT_EQ(test, n - 1, list_count_nodes(bufs));
	refused_cpu = cpu;
	cpus_read_lock();
	KUNIT_EXPECT_EQ(test, -ENOENT, relay_prepare_cpu(cpu));
	KUNIT_EXPECT_EQ(test, -ENOENT, relay_prepare_cpu(cpu));
	cpus_read_unlock();
	relay_flush(chan);
	relay_reset(chan);
	KUNIT_EXPECT_EQ(test, 0, refused_asked);
	refused_cpu = UINT_MAX;
	relay_test_comes_up(test, cpu);
	KUNIT_EXPECT_EQ(test, n, list_count_nodes(bufs));
	KUNIT_EXPECT_NOT_NULL(test, relay_test_buf(chan, cpu)->dentry);
	relay_close(chan);
}

/* A client removes the parent of the channel's directory before it closes the channel. */
static void relay_test_parent_removed_first(struct kunit *test)
{
	struct dentry *parent = relayfs_create_dir("relay_kunit_parent", NULL);
	const struct relay_params params = {
		.name = "child", .parent = parent, .subbuf_size = 64, .n_subbufs = 4,
		.flags = RELAY_GLOBAL,
	};
	struct rchan *chan;

	if (!IS_ENABLED(CONFIG_RELAYFS_FS))
		kunit_skip(test, "a kernel without relayfs");
	chan = relay_test_open(test, &params);
	relayfs_remove(parent);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, 1, d_count(relay_chan_of(chan)->dir));
	relay_write(chan, "1", 2);
	relay_test_close(test, chan);
}

/* The same, and then a CPU comes up. There is no directory for its files. */
static void relay_test_parent_removed_cpu(struct kunit *test)
{
	struct dentry *parent = relayfs_create_dir("relay_kunit_parent", NULL);
	const struct relay_params params = {
		.name = "child", .parent = parent, .subbuf_size = 64, .n_subbufs = 4,
	};
	unsigned int cpu = relay_test_other_cpu(test);
	struct rchan *chan;

	if (!IS_ENABLED(CONFIG_RELAYFS_FS))
		kunit_skip(test, "a kernel without relayfs");
	chan = relay_test_open(test, &params);
	relay_test_never_up(chan, cpu);
	relayfs_remove(parent);
	relay_test_comes_up(test, cpu);
}

/* A program looked for a file before its directory was removed. It cannot be created any more. */
static void relay_test_removed_directory(struct kunit *test)
{
	struct dentry *dir, *negative, *file;

	if (!IS_ENABLED(CONFIG_RELAYFS_FS))
		kunit_skip(test, "a kernel without relayfs");
	dir = relayfs_create_dir("relay_kunit_removed", NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dir);
	dget(dir);
	negative = lookup_noperm_unlocked(&QSTR("file"), dir);
	KUNIT_EXPECT_TRUE(test, d_is_negative(negative));
	relayfs_remove(dir);
	file = relayfs_create_file("file", dir, 0444, 0, &relay_file_operations, NULL, NULL);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOENT), file);
	relayfs_remove(file);
	dput(negative);
	dput(dir);
}

/* Rounds of relay_test_file_size_meets(), which ends after a second in any case. */
#define SIZE_ROUNDS	20000

struct size_test {
	struct rchan	*chan;
	atomic_t	round;		/* the other CPU writes one record in each */
	atomic_t	done;
};

static int size_thread(void *arg)
{
	static const char record[FILE_SUBBUF];
	struct size_test *size = arg;
	int round;

	for (round = 1; ; round++) {
		while (atomic_read(&size->round) < round) {
			if (kthread_should_stop())
				return 0;
			cpu_relax();
		}
		relay_write(size->chan, record, sizeof(record));
		atomic_set_release(&size->done, round);
	}
}

/* The file's size is right also if two CPUs deliver at once and store it in either order. */
static void relay_test_file_size_meets(struct kunit *test)
{
	static const char record[FILE_SUBBUF];
	unsigned int cpu = relay_test_other_cpu(test);
	struct file_test *this = file_test(test);
	struct size_test size = { .chan = this->chan };
	struct task_struct *thread;
	unsigned long end = jiffies + HZ;
	unsigned int wrong = 0;
	int round;

	relay_test_pin(test, 0);
	thread = kthread_create(size_thread, &size, "relay_kunit_size");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	get_task_struct(thread);
	kthread_bind(thread, cpu);
	wake_up_process(thread);
	for (round = 1; round < 10 || (round <= SIZE_ROUNDS && time_before(jiffies, end));
	     round++) {
		atomic_set(&size.round, round);
		relay_write(this->chan, record, sizeof(record));
		while (atomic_read_acquire(&size.done) < round)
			cpu_relax();
		relay_subbufs_consumed(this->chan, 0, 2);
		wrong += i_size_read(file_inode(this->file)) !=
			 atomic_long_read(&this->buf->bytes);
		cond_resched();
	}
	kthread_stop_put(thread);
	KUNIT_EXPECT_EQ(test, 0, wrong);
	KUNIT_EXPECT_EQ(test, 2L * (round - 1) * FILE_SUBBUF,
			atomic_long_read(&this->buf->bytes));
}

static struct relay_buf *relayfs_buf(struct kunit *test, const char *name, size_t subbuf_size)
{
	const struct relay_params params = {
		.name = name, .subbuf_size = subbuf_size, .n_subbufs = 4,
		.flags = RELAY_GLOBAL,
	};

	if (!IS_ENABLED(CONFIG_RELAYFS_FS))
		kunit_skip(test, "a kernel without relayfs");
	return relay_test_buf(relay_test_open(test, &params), 0);
}

static struct file *relayfs_file(struct kunit *test, const struct relay_buf *buf)
{
	return relay_test_open_relayfs(test, relay_buf_chan(buf)->dir, "cpu0");
}

/*
 * The number of a position is right for any lap around the one that its slot has delivered
 * last, because writers deliver while a reset computes it.
 */
static void relay_test_consumed_before(struct kunit *test)
{
	struct relay_buf *buf = relayfs_buf(test, "relay_kunit_before", 64);
	static const char record[64];
	u32 sequence;
	int i;

	for (i = 0; i < 6; i++) {
		relay_write(buf->chan, record, sizeof(record));
		relay_subbufs_consumed(buf->chan, 0, 1);
	}
	mutex_lock(&buf->reader.lock);
	for (sequence = 0; sequence < 16; sequence++) {
		relay_meta_consume_before(buf, relay_sequence_pos(&buf->ring, sequence));
		KUNIT_EXPECT_EQ(test, sequence, buf->meta->consumed);
	}
	mutex_unlock(&buf->reader.lock);
}

/* Positions wrap while a file is open that gets no sub-buffers. */
static void relay_test_left_behind(struct kunit *test)
{
	struct relay_buf *buf = relayfs_buf(test, "relay_kunit_behind", 64);
	struct relay_ring *ring = &buf->ring;
	struct file *file = relayfs_file(test, buf);

	memset(ring->control, 0, relay_ring_control_size(4));
	relay_ring_init(ring, 64, 4, 3UL << (BITS_PER_LONG - 2 - ring->lap_shift));
	KUNIT_EXPECT_TRUE(test, vfs_poll(file, NULL) == 0);
	relay_write(buf->chan, "1", 2);
	relay_flush(buf->chan);
	KUNIT_EXPECT_TRUE(test, vfs_poll(file, NULL) == (EPOLLIN | EPOLLRDNORM));
}

static int put_one(struct file_test *this, struct file *file, u64 sequence)
{
	const struct relay_subbuf_put put = { .sequence = sequence, .count = 1 };

	if (copy_to_user(this->user, &put, sizeof(put)))
		return -EFAULT;
	return file->f_op->unlocked_ioctl(file, RELAY_PUT_SUBBUF,
					  (unsigned long)this->user);
}

/* A sub-buffer is delivered before the previous one, in which a reservation is open. */
static void relay_test_put_early(struct kunit *test)
{
	struct relay_buf *buf = relayfs_buf(test, "relay_kunit_put", 64);
	struct file *file = relayfs_file(test, buf);
	struct file_test *this = file_test(test);
	static const char record[64];
	struct relay_slot slot;
	int i;

	KUNIT_ASSERT_EQ(test, 0, relay_ring_reserve(&buf->ring, &slot, 8, NULL, true));
	relay_write(buf->chan, record, 64 - 8);
	relay_write(buf->chan, record, 64);
	KUNIT_EXPECT_EQ(test, -EINVAL, put_one(this, file, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, put_one(this, file, 1));
	relay_ring_commit(&slot, true);
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, 0, put_one(this, file, i));
		relay_write(buf->chan, record, 64);
	}
}

#define SNAPSHOT_SUBBUF	SZ_256K

static int snapshot_writer(void *chan)
{
	void *record = vzalloc(SNAPSHOT_SUBBUF);

	while (record && !kthread_should_stop()) {
		relay_write(chan, record, SNAPSHOT_SUBBUF);
		cond_resched();
	}
	vfree(record);
	return record ? 0 : -ENOMEM;
}

/*
 * Take a snapshot, read a sub-buffer of it, and get the next one. Return: false if nothing
 * was left to get. Otherwise *@sum is the number of sub-buffers read or missed before the one
 * in @get, which must be its sequence number.
 */
static bool snapshot_sum(struct file_test *this, struct file *file, void *to,
			 struct relay_subbuf_get *get, u64 *sum)
{
	long (*ioctl)(struct file *, unsigned int, unsigned long) =
		file->f_op->unlocked_ioctl;
	loff_t pos = 0;

	if (ioctl(file, RELAY_SNAPSHOT, 0))
		return false;
	*sum = kernel_read(file, to, SNAPSHOT_SUBBUF, &pos) == SNAPSHOT_SUBBUF;
	if (ioctl(file, RELAY_GET_SUBBUF, (unsigned long)this->user) ||
	    copy_from_user(get, this->user, sizeof(*get)))
		return false;
	*sum += get->missed;
	return true;
}

/* A sub-buffer that is overwritten during the copy counts as missed, as one before it. */
static void relay_test_snapshot_missed(struct kunit *test)
{
	const struct relay_params params = {
		.name = "relay_kunit_snapshot", .subbuf_size = SNAPSHOT_SUBBUF,
		.n_subbufs = 4, .flags = RELAY_GLOBAL | RELAY_OVERWRITE,
	};
	unsigned int cpu = relay_test_other_cpu(test), got = 0, wrong = 0;
	void *to = kunit_kmalloc(test, SNAPSHOT_SUBBUF, GFP_KERNEL);
	struct file_test *this = file_test(test);
	struct relay_subbuf_get get;
	struct task_struct *thread;
	unsigned long end;
	struct rchan *chan;
	struct file *file;
	u64 sum;

	KUNIT_ASSERT_NOT_NULL(test, to);
	if (!IS_ENABLED(CONFIG_RELAYFS_FS))
		kunit_skip(test, "a kernel without relayfs");
	chan = relay_test_open(test, &params);
	file = relayfs_file(test, relay_test_buf(chan, 0));
	relay_test_pin(test, 0);
	thread = kthread_create(snapshot_writer, chan, "relay_kunit_snapshot");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	get_task_struct(thread);
	kthread_bind(thread, cpu);
	wake_up_process(thread);
	for (end = jiffies + HZ; !got || time_before(jiffies, end); cond_resched())
		if (snapshot_sum(this, file, to, &get, &sum)) {
			got++;
			wrong += sum != get.info.sequence;
		}
	KUNIT_EXPECT_EQ(test, 0, kthread_stop_put(thread));
	KUNIT_EXPECT_EQ_MSG(test, 0, wrong, "of %u", got);
}

/*
 * poll
 */

struct poll_test {
	poll_table		table;
	wait_queue_entry_t	entry;
	wait_queue_head_t	*head;
	struct completion	woken;
};

static int poll_woken(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	complete(&container_of(entry, struct poll_test, entry)->woken);
	return 0;
}

static void poll_queue(struct file *file, wait_queue_head_t *head, poll_table *table)
{
	struct poll_test *poll = container_of(table, struct poll_test, table);

	poll->head = head;
	init_waitqueue_func_entry(&poll->entry, poll_woken);
	add_wait_queue(head, &poll->entry);
}

/* Register on the wait queue and poll, as poll(2) does before it waits. */
static __poll_t poll_start(struct file_test *this, struct poll_test *poll)
{
	init_completion(&poll->woken);
	init_poll_funcptr(&poll->table, poll_queue);
	return vfs_poll(this->file, &poll->table);
}

static void poll_end(struct poll_test *poll)
{
	wait_for_completion(&poll->woken);
	remove_wait_queue(poll->head, &poll->entry);
}

#define POLL_DATA	(EPOLLIN | EPOLLRDNORM)

static void relay_test_poll(struct kunit *test)
{
	struct file_test *this = file_test(test);
	struct poll_test poll = {};

	KUNIT_EXPECT_TRUE(test, poll_start(this, &poll) == 0);
	/* The file is readable once a whole sub-buffer is delivered. */
	file_write(this, 0, 2999);
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == 0);
	file_write(this, 2999, 1);
	poll_end(&poll);
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == POLL_DATA);
	KUNIT_EXPECT_EQ(test, 2990, expect_read(test, 0, 2990));
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == POLL_DATA);
	KUNIT_EXPECT_EQ(test, 10, expect_read(test, 2990, 10));
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == 0);
}

/* A flush delivers, so it makes the file readable. */
static void relay_test_poll_flush(struct kunit *test)
{
	struct file_test *this = file_test(test);
	struct poll_test poll = {};

	KUNIT_EXPECT_TRUE(test, poll_start(this, &poll) == 0);
	file_write(this, 0, 10);
	relay_flush(this->chan);
	poll_end(&poll);
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == POLL_DATA);
}

/* The close wakes a poller; the file can be read to its end, and then poll returns EPOLLHUP. */
static void relay_test_close_under_poll(struct kunit *test)
{
	struct file_test *this = file_test(test);
	struct poll_test poll = {};

	KUNIT_EXPECT_TRUE(test, poll_start(this, &poll) == 0);
	file_write(this, 0, 1500);
	relay_test_close(test, this->chan);
	poll_end(&poll);
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == POLL_DATA);
	KUNIT_EXPECT_EQ(test, 700, expect_read(test, 0, 700));
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == POLL_DATA);
	KUNIT_EXPECT_EQ(test, 800, expect_read(test, 700, USER_SIZE));
	KUNIT_EXPECT_EQ(test, 0, expect_read(test, 0, USER_SIZE));
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == EPOLLHUP);
}

static void relay_test_close_empty(struct kunit *test)
{
	struct file_test *this = file_test(test);
	struct poll_test poll = {};

	KUNIT_EXPECT_TRUE(test, poll_start(this, &poll) == 0);
	relay_test_close(test, this->chan);
	poll_end(&poll);
	KUNIT_EXPECT_TRUE(test, vfs_poll(this->file, NULL) == EPOLLHUP);
	KUNIT_EXPECT_EQ(test, 0, expect_read(test, 0, 1));
}

/* The close removes the file, but an open file stays usable. */
static void relay_test_open_after_close(struct kunit *test)
{
	struct file_test *this = file_test(test);
	struct dentry *dentry = dget(test_dentry);
	struct path path = { .mnt = debugfs_mnt, .dentry = dentry };

	file_write(this, 0, 10);
	relay_test_close(test, this->chan);
	KUNIT_EXPECT_EQ(test, -ENOENT, PTR_ERR_OR_ZERO(dentry_open(&path, O_RDONLY,
								   current_cred())));
	dput(dentry);
	KUNIT_EXPECT_EQ(test, 10, expect_read(test, 0, USER_SIZE));
}

/* A reader that polls and reads until EPOLLHUP. */
static int reader_thread(void *arg)
{
	struct file_test *this = arg;
	unsigned long *bytes = (unsigned long *)this->got;
	char buffer[64];
	__poll_t events;
	ssize_t got;

	do {
		wait_event_interruptible(this->buf->read_wait,
					 relay_buf_readable(this->buf));
		events = vfs_poll(this->file, NULL);
		while ((got = relay_test_read(this->buf, buffer, sizeof(buffer))) > 0)
			*bytes += got;
	} while (!(events & EPOLLHUP));
	complete((struct completion *)(bytes + 1));
	return 0;
}

static void relay_test_close_under_reader(struct kunit *test)
{
	struct file_test *this = file_test(test);
	unsigned long *bytes = (unsigned long *)this->got;
	struct completion *done = (struct completion *)(bytes + 1);
	struct relay_counters stats;
	struct task_struct *reader;
	unsigned long i;

	init_completion(done);
	kref_get(&relay_buf_chan(this->buf)->kref);
	reader = kthread_run(reader_thread, this, "relay_reader");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reader);
	for (i = 0; i < 20000; i++)
		file_write(this, i, 100);
	relay_test_close(test, this->chan);
	wait_for_completion(done);
	relay_buf_stats(&this->buf->client, &stats);
	relay_test_conserved(test, &stats, 20000, *bytes / 100, 0);
	relay_chan_put(relay_buf_chan(this->buf));
}

/*
 * A directory with a lock, as in debugfs: remove_buf_file() holds the lock while it waits for
 * the reader, and create_buf_file() takes it.
 */
static struct {
	struct mutex		lock;		/* of the directory */
	struct completion	removing;
	struct completion	read;
	struct completion	opened;
	bool			in_time;
	struct rchan		*chan;
} dir_test;

static struct dentry *dir_create(const char *filename, struct dentry *parent,
				 umode_t mode, struct rchan_buf *buf, int *is_global)
{
	if (dir_test.chan)
		wait_for_completion_timeout(&dir_test.removing, HZ);
	mutex_lock(&dir_test.lock);
	mutex_unlock(&dir_test.lock);
	return debugfs_create_file_unsafe(filename, mode, parent, buf,
					  &relay_file_operations);
}

static int dir_remove(struct dentry *dentry)
{
	mutex_lock(&dir_test.lock);
	complete_all(&dir_test.removing);
	dir_test.in_time &= !!wait_for_completion_timeout(&dir_test.read, 20 * HZ);
	debugfs_remove(dentry);
	mutex_unlock(&dir_test.lock);
	return 0;
}

static const struct rchan_callbacks dir_cb = {
	.create_buf_file = dir_create,
	.remove_buf_file = dir_remove,
};

static struct rchan *dir_open(const char *name)
{
	const struct relay_params params = {
		.name = name, .subbuf_size = 64, .n_subbufs = 4,
		.flags = RELAY_GLOBAL | RELAY_OVERWRITE, .cb = &dir_cb,
	};

	return relay_open_params(&params);
}

static int dir_remove_thread(void *chan)
{
	relay_chan_remove(chan);
	return 0;
}

static int dir_open_thread(void *unused)
{
	relay_close(dir_open("relay_kunit_second"));
	complete(&dir_test.opened);
	return 0;
}

static int dir_read_thread(void *buf)
{
	char byte;

	relay_test_read(buf, &byte, 1);
	complete_all(&dir_test.read);
	return 0;
}

/* Three tasks read, close the channel, and open another one in the same directory. */
static void relay_test_close_read_open(struct kunit *test)
{
	struct relay_buf *buf;

	dir_test = (typeof(dir_test)) { .in_time = true };
	mutex_init(&dir_test.lock);
	init_completion(&dir_test.removing);
	init_completion(&dir_test.read);
	init_completion(&dir_test.opened);
	dir_test.chan = dir_open("relay_kunit_first");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dir_test.chan);
	buf = relay_test_buf(dir_test.chan, 0);
	kref_get(&relay_buf_chan(buf)->kref);

	/* All three wait for the lock of the channels, in the order of their start. */
	mutex_lock(&relay_channels_mutex);
	kthread_run(dir_remove_thread, dir_test.chan, "relay_remove");
	msleep(50);
	kthread_run(dir_open_thread, NULL, "relay_open");
	msleep(50);
	kthread_run(dir_read_thread, buf, "relay_read");
	msleep(50);
	mutex_unlock(&relay_channels_mutex);

	wait_for_completion(&dir_test.opened);
	KUNIT_EXPECT_TRUE(test, dir_test.in_time);
	relay_chan_put(relay_buf_chan(buf));
}

/*
 * mmap
 */

struct map_case {
	const char	*name;
	long		size;		/* against the buffer's */
	unsigned long	offset;		/* in pages */
	unsigned long	prot;
	unsigned long	flags;
	int		err;
};

static const struct map_case map_cases[] = {
	{ "whole", 0, 0, PROT_READ, MAP_SHARED, 0 },
	{ "none", 0, 0, PROT_NONE, MAP_SHARED, 0 },
	{ "a page", 0, 1, PROT_READ, MAP_SHARED, -EINVAL },
	{ "far away", 0, 1 << 20, PROT_READ, MAP_SHARED, -EINVAL },
	{ "too long", PAGE_SIZE, 0, PROT_READ, MAP_SHARED, -EINVAL },
	{ "too short", -PAGE_SIZE, 0, PROT_READ, MAP_SHARED, -EINVAL },
	{ "the rest", -PAGE_SIZE, 1, PROT_READ, MAP_SHARED, -EINVAL },
	{ "private", 0, 0, PROT_READ, MAP_PRIVATE, -EINVAL },
	{ "writable", 0, 0, PROT_READ | PROT_WRITE, MAP_SHARED, -EPERM },
	{ "executable", 0, 0, PROT_READ | PROT_EXEC, MAP_SHARED, -EPERM },
};

KUNIT_ARRAY_PARAM_DESC(map, map_cases, name);

static void relay_test_map(struct kunit *test)
{
	const struct map_case *map = test->param_value;
	struct file_test *this = file_test(test);
	/* O_RDWR, so that the file's mode is not the reason for an error. */
	struct file *file = file_get(test, O_RDWR);
	unsigned long at;

	at = vm_mmap(file, 0, this->chan->alloc_size + map->size, map->prot, map->flags,
		     map->offset << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, map->err, IS_ERR_VALUE(at) ? (long)at : 0);
	if (!IS_ERR_VALUE(at))
		KUNIT_EXPECT_EQ(test, 0, vm_munmap(at, this->chan->alloc_size));
}

static void relay_test_map_shows_bytes(struct kunit *test)
{
	struct file_test *this = file_test(test);
	size_t size = this->chan->alloc_size;
	unsigned long written = 0, at;
	struct vm_area_struct *vma;
	int i;

	at = vm_mmap(this->file, 0, size, PROT_READ, MAP_SHARED, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(at));
	for (i = 0; i < FILE_SUBBUFS; i++)
		written = file_write(this, written, FILE_SUBBUF);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(this->got, (char __user *)at, written));
	for (i = 0; i < written; i++)
		KUNIT_ASSERT_EQ(test, pattern(i), this->got[i]);
	/* The mapping is read-only, and mprotect(2) cannot change that. */
	KUNIT_EXPECT_EQ(test, 1, copy_to_user((char __user *)at, "x", 1));
	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, at);
	KUNIT_EXPECT_NOT_NULL(test, vma);
	if (vma) {
		KUNIT_EXPECT_FALSE(test, vma->vm_flags & (VM_WRITE | VM_MAYWRITE |
							  VM_EXEC | VM_MAYEXEC));
		KUNIT_EXPECT_EQ(test, VM_DONTCOPY | VM_DONTDUMP | VM_DONTEXPAND,
				vma->vm_flags & (VM_DONTCOPY | VM_DONTDUMP | VM_DONTEXPAND));
	}
	mmap_read_unlock(current->mm);
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(at, size));
}

/* A mapping outlives the channel, and its file. */
static void relay_test_map_after_close(struct kunit *test)
{
	struct file_test *this = file_test(test);
	size_t size = this->chan->alloc_size;
	unsigned long at;
	int i;

	at = vm_mmap(this->file, 0, size, PROT_READ, MAP_SHARED, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(at));
	file_write(this, 0, 1000);
	relay_test_close(test, this->chan);
	kunit_release_action(test, file_put_action, this->file);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(this->got, (char __user *)at, 1000));
	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_EQ(test, pattern(i), this->got[i]);
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(at, size));
}

/* A map file that is open when the channel closes still has as many bytes as it shows. */
static void relay_test_map_file_after_close(struct kunit *test)
{
	const struct relay_params params = {
		.name = "relay_kunit_map", .subbuf_size = 64, .n_subbufs = 4,
	};
	struct file_test *this = file_test(test);
	struct rchan *chan;
	struct file *file;
	loff_t pos = 0;

	if (!IS_ENABLED(CONFIG_RELAYFS_FS))
		kunit_skip(test, "a kernel without relayfs");
	chan = relay_test_open(test, &params);
	file = relay_test_open_relayfs(test, relay_chan_of(chan)->dir, "map0");
	relay_test_close(test, chan);
	KUNIT_EXPECT_EQ(test, i_size_read(file_inode(file)),
			file->f_op->read(file, this->user, USER_SIZE, &pos));
}

/*
 * Map the file at an address without page tables while the @nth allocation fails. Return: the
 * address, or the error; *@left is 0 if there were that many allocations.
 */
static unsigned long map_failing(struct file *file, size_t size, unsigned int nth,
				 unsigned int *left)
{
	unsigned long at;

#if IS_ENABLED(CONFIG_FAULT_INJECTION)
	current->fail_nth = nth;
#endif
	at = vm_mmap(file, round_down(TASK_SIZE / 2, PGDIR_SIZE), size, PROT_READ,
		     MAP_SHARED | MAP_FIXED_NOREPLACE, 0);
#if IS_ENABLED(CONFIG_FAULT_INJECTION)
	*left = current->fail_nth;
	current->fail_nth = 0;
#endif
	return at;
}

/*
 * Each allocation of a mapping fails in turn, also those made when the mapping is half done.
 * Has the requirements of relay_test_open_allocations().
 */
static void relay_test_map_allocations(struct kunit *test)
{
	struct relay_buf *buf = relayfs_buf(test, "relay_kunit_map", PAGE_SIZE);
	struct file *file = relayfs_file(test, buf);
	size_t size = buf->chan->alloc_size;
	unsigned int failed = 0, left = 1;
	unsigned long at;

	for (;; failed++) {
		at = map_failing(file, size, failed + 1, &left);
		if (left)
			break;
		/* The mapping succeeds if the allocation was only for a cache. */
		if (!IS_ERR_VALUE(at))
			vm_munmap(at, size);
		KUNIT_ASSERT_EQ_MSG(test, 0, atomic_read(&buf->mappings),
				    "allocation %u", failed);
	}
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(at));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&buf->mappings));
	/* Unmapping the middle splits the mapping: it counts as two. */
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(at + PAGE_SIZE, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&buf->mappings));
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(at, size));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&buf->mappings));
	kunit_info(test, "%u allocations", failed);
	if (failed < 3)
		kunit_skip(test, "allocations that may sleep are spared");
}

/*
 * splice
 */

static int splice_take(struct pipe_inode_info *pipe, struct pipe_buffer *buf,
		       struct splice_desc *sd)
{
	char **to = sd->u.data;
	char *page = kmap_local_page(buf->page);

	memcpy(*to, page + buf->offset, sd->len);
	*to += sd->len;
	kunmap_local(page);
	return sd->len;
}

KUNIT_DEFINE_ACTION_WRAPPER(free_pipe_action, free_pipe_info, struct pipe_inode_info *);

/* Splice into a pipe, and read it, until the buffer is empty. */
static ssize_t splice_all(struct kunit *test, struct file_test *this)
{
	struct pipe_inode_info *pipe = alloc_pipe_info();
	char *to = this->got;
	struct splice_desc sd = { .u.data = &to };
	loff_t pos = 0;
	ssize_t got;

	KUNIT_ASSERT_NOT_NULL(test, pipe);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_pipe_action, pipe));
	pipe->readers = 1;
	while ((got = vfs_splice_read(this->file, &pos, pipe, USER_SIZE, 0)) > 0) {
		sd.total_len = got;
		KUNIT_ASSERT_EQ(test, got, __splice_from_pipe(pipe, &sd, splice_take));
	}
	KUNIT_EXPECT_EQ(test, 0, got);
	return to - this->got;
}

static void relay_test_splice(struct kunit *test)
{
	struct file_test *this = file_test(test);
	unsigned long written = 0;
	int i;

	for (i = 0; i < 15; i++)
		written = file_write(this, written, 700);
	KUNIT_ASSERT_EQ(test, written, splice_all(test, this));
	for (i = 0; i < written; i++)
		KUNIT_ASSERT_EQ(test, pattern(i), this->got[i]);
	KUNIT_EXPECT_EQ(test, 0, expect_read(test, 0, USER_SIZE));
}

static struct pipe_inode_info *lent_to;

/* In the middle of a reset, release the page that the pipe holds. */
static void lend_deliver(struct rchan_buf *buf)
{
	struct pipe_inode_info *pipe = lent_to;

	if (!pipe)
		return;
	lent_to = NULL;
	pipe_buf_release(pipe, pipe_buf(pipe, pipe->tail++));
}

/* A reset leaves no older record, even if a pipe gives a page back meanwhile. */
static void relay_test_reset_lent(struct kunit *test)
{
	static const struct relay_channel_ops ops = { .subbuf_deliver = lend_deliver };
	const struct relay_params params = {
		.name = "relay_kunit_lend", .subbuf_size = PAGE_SIZE, .n_subbufs = 4,
		.flags = RELAY_GLOBAL, .ops = &ops,
	};
	struct pipe_inode_info *pipe = alloc_pipe_info();
	struct relay_counters stats;
	struct relay_buf *buf;
	struct rchan *chan;
	char *record = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, pipe);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_pipe_action, pipe));
	KUNIT_ASSERT_NOT_NULL(test, record);
	if (!IS_ENABLED(CONFIG_RELAYFS_FS))
		kunit_skip(test, "a kernel without relayfs");
	chan = relay_test_open(test, &params);
	buf = relay_test_buf(chan, 0);
	pipe->readers = 1;
	for (i = 0; i < 3; i++)
		relay_write(chan, record, PAGE_SIZE);
	relay_write(chan, "4", 2);
	KUNIT_ASSERT_EQ(test, PAGE_SIZE, relay_lend(buf, pipe, PAGE_SIZE));
	lent_to = pipe;
	relay_reset(chan);
	KUNIT_EXPECT_NULL(test, lent_to);
	KUNIT_EXPECT_EQ(test, 0, relay_test_read(buf, record, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 4, buf->meta->consumed);
	relay_buf_stats(&buf->client, &stats);
	KUNIT_EXPECT_EQ(test, 3, stats.erased);
}

static struct kunit_case relay_file_cases[] = {
	KUNIT_CASE_PARAM(relay_test_read_in_pieces, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_read_at_once, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_read_unmapped, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_read_half_unmapped, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_read_waits_for_memory, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_read_overwritten, file_mode_gen_params),
	KUNIT_CASE(relay_test_file_size),
	KUNIT_CASE(relay_test_file_removed_first),
	KUNIT_CASE(relay_test_file_refused),
	KUNIT_CASE(relay_test_parent_removed_first),
	KUNIT_CASE(relay_test_parent_removed_cpu),
	KUNIT_CASE(relay_test_removed_directory),
	KUNIT_CASE(relay_test_file_size_meets),
	KUNIT_CASE(relay_test_left_behind),
	KUNIT_CASE(relay_test_consumed_before),
	KUNIT_CASE(relay_test_put_early),
	KUNIT_CASE(relay_test_snapshot_missed),
	KUNIT_CASE_PARAM(relay_test_poll, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_poll_flush, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_close_under_poll, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_close_empty, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_open_after_close, file_mode_gen_params),
	KUNIT_CASE_PARAM(relay_test_close_under_reader, file_mode_gen_params),
	KUNIT_CASE(relay_test_close_read_open),
	KUNIT_CASE(relay_test_map_shows_bytes),
	KUNIT_CASE(relay_test_map_after_close),
	KUNIT_CASE(relay_test_map_file_after_close),
	KUNIT_CASE_PARAM(relay_test_splice, file_mode_gen_params),
	KUNIT_CASE(relay_test_reset_lent),
	{}
};

static struct kunit_suite relay_file_suite = {
	.name		= "relay-file",
	.suite_init	= file_suite_init,
	.suite_exit	= file_suite_exit,
	.init		= file_init,
	.test_cases	= relay_file_cases,
};

/* The parameter of a map case is not the channel's flags. */
static int map_init(struct kunit *test)
{
	const void *param = test->param_value;
	int err;

	test->param_value = NULL;
	err = file_init(test);
	test->param_value = param;
	return err;
}

static struct kunit_case relay_map_cases[] = {
	KUNIT_CASE_PARAM(relay_test_map, map_gen_params),
	{}
};

static struct kunit_suite relay_map_suite = {
	.name		= "relay-map",
	.suite_init	= file_suite_init,
	.suite_exit	= file_suite_exit,
	.init		= map_init,
	.test_cases	= relay_map_cases,
};

static struct kunit_case relay_map_alloc_cases[] = {
	KUNIT_CASE(relay_test_map_allocations),
	{}
};

static struct kunit_suite relay_map_alloc_suite = {
	.name		= "relay-map-alloc",
	.suite_init	= file_suite_init,
	.suite_exit	= file_suite_exit,
	.init		= file_init,
	.test_cases	= relay_map_alloc_cases,
};

kunit_test_suites(&relay_file_suite, &relay_map_suite, &relay_map_alloc_suite);
