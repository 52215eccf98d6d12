// SPDX-License-Identifier: GPL-2.0
/*
 * A record of an event as it was in the kernel, from its fields in the trace: fixed ones where
 * the format says that they lie, and after them the elements of dynamic ones. Integers are in
 * the byte order of this machine.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "convert-text.h"

/* The place and the length of dynamic elements have 16 bits each. */
#define RECORD_MOST	0xffff

/*
 * A format may have an integer lie over the place of a dynamic field. Wherever libtraceevent
 * looks for the elements then, it finds zeroes: a place relative to the end of a field, and a
 * length.
 */
static char record_buffer[3 * (RECORD_MOST + 1) + 8];

/* The kernel writes a "_" for what cannot be in a name of CTF. */
static bool find_member(const bt_field_class *payload, const char *prefix, const char *field,
			const char *suffix, uint64_t *index)
{
	char name[256];

	snprintf(name, sizeof(name), "%s%s%s", prefix, field, suffix);
	for (char *at = name; *at; at++)
		*at = isalnum((unsigned char)*at) ? *at : '_';
	return values_member(payload, name, index);
}

/* An array that repair_format() has made a string of. */
static bool fit_array(struct record_field *field, const bt_field_class *payload)
{
	char name[128];

	if (sscanf(field->format->name, ARRAY_FIELD "%5u_%127s", &field->elements, name) != 2 ||
	    field->format->size != 4)
		return false;
	field->has_length = find_member(payload, "_", name, "_length", &field->length);
	return find_member(payload, "", name, "", &field->index);
}

static bool fit_field(struct record_field *field, const bt_field_class *payload)
{
	const struct tep_format_field *format = field->format;
	long long end = (long long)format->offset + format->size;

	if (format->offset < 0 || format->size < 0 || end > RECORD_MOST)
		return false;
	if (!strncmp(format->name, ARRAY_FIELD, strlen(ARRAY_FIELD)))
		return fit_array(field, payload);
	if (!find_member(payload, "", format->name, "", &field->index))
		return false;
	field->has_length = find_member(payload, "_", format->name, "_length", &field->length);
	return !(format->flags & TEP_FIELD_IS_DYNAMIC) || (format->size == 4 && field->has_length);
}

/*
 * Some fields lie after those of the format: the place of an array that is a string; and a
 * negative number of less than 8 bytes, which libtraceevent reads as a positive one, where C in
 * the kernel has extended its sign. So the record has all 8.
 */
static void move_field(struct record_field *field, unsigned int *end)
{
	bool is_negative = (field->format->flags & (TEP_FIELD_IS_SIGNED | TEP_FIELD_IS_ARRAY)) ==
			   TEP_FIELD_IS_SIGNED;

	if (is_negative && field->format->size < 8)
		field->format->size = 8;
	else if (!field->elements)
		return;
	*end = (*end + 7) & ~7U;
	field->format->offset = *end;
	*end += field->format->size;
}

/* The ID has 16 bits, and the common fields are the first of the record. */
static bool fit_common(const struct tep_event *event)
{
	const struct tep_format_field *field;

	for (field = event->format.common_fields; field; field = field->next)
		if (field->offset < 0 || field->size < 0 || field->size > 8 ||
		    field->offset > 64)
			return false;
	return event->id >= 0 && event->id <= 0xffff;
}

/**
 * record_shape_fit - see how a record of an event is made
 * @shape: filled in; its fields are to be freed, also when they do not fit
 * @event: a format of the event
 * @payload: class of its fields in the trace
 *
 * Return: whether the trace has all fields of the format.
 */
bool record_shape_fit(struct record_shape *shape, struct tep_event *event,
		      const bt_field_class *payload)
{
	struct tep_format_field *format;
	unsigned int n = 0;

	*shape = (struct record_shape) { .event = event };
	if (!fit_common(event))
		return false;
	shape->fields = calloc(event->format.nr_fields + 1, sizeof(*shape->fields));
	if (!shape->fields)
		return false;
	for (format = event->format.fields; format; format = format->next) {
		struct record_field *field = &shape->fields[n];

		/* An array without a size, which the trace does not have. */
		if (!format->size)
			continue;
		field->format = format;
		if (!fit_field(field, payload))
			return false;
		if ((unsigned int)(format->offset + format->size) > shape->fixed)
			shape->fixed = format->offset + format->size;
		n++;
	}
	shape->n_fields = n;
	for (unsigned int i = 0; i < n; i++)
		move_field(&shape->fields[i], &shape->fixed);
	return shape->fixed <= RECORD_MOST;
}

static void put_integer(char *to, uint64_t value, unsigned int size)
{
	switch (size) {
	case 1:
		*(uint8_t *)to = value;
		break;
	case 2:
		memcpy(to, &(uint16_t) { value }, size);
		break;
	case 4:
		memcpy(to, &(uint32_t) { value }, size);
		break;
	case 8:
		memcpy(to, &value, size);
		break;
	}
}

/* Return: bytes of an element of an array; 0 if it is no integer. */
static unsigned int element_size(const bt_field *array)
{
	const bt_field_class *class = bt_field_borrow_class_const(array);
	const bt_field_class *element =
		bt_field_class_array_borrow_element_field_class_const(class);

	if (!bt_field_class_type_is(bt_field_class_get_type(element),
				    BT_FIELD_CLASS_TYPE_INTEGER))
		return 0;
	return bt_field_class_integer_get_field_value_range(element) / 8;
}

