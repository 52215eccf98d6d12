/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux Trace Toolkit: typed events over relay, in the Common Trace Format.
 *
 * A trace is a relay channel, the metadata that describe its events, and a clock.
 * Documentation/trace/ltt.rst has the overview, include/uapi/linux/ltt.h the format.
 */
#ifndef _LINUX_LTT_H
#define _LINUX_LTT_H

#include <linux/align.h>
#include <linux/container_of.h>
#include <linux/relay.h>
#include <linux/static_call.h>
#include <uapi/linux/ltt.h>

u64 ltt_clock_raw(void);
DECLARE_STATIC_CALL(ltt_clock, ltt_clock_raw);

/**
 * ltt_clock_read - the time of all traces
 *
 * Context: Any, NMI included.
 * Return: ticks; never less than an earlier call on the same CPU returned.
 */
static __always_inline u64 ltt_clock_read(void)
{
	return static_call(ltt_clock)();
}

/*
 * Flags of struct ltt_params
 */
#define LTT_OVERWRITE		BIT(0)	/* flight recorder: keep the newest events */
#define LTT_RESERVED		BIT(1)	/* use the reserved area, or fail */
#define LTT_MEMORY		BIT(2)	/* use ordinary memory */
#define LTT_CONTEXT		BIT(3)	/* events have a struct ltt_context */

/**
 * struct ltt_params - how to create a trace
 * @name:	name of the trace, and of its channel on relayfs
 * @subbuf_size: bytes of a packet
 * @n_subbufs:	packets of each CPU
 * @metadata_size: bytes for the metadata
 * @timer_ms:	period after which a timer closes a packet that is not full; 0 for never
 * @flags:	LTT_OVERWRITE, LTT_RESERVED, LTT_MEMORY, LTT_CONTEXT
 */
struct ltt_params {
	const char	*name;
	size_t		subbuf_size;
	size_t		n_subbufs;
	size_t		metadata_size;
	size_t		timer_ms;
	unsigned int	flags;
};

/**
 * struct ltt_trace - a trace
 * @chan:	its channel
 * @stopped:	no event is recorded
 * @context:	events have a &struct ltt_context
 */
struct ltt_trace {
	struct rchan		*chan;
	bool			stopped;
	bool			context;
	/* private: */
	unsigned int		flags;		/* LTT_*; LTT_RESERVED if the area is used */
	unsigned int		next_id;
	struct mutex		lock;		/* protects @metadata and @next_id */
	struct ltt_metadata	*metadata;
	size_t			metadata_size;
	u8			uuid[16];
};

/**
 * struct ltt_field - a field of an event
 * @name:	its name
 * @part:	in an array of dynamic fields, the index of this one plus 1; else 0
 * @offset:	bytes from the start of the event's fields
 * @size:	its bytes
 * @element:	bytes of an element: 1, 2, 4 or 8; less than @size in an array
 * @is_signed:	elements are signed
 * @is_text:	elements are characters
 * @is_hex:	readers show elements with base 16
 * @is_dynamic:	at @offset is a &struct trace_dynamic_info; the elements come after the fixed
 *		part, in the order of the fields
 * @is_relative: the offset in the trace_dynamic_info counts from its end, not from the start
 *		of the entry
 */
struct ltt_field {
	const char	*name;
	unsigned int	part;
	unsigned int	offset;
	unsigned int	size;
	unsigned int	element;
	bool		is_signed;
	bool		is_text;
	bool		is_hex;
	bool		is_dynamic;
	bool		is_relative;
};

/**
 * struct ltt_event - an event's description
 * @name:	its name
 * @fields:	its fields, by offset
 * @n_fields:	number of fields
 * @fixed:	bytes of fields before the dynamic elements
 * @tail:	bytes after the dynamic elements
 * @print_fmt:	ftrace's format of the event, from which the names of field values are taken;
 *		or NULL
 */
struct ltt_event {
	const char		*name;
	const struct ltt_field	*fields;
	unsigned int		n_fields;
	unsigned int		fixed;
	unsigned int		tail;
	const char		*print_fmt;
};

struct ltt_trace *ltt_trace_create(const struct ltt_params *params);
void ltt_trace_destroy(struct ltt_trace *trace);
void ltt_trace_start(struct ltt_trace *trace);
void ltt_trace_stop(struct ltt_trace *trace, const char *reason);
void ltt_trace_clear(struct ltt_trace *trace);
void ltt_trace_dump_state(struct ltt_trace *trace);
int ltt_trace_describe(struct ltt_trace *trace, const struct ltt_event *event);
size_t ltt_event_text_size(const struct ltt_event *event);
const char *ltt_clock_name(void);

/**
 * struct ltt_part - a part of an event's fields
 * @data:	the bytes
 * @size:	number of bytes
 */
struct ltt_part {
	const void	*data;
	size_t		size;
};

