// SPDX-License-Identifier: GPL-2.0
/*
 * Channels of relay_open_params(): geometry, life of a sub-buffer, flush,
 * reset, close, statistics.
 */
#include <kunit/static_stub.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "support.h"

/* A record with its number. */
struct numbered {
	u64	number;
	u64	inverse;
	u64	more[4];
};

static int write_numbered(struct rchan *chan, u64 number)
{
	struct relay_slot slot;
	struct numbered *record;
	int err = relay_slot_reserve(chan, &slot, sizeof(*record));

	if (err)
		return err;
	record = slot.data;
	record->number = number;
	record->inverse = ~number;
	relay_slot_commit(&slot);
	return 0;
}

static unsigned long expect_numbered(struct kunit *test, struct relay_buf *buf, u64 first)
{
	struct numbered *record = kunit_kcalloc(test, 64, sizeof(*record), GFP_KERNEL);
	unsigned long count = 0;
	ssize_t got, i;

	KUNIT_ASSERT_NOT_NULL(test, record);
	while ((got = relay_test_read(buf, record, 64 * sizeof(*record))) > 0) {
		KUNIT_ASSERT_EQ(test, 0, got % sizeof(*record));
		for (i = 0; i < got / sizeof(*record); i++, count++) {
			KUNIT_ASSERT_EQ(test, first + count, record[i].number);
			KUNIT_ASSERT_EQ(test, ~record[i].number, record[i].inverse);
		}
	}
	KUNIT_EXPECT_EQ(test, 0, got);
	return count;
}

/* All data was read, and the counters account for the remaining records. */
static void expect_drained(struct kunit *test, struct rchan *chan,
			   unsigned long attempts, unsigned long received)
{
	struct relay_counters stats;

	relay_chan_stats(chan, &stats);
	relay_test_conserved(test, &stats, attempts, received, 0);
}

static int channel_init(struct kunit *test)
{
	relay_test_pin(test, 0);
	return 0;
}

/*
 * Geometry
 */

static const struct relay_params channel_sizes[] = {
	{ .subbuf_size = 1024, .n_subbufs = 256 },	/* ath9k */
	{ .subbuf_size = 1140, .n_subbufs = 2500 },	/* ath10k */
	{ .subbuf_size = 1500, .n_subbufs = 512 },	/* mt76 */
	{ .subbuf_size = 4096, .n_subbufs = 4 },
	{ .subbuf_size = 65536, .n_subbufs = 8 },
	{ .subbuf_size = 4096, .n_subbufs = 1 },
	{ .subbuf_size = 512, .n_subbufs = 8 },		/* one page */
	{ .subbuf_size = 48, .n_subbufs = 3 },		/* one record */
	{ .subbuf_size = 997, .n_subbufs = 13 },
	{ .subbuf_size = 8 << 20, .n_subbufs = 2 },
	{ .subbuf_size = 64, .n_subbufs = 100000 },
};

static const void *channel_gen_params(struct kunit *test, const void *prev, char *desc)
{
	static struct relay_params params;
	static unsigned int i;

	i = prev ? i + 1 : 0;
	if (i >= ARRAY_SIZE(channel_sizes) * 4)
		return NULL;
	params = channel_sizes[i % ARRAY_SIZE(channel_sizes)];
	params.flags = i / ARRAY_SIZE(channel_sizes);	/* OVERWRITE, GLOBAL */
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zux%zu%s%s", params.subbuf_size,
		 params.n_subbufs, params.flags & RELAY_OVERWRITE ? " overwrite" : "",
		 params.flags & RELAY_GLOBAL ? " global" : "");
	return &params;
}

/* Write two and a half times the records that fit: the first are kept, or the last. */
static void relay_test_geometry(struct kunit *test)
{
	const struct relay_params *params = test->param_value;
	struct rchan *chan = relay_test_open(test, params);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	unsigned long per = params->subbuf_size / sizeof(struct numbered);
	unsigned long fit = per * params->n_subbufs;
	unsigned long total = fit * 5 / 2, written = 0, i;

	KUNIT_EXPECT_EQ(test, 0, chan->alloc_size % PAGE_SIZE);
	KUNIT_EXPECT_GE(test, chan->alloc_size, params->subbuf_size * params->n_subbufs);
	for (i = 0; i < total; i++)
		written += !write_numbered(chan, i);

	if (params->flags & RELAY_OVERWRITE) {
		KUNIT_EXPECT_EQ(test, total, written);
		i = ((total - 1) / per + 1 - params->n_subbufs) * per;
		KUNIT_EXPECT_EQ(test, total - i, expect_numbered(test, buf, i));
		expect_drained(test, chan, total, total - i);
		return;
	}
	KUNIT_EXPECT_EQ(test, fit, written);
	KUNIT_EXPECT_TRUE(test, relay_buf_full(&buf->client));
	KUNIT_EXPECT_EQ(test, fit, expect_numbered(test, buf, 0));
	KUNIT_EXPECT_FALSE(test, relay_buf_full(&buf->client));
	expect_drained(test, chan, total, fit);
	KUNIT_EXPECT_EQ(test, total - fit, relay_stats(chan, RELAY_STATS_BUF_FULL));
}

