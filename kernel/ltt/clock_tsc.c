// SPDX-License-Identifier: GPL-2.0
/*
 * The time stamp counter of x86.
 */
#include <linux/init.h>
#include <linux/syscore_ops.h>
#include <asm/tsc.h>
#include <asm/cpufeature.h>
#include "internal.h"

/* The time at which the machine was suspended; the ticks that the time is ahead of the counter. */
static u64 ltt_clock_tsc_suspended;
static u64 ltt_clock_tsc_offset __read_mostly;

/* Ordered: otherwise the CPU may read the counter before the event that is being timed. */
static u64 ltt_clock_tsc_read(void)
{
	return rdtsc_ordered() + ltt_clock_tsc_offset;
}

static u64 ltt_clock_tsc_hz(void)
{
	return (u64)tsc_khz * 1000;
}

/* A TSC that the kernel has marked unstable may stop, or differ between CPUs. */
static bool ltt_clock_tsc_is_reliable(void)
{
	return boot_cpu_has(X86_FEATURE_TSC) && tsc_khz && !check_tsc_unstable();
}

static int ltt_clock_tsc_suspend(void *data)
{
	ltt_clock_tsc_suspended = ltt_clock_tsc_read();
	return 0;
}

/*
 * Some sleep states reset the counter. Then go on a second after ltt_clock_tsc_suspend(),
 * because this CPU can record events after that. The other CPUs are offline.
 */
static void ltt_clock_tsc_resume(void *data)
{
	u64 time = ltt_clock_tsc_read();

	if (time < ltt_clock_tsc_suspended)
		ltt_clock_tsc_offset += ltt_clock_tsc_suspended - time + ltt_clock_tsc_hz();
}

static const struct syscore_ops ltt_clock_tsc_ops = {
	.suspend	= ltt_clock_tsc_suspend,
	.resume		= ltt_clock_tsc_resume,
};

static struct syscore ltt_clock_tsc_syscore = { .ops = &ltt_clock_tsc_ops };

static int __init ltt_clock_tsc_init(void)
{
	register_syscore(&ltt_clock_tsc_syscore);
	return 0;
}
core_initcall(ltt_clock_tsc_init);

const struct ltt_clock_source ltt_clock_cycles = {
	.name		= "cycles",
	.read		= ltt_clock_tsc_read,
	.hz		= ltt_clock_tsc_hz,
	.is_reliable	= ltt_clock_tsc_is_reliable,
};
