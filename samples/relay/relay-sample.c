// SPDX-License-Identifier: GPL-2.0
/*
 * A complete client of relay.
 *
 * Writes records of varying length, each with a checksum, to a channel: from
 * task, softirq, hardirq and (relay-sample-nmi.c) NMI context of every CPU, all
 * at once. It counts the fate of each record itself; relay-read.c reads the records,
 * and compares them with these counters and with relay's.
 *
 *	# modprobe relay_sample
 *	# relay-read -n 10000
 *
 * The channel is /sys/kernel/relay/relay-sample/. In
 * /sys/kernel/debug/relay-sample/ are
 *
 *	control		write N: every context of every CPU writes N records; 0
 *			stops them. read(2) waits until all are written; then
 *			poll(2) returns POLLIN.
 *	stats		the counters of the writers, and of relay
 *	trigger		any write calls relay_trigger(); with "nmi", an NMI of
 *			another CPU calls it
 *	die		any write panics the kernel: an NMI interrupts the fill of
 *			a record, commits another record, and panics
 *
 * A client needs sample_open() and sample_write_one(); the rest calls them from
 * every context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/crc32.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/poll.h>
#include <linux/prandom.h>
#include <linux/relay.h>
#include <linux/seq_file.h>
#include <linux/smpboot.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include "relay-sample-nmi.h"
#include "relay-sample-witness.h"

static unsigned int subbuf_size = 16384;
module_param(subbuf_size, uint, 0444);
MODULE_PARM_DESC(subbuf_size, "bytes of a sub-buffer");

static unsigned int n_subbufs = 8;
module_param(n_subbufs, uint, 0444);
MODULE_PARM_DESC(n_subbufs, "sub-buffers of each buffer");

static bool overwrite;
module_param(overwrite, bool, 0444);
MODULE_PARM_DESC(overwrite, "keep the newest records when there is no reader");

static bool global;
module_param(global, bool, 0444);
MODULE_PARM_DESC(global, "one buffer for all CPUs");

static bool reserved;
module_param(reserved, bool, 0444);
MODULE_PARM_DESC(reserved, "in the memory of relayres=, to be found after a crash");

static unsigned int timer_ms = 100;
module_param(timer_ms, uint, 0444);
MODULE_PARM_DESC(timer_ms, "hand partly filled sub-buffers out after so long; 0: never");

static unsigned int max_payload = 200;
module_param(max_payload, uint, 0444);
MODULE_PARM_DESC(max_payload, "longest payload, in bytes, up to 448");

static unsigned int period_us = 200;
module_param(period_us, uint, 0444);
MODULE_PARM_DESC(period_us, "time between the bursts of a context, on average");

static unsigned int burst = 8;
module_param(burst, uint, 0444);
MODULE_PARM_DESC(burst, "records in a burst");

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "of all randomness");

/* One record in so many is too big for any sub-buffer, or is discarded. */
#define SAMPLE_TOO_BIG	1024
#define SAMPLE_GIVE_UP	64

#define SAMPLE_WRITERS	(IS_ENABLED(CONFIG_SAMPLE_RELAY_NMI) ? \
			 SAMPLE_CONTEXTS : SAMPLE_NMI)

/*
 * A context on a CPU. Only that context uses it while records are owed, and it does not
 * interrupt itself. sample_owe() may set @owed at any time.
 */
struct sample_source {
	struct rnd_state	rnd;
	unsigned int		owed;
	unsigned long		written;	/* attempts */
	unsigned long		committed;
	unsigned long		discarded;
	unsigned long		lost[RELAY_LOST_REASONS];
};

struct sample_cpu {
	struct sample_source	source[SAMPLE_CONTEXTS];
	struct hrtimer		softirq;
	struct hrtimer		hardirq;
	struct task_struct	*task;
	bool			running;
};

