// SPDX-License-Identifier: GPL-2.0
/*
 * A reset loses data that is only in the caches. A cache writes lines of 64 bytes to memory
 * in any order, and where the kernel writes them back. Whichever lines memory has in an older
 * state, recovery finds each sealed sub-buffer complete, and reports no torn one as sealed.
 *
 *	caches		banks from SEED on, BANKS of them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/cache.h>
#include "bank.h"
#include "expect.h"
#include "random.h"
#include "number.h"

#define SIZE	(1 << 18)
#define LINE	64

static struct expect expect;
static struct random chance;
static u8 mem[SIZE] ____cacheline_aligned;
static u8 memory[SIZE] ____cacheline_aligned;
static u32 evicted;

static void write_back(const void *at, size_t size)
{
	size_t from = ((const u8 *)at - mem) & ~(LINE - 1UL);
	size_t to = (const u8 *)at - mem + size;

	for (; from < to; from += LINE)
		memcpy(memory + from, mem + from, LINE);
}

static void evict(void)
{
	u32 i;

	for (i = 0; i < evicted; i++)
		write_back(mem + random_below(&chance, SIZE), 1);
}

int main(void)
{
	u32 seed = number("SEED", 1), banks = number("BANKS", 1000), i, j, sealed = 0;
	const char *what;

	bank_write_back = write_back;
	expect_stepped = evict;
	for (i = 0; i < banks; i++) {
		random_seed(&chance, seed + i);
		evicted = random_below(&chance, 3) * 40;
		/* Random bytes, as an earlier boot may have left them. */
		for (j = 0; j < SIZE; j++)
			memory[j] = random_below(&chance, 256);
		expect_write(&expect, mem, SIZE, seed + i);
		for (j = 0; j < expect.n_subbufs; j++)
			sealed += !!(expect.subbuf[j].flags & EXPECT_SEALED);
		what = expect_check_sealed(&expect, memory, expect.size);
		if (what) {
			printf("not ok what was only in the caches\n# %s\n# SEED=%u\n", what,
			       seed + i);
			return 1;
		}
	}
	printf("# SEED=%u: %u banks, %u sub-buffers sealed\n", seed, banks, sealed);
	printf("%sok what was only in the caches\n", sealed ? "" : "not ");
	return !sealed;
}
