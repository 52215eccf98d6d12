/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux Trace Toolkit: typed events over relay, in the Common Trace Format.
 *
 * A trace is a relay channel, the description of the events in it, and a clock.
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
 * Return: ticks; never less than before on the same CPU.
 */
static __always_inline u64 ltt_clock_read(void)
{
	return static_call(ltt_clock)();
}

/*
 * Flags of struct ltt_params
 */
#define LTT_OVERWRITE		BIT(0)	/* flight recorder: keep the newest events */
#define LTT_RESERVED		BIT(1)	/* in memory that survives a crash, or fail */
#define LTT_MEMORY		BIT(2)	/* in ordinary memory; with neither, as there is */
#define LTT_CONTEXT		BIT(3)	/* events tell their thread and its state */

/**
 * struct ltt_params - how to create a trace
 * @name:	of the trace, and of its channel on relayfs
 * @subbuf_size: bytes of a packet
 * @n_subbufs:	packets of each CPU
 * @metadata_size: bytes for the description of the events
 * @timer_ms:	a packet that is not full is closed after so many milliseconds; 0 for never
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
 *
 * The rest is LTT's own.
 */
struct ltt_trace {
	struct rchan		*chan;
	bool			stopped;
	bool			context;
	/* private: */
	unsigned int		flags;		/* of struct ltt_params, as they came out */
	unsigned int		next_id;
	struct mutex		lock;		/* of the metadata, and @next_id */
	struct ltt_metadata	*metadata;
	size_t			metadata_size;
	u8			uuid[16];
};

/**
 * struct ltt_field - a field of an event
 * @name:	its name
 * @offset:	bytes from the start of the event's fields
 * @size:	its bytes
 * @element:	bytes of an element: 1, 2, 4 or 8; less than @size in an array
 * @is_signed:	an element has a sign
 * @is_text:	elements are characters
 * @is_hex:	to be shown with base 16
 * @is_dynamic:	at @offset is a &struct trace_dynamic_info; the elements lie after the fixed
 *		fields, in the order of the fields
 * @is_relative: the offset in that counts from its end, not from the start of the entry
 */
struct ltt_field {
	const char	*name;
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
 * @n_fields:	their number
 * @fixed:	bytes before the dynamic elements
 * @tail:	bytes after them
 * @print_fmt:	how ftrace prints the event, for the names of a field's values; or NULL
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
 * struct ltt_part - bytes of an event
 * @data:	the bytes
 * @size:	their number
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
 * @slot:	its reservation; @slot.data is where its context goes, or its fields
 * @id:		its number
 * @word:	its header, where that is one word, without the time
 * @time_bits:	bits of that word that tell the time
 * @near:	ticks between the event that is read before this one and the first time that
 *		one word does not tell
 */
struct ltt_slot {
	struct relay_slot	slot;
	unsigned int		id;
	u32			word;
	unsigned int		time_bits;
	u32			near;
};

/* The low @bits of @time in a word of a header. Bit fields of CTF begin at the lowest address. */
static __always_inline u32 ltt_header_time(u64 time, unsigned int bits)
{
	u32 high = (u32)time << (32 - bits);

	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? high >> (32 - bits) : high;
}

/* The first word of a header, without the time. */
static __always_inline u32 ltt_header_id(unsigned int id)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? id << LTT_TIME_BITS : id;
}

/* The same of one that has the number apart from its form, and @bits of the time. */
static __always_inline u32 ltt_header_form(unsigned int form, unsigned int id, unsigned int bits)
{
	return ltt_header_id(form) |
	       id << (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? bits : LTT_ID_BITS);
}

/* Ticks between the event that is read before this one and this one. */
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
 * ltt_reserve - begin an event
 * @trace:	the trace
 * @s:		filled in
 * @id:		number of the event, by ltt_trace_describe()
 * @size:	bytes of its context, if @trace->context, and of its fields
 *
 * The context, if there is one, has to have the number, too.
 *
 * On success preemption is off until relay_slot_commit() of @s->slot, or ltt_discard().
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
