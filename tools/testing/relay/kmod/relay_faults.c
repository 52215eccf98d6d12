// SPDX-License-Identifier: GPL-2.0
/*
 * The faults of the relay of Linux 7.3: one or more tests for each.
 *
 * The file is compiled twice: as it is, and with other names against the relay of
 * the pristine tree (see Kbuild). boot/tests/faults.sh checks that every test fails
 * there. So the tests use only the API that both have, relay_open() and files, and
 * stop before the old code would crash or hang.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pipe_fs_i.h>
#include <linux/poll.h>
#include <linux/relay.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

/*
 * A client
 */

static struct {
	struct vfsmount	*mnt;
	struct dentry	*dir;
	struct dentry	*file[NR_CPUS];
	bool		global;
	bool		refuse;		/* subbuf_start refuses to overwrite */
	unsigned int	fail_at;	/* call of create_buf_file that fails, from 1 */
	unsigned int	asked;
	unsigned int	created;
	unsigned int	removed;
	struct rchan	*write_to;	/* subbuf_start writes to it */
} fault;

static struct dentry *fault_create(const char *filename, struct dentry *parent,
				   umode_t mode, struct rchan_buf *buf, int *is_global)
{
	struct dentry *dentry;

	if (++fault.asked == fault.fail_at)
		return NULL;
	*is_global = fault.global;
	dentry = debugfs_create_file_unsafe(filename, mode, parent, buf,
					    &relay_file_operations);
	fault.file[fault.created++] = dentry;
	return dentry;
}

static int fault_remove(struct dentry *dentry)
{
	fault.removed++;
	debugfs_remove(dentry);
	return 0;
}

static int fault_start(struct rchan_buf *buf, void *subbuf, void *prev_subbuf)
{
	if (fault.write_to && prev_subbuf)
		relay_write(fault.write_to, "nested", 6);
	return !fault.refuse || !relay_buf_full(buf);
}

static const struct rchan_callbacks fault_cb = {
	.create_buf_file = fault_create,
	.remove_buf_file = fault_remove,
};

static const struct rchan_callbacks fault_start_cb = {
	.subbuf_start	= fault_start,
	.create_buf_file = fault_create,
	.remove_buf_file = fault_remove,
};

static int fault_suite_init(struct kunit_suite *suite)
{
	struct file_system_type *type = get_fs_type("debugfs");

	if (!type)
		return -ENODEV;
	fault.mnt = kern_mount(type);
	return PTR_ERR_OR_ZERO(fault.mnt);
}

static void fault_suite_exit(struct kunit_suite *suite)
{
	if (!IS_ERR_OR_NULL(fault.mnt))
		kern_unmount(fault.mnt);
}

KUNIT_DEFINE_ACTION_WRAPPER(fault_remove_dir, debugfs_remove, struct dentry *);

static int fault_init(struct kunit *test)
{
	struct vfsmount *mnt = fault.mnt;

	memset(&fault, 0, sizeof(fault));
	fault.mnt = mnt;
	fault.global = true;
	fault.dir = debugfs_create_dir(test->name, NULL);
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(0)));
	/* Runs after the actions that a case adds. */
	return kunit_add_action_or_reset(test, fault_remove_dir, fault.dir);
}

KUNIT_DEFINE_ACTION_WRAPPER(fault_close, relay_close, struct rchan *);
KUNIT_DEFINE_ACTION_WRAPPER(fault_fput, __fput_sync, struct file *);

static struct rchan *fault_open(struct kunit *test, size_t size, size_t n,
				const struct rchan_callbacks *cb)
{
	struct rchan *chan = relay_open("fault", fault.dir, size, n, cb, NULL);

	KUNIT_ASSERT_NOT_NULL(test, chan);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fault_close, chan));
	return chan;
}

static struct file *fault_file(struct kunit *test, unsigned int which, int flags)
{
	struct path path = { .mnt = fault.mnt, .dentry = fault.file[which] };
	struct file *file = dentry_open(&path, flags, current_cred());

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fault_fput, file));
	return file;
}

