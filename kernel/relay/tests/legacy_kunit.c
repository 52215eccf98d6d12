// SPDX-License-Identifier: GPL-2.0
/*
 * Channels of relay_open(): the subbuf_start callback, other behaviour on which clients
 * rely, and failures of the open.
 */
#include <kunit/static_stub.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "support.h"

/*
 * A client that counts the calls of its callbacks.
 */
static struct {
	struct dentry	*dir;
	int		global;
	/* files */
	unsigned int	created;
	unsigned int	removed;
	unsigned int	fail_at;	/* which create_buf_file, from 1 */
	long		fail_with;
	/* sub-buffers */
	unsigned int	started;
	unsigned int	started_first;	/* without a previous one */
	bool		veto;
	unsigned int	reserve;
	unsigned int	was_full;
	unsigned int	irqs_off;
	struct rchan	*write_to;
	struct irq_work	*interrupt;	/* comes in the middle of the callback */
} client;

static struct dentry *client_create(const char *filename, struct dentry *parent,
				    umode_t mode, struct rchan_buf *buf, int *is_global)
{
	struct dentry *dentry = client.dir;

	if (client.created + 1 == client.fail_at) {
		client.fail_at = 0;
		return ERR_PTR(client.fail_with);
	}
	*is_global = client.global;
	if (filename)
		dentry = debugfs_create_file_unsafe(filename, mode, parent, buf,
						    &relay_file_operations);
	if (!IS_ERR(dentry))
		client.created++;
	return dentry;
}

static int client_remove(struct dentry *dentry)
{
	client.removed++;
	debugfs_remove(dentry);
	return 0;
}

static int client_start(struct rchan_buf *buf, void *subbuf, void *prev_subbuf)
{
	client.started++;
	client.started_first += !prev_subbuf;
	client.was_full += relay_buf_full(buf);
	client.irqs_off += irqs_disabled();
	if (client.write_to && client.interrupt && !irqs_disabled()) {
		irq_work_queue(client.interrupt);
		while (irq_work_is_busy(client.interrupt))
			cpu_relax();
	} else if (client.write_to) {
		relay_write(client.write_to, "nested", 6);
	}
	if (client.reserve) {
		subbuf_start_reserve(buf, client.reserve);
		memset(subbuf, '#', client.reserve);
	}
	return !client.veto && (client.global < 0 || !relay_buf_full(buf));
}

static const struct rchan_callbacks plain_cb = {
	.create_buf_file = client_create,
	.remove_buf_file = client_remove,
};

static const struct rchan_callbacks start_cb = {
	.subbuf_start	= client_start,
	.create_buf_file = client_create,
	.remove_buf_file = client_remove,
};

KUNIT_DEFINE_ACTION_WRAPPER(client_remove_dir, debugfs_remove, struct dentry *);
KUNIT_DEFINE_ACTION_WRAPPER(client_close, relay_close, struct rchan *);

static int client_init(struct kunit *test)
{
	memset(&client, 0, sizeof(client));
	client.global = 1;
	client.dir = debugfs_create_dir("relay_kunit_legacy", NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, client.dir);
	relay_test_pin(test, 0);
	return kunit_add_action_or_reset(test, client_remove_dir, client.dir);
}

static struct rchan *client_open(struct kunit *test, size_t size, size_t n,
				 const struct rchan_callbacks *cb)
{
	struct rchan *chan = relay_open("legacy", client.dir, size, n, cb, &client);

	KUNIT_ASSERT_NOT_NULL(test, chan);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, client_close, chan));
	return chan;
}

/*
 * Opening
 */

static void relay_test_open_checks(struct kunit *test)
{
	static const struct rchan_callbacks no_create = { .remove_buf_file = client_remove };
	static const struct rchan_callbacks no_remove = { .create_buf_file = client_create };

	KUNIT_EXPECT_NULL(test, relay_open("x", client.dir, 0, 4, &plain_cb, NULL));
	KUNIT_EXPECT_NULL(test, relay_open("x", client.dir, 4096, 0, &plain_cb, NULL));
	KUNIT_EXPECT_NULL(test, relay_open("x", client.dir, 65536, 65536, &plain_cb, NULL));
	KUNIT_EXPECT_NULL(test, relay_open("x", client.dir, SIZE_MAX, SIZE_MAX, &plain_cb, NULL));
	KUNIT_EXPECT_NULL(test, relay_open("x", client.dir, 4096, 4, NULL, NULL));
	KUNIT_EXPECT_NULL(test, relay_open("x", client.dir, 4096, 4, &no_create, NULL));
	KUNIT_EXPECT_NULL(test, relay_open("x", client.dir, 4096, 4, &no_remove, NULL));
	KUNIT_EXPECT_EQ(test, 0, client.created);
}

