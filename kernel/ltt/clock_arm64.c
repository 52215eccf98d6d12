// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual counter of arm64, the same on all CPUs.
 */
#include <asm/arch_timer.h>
#include "internal.h"

static u64 ltt_clock_arm64_read(void)
{
	return __arch_counter_get_cntvct_stable();
}

static u64 ltt_clock_arm64_hz(void)
{
	return arch_timer_get_cntfrq();
}

const struct ltt_clock_source ltt_clock_cycles = {
	.name	= "cycles",
	.read	= ltt_clock_arm64_read,
	.hz	= ltt_clock_arm64_hz,
};
