// SPDX-License-Identifier: GPL-2.0
/*
 * Runs writers and readers on the rings of a bank for a while, and notes the records
 * that were committed and not overwritten, from their calls and not from the rings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/bitops.h>
#include "bank.h"
#include "calls.h"
#include "expect.h"
#include "random.h"
#include "record.h"

#define LANE_HELD	8
#define LANE_STEPS	160
#define LANE_RECORDS	(LANE_STEPS + 1)
#define LANE_SUBBUFS	8

struct lane_record {
	struct relay_slot slot;
	bool open;
	bool committed;
	u32 seq;
	u32 len;
};

/* For a sub-buffer, the start of the lap that was last delivered, consumed, sealed. */
struct lane_subbuf {
	unsigned long delivered;
	unsigned long consumed;
	unsigned long sealed;
};

/* A buffer, and the history of the calls on it. */
struct lane {
	struct relay_ring ring;
	const struct bank *bank;
	struct random *random;
	u32 slot;
	u32 cpu;
	unsigned long reset;
	u32 n_records;
	u32 n_held;
	struct lane_record record[LANE_RECORDS];
	struct lane_record *held[LANE_HELD];
	struct lane_subbuf subbuf[LANE_SUBBUFS];
	struct expect_buffer counted;
};

static const struct bank_spec specs[] = {
	{ "flight", 256, 4, 0, 256, false, true },
	{ "stream", 200, 5, 16, 0, false, false },
	{ "net/global", 512, 3, 8, 100, true, true },
	{ "single", 300, 1, 0, 0, false, true },
	{ "odd", 75, 8, 0, 1, false, true },
	{ "pages", 1024, 2, 24, 4096, true, false },
};

#define SPECS	(sizeof(specs) / sizeof(specs[0]))

void (*expect_stepped)(void);

/*
 * Operations of the ring
 */

static void lane_begin(struct relay_ring *ring, unsigned long pos)
{
	memset(relay_pos_address(ring, pos), 'h', ring->header_size);
}

static void lane_end(struct relay_ring *ring, unsigned long pos, unsigned long used)
{
}

static void lane_deliver(struct relay_ring *ring, unsigned long pos)
{
	struct lane *lane = (struct lane *)ring;

	lane->subbuf[relay_pos_index(ring, pos)].delivered = pos;
}

static const struct relay_ring_ops lane_ops = {
	.clock = call_clock,
	.begin = lane_begin,
	.end = lane_end,
	.deliver = lane_deliver,
};

/*
 * Steps
 */

static void lane_lose(struct lane *lane, int err)
{
	switch (err) {
	case -ENOSPC:
		lane->counted.lost[RELAY_LOST_FULL]++;
		break;
	case -EBUSY:
		lane->counted.lost[RELAY_LOST_NESTED]++;
		break;
	case -E2BIG:
		lane->counted.lost[RELAY_LOST_TOO_BIG]++;
		break;
	default:
		printf("# a ring says %d\n", err);
		exit(1);
	}
}

static struct lane_record *lane_reserve(struct lane *lane)
{
	u32 most = lane->ring.subbuf_size - lane->ring.header_size;
	struct lane_record *record = &lane->record[lane->n_records];
	int err;

	record->len = RECORD_MIN + random_below(lane->random, 40);
	if (!random_below(lane->random, 16))
		record->len = most + random_below(lane->random, 2);
	err = call_reserve(&lane->ring, &record->slot, record->len);
	if (err) {
		lane_lose(lane, err);
		return NULL;
	}
	record->seq = lane->n_records++;
	record->open = true;
	record_open(record->slot.data, record->len, record->seq, call_last());
	record_fill(record->slot.data, RECORD_MIN, record->len, record->len, record->seq);
	return record;
}

static void lane_commit(struct lane *lane, struct lane_record *record)
{
	record->open = false;
	record->committed = true;
	lane->counted.committed++;
	call_commit(&record->slot);
}

static void lane_discard(struct lane *lane, struct lane_record *record)
{
	record->open = false;
	lane->counted.discarded++;
	relay_ring_discard(&record->slot);
}

static void lane_write(struct lane *lane)
{
	struct lane_record *record = lane_reserve(lane);

	if (record)
		lane_commit(lane, record);
}

