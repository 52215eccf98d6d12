// SPDX-License-Identifier: GPL-2.0
/*
 * Escape names in output. The name of a channel or file, or an argument, may have any bytes:
 * escape them, so that they break no line, send no control sequence to a terminal, and are
 * UTF-8 in JSON. Also numbers in JSON.
 */
#include <json.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include "relayctl.h"

/* An escaped path is at most four times as long. TEXTS results are valid at a time. */
#define TEXT_SIZE	(4 * PATH_MAX + 1)
#define TEXTS		4

/* Return: bytes of the character at @text; 0 if it is not UTF-8. */
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
 * is_utf8 - is a text UTF-8?
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

/* Control characters of ASCII, and of Latin-1, which some terminals interpret. */
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

/* Return: bytes that were written to @to, at most 4 * @n. */
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
 * printable - escape a text as in C
 * @text: the text
 *
 * Return: @text with control characters, backslashes and bytes that are not UTF-8 escaped;
 * valid until the fourth call after this one.
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
 * print_line_of - print a text to stdout, without breaking the line
 * @text: the text
 * @size: bytes of @text
 *
 * Control characters and bytes that are not UTF-8 are escaped. Backslashes are not, so that
 * the kernel's text is unchanged.
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
 * print_line - print_line_of() for a text that ends with a 0
 * @text: the text
 */
void print_line(const char *text)
{
	print_line_of(text, strlen(text));
}

static bool to_log;

/**
 * say_to_log - make say() write to syslog(3)
 */
void say_to_log(void)
{
	openlog("relayctl", LOG_PID, LOG_DAEMON);
	to_log = true;
}

/**
 * say - print a line on stderr, or to syslog(3), escaped by printable()
 * @format: as for printf(), without a newline
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
 * @object: the object; gets the member "channel", and if the name is not UTF-8 and therefore
 *	escaped, the member "escaped", true
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
