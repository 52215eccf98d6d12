// SPDX-License-Identifier: GPL-2.0
/*
 * Record the names of threads, interrupts and modules, and the CPUs, to which events refer by
 * number only. A flight recorder may have overwritten the events that had the names.
 */
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqnr.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "internal.h"

static void ltt_state_write(struct ltt_trace *trace, unsigned int id, const void *fixed,
			    size_t size, const char *name)
{
	const struct ltt_context context = { .tid = current->pid };

	ltt_write_text(trace, id, &context, (struct ltt_part) { fixed, size }, name,
		       strlen(name));
}

static void ltt_state_threads(struct ltt_trace *trace)
{
	struct task_struct *process, *thread;
	char name[TASK_COMM_LEN];

	guard(rcu)();
	for_each_process_thread(process, thread) {
		const s32 numbers[] = {
			thread->pid, process->pid, rcu_dereference(process->real_parent)->pid,
		};

		get_task_comm(name, thread);
		ltt_state_write(trace, LTT_EVENT_THREAD, numbers, sizeof(numbers), name);
	}
}

/* Get the name of an interrupt's handler. Return: whether it has a handler. */
static bool ltt_state_handler(struct irq_desc *desc, char *name, size_t size)
{
	guard(raw_spinlock_irqsave)(&desc->lock);
	if (!desc->action)
		return false;
	strscpy(name, desc->action->name ?: "", size);
	return true;
}

static void ltt_state_interrupts(struct ltt_trace *trace)
{
	struct irq_desc *desc;
	char name[64];
	u32 irq;

	irq_lock_sparse();
	for_each_irq_desc(irq, desc)
		if (ltt_state_handler(desc, name, sizeof(name)))
			ltt_state_write(trace, LTT_EVENT_INTERRUPT, &irq, sizeof(irq), name);
	irq_unlock_sparse();
}

static int ltt_state_module(struct module *module, void *trace)
{
	const unsigned long base = (unsigned long)module->mem[MOD_TEXT].base;

	ltt_state_write(trace, LTT_EVENT_MODULE, &base, sizeof(base), module->name);
	return 0;
}

/**
 * ltt_trace_dump_state - record an event for each thread, interrupt, module and online CPU
 * @trace:	the trace
 *
 * Context: May sleep.
 */
void ltt_trace_dump_state(struct ltt_trace *trace)
{
	u32 cpu;

	for_each_online_cpu(cpu)
		ltt_state_write(trace, LTT_EVENT_CPU, &cpu, sizeof(cpu), "online");
	ltt_state_interrupts(trace);
	module_for_each_mod(ltt_state_module, trace);
	ltt_state_threads(trace);
}
EXPORT_SYMBOL_GPL(ltt_trace_dump_state);
