// SPDX-License-Identifier: GPL-2.0
/*
 * The relay sample's writer in NMI context: other CPUs send the NMI, so it
 * comes at any instruction, those of relay included.
 */
#include <linux/cpumask.h>
#include <linux/panic.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/nmi.h>
#include "relay-sample-nmi.h"

/* The CPU that dies in its next NMI, or none. */
static unsigned int sample_dying = UINT_MAX;

/* CPUs with an NMI of ours on its way: one at a time, none is merged. */
static struct cpumask sample_nmi_sent;

/* CPUs whose next NMI of ours is to trigger. */
static struct cpumask sample_nmi_triggers;

static int sample_nmi(unsigned int type, struct pt_regs *regs)
{
	if (!cpumask_test_and_clear_cpu(smp_processor_id(), &sample_nmi_sent))
		return NMI_DONE;
	if (cpumask_test_and_clear_cpu(smp_processor_id(), &sample_nmi_triggers))
		sample_trigger();
	if (sample_write(SAMPLE_NMI) && READ_ONCE(sample_dying) == smp_processor_id())
		panic("relay-sample: told to die");
	return NMI_HANDLED;
}

/* Preemption is off. Returns no more. */
void sample_nmi_die(void)
{
	WRITE_ONCE(sample_dying, smp_processor_id());
	for (;;)
		sample_nmi_send(smp_processor_id());
}

int sample_nmi_init(void)
{
	return register_nmi_handler(NMI_LOCAL, sample_nmi, 0, "relay-sample");
}

/* Nobody sends one any more; the last ones arrive, and find their handler. */
void sample_nmi_exit(void)
{
	while (!cpumask_empty(&sample_nmi_sent))
		cpu_relax();
	unregister_nmi_handler(NMI_LOCAL, "relay-sample");
}

/* Preemption is off: @cpu is online and cannot go away. */
void sample_nmi_send(unsigned int cpu)
{
	if (!cpumask_test_and_set_cpu(cpu, &sample_nmi_sent))
		__apic_send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
}

/*
 * Preemption is off, as for sample_nmi_send(). If an NMI is already on its way, that one
 * triggers: its handler looks for a trigger after it has taken the CPU out of sample_nmi_sent.
 */
void sample_nmi_trigger(unsigned int cpu)
{
	cpumask_set_cpu(cpu, &sample_nmi_triggers);
	sample_nmi_send(cpu);
}
