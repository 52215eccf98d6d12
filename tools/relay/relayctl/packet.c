// SPDX-License-Identifier: GPL-2.0
/*
 * Complete the packets that the kernel did not close: make their headers, see linux/ltt.h,
 * from the description of the sub-buffer.
 */
#include <string.h>
#include "packet.h"
#include "part.h"

/* The first word of an extended header, in which LTT_TIME_BITS bits hold the number. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define EXTENDED(id)	((uint32_t)LTT_ID_EXTENDED << LTT_TIME_BITS | (id))
#define FORM(first)	((first) >> LTT_TIME_BITS)
#else
#define EXTENDED(id)	(LTT_ID_EXTENDED | (uint32_t)(id) << LTT_ID_BITS)
#define FORM(first)	((first) & LTT_ID_EXTENDED)
#endif

/**
 * struct packet_event - an extended header of an event
 * @first:	EXTENDED()
 * @time:	the time, in the machine's byte order
 */
struct packet_event {
	uint32_t	first;
	uint8_t		time[8];
};

/**
 * packet_finish - make a packet
 * @stream: its stream
 * @span: fields for its header; a time before the end of the last packet is raised to that
 * @events: its events
 * @size: bytes of @events
 * @to: memory for a header and the events
 *
 * Return: bytes of the packet.
 */
uint32_t packet_finish(struct packet_stream *stream, const struct packet_span *span,
		       const void *events, uint32_t size, unsigned char *to)
{
	uint64_t begin = span->begin > stream->end ? span->begin : stream->end;
	struct ltt_packet packet = {
		.magic		= LTT_CTF_MAGIC,
		.begin		= begin,
		.end		= span->end > begin ? span->end : begin,
		.content	= (sizeof(packet) + size) * 8ULL,
		.size		= (sizeof(packet) + size) * 8ULL,
		.sequence	= stream->next++,
		.discarded	= span->discarded,
		.cpu		= stream->cpu,
	};

	memcpy(packet.uuid, stream->metadata->uuid, sizeof(packet.uuid));
	memcpy(to, &packet, sizeof(packet));
	memmove(to + sizeof(packet), events, size);
	stream->end = packet.end;
	return sizeof(packet) + size;
}

/**
 * packet_store_empty - store a packet without events
 * @stream: its stream
 * @time: its begin and end
 * @discarded: events that the stream has lost, in all
 * @part: the recording
 *
 * Before the first packet of a stream, or after the last one, it tells losses, because readers
 * of CTF find them only by the difference between the headers of two packets.
 *
 * Return: 0 or an error.
 */
int packet_store_empty(struct packet_stream *stream, uint64_t time, uint64_t discarded,
		       struct part *part)
{
	const struct packet_span span = { time, time, discarded };
	unsigned char packet[sizeof(struct ltt_packet)] = { 0 };
	uint32_t size = packet_finish(stream, &span, packet, 0, packet);

	return part_add_data(part, stream->cpu, packet, size);
}

/**
 * packet_end - make a packet with an event ltt_end
 * @stream: its stream
 * @discarded: events that the stream has lost, in all
 * @reason: why the trace ended
 * @to: memory for the packet
 * @size: bytes of @to
 *
 * Return: bytes of the packet; 0 if it does not fit.
 */
uint32_t packet_end(struct packet_stream *stream, uint64_t discarded, const char *reason,
		    unsigned char *to, uint32_t size)
{
	const struct packet_span span = { stream->end, stream->end, discarded };
	struct packet_event event = { .first = EXTENDED(LTT_EVENT_END) };
	struct ltt_context context = { .id = LTT_EVENT_END };
	uint16_t length = strlen(reason);
	unsigned char events[sizeof(event) + sizeof(context) + sizeof(length) + 256];
	uint32_t used = sizeof(event);

	if (sizeof(struct ltt_packet) + sizeof(events) > size || length > 256)
		return 0;
	memcpy(event.time, &stream->end, sizeof(event.time));
	memcpy(events, &event, sizeof(event));
	if (stream->metadata->context) {
		memcpy(events + used, &context, sizeof(context));
		used += sizeof(context);
	}
	memcpy(events + used, &length, sizeof(length));
	memcpy(events + used + sizeof(length), reason, length);
	return packet_finish(stream, &span, events, used + sizeof(length) + length, to);
}

/**
 * packet_event_time - the time of an event
 * @event: the event
 * @size: bytes from @event on
 * @time: set to the time
 *
 * Return: whether its header has all 64 bits of the time.
 */
bool packet_event_time(const unsigned char *event, uint32_t size, uint64_t *time)
{
	struct packet_event header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, event, sizeof(header));
	memcpy(time, header.time, sizeof(*time));
	return FORM(header.first) == LTT_ID_EXTENDED;
}