/* Map a page of user memory, with no mapping after it. */
static char __user *fault_user(struct kunit *test)
{
	unsigned long at = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
					 MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_FALSE(test, !at || IS_ERR_VALUE(at));
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(at + PAGE_SIZE, PAGE_SIZE));
	return (char __user *)at;
}

static ssize_t fault_read_user(struct file *file, char __user *to, size_t len)
{
	loff_t pos = 0;

	return file->f_op->read(file, to, len, &pos);
}

static ssize_t fault_read(struct kunit *test, struct file *file, void *to, size_t len)
{
	char __user *user = fault_user(test);
	ssize_t got = fault_read_user(file, user, len);

	if (got > 0)
		KUNIT_ASSERT_EQ(test, 0, copy_from_user(to, user, got));
	return got;
}

/*
 * 1. If the open fails at one CPU's file, CPU 0's buffer is leaked
 */
static void fault_1_open_fails(struct kunit *test)
{
	fault.global = false;
	fault.fail_at = num_online_cpus();
	KUNIT_ASSERT_GT(test, num_online_cpus(), 1);
	KUNIT_EXPECT_NULL(test, relay_open("fault", fault.dir, 4096, 4, &fault_cb, NULL));
	KUNIT_EXPECT_EQ(test, num_online_cpus() - 1, fault.created);
	KUNIT_EXPECT_EQ(test, fault.created, fault.removed);
}

/*
 * 2. Invalid mappings are not refused. The test does not touch them, because the
 * memory may belong to any user.
 */

static void fault_expect_no_map(struct kunit *test, struct rchan *chan, unsigned long prot,
				unsigned long flags, unsigned long offset)
{
	struct file *file = fault_file(test, 0, O_RDWR);
	unsigned long at;

	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	at = vm_mmap(file, 0, chan->alloc_size, prot, flags, offset);
	KUNIT_EXPECT_TRUE(test, IS_ERR_VALUE(at));
	if (!IS_ERR_VALUE(at))
		KUNIT_EXPECT_EQ(test, 0, vm_munmap(at, chan->alloc_size));
}

static void fault_2_map_offset(struct kunit *test)
{
	fault_expect_no_map(test, fault_open(test, 4096, 4, &fault_cb),
			    PROT_READ, MAP_SHARED, PAGE_SIZE);
}

static void fault_2_map_private(struct kunit *test)
{
	fault_expect_no_map(test, fault_open(test, 4096, 4, &fault_cb),
			    PROT_READ, MAP_PRIVATE, 0);
}

static void fault_2_map_writable(struct kunit *test)
{
	fault_expect_no_map(test, fault_open(test, 4096, 4, &fault_cb),
			    PROT_READ | PROT_WRITE, MAP_SHARED, 0);
}

/*
 * 3. No client can offer a file on debugfs that can be mapped and spliced
 */

/* Splice into an empty pipe, and copy its first bytes to @to. */
static ssize_t fault_splice(struct kunit *test, struct file *file, void *to, size_t len)
{
	struct pipe_inode_info *pipe = kunit_kzalloc(test, sizeof(*pipe), GFP_KERNEL);
	loff_t pos = 0;
	ssize_t got;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, pipe);
	pipe->bufs = kunit_kcalloc(test, 16, sizeof(*pipe->bufs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pipe->bufs);
	pipe->ring_size = 16;
	pipe->max_usage = 16;
	pipe->readers = 1;
	got = file->f_op->splice_read(file, &pos, pipe, len, 0);
	if (got > 0)
		memcpy(to, page_address(pipe->bufs[0].page) + pipe->bufs[0].offset,
		       min_t(size_t, got, pipe->bufs[0].len));
	for (i = 0; i < pipe->ring_size; i++)
		if (pipe->bufs[i].ops)
			pipe_buf_release(pipe, &pipe->bufs[i]);
	return got;
}

