// SPDX-License-Identifier: GPL-2.0
#include <linux/cache.h>
#include "bank.h"
#include "expect.h"
#include "hostile.h"

static struct expect expect;

size_t hostile_begin(struct random *random, u8 *mem)
{
	/* The ring needs aligned memory. */
	static u8 aligned[HOSTILE_SIZE] ____cacheline_aligned;

	expect_write(&expect, aligned, sizeof(aligned), random_next(random));
	memcpy(mem, aligned, expect.size);
	return expect.size;
}

/* Return: a number at which sums, products or comparisons may go wrong. */
static u64 odd_number(struct random *random, u64 before, size_t size)
{
	u64 number = 1ULL << random_below(random, 64);

	switch (random_below(random, 10)) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	case 2:
		return size - random_below(random, 1000);
	case 3:
		return number;
	case 4:
		return number - 1;
	case 5:
		return -number;
	case 6:
		return random_below(random, size);
	case 7:
		return random_below(random, 70);
	case 8:
		return before + random_below(random, 9) - 4;
	}
	return (u64)random_next(random) << 32 | random_next(random);
}

static void change_number(struct random *random, u8 *at, u32 bytes, size_t size)
{
	u64 number = 0;

	memcpy(&number, at, bytes);
	number = odd_number(random, number, size);
	memcpy(at, &number, bytes);
}

/* Change a number of 2, 4 or 8 bytes between @from and @to. */
static void change_between(struct random *random, u8 *mem, size_t size, u64 from, u64 to)
{
	u32 bytes = 2 << random_below(random, 3);

	if (to > size)
		to = size;
	if (from + bytes > to)
		return;
	from += random_below(random, (to - from) / bytes) * bytes;
	change_number(random, mem + from, bytes, size);
}

static void flip_bits(struct random *random, u8 *mem, size_t size)
{
	u32 n = 1 + random_below(random, 8);

	while (n--)
		mem[random_below(random, size)] ^= 1 << random_below(random, 8);
}

static void change_block(struct random *random, u8 *mem, size_t size)
{
	u32 length = 1 + random_below(random, random_below(random, 2) ? 4096 : 64);
	u32 from = random_below(random, size), i;
	bool zero = random_below(random, 2);

	for (i = from; i < from + length && i < size; i++)
		mem[i] = zero ? 0 : random_next(random);
}

static void copy_block(struct random *random, u8 *mem, size_t size)
{
	u32 length = 1 + random_below(random, 512);
	u32 from = random_below(random, size), to = random_below(random, size);

	if (from + length <= size && to + length <= size)
		memmove(mem + to, mem + from, length);
}

/* Return: the table of channels, or NULL; *@n is set to its entries within @size. */
static struct relay_bank_channel *table(u8 *mem, size_t size, u32 *n)
{
	const struct relay_bank *head = (struct relay_bank *)mem;
	size_t entry = sizeof(struct relay_bank_channel);

	*n = 0;
	if (size < sizeof(*head) || head->channels > size)
		return NULL;
	*n = (size - head->channels) / entry;
	if (*n > head->n_channels)
		*n = head->n_channels;
	return (void *)(mem + head->channels);
}

static void change_channel(struct random *random, u8 *mem, size_t size)
{
	u32 n, slot;
	u8 *entry = (u8 *)table(mem, size, &n);

	if (!n)
		return;
	slot = random_below(random, n);
	entry += slot * sizeof(struct relay_bank_channel);
	/* All fields before the name, which is the last. */
	change_between(random, entry, sizeof(struct relay_bank_channel), 0,
		       offsetof(struct relay_bank_channel, name));
}

/* Make entries of the table equal, or move the table over other parts. */
static void change_table(struct random *random, u8 *mem, size_t size)
{
	struct relay_bank *head = (struct relay_bank *)mem;
	struct relay_bank_channel *entry;
	u32 n, i, from;

	if (size < sizeof(*head))
		return;
	head->n_channels = random_below(random, 66);
	if (random_below(random, 2))
		head->channels = random_below(random, size) & ~7;
	entry = table(mem, size, &n);
	from = random_below(random, n);
	for (i = 0; i < n && random_below(random, 4); i++)
		memmove(&entry[i], &entry[from], sizeof(*entry));
}

/* Change a number in the first 4 KiB of a channel's controls. */
static void change_control(struct random *random, u8 *mem, size_t size)
{
	struct relay_bank_channel channel;
	u32 n, slot;
	const u8 *entry = (u8 *)table(mem, size, &n);

	if (!n)
		return;
	slot = random_below(random, n);
	memcpy(&channel, entry + slot * sizeof(channel), sizeof(channel));
	if (channel.control < size)
		change_between(random, mem, size, channel.control,
			       channel.control + 4096);
}

/* Make all bytes random, but those that identify a bank, and mostly its header. */
static void change_all(struct random *random, u8 *mem, size_t size)
{
	struct relay_bank head;
	size_t i;

	if (size < sizeof(head))
		return;
	memcpy(&head, mem, sizeof(head));
	for (i = 0; i < size; i++)
		mem[i] = random_next(random);
	memcpy(mem, head.magic, offsetof(struct relay_bank, size));
	if (random_below(random, 4))
		memcpy(mem, &head, sizeof(head));
}