static DEFINE_PER_CPU(struct sample_cpu, sample_cpus);
static DEFINE_MUTEX(sample_mutex);	/* sample_start() against sample_done() */
static DECLARE_WAIT_QUEUE_HEAD(sample_idle_wait);
static struct rchan *sample_chan;
static struct dentry *sample_dir;

/*
 * The channel
 */

/* Keep the parameters in the private area, for a recovery after a crash. */
static void sample_describe(void)
{
	size_t size;
	char *text = relay_private_area(sample_chan, &size);

	if (text)
		scnprintf(text, size, "started: %lld\nseed: %u\nmax_payload: %u\n",
			  ktime_get_real_seconds(), seed, max_payload);
}

static int sample_open(void)
{
	struct relay_params params = {
		.name		= "relay-sample",
		.subbuf_size	= subbuf_size,
		.n_subbufs	= n_subbufs,
		.flags		= (overwrite ? RELAY_OVERWRITE : 0) |
				  (global ? RELAY_GLOBAL : 0) |
				  (reserved ? RELAY_RESERVED : 0) |
				  (timer_ms ? RELAY_TIMER_SWITCH : 0),
		.timer_ms	= timer_ms,
	};

	sample_chan = relay_open_params(&params);
	if (IS_ERR(sample_chan))
		return PTR_ERR(sample_chan);
	sample_describe();
	return 0;
}

/*
 * Writing
 */

static void sample_count(unsigned long *counter)
{
	WRITE_ONCE(*counter, *counter + 1);
}

static unsigned int sample_cause(int err)
{
	switch (err) {
	case -ENOSPC:
		return RELAY_LOST_FULL;
	case -EBUSY:
		return RELAY_LOST_NESTED;
	case -E2BIG:
		return RELAY_LOST_TOO_BIG;
	default:
		return RELAY_LOST_DISABLED;
	}
}

static size_t sample_length(u32 dice)
{
	size_t payload = dice % (max_payload + 1) & ~3;

	if (dice % SAMPLE_TOO_BIG == 0)
		payload = subbuf_size;
	return sizeof(struct sample_record) + payload;
}

static void sample_fill(struct sample_record *record, size_t length,
			struct sample_source *source,
			enum sample_context context)
{
	record->length = length;
	record->sequence = source->written;
	record->cpu = smp_processor_id();
	record->context = context;
	prandom_bytes_state(&source->rnd, record->payload,
			    length - sizeof(*record));
	record->checksum = crc32c(~0, &record->sequence, length -
				  offsetof(struct sample_record, sequence));
}

static void sample_write_one(struct sample_source *source,
			     enum sample_context context)
{
	u32 dice = prandom_u32_state(&source->rnd);
	size_t length = sample_length(dice);
	struct relay_slot slot;
	int err = relay_slot_reserve(sample_chan, &slot, length);

	if (err) {
		sample_count(&source->lost[sample_cause(err)]);
	} else if (dice % SAMPLE_GIVE_UP == 1) {
		relay_slot_discard(&slot);
		sample_count(&source->discarded);
	} else {
		sample_fill(slot.data, length, source, context);
		sample_witness_begins(context, source->written + 1);
		relay_slot_commit(&slot);
		sample_count(&source->committed);
		sample_witness_returned(context, source->written + 1,
					source->committed);
	}
	sample_count(&source->written);
}

/**
 * sample_write - write one of the records that are owed
 * @context: the context of the caller
 *
 * Context: @context.
 * Return: false if no record is owed by this context of this CPU.
 */
bool sample_write(enum sample_context context)
{
	/* Preemption is off for a record, so that a CPU's records are in order. */
	struct sample_source *source = &get_cpu_ptr(&sample_cpus)->source[context];
	unsigned int owed = READ_ONCE(source->owed);

	if (owed) {
		sample_write_one(source, context);
		/* Leave @owed alone if sample_owe() has set it meanwhile. */
		cmpxchg(&source->owed, owed, owed - 1);
	}
	put_cpu_ptr(&sample_cpus);
	return owed;
}

