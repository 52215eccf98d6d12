/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Linux Trace Toolkit: the format of a trace in its channel.
 *
 * A trace is one relay channel. The used bytes of each sub-buffer are a packet of the
 * Common Trace Format, version 1.8: a header and events, without padding. The private
 * area of the channel contains the metadata, a text that describes the header and the
 * events; see &struct ltt_metadata.
 */
#ifndef _UAPI_LINUX_LTT_H
#define _UAPI_LINUX_LTT_H

#include <linux/types.h>

#define LTT_CTF_MAGIC		0xc1fc1fc1

/**
 * struct ltt_packet - the header of a packet
 * @magic:	LTT_CTF_MAGIC
 * @uuid:	UUID of the trace
 * @stream:	0
 * @begin:	time at which a writer entered the packet, in ticks of the clock that the
 *		metadata describe
 * @end:	time at which the packet was closed
 * @content:	bits of the packet, this header included
 * @size:	same as @content
 * @sequence:	number of the packet in its stream, from 0
 * @discarded:	events that the stream had lost since the trace was created, when the
 *		packet was closed
 * @cpu:	CPU of the stream
 * @pad:	0
 *
 * @end, @content, @size, @sequence and @discarded are 0 in a packet that was not
 * delivered. All fields have the byte order of the machine that traced.
 */
struct ltt_packet {
	__u32	magic;
	__u8	uuid[16];
	__u32	stream;
	__u64	begin;
	__u64	end;
	__u64	content;
	__u64	size;
	__u64	sequence;
	__u64	discarded;
	__u32	cpu;
	__u32	pad;
};

/*
 * The header of an event is aligned to 4 bytes and has one of these forms:
 *
 * - a word: number below LTT_ID_SHORT, low LTT_TIME_BITS bits of the time;
 * - a word: LTT_ID_MEDIUM, low LTT_TIME_BITS bits of the time. The number is in the
 *   &struct ltt_context that follows; in a trace without contexts, in a second word;
 * - in a trace without contexts, a word: LTT_ID_SHORT, LTT_SHORT_ID_BITS bits of number,
 *   low LTT_SHORT_TIME_BITS bits of the time;
 * - a word: LTT_ID_EXTENDED, number; then the time in 8 bytes. This form is used where the
 *   low bits do not determine the time, because the previous event is too old or may be missing.
 */
#define LTT_ID_BITS		5
#define LTT_ID_SHORT		29
#define LTT_ID_MEDIUM		30
#define LTT_ID_EXTENDED		31
#define LTT_TIME_BITS		(32 - LTT_ID_BITS)
#define LTT_SHORT_ID_BITS	11
#define LTT_SHORT_TIME_BITS	(LTT_TIME_BITS - LTT_SHORT_ID_BITS)
#define LTT_ID_MAX		65535

/*
 * Numbers of events that every trace has. No event has number 0, so that a reader does not
 * take zeroes for an event.
 */
#define LTT_EVENT_VOID		1	/* a discarded event; u16 length, bytes */
#define LTT_EVENT_VOID_BYTE	2	/* a discarded event with one byte of fields */
#define LTT_EVENT_VOID_EMPTY	3	/* a discarded event without fields */
#define LTT_EVENT_STOP		4	/* tracing was stopped; u16 length, reason */
#define LTT_EVENT_END		5	/* added by a recovery; u16 length, reason */
#define LTT_EVENT_STACK		6	/* u16 number, addresses */
#define LTT_EVENT_PRINT		7	/* address of the caller, u16 length, text */
#define LTT_EVENT_THREAD	8	/* s32 tid, pid, parent pid, u16 length, name */
#define LTT_EVENT_INTERRUPT	9	/* u32 number, u16 length, name */
#define LTT_EVENT_MODULE	10	/* address, u16 length, name */
#define LTT_EVENT_CPU		11	/* u32 number, u16 length, state */
#define LTT_EVENT_FIRST		12	/* first number for the trace's own events */

#define LTT_METADATA_MAGIC	0x4c54544d	/* "LTTM" */
#define LTT_METADATA_VERSION	2		/* and of the headers of events */

/**
 * struct ltt_metadata_length - how much of the metadata is complete
 * @used:	bytes of text
 * @crc:	CRC32C of these bytes
 */
struct ltt_metadata_length {
	__u32	used;
	__u32	crc;
};

/**
 * struct ltt_metadata - the start of a trace's private area
 * @magic:	LTT_METADATA_MAGIC
 * @version:	LTT_METADATA_VERSION
 * @offset:	bytes from the start of this structure to the text
 * @flags:	LTT_METADATA_CONTEXT
 * @uuid:	UUID of the trace
 * @length:	length of the text. The kernel writes the two in turns, so that one is valid
 *		at every moment. A reader uses the longer of those whose @crc matches.
 *
 * The kernel only appends to the text. It describes an event before it records the first one.
 */
struct ltt_metadata {
	__u32				magic;
	__u32				version;
	__u32				offset;
	__u32				flags;
	__u8				uuid[16];
	struct ltt_metadata_length	length[2];
};

/* Each event has a &struct ltt_context before its fields. */
#define LTT_METADATA_CONTEXT	(1U << 0)

/**
 * struct ltt_context - the context in which an event was recorded
 * @id:		number of the event
 * @flags:	interrupts off 1, need resched lazily 2, need resched 4, in a hard interrupt 8,
 *		in a soft interrupt 0x10, need resched by preemption 0x20, in an NMI 0x40,
 *		soft interrupts off 0x80
 * @preempt_count: low 4 bits: nesting of disabled preemption; high 4: of disabled migration
 * @tid:	ID of the thread
 */
struct ltt_context {
	__u16	id;
	__u8	flags;
	__u8	preempt_count;
	__s32	tid;
};

#endif /* _UAPI_LINUX_LTT_H */
