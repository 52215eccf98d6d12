// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile banks for libFuzzer, which looks for input that reaches new code. It needs
 * no corpus, because the ring writes its first banks.
 */
#include <string.h>
#include "hostile.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	hostile_check(data, size);
	return 0;
}

static size_t begin_again(struct random *random, u8 *data, size_t size, size_t max)
{
	static u8 mem[HOSTILE_SIZE];
	size_t fresh = hostile_begin(random, mem);

	if (fresh > max)
		return size;
	memcpy(data, mem, fresh);
	return fresh;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	struct random random;

	random_seed(&random, seed);
	if (size < 512 || !random_below(&random, 100))
		size = begin_again(&random, data, size, max);
	else if (random_below(&random, 3))
		size = hostile_mutate(&random, data, size);
	else
		size = LLVMFuzzerMutate(data, size, max);
	if (random_below(&random, 8))
		hostile_sign(data, size);
	return size;
}