static void lane_hold(struct lane *lane)
{
	struct lane_record *record;

	if (lane->n_held == LANE_HELD)
		return;
	record = lane_reserve(lane);
	if (record)
		lane->held[lane->n_held++] = record;
}

static void lane_let_go(struct lane *lane, bool commit)
{
	u32 i = random_below(lane->random, lane->n_held);
	struct lane_record *record = lane->held[i];

	if (!lane->n_held)
		return;
	lane->held[i] = lane->held[--lane->n_held];
	if (commit)
		lane_commit(lane, record);
	else
		lane_discard(lane, record);
}

static void lane_consume(struct lane *lane)
{
	struct relay_ring *ring = &lane->ring;
	unsigned long cursor = atomic_long_read(&ring->control->consumed);
	struct relay_span span;

	if (!relay_ring_peek(ring, &cursor, &span) && relay_ring_consume(ring, &span))
		lane->subbuf[relay_pos_index(ring, span.pos)].consumed = span.pos;
}

static void lane_seal(struct lane *lane)
{
	struct lane_subbuf *subbuf = lane->subbuf;
	u32 i;

	for (i = 0; i < lane->ring.n_subbufs; i++)
		if (bank_seal(lane->bank, lane->slot, lane->cpu, &lane->ring, i))
			subbuf[i].sealed = subbuf[i].delivered;
}

/* Reset the ring: no record of a sub-buffer entered so far is expected. */
static void lane_reset(struct lane *lane)
{
	const struct relay_ring *ring = &lane->ring;

	lane->reset = relay_pos_next(ring, relay_word_read(&ring->control->reserve));
	relay_ring_reset(&lane->ring);
	relay_ring_erase(&lane->ring);
}

static void lane_step(struct lane *lane)
{
	switch (random_below(lane->random, 32)) {
	case 0 ... 3:
		lane_hold(lane);
		break;
	case 4 ... 7:
		lane_let_go(lane, true);
		break;
	case 8:
		lane_let_go(lane, false);
		break;
	case 9:
		relay_ring_flush(&lane->ring);
		break;
	case 10 ... 11:
		lane_consume(lane);
		break;
	case 12 ... 13:
		lane_seal(lane);
		break;
	case 14:
		if (!random_below(lane->random, 4))
			lane_reset(lane);
		break;
	default:
		lane_write(lane);
	}
}

/*
 * Expected content
 */

/* Was the lap at @start neither reset nor overwritten? */
static bool lane_kept(const struct lane *lane, unsigned long start)
{
	const struct relay_ring *ring = &lane->ring;
	unsigned long next_lap = start + (1UL << ring->lap_shift);
	unsigned long i;

	if ((long)(lane->reset - start) > 0)
		return false;
	for (i = 0; i < lane->n_records; i++)
		if ((long)(lane->record[i].slot.begin - next_lap) >= 0)
			return false;
	return true;
}

static u32 lane_flags(const struct lane *lane, unsigned long start)
{
	const struct relay_ring *ring = &lane->ring;
	const struct lane_subbuf *subbuf = &lane->subbuf[relay_pos_index(ring, start)];

	return (subbuf->delivered == start ? EXPECT_DELIVERED : 0) |
	       (subbuf->consumed == start ? EXPECT_CONSUMED : 0) |
	       (subbuf->sealed == start ? EXPECT_SEALED : 0);
}

