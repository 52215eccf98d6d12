// SPDX-License-Identifier: GPL-2.0
/*
 * Fires events of all shapes: echo N >/sys/kernel/debug/relay-ltt fires each N times. echo N
 * >/sys/kernel/debug/relay-ltt-change fires those with a text N times, while another thread
 * changes the text.
 *
 * With witness=ADDRESS, a page that the kernel does not use (memmap=4K$ADDRESS), a timer on
 * each CPU fires the marker "witness", and then stores its number in the page. After a crash
 * the last marker in the CPU's trace has that number, or the next one.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/ltt_mark.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#define CREATE_TRACE_POINTS
#include "relay_ltt.h"

static struct dentry *relay_ltt_file, *relay_ltt_change_file;
static atomic_t relay_ltt_seen;

static void relay_ltt_interrupt(struct irq_work *work)
{
	trace_shape_inner(atomic_inc_return(&relay_ltt_seen));
}

static struct irq_work relay_ltt_work = IRQ_WORK_INIT_HARD(relay_ltt_interrupt);

static bool relay_ltt_die;
module_param_named(die, relay_ltt_die, bool, 0644);
MODULE_PARM_DESC(die, "panic between the reserve and the commit of the next shape_outer");

void relay_ltt_inside(int n)
{
	if (relay_ltt_die)
		panic("relay-ltt: told to die inside an event");
	/* This is called by the probe of each instance. */
	if (n % 2)
		trace_shape_inner(n);
	else
		irq_work_queue(&relay_ltt_work);
}

/* Fire markers with all conversions. */
static noinline void relay_ltt_mark(int i, const char *text)
{
	u8 bytes[] = { i, i + 1, i + 2 };

	trace_mark(relay_ltt, mark_integers,
		   "s_8 %hhd u_8 %hhu s_16 %hd u_16 %hu s_32 %d u_32 %u s_64 %lld u_64 %llu word %ld size %zu",
		   (s8)-i, (u8)i, (s16)(-i * 3), (u16)(i * 3), -i * 70000, i * 70000U,
		   -i * 5000000000LL, i * 5000000000ULL, -i * 100L, (size_t)i);
	trace_mark(relay_ltt, mark_hex, "x_8 %#hhx x_16 %hx x_32 0x%08x x_64 %llx where %p",
		   (u8)i, (u16)i, (u32)i, (u64)i << 40, (void *)(i * 16L));
	trace_mark(relay_ltt, mark_bytes, "first %s, raw: %*ph last=%d", i % 3 ? "word" : "",
		   i % 4, bytes, i);
	if (i % 2)
		trace_mark(relay_ltt, mark_nothing, "no field");
}

static unsigned long witness;
module_param(witness, ulong, 0444);
MODULE_PARM_DESC(witness, "physical address of a page that counts markers; 0: none");

static u64 *relay_ltt_seen_by_witness;
static DEFINE_PER_CPU(struct hrtimer, relay_ltt_timer);

static enum hrtimer_restart relay_ltt_tick(struct hrtimer *timer)
{
	u64 *seen = &relay_ltt_seen_by_witness[smp_processor_id()];
	u64 number = *seen + 1;

	trace_mark(relay_ltt, witness, "number %llu", number);
	/* A crash reader that finds this number also finds the event. */
	smp_store_release(seen, number);
	hrtimer_forward_now(timer, us_to_ktime(200));
	return HRTIMER_RESTART;
}

static void relay_ltt_start(void *unused)
{
	struct hrtimer *timer = this_cpu_ptr(&relay_ltt_timer);

	hrtimer_setup(timer, relay_ltt_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(timer, us_to_ktime(200), HRTIMER_MODE_REL_PINNED_HARD);
}

static int relay_ltt_witness(void)
{
	if (!witness)
		return 0;
	if (nr_cpu_ids > PAGE_SIZE / sizeof(*relay_ltt_seen_by_witness))
		return -E2BIG;
	relay_ltt_seen_by_witness = memremap(witness, PAGE_SIZE, MEMREMAP_WB);
	if (!relay_ltt_seen_by_witness)
		return -ENOMEM;
	memset(relay_ltt_seen_by_witness, 0, PAGE_SIZE);
	on_each_cpu(relay_ltt_start, NULL, 1);
	return 0;
}

static void relay_ltt_end_witness(void)
{
	int cpu;

	if (!relay_ltt_seen_by_witness)
		return;
	for_each_online_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&relay_ltt_timer, cpu));
	memunmap(relay_ltt_seen_by_witness);
}