/*
 * Bad parameters
 */

static struct dentry *no_file(const char *filename, struct dentry *parent, umode_t mode,
			      struct rchan_buf *buf, int *is_global)
{
	return NULL;
}

static int no_remove(struct dentry *dentry)
{
	return 0;
}

static int no_start(struct rchan_buf *buf, void *subbuf, void *prev_subbuf)
{
	return 1;
}

static const struct rchan_callbacks start_cb = { .subbuf_start = no_start };
static const struct rchan_callbacks create_cb = { .create_buf_file = no_file };
static const struct rchan_callbacks remove_cb = { .remove_buf_file = no_remove };
static const struct rchan_callbacks null_file_cb = {
	.create_buf_file = no_file, .remove_buf_file = no_remove,
};

struct bad_params {
	const char		*name;
	struct relay_params	params;
	int			err;
};

#define SOUND	.subbuf_size = 4096, .n_subbufs = 4

/* The error for a name that relayfs refuses, or for any name without relayfs. */
#define NO_FILE_ERROR	(IS_ENABLED(CONFIG_RELAYFS_FS) ? -EACCES : -ENODEV)

static const char long_name[NAME_MAX + 1] = { [0 ... NAME_MAX - 1] = 'x' };

static const struct bad_params bad_params[] = {
	{ "no size", { .n_subbufs = 4 }, -EINVAL },
	{ "no sub-buffers", { .subbuf_size = 4096 }, -EINVAL },
	{ "4 GiB", { .subbuf_size = 65536, .n_subbufs = 65536 }, -EINVAL },
	{ "product overflows", { .subbuf_size = SIZE_MAX, .n_subbufs = SIZE_MAX }, -EINVAL },
	{ "header of all", { SOUND, .header_size = 4096 }, -EINVAL },
	{ "unknown flag", { SOUND, .flags = BIT(4) }, -EINVAL },
	{ "highest flag", { SOUND, .flags = BIT(31) }, -EINVAL },
	{ "timer without period", { SOUND, .flags = RELAY_TIMER_WAKE }, -EINVAL },
	{ "switch without period", { SOUND, .flags = RELAY_TIMER_SWITCH }, -EINVAL },
	{ "period without timer", { SOUND, .timer_ms = 1 }, -EINVAL },
	{ "name with a slash", { SOUND, .name = "x/y" }, NO_FILE_ERROR },
	{ "empty name", { SOUND, .name = "" }, NO_FILE_ERROR },
	{ "name too long", { SOUND, .name = long_name }, -ENAMETOOLONG },
	{ "name without remove", { SOUND, .name = "x", .cb = &create_cb }, -EINVAL },
	{ "name without create", { SOUND, .name = "x", .cb = &remove_cb }, -EINVAL },
	{ "subbuf_start", { SOUND, .cb = &start_cb }, -EINVAL },
	{ "control of 4 GiB", { .subbuf_size = 1, .n_subbufs = 89478486 }, -E2BIG },
	{ "no file", { SOUND, .name = "x", .cb = &null_file_cb }, -ENOENT },
	{ "more than there is",
	  { .subbuf_size = UINT_MAX - PAGE_SIZE, .n_subbufs = 1 }, -ENOMEM },
};

KUNIT_ARRAY_PARAM_DESC(bad_params, bad_params, name);

static void relay_test_bad_params(struct kunit *test)
{
	const struct bad_params *bad = test->param_value;

	KUNIT_EXPECT_EQ(test, bad->err, PTR_ERR_OR_ZERO(relay_open_params(&bad->params)));
}

/* The functions do nothing for a NULL channel. */
static void relay_test_null_channel(struct kunit *test)
{
	relay_close(NULL);
	relay_flush(NULL);
	relay_reset(NULL);
	relay_subbufs_consumed(NULL, 0, 1);
	KUNIT_EXPECT_EQ(test, 0, relay_stats(NULL, RELAY_STATS_BUF_FULL));
}

