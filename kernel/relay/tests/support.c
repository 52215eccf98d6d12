// SPDX-License-Identifier: GPL-2.0
/*
 * Functions shared by the KUnit tests of relay.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/moduleparam.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/random.h>
#include <linux/relayfs_fs.h>
#include <linux/sched.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include "support.h"

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "repeats a run; 0 takes a new one, which is printed");

void relay_test_random(struct kunit *test, struct rnd_state *random)
{
	u32 first = seed ? seed : get_random_u32() | 1;

	kunit_info(test, "relay_kunit_test.seed=%u", first);
	prandom_seed_state(random, first);
}

unsigned long relay_test_lost(const struct relay_counters *stats)
{
	unsigned long lost = 0;
	int i;

	for (i = 0; i < RELAY_LOST_REASONS; i++)
		lost += stats->lost[i];
	return lost;
}

void relay_test_conserved(struct kunit *test,
			  const struct relay_counters *stats,
			  unsigned long attempts, unsigned long received,
			  unsigned long left)
{
	KUNIT_EXPECT_EQ(test, attempts, stats->committed + stats->discarded +
			relay_test_lost(stats));
	KUNIT_EXPECT_EQ(test, stats->committed, received + left +
			stats->overwritten + stats->erased);
}

KUNIT_DEFINE_ACTION_WRAPPER(relay_test_vfree, vfree, const void *);

static void *relay_test_zalloc(struct kunit *test, size_t size)
{
	void *memory = vzalloc(size);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, relay_test_vfree, memory));
	return memory;
}

struct relay_ring *relay_test_ring(struct kunit *test,
				   const struct relay_test_geometry *geometry,
				   const struct relay_ring_ops *ops)
{
	struct relay_ring *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ring);
	ring->control = relay_test_zalloc(test, relay_ring_control_size(geometry->n_subbufs));
	ring->data = relay_test_zalloc(test, geometry->subbuf_size * geometry->n_subbufs);
	ring->global = geometry->global;
	ring->overwrite = geometry->overwrite;
	ring->header_size = geometry->header_size;
	ring->ops = ops;
	KUNIT_ASSERT_EQ(test, 0,
			relay_ring_init(ring, geometry->subbuf_size,
					geometry->n_subbufs, geometry->first_lap));
	return ring;
}

KUNIT_DEFINE_ACTION_WRAPPER(relay_test_close_action, relay_close, struct rchan *);

struct rchan *relay_test_open(struct kunit *test, const struct relay_params *params)
{
	struct rchan *chan = relay_open_params(params);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chan);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, relay_test_close_action,
							   chan));
	return chan;
}

void relay_test_close(struct kunit *test, struct rchan *chan)
{
	kunit_release_action(test, relay_test_close_action, chan);
}

void relay_test_pin(struct kunit *test, unsigned int cpu)
{
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(cpu)));
}

/* It goes with the directory otherwise. */
static void relay_test_remove_file(struct dentry *dir, const char *prefix, unsigned int cpu)
{
	struct dentry *file;
	char name[24];

	scnprintf(name, sizeof(name), "%s%u", prefix, cpu);
	file = lookup_noperm_unlocked(&QSTR(name), dir);
	relayfs_remove(file);
	if (!IS_ERR(file))
		dput(file);
}

void relay_test_never_up(struct rchan *chan, unsigned int cpu)
{
	struct relay_buf *buf = relay_test_buf(chan, cpu);
	struct dentry *dir = relay_chan_of(chan)->dir;

	if (dir) {
		relay_test_remove_file(dir, "map", cpu);
		relay_test_remove_file(dir, "cpu", cpu);
	}
	if (buf->dentry) {
		relay_chan_of(chan)->cb->remove_buf_file(buf->dentry);
		relay_dentry_put(buf->dentry);
	}
	list_del(&buf->list);
	*per_cpu_ptr(chan->buf, cpu) = NULL;
	relay_buf_free(buf);
}

void relay_test_comes_up(struct kunit *test, unsigned int cpu)
{
	cpus_read_lock();
	KUNIT_EXPECT_EQ(test, 0, relay_prepare_cpu(cpu));
	cpus_read_unlock();
}

unsigned int relay_test_other_cpu(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	return cpumask_next(0, cpu_online_mask);
}

KUNIT_DEFINE_ACTION_WRAPPER(relay_test_put_action, __fput_sync, struct file *);

struct file *relay_test_open_relayfs(struct kunit *test, struct dentry *dir,
				     const char *name)
{
	struct vfsmount *mnt = kern_mount(get_fs_type("relayfs"));
	struct file *file;
	struct path path;

	KUNIT_ASSERT_FALSE(test, IS_ERR(mnt));
	KUNIT_ASSERT_EQ(test, 0, vfs_path_lookup(dir, mnt, name, 0, &path));
	file = dentry_open(&path, O_RDONLY | O_NONBLOCK, current_cred());
	path_put(&path);
	kern_unmount(mnt);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, relay_test_put_action,
							   file));
	return file;
}

void relay_test_put_file(struct kunit *test, struct file *file)
{
	kunit_release_action(test, relay_test_put_action, file);
}

ssize_t relay_test_read(struct relay_buf *buf, void *to, size_t len)
{
	struct kvec kvec = { .iov_base = to, .iov_len = len };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, len);
	return relay_buf_read(buf, &iter);
}

void relay_test_on_cpu(struct kunit *test, unsigned int cpu,
		       long (*func)(void *arg), void *arg)
{
	KUNIT_EXPECT_EQ(test, 0, work_on_cpu(cpu, func, arg));
}
