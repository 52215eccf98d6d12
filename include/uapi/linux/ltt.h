/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Linux Trace Toolkit: the format of a trace in its channel.
 *
 * A trace is one relay channel. Each of its sub-buffers is a packet of the Common
 * Trace Format, version 1.8, as it lies: header, events, and no padding that belongs to
 * it. The private area of the channel holds the metadata, that is, the text that
 * describes header and events; see &struct ltt_metadata.
 */
#ifndef _UAPI_LINUX_LTT_H
#define _UAPI_LINUX_LTT_H

#include <linux/types.h>

#define LTT_CTF_MAGIC		0xc1fc1fc1

/**
 * struct ltt_packet - the header of a packet
 * @magic:	LTT_CTF_MAGIC
 * @uuid:	that of the trace
 * @stream:	0
 * @begin:	time at which the packet was begun, in ticks of the clock that the
 *		metadata describe
 * @end:	time at which it was closed
 * @content:	bits of the packet, this header included
 * @size:	the same
 * @sequence:	number of the packet in its stream, from 0
 * @discarded:	events that the stream had lost, in all, when the packet was closed
 * @cpu:	the CPU
 * @pad:	0
 *
 * @end, @content, @size, @sequence and @discarded are 0 in a packet that was not closed.
 * In the byte order of the machine that traced.
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
 * The header of an event is one word: its number, and the low LTT_TIME_BITS bits of its
 * time. A larger number is in the &struct ltt_context after that word, with LTT_ID_MEDIUM in
 * its place; in a trace without contexts the word is LTT_ID_SHORT, LTT_SHORT_ID_BITS bits of
 * number, and the low LTT_SHORT_TIME_BITS bits of the time, or there is a second word with the
 * number, and LTT_ID_MEDIUM in the first. Where those bits do not tell the time, because the
 * event before is further away or may be missing, the word is LTT_ID_EXTENDED and the number,
 * and the time follows it, 8 bytes in the order of the machine. It is aligned to 4 bytes.
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
 * Numbers of events that every trace has. No event has number 0, so that zeroes are no
 * event.
 */
#define LTT_EVENT_VOID		1	/* an event that was given up; u16 length, bytes */
#define LTT_EVENT_VOID_BYTE	2	/* the same with one byte */
#define LTT_EVENT_VOID_EMPTY	3	/* the same with none */
#define LTT_EVENT_STOP		4	/* tracing was stopped; u16 length, reason */
#define LTT_EVENT_END		5	/* added by a recovery; u16 length, reason */
#define LTT_EVENT_STACK		6	/* u16 number, addresses */
#define LTT_EVENT_PRINT		7	/* address of the caller, u16 length, text */
#define LTT_EVENT_THREAD	8	/* s32 tid, pid, parent's pid, u16 length, name */
#define LTT_EVENT_INTERRUPT	9	/* u32 number, u16 length, name */
#define LTT_EVENT_MODULE	10	/* address, u16 length, name */
#define LTT_EVENT_CPU		11	/* u32 number, u16 length, state */
#define LTT_EVENT_FIRST		12	/* the events of this trace */

#define LTT_METADATA_MAGIC	0x4c54544d	/* "LTTM" */
#define LTT_METADATA_VERSION	2		/* and of the headers of events */

/**
 * struct ltt_metadata_length - how much of the metadata is complete
 * @used:	bytes of text
 * @crc:	CRC32C of them
 */
struct ltt_metadata_length {
	__u32	used;
	__u32	crc;
};

/**
 * struct ltt_metadata - the start of a trace's private area
 * @magic:	LTT_METADATA_MAGIC
 * @version:	LTT_METADATA_VERSION
 * @offset:	bytes from here to the text
 * @flags:	LTT_METADATA_CONTEXT
 * @uuid:	that of the trace
 * @length:	of the text. The two are written in turns, so that one is right at every
 *		moment: the one with more bytes among those whose check sum is right.
 *
 * Text is only ever added, and describes an event before the first record of it.
 */
struct ltt_metadata {
	__u32				magic;
	__u32				version;
	__u32				offset;
	__u32				flags;
	__u8				uuid[16];
	struct ltt_metadata_length	length[2];
};

/* Each event has its context before its fields: &struct ltt_context. */
#define LTT_METADATA_CONTEXT	(1U << 0)

/**
 * struct ltt_context - where an event happened
 * @id:		number of the event
 * @flags:	interrupts off 1, need resched lazily 2, need resched 4, in a hard interrupt 8,
 *		in a soft interrupt 0x10, need resched by preemption 0x20, in an NMI 0x40,
 *		soft interrupts off 0x80
 * @preempt_count: low half how often preemption was disabled, high half migration
 * @tid:	the thread
 */
struct ltt_context {
	__u16	id;
	__u8	flags;
	__u8	preempt_count;
	__s32	tid;
};

#endif /* _UAPI_LINUX_LTT_H */