/*
 * The life of a sub-buffer
 */

#define LIFE_HEADER	16
#define LIFE_MAX	16

/* Arguments that the callbacks got. */
static struct {
	unsigned int		begun;
	unsigned int		delivered;
	unsigned int		ended;
	u64			begin_time[LIFE_MAX];
	struct relay_subbuf_info info[LIFE_MAX];
	u64			time;
	struct rchan		*write_to;
	unsigned int		nested;
} life;

static u64 life_clock(void)
{
	return ++life.time;
}

static void life_write(void)
{
	if (life.write_to && !write_numbered(life.write_to, 1000 + life.nested))
		life.nested++;
}

static void life_begin(struct rchan_buf *buf, void *subbuf, u64 time)
{
	memset(subbuf, 0xab, LIFE_HEADER);
	life.begin_time[life.begun++ % LIFE_MAX] = time;
}

static void life_end(struct rchan_buf *buf, void *subbuf,
		     const struct relay_subbuf_info *info)
{
	memcpy(subbuf, &info->sequence, sizeof(info->sequence));
	life.info[life.ended++ % LIFE_MAX] = *info;
	if (life.ended % 2)
		life_write();
}

static void life_deliver(struct rchan_buf *buf)
{
	life.delivered++;
}

static const struct relay_channel_ops life_ops = {
	.clock		= life_clock,
	.subbuf_begin	= life_begin,
	.subbuf_end	= life_end,
	.subbuf_deliver	= life_deliver,
};

static struct rchan *life_open(struct kunit *test, unsigned int flags)
{
	const struct relay_params params = {
		/* A header, two records, and 10 bytes of padding. */
		.subbuf_size = LIFE_HEADER + 2 * sizeof(struct numbered) + 10,
		.n_subbufs = 4,
		.header_size = LIFE_HEADER,
		.flags = flags,
		.ops = &life_ops,
	};

	memset(&life, 0, sizeof(life));
	return relay_test_open(test, &params);
}

static void relay_test_life(struct kunit *test)
{
	struct rchan *chan = life_open(test, 0);
	unsigned long i;

	/* Such a channel enters its first sub-buffer with the first record. */
	KUNIT_EXPECT_EQ(test, 0, life.begun);
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, i));
	KUNIT_EXPECT_EQ(test, 4, life.begun);
	KUNIT_EXPECT_EQ(test, 3, life.ended);
	KUNIT_EXPECT_EQ(test, 3, life.delivered);

	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, i));
	KUNIT_EXPECT_EQ(test, -ENOSPC, write_numbered(chan, i));
	KUNIT_EXPECT_EQ(test, -ENOSPC, write_numbered(chan, i));
	relay_subbufs_consumed(chan, 0, 1);
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, i));
	relay_flush(chan);
	KUNIT_ASSERT_EQ(test, 5, life.ended);
	for (i = 0; i < 5; i++) {
		const struct relay_subbuf_info *info = &life.info[i];

		KUNIT_EXPECT_EQ(test, i, info->sequence);
		KUNIT_EXPECT_EQ(test, i < 4 ? 2 : 1, info->records);
		KUNIT_EXPECT_EQ(test, info->used,
				LIFE_HEADER + info->records * sizeof(struct numbered));
		KUNIT_EXPECT_EQ(test, chan->subbuf_size, info->used + info->padding);
		KUNIT_EXPECT_EQ(test, i < 4 ? 0 : 2, info->lost);
		KUNIT_EXPECT_EQ(test, life.begin_time[i], info->begin_time);
		KUNIT_EXPECT_LT(test, info->begin_time, info->end_time);
		if (i)
			KUNIT_EXPECT_LT(test, life.info[i - 1].end_time, info->begin_time);
	}
}

/* A reader gets the header that subbuf_end has completed. */
static void relay_test_header_in_stream(struct kunit *test)
{
	struct rchan *chan = life_open(test, 0);
	struct {
		u64		sequence;
		u64		rest;
		struct numbered	record;
	} __packed got;
	unsigned long i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 10 + i));
		relay_flush(chan);
	}
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, sizeof(got),
				relay_test_read(relay_test_buf(chan, 0), &got, sizeof(got)));
		KUNIT_EXPECT_EQ(test, i, got.sequence);
		KUNIT_EXPECT_EQ(test, 0xabababababababab, got.rest);
		KUNIT_EXPECT_EQ(test, 10 + i, got.record.number);
	}
}