static void relay_test_client_sees(struct kunit *test)
{
	struct rchan *chan = client_open(test, 1140, 2500, &plain_cb);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	unsigned int cpu;

	KUNIT_EXPECT_EQ(test, 1, client.created);
	KUNIT_EXPECT_TRUE(test, chan->is_global);
	KUNIT_EXPECT_PTR_EQ(test, (void *)&client, chan->private_data);
	KUNIT_EXPECT_PTR_EQ(test, chan, buf->chan);
	KUNIT_EXPECT_EQ(test, 1140, chan->subbuf_size);
	KUNIT_EXPECT_EQ(test, 2500, chan->n_subbufs);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(1140 * 2500), chan->alloc_size);
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_PTR_EQ(test, buf, relay_test_buf(chan, cpu));
}

/* Without a name no file is created, but the callback is asked whether the channel is global. */
static void relay_test_open_without_name(struct kunit *test)
{
	struct rchan *chan = relay_open(NULL, NULL, 4096, 4, &plain_cb, NULL);

	KUNIT_ASSERT_NOT_NULL(test, chan);
	KUNIT_EXPECT_TRUE(test, chan->is_global);
	relay_write(chan, "text", 4);
	relay_close(chan);
	KUNIT_EXPECT_EQ(test, 0, client.removed);
}

/* An open that fails at any CPU is undone completely, and the next one succeeds. */
static void relay_test_open_fails_at_cpu(struct kunit *test)
{
	static const long errors[] = { 0, -EEXIST };
	unsigned int cpu, i;

	client.global = 0;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		for (cpu = 1; cpu <= num_online_cpus(); cpu++) {
			client.created = 0;
			client.removed = 0;
			client.fail_at = cpu;
			client.fail_with = errors[i];
			KUNIT_EXPECT_NULL(test, relay_open("fails", client.dir, 4096, 4,
							   &start_cb, NULL));
			KUNIT_EXPECT_EQ(test, cpu - 1, client.created);
			KUNIT_EXPECT_EQ(test, client.created, client.removed);
		}
	}
	client_open(test, 4096, 4, &start_cb);
}

static void relay_test_open_error_is_told(struct kunit *test)
{
	const struct relay_params params = {
		.name = "fails", .parent = client.dir,
		.subbuf_size = 4096, .n_subbufs = 4, .cb = &plain_cb,
	};

	client.global = 0;
	client.fail_at = num_online_cpus();
	client.fail_with = -EMLINK;
	KUNIT_EXPECT_EQ(test, -EMLINK, PTR_ERR(relay_open_params(&params)));
	KUNIT_EXPECT_EQ(test, client.created, client.removed);
}

static unsigned int pages_left;

static int few_pages(struct relay_pages *pages, size_t size, int node)
{
	int err = -ENOMEM;

	if (!pages_left)
		return err;
	pages_left--;
	kunit_deactivate_static_stub(kunit_get_current_test(), relay_pages_alloc);
	err = relay_pages_alloc(pages, size, node);
	kunit_activate_static_stub(kunit_get_current_test(), relay_pages_alloc, few_pages);
	return err;
}

static void relay_test_open_no_pages(struct kunit *test)
{
	unsigned int cpu;

	client.global = 0;
	for (cpu = 0; cpu < num_online_cpus(); cpu++) {
		client.created = 0;
		client.removed = 0;
		pages_left = cpu;
		kunit_activate_static_stub(test, relay_pages_alloc, few_pages);
		KUNIT_EXPECT_NULL(test, relay_open("fails", client.dir, 4096, 4,
						   &plain_cb, NULL));
		kunit_deactivate_static_stub(test, relay_pages_alloc);
		KUNIT_EXPECT_EQ(test, cpu, client.created);
		KUNIT_EXPECT_EQ(test, cpu, client.removed);
	}
	client_open(test, 4096, 4, &plain_cb);
}

static int one_page(struct relay_pages *pages, size_t size, int node)
{
	int err;

	kunit_deactivate_static_stub(kunit_get_current_test(), relay_pages_alloc);
	err = relay_pages_alloc(pages, PAGE_SIZE, node);
	kunit_activate_static_stub(kunit_get_current_test(), relay_pages_alloc, one_page);
	return err;
}

