// SPDX-License-Identifier: GPL-2.0
/*
 * A clock of lttng-modules that reads what kernel/ltt/clock_tsc.c reads, so that both tracers
 * can be measured with the same clock. It has to be loaded before lttng-tracer.ko, which takes
 * the clock that there is.
 */
#include <linux/module.h>
#include <linux/uuid.h>
#include <asm/tsc.h>
#include <lttng/clock.h>

static u64 lttng_clock_tsc_read(void)
{
	return rdtsc_ordered();
}

static u64 lttng_clock_tsc_freq(void)
{
	return (u64)tsc_khz * 1000;
}

static int lttng_clock_tsc_uuid(char *uuid)
{
	uuid_t new;

	uuid_gen(&new);
	snprintf(uuid, LTTNG_MODULES_UUID_STR_LEN, "%pUb", &new);
	return 0;
}

static const char *lttng_clock_tsc_name(void)
{
	return "tsc";
}

static const char *lttng_clock_tsc_description(void)
{
	return "The time stamp counter, read in program order";
}

static struct lttng_trace_clock lttng_clock_tsc = {
	.read64		= lttng_clock_tsc_read,
	.freq		= lttng_clock_tsc_freq,
	.uuid		= lttng_clock_tsc_uuid,
	.name		= lttng_clock_tsc_name,
	.description	= lttng_clock_tsc_description,
};

static int __init lttng_clock_tsc_init(void)
{
	return lttng_clock_register_plugin(&lttng_clock_tsc, THIS_MODULE);
}

static void __exit lttng_clock_tsc_exit(void)
{
	lttng_clock_unregister_plugin(&lttng_clock_tsc, THIS_MODULE);
}

module_init(lttng_clock_tsc_init);
module_exit(lttng_clock_tsc_exit);
MODULE_DESCRIPTION("lttng-modules: the time stamp counter as its clock");
MODULE_LICENSE("GPL");
