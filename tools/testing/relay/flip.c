// SPDX-License-Identifier: GPL-2.0
/*
 * Flips every single bit of a bank's headers, table, seals and controls: recovery must return
 * the same content as before, or report damage.
 *
 *	flip		BANKS banks from SEED on; each STEP-th of their bits
 *	flip FILE	the bank in that file
 *
 * The number of records of an open sub-buffer is stored only once, so a flip may change it,
 * but not to more than the number of bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/cache.h>
#include <linux/types.h>
#include "bank.h"
#include "crc32c.h"
#include "expect.h"
#include "parse_bank.h"
#include "number.h"

#define SIZE	(1 << 18)

/**
 * struct outcome - result of recovering a bank
 * @content:	check sum of the recovered bytes and their descriptions
 * @told:	number of parts reported as damaged
 */
struct outcome {
	u32 content;
	unsigned long told;
};

static struct expect expect;
static u32 bank_seed;
static unsigned long n_harmless, n_told, n_silent;

static u32 sum(u32 before, const void *data, size_t size)
{
	return crc32c(before, data, size);
}

static void add_subbuf(struct outcome *outcome, const struct relay_found_subbuf *sub)
{
	u32 records = sub->delivered ? sub->info.records : sub->info.records > sub->info.used;
	u32 i;

	outcome->content = sum(outcome->content, &sub->info.sequence, sizeof(sub->info.sequence));
	outcome->content = sum(outcome->content, &records, sizeof(records));
	for (i = 0; i < sub->n_extents; i++) {
		const struct relay_found_extent *extent = &sub->extent[i];

		outcome->content = sum(outcome->content, extent, sizeof(*extent));
		outcome->content = sum(outcome->content, (u8 *)sub->data + extent->begin,
				       extent->end - extent->begin);
	}
}

static void add_buffer(struct outcome *outcome, const struct relay_found_buffer *buf)
{
	struct relay_found_subbuf sub;
	enum relay_verdict verdict;
	u32 i;

	outcome->told += !!relay_find_doubt(buf);
	for (i = 0; i < buf->chan->head.n_subbufs; i++) {
		verdict = relay_find_subbuf(buf, i, &sub);
		if (verdict == RELAY_FOUND)
			add_subbuf(outcome, &sub);
		outcome->told += verdict == RELAY_FOUND || verdict == RELAY_EMPTY ?
				 sub.doubted : 1;
	}
}

static void add_channel(struct outcome *outcome, const struct relay_found_channel *chan)
{
	const struct relay_bank_channel *head = &chan->head;
	struct relay_found_buffer buf;
	enum relay_verdict verdict;
	u32 cpu;

	outcome->content = sum(outcome->content, &head->flags,
			       sizeof(*head) - offsetof(struct relay_bank_channel, flags));
	for (cpu = 0; cpu < head->n_buffers; cpu++) {
		verdict = relay_find_buffer(chan, cpu, &buf);
		outcome->content = sum(outcome->content, &cpu, sizeof(cpu));
		if (verdict == RELAY_FOUND)
			add_buffer(outcome, &buf);
		else
			outcome->told += verdict != RELAY_EMPTY;
	}
}

static struct outcome look(const void *mem, size_t size)
{
	struct outcome outcome = { 0 };
	struct relay_found_channel chan;
	struct relay_found_bank bank;
	enum relay_verdict verdict;
	u32 slot;

	if (relay_find_bank(mem, size, &bank)) {
		outcome.told++;
		return outcome;
	}
	for (slot = 0; slot < bank.head.n_channels; slot++) {
		verdict = relay_find_channel(&bank, slot, &chan);
		if (verdict == RELAY_FOUND)
			add_channel(&outcome, &chan);
		else
			outcome.told += verdict != RELAY_EMPTY;
	}
	return outcome;
}

