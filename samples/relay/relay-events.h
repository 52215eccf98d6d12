/* SPDX-License-Identifier: GPL-2.0 */
/* An event, and what stands in front of each sub-buffer of events. */
#ifndef _SAMPLES_RELAY_EVENTS_H
#define _SAMPLES_RELAY_EVENTS_H

#include <linux/types.h>

struct events_header {
	__u32	magic;
	__u32	size;		/* bytes of events that follow */
	__u64	lost;		/* events the buffer had lost, in all, by then */
};

#define EVENTS_MAGIC	0x73746e65

struct event {
	__u64	cycles;
	__u32	cpu;
	__u32	length;		/* of the text; it is padded to 8 bytes */
	char	text[];
};

#endif /* _SAMPLES_RELAY_EVENTS_H */
