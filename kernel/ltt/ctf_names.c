// SPDX-License-Identifier: GPL-2.0
/*
 * The names of a field's values, parsed from __print_symbolic(REC->field, { value, "name" },
 * ...) in an event's print_fmt, whose macros the preprocessor or ftrace has replaced.
 */
#include <linux/ctype.h>
#include <linux/string.h>
#include "internal.h"

static const char *ltt_skip(const char *at, const char *these)
{
	return at + strspn(at, these);
}

/* Parse a number, in parentheses or not. Return: where it ends, or NULL. */
static const char *ltt_names_number(const char *at, u64 *value)
{
	char *end;

	at = ltt_skip(at, " (");
	if (!isdigit(*at))
		return NULL;
	*value = memparse(at, &end);
	return ltt_skip(ltt_skip(end, "uUlL"), " )");
}

static const char *ltt_names_value(const char *at, u64 *value)
{
	u64 shift;

	at = ltt_names_number(at, value);
	if (!at || !str_has_prefix(at, "<<"))
		return at;
	at = ltt_names_number(at + 2, &shift);
	if (!at || shift >= 64)
		return NULL;
	*value <<= shift;
	return at;
}

/* Return: the end of the string whose opening quotation mark is at @at. */
static const char *ltt_names_string(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

/*
 * Find the next pair { value, "name" } at or after @at whose value is a number that fits into
 * the field. Return: where the pair ends, or NULL at the end of the list.
 */
static const char *ltt_names_next(const char *at, const struct ltt_field *field, u64 *value,
				  const char **name, int *len)
{
	unsigned int bits = field->size * BITS_PER_BYTE - field->is_signed;
	const char *next, *end;

	for (;;) {
		at = ltt_skip(at, " ,\n\t");
		if (*at != '{')
			return NULL;
		next = ltt_names_value(at + 1, value);
		*name = strchr(at, '"');
		if (!*name)
			return NULL;
		end = ltt_names_string(*name);
		at = strchr(end, '}');
		if (!at)
			return NULL;
		at++;
		*len = end - *name;
		if (next && *ltt_skip(next, " ") == ',' && (bits >= 64 || !(*value >> bits)))
			return at;
	}
}

/**
 * ltt_names_find - find the names of a field's values
 * @event:	the event
 * @field:	a field that is one integer
 * @names:	set to the list, for ltt_names_add()
 *
 * Return: whether there is a list with a name.
 */
bool ltt_names_find(const struct ltt_event *event, const struct ltt_field *field,
		    const char **names)
{
	const char *at = event->print_fmt, *name;
	size_t len = strlen(field->name);
	int name_len;
	u64 value;

	while (at && (at = strstr(at, "__print_symbolic"))) {
		at += strlen("__print_symbolic");
		if (str_has_prefix(at, "_u64"))
			at += strlen("_u64");
		if (*at != '(')
			continue;
		at = ltt_skip(at, "( ");
		if (!str_has_prefix(at, "REC->"))
			continue;
		at += strlen("REC->");
		if (strncmp(at, field->name, len))
			continue;
		at = ltt_skip(at + len, " )");
		if (*at != ',')
			continue;
		*names = at;
		return ltt_names_next(at, field, &value, &name, &name_len);
	}
	return false;
}

/* Does a pair between @at and @end have the value @value? */
static bool ltt_names_known(const char *at, const char *end, const struct ltt_field *field,
			    u64 value)
{
	const char *name;
	u64 other;
	int len;

	while ((at = ltt_names_next(at, field, &other, &name, &len)) && at != end)
		if (other == value)
			return true;
	return false;
}

/**
 * ltt_names_add - add the names of a field's values
 * @text:	the text
 * @names:	by ltt_names_find()
 * @field:	the field
 *
 * If two names have the same value, only the first is added.
 */
void ltt_names_add(struct ltt_text *text, const char *names, const struct ltt_field *field)
{
	const char *at = names, *name, *comma = "";
	u64 value;
	int len;

	while ((at = ltt_names_next(at, field, &value, &name, &len))) {
		if (ltt_names_known(names, at, field, value))
			continue;
		ltt_text_add(text, "%s %.*s = %llu", comma, len, name, value);
		comma = ",";
	}
}
