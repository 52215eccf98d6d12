// SPDX-License-Identifier: GPL-2.0
/*
 * Measure the cost of an event in ftrace's ring buffer and in a trace of LTT. The module calls
 * the kernel's probe directly, with the event's file in an instance of either kind. The cost of
 * the tracepoint is left out, because it is the same for both, and large on User-mode Linux.
 *
 * With peer=MODULE, the probe of that module at the event's tracepoint is another side. It is
 * the probe of another tracer, which records the event at the same time. Only events that this
 * tracer records are measured then.
 *
 * The sides take turns round by round, every other round in reverse. A figure is the median of
 * a side's rounds; a ratio is the median of the ratios of two sides in each round. Prints a line
 * for each figure. With count=1 it counts instructions, as relay_bench.ko does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timex.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include "../relay/kmod/median.h"

static bool count;
module_param(count, bool, 0444);
MODULE_PARM_DESC(count, "Count instructions instead of time");

static uint rounds = 101;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Rounds of each figure");

static char *peer = "";
module_param(peer, charp, 0444);
MODULE_PARM_DESC(peer, "Module of another tracer that has a probe");

/* Instances: one with a ring buffer, two whose events go to relay; then the other tracer. */
static const char * const bench_sides[] = { "ring", "ltt", "bare", "peer" };

#define BENCH_PEER	(ARRAY_SIZE(bench_sides) - 1)
#define BENCH_SIDES	ARRAY_SIZE(bench_sides)
#define BENCH_N		64

/**
 * struct bench_probe - a probe of a tracepoint
 * @function:	the probe
 * @data:	its first argument; for the kernel's probe the event's file
 */
struct bench_probe {
	void	*function;
	void	*data;
};

static void bench_small(const struct bench_probe *probe)
{
	void (*call)(void *data, int n) = probe->function;

	call(probe->data, 3);
}

static void bench_switch(const struct bench_probe *probe)
{
	void (*call)(void *data, bool preempt, struct task_struct *prev,
		     struct task_struct *next, unsigned int state) = probe->function;

	call(probe->data, false, current, current, 1);
}

/**
 * struct bench_event - an event that is measured
 * @name:	its name in the figures
 * @system:	its group
 * @event:	its name in the group
 * @fire:	calls its probe
 */
static const struct bench_event {
	const char	*name;
	const char	*system;
	const char	*event;
	void		(*fire)(const struct bench_probe *probe);
} bench_events[] = {
	{ "small", "relay_ltt", "shape_small", bench_small },
	{ "sched_switch", "sched", "sched_switch", bench_switch },
	{ "dynamic", "relay_ltt", "shape_dynamic", bench_small },
	/* A filter rejects this event. */
	{ "rejected", "relay_ltt", "shape_names", bench_small },
};

static u64 *bench_samples[BENCH_SIDES + 1];
static unsigned int bench_n_sides;

static u64 bench_clock(void)
{
	return count ? get_cycles() : ktime_get_ns();
}

static u64 bench_round(const struct bench_event *event, const struct bench_probe *probe)
{
	u64 start;

	guard(preempt)();
	start = bench_clock();
	for (unsigned int i = 0; i < BENCH_N; i++)
		event->fire(probe);
	return bench_clock() - start;
}

static void bench_report_ratio(const struct bench_event *event, unsigned int side,
			       unsigned int other)
{
	u64 *ratios = bench_samples[BENCH_SIDES];

	for (unsigned int i = 0; i < rounds; i++)
		ratios[i] = div64_u64(bench_samples[side][i] * 1000,
				      max(bench_samples[other][i], 1));
	pr_info("figure event=%s side=%s other=%s ratio=%llu\n", event->name,
		bench_sides[side], bench_sides[other], bench_median(ratios, rounds));
}

static void bench_report(const struct bench_event *event)
{
	for (unsigned int side = 1; side < bench_n_sides; side++)
		bench_report_ratio(event, side, 0);
	for (unsigned int side = 0; bench_n_sides > BENCH_PEER && side < BENCH_PEER; side++)
		bench_report_ratio(event, side, BENCH_PEER);
	for (unsigned int side = 0; side < bench_n_sides; side++)
		pr_info("figure event=%s side=%s median=%llu\n", event->name, bench_sides[side],
			div_u64(bench_median(bench_samples[side], rounds) * 1000, BENCH_N));
}

/*
 * Find the probe of the other tracer. The probe stays valid after the return, because the
 * tracer's session goes on.
 */
static bool bench_find_peer(struct trace_event_call *call, struct bench_probe *probe)
{
	const struct tracepoint_func *func;
	char name[KSYM_SYMBOL_LEN], module[MODULE_NAME_LEN + 3];

	if (!(call->flags & TRACE_EVENT_FL_TRACEPOINT))
		return false;
	snprintf(module, sizeof(module), "[%s]", peer);
	guard(srcu_fast)(&tracepoint_srcu);
	for (func = rcu_dereference_raw(call->tp->funcs); func && func->func; func++) {
		snprintf(name, sizeof(name), "%ps", func->func);
		if (strstr(name, module)) {
			*probe = (struct bench_probe) { func->func, func->data };
			return true;
		}
	}
	return false;
}

static void bench_rounds(const struct bench_event *event, const struct bench_probe *probes)
{
	unsigned int side;

	for (unsigned int i = 0; i < rounds; i++) {
		for (unsigned int turn = 0; turn < bench_n_sides; turn++) {
			side = i & 1 ? bench_n_sides - 1 - turn : turn;
			bench_samples[side][i] = bench_round(event, &probes[side]);
		}
		cond_resched();
	}
	bench_report(event);
}

/* Return: 1 if the event was measured; 0 if the other tracer does not record it; or an error. */
static int bench_measure(const struct bench_event *event)
{
	struct trace_event_file *file[BENCH_PEER];
	struct bench_probe probes[BENCH_SIDES];
	unsigned int n;
	int result = 0;

	for (n = 0; n < BENCH_PEER; n++) {
		file[n] = trace_get_event_file(bench_sides[n], event->system, event->event);
		if (IS_ERR(file[n])) {
			result = PTR_ERR(file[n]);
			break;
		}
		probes[n] = (struct bench_probe) { file[n]->event_call->class->probe, file[n] };
	}
	if (!result && (!*peer || bench_find_peer(file[0]->event_call, &probes[BENCH_PEER]))) {
		bench_rounds(event, probes);
		result = 1;
	}
	while (n--)
		trace_put_event_file(file[n]);
	return result;
}

static int __init ltt_bench_init(void)
{
	int err = 0, measured = 0, n;

	bench_n_sides = *peer ? BENCH_SIDES : BENCH_PEER;
	for (unsigned int i = 0; i < ARRAY_SIZE(bench_samples) && !err; i++) {
		bench_samples[i] = kvmalloc_array(rounds, sizeof(u64), GFP_KERNEL);
		if (!bench_samples[i])
			err = -ENOMEM;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bench_events) && !err; i++) {
		n = bench_measure(&bench_events[i]);
		err = min(n, 0);
		measured += n;
	}
	if (!err && !measured) {
		pr_err("no event has a probe of the module \"%s\"\n", peer);
		err = -ENODEV;
	}
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
