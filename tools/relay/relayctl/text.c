// SPDX-License-Identifier: GPL-2.0
/*
 * Names in what is printed. A channel, a file, an argument may be called anything: a
 * line stays a line, a terminal gets no control sequence, JSON is UTF-8. Numbers in JSON.
 */
#include <json.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include "relayctl.h"

/* Each byte of a path can become four. So many results are valid at the same time. */
#define TEXT_SIZE	(4 * PATH_MAX + 1)
#define TEXTS		4

/* Return: bytes of the character at @text; 0 for what is not UTF-8. */
static unsigned int decode(const char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)text;
	unsigned int n = *at < 0x80 ? 1 : *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;

	if ((*at & 0xc0) == 0x80 || *at >= 0xf8)
		return 0;
	*code = n == 1 ? *at : *at & (0x7f >> n);
	for (unsigned int i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return n;
}

/**
 * is_utf8 - say whether a text is UTF-8
 * @text: the text
 *
 * Return: whether it is.
 */
bool is_utf8(const char *text)
{
	unsigned int n;
	uint32_t code;

	for (; *text; text += n) {
		n = decode(text, &code);
		if (!n)
			return false;
	}
	return true;
}

/* The control characters of ASCII, and those of Latin-1, which some terminals obey. */
static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

static size_t escape_byte(char *to, unsigned char byte)
{
	static const char named[] = "\aa\bb\tt\nn\vv\ff\rr\\\\";

	for (const char *name = named; *name; name += 2)
		if ((unsigned char)*name == byte)
			return sprintf(to, "\\%c", name[1]);
	return sprintf(to, "\\%03o", byte);
}

/* Return: bytes that were written to @to, at most four for each of @n. */
static size_t escape(char *to, const char *text, unsigned int n)
{
	size_t size = 0;

	for (unsigned int i = 0; i < n; i++)
		size += escape_byte(to + size, text[i]);
	return size;
}

static void print_escaped(char *to, const char *text)
{
	const char *end = to + TEXT_SIZE - 1;
	unsigned int n;
	uint32_t code;

	for (; *text && end - to >= 4 * 4; text += n) {
		n = decode(text, &code);
		if (n && !is_control(code) && code != '\\') {
			to = mempcpy(to, text, n);
		} else {
			n = n ? n : 1;
			to += escape(to, text, n);
		}
	}
	*to = 0;
}

/**
 * printable - a text as C would write it
 * @text: the text
 *
 * Return: @text with control characters, backslashes and what is not UTF-8 escaped; valid
 * until the fourth call after this one.
 */
const char *printable(const char *text)
{
	static char texts[TEXTS][TEXT_SIZE];
	static unsigned int turn;
	char *to = texts[turn++ % TEXTS];

	print_escaped(to, text);
	return to;
}

/**
 * print_line_of - print a text in a line of stdout
 * @text: the text
 * @size: bytes of it
 *
 * Control characters and what is not UTF-8 are escaped. A backslash is printed as it is, so
 * that text of the kernel stays what it was.
 */
void print_line_of(const char *text, size_t size)
{
	const char *end = text + size;
	char escaped[4 * 4 + 1];
	unsigned int n;
	uint32_t code;

	for (; text < end; text += n) {
		n = decode(text, &code);
		if (n && (!is_control(code) || code == '\t')) {
			fwrite(text, 1, n, stdout);
		} else {
			n = n ? n : 1;
			fwrite(escaped, 1, escape(escaped, text, n), stdout);
		}
	}
}

/**
 * print_line - the same of a whole text
 * @text: the text
 */
void print_line(const char *text)
{
	print_line_of(text, strlen(text));
}

static bool to_log;

/**
 * say_to_log - have say() write to the system's log
 */
void say_to_log(void)
{
	openlog("relayctl", LOG_PID, LOG_DAEMON);
	to_log = true;
}

/**
 * say - print a line on stderr, or to the log
 * @format: as printf()'s, without a newline; what is not printable is escaped
 */
void say(const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	if (vasprintf(&line, format, args) >= 0) {
		if (to_log)
			syslog(LOG_NOTICE, "%s", printable(line));
		else
			fprintf(stderr, "%s\n", printable(line));
		free(line);
	}
	va_end(args);
}

/**
 * add_channel_name - add the name of a channel to a JSON object
 * @object: the object; gets the member "channel" and, where the name is not UTF-8 and
 *	therefore escaped, the member "escaped", true
 * @name: the name
 */
void add_channel_name(struct json_object *object, const char *name)
{
	bool valid = is_utf8(name);

	json_object_object_add(object, "channel",
			       json_object_new_string(valid ? name : printable(name)));
	if (!valid)
		json_object_object_add(object, "escaped", json_object_new_boolean(true));
}

/**
 * add_number - add a number to a JSON object
 * @object: the object
 * @key: the name of the member
 * @value: the number
 */
void add_number(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}