static void try_bit(u8 *mem, size_t size, const struct outcome *whole, u64 bit,
		    const char *what, u64 in)
{
	struct outcome now;

	mem[bit / 8] ^= 1 << bit % 8;
	now = look(mem, size);
	mem[bit / 8] ^= 1 << bit % 8;
	if (now.told > whole->told) {
		n_told++;
	} else if (now.content == whole->content) {
		n_harmless++;
	} else {
		n_silent++;
		printf("# silent: SEED=%u, %s, byte %llu, bit %u\n", bank_seed, what,
		       (unsigned long long)(bit / 8 - in), (u32)bit % 8);
	}
}

static void try_range(u8 *mem, size_t size, const struct outcome *whole, u64 from, u64 bytes,
		      const char *what)
{
	static u64 at;
	u32 step = number("STEP", 1);
	u64 bit;

	for (bit = from * 8; bit < (from + bytes) * 8; bit++)
		if (!(at++ % step))
			try_bit(mem, size, whole, bit, what, from);
}

static void try_controls(u8 *mem, size_t size, const struct outcome *whole,
			 const struct relay_found_channel *chan)
{
	const struct relay_ring_layout *layout = &chan->bank->head.layout;
	char what[128];
	u32 cpu, i;
	u64 at;

	for (cpu = 0; cpu < chan->head.n_buffers; cpu++) {
		at = chan->head.control + cpu * chan->head.control_stride;
		snprintf(what, sizeof(what), "%s, cpu %u, control", chan->head.name, cpu);
		try_range(mem, size, whole, at, layout->control_size, what);
		at += layout->control_size;
		for (i = 0; i < chan->head.n_subbufs; i++, at += layout->subbuf_stride) {
			snprintf(what, sizeof(what), "%s, cpu %u, control of sub-buffer %u",
				 chan->head.name, cpu, i);
			try_range(mem, size, whole, at, layout->subbuf_stride, what);
		}
	}
}

static void try_bank(u8 *mem, size_t size)
{
	struct outcome whole = look(mem, size);
	struct relay_found_channel chan;
	struct relay_found_bank bank;
	u32 slot;

	if (relay_find_bank(mem, size, &bank))
		return;
	try_range(mem, size, &whole, 0, sizeof(bank.head), "header");
	try_range(mem, size, &whole, RELAY_BANK_COPY, sizeof(bank.head), "copy");
	try_range(mem, size, &whole, bank.head.channels,
		  bank.head.n_channels * sizeof(chan.head), "table");
	for (slot = 0; slot < bank.head.n_channels; slot++) {
		const struct relay_bank_channel *head = &chan.head;

		if (relay_find_channel(&bank, slot, &chan))
			continue;
		try_controls(mem, size, &whole, &chan);
		try_range(mem, size, &whole, head->seal,
			  (u64)head->n_buffers * head->n_subbufs * sizeof(struct relay_bank_seal),
			  "seal");
	}
}

static int try_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size = 0;
	u8 *mem = NULL;

	if (file && !fseek(file, 0, SEEK_END)) {
		size = ftell(file);
		mem = malloc(size);
		rewind(file);
	}
	if (!mem || fread(mem, size, 1, file) != 1) {
		printf("not ok flipped bits\n# %s cannot be read\n", path);
		return 1;
	}
	try_bank(mem, size);
	free(mem);
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	static u8 mem[SIZE] ____cacheline_aligned;
	u32 seed = number("SEED", 1), banks = number("BANKS", 20), i;

	if (argc == 2 && try_file(argv[1]))
		return 1;
	for (i = 0; argc == 1 && i < banks; i++) {
		bank_seed = seed + i;
		expect_write(&expect, mem, SIZE, bank_seed);
		try_bank(mem, expect.size);
	}
	printf("# SEED=%u: %lu bits harmless, %lu told, %lu silent\n", seed, n_harmless, n_told,
	       n_silent);
	printf("%sok flipped bits\n", n_silent ? "not " : "");
	return n_silent > 0;
}
