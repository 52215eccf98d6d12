// SPDX-License-Identifier: GPL-2.0
/*
 * A witness of the records that the relay sample commits: counters in a page outside
 * of relay, in memory that the kernel does not use (memmap=4K$ADDRESS). After a crash
 * a test compares them with the records that are recovered.
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/string.h>
#include "relay-sample-witness.h"

static unsigned long witness;
module_param(witness, ulong, 0444);
MODULE_PARM_DESC(witness, "physical address of a page that counts what was committed; 0: none");

static struct sample_seen *sample_seen;

int sample_witness_init(void)
{
	if (!witness)
		return 0;
	if (nr_cpu_ids * SAMPLE_CONTEXTS * sizeof(*sample_seen) > PAGE_SIZE)
		return -E2BIG;
	sample_seen = memremap(witness, PAGE_SIZE, MEMREMAP_WB);
	if (!sample_seen)
		return -ENOMEM;
	memset(sample_seen, 0, PAGE_SIZE);
	return 0;
}

void sample_witness_exit(void)
{
	if (sample_seen)
		memunmap(sample_seen);
}

static struct sample_seen *sample_seen_here(enum sample_context context)
{
	return sample_seen + smp_processor_id() * SAMPLE_CONTEXTS + context;
}

/* Context: @context, preemption off. Only this context on this CPU writes the counter. */
void sample_witness_begins(enum sample_context context, u32 number)
{
	/* The commit is a release, so it is not visible before this store. */
	if (sample_seen)
		WRITE_ONCE(sample_seen_here(context)->begun, number);
}

/* Context: As sample_witness_begins(). */
void sample_witness_returned(enum sample_context context, u32 number,
			     u32 committed)
{
	if (!sample_seen)
		return;
	/* A reader of the memory that finds this value also finds the commit. */
	smp_store_release(&sample_seen_here(context)->returned,
			  SAMPLE_RETURNED(number, committed));
}
