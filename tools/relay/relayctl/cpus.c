// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of CPUs, as the kernel and taskset(1) write them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include "cpus.h"

/* No kernel has CPUs of higher numbers. */
#define CPUS_MAX	65536

/* Return: where the number ends; NULL if there is none. */
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

/* Return: where the range ends; NULL if it is none. */
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
 * @text: numbers, and ranges of them, with commas between
 * @cpus: set to the CPUs, each once, in order
 * @n: set to how many
 *
 * Return: whether it was one.
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