static void fault_3_map_and_splice(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 4096, 4, &fault_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	unsigned long at;
	char got[16];

	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	relay_write(chan, "sixteen bytes...", 16);
	at = vm_mmap(file, 0, chan->alloc_size, PROT_READ, MAP_SHARED, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(at));
	KUNIT_EXPECT_EQ(test, 0, copy_from_user(got, (char __user *)at, 16));
	KUNIT_EXPECT_MEMEQ(test, got, "sixteen bytes...", 16);
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(at, chan->alloc_size));

	KUNIT_ASSERT_NOT_NULL(test, file->f_op->splice_read);
	memset(got, 0, sizeof(got));
	KUNIT_EXPECT_EQ(test, 16, fault_splice(test, file, got, 16));
	KUNIT_EXPECT_MEMEQ(test, got, "sixteen bytes...", 16);
}

/*
 * 4. read() returns bytes that were never written, and loses -EFAULT
 */

static void fault_4_read_efault(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 4096, 4, &fault_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	char got[16];

	relay_write(chan, "sixteen bytes...", 16);
	KUNIT_EXPECT_EQ(test, -EFAULT, fault_read_user(file, fault_user(test) + PAGE_SIZE, 16));
	KUNIT_EXPECT_EQ(test, 16, fault_read(test, file, got, 16));
	KUNIT_EXPECT_MEMEQ(test, got, "sixteen bytes...", 16);
}

/* A writer that has reserved a record and not yet filled it; the old relay has no commit. */
struct fault_writer {
	struct work_struct	work;
	struct rchan		*chan;
	struct completion	reserved;
	bool			fill;
};

static void fault_wait_to_fill(struct fault_writer *writer)
{
	complete(&writer->reserved);
	while (!READ_ONCE(writer->fill))
		cpu_relax();
}

static void fault_fill_later(struct work_struct *work)
{
	struct fault_writer *writer = container_of(work, struct fault_writer, work);
#ifdef RELAY_OVERWRITE
	struct relay_slot slot;

	if (relay_slot_reserve(writer->chan, &slot, 8)) {
		complete(&writer->reserved);
		return;
	}
	fault_wait_to_fill(writer);
	memcpy(slot.data, "complete", 8);
	relay_slot_commit(&slot);
#else
	void *data = relay_reserve(writer->chan, 8);

	fault_wait_to_fill(writer);
	memcpy(data, "complete", 8);
#endif
}

static void fault_4_read_unwritten(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 4096, 4, &fault_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	struct fault_writer writer = { .chan = chan };
	ssize_t before;
	char got[8];

	init_completion(&writer.reserved);
	INIT_WORK_ONSTACK(&writer.work, fault_fill_later);
	schedule_work_on(1, &writer.work);
	wait_for_completion(&writer.reserved);
	before = fault_read(test, file, got, 8);
	WRITE_ONCE(writer.fill, true);
	flush_work(&writer.work);
	destroy_work_on_stack(&writer.work);

	KUNIT_EXPECT_EQ(test, 0, before);
	KUNIT_EXPECT_EQ(test, 8, fault_read(test, file, got, 8));
	KUNIT_EXPECT_MEMEQ(test, got, "complete", 8);
}

/*
 * 5. A reader whose record is overwritten gets the end of another record
 */
static void fault_5_overwritten_reader(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 128, 4, &fault_start_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	char record[16] = "record a, whole.", got[16] = "";
	int i;

	for (i = 0; i < 12; i++, record[7]++)
		relay_write(chan, record, 16);
	KUNIT_EXPECT_EQ(test, 5, fault_read(test, file, got, 5));
	for (i = 0; i < 100; i++, record[7] = 'A' + i % 26)
		relay_write(chan, record, 16);
	KUNIT_EXPECT_EQ(test, 11, fault_read(test, file, got + 5, 11));
	KUNIT_EXPECT_MEMEQ(test, got, "record a, whole.", 16);
}

/*
 * 6. Writes must not nest, and no other operation may run beside a writer
 */

