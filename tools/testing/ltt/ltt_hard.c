// SPDX-License-Identifier: GPL-2.0
/*
 * Fires markers from all contexts of all CPUs: echo N >/sys/kernel/debug/ltt-hard/fire. On
 * each CPU a thread fires a marker N times. Each time it also sends an interrupt to the next
 * CPU, and on x86 an NMI unless one is on its way; their handlers fire, too. A marker contains
 * its number in its context on its CPU. The file "fired" has the numbers of markers.
 *
 * echo BYTES >/sys/kernel/debug/ltt-hard/large fires a marker with so many bytes, in up to ten
 * parts of 1 KiB.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/ltt_mark.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#ifdef CONFIG_X86_LOCAL_APIC
#include <asm/apic.h>
#include <asm/nmi.h>
#endif

#define HARD_PART	1024

enum { HARD_TASK, HARD_INTERRUPT, HARD_NMI, HARD_CONTEXTS };

static DEFINE_PER_CPU(u64 [HARD_CONTEXTS], hard_fired);
static struct dentry *hard_dir;
static u8 hard_bytes[HARD_PART];

static noinline void hard_fire(unsigned int where)
{
	u64 number = this_cpu_inc_return(hard_fired[where]);

	trace_mark(ltt_hard, fired, "where %u number %llu check %llu", where, number, ~number);
}

static void hard_interrupt(void *unused)
{
	hard_fire(HARD_INTERRUPT);
}

static DEFINE_PER_CPU(call_single_data_t, hard_csd) = CSD_INIT(hard_interrupt, NULL);

static unsigned int hard_next_cpu(void)
{
	return cpumask_next_wrap(smp_processor_id(), cpu_online_mask);
}

static void hard_nothing(void *unused)
{
}

#ifdef CONFIG_X86_LOCAL_APIC
/* CPUs to which an NMI was sent: one at a time, so that none is merged. */
static struct cpumask hard_nmi_sent;

static int hard_nmi(unsigned int type, struct pt_regs *regs)
{
	if (!cpumask_test_and_clear_cpu(smp_processor_id(), &hard_nmi_sent))
		return NMI_DONE;
	hard_fire(HARD_NMI);
	return NMI_HANDLED;
}

static void hard_nmi_send(void)
{
	unsigned int cpu = hard_next_cpu();

	if (!cpumask_test_and_set_cpu(cpu, &hard_nmi_sent))
		__apic_send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
}

static int hard_nmi_init(void)
{
	return register_nmi_handler(NMI_LOCAL, hard_nmi, 0, "ltt-hard");
}

static void hard_nmi_wait(void)
{
	while (!cpumask_empty(&hard_nmi_sent))
		cpu_relax();
}

static void hard_nmi_exit(void)
{
	hard_nmi_wait();
	unregister_nmi_handler(NMI_LOCAL, "ltt-hard");
}
#else
static int hard_nmi_init(void)
{
	return 0;
}

static void hard_nmi_send(void)
{
}

static void hard_nmi_wait(void)
{
}

static void hard_nmi_exit(void)
{
}
#endif

/**
 * struct hard_run - one write to the file "fire"
 * @n:		number of markers that each CPU's thread fires
 * @left:	threads that are not done, and one for hard_run()
 * @done:	all threads are done
 */
struct hard_run {
	unsigned int		n;
	atomic_t		left;
	struct completion	done;
};

static int hard_thread(void *data)
{
	struct hard_run *run = data;

	for (unsigned int i = 0; i < run->n; i++) {
		preempt_disable();
		/* This fails while the previous interrupt is on its way. */
		while (smp_call_function_single_async(hard_next_cpu(), this_cpu_ptr(&hard_csd)))
			cpu_relax();
		hard_nmi_send();
		hard_fire(HARD_TASK);
		preempt_enable();
		cond_resched();
	}
	if (atomic_dec_and_test(&run->left))
		complete(&run->done);
	return 0;
}

static int hard_run(unsigned int n)
{
	struct hard_run run = { .n = n, .left = ATOMIC_INIT(1) };
	unsigned int cpu;
	int err = 0;

	init_completion(&run.done);
	guard(cpus_read_lock)();
	for_each_online_cpu(cpu) {
		struct task_struct *thread;

		atomic_inc(&run.left);
		thread = kthread_create_on_cpu(hard_thread, &run, cpu, "ltt-hard/%u");
		if (IS_ERR(thread)) {
			atomic_dec(&run.left);
			err = PTR_ERR(thread);
			break;
		}
		wake_up_process(thread);
	}
	if (!atomic_dec_and_test(&run.left))
		wait_for_completion(&run.done);
	/* After this each CPU has handled the interrupts that were sent to it. */
	on_each_cpu(hard_nothing, NULL, 1);
	hard_nmi_wait();
	return err;
}

static int hard_fire_set(void *data, u64 n)
{
	return hard_run(n);
}
DEFINE_DEBUGFS_ATTRIBUTE(hard_fire_fops, NULL, hard_fire_set, "%llu\n");

/* Return: bytes of part @i of a marker with @size bytes. */
static int hard_part(unsigned int size, unsigned int i)
{
	return size > i * HARD_PART ? min(size - i * HARD_PART, HARD_PART) : 0;
}

static int hard_large_set(void *data, u64 size)
{
	trace_mark(ltt_hard, large,
		   "size %u p0 %*ph p1 %*ph p2 %*ph p3 %*ph p4 %*ph p5 %*ph p6 %*ph p7 %*ph p8 %*ph p9 %*ph",
		   (unsigned int)size, hard_part(size, 0), hard_bytes, hard_part(size, 1),
		   hard_bytes, hard_part(size, 2), hard_bytes, hard_part(size, 3), hard_bytes,
		   hard_part(size, 4), hard_bytes, hard_part(size, 5), hard_bytes,
		   hard_part(size, 6), hard_bytes, hard_part(size, 7), hard_bytes,
		   hard_part(size, 8), hard_bytes, hard_part(size, 9), hard_bytes);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(hard_large_fops, NULL, hard_large_set, "%llu\n");

/* Print a line for each CPU: markers fired by tasks, by interrupts, by NMIs. */
static int hard_fired_show(struct seq_file *m, void *v)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const u64 *fired = per_cpu(hard_fired, cpu);

		seq_printf(m, "cpu%u %llu %llu %llu\n", cpu, fired[HARD_TASK],
			   fired[HARD_INTERRUPT], fired[HARD_NMI]);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hard_fired);

static int __init hard_init(void)
{
	int err = hard_nmi_init();

	if (err)
		return err;
	hard_dir = debugfs_create_dir("ltt-hard", NULL);
	debugfs_create_file_unsafe("fire", 0200, hard_dir, NULL, &hard_fire_fops);
	debugfs_create_file_unsafe("large", 0200, hard_dir, NULL, &hard_large_fops);
	debugfs_create_file("fired", 0400, hard_dir, NULL, &hard_fired_fops);
	return 0;
}

static void __exit hard_exit(void)
{
	debugfs_remove(hard_dir);
	hard_nmi_exit();
}

module_init(hard_init);
module_exit(hard_exit);
MODULE_DESCRIPTION("LTT: markers from all contexts");
MODULE_LICENSE("GPL");
