// SPDX-License-Identifier: GPL-2.0
/*
 * A client that traces functions: it writes a record to relay whenever the kernel
 * calls a traced function. A write must not call a traced function itself, because
 * that would write records without an end.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include "support.h"

/* A channel of each kind has a slow path of its own. */
#define TRACER_CHANS	4
/* Writes that nest at most: one, and one for each of the two works that writes queue. */
#define TRACER_DEPTH	3

static struct tracer {
	struct rchan	*chan[TRACER_CHANS];
	unsigned int	n_chans;
	unsigned int	limit;			/* writes that may nest */
	unsigned long	ip;			/* function whose call exceeded it */
} tracer;

static DEFINE_PER_CPU(unsigned int, tracer_depth);

static notrace void tracer_called(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	unsigned int depth, i;
	unsigned long flags;

	/* Interrupts off, so that any nested call on this CPU comes from the write. */
	raw_local_irq_save(flags);
	depth = __this_cpu_inc_return(tracer_depth) - 1;
	if (depth < tracer.limit) {
		relay_reserve(tracer.chan[0], sizeof(ip));
		for (i = 0; i < tracer.n_chans; i++)
			relay_write(tracer.chan[i], &ip, sizeof(ip));
	} else {
		WRITE_ONCE(tracer.ip, ip);
	}
	__this_cpu_dec(tracer_depth);
	raw_local_irq_restore(flags);
}

static struct ftrace_ops tracer_ops = { .func = tracer_called };

static notrace int tracer_subbuf_start(struct rchan_buf *buf, void *subbuf, void *prev_subbuf)
{
	subbuf_start_reserve(buf, 4);
	return !relay_buf_full(buf);
}

static struct dentry *tracer_create_file(const char *name, struct dentry *parent, umode_t mode,
					 struct rchan_buf *buf, int *is_global)
{
	return debugfs_create_file(name, mode, parent, buf, &relay_file_operations);
}

static int tracer_remove_file(struct dentry *dentry)
{
	debugfs_remove(dentry);
	return 0;
}

KUNIT_DEFINE_ACTION_WRAPPER(tracer_close, relay_close, struct rchan *);

static void tracer_open_legacy(struct kunit *test)
{
	static const struct rchan_callbacks callbacks = {
		.create_buf_file	= tracer_create_file,
		.remove_buf_file	= tracer_remove_file,
		.subbuf_start		= tracer_subbuf_start,
	};
	struct rchan *chan = relay_open("relay-tracer", NULL, 64, 4, &callbacks, NULL);

	KUNIT_ASSERT_NOT_NULL(test, chan);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, tracer_close, chan));
	tracer.chan[tracer.n_chans++] = chan;
}

/* Open a channel, or without a reserved area skip a reserved one. */
static void tracer_open(struct kunit *test, size_t subbuf_size, unsigned int flags)
{
	static const char * const name[TRACER_CHANS] = { "", "tracer-1", "tracer-2", "tracer-3" };
	const struct relay_params params = {
		.name = name[tracer.n_chans],
		.subbuf_size = subbuf_size, .n_subbufs = 4, .flags = flags | RELAY_OVERWRITE,
	};
	struct rchan *chan = relay_open_params(&params);

	if (flags & RELAY_RESERVED && IS_ERR(chan))
		return;
	KUNIT_ASSERT_FALSE(test, IS_ERR(chan));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, tracer_close, chan));
	tracer.chan[tracer.n_chans++] = chan;
}

static void tracer_stop(void *unused)
{
	unregister_ftrace_function(&tracer_ops);
}

/* Trace all functions on all CPUs while this CPU schedules. */
static void tracer_trace(struct kunit *test, unsigned int limit)
{
	struct relay_counters stats;
	int i;

	tracer.ip = 0;
	tracer.limit = limit;
	KUNIT_ASSERT_EQ(test, 0, register_ftrace_function(&tracer_ops));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, tracer_stop, NULL));
	for (i = 0; i < 1000; i++)
		schedule();
	kunit_release_action(test, tracer_stop, NULL);
	relay_chan_stats(tracer.chan[1], &stats);
	KUNIT_EXPECT_GT(test, stats.committed, 1000);
	KUNIT_EXPECT_EQ_MSG(test, 0, tracer.ip, "a write called %ps", (void *)tracer.ip);
}

/* No reader waits, so a write calls no function outside of relay. */
static void relay_test_tracer(struct kunit *test)
{
	tracer_open_legacy(test);
	tracer_open(test, 64, 0);
	tracer_open(test, 64, RELAY_GLOBAL);
	tracer_trace(test, 1);
}

static int tracer_woken(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	complete(entry->private);
	return 0;
}

/*
 * A reader waits, and there may be sub-buffers to seal. A write that queues the irq_work
 * for either calls traced functions, which send the interrupt; writes from these functions
 * find the work queued already. A sub-buffer holds the records of many interrupts, so that
 * not every wake-up causes another one.
 */
static void relay_test_tracer_wakes(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(woken);
	wait_queue_entry_t entry;

	tracer_open_legacy(test);
	tracer_open(test, SZ_16K, 0);
	tracer_open(test, SZ_16K, RELAY_GLOBAL);
	tracer_open(test, SZ_16K, RELAY_RESERVED);
	init_waitqueue_func_entry(&entry, tracer_woken);
	entry.private = &woken;
	add_wait_queue(&relay_chan_of(tracer.chan[1])->read_wait, &entry);
	tracer_trace(test, TRACER_DEPTH);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&woken, 20 * HZ));
	remove_wait_queue(&relay_chan_of(tracer.chan[1])->read_wait, &entry);
}

static int tracer_init(struct kunit *test)
{
	tracer.n_chans = 0;
	return 0;
}

static struct kunit_case relay_trace_cases[] = {
	KUNIT_CASE(relay_test_tracer),
	KUNIT_CASE(relay_test_tracer_wakes),
	{}
};

static struct kunit_suite relay_trace_suite = {
	.name		= "relay-trace",
	.init		= tracer_init,
	.test_cases	= relay_trace_cases,
};

kunit_test_suite(relay_trace_suite);
