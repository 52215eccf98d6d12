/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the relay sample and its reader agree on.
 */
#ifndef _RELAY_SAMPLE_H
#define _RELAY_SAMPLE_H

#include <linux/types.h>

enum sample_context {
	SAMPLE_TASK,
	SAMPLE_SOFTIRQ,
	SAMPLE_HARDIRQ,
	SAMPLE_NMI,
	SAMPLE_CONTEXTS
};

#define SAMPLE_CONTEXT_NAMES	{ "task", "softirq", "hardirq", "NMI" }

/*
 * crc32c() may use vector registers for more than this, which an NMI must
 * not touch.
 */
#define SAMPLE_MAX_PAYLOAD	448

/*
 * A record. @length counts all of it and is a multiple of 4, never 0: where a
 * record was discarded, relay may leave zeroes.
 */
struct sample_record {
	__u32 length;		/* bytes */
	__u32 checksum;		/* CRC-32C of all that follows */
	__u32 sequence;		/* of this context on this CPU, from 0 */
	__u16 cpu;
	__u16 context;		/* enum sample_context */
	__u8  payload[];
};

/*
 * What a witness outside of relay has seen of a context on a CPU, where a crash
 * leaves it; a record's number is its sequence + 1. When @begun is not the last
 * that returned, only relay knows whether that record is committed: the crash
 * came there, or its writer had been interrupted there. CPU 0 comes first; a CPU
 * has SAMPLE_CONTEXTS of these.
 */
struct sample_seen {
	__u64 begun;		/* number of the last commit that was begun */
	__u64 returned;		/* SAMPLE_RETURNED(): one store, never half of it */
};

/* Of the last commit that has returned: its number, and how many it makes. */
#define SAMPLE_RETURNED(number, committed) \
	((__u64)(number) << 32 | (__u32)(committed))

#endif /* _RELAY_SAMPLE_H */
