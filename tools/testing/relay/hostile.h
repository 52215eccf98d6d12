/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Banks with hostile content.
 */
#ifndef RELAY_TEST_HOSTILE_H
#define RELAY_TEST_HOSTILE_H

#include <linux/types.h>
#include "random.h"

#define HOSTILE_SIZE	(1 << 17)

/* Write a valid bank. Return: its size. */
size_t hostile_begin(struct random *random, u8 *mem);

/* Change the bank in a random way. Return: its size, which can be smaller. */
size_t hostile_mutate(struct random *random, u8 *mem, size_t size);

/* Compute the check sums anew, so that the parser accepts the parts that they cover. */
void hostile_sign(u8 *mem, size_t size);

/*
 * Recover the whole bank, read every byte that the parser reports, and check that the
 * work is bounded by @size. Aborts on an error. Return: sub-buffers found.
 */
unsigned long hostile_check(const void *mem, size_t size);

#endif /* RELAY_TEST_HOSTILE_H */