/* For a global channel there need not be memory for a buffer on each CPU. */
static void relay_test_open_large_global(struct kunit *test)
{
	u64 size = (u64)si_mem_available() * PAGE_SIZE / num_online_cpus() / 4 * 5;

	if (num_online_cpus() == 1 || size > UINT_MAX)
		kunit_skip(test, "%u CPUs, %llu bytes each", num_online_cpus(), size);
	kunit_activate_static_stub(test, relay_pages_alloc, one_page);
	client_open(test, size, 1, &plain_cb);
	KUNIT_EXPECT_EQ(test, 1, client.created);
}

/*
 * Each allocation of an open fails in turn. Needs a kernel with fault injection that is set
 * up to fail allocations which may sleep, too; see boot/tests/alloc.sh or
 * Documentation/fault-injection/.
 */
static void relay_test_open_allocations(struct kunit *test)
{
#if IS_ENABLED(CONFIG_FAILSLAB) && IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC)
	unsigned int failed = 0, left;
	struct rchan *chan = NULL;

	client.global = 0;
	do {
		client.created = 0;
		client.removed = 0;
		current->fail_nth = failed + 1;
		chan = relay_open("fails", client.dir, 4096, 4, &start_cb, NULL);
		left = current->fail_nth;
		current->fail_nth = 0;
		if (!left) {
			failed++;
			/* The open succeeds if the allocation was only for a cache. */
			relay_close(chan);
		}
		KUNIT_ASSERT_EQ(test, client.created, left ? num_online_cpus() : client.removed);
	} while (!left);
	relay_close(chan);
	KUNIT_ASSERT_EQ(test, client.created, client.removed);
	kunit_info(test, "%u allocations", failed);
	/* So few failures are those of allocations that do not sleep. */
	if (failed <= 5 * num_online_cpus())
		kunit_skip(test, "allocations that may sleep are spared");
#else
	kunit_skip(test, "no fault injection");
#endif
}

/* A write to a channel allocates no memory. */
static void relay_test_write_allocates_nothing(struct kunit *test)
{
#if IS_ENABLED(CONFIG_FAILSLAB) && IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC)
	struct rchan *chan = client_open(test, 4096, 4, &plain_cb);
	unsigned int i, left;

	/* The next allocation of this task would fail, and set fail_nth to 0. */
	current->fail_nth = 1;
	for (i = 0; i < 4096; i++)
		relay_write(chan, &i, sizeof(i));
	left = current->fail_nth;
	current->fail_nth = 0;
	KUNIT_EXPECT_EQ(test, left, 1);
#else
	kunit_skip(test, "no fault injection");
#endif
}

/*
 * subbuf_start
 */

static unsigned long stat_lost(struct rchan *chan, unsigned int why)
{
	struct relay_counters stats;

	relay_chan_stats(chan, &stats);
	return stats.lost[why];
}

/* The open and each reset call subbuf_start without a previous sub-buffer. */
static void relay_test_start_first(struct kunit *test)
{
	struct rchan *chan = client_open(test, 100, 4, &start_cb);

	KUNIT_EXPECT_EQ(test, 1, client.started);
	KUNIT_EXPECT_EQ(test, 1, client.started_first);
	relay_write(chan, "text", 4);
	KUNIT_EXPECT_EQ(test, 1, client.started);
	relay_flush(chan);
	KUNIT_EXPECT_EQ(test, 2, client.started);
	KUNIT_EXPECT_EQ(test, 1, client.started_first);
	relay_reset(chan);
	KUNIT_EXPECT_EQ(test, 3, client.started);
	KUNIT_EXPECT_EQ(test, 2, client.started_first);
}

static void relay_test_start_first_per_cpu(struct kunit *test)
{
	struct rchan *chan;

	client.global = 0;
	chan = client_open(test, 100, 4, &start_cb);
	KUNIT_EXPECT_EQ(test, num_online_cpus(), client.started_first);
	relay_reset(chan);
	KUNIT_EXPECT_EQ(test, 2 * num_online_cpus(), client.started_first);
}

