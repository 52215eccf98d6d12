// SPDX-License-Identifier: GPL-2.0
/*
 * A witness of what the relay sample commits: one page, outside of relay, in
 * memory that the kernel was told to leave alone (memmap=4K$ADDRESS), so that
 * after a crash it can be held against what relay recovers.
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

/* Context: @context, preemption off; no other context counts there. */
void sample_witness_begins(enum sample_context context, u32 number)
{
	/* The commit is a release: it does not come before this. */
	if (sample_seen)
		WRITE_ONCE(sample_seen_here(context)->begun, number);
}

/* Context: as above. */
void sample_witness_returned(enum sample_context context, u32 number,
			     u32 committed)
{
	if (!sample_seen)
		return;
	/* Whoever finds this finds the commit. */
	smp_store_release(&sample_seen_here(context)->returned,
			  SAMPLE_RETURNED(number, committed));
}
