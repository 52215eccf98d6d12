// SPDX-License-Identifier: GPL-2.0
/*
 * The time stamp counter of x86.
 */
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/suspend.h>
#include <linux/syscore_ops.h>
#include <asm/tsc.h>
#include <asm/cpufeature.h>
#include <xen/xen.h>
#include "internal.h"

/* Ordered: otherwise the CPU may read the counter before the event that is being timed. */
static u64 ltt_clock_tsc_read(void)
{
	return rdtsc_ordered();
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

const struct ltt_clock_source ltt_clock_cycles = {
	.name		= "cycles",
	.read		= ltt_clock_tsc_read,
	.hz		= ltt_clock_tsc_hz,
	.is_reliable	= ltt_clock_tsc_is_reliable,
};

/*
 * Some sleep states reset the counter, and the kernel records events between the wake-up and
 * ltt_clock_tsc_resume(). So from the first suspend on the time is the counter plus an offset,
 * and never less than a second after the newest ltt_clock_tsc_suspend(). Both change while one
 * CPU runs, with interrupts off.
 */
static u64 ltt_clock_tsc_offset, ltt_clock_tsc_least;

static u64 ltt_clock_tsc_read_adjusted(void)
{
	return max(rdtsc_ordered() + ltt_clock_tsc_offset, ltt_clock_tsc_least);
}

static int ltt_clock_tsc_suspend(void *data)
{
	ltt_clock_tsc_least = ltt_clock_tsc_read_adjusted() + ltt_clock_tsc_hz();
	return 0;
}

static void ltt_clock_tsc_resume(void *data)
{
	u64 time = rdtsc_ordered() + ltt_clock_tsc_offset;

	if (time + ltt_clock_tsc_hz() < ltt_clock_tsc_least)
		ltt_clock_tsc_offset += ltt_clock_tsc_least - time;
}

static const struct syscore_ops ltt_clock_tsc_ops = {
	.suspend	= ltt_clock_tsc_suspend,
	.resume		= ltt_clock_tsc_resume,
};

static struct syscore ltt_clock_tsc_syscore = { .ops = &ltt_clock_tsc_ops };

static int ltt_clock_tsc_notify(struct notifier_block *block, unsigned long event, void *data)
{
	if (!strcmp(ltt_clock_name(), ltt_clock_cycles.name))
		static_call_update(ltt_clock, ltt_clock_tsc_read_adjusted);
	return NOTIFY_OK;
}

static struct notifier_block ltt_clock_tsc_notifier = { .notifier_call = ltt_clock_tsc_notify };

/* Runs after ltt_clock_init(). */
static int __init ltt_clock_tsc_init(void)
{
	register_syscore(&ltt_clock_tsc_syscore);
	/* These suspend without a notification. */
	if (xen_domain() || IS_ENABLED(CONFIG_APM) || IS_ENABLED(CONFIG_KEXEC_JUMP))
		ltt_clock_tsc_notify(NULL, 0, NULL);
	return register_pm_notifier(&ltt_clock_tsc_notifier);
}
core_initcall_sync(ltt_clock_tsc_init);