static void relay_test_start_veto(struct kunit *test)
{
	struct rchan *chan = client_open(test, 8, 4, &start_cb);
	char got[8];
	int i;

	relay_write(chan, "accepted", 8);
	client.veto = true;
	client.started = 0;
	for (i = 1; i <= 5; i++) {
		relay_write(chan, "refused.", 8);
		/* Each attempt to write calls subbuf_start once. */
		KUNIT_EXPECT_EQ(test, i, client.started);
		KUNIT_EXPECT_EQ(test, i, relay_stats(chan, RELAY_STATS_BUF_FULL));
	}
	client.veto = false;
	relay_write(chan, "again...", 8);
	KUNIT_EXPECT_EQ(test, 8, relay_test_read(relay_test_buf(chan, 0), got, 8));
	KUNIT_EXPECT_MEMEQ(test, got, "accepted", 8);
	KUNIT_EXPECT_EQ(test, 8, relay_test_read(relay_test_buf(chan, 0), got, 8));
	KUNIT_EXPECT_MEMEQ(test, got, "again...", 8);
}

/* After a veto at the open nothing can be written until subbuf_start agrees. */
static void relay_test_start_veto_first(struct kunit *test)
{
	struct rchan *chan;

	client.veto = true;
	chan = client_open(test, 8, 4, &start_cb);
	relay_write(chan, "refused.", 8);
	KUNIT_EXPECT_EQ(test, 2, client.started_first);
	KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_BUF_FULL));
	client.veto = false;
	relay_write(chan, "accepted", 8);
	KUNIT_EXPECT_EQ(test, 3, client.started_first);
	KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_BUF_FULL));
}

/* relay_buf_full() in the callback tells whether the write would overwrite unread data. */
static void relay_test_start_full(struct kunit *test)
{
	struct rchan *chan = client_open(test, 8, 2, &start_cb);
	int i;

	for (i = 0; i < 2; i++)
		relay_write(chan, "8 bytes.", 8);
	KUNIT_EXPECT_EQ(test, 0, client.was_full);
	relay_write(chan, "8 bytes.", 8);
	KUNIT_EXPECT_EQ(test, 1, client.was_full);
	KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_BUF_FULL));
	relay_subbufs_consumed(chan, 0, 1);
	relay_write(chan, "8 bytes.", 8);
	KUNIT_EXPECT_EQ(test, 1, client.was_full);
	KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_BUF_FULL));
}

/* If subbuf_start agrees although the buffer is full, the oldest sub-buffer is overwritten. */
static void relay_test_start_overwrite(struct kunit *test)
{
	struct rchan *chan = client_open(test, 8, 2, &start_cb);
	struct relay_counters stats;
	char text[8] = "number 0", got[8];
	int i;

	client.global = -1;
	for (i = 0; i < 10; i++, text[7]++)
		relay_write(chan, text, 8);
	KUNIT_EXPECT_EQ(test, 8, relay_test_read(relay_test_buf(chan, 0), got, 8));
	KUNIT_EXPECT_MEMEQ(test, got, "number 8", 8);
	KUNIT_EXPECT_EQ(test, 8, relay_test_read(relay_test_buf(chan, 0), got, 8));
	KUNIT_EXPECT_EQ(test, 0, relay_test_read(relay_test_buf(chan, 0), got, 8));
	KUNIT_EXPECT_EQ(test, 0, relay_stats(chan, RELAY_STATS_BUF_FULL));
	relay_chan_stats(chan, &stats);
	relay_test_conserved(test, &stats, 10, 2, 0);
	KUNIT_EXPECT_EQ(test, 8, stats.overwritten);
}

static void relay_test_start_reserve(struct kunit *test)
{
	struct rchan *chan;
	char got[32];

	client.reserve = 4;
	chan = client_open(test, 16, 4, &start_cb);
	relay_write(chan, "twelve bytes", 12);
	relay_write(chan, "short", 5);
	KUNIT_EXPECT_EQ(test, 25, relay_test_read(relay_test_buf(chan, 0), got, 32));
	KUNIT_EXPECT_MEMEQ(test, got, "####twelve bytes####short", 25);
	/* A header leaves less room for a record. */
	relay_write(chan, "thirteen byte", 13);
	KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_WRT_BIG));
	client.reserve = 0;
	relay_flush(chan);
	relay_write(chan, "sixteen bytes are", 16);
	KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_WRT_BIG));
	KUNIT_EXPECT_EQ(test, 16, relay_test_read(relay_test_buf(chan, 0), got, 32));
}

static void client_write_nested(struct irq_work *work)
{
	relay_write(client.write_to, "nested", 6);
}

