/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sizes of events, as the compiler computes them for the probes.
 */
#ifndef _KERNEL_LTT_TEST_SIZES_H
#define _KERNEL_LTT_TEST_SIZES_H

#include <linux/types.h>

/**
 * struct ltt_test_size - an event
 * @system:	its group
 * @name:	its name in the group
 * @size:	bytes that its probe reserves, without dynamic elements
 * @data:	offset of the dynamic elements
 */
struct ltt_test_size {
	const char	*system;
	const char	*name;
	size_t		size;
	size_t		data;
};

typedef void (*ltt_test_size_func)(const struct ltt_test_size *size, void *data);

void ltt_test_sizes(ltt_test_size_func func, void *data);

#endif /* _KERNEL_LTT_TEST_SIZES_H */
