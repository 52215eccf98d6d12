// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers, sizes and times, as people write them.
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
 * @number: set to it
 *
 * Return: whether it was one.
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
 * @text: a number, hexadecimal after 0x, K, M, G or T after it or not
 * @bytes: set to it
 *
 * Return: whether it was one.
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
 * @text: as parse_bytes() takes it
 * @size: set to it
 *
 * Return: whether it was one, and not 0.
 */
bool parse_size(const char *text, uint64_t *size)
{
	return parse_bytes(text, size) && *size;
}

/**
 * format_bytes - a number of bytes, short
 * @bytes: how many
 * @buf: where to
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
 * milliseconds - a clock that does not jump
 *
 * Return: the time.
 */
uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}