/* Nests a write in a callback instead of an interrupt, because that is repeatable. */
static void fault_6_nested_write(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 16, 8, &fault_start_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	char got[16];

	relay_write(chan, "the first record", 16);
	fault.write_to = chan;
	relay_write(chan, "the second one.", 16);
	fault.write_to = NULL;
	KUNIT_EXPECT_EQ(test, 16, fault_read(test, file, got, 16));
	KUNIT_EXPECT_MEMEQ(test, got, "the first record", 16);
}

#define RACE_WRITES	2000
#define RACE_FLUSHES	50
#define RACE_ROUNDS	1000

/* Not whole pages, so that a write a little beyond the buffer does no harm. */
#define RACE_SUBBUF	(4096 - 64)
#define RACE_SUBBUFS	62

struct fault_race {
	struct work_struct	work;
	struct rchan		*chan;
	struct completion	started;
	bool			go;
};

static void fault_race_write(struct work_struct *work)
{
	struct fault_race *race = container_of(work, struct fault_race, work);
	u64 i;

	complete(&race->started);
	while (!READ_ONCE(race->go))
		cpu_relax();
	for (i = 0; i < RACE_WRITES; i++)
		relay_write(race->chan, &i, sizeof(i));
}

static void fault_race_flush(struct fault_race *race)
{
	int i;

	init_completion(&race->started);
	race->go = false;
	schedule_work_on(1, &race->work);
	wait_for_completion(&race->started);
	WRITE_ONCE(race->go, true);
	for (i = 0; i < RACE_FLUSHES; i++)
		relay_flush(race->chan);
	flush_work(&race->work);
}

static bool fault_race_whole(struct kunit *test, struct file *file, char __user *user)
{
	u64 next = 0, got[8];
	ssize_t len, i;

	/* Read in small pieces, because the old code's lengths may be wrong now. */
	while (next < RACE_WRITES) {
		len = fault_read_user(file, user, sizeof(got));
		if (len <= 0 || len % 8 || copy_from_user(got, user, len))
			return false;
		for (i = 0; i < len / 8; i++)
			if (got[i] != next++)
				return false;
	}
	return fault_read_user(file, user, sizeof(got)) == 0;
}

static void fault_6_flush_race(struct kunit *test)
{
	struct rchan *chan = fault_open(test, RACE_SUBBUF, RACE_SUBBUFS, &fault_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	char __user *user = fault_user(test);
	struct fault_race race = { .chan = chan };
	bool whole = true;
	int i;

	INIT_WORK_ONSTACK(&race.work, fault_race_write);
	for (i = 0; i < RACE_ROUNDS && whole; i++) {
		fault_race_flush(&race);
		whole = fault_race_whole(test, file, user);
		relay_reset(chan);
	}
	destroy_work_on_stack(&race.work);
	KUNIT_EXPECT_TRUE_MSG(test, whole, "round %d", i);
}

/*
 * 7. Close and poll
 */

struct fault_poll {
	poll_table		table;
	wait_queue_entry_t	entry;
	wait_queue_head_t	*head;
	bool			woken;
};

static int fault_poll_wake(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	WRITE_ONCE(container_of(entry, struct fault_poll, entry)->woken, true);
	return 0;
}

static void fault_poll_queue(struct file *file, wait_queue_head_t *head, poll_table *table)
{
	struct fault_poll *poll = container_of(table, struct fault_poll, table);

	poll->head = head;
	init_waitqueue_func_entry(&poll->entry, fault_poll_wake);
	add_wait_queue(head, &poll->entry);
}

static void fault_7_close_wakes(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 4096, 4, &fault_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	struct fault_poll poll = {};

	init_poll_funcptr(&poll.table, fault_poll_queue);
	KUNIT_EXPECT_EQ(test, 0, vfs_poll(file, &poll.table));
	kunit_release_action(test, fault_close, chan);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(poll.woken));
	remove_wait_queue(poll.head, &poll.entry);
}