/*
 * Channels whose areas all overlap, so that each has as many sub-buffers as fit into
 * the whole bank.
 */
#define CROWD	8

static struct relay_bank_channel *crowd(struct relay_bank *head, size_t size,
					u32 subbuf_size)
{
	const struct relay_ring_layout *layout = &head->layout;
	struct relay_bank_channel *entry = (void *)(head + 1);
	u32 control = sizeof(*head) + CROWD * sizeof(*entry), i;
	u32 room = size - control - layout->control_size;
	u32 most = room / layout->subbuf_stride;

	if (most > size / subbuf_size)
		most = size / subbuf_size;
	if (most > size / sizeof(struct relay_bank_seal))
		most = size / sizeof(struct relay_bank_seal);
	head->size = size;
	head->n_cpus = 1;
	head->n_channels = CROWD;
	head->channels = sizeof(*head);
	*entry = (struct relay_bank_channel) {
		.state		= RELAY_BANK_CHANNEL_USED,
		.n_buffers	= 1,
		.subbuf_size	= subbuf_size,
		.n_subbufs	= most,
		.control	= control,
		.control_stride	= layout->control_size + most * layout->subbuf_stride,
		.data_stride	= most * subbuf_size,
	};
	for (i = 1; i < CROWD; i++)
		entry[i] = *entry;
	return entry;
}

/* As many sub-buffers as possible, of a byte or two, with small controls. */
static void crowd_subbufs(struct random *random, u8 *mem, size_t size)
{
	struct relay_bank *head = (struct relay_bank *)mem;

	if (size < 4096)
		return;
	head->layout = (struct relay_ring_layout) {
		.word_size = 4, .control_size = 16, .note_size = 8, .note_end = 4,
		.subbuf_stride = 4 + 4 * random_below(random, 20),
	};
	crowd(head, size, 1 + random_below(random, 2));
}

/* Up to 199 notes, each of them valid for a sub-buffer of 256 bytes. */
static void crowd_notes(struct random *random, u8 *mem, size_t size)
{
	struct relay_bank *head = (struct relay_bank *)mem;
	u32 n = random_below(random, 200), lap_shift = 9, i;
	struct relay_bank_channel *entry;
	u64 start, *word;

	if (size < 8192)
		return;
	head->layout = (struct relay_ring_layout) {
		.word_size = 8, .control_size = 64 + 16 * n, .lost = 32, .note = 64,
		.note_size = 16, .note_end = 8, .n_notes = n, .subbuf_stride = 72,
		.contiguous = 8, .records = 16, .closed = 24, .state = 32,
		.n_records = 40, .lost_before = 48, .begin_time = 56, .end_time = 64,
	};
	entry = crowd(head, size, 256);
	while (entry->n_subbufs > 1U << (lap_shift - 9))
		lap_shift++;
	start = 2ULL << lap_shift;
	word = (u64 *)(mem + entry->control);
	for (i = 0; i < 8; i++)
		word[i] = start;
	for (i = 0; i < n; i++) {
		word[8 + 2 * i] = start + 1 + random_below(random, 250);
		word[9 + 2 * i] = word[8 + 2 * i] + 1;
	}
	word += head->layout.control_size / 8;
	word[0] = start;
	word[1] = start;
	word[4] = (start - (1ULL << lap_shift)) | 2;
}

size_t hostile_mutate(struct random *random, u8 *mem, size_t size)
{
	switch (random_below(random, 24)) {
	case 0 ... 3:
		flip_bits(random, mem, size);
		break;
	case 4 ... 5:
		change_block(random, mem, size);
		break;
	case 6:
		copy_block(random, mem, size);
		break;
	case 7:
		return 1 + random_below(random, size);
	case 8 ... 11:
		change_between(random, mem, size, offsetof(struct relay_bank, size),
			       offsetof(struct relay_bank, machine));
		break;
	case 12 ... 15:
		change_channel(random, mem, size);
		break;
	case 16 ... 17:
		change_table(random, mem, size);
		break;
	case 18:
		if (!random_below(random, 8))
			change_all(random, mem, size);
		break;
	case 19:
		if (random_below(random, 2))
			crowd_subbufs(random, mem, size);
		else
			crowd_notes(random, mem, size);
		break;
	default:
		change_control(random, mem, size);
	}
	return size;
}

void hostile_sign(u8 *mem, size_t size)
{
	struct relay_bank_channel channel;
	struct bank bank = { .mem = mem };
	u32 n, i;
	u8 *entry;

	if (size < sizeof(struct relay_bank))
		return;
	bank.head = (struct relay_bank *)mem;
	entry = (u8 *)table(mem, size, &n);
	for (i = 0; i < n && i < 64; i++, entry += sizeof(channel)) {
		memcpy(&channel, entry, sizeof(channel));
		bank_sign_channel(&channel);
		memcpy(entry, &channel, sizeof(channel));
	}
	/* Sign the header last, because the table can overlap it. */
	bank_sign(&bank);
}
