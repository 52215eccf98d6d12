/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The median of samples, for the modules that measure.
 */
#ifndef _RELAY_KMOD_MEDIAN_H
#define _RELAY_KMOD_MEDIAN_H

#include <linux/sort.h>
#include <linux/types.h>

static inline int bench_compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Return: the median. Sorts the samples. */
static inline u64 bench_median(u64 *samples, unsigned int n)
{
	sort(samples, n, sizeof(*samples), bench_compare, NULL);
	return samples[n / 2];
}

#endif /* _RELAY_KMOD_MEDIAN_H */
