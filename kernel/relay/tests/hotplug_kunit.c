// SPDX-License-Identifier: GPL-2.0
/*
 * Channels while a CPU goes offline or comes online: in a step of CPU hotplug in which
 * the CPU does not run, and relay's callback has not yet run for the CPU that went, or
 * has already run for the CPU that comes. And readers on an isolated CPU, which needs
 * nohz_full=.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/wait.h>
#include "support.h"

static struct hotplug {
	struct rchan		*chan;
	struct rchan		*written;	/* by hotplug_deliver() */
	struct task_struct	*thread;	/* NULL: hotplug_step() does nothing */
	struct completion	step;
	struct completion	done;
	bool			begun;
	bool			early;		/* reset was done before the step's end */
	unsigned int		woken_on;	/* CPU that woke the reader */
} hotplug;

static int hotplug_thread(void *unused)
{
	wait_for_completion(&hotplug.step);
	WRITE_ONCE(hotplug.begun, true);
	relay_reset(hotplug.chan);
	complete(&hotplug.done);
	return 0;
}

/* Does the reset wait for the hotplug operation, as it should? */
static bool hotplug_waits(void)
{
	return READ_ONCE(hotplug.begun) && !task_is_running(hotplug.thread);
}

static int hotplug_step(unsigned int cpu)
{
	if (!hotplug.thread)
		return 0;
	complete(&hotplug.step);
	while (!completion_done(&hotplug.done) && !hotplug_waits())
		cond_resched();
	hotplug.early = completion_done(&hotplug.done);
	return 0;
}

static void hotplug_remove_state(void *state)
{
	cpuhp_remove_state_nocalls((long)state);
}

/* The dynamic state comes after relay's, and before those in which the CPU runs. */
static void hotplug_add_state(struct kunit *test)
{
	long state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "relay:test",
					       hotplug_step, hotplug_step);

	KUNIT_ASSERT_GT(test, state, 0);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, hotplug_remove_state,
							   (void *)state));
}

static void hotplug_arm(struct kunit *test)
{
	struct task_struct *thread;

	init_completion(&hotplug.step);
	init_completion(&hotplug.done);
	hotplug.begun = false;
	thread = kthread_create_on_cpu(hotplug_thread, NULL, 0, "relay_hotplug");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	hotplug.thread = get_task_struct(thread);
	wake_up_process(thread);
}

static void hotplug_disarm(struct kunit *test)
{
	wait_for_completion(&hotplug.done);
	/* Between these states a CPU may run and not be online, or the reverse. */
	KUNIT_EXPECT_FALSE(test, hotplug.early);
	put_task_struct(hotplug.thread);
	hotplug.thread = NULL;
}

static long hotplug_write(void *chan)
{
	relay_write(chan, "gone", 4);
	return 0;
}

static int hotplug_init(struct kunit *test)
{
	const struct relay_params params = { .subbuf_size = 100, .n_subbufs = 4 };
	unsigned int cpu;

	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "CPUs do not come and go");
	cpu = relay_test_other_cpu(test);
	relay_test_pin(test, 0);
	hotplug.chan = relay_test_open(test, &params);
	relay_test_on_cpu(test, cpu, hotplug_write, hotplug.chan);
	hotplug_add_state(test);
	test->priv = (void *)(long)cpu;
	return 0;
}

static void expect_erased(struct kunit *test, unsigned long erased)
{
	struct relay_counters stats;

	relay_chan_stats(hotplug.chan, &stats);
	KUNIT_EXPECT_EQ(test, erased, stats.erased);
	relay_test_conserved(test, &stats, 1, 0, 1 - erased);
}

static void relay_test_reset_cpu_goes(struct kunit *test)
{
	unsigned int cpu = (long)test->priv;

	hotplug_arm(test);
	KUNIT_ASSERT_EQ(test, 0, remove_cpu(cpu));
	hotplug_disarm(test);
	expect_erased(test, 1);
	KUNIT_EXPECT_EQ(test, 0, add_cpu(cpu));
}

static void relay_test_reset_cpu_comes(struct kunit *test)
{
	unsigned int cpu = (long)test->priv;

	KUNIT_ASSERT_EQ(test, 0, remove_cpu(cpu));
	expect_erased(test, 0);
	hotplug_arm(test);
	KUNIT_EXPECT_EQ(test, 0, add_cpu(cpu));
	hotplug_disarm(test);
	expect_erased(test, 1);
}

/*
 * Two steps of a CPU that goes offline: in the first its threads are parked, and no thread
 * runs work for it; in the second it takes no interrupts. The states belong to Hyper-V and
 * to an ARM timer, which do not use them here.
 */
#define HOTPLUG_PARKED	CPUHP_AP_HYPERV_ONLINE
#define HOTPLUG_DYING	CPUHP_AP_ARM_TWD_STARTING