void ltt_write(struct ltt_trace *trace, unsigned int id, const struct ltt_context *context,
	       const struct ltt_part *parts, unsigned int n_parts);
void ltt_write_text(struct ltt_trace *trace, unsigned int id, const struct ltt_context *context,
		    struct ltt_part fixed, const char *text, size_t length);

/**
 * struct ltt_slot - an event that is being written
 * @slot:	its reservation; @slot.data points to its context, or without one to its fields
 * @id:		its number
 * @word:	a header of one word, with the bits of the time 0
 * @time_bits:	bits of the time in @word
 * @near:	a header of one word is possible if the event is fewer ticks than this after
 *		@slot.last_time
 */
struct ltt_slot {
	struct relay_slot	slot;
	unsigned int		id;
	u32			word;
	unsigned int		time_bits;
	u32			near;
};

/*
 * The low @bits bits of @time at their place in a header's word. CTF packs bit fields from the
 * word's low end in little endian, from its high end in big endian.
 */
static __always_inline u32 ltt_header_time(u64 time, unsigned int bits)
{
	u32 high = (u32)time << (32 - bits);

	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? high >> (32 - bits) : high;
}

/* The number or the form of a header at its place in the first word. */
static __always_inline u32 ltt_header_id(unsigned int id)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? id << LTT_TIME_BITS : id;
}

/* The first word of a header that has a @form, a number @id, and then @bits bits of time. */
static __always_inline u32 ltt_header_form(unsigned int form, unsigned int id, unsigned int bits)
{
	return ltt_header_id(form) |
	       id << (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? bits : LTT_ID_BITS);
}

/* Ticks from the time that a reader knows before this event to this event. */
static __always_inline u64 ltt_ticks(const struct ltt_slot *s)
{
	return s->slot.time - s->slot.last_time;
}

static __always_inline size_t ltt_header_size(const struct relay_slot *slot, size_t offset)
{
	const struct ltt_slot *s = container_of(slot, struct ltt_slot, slot);
	size_t size = 4;

	if (unlikely(ltt_ticks(s) >= s->near))
		size = ltt_ticks(s) < BIT_ULL(LTT_TIME_BITS) ? 8 : 12;
	return ALIGN(offset, 4) + size - offset;
}

static __always_inline void ltt_header(const struct relay_slot *slot, void *at)
{
	const struct ltt_slot *s = container_of(slot, struct ltt_slot, slot);
	u32 *word = PTR_ALIGN(at, 4);

	if (likely(ltt_ticks(s) < s->near)) {
		word[0] = s->word | ltt_header_time(slot->time, s->time_bits);
		return;
	}
	if (ltt_ticks(s) < BIT_ULL(LTT_TIME_BITS)) {
		word[0] = ltt_header_id(LTT_ID_MEDIUM) |
			  ltt_header_time(slot->time, LTT_TIME_BITS);
		word[1] = s->id;
	} else {
		word[0] = ltt_header_form(LTT_ID_EXTENDED, s->id, 0);
		memcpy(&word[1], &slot->time, sizeof(slot->time));
	}
}

static const struct relay_record_ops ltt_record_ops = {
	.clock		= ltt_clock_read,
	.header_size	= ltt_header_size,
	.header		= ltt_header,
};

/**
 * ltt_reserve - reserve memory for an event
 * @trace:	the trace
 * @s:		filled in
 * @id:		number of the event, by ltt_trace_describe()
 * @size:	bytes of its context, if @trace->context, and of its fields; at most U16_MAX if
 *		the caller may discard the event
 *
 * If @trace->context, the caller stores @id in the context, too.
 *
 * On success preemption is off until the caller commits @s->slot by relay_slot_commit(), or
 * discards it by ltt_discard().
 *
 * Context: Any, NMI included.
 * Return: as relay_slot_reserve_ops().
 */
static __always_inline int ltt_reserve(struct ltt_trace *trace, struct ltt_slot *s,
				       unsigned int id, size_t size)
{
	s->id = id;
	if (likely(id < LTT_ID_SHORT || trace->context)) {
		s->word = ltt_header_id(id < LTT_ID_SHORT ? id : LTT_ID_MEDIUM);
		s->time_bits = LTT_TIME_BITS;
		s->near = BIT(LTT_TIME_BITS);
	} else {
		s->word = ltt_header_form(LTT_ID_SHORT, id, LTT_SHORT_TIME_BITS);
		s->time_bits = LTT_SHORT_TIME_BITS;
		s->near = id < BIT(LTT_SHORT_ID_BITS) ? BIT(LTT_SHORT_TIME_BITS) : 0;
	}
	return relay_slot_reserve_ops(trace->chan, &s->slot, size, &ltt_record_ops);
}

void ltt_discard(struct ltt_trace *trace, struct relay_slot *slot);

#endif /* _LINUX_LTT_H */
