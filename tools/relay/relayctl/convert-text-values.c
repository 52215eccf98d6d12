// SPDX-License-Identifier: GPL-2.0
/*
 * Find the fields of an event by their names, and print them if there is no format.
 *
 * The names are those of kernel/ltt/ctf.c, without the "_" that a reader of CTF removes.
 */
#include <string.h>
#include "convert-text.h"
#include "relayctl.h"

/**
 * values_member - find a member of a structure
 * @structure: its class
 * @name: the member
 * @index: set to its index
 *
 * Return: whether the structure has the member.
 */
bool values_member(const bt_field_class *structure, const char *name, uint64_t *index)
{
	uint64_t n = bt_field_class_structure_get_member_count(structure);

	for (*index = 0; *index < n; ++*index) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(structure, *index);

		if (!strcmp(bt_field_class_structure_member_get_name(member), name))
			return true;
	}
	return false;
}

/**
 * values_class_size - size of a member that is an integer
 * @structure: class of the structure
 * @name: the member
 *
 * Return: its bytes; 0 if there is no such member, or it is not an integer.
 */
unsigned int values_class_size(const bt_field_class *structure, const char *name)
{
	const bt_field_class_structure_member *member =
		bt_field_class_structure_borrow_member_by_name_const(structure, name);
	const bt_field_class *class;

	if (!member)
		return 0;
	class = bt_field_class_structure_member_borrow_field_class_const(member);
	if (!bt_field_class_type_is(bt_field_class_get_type(class), BT_FIELD_CLASS_TYPE_INTEGER))
		return 0;
	return bt_field_class_integer_get_field_value_range(class) / 8;
}

static bool is_a(const bt_field *field, bt_field_class_type type)
{
	return field && bt_field_class_type_is(bt_field_get_class_type(field), type);
}

/**
 * values_number - the value of an integer
 * @field: the field
 *
 * Return: its value, as two's complement if negative; 0 if it is not an integer.
 */
uint64_t values_number(const bt_field *field)
{
	if (is_a(field, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		return bt_field_integer_unsigned_get_value(field);
	if (is_a(field, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		return bt_field_integer_signed_get_value(field);
	return 0;
}

static const bt_field *find(const bt_field *structure, const char *name)
{
	if (!is_a(structure, BT_FIELD_CLASS_TYPE_STRUCTURE))
		return NULL;
	return bt_field_structure_borrow_member_field_by_name_const(structure, name);
}

/**
 * values_integer - the value of a member that is an integer
 * @structure: a structure, or NULL
 * @name: the member
 * @value: set to its value
 *
 * Return: whether the structure has such an integer.
 */
bool values_integer(const bt_field *structure, const char *name, int64_t *value)
{
	const bt_field *field = find(structure, name);

	*value = values_number(field);
	return is_a(field, BT_FIELD_CLASS_TYPE_INTEGER);
}

/**
 * values_string - the value of a member that is a string
 * @structure: a structure, or NULL
 * @name: the member
 *
 * Return: its value; NULL if the structure has no such string.
 */
const char *values_string(const bt_field *structure, const char *name)
{
	const bt_field *field = find(structure, name);

	return is_a(field, BT_FIELD_CLASS_TYPE_STRING) ? bt_field_string_get_value(field) : NULL;
}

/* Is it a member that the kernel adds to the fields of an event: a gap, an offset, a length? */
static bool is_companion(const bt_field_class *payload, const char *name)
{
	static const char * const suffixes[] = { "_length", "_offset", "_zero" };
	char of[256];
	uint64_t index;

	if (!strncmp(name, "_gap_", 5) || !strcmp(name, "_tail"))
		return true;
	for (unsigned int i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t length = strlen(name), end = strlen(suffixes[i]);

		if (*name != '_' || length <= end || strcmp(name + length - end, suffixes[i]))
			continue;
		snprintf(of, sizeof(of), "%.*s", (int)(length - end - 1), name + 1);
		if (values_member(payload, of, &index))
			return true;
	}
	return false;
}

static void print_integer(const bt_field *field)
{
	const bt_field_class *class = bt_field_borrow_class_const(field);
	unsigned long long value = values_number(field);

	if (bt_field_class_integer_get_preferred_display_base(class) ==
	    BT_FIELD_CLASS_INTEGER_PREFERRED_DISPLAY_BASE_HEXADECIMAL)
		printf("0x%llx", value);
	else if (is_a(field, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		printf("%lld", (long long)value);
	else
		printf("%llu", value);
}

static void print_array(const bt_field *field)
{
	uint64_t n = bt_field_array_get_length(field);

	putchar('{');
	for (uint64_t i = 0; i < n; i++) {
		const bt_field *element =
			bt_field_array_borrow_element_field_by_index_const(field, i);

		if (i)
			putchar(',');
		if (is_a(element, BT_FIELD_CLASS_TYPE_INTEGER))
			print_integer(element);
	}
	putchar('}');
}

static void print_value(const bt_field *field)
{
	if (is_a(field, BT_FIELD_CLASS_TYPE_INTEGER)) {
		print_integer(field);
	} else if (is_a(field, BT_FIELD_CLASS_TYPE_STRING)) {
		putchar('"');
		print_line(bt_field_string_get_value(field));
		putchar('"');
	} else if (is_a(field, BT_FIELD_CLASS_TYPE_ARRAY)) {
		print_array(field);
	}
}

/**
 * values_print - print the fields of an event
 * @payload: a structure
 */
void values_print(const bt_field *payload)
{
	const bt_field_class *class = bt_field_borrow_class_const(payload);
	uint64_t n = bt_field_class_structure_get_member_count(class);

	for (uint64_t i = 0; i < n; i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(class, i);
		const char *name = bt_field_class_structure_member_get_name(member);

		if (is_companion(class, name))
			continue;
		putchar(' ');
		print_line(name);
		putchar('=');
		print_value(bt_field_structure_borrow_member_field_by_index_const(payload, i));
	}
}
