/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Markers: trace events that are defined by the statement that records them.
 *
 *	trace_mark(disk, retry, "sector %llu tries %u name %s", sector, tries, name);
 *
 * defines and records the event "retry" of the group "disk". ftrace and LTT list, enable,
 * filter and trigger it as any other event. While no instance has enabled it, it is a static
 * branch that is not taken.
 */
#ifndef _LINUX_LTT_MARK_H
#define _LINUX_LTT_MARK_H

#include <linux/jump_label.h>
#include <linux/printk.h>
#include <linux/trace_events.h>

#ifdef CONFIG_LTT

struct ltt_mark_fields;

/**
 * struct ltt_mark - a marker
 * @key:	enabled while an instance has enabled the event
 * @format:	names and conversions of its fields
 * @fields:	the fields parsed from @format
 * @files:	list of &struct ltt_mark_file, one for each instance that has enabled the event
 */
struct ltt_mark {
	struct static_key_false	key;
	const char		*format;
	struct ltt_mark_fields	*fields;
	struct list_head	files;
};

extern struct trace_event_fields ltt_mark_fields_array[];
extern struct trace_event_functions ltt_mark_functions;
int ltt_mark_init(struct trace_event_call *call);
int ltt_mark_reg(struct trace_event_call *call, enum trace_reg type, void *data);
void ltt_mark_event(struct ltt_mark *mark, ...);

static inline __printf(1, 2) void ltt_mark_check(const char *format, ...)
{
}

/**
 * trace_mark - define a marker's event, and record it
 * @_group:	group of the event: its directory below events/
 * @_name:	name of the event; only one trace_mark() in the kernel may use it
 * @_format:	a literal: for each field its name, and a conversion of printf(): %d %i %u %x
 *		%c with hh, h, l, ll, z; %p; %s; %*ph for a number of bytes and their address.
 *		At most 12 fields, each with a name before its conversion; the kernel logs any
 *		other format and does not create the event.
 *
 * The arguments are evaluated only while the event is enabled. Of a string or of the bytes of
 * %*ph at most 1 KiB is copied.
 *
 * Context: Any, NMI included.
 */
#define trace_mark(_group, _name, _format, ...)					\
do {										\
	static const char __ltt_format[] = _format;				\
	static struct ltt_mark __ltt_mark = {					\
		.key = STATIC_KEY_FALSE_INIT, .format = __ltt_format,		\
		.files = LIST_HEAD_INIT(__ltt_mark.files),			\
	};									\
	static struct trace_event_class __ltt_class = {				\
		.system = #_group, .fields_array = ltt_mark_fields_array,	\
		.fields = LIST_HEAD_INIT(__ltt_class.fields),			\
		.raw_init = ltt_mark_init, .reg = ltt_mark_reg,			\
	};									\
	static struct trace_event_call __used __ltt_call = {			\
		.class = &__ltt_class, { .name = #_name },			\
		.event.funcs = &ltt_mark_functions, .data = &__ltt_mark,	\
	};									\
	static struct trace_event_call *__ltt_event				\
		__used __section("_ftrace_events") = &__ltt_call;		\
										\
	if (static_branch_unlikely(&__ltt_mark.key))				\
		ltt_mark_event(&__ltt_mark, ##__VA_ARGS__);			\
	if (0)									\
		ltt_mark_check(__ltt_format, ##__VA_ARGS__);			\
} while (0)

#else

#define trace_mark(_group, _name, _format, ...)					\
do {										\
	if (0)									\
		no_printk(#_group ":" #_name " " _format, ##__VA_ARGS__);	\
} while (0)

#endif

#endif /* _LINUX_LTT_MARK_H */
