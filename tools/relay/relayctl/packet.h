/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_PACKET_H
#define _RELAYCTL_PACKET_H

#include "metadata.h"
#include "uapi/linux/ltt.h"

struct part;

/**
 * struct packet_stream - the packets of a CPU, in order
 * @metadata:	metadata of the trace
 * @cpu:	the CPU
 * @next:	number of the next packet
 * @end:	end time of the last packet; 0 before the first
 */
struct packet_stream {
	const struct metadata	*metadata;
	uint32_t		cpu;
	uint64_t		next;
	uint64_t		end;
};

/**
 * struct packet_span - fields for the header of a packet
 * @begin:	begin time
 * @end:	end time
 * @discarded:	events that the stream had lost, in all, by @end
 */
struct packet_span {
	uint64_t	begin;
	uint64_t	end;
	uint64_t	discarded;
};

uint32_t packet_finish(struct packet_stream *stream, const struct packet_span *span,
		       const void *events, uint32_t size, unsigned char *to);
int packet_store_empty(struct packet_stream *stream, uint64_t time, uint64_t discarded,
		       struct part *part);
uint32_t packet_end(struct packet_stream *stream, uint64_t discarded, const char *reason,
		    unsigned char *to, uint32_t size);
bool packet_event_time(const unsigned char *event, uint32_t size, uint64_t *time);

#endif /* _RELAYCTL_PACKET_H */