static ssize_t relay_ltt_fire(struct file *filp, const char __user *from, size_t count,
			      loff_t *pos)
{
	static const char * const text[] = { "", "x", "relay", "a text of some length, odd" };
	unsigned int n;
	int err = kstrtouint_from_user(from, count, 0, &n);

	if (err)
		return err;
	for (int i = 0; i < n; i++) {
		trace_shape_small(i);
		trace_shape_integers(i);
		trace_shape_arrays(i);
		trace_shape_strings(i, text[i % ARRAY_SIZE(text)]);
		trace_shape_dynamic(i);
		trace_shape_relative(i, text[i % ARRAY_SIZE(text)]);
		trace_shape_names(i);
		trace_shape_structure(i);
		trace_shape_mask(i);
		trace_shape_outer(i);
		relay_ltt_mark(i, text[i % ARRAY_SIZE(text)]);
	}
	/* It may run only at the next tick, and fires an event, too. */
	irq_work_sync(&relay_ltt_work);
	return count;
}

static const struct file_operations relay_ltt_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= relay_ltt_fire,
};

static char relay_ltt_text[256];
static unsigned int relay_ltt_changes;

/* Rewrite the text again and again: a number of equal letters, then zeroes. */
static int relay_ltt_change(void *unused)
{
	for (unsigned int i = 0; !kthread_should_stop(); i++) {
		unsigned int length = i * 37 % (sizeof(relay_ltt_text) - 1);

		WRITE_ONCE(relay_ltt_changes, i + 1);
		for (unsigned int at = 0; at < sizeof(relay_ltt_text) - 1; at++)
			WRITE_ONCE(relay_ltt_text[at], at < length ? 'a' + i % 26 : 0);
		cond_resched();
	}
	return 0;
}

/* Wait until the next change has begun. */
static void relay_ltt_await_change(void)
{
	unsigned int seen = READ_ONCE(relay_ltt_changes);

	while (READ_ONCE(relay_ltt_changes) == seen)
		cond_resched();
}

static int relay_ltt_changing(void *data, u64 n)
{
	struct task_struct *thread;
	unsigned int cpu;

	/* Change the text on another CPU, because on this one each change waits for a tick. */
	guard(migrate)();
	cpu = cpumask_next_wrap(smp_processor_id(), cpu_online_mask);
	thread = kthread_create_on_cpu(relay_ltt_change, NULL, cpu, "relay-ltt-change/%u");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	wake_up_process(thread);
	for (unsigned int i = 0; i < n; i++) {
		relay_ltt_await_change();
		trace_shape_strings(i, relay_ltt_text);
		trace_shape_relative(i, relay_ltt_text);
		relay_ltt_mark(i, relay_ltt_text);
		trace_mark(relay_ltt, mark_text, "before %u text %s after %u", i,
			   relay_ltt_text, i);
	}
	return kthread_stop(thread);
}
DEFINE_DEBUGFS_ATTRIBUTE(relay_ltt_change_fops, NULL, relay_ltt_changing, "%llu\n");

static int __init relay_ltt_init(void)
{
	int err = relay_ltt_witness();

	if (err)
		return err;
	relay_ltt_file = debugfs_create_file("relay-ltt", 0200, NULL, NULL, &relay_ltt_fops);
	relay_ltt_change_file = debugfs_create_file_unsafe("relay-ltt-change", 0200, NULL, NULL,
							   &relay_ltt_change_fops);
	return 0;
}

static void __exit relay_ltt_exit(void)
{
	debugfs_remove(relay_ltt_file);
	debugfs_remove(relay_ltt_change_file);
	relay_ltt_end_witness();
	irq_work_sync(&relay_ltt_work);
}

module_init(relay_ltt_init);
module_exit(relay_ltt_exit);
MODULE_DESCRIPTION("Relay: events of all shapes");
MODULE_LICENSE("GPL");
