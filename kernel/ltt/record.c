// SPDX-License-Identifier: GPL-2.0
/*
 * Write a complete event, and discard a reserved one. ltt_reserve(), for events that the
 * caller fills in place, is inline: see include/linux/ltt.h.
 */
#include <linux/export.h>
#include "internal.h"

/**
 * ltt_write - write an event
 * @trace:	the trace
 * @id:		number of the event
 * @context:	its context, of which @id is ignored; not used if the trace has no contexts
 * @parts:	parts of its fields, written one after the other
 * @n_parts:	number of parts
 *
 * If the channel refuses the event, the channel counts it as lost. A stopped trace records
 * and counts nothing.
 *
 * Context: Any, NMI included.
 */
void ltt_write(struct ltt_trace *trace, unsigned int id, const struct ltt_context *context,
	       const struct ltt_part *parts, unsigned int n_parts)
{
	size_t size = trace->context ? sizeof(*context) : 0;
	struct ltt_slot s;
	void *to;

	if (READ_ONCE(trace->stopped))
		return;
	for (unsigned int i = 0; i < n_parts; i++)
		size += parts[i].size;
	if (ltt_reserve(trace, &s, id, size))
		return;
	to = s.slot.data;
	if (trace->context) {
		struct ltt_context *here = to;

		*here = *context;
		here->id = id;
		to += sizeof(*here);
	}
	for (unsigned int i = 0; i < n_parts; i++) {
		memcpy(to, parts[i].data, parts[i].size);
		to += parts[i].size;
	}
	relay_slot_commit(&s.slot);
}
EXPORT_SYMBOL_GPL(ltt_write);

/**
 * ltt_write_text - write an event whose last field is a text
 * @trace:	the trace
 * @id:		number of the event
 * @context:	as for ltt_write()
 * @fixed:	the fields before the text
 * @text:	the text
 * @length:	bytes of the text; at most U16_MAX of them are written
 *
 * Context: Any, NMI included.
 */
void ltt_write_text(struct ltt_trace *trace, unsigned int id, const struct ltt_context *context,
		    struct ltt_part fixed, const char *text, size_t length)
{
	u16 written = min_t(size_t, length, U16_MAX);
	const struct ltt_part parts[] = {
		fixed, { &written, sizeof(written) }, { text, written },
	};

	ltt_write(trace, id, context, parts, ARRAY_SIZE(parts));
}
EXPORT_SYMBOL_GPL(ltt_write_text);

/**
 * ltt_discard - discard a reserved event
 * @trace:	the trace
 * @slot:	the reservation, by ltt_reserve(); must not be used afterwards
 *
 * If relay_slot_try_discard() cannot take the reservation back, the event becomes a void
 * event (LTT_EVENT_VOID) and is committed, because a CTF packet cannot have a gap. So the event
 * must have at most U16_MAX bytes.
 *
 * Context: That of ltt_reserve().
 */
void ltt_discard(struct ltt_trace *trace, struct relay_slot *slot)
{
	u32 *word = PTR_ALIGN(relay_pos_address(slot->ring, slot->begin), 4);
	u32 form = *word & ltt_header_id(LTT_ID_EXTENDED);
	bool extended = form == ltt_header_id(LTT_ID_EXTENDED);
	void *end = relay_pos_address(slot->ring, slot->begin) + slot->size;
	void *fields = word + (extended ? 3 : 1);
	struct ltt_context *context = NULL;
	unsigned int id;
	u16 size;

	if (relay_slot_try_discard(slot))
		return;
	if (trace->context) {
		context = fields;
		fields += sizeof(*context);
	}
	size = end - fields;
	id = size > 1 ? LTT_EVENT_VOID : size ? LTT_EVENT_VOID_BYTE : LTT_EVENT_VOID_EMPTY;
	if (extended)
		*word = ltt_header_form(LTT_ID_EXTENDED, id, 0);
	else if (form == ltt_header_id(LTT_ID_SHORT))
		*word = ltt_header_form(LTT_ID_SHORT, id, LTT_SHORT_TIME_BITS) |
			(*word & ltt_header_time(~0, LTT_SHORT_TIME_BITS));
	else
		*word = ltt_header_id(id) | (*word & ltt_header_time(~0, LTT_TIME_BITS));
	if (context)
		context->id = id;
	if (id == LTT_EVENT_VOID) {
		size -= sizeof(size);
		memcpy(fields, &size, sizeof(size));
	}
	relay_slot_commit(slot);
}
EXPORT_SYMBOL_GPL(ltt_discard);
