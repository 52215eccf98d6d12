// SPDX-License-Identifier: GPL-2.0
/*
 * The clock of all traces: the CPU's counter if the kernel considers it reliable, else the
 * raw monotonic clock. ltt_clock= selects one of these or a global counter of reads.
 */
#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
#include "internal.h"

/**
 * ltt_clock_raw - the raw monotonic clock, in nanoseconds
 *
 * The monotonic clock would not do: the kernel corrects its slope, so that a reader after
 * a correction can see an earlier time than one that interrupted it. The slope of the raw
 * clock is constant.
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

/* Without atomic instructions for 64 bits, an NMI could find the counter's lock taken. */
static bool ltt_clock_counter_is_reliable(void)
{
	return !IS_ENABLED(CONFIG_GENERIC_ATOMIC64);
}

/* A tick of this counter has no duration; @hz is set because CTF requires a frequency. */
static const struct ltt_clock_source ltt_clock_source_counter = {
	.name		= "counter",
	.read		= ltt_clock_counter,
	.hz		= ltt_clock_raw_hz,
	.is_reliable	= ltt_clock_counter_is_reliable,
};

DEFINE_STATIC_CALL(ltt_clock, ltt_clock_raw);
EXPORT_STATIC_CALL_GPL(ltt_clock);
static const struct ltt_clock_source *ltt_clock_source = &ltt_clock_source_raw;
static char ltt_clock_wanted[16] __initdata;

/**
 * ltt_clock_name - name of the traces' clock
 *
 * Return: the name, as in ltt_clock=.
 */
const char *ltt_clock_name(void)
{
	return ltt_clock_source->name;
}

/**
 * ltt_clock_relate - get the offset of the clock from wall time
 * @relation:	filled in, with the offset at this moment
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
	ticks = ltt_clock_read();
	preempt_enable();
	/* now - ticks, in seconds and a remainder of ticks that is not negative */
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

/* Runs before trace_ltt_boot() creates the first trace. */
static int __init ltt_clock_init(void)
{
	const struct ltt_clock_source *sources[] = {
		LTT_CLOCK_CYCLES, &ltt_clock_source_raw, &ltt_clock_source_counter,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (sources[i] &&
		    (!sources[i]->is_reliable || sources[i]->is_reliable()) &&
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
