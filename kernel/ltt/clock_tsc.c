// SPDX-License-Identifier: GPL-2.0
/*
 * The time stamp counter of x86.
 */
#include <asm/tsc.h>
#include <asm/cpufeature.h>
#include "internal.h"

/* Ordered: otherwise the CPU may read the counter before the event that is being timed. */
static u64 ltt_clock_tsc_read(void)
{
	return rdtsc_ordered();
}

/* A TSC that the kernel has marked unstable may stop, or differ between CPUs. */
static u64 ltt_clock_tsc_hz(void)
{
	if (!boot_cpu_has(X86_FEATURE_TSC) || check_tsc_unstable())
		return 0;
	return (u64)tsc_khz * 1000;
}

const struct ltt_clock_source ltt_clock_cycles = {
	.name	= "cycles",
	.read	= ltt_clock_tsc_read,
	.hz	= ltt_clock_tsc_hz,
};