/* A callback of a channel of relay_open_params() may write to the channel. */
static void relay_test_write_in_callback(struct kunit *test)
{
	struct rchan *chan = life_open(test, RELAY_OVERWRITE);
	struct relay_counters stats;
	unsigned long i, attempts = 50;

	life.write_to = chan;
	for (i = 0; i < attempts; i++)
		KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, i));
	life.write_to = NULL;
	KUNIT_EXPECT_GT(test, life.nested, 5);
	relay_chan_stats(chan, &stats);
	KUNIT_EXPECT_EQ(test, attempts + life.nested, stats.committed);
	KUNIT_EXPECT_EQ(test, life.begun, life.ended + 1);
}

/*
 * Commit, discard
 */

/* A reservation on one CPU that is open while another CPU reads. */
struct held_slot {
	struct work_struct	work;
	struct rchan		*chan;
	struct completion	held;
	bool			release;
};

static void hold_slot(struct work_struct *work)
{
	struct held_slot *hold = container_of(work, struct held_slot, work);
	struct relay_slot slot;
	int err = relay_slot_reserve(hold->chan, &slot, 8);

	complete(&hold->held);
	if (err)
		return;
	while (!READ_ONCE(hold->release))
		cpu_relax();
	memcpy(slot.data, "complete", 8);
	relay_slot_commit(&slot);
}

/* Uncommitted bytes are not read, not even after a flush from another CPU. */
static void relay_test_uncommitted_is_not_read(struct kunit *test)
{
	const struct relay_params params = { SOUND };
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf;
	struct held_slot hold = { .chan = chan };
	char got[8];

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	/* Run on CPU 0, because the work that holds the slot spins on CPU 1. */
	relay_test_pin(test, 0);
	buf = relay_test_buf(chan, 1);
	init_completion(&hold.held);
	INIT_WORK_ONSTACK(&hold.work, hold_slot);
	schedule_work_on(1, &hold.work);
	wait_for_completion(&hold.held);

	KUNIT_EXPECT_EQ(test, 0, relay_test_read(buf, got, 8));
	relay_flush(chan);
	KUNIT_EXPECT_EQ(test, 0, relay_test_read(buf, got, 8));
	KUNIT_EXPECT_FALSE(test, relay_buf_readable(buf));

	WRITE_ONCE(hold.release, true);
	flush_work(&hold.work);
	destroy_work_on_stack(&hold.work);
	/* The sub-buffer was flushed before, so the commit delivered it. */
	KUNIT_EXPECT_TRUE(test, relay_buf_readable(buf));
	KUNIT_EXPECT_EQ(test, 8, relay_test_read(buf, got, 8));
	KUNIT_EXPECT_MEMEQ(test, got, "complete", 8);
}

static void relay_test_discard(struct kunit *test)
{
	const struct relay_params params = { SOUND };
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	struct relay_slot slot;
	int i;

	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, 0, relay_slot_reserve(chan, &slot, 100));
		relay_slot_discard(&slot);
	}
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 5));
	KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, 5));
	expect_drained(test, chan, 1001, 1);
}

/*
 * Does a WARN_ON_ONCE() whose warning was suppressed warn again? It does in lib/bug.c, which
 * the architectures with __WARN_FLAGS use. Otherwise it warns once per boot, not per run.
 */
#ifdef __WARN_FLAGS
#define SUPPRESSED_WARNS_AGAIN	1
#else
#define SUPPRESSED_WARNS_AGAIN	0
#endif

/* A second commit, which is a caller's bug, warns and corrupts nothing. */
static void relay_test_commit_twice(struct kunit *test)
{
	static bool warned;
	const struct relay_params params = { SOUND };
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_slot slot;
	int count = preempt_count();
	const int told = SUPPRESSED_WARNS_AGAIN ? 2 : warned ? 0 : 1;

	KUNIT_ASSERT_EQ(test, 0, relay_slot_reserve(chan, &slot, 8));
	relay_slot_commit(&slot);
	kunit_warning_suppress(test) {
		relay_slot_commit(&slot);
		relay_slot_commit(&slot);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, told);
	}
	warned = true;
	kunit_warning_suppress(test)
		relay_slot_discard(&slot);
	KUNIT_EXPECT_EQ(test, count, preempt_count());
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 1));
	relay_reset(chan);
	expect_drained(test, chan, 2, 0);
}