static void fault_7_close_polls_data(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 16, 4, &fault_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);

	relay_write(chan, "sixteen bytes...", 16);
	relay_write(chan, "sixteen bytes...", 16);
	kunit_release_action(test, fault_close, chan);
	KUNIT_EXPECT_EQ(test, EPOLLIN | EPOLLRDNORM, vfs_poll(file, NULL));
}

static void fault_7_close_polls_end(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 16, 4, &fault_cb);
	struct file *file = fault_file(test, 0, O_RDONLY);
	char got[16];

	relay_write(chan, "sixteen bytes...", 16);
	kunit_release_action(test, fault_close, chan);
	KUNIT_EXPECT_EQ(test, 16, fault_read(test, file, got, 16));
	KUNIT_EXPECT_EQ(test, 0, fault_read(test, file, got, 16));
	KUNIT_EXPECT_EQ(test, EPOLLHUP, vfs_poll(file, NULL));
}

/*
 * 8. Counters
 */

static void fault_8_stats_sum(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 16, 2, &fault_cb);
	char big[17] = "";
	int i;

	for (i = 0; i < 5; i++)
		relay_write(chan, big, 16);
	relay_write(chan, big, 17);
	KUNIT_EXPECT_EQ(test, 3, relay_stats(chan, RELAY_STATS_BUF_FULL));
	KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_WRT_BIG));
	KUNIT_EXPECT_EQ(test, 4, relay_stats(chan, RELAY_STATS_BUF_FULL | RELAY_STATS_WRT_BIG));
}

/* The count is that of refused records, not of overwritten sub-buffers. */
static void fault_8_stats_unit(struct kunit *test)
{
	struct rchan *chan = fault_open(test, 16, 2, &fault_start_cb);
	int i;

	for (i = 0; i < 10; i++)
		relay_write(chan, "sixteen bytes...", 16);
	KUNIT_EXPECT_EQ(test, 0, relay_stats(chan, RELAY_STATS_BUF_FULL));
}

/*
 * 9. Buffers for all CPUs that exceed the memory are not refused. They should be once
 * the client has created its first file and has not asked for a global buffer.
 */
static void fault_9_memory(struct kunit *test)
{
	/* Two buffers do fit, because the old code allocates them. */
	unsigned long pages = si_mem_available() / 3;

	KUNIT_ASSERT_GT(test, num_online_cpus(), 3);
	fault.global = false;
	fault.fail_at = 2;
	KUNIT_EXPECT_NULL(test, relay_open("fault", fault.dir, PAGE_SIZE, pages, &fault_cb, NULL));
	KUNIT_EXPECT_EQ(test, 1, fault.asked);
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE(fault_1_open_fails),
	KUNIT_CASE(fault_2_map_offset),
	KUNIT_CASE(fault_2_map_private),
	KUNIT_CASE(fault_2_map_writable),
	KUNIT_CASE(fault_3_map_and_splice),
	KUNIT_CASE(fault_4_read_efault),
	KUNIT_CASE(fault_4_read_unwritten),
	KUNIT_CASE(fault_5_overwritten_reader),
	KUNIT_CASE(fault_6_nested_write),
	KUNIT_CASE(fault_6_flush_race),
	KUNIT_CASE(fault_7_close_wakes),
	KUNIT_CASE(fault_7_close_polls_data),
	KUNIT_CASE(fault_7_close_polls_end),
	KUNIT_CASE(fault_8_stats_sum),
	KUNIT_CASE(fault_8_stats_unit),
	KUNIT_CASE(fault_9_memory),
	{}
};

static struct kunit_suite fault_suite = {
	.name		= "relay_faults",
	.suite_init	= fault_suite_init,
	.suite_exit	= fault_suite_exit,
	.init		= fault_init,
	.test_cases	= fault_cases,
};

kunit_test_suite(fault_suite);

MODULE_DESCRIPTION("Tests of what the relay of Linux 7.3 gets wrong");
MODULE_LICENSE("GPL");
