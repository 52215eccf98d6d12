/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the files of "relayctl convert --to text". The layers, from the lowest: threads,
 * symbols, formats, repair, values; record; event; convert-text. A file calls only files of
 * lower layers.
 */
#ifndef _RELAYCTL_CONVERT_TEXT_H
#define _RELAYCTL_CONVERT_TEXT_H

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <traceevent/event-parse.h>

/* convert-text-threads.c */
void threads_name(int64_t tid, const char *name);
const char *threads_find(int64_t tid);
void threads_forget(void);

/* convert-text-symbols.c */
struct symbols;
struct symbols *symbols_load(const char *path, const char *stext);
char *symbols_find(const struct symbols *symbols, unsigned long long *address);
void symbols_free(struct symbols *symbols);

/* convert-text-formats.c */
struct formats;
struct formats *formats_open(const char *path);
char *formats_next(const struct formats *formats, const char *name, unsigned int turn);
const char *formats_strings(const struct formats *formats);
void formats_close(struct formats *formats);

/* convert-text-repair.c */
/* Name of a field that repair_format() adds: the kernel's text of an array, as a string. */
#define ARRAY_FIELD	"__array_"
#define ARRAY_ALL	99999
char *repair_format(const char *format);

/* convert-text-values.c */
bool values_member(const bt_field_class *structure, const char *name, uint64_t *index);
unsigned int values_class_size(const bt_field_class *structure, const char *name);
bool values_integer(const bt_field *structure, const char *name, int64_t *value);
const char *values_string(const bt_field *structure, const char *name);
uint64_t values_number(const bt_field *field);
void values_print(const bt_field *payload);

/* convert-text-record.c */

/**
 * struct record_field - a field of a record, and its member of the payload in the trace
 * @format:	the field
 * @index:	index of its member of the payload
 * @length:	index of the member that has the number of its elements
 * @has_length:	@length is set, because the field is dynamic
 * @elements:	in a field of ARRAY_FIELD, the highest number of elements; else 0
 */
struct record_field {
	struct tep_format_field		*format;
	uint64_t			index;
	uint64_t			length;
	bool				has_length;
	unsigned int			elements;
};

/**
 * struct record_shape - how to make a record of an event from its payload in the trace
 * @event:	format of the event
 * @fields:	fields of the record
 * @n_fields:	number of @fields
 * @fixed:	bytes before the dynamic elements
 */
struct record_shape {
	struct tep_event	*event;
	struct record_field	*fields;
	unsigned int		n_fields;
	unsigned int		fixed;
};

/**
 * struct event_context - the context of an event
 * @known:	the trace has @flags, @preempt_count and @tid
 * @flags:	as in struct ltt_context
 * @preempt_count: as in struct ltt_context
 * @tid:	the thread
 * @cpu:	the CPU
 */
struct event_context {
	bool		known;
	uint8_t		flags;
	uint8_t		preempt_count;
	int32_t		tid;
	unsigned int	cpu;
};

bool record_shape_fit(struct record_shape *shape, struct tep_event *event,
		      const bt_field_class *payload);
bool record_make(const struct record_shape *shape, const bt_field *payload,
		 const struct event_context *context, struct tep_record *record);

/* convert-text-event.c */
struct event_printer;
struct event_printer *event_printer_open(const char *formats);
void event_printer_resolve(struct event_printer *printer, const struct symbols *symbols);
void event_printer_print(struct event_printer *printer, const bt_event *event,
			 const bt_clock_snapshot *time);
void event_printer_say_missing(const struct event_printer *printer);
void event_printer_close(struct event_printer *printer);

#endif /* _RELAYCTL_CONVERT_TEXT_H */
