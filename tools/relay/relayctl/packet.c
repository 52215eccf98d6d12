// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of a trace that the kernel could not finish any more, see linux/ltt.h: their
 * headers are made from what is known of the sub-buffer.
 */
#include <string.h>
#include "packet.h"

/* The first word of an extended header; LTT_TIME_BITS are those of the number. */
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
 * @time:	the time, in the order of bytes of the machine
 */
struct packet_event {
	uint32_t	first;
	uint8_t		time[8];
};

/**
 * packet_finish - make a packet
 * @stream: its stream
 * @span: what to say of it; time does not go back in a stream, whatever this says
 * @events: its events
 * @size: their bytes
 * @to: room for a header and the events
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
 * packet_end - make the packet that tells how the trace ended
 * @stream: its stream
 * @discarded: events that the stream has lost, in all
 * @reason: why it ended
 * @to: where to
 * @size: bytes of room there
 *
 * Return: bytes of the packet; 0 without room for it.
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
 * @size: bytes that are there
 * @time: set to the time
 *
 * Return: whether its header tells all of it.
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
