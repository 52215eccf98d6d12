/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Banks that nobody in his right mind has written.
 */
#ifndef RELAY_TEST_HOSTILE_H
#define RELAY_TEST_HOSTILE_H

#include <linux/types.h>
#include "random.h"

#define HOSTILE_SIZE	(1 << 17)

/* A bank as the ring wrote it. Return: its size. */
size_t hostile_begin(struct random *random, u8 *mem);

/* Break it in some way. Return: its size, which can be less. */
size_t hostile_mutate(struct random *random, u8 *mem, size_t size);

/* Make the check sums fit again, so that what they cover is believed. */
void hostile_sign(u8 *mem, size_t size);

/*
 * Recover all of it. Every byte that is said to be there is read, and the work
 * is bounded by the size. Aborts if something is wrong. Return: sub-buffers found.
 */
unsigned long hostile_check(const void *mem, size_t size);

#endif /* RELAY_TEST_HOSTILE_H */
