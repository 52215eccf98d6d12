/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RELAY_TEST_RANDOM_H
#define RELAY_TEST_RANDOM_H

#include <linux/types.h>

/* xorshift: the same numbers for 32 and 64 bits. Never seeded with 0. */
struct random {
	u64 state;
};

static inline u32 random_next(struct random *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return random->state >> 16;
}

static inline u32 random_below(struct random *random, u32 limit)
{
	return limit ? random_next(random) % limit : 0;
}

static inline void random_seed(struct random *random, u64 seed)
{
	random->state = (seed + 1) * 0x9e3779b97f4a7c15ULL | 1;
	random_next(random);
}

#endif /* RELAY_TEST_RANDOM_H */
