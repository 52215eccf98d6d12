// SPDX-License-Identifier: GPL-2.0
/*
 * Parse and format numbers, sizes and times.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "relayctl.h"

/**
 * parse_number - read a number
 * @text: the number, and nothing else
 * @number: set to the number
 *
 * Return: whether @text is a number.
 */
bool parse_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno;
}

/**
 * parse_bytes - read a number of bytes, or an address
 * @text: a number, hexadecimal if it begins with 0x, with an optional suffix K, M, G or T
 * @bytes: set to the number
 *
 * Return: whether @text is such a number.
 */
bool parse_bytes(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	unsigned int shift;
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, strncasecmp(text, "0x", 2) ? 10 : 16);
	if (!isdigit((unsigned char)*text) || errno)
		return false;
	if (!*end)
		return true;
	unit = strchr(units, toupper((unsigned char)*end));
	shift = unit ? (unit - units + 1) * 10 : 0;
	if (!unit || end[1] || *bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

/**
 * parse_size - read a size
 * @text: as for parse_bytes()
 * @size: set to the size
 *
 * Return: whether @text is a size, and not 0.
 */
bool parse_size(const char *text, uint64_t *size)
{
	return parse_bytes(text, size) && *size;
}

/**
 * format_bytes - format a number of bytes with a unit
 * @bytes: the number
 * @buf: filled in
 *
 * Return: @buf.
 */
const char *format_bytes(uint64_t bytes, char buf[16])
{
	static const char units[] = "kMGTPE";
	double value = bytes;
	unsigned int i;

	if (bytes < 1000) {
		snprintf(buf, 16, "%u B", (unsigned int)bytes);
		return buf;
	}
	for (i = 0; value >= 999.95e3; i++)
		value /= 1000;
	snprintf(buf, 16, "%.1f %cB", value / 1000, units[i]);
	return buf;
}

/**
 * milliseconds - the monotonic clock
 *
 * Return: the time.
 */
uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}
