// SPDX-License-Identifier: GPL-2.0
/*
 * The relay sample's writer in NMI context: other CPUs send the NMI, so it can
 * interrupt any instruction, those of relay included.
 */
#include <linux/cpumask.h>
#include <linux/panic.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/nmi.h>
#include "relay-sample-nmi.h"

/* The CPU that panics in its next NMI, or UINT_MAX. */
static unsigned int sample_dying = UINT_MAX;

/* CPUs to which an NMI of this file was sent: one at a time, so that none is merged. */
static struct cpumask sample_nmi_sent;

/* CPUs whose next NMI of this file calls sample_trigger(). */
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

/* Context: Preemption off. Does not return. */
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

/* No CPU sends an NMI any more. Wait for those that were sent, then remove their handler. */
void sample_nmi_exit(void)
{
	while (!cpumask_empty(&sample_nmi_sent))
		cpu_relax();
	unregister_nmi_handler(NMI_LOCAL, "relay-sample");
}

/* Context: Preemption off, so that @cpu, which is online, cannot go offline. */
void sample_nmi_send(unsigned int cpu)
{
	if (!cpumask_test_and_set_cpu(cpu, &sample_nmi_sent))
		__apic_send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
}

/*
 * Context: As sample_nmi_send(). If an NMI was already sent, its handler triggers, because it
 * tests sample_nmi_triggers after it has cleared the CPU in sample_nmi_sent.
 */
void sample_nmi_trigger(unsigned int cpu)
{
	cpumask_set_cpu(cpu, &sample_nmi_triggers);
	sample_nmi_send(cpu);
}