/*
 * The contexts: on each CPU a timer in softirq, a timer in hardirq, and a thread, which
 * is parked while the CPU is offline.
 */

static bool sample_owes(unsigned int cpu, enum sample_context context)
{
	return READ_ONCE(per_cpu(sample_cpus, cpu).source[context].owed);
}

static bool sample_owes_any(unsigned int cpu)
{
	unsigned int i;

	for (i = 0; i < SAMPLE_WRITERS; i++)
		if (sample_owes(cpu, i))
			return true;
	return false;
}

static int sample_running(unsigned int cpu)
{
	return READ_ONCE(per_cpu(sample_cpus, cpu).running);
}

static bool sample_idle(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (sample_running(cpu))
			return false;
	return true;
}

static ktime_t sample_pause(struct sample_source *source)
{
	u32 dice = prandom_u32_state(&source->rnd);

	return us_to_ktime(period_us / 2 + dice % (period_us + 1));
}

static enum hrtimer_restart sample_timer(struct hrtimer *timer)
{
	enum sample_context context = in_hardirq() ? SAMPLE_HARDIRQ :
						     SAMPLE_SOFTIRQ;
	unsigned int i;

	for (i = 0; i < burst; i++)
		if (!sample_write(context))
			return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, sample_pause(&this_cpu_ptr(&sample_cpus)->source[context]));
	return HRTIMER_RESTART;
}

static void sample_start_timers(unsigned int cpu)
{
	struct sample_cpu *mine = per_cpu_ptr(&sample_cpus, cpu);

	if (sample_owes(cpu, SAMPLE_SOFTIRQ) && !hrtimer_active(&mine->softirq))
		hrtimer_start(&mine->softirq, us_to_ktime(period_us),
			      HRTIMER_MODE_REL_PINNED_SOFT);
	if (sample_owes(cpu, SAMPLE_HARDIRQ) && !hrtimer_active(&mine->hardirq))
		hrtimer_start(&mine->hardirq, us_to_ktime(period_us),
			      HRTIMER_MODE_REL_PINNED_HARD);
}

static void sample_send_nmis(void)
{
	unsigned int cpu;

	preempt_disable();
	for_each_online_cpu(cpu)
		if (sample_owes(cpu, SAMPLE_NMI))
			sample_nmi_send(cpu);
	preempt_enable();
}

/* The CPU is done, unless sample_start() has set new records meanwhile. */
static void sample_done(unsigned int cpu)
{
	mutex_lock(&sample_mutex);
	WRITE_ONCE(per_cpu(sample_cpus, cpu).running, sample_owes_any(cpu));
	mutex_unlock(&sample_mutex);
	wake_up_interruptible(&sample_idle_wait);
}

static void sample_thread(unsigned int cpu)
{
	unsigned int i;

	if (!sample_owes_any(cpu)) {
		sample_done(cpu);
		return;
	}
	sample_start_timers(cpu);
	for (i = 0; i < burst; i++) {
		sample_send_nmis();
		sample_write(SAMPLE_TASK);
	}
	usleep_range(period_us / 2, 2 * period_us);
}

static void sample_park(unsigned int cpu)
{
	hrtimer_cancel(&per_cpu(sample_cpus, cpu).softirq);
	hrtimer_cancel(&per_cpu(sample_cpus, cpu).hardirq);
}

static struct smp_hotplug_thread sample_threads = {
	.store			= &sample_cpus.task,
	.thread_should_run	= sample_running,
	.thread_fn		= sample_thread,
	.park			= sample_park,
	.thread_comm		= "relay-sample/%u",
};

static void sample_owe(unsigned int cpu, unsigned int records)
{
	struct sample_cpu *mine = per_cpu_ptr(&sample_cpus, cpu);
	unsigned int i;

	for (i = 0; i < SAMPLE_WRITERS; i++)
		WRITE_ONCE(mine->source[i].owed, records);
	WRITE_ONCE(mine->running, cpu_online(cpu));
	if (mine->running)
		wake_up_process(mine->task);
}

