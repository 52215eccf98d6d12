// SPDX-License-Identifier: GPL-2.0
/*
 * Rewrite formats so that libtraceevent parses them.
 *
 * The kernel prints the text of a TP_printk() without the backslashes before its quotes, so
 * that a parser takes the first quote for its end. libtraceevent 1.7 prints an array as "1 2",
 * where the kernel prints "{0x1,0x2}"; it does not support __print_dynamic_array(), and crashes
 * on the array of a __rel_dynamic_array(). So replace arrays by strings.
 */
#include <stdlib.h>
#include <string.h>
#include "convert-text.h"

#define PRINT_FMT	"\nprint fmt: \""

#define MOST_NAME	128
#define NAME_CHARACTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* Try at most so many quotes as the end of a text. */
#define MOST_TRIES	64

/* Return: the number of arguments that a format of printf() takes. */
static unsigned int count_conversions(const char *text, const char *end)
{
	unsigned int n = 0;

	for (; text < end; text++) {
		if (*text != '%')
			continue;
		text++;
		if (text < end && *text == '%')
			continue;
		for (n++; text < end && strchr("-+ #0123456789.*", *text); text++)
			n += *text == '*';
	}
	return n;
}

/* Return: the number of arguments up to the end of the line, each after a comma. */
static unsigned int count_arguments(const char *at)
{
	unsigned int n = 0;
	bool quoted = false;
	int depth = 0;

	for (; *at && *at != '\n'; at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && strchr("({[", *at))
			depth++;
		else if (!quoted && strchr(")}]", *at))
			depth--;
		else if (!quoted && !depth && *at == ',')
			n++;
	}
	return n;
}

/* Return: the quote at which the text and the number of arguments fit; or NULL. */
static const char *find_end(const char *text)
{
	unsigned int tries = 0;

	for (const char *at = text; *at && *at != '\n' && tries < MOST_TRIES; at++) {
		if (*at == '\\' && at[1]) {
			at++;
			continue;
		}
		if (*at != '"' || !strchr(",\n", at[1]))
			continue;
		tries++;
		if (count_conversions(text, at) == count_arguments(at + 1))
			return at;
	}
	return NULL;
}

/* Write the format up to the end of the text to @to, escaped. Return: the rest. */
static const char *escape_quotes(FILE *to, const char *format)
{
	const char *text = strstr(format, PRINT_FMT), *end;

	if (!text)
		return format;
	text += strlen(PRINT_FMT);
	end = find_end(text);
	if (!end)
		return format;
	fwrite(format, 1, text - format, to);
	for (; text < end; text++) {
		if (*text == '"')
			fputc('\\', to);
		fputc(*text, to);
		if (*text == '\\')
			fputc(*++text, to);
	}
	return end;
}

/*
 * Arrays
 */

static bool skip(const char **at, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*at, text, length))
		return false;
	*at += length;
	return true;
}

static bool skip_name(const char **at, char name[MOST_NAME])
{
	size_t length = strspn(*at, NAME_CHARACTERS);

	if (!length || length >= MOST_NAME)
		return false;
	memcpy(name, *at, length);
	name[length] = 0;
	*at += length;
	return true;
}

/* Skip the arguments for all elements of a dynamic array. Return: whether they are there. */
static bool skip_dynamic(const char **at, char name[MOST_NAME])
{
	char number[MOST_NAME];

	skip(at, "rel_");
	if (!skip(at, "dynamic_array(") || !skip_name(at, name) || !skip(at, "), __get_"))
		return false;
	skip(at, "rel_");
	if (!skip(at, "dynamic_array_len(") || !skip_name(at, number) || !skip(at, ")"))
		return false;
	return !skip(at, " / ") || skip_name(at, number);
}

/* Parse a call that prints an array; set @name and @elements. Return: its end; or NULL. */
static const char *skip_call(const char *at, char name[MOST_NAME], unsigned int *elements)
{
	char number[MOST_NAME];

	*elements = ARRAY_ALL;
	if (skip(&at, "__print_dynamic_array(")) {
		if (!skip_name(&at, name))
			return NULL;
	} else if (skip(&at, "__print_array(REC->")) {
		if (!skip_name(&at, name) || !skip(&at, ", ") || !skip_name(&at, number) ||
		    sscanf(number, "%5u", elements) != 1)
			return NULL;
	} else if (!skip(&at, "__print_array(__get_") || !skip_dynamic(&at, name)) {
		return NULL;
	}
	return skip(&at, ", ") && skip_name(&at, number) && skip(&at, ")") ? at : NULL;
}

/* Write the arguments to @to, and a field for each array that they print to @fields. */
static void replace_arrays(FILE *to, FILE *fields, const char *from)
{
	char name[MOST_NAME];
	unsigned int elements;
	const char *at, *end;

	for (; (at = strstr(from, "__print_")); from = end) {
		fwrite(from, 1, at - from, to);
		end = skip_call(at, name, &elements);
		if (!end) {
			end = at + strlen("__print_");
			fwrite(at, 1, end - at, to);
			continue;
		}
		fprintf(to, "__get_str(" ARRAY_FIELD "%u_%s)", elements, name);
		fprintf(fields, "\tfield:__data_loc char[] " ARRAY_FIELD
			"%u_%s;\toffset:0;\tsize:4;\tsigned:0;\n", elements, name);
	}
	fputs(from, to);
}

/**
 * repair_format - rewrite a format so that libtraceevent parses it
 * @format: the text of an event's file "format"
 *
 * Return: a format, which the caller frees; NULL without memory. For each array that is printed
 * it has an added string field, named ARRAY_FIELD, the number of elements, "_" and the name of
 * the array.
 */
char *repair_format(const char *format)
{
	const char *print = strstr(format, PRINT_FMT);
	char *fields = NULL, *line = NULL, *text = NULL;
	size_t size;
	FILE *to_fields = open_memstream(&fields, &size), *to_line = open_memstream(&line, &size);

	if (to_fields && to_line && print)
		replace_arrays(to_line, to_fields, escape_quotes(to_line, print));
	if (to_fields)
		fclose(to_fields);
	if (to_line)
		fclose(to_line);
	if (!print)
		text = strdup(format);
	else if (fields && line && asprintf(&text, "%.*s%s%s", (int)(print - format), format,
					    fields, line) < 0)
		text = NULL;
	free(fields);
	free(line);
	return text;
}