static void relay_test_private_area(struct kunit *test)
{
	struct relay_params params = { SOUND, .private_size = PAGE_SIZE + 1 };
	struct rchan *chan = relay_test_open(test, &params);
	size_t size;
	void *area = relay_private_area(chan, &size);

	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_EXPECT_EQ(test, 2 * PAGE_SIZE, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(area, 0, size));
	memset(area, 'x', size);
	params.private_size = SIZE_MAX;
	KUNIT_EXPECT_PTR_EQ(test, (struct rchan *)ERR_PTR(-ENOMEM), relay_open_params(&params));
	params.private_size = 0;
	chan = relay_test_open(test, &params);
	KUNIT_EXPECT_NULL(test, relay_private_area(chan, &size));
	KUNIT_EXPECT_EQ(test, 0, size);
}

/*
 * Flush
 */

static void relay_test_flush_idle(struct kunit *test)
{
	struct rchan *chan = life_open(test, 0);

	relay_flush(chan);
	relay_flush(chan);
	KUNIT_EXPECT_EQ(test, 0, life.delivered);
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 1));
	KUNIT_EXPECT_EQ(test, 0, life.delivered);
	relay_flush(chan);
	KUNIT_EXPECT_EQ(test, 1, life.delivered);
	relay_flush(chan);
	KUNIT_EXPECT_EQ(test, 1, life.delivered);
}

static long write_one(void *chan)
{
	return write_numbered(chan, 7);
}

static void relay_test_flush_other_cpu(struct kunit *test)
{
	const struct relay_params params = { SOUND };
	struct rchan *chan = relay_test_open(test, &params);
	unsigned int cpu;

	for_each_online_cpu(cpu)
		relay_test_on_cpu(test, cpu, write_one, chan);
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_FALSE(test, relay_buf_readable(relay_test_buf(chan, cpu)));
	relay_flush(chan);
	for_each_online_cpu(cpu) {
		KUNIT_EXPECT_TRUE(test, relay_buf_readable(relay_test_buf(chan, cpu)));
		KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, relay_test_buf(chan, cpu), 7));
	}
	expect_drained(test, chan, num_online_cpus(), num_online_cpus());
}

/*
 * Reset
 */

static void relay_test_reset(struct kunit *test)
{
	const struct relay_params params = { .subbuf_size = 100, .n_subbufs = 4 };
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	struct relay_counters stats;
	char big[101] = "";
	int round, i;

	for (round = 1; round <= 10; round++) {
		for (i = 0; i < 10; i++)
			write_numbered(chan, i);
		relay_write(chan, big, sizeof(big));
		KUNIT_EXPECT_EQ(test, 2, relay_stats(chan, RELAY_STATS_BUF_FULL));
		KUNIT_EXPECT_EQ(test, 1, relay_stats(chan, RELAY_STATS_WRT_BIG));
		KUNIT_EXPECT_EQ(test, 3, relay_stats(chan, RELAY_STATS_BUF_FULL |
						     RELAY_STATS_WRT_BIG));
		relay_reset(chan);
		KUNIT_EXPECT_EQ(test, 0, relay_stats(chan, RELAY_STATS_BUF_FULL |
						     RELAY_STATS_WRT_BIG));
		KUNIT_EXPECT_FALSE(test, relay_buf_full(&buf->client));
		KUNIT_EXPECT_EQ(test, 0, expect_numbered(test, buf, 0));
		relay_chan_stats(chan, &stats);
		KUNIT_EXPECT_EQ(test, 8 * round, stats.erased);
		relay_test_conserved(test, &stats, 11 * round, 0, 0);
	}
	/* After the reset the channel takes records as before. */
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 77));
	KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, 77));
}

/* A reset also drops a copy that read() has made, and a record that is half read. */
static void relay_test_reset_half_read(struct kunit *test)
{
	const struct relay_params params = {
		SOUND, .flags = (long)test->param_value & (RELAY_OVERWRITE | RELAY_GLOBAL),
	};
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	char half[sizeof(struct numbered) / 2];

	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 1));
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 2));
	KUNIT_EXPECT_EQ(test, sizeof(half), relay_test_read(buf, half, sizeof(half)));
	relay_reset(chan);
	KUNIT_EXPECT_FALSE(test, relay_buf_readable(buf));
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 3));
	KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, 3));
}

static const void *mode_gen_params(struct kunit *test, const void *prev, char *desc)
{
	static const unsigned long last = RELAY_OVERWRITE | RELAY_GLOBAL;
	/* A parameter is the flags and BIT(16), so that none is NULL. */
	unsigned long flags = prev ? ((unsigned long)prev & last) + 1 : 0;

	if (flags > last)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s",
		 flags & RELAY_OVERWRITE ? "overwrite" : "keep",
		 flags & RELAY_GLOBAL ? " global" : "");
	return (void *)(flags | BIT(16));
}