static int hotplug_deliver(unsigned int cpu)
{
	static const char record[100];

	relay_write(hotplug.written, record, sizeof(record));
	return 0;
}

static void hotplug_remove_step(void *state)
{
	cpuhp_remove_state_nocalls((long)state);
}

static int hotplug_woken(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	hotplug.woken_on = smp_processor_id();
	complete(&hotplug.done);
	return 0;
}

static void hotplug_expect_woken(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&hotplug.done, 20 * HZ));
}

/*
 * A CPU that goes offline delivers a sub-buffer of @chan in the step @state, and wakes
 * the waiting reader. If @chan is global, a later delivery on another CPU wakes the
 * reader again.
 */
static void hotplug_wakes(struct kunit *test, enum cpuhp_state state, struct rchan *chan)
{
	unsigned int cpu = (long)test->priv;
	struct relay_buf *buf = relay_test_buf(chan, cpu);
	wait_queue_entry_t entry;

	hotplug.written = chan;
	if (cpuhp_setup_state_nocalls(state, "relay:step", NULL, hotplug_deliver))
		kunit_skip(test, "the step is taken");
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, hotplug_remove_step,
							   (void *)(long)state));
	init_completion(&hotplug.done);
	init_waitqueue_func_entry(&entry, hotplug_woken);
	add_wait_queue(&buf->read_wait, &entry);
	KUNIT_EXPECT_EQ(test, 0, remove_cpu(cpu));
	hotplug_expect_woken(test);
	KUNIT_EXPECT_FALSE(test, irq_work_is_busy(&buf->wakeup_work));
	if (chan->is_global) {
		reinit_completion(&hotplug.done);
		hotplug_deliver(0);
		hotplug_expect_woken(test);
	}
	remove_wait_queue(&buf->read_wait, &entry);
	KUNIT_EXPECT_EQ(test, 0, add_cpu(cpu));
	kunit_release_action(test, hotplug_remove_step, (void *)(long)state);
}

static void hotplug_wakes_all(struct kunit *test, enum cpuhp_state state)
{
	const struct relay_params global = {
		.subbuf_size = 100, .n_subbufs = 4, .flags = RELAY_GLOBAL,
	};

	hotplug_wakes(test, state, hotplug.chan);
	hotplug_wakes(test, state, relay_test_open(test, &global));
}

static void relay_test_cpu_parks(struct kunit *test)
{
	hotplug_wakes_all(test, HOTPLUG_PARKED);
}

static void relay_test_cpu_dies(struct kunit *test)
{
	hotplug_wakes_all(test, HOTPLUG_DYING);
}

/* A delivery on the isolated @cpu wakes the reader on a housekeeping CPU. */
static void isolated_wakes(struct kunit *test, unsigned int cpu, unsigned int flags)
{
	const struct relay_params params = {
		.subbuf_size = 100, .n_subbufs = 4, .flags = flags,
		.timer_ms = flags ? 10 : 0,
	};
	struct rchan *chan = relay_test_open(test, &params);
	struct relay_buf *buf = relay_test_buf(chan, cpu);
	wait_queue_entry_t entry;

	init_completion(&hotplug.done);
	init_waitqueue_func_entry(&entry, hotplug_woken);
	add_wait_queue(&buf->read_wait, &entry);
	hotplug.written = chan;
	hotplug_deliver(cpu);
	hotplug_expect_woken(test);
	remove_wait_queue(&buf->read_wait, &entry);
	KUNIT_EXPECT_TRUE(test, housekeeping_test_cpu(hotplug.woken_on, HK_TYPE_KERNEL_NOISE));
	relay_test_close(test, chan);
}

static void relay_test_isolated(struct kunit *test)
{
	unsigned int cpu = cpumask_first_andnot(cpu_online_mask,
						housekeeping_cpumask(HK_TYPE_KERNEL_NOISE));

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "no CPU is isolated");
	relay_test_pin(test, cpu);
	isolated_wakes(test, cpu, 0);
	isolated_wakes(test, cpu, RELAY_TIMER_WAKE);
}

static struct kunit_case relay_hotplug_cases[] = {
	KUNIT_CASE(relay_test_reset_cpu_goes),
	KUNIT_CASE(relay_test_reset_cpu_comes),
	KUNIT_CASE(relay_test_cpu_parks),
	KUNIT_CASE(relay_test_cpu_dies),
	KUNIT_CASE(relay_test_isolated),
	{}
};

static struct kunit_suite relay_hotplug_suite = {
	.name		= "relay-hotplug",
	.init		= hotplug_init,
	.test_cases	= relay_hotplug_cases,
};

kunit_test_suite(relay_hotplug_suite);