/* A CPU that goes offline writes the rest of its records when it is online again. */
static void sample_start(unsigned int records)
{
	unsigned int cpu;

	cpus_read_lock();
	mutex_lock(&sample_mutex);
	for_each_possible_cpu(cpu)
		if (!records || cpu_online(cpu))
			sample_owe(cpu, records);
	mutex_unlock(&sample_mutex);
	cpus_read_unlock();
	wake_up_interruptible(&sample_idle_wait);
}

static void sample_setup_cpu(unsigned int cpu)
{
	struct sample_cpu *mine = per_cpu_ptr(&sample_cpus, cpu);
	unsigned int i;

	for (i = 0; i < SAMPLE_CONTEXTS; i++)
		prandom_seed_state(&mine->source[i].rnd, (u64)seed << 16 |
				   (cpu * SAMPLE_CONTEXTS + i));
	hrtimer_setup(&mine->softirq, sample_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_SOFT);
	hrtimer_setup(&mine->hardirq, sample_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/*
 * Files
 */

static ssize_t sample_control_write(struct file *file, const char __user *buf,
				    size_t count, loff_t *ppos)
{
	unsigned int records;
	int err = kstrtouint_from_user(buf, count, 0, &records);

	if (err)
		return err;
	sample_start(records);
	return count;
}

static ssize_t sample_control_read(struct file *file, char __user *buf,
				   size_t count, loff_t *ppos)
{
	return wait_event_interruptible(sample_idle_wait, sample_idle());
}

static __poll_t sample_control_poll(struct file *file, poll_table *wait)
{
	poll_wait(file, &sample_idle_wait, wait);
	return sample_idle() ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations sample_control_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= sample_control_read,
	.write	= sample_control_write,
	.poll	= sample_control_poll,
};

void sample_trigger(void)
{
	relay_trigger(sample_chan);
}

static int sample_trigger_by_nmi(void)
{
	unsigned int cpu;

	if (!IS_ENABLED(CONFIG_SAMPLE_RELAY_NMI))
		return -EOPNOTSUPP;
	guard(preempt)();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	sample_nmi_trigger(cpu < nr_cpu_ids ? cpu : smp_processor_id());
	return 0;
}

static ssize_t sample_trigger_write(struct file *file, const char __user *buf,
				    size_t count, loff_t *ppos)
{
	char from[8] = "";
	int err = 0;

	if (copy_from_user(from, buf, min(count, sizeof(from) - 1)))
		return -EFAULT;
	if (sysfs_streq(from, "nmi"))
		err = sample_trigger_by_nmi();
	else
		sample_trigger();
	return err ?: count;
}

static const struct file_operations sample_trigger_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= sample_trigger_write,
};

static ssize_t sample_die_write(struct file *file, const char __user *buf,
				size_t count, loff_t *ppos)
{
	struct relay_slot slot;

	if (!IS_ENABLED(CONFIG_SAMPLE_RELAY_NMI))
		return -EOPNOTSUPP;
	if (relay_slot_reserve(sample_chan, &slot, sizeof(struct sample_record)))
		return -EAGAIN;
	/* Fill half of the record, and let the NMI write records. */
	memset(slot.data, 0xff, sizeof(struct sample_record) / 2);
	WRITE_ONCE(this_cpu_ptr(&sample_cpus)->source[SAMPLE_NMI].owed, UINT_MAX);
	sample_nmi_die();
	relay_slot_discard(&slot);
	return count;
}

static const struct file_operations sample_die_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= sample_die_write,
};

static void sample_show_lost(struct seq_file *m, const unsigned long *lost)
{
	unsigned int i;

	for (i = 0; i < RELAY_LOST_REASONS; i++)
		seq_printf(m, " %lu", READ_ONCE(lost[i]));
	seq_putc(m, '\n');
}