/*
 * Consumption
 */

static void relay_test_subbufs_consumed(struct kunit *test)
{
	const struct relay_params params = {
		.subbuf_size = sizeof(struct numbered), .n_subbufs = 4,
	};
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	unsigned int i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, i));
	relay_subbufs_consumed(chan, 0, 5);		/* more than n_subbufs */
	relay_subbufs_consumed(chan, 0, SIZE_MAX);
	relay_subbufs_consumed(chan, UINT_MAX, 1);	/* no such CPU */
	relay_subbufs_consumed(chan, nr_cpu_ids, 1);
	relay_subbufs_consumed(chan, 0, 0);
	KUNIT_EXPECT_TRUE(test, relay_buf_full(&buf->client));
	relay_subbufs_consumed(chan, 0, 1);
	KUNIT_EXPECT_FALSE(test, relay_buf_full(&buf->client));
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 4));
	KUNIT_EXPECT_EQ(test, 4, expect_numbered(test, buf, 1));
	/* More than are delivered: consumes those only. */
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 5));
	relay_subbufs_consumed(chan, 0, 4);
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 6));
	KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, 6));
}

/*
 * Timers. The period is a jiffy; the cases wait for events, however late they are.
 */

static DECLARE_COMPLETION(timer_delivered);

static void timer_deliver(struct rchan_buf *buf)
{
	complete(&timer_delivered);
}

static const struct relay_channel_ops timer_ops = { .subbuf_deliver = timer_deliver };

static void relay_test_timer_switch(struct kunit *test)
{
	const struct relay_params params = {
		SOUND, .flags = RELAY_TIMER_SWITCH, .timer_ms = 1, .ops = &timer_ops,
	};
	struct rchan *chan = relay_test_open(test, &params);
	unsigned int cpu;

	reinit_completion(&timer_delivered);
	for_each_online_cpu(cpu) {
		relay_test_on_cpu(test, cpu, write_one, chan);
		wait_for_completion(&timer_delivered);
		KUNIT_EXPECT_TRUE(test, relay_buf_readable(relay_test_buf(chan, cpu)));
		KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, relay_test_buf(chan, cpu), 7));
	}
}

static void relay_test_timer_wake(struct kunit *test)
{
	const struct relay_params params = {
		.subbuf_size = sizeof(struct numbered), .n_subbufs = 64,
		.flags = RELAY_TIMER_WAKE, .timer_ms = 1,
	};
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	DEFINE_WAIT(wait);
	int i;

	for (i = 0; i < 5; i++) {
		/* Wait before the write, so that only a wakeup ends the wait. */
		prepare_to_wait(&buf->read_wait, &wait, TASK_INTERRUPTIBLE);
		KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, i));
		schedule();
		finish_wait(&buf->read_wait, &wait);
		KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, i));
	}
}

#define TIMER_PERIODS	50

/*
 * The timer also runs if its CPU is idle and sleeps. The case takes a second at most.
 * Without CONFIG_NO_HZ_COMMON no CPU sleeps through a period.
 */
static void relay_test_timer_idle(struct kunit *test)
{
	const struct relay_params params = {
		.subbuf_size = sizeof(struct numbered), .n_subbufs = 64,
		.flags = RELAY_TIMER_WAKE, .timer_ms = 1,
	};
	unsigned int cpu = relay_test_other_cpu(test);
	unsigned long end;
	struct relay_buf *buf;
	struct rchan *chan;
	DEFINE_WAIT(wait);
	int i;

	relay_test_pin(test, cpu);
	chan = relay_test_open(test, &params);
	relay_test_pin(test, 0);
	buf = relay_test_buf(chan, 0);
	end = jiffies + 60 * HZ;
	for (i = 0; i < TIMER_PERIODS && time_before(jiffies, end); i++) {
		prepare_to_wait(&buf->read_wait, &wait, TASK_INTERRUPTIBLE);
		KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, i));
		schedule_timeout(end - jiffies);
		finish_wait(&buf->read_wait, &wait);
		KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, i));
	}
	KUNIT_EXPECT_EQ(test, TIMER_PERIODS, i);
}