static int by_offset(const void *a, const void *b)
{
	const struct expect_record *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void lane_expect_records(const struct lane *lane, unsigned long start,
				struct expect *expect, struct expect_subbuf *subbuf)
{
	const struct relay_ring *ring = &lane->ring;
	struct expect_record *first = &expect->record[expect->n_records];
	u32 i;

	for (i = 0; i < lane->n_records; i++) {
		const struct lane_record *record = &lane->record[i];

		if (!record->committed ||
		    relay_pos_start(ring, record->slot.begin) != start)
			continue;
		first[subbuf->records++] = (struct expect_record) {
			.subbuf	= expect->n_subbufs,
			.offset	= relay_pos_offset(ring, record->slot.begin),
			.seq	= record->seq,
			.len	= record->len,
		};
	}
	qsort(first, subbuf->records, sizeof(*first), by_offset);
	expect->n_records += subbuf->records;
}

/* Find the newest lap of a sub-buffer with a reservation. Return: whether there is one. */
static bool lane_newest(const struct lane *lane, u32 index, unsigned long *start)
{
	const struct relay_ring *ring = &lane->ring;
	bool any = false;
	u32 i;

	for (i = 0; i < lane->n_records; i++) {
		unsigned long begin = relay_pos_start(ring, lane->record[i].slot.begin);

		if (relay_pos_index(ring, begin) != index ||
		    (any && (long)(begin - *start) <= 0))
			continue;
		*start = begin;
		any = true;
	}
	return any;
}

static void lane_expect(const struct lane *lane, struct expect *expect)
{
	const struct relay_ring *ring = &lane->ring;
	unsigned long start;
	u32 index;

	for (index = 0; index < ring->n_subbufs; index++) {
		struct expect_subbuf *subbuf = &expect->subbuf[expect->n_subbufs];

		if (!lane_newest(lane, index, &start) || !lane_kept(lane, start))
			continue;
		*subbuf = (struct expect_subbuf) {
			.sequence	= relay_pos_sequence(ring, start),
			.buffer		= expect->n_buffers,
			.index		= index,
			.flags		= lane_flags(lane, start),
		};
		lane_expect_records(lane, start, expect, subbuf);
		if (subbuf->records)
			expect->n_subbufs++;
	}
	expect->buffer[expect->n_buffers++] = lane->counted;
}

static void lane_count(struct lane *lane)
{
	struct relay_counters stats = { 0 };

	relay_ring_count(&lane->ring, &stats);
	lane->counted.overwritten = stats.overwritten;
	lane->counted.erased = stats.erased;
}

/* No lap starts at this position: the sub-buffer was never delivered, consumed, sealed. */
#define NEVER	1UL

static void lane_run(struct lane *lane, struct expect *expect)
{
	struct relay_ring *ring = &lane->ring;
	unsigned long laps, first;
	u32 i, steps = random_below(lane->random, LANE_STEPS);

	ring->ops = &lane_ops;
	bank_ring(lane->bank, lane->slot, lane->cpu, ring, 0);
	/* In one of three rings positions wrap. */
	laps = ~0UL >> ring->lap_shift;
	first = random_below(lane->random, 3) ? 0 : laps - 2;
	memset(ring->control, 0, relay_ring_control_size(ring->n_subbufs));
	bank_ring(lane->bank, lane->slot, lane->cpu, ring, first);
	lane->reset = first << ring->lap_shift;
	for (i = 0; i < LANE_SUBBUFS; i++)
		lane->subbuf[i] = (struct lane_subbuf) { NEVER, NEVER, NEVER };
	lane->counted = (struct expect_buffer) {
		.channel = lane->slot, .cpu = lane->cpu,
	};
	for (i = 0; i < steps; i++) {
		lane_step(lane);
		if (expect_stepped)
			expect_stepped();
	}
	lane_count(lane);
	lane_expect(lane, expect);
}

static void write_channel(struct bank *bank, u32 slot, const struct bank_spec *spec,
			  struct random *random, struct expect *expect)
{
	static struct lane lane;
	u32 cpu;

	bank_add(bank, slot, spec);
	for (cpu = 0; cpu < bank_channel(bank, slot)->n_buffers; cpu++) {
		/* Leave out one CPU in four, as if it never came up. */
		if (cpu && !random_below(random, 4))
			continue;
		lane = (struct lane) {
			.bank = bank, .random = random, .slot = slot, .cpu = cpu,
		};
		lane_run(&lane, expect);
	}
}

void expect_write(struct expect *expect, void *mem, size_t size, u32 seed)
{
	struct random random;
	struct bank bank;
	u32 slot, first;

	random_seed(&random, seed);
	call_now = 0;
	expect->n_buffers = 0;
	expect->n_subbufs = 0;
	expect->n_records = 0;
	bank_init(&bank, mem, size, 1 + random_below(&random, 4),
		  1 + random_below(&random, 3), seed);
	first = random_below(&random, SPECS);
	/* In one of two banks the first entry of the table is free. */
	for (slot = random_below(&random, 2); slot < bank.head->n_channels; slot++)
		write_channel(&bank, slot, &specs[(first + slot) % SPECS], &random, expect);
	if (random_below(&random, 2))
		bank_end(&bank, bank.head->boot_time + 2, "Kernel panic: test");
	bank.head->size = bank.used;
	bank_sign(&bank);
	expect->size = bank.used;
}
