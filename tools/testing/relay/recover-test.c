// SPDX-License-Identifier: GPL-2.0
/*
 * Writes banks and recovers their content exactly; after damage to a sealed sub-buffer,
 * exactly without that sub-buffer.
 *
 *	recover-test		do both for SEEDS seeds from SEED on
 *	recover-test write FILE	write banks and their expected content to a file
 *	recover-test read FILE	recover and compare them, written with any word size
 *	recover-test area FILE	write an area of two banks; prints a line for each
 *				expected record: bank, channel, CPU, number, length
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/cache.h>
#include "bank.h"
#include "expect.h"
#include "random.h"
#include "parse_bank.h"
#include "number.h"

#define SIZE	(1 << 18)
#define BANKS	32

static struct expect expect;
static u8 mem[SIZE] ____cacheline_aligned;
static u8 copy[SIZE];
static unsigned long total_records, total_subbufs, total_sealed, total_damaged;

static int fail(u32 seed, const char *what)
{
	printf("not ok recovered exactly\n# %s\n# SEED=%u\n", what, seed);
	return 1;
}

/* Return: the bytes of a sub-buffer; *@used is set to the number that its seal covers. */
static u8 *sealed_bytes(const struct expect_subbuf *subbuf, u32 *used)
{
	const struct expect_buffer *buffer = &expect.buffer[subbuf->buffer];
	struct relay_found_channel chan;
	struct relay_found_buffer buf;
	struct relay_found_subbuf sub;
	struct relay_found_bank bank;

	if (relay_find_bank(mem, expect.size, &bank) ||
	    relay_find_channel(&bank, buffer->channel, &chan) ||
	    relay_find_buffer(&chan, buffer->cpu, &buf) ||
	    relay_find_subbuf(&buf, subbuf->index, &sub))
		return NULL;
	*used = sub.info.used;
	return (u8 *)sub.data;
}

/* Flip one bit of each sealed sub-buffer in turn, and recover. */
static const char *damage(struct random *random)
{
	const char *what = NULL;
	u32 i, used, at, bit;
	u8 *bytes;

	for (i = 0; i < expect.n_subbufs && !what; i++) {
		if (!(expect.subbuf[i].flags & EXPECT_SEALED))
			continue;
		bytes = sealed_bytes(&expect.subbuf[i], &used);
		if (!bytes)
			return "not found any more";
		at = random_below(random, used);
		bit = random_below(random, 8);
		bytes[at] ^= 1 << bit;
		what = expect_check(&expect, mem, expect.size, i);
		bytes[at] ^= 1 << bit;
		total_damaged++;
	}
	return what;
}

/*
 * Flip a bit in the seals' count of wraps: each sub-buffer is found, but not as sealed.
 */
static const char *damage_seals(void)
{
	struct relay_found_channel chan;
	struct relay_found_buffer buf;
	struct relay_found_subbuf sub;
	struct relay_found_bank bank;
	enum relay_verdict verdict;
	u8 *state;
	u32 i;

	relay_find_bank(mem, expect.size, &bank);
	for (i = 0; i < expect.n_subbufs; i++) {
		const struct expect_subbuf *subbuf = &expect.subbuf[i];
		const struct expect_buffer *buffer = &expect.buffer[subbuf->buffer];

		if (!(subbuf->flags & EXPECT_SEALED))
			continue;
		relay_find_channel(&bank, buffer->channel, &chan);
		relay_find_buffer(&chan, buffer->cpu, &buf);
		state = (u8 *)((struct relay_bank_seal *)buf.seal + subbuf->index);
		state[0] ^= 4;
		verdict = relay_find_subbuf(&buf, subbuf->index, &sub);
		state[0] ^= 4;
		if (verdict || sub.sealed || !sub.doubted)
			return "a seal of another turn is believed";
	}
	return NULL;
}

static const char *test(struct random *random)
{
	const char *what = expect_check(&expect, mem, expect.size, -1);
	u32 i;

	total_records += expect.n_records;
	total_subbufs += expect.n_subbufs;
	for (i = 0; i < expect.n_subbufs; i++)
		total_sealed += !!(expect.subbuf[i].flags & EXPECT_SEALED);
	memcpy(copy, mem, expect.size);
	if (!what)
		what = damage(random);
	if (!what)
		what = damage_seals();
	if (!what && memcmp(copy, mem, expect.size))
		what = "recovery has written";
	return what;
}

static int report(u32 banks)
{
	printf("# %u banks, %lu records in %lu sub-buffers, %lu sealed; %lu damaged\n",
	       banks, total_records, total_subbufs, total_sealed, total_damaged);
	if (!total_sealed)
		return fail(0, "nothing was sealed");
	printf("ok recovered exactly\n");
	return 0;
}

static int run(u32 seed, u32 seeds)
{
	struct random random;
	const char *what;
	u32 i;

	random_seed(&random, seed);
	for (i = 0; i < seeds; i++) {
		expect_write(&expect, mem, SIZE, seed + i);
		what = test(&random);
		if (what)
			return fail(seed + i, what);
	}
	return report(seeds);
}

static int write_file(FILE *file, u32 seed)
{
	u32 i;

	for (i = 0; i < BANKS; i++) {
		expect_write(&expect, mem, SIZE, seed + i);
		if (fwrite(&expect, sizeof(expect), 1, file) != 1 ||
		    fwrite(mem, expect.size, 1, file) != 1)
			return fail(seed + i, "cannot be written");
	}
	return fclose(file) ? fail(seed, "cannot be written") : 0;
}

static int read_file(FILE *file, u32 seed)
{
	struct random random;
	const char *what;
	u32 i;

	random_seed(&random, seed);
	for (i = 0; i < BANKS; i++) {
		if (fread(&expect, sizeof(expect), 1, file) != 1 || expect.size > SIZE ||
		    fread(mem, expect.size, 1, file) != 1)
			return fail(seed + i, "cannot be read");
		what = test(&random);
		if (what)
			return fail(seed + i, what);
	}
	return report(BANKS);
}

static void print_records(u32 bank)
{
	struct relay_found_channel chan;
	struct relay_found_bank found;
	u32 i;

	relay_find_bank(mem, expect.size, &found);
	for (i = 0; i < expect.n_records; i++) {
		const struct expect_record *record = &expect.record[i];
		const struct expect_buffer *buffer =
			&expect.buffer[expect.subbuf[record->subbuf].buffer];

		relay_find_channel(&found, buffer->channel, &chan);
		printf("%u %s %u %u %u\n", bank, chan.head.name, buffer->cpu,
		       record->seq, record->len);
	}
}

static int write_area(FILE *file, u32 seed)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		expect_write(&expect, mem, SIZE, seed + i);
		memset(mem + expect.size, 0x55, SIZE - expect.size);
		bank_resize(mem, SIZE);
		print_records(i);
		if (fwrite(mem, SIZE, 1, file) != 1)
			return fail(seed + i, "cannot be written");
	}
	return fclose(file) ? fail(seed, "cannot be written") : 0;
}

int main(int argc, char **argv)
{
	u32 seed = number("SEED", 1);
	FILE *file;

	if (argc == 1)
		return run(seed, number("SEEDS", 3000));
	file = argc == 3 ? fopen(argv[2], strcmp(argv[1], "read") ? "wb" : "rb") : NULL;
	if (!file)
		return fail(seed, "usage: recover-test [write|read|area FILE]");
	if (!strcmp(argv[1], "area"))
		return write_area(file, seed);
	return strcmp(argv[1], "read") ? write_file(file, seed) : read_file(file, seed);
}