/* Show the counters of a writer. */
static void sample_show_source(struct seq_file *m, unsigned int cpu,
			       enum sample_context context)
{
	static const char * const name[] = SAMPLE_CONTEXT_NAMES;
	struct sample_source *source = &per_cpu(sample_cpus, cpu).source[context];

	seq_printf(m, "writer %u %s %lu %lu %lu", cpu, name[context],
		   READ_ONCE(source->written), READ_ONCE(source->committed),
		   READ_ONCE(source->discarded));
	sample_show_lost(m, source->lost);
}

/* Show relay's counters of a buffer. */
static void sample_show_buf(struct seq_file *m, unsigned int cpu)
{
	struct rchan_buf *buf = *per_cpu_ptr(sample_chan->buf, cpu);
	struct relay_counters counters;
	unsigned int i;

	if (!buf || buf->cpu != cpu)
		return;
	relay_buf_stats(buf, &counters);
	seq_printf(m, "buffer %u %llu %llu %llu", cpu, counters.committed,
		   counters.overwritten, counters.discarded);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		seq_printf(m, " %llu", counters.lost[i]);
	seq_putc(m, '\n');
}

static int sample_stats_show(struct seq_file *m, void *unused)
{
	unsigned int cpu, i;

	seq_puts(m, "# writer cpu context written committed discarded full nested too_big disabled\n");
	for_each_possible_cpu(cpu)
		for (i = 0; i < SAMPLE_WRITERS; i++)
			sample_show_source(m, cpu, i);
	seq_puts(m, "# buffer cpu committed overwritten discarded full nested too_big disabled\n");
	for_each_possible_cpu(cpu)
		sample_show_buf(m, cpu);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sample_stats);

/*
 * The module
 */

static int __init sample_init(void)
{
	unsigned int cpu;
	int err;

	max_payload = min(max_payload, SAMPLE_MAX_PAYLOAD);
	period_us = clamp_t(unsigned int, period_us, 10, USEC_PER_SEC);
	for_each_possible_cpu(cpu)
		sample_setup_cpu(cpu);

	sample_dir = debugfs_create_dir("relay-sample", NULL);
	err = sample_witness_init();
	if (err)
		goto remove;
	err = sample_open();
	if (err)
		goto witness;
	err = sample_nmi_init();
	if (err)
		goto close;
	err = smpboot_register_percpu_thread(&sample_threads);
	if (err)
		goto nmi;
	/* Last, because writers can start once "control" exists. */
	debugfs_create_file("stats", 0400, sample_dir, NULL, &sample_stats_fops);
	debugfs_create_file("control", 0600, sample_dir, NULL,
			    &sample_control_fops);
	debugfs_create_file("trigger", 0200, sample_dir, NULL, &sample_trigger_fops);
	debugfs_create_file("die", 0200, sample_dir, NULL, &sample_die_fops);
	return 0;

nmi:
	sample_nmi_exit();
close:
	relay_close(sample_chan);
witness:
	sample_witness_exit();
remove:
	debugfs_remove(sample_dir);
	pr_err("not started, error %d\n", err);
	return err;
}

static void __exit sample_exit(void)
{
	unsigned int cpu;

	/* Stop all writers before the channel is closed. */
	debugfs_lookup_and_remove("die", sample_dir);
	debugfs_lookup_and_remove("trigger", sample_dir);
	debugfs_lookup_and_remove("control", sample_dir);
	debugfs_lookup_and_remove("stats", sample_dir);
	smpboot_unregister_percpu_thread(&sample_threads);
	for_each_possible_cpu(cpu)
		sample_park(cpu);
	sample_nmi_exit();
	relay_close(sample_chan);
	sample_witness_exit();
	debugfs_remove(sample_dir);
}

module_init(sample_init);
module_exit(sample_exit);
MODULE_DESCRIPTION("A client of relay");
MODULE_LICENSE("GPL");
