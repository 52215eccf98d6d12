// SPDX-License-Identifier: GPL-2.0
/*
 * Make a record of an event, as it was in the kernel, from its payload in the trace: fixed
 * fields at the offsets of the format, and after them the elements of dynamic fields. Integers
 * are in the byte order of this machine.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "convert-text.h"

/* The offset and the length of dynamic elements have 16 bits each. */
#define RECORD_MOST	0xffff

/*
 * In a hostile format an integer may overlap the offset and length of a dynamic field. So the
 * buffer is large enough for any offset relative to the end of any field, plus any length: the
 * bytes after the record are zeroes.
 */
static char record_buffer[3 * (RECORD_MOST + 1) + 8];

/* Find a member; the kernel replaces characters that a name of CTF cannot have by "_". */
static bool find_member(const bt_field_class *payload, const char *prefix, const char *field,
			const char *suffix, uint64_t *index)
{
	char name[256];

	snprintf(name, sizeof(name), "%s%s%s", prefix, field, suffix);
	for (char *at = name; *at; at++)
		*at = isalnum((unsigned char)*at) ? *at : '_';
	return values_member(payload, name, index);
}

/* Fit a field that repair_format() has added for an array. */
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
 * Move two kinds of fields after those of the format: the fields that repair_format() has added;
 * and signed integers of less than 8 bytes, which the record then has with 8 bytes, because
 * libtraceevent does not extend their sign as C in the kernel does.
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

/* Refuse an ID of more than 16 bits, and common fields that are not at the start. */
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
 * record_shape_fit - find the payload's member for each field of a format
 * @shape: filled in; the caller frees its fields, also if the format does not fit
 * @event: a format of the event
 * @payload: class of the event's payload in the trace
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

		/* Skip an array of size 0, which the trace does not have. */
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

/* Return: bytes of an element of an array; 0 if the element is not an integer. */
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

/* Return: bytes that were written to @to, at most @room. */
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

/* Write any field; @size is the size of an integer. Return: bytes of the field. */
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

/*
 * Return: the number of elements of an array; or of a string, from its length field, because in
 * the trace a string ends at its first 0.
 */
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

/* As trace_print_array_seq() of the kernel. Return: bytes that were written, at most @room. */
static size_t put_text(char *to, size_t room, const struct record_field *field,
		       const bt_field *payload, const bt_field *value)
{
	uint64_t n = count_elements(field, payload, value), mask = ~0ULL;
	size_t used = 0;

	/* Print a negative element with the size that it has in the array. */
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

/*
 * Write a dynamic field. A string of the trace ends at its first 0, but its length in the record
 * is that of the length field. Return: whether it fits.
 */
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
	/* Leave a 0 after it, because a text without a 0 at its end must not run into the next. */
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
 * @shape: how to make it
 * @payload: the event's payload in the trace
 * @context: the event's context
 * @record: filled in; valid until the next call
 *
 * Return: false if the record would be larger than RECORD_MOST.
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