/* Return: bytes that were put at @to, no more than @room. */
static size_t put_array(char *to, size_t room, const bt_field *array)
{
	uint64_t n = bt_field_array_get_length(array);
	unsigned int size = element_size(array);
	size_t used = 0;

	if (!size)
		return 0;
	for (uint64_t i = 0; i < n && room - used >= size; i++, used += size) {
		const bt_field *value =
			bt_field_array_borrow_element_field_by_index_const(array, i);

		put_integer(to + used, values_number(value), size);
	}
	return used;
}

/* Return: the same of any field; @size is that of an integer. */
static size_t put_field(char *to, size_t room, const bt_field *field, unsigned int size)
{
	bt_field_class_type type = bt_field_get_class_type(field);

	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_ARRAY))
		return put_array(to, room, field);
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_STRING)) {
		size_t length = bt_field_string_get_length(field);

		if (length > room)
			length = room;
		memcpy(to, bt_field_string_get_value(field), length);
		return length;
	}
	if (size <= room)
		put_integer(to, values_number(field), size);
	return size;
}

/* Return: how many elements an array has, or a string, which ends at its first 0 in the trace. */
static uint64_t count_elements(const struct record_field *field, const bt_field *payload,
			       const bt_field *value)
{
	if (bt_field_class_type_is(bt_field_get_class_type(value), BT_FIELD_CLASS_TYPE_ARRAY))
		return bt_field_array_get_length(value);
	if (!field->has_length)
		return field->elements;
	value = bt_field_structure_borrow_member_field_by_index_const(payload, field->length);
	return values_number(value);
}

static uint64_t element(const bt_field *value, uint64_t i)
{
	if (bt_field_class_type_is(bt_field_get_class_type(value), BT_FIELD_CLASS_TYPE_ARRAY))
		return values_number(bt_field_array_borrow_element_field_by_index_const(value, i));
	if (bt_field_get_class_type(value) != BT_FIELD_CLASS_TYPE_STRING ||
	    i >= bt_field_string_get_length(value))
		return 0;
	return (unsigned char)bt_field_string_get_value(value)[i];
}

/* As trace_print_array_seq() of the kernel. Return: bytes that were put, no more than @room. */
static size_t put_text(char *to, size_t room, const struct record_field *field,
		       const bt_field *payload, const bt_field *value)
{
	uint64_t n = count_elements(field, payload, value), mask = ~0ULL;
	size_t used = 0;

	/* A negative element has the bytes that it has in the array. */
	if (bt_field_class_type_is(bt_field_get_class_type(value), BT_FIELD_CLASS_TYPE_ARRAY) &&
	    element_size(value) < 8)
		mask = (1ULL << 8 * element_size(value)) - 1;
	to[used++] = '{';
	for (uint64_t i = 0; i < n && i < field->elements && room - used > 24; i++)
		used += sprintf(to + used, "%s0x%llx", i ? "," : "",
				(unsigned long long)(element(value, i) & mask));
	to[used++] = '}';
	return used;
}

/* A string of the trace ends at its first 0, its field perhaps later. Return: whether it fits. */
static bool put_dynamic(const struct record_field *field, const bt_field *payload,
			const bt_field *value, size_t *used)
{
	const struct tep_format_field *format = field->format;
	size_t room = RECORD_MOST - *used, offset = *used, length;
	char *to = record_buffer + *used;

	if (room < 32)
		return false;
	length = field->elements ? put_text(to, room, field, payload, value) :
				   put_field(to, room, value, 0);
	if (!field->elements && bt_field_get_class_type(value) == BT_FIELD_CLASS_TYPE_STRING)
		length = count_elements(field, payload, value);
	if (length > RECORD_MOST - *used)
		return false;
	if (format->flags & TEP_FIELD_IS_RELATIVE)
		offset -= format->offset + format->size;
	put_integer(record_buffer + format->offset, length << 16 | offset, 4);
	/* A text that has no 0 at its end does not go on with the next one. */
	*used += length + 1;
	return *used <= RECORD_MOST;
}

static void put_common(const struct tep_event *event, const struct event_context *context)
{
	const struct tep_format_field *field;

	for (field = event->format.common_fields; field; field = field->next) {
		uint64_t value = 0;

		if (!strcmp(field->name, "common_type"))
			value = event->id;
		else if (!strcmp(field->name, "common_flags"))
			value = context->flags;
		else if (!strcmp(field->name, "common_preempt_count"))
			value = context->preempt_count;
		else if (!strcmp(field->name, "common_pid"))
			value = context->tid;
		put_integer(record_buffer + field->offset, value, field->size);
	}
}

/**
 * record_make - make a record of an event
 * @shape: how
 * @payload: its fields in the trace
 * @context: where it happened
 * @record: filled in; valid until the next one is made
 *
 * Return: whether it is one; if not, it would be larger than the kernel's can be.
 */
bool record_make(const struct record_shape *shape, const bt_field *payload,
		 const struct event_context *context, struct tep_record *record)
{
	size_t used = shape->fixed;

	memset(record_buffer, 0, sizeof(record_buffer));
	for (unsigned int i = 0; i < shape->n_fields; i++) {
		const struct record_field *field = &shape->fields[i];
		const struct tep_format_field *format = field->format;
		const bt_field *value =
			bt_field_structure_borrow_member_field_by_index_const(payload,
									      field->index);

		if (!(format->flags & TEP_FIELD_IS_DYNAMIC))
			put_field(record_buffer + format->offset, format->size, value,
				  format->size);
		else if (!put_dynamic(field, payload, value, &used))
			return false;
	}
	put_common(shape->event, context);
	*record = (struct tep_record) {
		.size = used, .data = record_buffer, .cpu = context->cpu, .ref_count = 1,
	};
	return true;
}
