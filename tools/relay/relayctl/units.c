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
 * parse_size - read a number of bytes
 * @text: a number, K, M, G or T behind it or not
 * @size: set to it
 *
 * Return: whether it was one, and not 0.
 */
bool parse_size(const char *text, uint64_t *size)
{
	static const char units[] = "KMGT";
	const char *unit;
	unsigned int shift;
	char *end;

	errno = 0;
	*size = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || errno || !*size)
		return false;
	if (!*end)
		return true;
	unit = strchr(units, toupper((unsigned char)*end));
	shift = unit ? (unit - units + 1) * 10 : 0;
	if (!unit || end[1] || *size > UINT64_MAX >> shift)
		return false;
	*size <<= shift;
	return true;
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