/* Without a timer the delivery by the writer wakes the reader. */
static void relay_test_delivery_wakes(struct kunit *test)
{
	const struct relay_params params = {
		.subbuf_size = sizeof(struct numbered), .n_subbufs = 64,
		.flags = (long)test->param_value & (RELAY_OVERWRITE | RELAY_GLOBAL),
	};
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, 0);
	DEFINE_WAIT(wait);

	prepare_to_wait(&buf->read_wait, &wait, TASK_INTERRUPTIBLE);
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 1));
	schedule();
	finish_wait(&buf->read_wait, &wait);
	KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, 1));
}

/* A reader that holds a channel sees that it has been removed. */
static void relay_test_removed_is_closed(struct kunit *test)
{
	const struct relay_params params = { SOUND };
	struct relay_chan *chan = relay_chan_alloc(&params);

	KUNIT_ASSERT_NOT_NULL(test, chan);
	kref_get(&chan->kref);
	relay_chan_remove(chan);
	KUNIT_EXPECT_TRUE(test, relay_chan_closed(chan));
	relay_chan_put(chan);
}

static long write_refused(void *chan)
{
	return write_numbered(chan, 7) == -ESHUTDOWN ? 0 : -EINVAL;
}

/* On a CPU that comes up while a channel is being closed, the new buffer is disabled, too. */
static void relay_test_close_new_cpu(struct kunit *test)
{
	const struct relay_params params = { SOUND };
	unsigned int cpu = relay_test_other_cpu(test);
	struct rchan *chan = relay_test_open(test, &params);

	relay_test_never_up(chan, cpu);
	/* The state of a channel when relay_close() has begun. */
	WRITE_ONCE(relay_chan_of(chan)->unwatchable, true);
	relay_test_comes_up(test, cpu);
	relay_test_on_cpu(test, cpu, write_refused, chan);
}

/* With RELAY_WHOLE neither read nor poll offers a part of an open sub-buffer. */
static void relay_test_whole(struct kunit *test)
{
	const struct relay_params params = {
		.subbuf_size = 256, .n_subbufs = 4,
		.flags = RELAY_WHOLE | ((long)test->param_value &
					(RELAY_OVERWRITE | RELAY_GLOBAL)),
	};
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, 0);

	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 0));
	KUNIT_EXPECT_TRUE(test, relay_buf_readable(buf) == 0);
	KUNIT_EXPECT_EQ(test, 0, expect_numbered(test, buf, 0));
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 1));
	relay_flush(chan);
	KUNIT_EXPECT_TRUE(test, relay_buf_readable(buf) == (EPOLLIN | EPOLLRDNORM));
	KUNIT_EXPECT_EQ(test, 0, write_numbered(chan, 2));
	KUNIT_EXPECT_EQ(test, 2, expect_numbered(test, buf, 0));
	KUNIT_EXPECT_TRUE(test, relay_buf_readable(buf) == 0);
	relay_flush(chan);
	KUNIT_EXPECT_EQ(test, 1, expect_numbered(test, buf, 2));
}

/*
 * Locks that readers wait for
 */

/* A work that flushes a channel. */
static struct flusher {
	struct work_struct	work;
	struct completion	done;
	struct rchan		*chan;
	unsigned int		in_time;
} flusher;

static void flusher_work(struct work_struct *work)
{
	relay_flush(flusher.chan);
	complete(&flusher.done);
}

/* Delay the allocation of a buffer until another channel is flushed, or for 5 seconds. */
static int slow_pages(struct relay_pages *pages, size_t size, int node)
{
	int err;

	kunit_deactivate_static_stub(kunit_get_current_test(), relay_pages_alloc);
	reinit_completion(&flusher.done);
	schedule_work(&flusher.work);
	if (wait_for_completion_timeout(&flusher.done, 20 * HZ))
		flusher.in_time++;
	err = relay_pages_alloc(pages, size, node);
	kunit_activate_static_stub(kunit_get_current_test(), relay_pages_alloc, slow_pages);
	return err;
}

static void relay_test_alloc_unlocked(struct kunit *test)
{
	const struct relay_params params = { .subbuf_size = 64, .n_subbufs = 4 };
	unsigned int cpu = relay_test_other_cpu(test);
	struct rchan *slow;

	flusher.chan = relay_test_open(test, &params);
	flusher.in_time = 0;
	init_completion(&flusher.done);
	INIT_WORK(&flusher.work, flusher_work);
	kunit_activate_static_stub(test, relay_pages_alloc, slow_pages);
	slow = relay_test_open(test, &params);
	KUNIT_EXPECT_EQ(test, num_online_cpus(), flusher.in_time);
	/* The flush does not wait for the allocation for a new CPU, either. */
	relay_test_never_up(slow, cpu);
	relay_test_comes_up(test, cpu);
	KUNIT_EXPECT_EQ(test, num_online_cpus() + 1, flusher.in_time);
	kunit_deactivate_static_stub(test, relay_pages_alloc);
	flush_work(&flusher.work);
}