/* A record written in subbuf_start is refused and counted; the other records are intact. */
static void start_nested_write(struct kunit *test)
{
	struct rchan *chan = client_open(test, 16, 4, &start_cb);
	struct relay_counters stats;
	char got[64];

	relay_write(chan, "twelve bytes", 12);
	client.write_to = chan;
	relay_write(chan, "more than that", 14);
	client.write_to = NULL;
	KUNIT_EXPECT_EQ(test, 1, stat_lost(chan, RELAY_LOST_NESTED));
	KUNIT_EXPECT_EQ(test, 26, relay_test_read(relay_test_buf(chan, 0), got, 64));
	KUNIT_EXPECT_MEMEQ(test, got, "twelve bytesmore than that", 26);
	relay_chan_stats(chan, &stats);
	relay_test_conserved(test, &stats, 3, 2, 0);
}

static void relay_test_start_nested_write(struct kunit *test)
{
	start_nested_write(test);
}

/* subbuf_start runs with interrupts on; the record of an interrupt is refused as well. */
static void relay_test_start_interrupted(struct kunit *test)
{
	static struct irq_work interrupt = IRQ_WORK_INIT_HARD(client_write_nested);

	client.interrupt = &interrupt;
	start_nested_write(test);
	KUNIT_EXPECT_EQ(test, 0, client.irqs_off);
}

/*
 * relay_reserve
 */

static void relay_test_legacy_reserve(struct kunit *test)
{
	struct rchan *chan = client_open(test, 16, 2, &start_cb);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	void *slot, *next;
	char got[32];

	next = relay_reserve(chan, 0);
	KUNIT_EXPECT_PTR_EQ(test, buf->start, next);
	slot = relay_reserve(chan, 12);
	KUNIT_ASSERT_PTR_EQ(test, next, slot);
	memcpy(slot, "twelve bytes", 12);
	KUNIT_EXPECT_EQ(test, 12, relay_test_read(buf, got, 32));
	KUNIT_EXPECT_MEMEQ(test, got, "twelve bytes", 12);

	KUNIT_EXPECT_PTR_EQ(test, buf->start + 12, relay_reserve(chan, 0));
	slot = relay_reserve(chan, 16);
	KUNIT_ASSERT_PTR_EQ(test, buf->start + 16, slot);
	/* A sub-buffer is free, but a write has to enter it first. */
	relay_subbufs_consumed(chan, 0, 1);
	KUNIT_EXPECT_NULL(test, relay_reserve(chan, 0));
	KUNIT_EXPECT_PTR_EQ(test, buf->start, relay_reserve(chan, 0));
	KUNIT_EXPECT_NOT_NULL(test, relay_reserve(chan, 16));
	KUNIT_EXPECT_NULL(test, relay_reserve(chan, 1));
	KUNIT_EXPECT_NULL(test, relay_reserve(chan, 17));
}

static struct kunit_case relay_legacy_cases[] = {
	KUNIT_CASE(relay_test_open_checks),
	KUNIT_CASE(relay_test_client_sees),
	KUNIT_CASE(relay_test_open_without_name),
	KUNIT_CASE(relay_test_open_fails_at_cpu),
	KUNIT_CASE(relay_test_open_error_is_told),
	KUNIT_CASE(relay_test_open_no_pages),
	KUNIT_CASE(relay_test_open_large_global),
	KUNIT_CASE(relay_test_start_first),
	KUNIT_CASE(relay_test_start_first_per_cpu),
	KUNIT_CASE(relay_test_start_veto),
	KUNIT_CASE(relay_test_start_veto_first),
	KUNIT_CASE(relay_test_start_full),
	KUNIT_CASE(relay_test_start_overwrite),
	KUNIT_CASE(relay_test_start_reserve),
	KUNIT_CASE(relay_test_start_nested_write),
	KUNIT_CASE(relay_test_start_interrupted),
	KUNIT_CASE(relay_test_legacy_reserve),
	{}
};

static struct kunit_suite relay_legacy_suite = {
	.name		= "relay-legacy",
	.init		= client_init,
	.test_cases	= relay_legacy_cases,
};

static struct kunit_case relay_alloc_cases[] = {
	KUNIT_CASE(relay_test_open_allocations),
	KUNIT_CASE(relay_test_write_allocates_nothing),
	{}
};

static struct kunit_suite relay_alloc_suite = {
	.name		= "relay-alloc",
	.init		= client_init,
	.test_cases	= relay_alloc_cases,
};

kunit_test_suites(&relay_legacy_suite, &relay_alloc_suite);
