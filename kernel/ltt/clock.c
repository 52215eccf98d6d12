// SPDX-License-Identifier: GPL-2.0
/*
 * The clock of all traces: the CPU's own counter where the kernel relies upon it, else
 * the raw monotonic clock; or a number that all CPUs count.
 */
#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
#include "internal.h"

/**
 * ltt_clock_raw - the raw monotonic clock, in nanoseconds
 *
 * Not the monotonic one: its slope is corrected, so that a reader that interrupts the
 * correction sees the old slope, and then an earlier time. That of the raw one is
 * constant: the part that an update rounds off is less than a tick of the counter.
 *
 * Context: Any, NMI included.
 * Return: the time.
 */
u64 ltt_clock_raw(void)
{
	return ktime_get_raw_fast_ns();
}

static u64 ltt_clock_raw_hz(void)
{
	return NSEC_PER_SEC;
}

static const struct ltt_clock_source ltt_clock_source_raw = {
	.name	= "raw",
	.read	= ltt_clock_raw,
	.hz	= ltt_clock_raw_hz,
};

static atomic64_t ltt_clock_count;

static u64 ltt_clock_counter(void)
{
	return atomic64_inc_return(&ltt_clock_count);
}

/* One tick is no time. CTF wants a frequency. */
static const struct ltt_clock_source ltt_clock_source_counter = {
	.name	= "counter",
	.read	= ltt_clock_counter,
	.hz	= ltt_clock_raw_hz,
};

DEFINE_STATIC_CALL(ltt_clock, ltt_clock_raw);
EXPORT_STATIC_CALL_GPL(ltt_clock);
static const struct ltt_clock_source *ltt_clock_source = &ltt_clock_source_raw;
static char ltt_clock_wanted[16] __initdata;

/**
 * ltt_clock_name - which clock the traces have
 *
 * Return: its name, as for ltt_clock=.
 */
const char *ltt_clock_name(void)
{
	return ltt_clock_source->name;
}

/**
 * ltt_clock_relate - what the clock has to do with wall time
 * @relation:	filled in, for this moment
 *
 * Context: Task.
 */
void ltt_clock_relate(struct ltt_clock_relation *relation)
{
	u64 hz = ltt_clock_source->hz(), ticks, nsec;
	struct timespec64 now;
	s64 seconds;

	relation->hz = hz;
	preempt_disable();
	ktime_get_real_ts64(&now);
	ticks = ltt_clock_source->read();
	preempt_enable();
	/* now - ticks, in seconds and a positive rest of ticks */
	seconds = div64_u64_rem(ticks, hz, &ticks);
	nsec = mul_u64_u64_div_u64(now.tv_nsec, hz, NSEC_PER_SEC);
	relation->seconds = now.tv_sec - seconds;
	if (nsec < ticks) {
		nsec += hz;
		relation->seconds--;
	}
	relation->ticks = nsec - ticks;
}

static int __init ltt_clock_setup(char *name)
{
	strscpy(ltt_clock_wanted, name);
	return 0;
}
early_param("ltt_clock", ltt_clock_setup);

/* Before the first trace, that is, before relayfs: see trace_ltt_boot(). */
static int __init ltt_clock_init(void)
{
	const struct ltt_clock_source *sources[] = {
		LTT_CLOCK_CYCLES, &ltt_clock_source_raw, &ltt_clock_source_counter,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (sources[i] && sources[i]->hz() &&
		    (!*ltt_clock_wanted || !strcmp(ltt_clock_wanted, sources[i]->name)))
			break;
	if (i < ARRAY_SIZE(sources))
		ltt_clock_source = sources[i];
	else
		pr_err("ltt: ltt_clock=%s: there is no such clock here, \"%s\" is used\n",
		       ltt_clock_wanted, ltt_clock_source->name);
	static_call_update(ltt_clock, ltt_clock_source->read);
	return 0;
}
core_initcall(ltt_clock_init);