static struct rchan *pages_chan;

static int closing_pages(struct relay_pages *pages, size_t size, int node)
{
	relay_test_close(kunit_get_current_test(), pages_chan);
	return -ENOMEM;
}

/* There is no memory for a new CPU's buffer in a channel that closes meanwhile: none is needed. */
static void relay_test_close_new_cpu_memory(struct kunit *test)
{
	const struct relay_params params = { SOUND };
	unsigned int cpu = relay_test_other_cpu(test);

	pages_chan = relay_test_open(test, &params);
	relay_test_never_up(pages_chan, cpu);
	kunit_activate_static_stub(test, relay_pages_alloc, closing_pages);
	/* Without the lock of CPU hotplug, because relay_close() takes it. */
	KUNIT_EXPECT_EQ(test, 0, relay_prepare_cpu(cpu));
	kunit_deactivate_static_stub(test, relay_pages_alloc);
}

struct deliverer {
	struct relay_buf	*buf;
	struct completion	ready;
	struct completion	done;
	int			err;
};

static int deliverer_thread(void *arg)
{
	struct deliverer *this = arg;

	allow_signal(SIGKILL);
	complete(&this->ready);
	this->err = relay_buf_deliver(this->buf);
	complete(&this->done);
	return 0;
}

/* A reader that waits for the lock of the channels can be killed. */
static void relay_test_deliver_killed(struct kunit *test)
{
	const struct relay_params params = { .subbuf_size = 64, .n_subbufs = 4 };
	struct rchan *chan = relay_test_open(test, &params);
	struct deliverer this = { .buf = relay_test_buf(chan, 0) };
	struct task_struct *task;
	unsigned long left;

	init_completion(&this.ready);
	init_completion(&this.done);
	task = kthread_create(deliverer_thread, &this, "relay_deliverer");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	get_task_struct(task);
	mutex_lock(&relay_channels_mutex);
	wake_up_process(task);
	wait_for_completion(&this.ready);
	send_sig(SIGKILL, task, 1);
	left = wait_for_completion_timeout(&this.done, 20 * HZ);
	mutex_unlock(&relay_channels_mutex);
	if (!left)
		wait_for_completion(&this.done);
	put_task_struct(task);
	KUNIT_EXPECT_NE(test, 0, left);
	KUNIT_EXPECT_EQ(test, -ERESTARTSYS, this.err);
}

static struct kunit_case relay_channel_cases[] = {
	KUNIT_CASE_PARAM(relay_test_geometry, channel_gen_params),
	KUNIT_CASE_PARAM(relay_test_bad_params, bad_params_gen_params),
	KUNIT_CASE(relay_test_null_channel),
	KUNIT_CASE(relay_test_life),
	KUNIT_CASE(relay_test_header_in_stream),
	KUNIT_CASE(relay_test_write_in_callback),
	KUNIT_CASE(relay_test_uncommitted_is_not_read),
	KUNIT_CASE(relay_test_discard),
	KUNIT_CASE(relay_test_commit_twice),
	KUNIT_CASE(relay_test_private_area),
	KUNIT_CASE(relay_test_flush_idle),
	KUNIT_CASE(relay_test_flush_other_cpu),
	KUNIT_CASE(relay_test_reset),
	KUNIT_CASE_PARAM(relay_test_reset_half_read, mode_gen_params),
	KUNIT_CASE(relay_test_subbufs_consumed),
	KUNIT_CASE(relay_test_timer_switch),
	KUNIT_CASE(relay_test_timer_wake),
	KUNIT_CASE(relay_test_timer_idle),
	KUNIT_CASE_PARAM(relay_test_delivery_wakes, mode_gen_params),
	KUNIT_CASE(relay_test_removed_is_closed),
	KUNIT_CASE(relay_test_close_new_cpu),
	KUNIT_CASE(relay_test_close_new_cpu_memory),
	KUNIT_CASE_PARAM(relay_test_whole, mode_gen_params),
	KUNIT_CASE(relay_test_alloc_unlocked),
	KUNIT_CASE(relay_test_deliver_killed),
	{}
};

static struct kunit_suite relay_channel_suite = {
	.name		= "relay-channel",
	.init		= channel_init,
	.test_cases	= relay_channel_cases,
};

kunit_test_suite(relay_channel_suite);
