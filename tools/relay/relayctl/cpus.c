// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of CPUs, in the format of the kernel and of taskset(1).
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include "cpus.h"

/* CPU numbers from here on are refused. */
#define CPUS_MAX	65536

/* Return: the end of the number; NULL if it is not one, or too large. */
static const char *parse_cpu(const char *text, unsigned int *cpu)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	errno = 0;
	number = strtoul(text, &end, 10);
	*cpu = number;
	return errno || number >= CPUS_MAX ? NULL : end;
}

/* Return: the end of the range; NULL if it is not one. */
static const char *parse_range(const char *text, unsigned int *first, unsigned int *last)
{
	const char *end = parse_cpu(text, first);

	if (!end)
		return NULL;
	*last = *first;
	if (*end == '-')
		end = parse_cpu(end + 1, last);
	return end && *first <= *last ? end : NULL;
}

static bool mark_cpus(const char *text, bool *marked)
{
	unsigned int first, last;

	do {
		text = parse_range(text, &first, &last);
		if (!text)
			return false;
		for (; first <= last; first++)
			marked[first] = true;
	} while (*text++ == ',');
	return !text[-1];
}

/**
 * parse_cpus - read a list of CPUs
 * @text: numbers and ranges, separated by commas
 * @cpus: set to the CPUs, each once, in order; valid until the next call
 * @n: set to the number of CPUs
 *
 * Return: whether @text was a list of CPUs.
 */
bool parse_cpus(const char *text, const unsigned int **cpus, unsigned int *n)
{
	static unsigned int list[CPUS_MAX];
	bool marked[CPUS_MAX] = { false };

	if (!mark_cpus(text, marked))
		return false;
	*n = 0;
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++)
		if (marked[cpu])
			list[(*n)++] = cpu;
	*cpus = list;
	return true;
}
