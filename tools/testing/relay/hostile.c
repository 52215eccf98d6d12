// SPDX-License-Identifier: GPL-2.0
/*
 * Recovers IMAGES mutated banks from SEED on. Each bank depends on its number only. A
 * failure prints the number; SEED=number IMAGES=1 repeats it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "hostile.h"
#include "number.h"

static u64 current;

/* Print the number of the bank at any abort, also by a sanitizer. */
void __asan_on_error(void);
void __asan_on_error(void)
{
	printf("not ok hostile banks\n# SEED=%llu\n", (unsigned long long)current);
	fflush(stdout);
}

static unsigned long run(u64 seed, unsigned long *whole)
{
	static u8 mem[HOSTILE_SIZE];
	struct random random;
	unsigned long found;
	u32 times;
	size_t size;
	u8 *exact;

	current = seed;
	random_seed(&random, seed);
	size = hostile_begin(&random, mem);
	for (times = 1 + random_below(&random, 4); times--;)
		size = hostile_mutate(&random, mem, size);
	/* Most banks get valid check sums, so that the parser goes deeper. */
	if (random_below(&random, 8))
		hostile_sign(mem, size);
	/* An allocation of exactly @size bytes, so that ASan finds an over-read. */
	exact = malloc(size);
	memcpy(exact, mem, size);
	found = hostile_check(exact, size);
	if (memcmp(exact, mem, size)) {
		printf("not ok recovery has written\n# SEED=%llu\n",
		       (unsigned long long)seed);
		exit(1);
	}
	free(exact);
	*whole += found > 0;
	return found;
}

int main(void)
{
	unsigned long images = number("IMAGES", 100000), i, found = 0, whole = 0;
	u64 first = number("SEED", 1), seed = first * 1000000;

	if (images == 1)
		seed = first;
	for (i = 0; i < images; i++)
		found += run(seed + i, &whole);
	printf("# SEED=%llu: %lu images, %lu of them gave %lu sub-buffers\n",
	       (unsigned long long)first, images, whole, found);
	printf("ok hostile banks\n");
	return 0;
}
