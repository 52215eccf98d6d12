// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of an event in ftrace's ring buffer and in a trace of LTT: the kernel's own probe
 * is called directly, with the event's file in an instance of either kind, because a
 * tracepoint costs the same before it and, on User-mode Linux, much more.
 *
 * The sides take turns round by round, every other round in reverse. A figure is the median
 * of its rounds, and so is the ratio of two sides, of those in each round. Prints a line for
 * each figure. With count=1 it counts instructions, as relay_bench.ko does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <linux/trace_events.h>
#include "../relay/kmod/median.h"

static bool count;
module_param(count, bool, 0444);
MODULE_PARM_DESC(count, "Count instructions instead of time");

static uint rounds = 101;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Rounds of each figure");

/* Instances: one with a ring buffer, and those whose events go to relay. */
static const char * const bench_sides[] = { "ring", "ltt", "bare" };

#define BENCH_SIDES	ARRAY_SIZE(bench_sides)
#define BENCH_N		64

typedef void (*bench_fire)(void *probe, void *file);

static void bench_small(void *probe, void *file)
{
	void (*call)(void *file, int n) = probe;

	call(file, 3);
}

static void bench_switch(void *probe, void *file)
{
	void (*call)(void *file, bool preempt, struct task_struct *prev,
		     struct task_struct *next, unsigned int state) = probe;

	call(file, false, current, current, 1);
}

/**
 * struct bench_event - an event that is measured
 * @name:	its name in the figures
 * @system:	its group
 * @event:	its name in that
 * @fire:	calls its probe
 */
static const struct bench_event {
	const char	*name;
	const char	*system;
	const char	*event;
	bench_fire	fire;
} bench_events[] = {
	{ "small", "relay_ltt", "shape_small", bench_small },
	{ "sched_switch", "sched", "sched_switch", bench_switch },
	{ "dynamic", "relay_ltt", "shape_dynamic", bench_small },
	/* With a filter that is false. */
	{ "rejected", "relay_ltt", "shape_names", bench_small },
};

static u64 *bench_samples[BENCH_SIDES + 1];

static u64 bench_clock(void)
{
	return count ? get_cycles() : ktime_get_ns();
}

static u64 bench_round(const struct bench_event *event, struct trace_event_file *file)
{
	void *probe = file->event_call->class->probe;
	u64 start;

	guard(preempt)();
	start = bench_clock();
	for (unsigned int i = 0; i < BENCH_N; i++)
		event->fire(probe, file);
	return bench_clock() - start;
}

static void bench_report(const struct bench_event *event)
{
	u64 *ratios = bench_samples[BENCH_SIDES];

	for (unsigned int side = 1; side < BENCH_SIDES; side++) {
		for (unsigned int i = 0; i < rounds; i++)
			ratios[i] = div64_u64(bench_samples[side][i] * 1000,
					      max(bench_samples[0][i], 1));
		pr_info("figure event=%s side=%s other=%s ratio=%llu\n", event->name,
			bench_sides[side], bench_sides[0], bench_median(ratios, rounds));
	}
	for (unsigned int side = 0; side < BENCH_SIDES; side++)
		pr_info("figure event=%s side=%s median=%llu\n", event->name, bench_sides[side],
			div_u64(bench_median(bench_samples[side], rounds) * 1000, BENCH_N));
}

static int bench_measure(const struct bench_event *event)
{
	struct trace_event_file *file[BENCH_SIDES];
	unsigned int n, side;
	int err = 0;

	for (n = 0; n < BENCH_SIDES; n++) {
		file[n] = trace_get_event_file(bench_sides[n], event->system, event->event);
		if (IS_ERR(file[n])) {
			err = PTR_ERR(file[n]);
			break;
		}
	}
	for (unsigned int i = 0; i < rounds && !err; i++) {
		for (unsigned int turn = 0; turn < BENCH_SIDES; turn++) {
			side = i & 1 ? BENCH_SIDES - 1 - turn : turn;
			bench_samples[side][i] = bench_round(event, file[side]);
		}
		cond_resched();
	}
	if (!err)
		bench_report(event);
	while (n--)
		trace_put_event_file(file[n]);
	return err;
}

static int __init ltt_bench_init(void)
{
	int err = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(bench_samples) && !err; i++) {
		bench_samples[i] = kvmalloc_array(rounds, sizeof(u64), GFP_KERNEL);
		if (!bench_samples[i])
			err = -ENOMEM;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bench_events) && !err; i++)
		err = bench_measure(&bench_events[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(bench_samples); i++)
		kvfree(bench_samples[i]);
	return err;
}

static void __exit ltt_bench_exit(void)
{
}

module_init(ltt_bench_init);
module_exit(ltt_bench_exit);
MODULE_DESCRIPTION("LTT: what an event costs");
MODULE_LICENSE("GPL");
