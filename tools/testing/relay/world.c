// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <linux/bitops.h>
#include "calls.h"
#include "crc32c.h"
#include "record.h"
#include "parse_bank.h"
#include "world.h"

#define WORLD_MEMORY	(1 << 16)
#define WORLD_LAST	24	/* bytes of the record that ends a world */
#define WORLD_HELD	24

const char * const action_name[ACTIONS] = {
	[ACT_WRITE] = "write",
	[ACT_TIMED] = "timed-write",
	[ACT_EXACT] = "exact-fit",
	[ACT_DISCARD] = "discard",
	[ACT_FLUSH] = "flush",
	[ACT_RESET] = "reset",
	[ACT_READ] = "read",
	[ACT_TOO_BIG] = "too-big",
	[ACT_MANY] = "many-laps",
	[ACT_TIMED_DISCARD] = "timed-discard",
	[ACT_PARTIAL] = "partial-read",
	[ACT_HOLD] = "hold",
	[ACT_DISABLE] = "disable",
};

struct world world;

/* Memory of the ring, in the form of a bank for a crash reader. */
static struct world_memory {
	u8 control[WORLD_MEMORY] ____cacheline_aligned;
	u8 data[WORLD_MEMORY] ____cacheline_aligned;
	struct relay_bank_channel channel;
	struct relay_bank_seal seal[WORLD_SUBBUFS];
} memory;

static struct relay_found_bank found_bank = {
	.mem	= &memory,
	.size	= sizeof(memory),
	.head	= {
		.size		= sizeof(memory),
		.n_cpus		= 1,
		.n_channels	= 1,
		.channels	= offsetof(struct world_memory, channel),
	},
};

static struct relay_found_channel found_channel;

static void no_trace(bool on)
{
}

static void no_pause(void)
{
}

static void default_fail(const char *what, unsigned long a, unsigned long b)
{
	printf("# %s: %#lx %#lx\n", what, a, b);
	fflush(stdout);
	abort();
}

void (*world_trace)(bool on) = no_trace;
void (*world_pause)(void) = no_pause;
void (*world_fail)(const char *what, unsigned long a, unsigned long b) =
	default_fail;

/*
 * Operations of the ring
 */

/* Return: number of the sub-buffer at @pos, counted from the start of the world. */
static unsigned long world_ordinal(unsigned long pos)
{
	const struct relay_ring *ring = &world.ring;
	unsigned long laps = (pos - world.first) >> ring->lap_shift;

	return laps * ring->n_subbufs + relay_pos_index(ring, pos);
}

static struct delivery *world_delivery(unsigned long pos)
{
	unsigned long ordinal = world_ordinal(pos);

	if (ordinal >= WORLD_LAPS)
		world_fail("delivered where nothing was written", pos, ordinal);
	return &world.delivered[ordinal];
}

struct header {
	unsigned long pos;
	unsigned long used;
};

static void world_begin(struct relay_ring *ring, unsigned long pos)
{
	struct header *header = relay_pos_address(ring, pos);

	memcpy(&header->pos, &pos, sizeof(pos));
}

static void world_end(struct relay_ring *ring, unsigned long pos,
		      unsigned long used)
{
	const struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);
	struct delivery *delivery = world_delivery(pos);
	struct header *header = relay_pos_address(ring, pos);

	delivery->lost = sub->lost;
	delivery->begin_time = sub->begin_time;
	delivery->end_time = sub->end_time;
	if (ring->header_size)
		memcpy(&header->used, &used, sizeof(used));
}

static void world_deliver(struct relay_ring *ring, unsigned long pos)
{
	world_delivery(pos)->times++;
}

static const struct relay_ring_ops world_ring_ops = {
	.clock = call_clock,
	.begin = world_begin,
	.end = world_end,
	.deliver = world_deliver,
};

static void world_offer(const struct relay_ring *ring)
{
	struct relay_bank_channel *channel = &memory.channel;
	size_t covered = offsetof(struct relay_bank_channel, flags);
	enum relay_verdict verdict;

	*channel = (struct relay_bank_channel) {
		.state		= RELAY_BANK_CHANNEL_USED,
		.flags		= ring->overwrite ? RELAY_CHAN_OVERWRITE : 0,
		.n_buffers	= 1,
		.subbuf_size	= ring->subbuf_size,
		.n_subbufs	= ring->n_subbufs,
		.header_size	= ring->header_size,
		.control	= offsetof(struct world_memory, control),
		.control_stride	= WORLD_MEMORY,
		.data		= offsetof(struct world_memory, data),
		.data_stride	= WORLD_MEMORY,
		.seal		= offsetof(struct world_memory, seal),
	};
	channel->crc = ~crc32c(~0U, (u8 *)channel + covered, sizeof(*channel) - covered);
	found_bank.head.layout = relay_ring_layout;
	verdict = relay_find_channel(&found_bank, 0, &found_channel);
	if (verdict)
		world_fail(relay_verdict_text(verdict), verdict, 0);
}

void world_init(const struct geometry *geometry, bool global, bool overwrite,
		unsigned long first_lap)
{
	struct relay_ring *ring = &world.ring;
	size_t size = relay_ring_control_size(geometry->n_subbufs);

	memset(&world, 0, sizeof(world));
	call_now = 0;
	world.data_size = geometry->subbuf_size * geometry->n_subbufs;
	if (size > WORLD_MEMORY || world.data_size > WORLD_MEMORY ||
	    geometry->n_subbufs > WORLD_SUBBUFS)
		world_fail("world too small", size, world.data_size);
	memset(memory.control, 0, size);
	memset(memory.data, 0xee, world.data_size);
	ring->control = (void *)memory.control;
	ring->data = memory.data;
	ring->global = global;
	ring->overwrite = overwrite;
	ring->header_size = geometry->header_size;
	ring->ops = &world_ring_ops;
	if (relay_ring_init(ring, geometry->subbuf_size, geometry->n_subbufs,
			    first_lap))
		world_fail("init", geometry->subbuf_size, geometry->n_subbufs);
	world.first = first_lap << ring->lap_shift;
	world.cursor = world.first;
	world_offer(ring);
}

/*
 * Writing
 */

static int world_reserve(struct relay_slot *slot, unsigned long len, bool timed)
{
	int err;

	world_trace(true);
	if (timed)
		err = call_reserve_ops(&world.ring, slot, len - RECORD_MIN);
	else
		err = call_reserve(&world.ring, slot, len);
	world_trace(false);
	return err;
}

static void world_commit(struct relay_slot *slot)
{
	world_trace(true);
	call_commit(slot);
	world_trace(false);
}

static void world_finish_record(struct relay_slot *slot, struct witness *witness)
{
	witness->fate = FATE_WHOLE;
	world.n_whole++;
	world_commit(slot);
	world.n_whole--;
	witness->fate = FATE_COMMITTED;
	world.committed++;
}

static void world_lose(int err)
{
	switch (err) {
	case -ENOSPC:
		world.lost[RELAY_LOST_FULL]++;
		break;
	case -EBUSY:
		world.lost[RELAY_LOST_NESTED]++;
		break;
	case -E2BIG:
		world.lost[RELAY_LOST_TOO_BIG]++;
		break;
	case -ESHUTDOWN:
		world.lost[RELAY_LOST_DISABLED]++;
		break;
	default:
		world_fail("unknown error", err, 0);
	}
}

static struct witness *world_witness(const struct relay_slot *slot, bool timed)
{
	unsigned long begin = relay_pos_offset(slot->ring, slot->begin);
	unsigned long pad = timed ? call_pad(begin) : 0;
	struct witness *witness = &world.witness[world.n_records++];

	if (world.n_records > WORLD_RECORDS)
		world_fail("too many records", world.n_records, 0);
	witness->begin = slot->begin;
	witness->pos = slot->begin + pad;
	witness->len = slot->size - pad;
	witness->time = timed ? slot->time : 0;
	witness->last_time = timed ? slot->last_time : 0;
	witness->timed = timed;
	witness->level = world.level;
	return witness;
}

static void world_fill(struct witness *witness)
{
	void *at = relay_pos_address(&world.ring, witness->pos);
	u32 seq = witness - world.witness, middle;

	middle = (RECORD_MIN + witness->len) / 2;
	record_open(at, witness->len, seq, witness->time);
	record_fill(at, RECORD_MIN, middle, witness->len, seq);
	world_pause();
	record_fill(at, middle, witness->len, witness->len, seq);
}

static void world_discard(struct relay_slot *slot, struct witness *witness)
{
	witness->fate = FATE_DISCARDED;
	world.discarded++;
	world_trace(true);
	relay_ring_discard(slot);
	world_trace(false);
}

static bool world_holds(void)
{
	unsigned int i;

	for (i = 0; i < WORLD_SLOTS; i++)
		if (world.held[i].witness)
			return true;
	return false;
}

/* -EBUSY is an error if the writer interrupts no other, and no reservation is open. */
static void world_check_refusal(int err)
{
	if (err == -EBUSY && !world.level && !world_holds())
		world_fail("refused, and nothing is open", err, 0);
}

int world_write(unsigned long len, bool timed, bool discard)
{
	struct witness *witness;
	struct relay_slot slot;
	int err;

	world.attempts++;
	err = world_reserve(&slot, len, timed);
	if (err) {
		world_lose(err);
		world_check_refusal(err);
		return err;
	}
	if (!world.level && !world_holds() && relay_slot_interrupts(&slot))
		world_fail("says it interrupts, and does not", slot.begin, 0);
	if (timed && slot.last_time && relay_slot_interrupts(&slot))
		world_fail("told of one that it interrupts", slot.begin, 0);
	witness = world_witness(&slot, timed);
	world_fill(witness);
	if (discard) {
		world_discard(&slot, witness);
		return 0;
	}
	world_finish_record(&slot, witness);
	return 0;
}

void world_hold(unsigned int number)
{
	struct held *held = &world.held[number];
	int err;

	world.attempts++;
	err = world_reserve(&held->slot, WORLD_HELD, false);
	if (err) {
		world_lose(err);
		return;
	}
	held->witness = world_witness(&held->slot, false);
	/* A level that no writer has, so that its commit's window is not measured. */
	held->witness->level = ~0U;
	world_fill(held->witness);
}

void world_release(unsigned int number)
{
	struct held *held = &world.held[number];
	struct witness *witness = held->witness;

	if (!witness)
		return;
	world_finish_record(&held->slot, witness);
	held->witness = NULL;
}

unsigned long world_left(void)
{
	unsigned long pos = relay_word_read(&world.ring.control->reserve);

	return world.ring.subbuf_size - relay_pos_offset(&world.ring, pos);
}

static void world_exact(void)
{
	unsigned long left = world_left();
	unsigned long whole = world.ring.subbuf_size - world.ring.header_size;

	/* If the rest is too short for a record, fill a whole sub-buffer. */
	world_write(left < RECORD_MIN ? whole : left, false, false);
}

static void world_many(void)
{
	unsigned int i;

	for (i = 0; i < 2 * world.ring.n_subbufs; i++)
		world_exact();
}

/* A flush closes the sub-buffer that was open before it, if that has a record. */
static void world_flush(void)
{
	const struct relay_ring *ring = &world.ring;
	unsigned long before = relay_word_read(&ring->control->reserve), after;

	world_trace(true);
	relay_ring_flush(&world.ring);
	world_trace(false);
	after = relay_word_read(&ring->control->reserve);
	if (relay_pos_offset(ring, before) > ring->header_size &&
	    relay_pos_start(ring, after) == relay_pos_start(ring, before) &&
	    relay_pos_offset(ring, after) < ring->subbuf_size)
		world_fail("open after a flush", before, after);
}

/*
 * After a hold no sub-buffer is open, unless the hold interrupted a writer that
 * enters one.
 */
static void world_hold_ring(void)
{
	const struct relay_ring *ring = &world.ring;
	unsigned long pos;

	world_trace(true);
	relay_ring_hold(&world.ring);
	world_trace(false);
	pos = relay_word_read(&ring->control->reserve);
	if (!world.level && relay_pos_offset(ring, pos) != ring->subbuf_size)
		world_fail("open while held", pos, 0);
	world_pause();
	WRITE_ONCE(world.ring.disabled, false);
}

void world_act(enum action action)
{
	switch (action) {
	case ACT_WRITE:
		world_write(24, false, false);
		break;
	case ACT_TIMED:
		world_write(26, true, false);
		break;
	case ACT_EXACT:
		world_exact();
		break;
	case ACT_DISCARD:
		world_write(23, false, true);
		break;
	case ACT_TIMED_DISCARD:
		world_write(27, true, true);
		break;
	case ACT_FLUSH:
		world_flush();
		break;
	case ACT_RESET:
		world_trace(true);
		relay_ring_reset(&world.ring);
		world_trace(false);
		break;
	case ACT_READ:
		world_read();
		break;
	case ACT_TOO_BIG:
		world_write(world.ring.subbuf_size + 1, false, false);
		break;
	case ACT_MANY:
		world_many();
		break;
	case ACT_PARTIAL:
		world_partial();
		break;
	case ACT_HOLD:
		world_hold_ring();
		break;
	case ACT_DISABLE:
		world_trace(true);
		relay_ring_disable(&world.ring);
		world_trace(false);
		world_pause();
		WRITE_ONCE(world.ring.disabled, false);
		break;
	case ACTIONS:
		break;
	}
}

/*
 * Reading
 */

static struct witness *world_know(const struct record *record, unsigned long pos)
{
	struct witness *witness;

	if (record->seq >= world.n_records)
		world_fail("record that nobody wrote", pos, record->seq);
	witness = &world.witness[record->seq];
	if (witness->pos != pos || witness->len != record->len)
		world_fail("record of another place", pos, record->seq);
	return witness;
}

typedef void world_visit(struct witness *witness, void *data);

/* Visit all records in @bytes, whose position is @pos. */
static void world_parse(const u8 *bytes, unsigned long pos, unsigned long len,
			world_visit *visit, void *data)
{
	unsigned long at = 0;
	struct record record;
	long step;

	while (at < len) {
		step = record_check(bytes + at, len - at, &record);
		if (step < 0)
			world_fail("torn", pos + at, len - at);
		if (step)
			visit(world_know(&record, pos + at), data);
		at += step ? step : 1;
	}
}

static void world_check_header(const void *data, const struct relay_span *span)
{
	struct header header;

	memcpy(&header, data, sizeof(header));
	if (header.pos != span->pos || header.used != span->info.used)
		world_fail("header", header.pos, header.used);
}

struct reading {
	const struct relay_span *span;
	unsigned long records;
	u64 time;
};

static void world_count_read(struct witness *witness, void *data)
{
	struct reading *reading = data;

	if (witness->fate != FATE_COMMITTED && witness->fate != FATE_WHOLE)
		world_fail("read before its commit", witness->pos, witness->fate);
	if (witness->read++)
		world_fail("read twice", witness->pos, witness->read);
	reading->records++;
	if (!witness->timed)
		return;
	if (witness->time < reading->time)
		world_fail("time goes back", witness->time, reading->time);
	reading->time = witness->time;
	if (witness->time > reading->span->info.end_time)
		world_fail("after the end", witness->time,
			   reading->span->info.end_time);
}

static void world_check_span(const void *copy, const struct relay_span *span)
{
	struct reading reading = { span, 0, span->info.begin_time };
	unsigned int header = world.ring.header_size;

	if (header)
		world_check_header(copy, span);
	world_parse(copy + header, span->pos + header, span->info.used - header,
		    world_count_read, &reading);
	if (reading.records != span->info.records)
		world_fail("records", reading.records, span->info.records);
	world.read += reading.records;
}

/* Consume one sub-buffer. Return: whether there was one. */
bool world_read(void)
{
	unsigned long cursor = world.cursor;
	u8 copy[world.ring.subbuf_size];
	struct relay_span span;
	bool ours;
	int err;

	world_trace(true);
	err = relay_ring_peek(&world.ring, &cursor, &span);
	world_trace(false);
	if (err)
		return false;
	memcpy(copy, span.data, span.info.used);
	world_pause();
	world_trace(true);
	ours = relay_ring_consume(&world.ring, &span);
	world_trace(false);
	if (ours)
		world_check_span(copy, &span);
	world.cursor = cursor;
	return true;
}

static void world_see(struct witness *witness, void *data)
{
	if (witness->fate != FATE_COMMITTED && witness->fate != FATE_WHOLE)
		world_fail("seen before its commit", witness->pos, witness->fate);
}

/* Read the committed part of the open sub-buffer, without consuming it. */
void world_partial(void)
{
	unsigned int header = world.ring.header_size;
	unsigned long cursor = world.cursor;
	u8 copy[world.ring.subbuf_size];
	struct relay_span span;
	bool some;

	world_trace(true);
	relay_ring_peek(&world.ring, &cursor, &span);
	some = relay_ring_partial(&world.ring, cursor, &span);
	world_trace(false);
	if (!some)
		return;
	memcpy(copy, span.data, span.info.used);
	world_pause();
	world_trace(true);
	some = relay_ring_intact(&world.ring, &span);
	world_trace(false);
	if (some && span.info.used > header)
		world_parse(copy + header, span.pos + header,
			    span.info.used - header, world_see, NULL);
}

/*
 * A crash reader
 */

static void world_found(struct witness *witness, void *data)
{
	if (witness->fate != FATE_COMMITTED && witness->fate != FATE_WHOLE)
		world_fail("recovered before its commit", witness->pos,
			   witness->fate);
	if (witness->found == world.looks)
		world_fail("recovered twice", witness->pos, 0);
	witness->found = world.looks;
	witness->seen = true;
	world.found++;
}

static void world_extent(unsigned int index, unsigned long sequence,
			 const struct relay_found_extent *extent)
{
	const struct relay_ring *ring = &world.ring;
	unsigned long reserve = relay_word_read(&ring->control->reserve);
	unsigned long start = sequence / ring->n_subbufs << ring->lap_shift |
			      (unsigned long)index << ring->off_bits;
	unsigned long begin = start + max(extent->begin, ring->header_size);
	unsigned long end = start + extent->end;

	if ((long)(end - reserve) > 0)
		world_fail("recovered beyond the end", end, reserve);
	if ((long)(end - begin) > 0)
		world_parse(relay_pos_address(ring, begin), begin, end - begin,
			    world_found, NULL);
}

static unsigned long world_reset(void)
{
	return relay_pos_start(&world.ring, atomic_long_read(&world.ring.control->reset));
}

/* Was the record's sub-buffer consumed, overwritten or thrown away? */
static bool world_gone(const struct witness *witness)
{
	const struct relay_ring *ring = &world.ring;
	struct relay_subbuf *sub = relay_pos_subbuf(ring, witness->pos);
	unsigned long start = relay_pos_start(ring, witness->pos);

	return (long)(atomic_long_read(&sub->state) - start) > 1 ||
	       (long)(world_reset() - start) > 0;
}

/* Return: bytes of padding in @lap; 0 while it is not closed. */
static unsigned long world_padding(const struct relay_subbuf *sub, unsigned long lap)
{
	const struct relay_ring *ring = &world.ring;

	if (relay_pos_start(ring, sub->closed) != lap)
		return 0;
	return ring->subbuf_size - relay_pos_offset(ring, sub->closed);
}

static void world_check_counted(unsigned int index, unsigned long bytes)
{
	const struct relay_ring *ring = &world.ring;
	const struct relay_subbuf *sub = &ring->sub[index];
	unsigned long lap = relay_pos_start(ring, atomic_long_read(&sub->state)) +
			    (1UL << ring->lap_shift);
	u32 committed = relay_word_read(&sub->committed);

	if ((long)(world_reset() - lap) > 0 ||
	    relay_word_read(&ring->control->unnoted) || committed == U32_MAX)
		return;
	if (committed > bytes + world_padding(sub, lap))
		world_fail("counted, not recoverable", committed, bytes);
}

/* Return: records lost, for all reasons. */
static unsigned long world_lost(void)
{
	struct relay_counters stats = { 0 };
	unsigned long lost = 0;
	unsigned int i;

	relay_ring_count(&world.ring, &stats);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		lost += stats.lost[i];
	return lost;
}

static unsigned long world_look_at(const struct relay_found_buffer *buf,
				   unsigned int index)
{
	struct relay_found_subbuf sub;
	enum relay_verdict verdict;
	unsigned long bytes = 0;
	unsigned int i;

	world.found = 0;
	verdict = relay_find_subbuf(buf, index, &sub);
	world.doubted[index] = verdict || sub.doubted;
	if (!verdict && sub.info.lost > world_lost())
		world_fail("more are lost than there were", sub.info.lost, index);
	if (verdict == RELAY_EMPTY)
		return 0;
	if (verdict)
		world_fail(relay_verdict_text(verdict), index, verdict);
	for (i = 0; i < sub.n_extents; i++) {
		world_extent(index, sub.info.sequence, &sub.extent[i]);
		bytes += sub.extent[i].end - sub.extent[i].begin;
	}
	/* A record that is being committed is found before it is counted. */
	if (world.found > sub.info.records + world.n_whole)
		world_fail("more records than were counted", world.found, sub.info.records);
	return bytes;
}

static void world_check_found(struct witness *witness)
{
	if (witness->found == world.looks || world_gone(witness))
		return;
	if (witness->seen)
		world_fail("no more recoverable", witness->pos, witness->fate);
	if (witness->fate == FATE_COMMITTED &&
	    (!relay_word_read(&world.ring.control->unnoted) ||
	     !world.doubted[relay_pos_index(&world.ring, witness->pos)]))
		world_fail("committed, not recoverable", witness->pos, 0);
	if (witness->fate == FATE_WHOLE && witness->level == world.level)
		world.max_window = max(world.max_window, ++witness->window);
}

/* The statistics' count of records never decreases. */
static void world_check_count(void)
{
	struct relay_counters stats = { 0 };

	relay_ring_count(&world.ring, &stats);
	if (stats.committed < world.counted || stats.committed > world.n_records)
		world_fail("the count of records", stats.committed, world.counted);
	world.counted = stats.committed;
}

void world_look(void)
{
	struct relay_found_buffer buf;
	unsigned int i;

	world.looks++;
	world_check_count();
	if (relay_find_buffer(&found_channel, 0, &buf))
		world_fail("no buffer", world.looks, 0);
	for (i = 0; i < world.ring.n_subbufs; i++)
		world_check_counted(i, world_look_at(&buf, i));
	for (i = 0; i < world.n_records; i++)
		world_check_found(&world.witness[i]);
}

/*
 * At rest
 */

static int by_position(const void *a, const void *b)
{
	const struct witness * const *x = a, * const *y = b;
	unsigned long p = (*x)->pos - world.first, q = (*y)->pos - world.first;

	return p < q ? -1 : p > q;
}

static bool world_in_stream(const struct witness *witness)
{
	return witness->timed && witness->fate == FATE_COMMITTED;
}

/*
 * Times do not decrease, and the last_time that a record got is not later than the time
 * of the previous record, or for the first record of a sub-buffer, than its own time.
 */
static void world_check_after(const struct witness *witness,
			      const struct witness *before, u64 time)
{
	const struct relay_ring *ring = &world.ring;
	bool first = !before || relay_pos_start(ring, before->pos) !=
				relay_pos_start(ring, witness->pos);

	if (witness->time < time)
		world_fail("order", witness->time, time);
	if (witness->last_time > (first ? witness->time : before->time))
		world_fail("last time", witness->last_time, time);
}

/* Check the order of times (P9) of all records of the ring's life, read or not. */
static void world_check_order(void)
{
	struct witness *sorted[WORLD_RECORDS];
	unsigned int i, n = 0;
	u64 time = 0;

	for (i = 0; i < world.n_records; i++)
		if (world_in_stream(&world.witness[i]))
			sorted[n++] = &world.witness[i];
	qsort(sorted, n, sizeof(sorted[0]), by_position);
	for (i = 0; i < n; i++) {
		world_check_after(sorted[i], i ? sorted[i - 1] : NULL, time);
		time = sorted[i]->time;
	}
}

void world_check_held(void)
{
	const struct relay_subbuf *sub;
	unsigned long begin, lowest;
	unsigned int i, j;

	for (i = 0; i < WORLD_SLOTS; i++) {
		if (!world.held[i].witness)
			continue;
		lowest = world.held[i].slot.begin;
		sub = world.held[i].slot.sub;
		for (j = 0; j < WORLD_SLOTS; j++) {
			begin = world.held[j].slot.begin;
			if (world.held[j].witness &&
			    world.held[j].slot.sub == sub &&
			    (long)(lowest - begin) > 0)
				lowest = begin;
		}
		if (relay_word_read(&sub->contiguous) != lowest)
			world_fail("contiguous below an open one", lowest,
				   relay_word_read(&sub->contiguous));
	}
}

static void world_check_marks(void)
{
	const struct relay_ring *ring = &world.ring;
	unsigned long pos = relay_word_read(&ring->control->reserve);
	const struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);

	if (relay_pos_offset(ring, pos) == ring->subbuf_size)
		return;
	if ((u32)relay_word_read(&sub->committed) != relay_pos_offset(ring, pos))
		world_fail("committed at rest", pos,
			   relay_word_read(&sub->committed));
	if (relay_word_read(&sub->contiguous) != pos)
		world_fail("contiguous at rest", pos,
			   relay_word_read(&sub->contiguous));
}

/* A sub-buffer ends before the next one begins, and its loss count is not higher. */
static void world_check_neighbours(unsigned long n)
{
	const struct delivery *one = world.delivered;
	unsigned long i;

	for (i = 0; i < n; i++, one++) {
		if (!one->begin_time || one->begin_time > one->end_time)
			world_fail("begin and end time", one->begin_time, one->end_time);
		if (i + 1 == n)
			break;
		if (one[1].begin_time < one->end_time)
			world_fail("begins before the one before it ends",
				   one[1].begin_time, one->end_time);
		if (one[1].lost < one->lost)
			world_fail("lost goes back", one[1].lost, one->lost);
	}
}

/* Every record was reserved between the begin and the end of its sub-buffer. */
static void world_check_inside(const struct witness *witness)
{
	unsigned long ordinal = world_ordinal(witness->pos);
	const struct delivery *delivery = &world.delivered[ordinal];

	if (!world_in_stream(witness) || ordinal >= WORLD_LAPS || !delivery->times)
		return;
	if (witness->time < delivery->begin_time || witness->time > delivery->end_time)
		world_fail("outside of its sub-buffer's time", witness->time,
			   delivery->begin_time);
}

static void world_check_deliveries(void)
{
	unsigned long pos = relay_word_read(&world.ring.control->reserve);
	bool closed = relay_pos_offset(&world.ring, pos) ==
		      world.ring.subbuf_size;
	unsigned long i, n;

	/* Before the first record, the position is in the lap before the first one. */
	if ((long)(pos - world.first) < 0)
		return;
	n = world_ordinal(pos) + closed;
	for (i = 0; i < n; i++)
		if (world.delivered[i].times != 1)
			world_fail("deliveries", i, world.delivered[i].times);
	if (n < WORLD_LAPS && world.delivered[n].times)
		world_fail("delivered while open", n, world.delivered[n].times);
	world_check_neighbours(n);
}

static void world_check_stats(void)
{
	struct relay_counters stats = { 0 };
	unsigned long lost = 0;
	int i;

	relay_ring_count(&world.ring, &stats);
	if (stats.committed != world.committed)
		world_fail("committed", stats.committed, world.committed);
	if (stats.discarded != world.discarded)
		world_fail("discarded", stats.discarded, world.discarded);
	for (i = 0; i < RELAY_LOST_REASONS; i++) {
		if (stats.lost[i] != world.lost[i])
			world_fail("lost", i, stats.lost[i]);
		lost += world.lost[i];
	}
	if (world.attempts != world.committed + world.discarded + lost)
		world_fail("attempts", world.attempts, lost);
	if (stats.committed != world.read + stats.overwritten + stats.erased)
		world_fail("conservation", stats.committed, world.read);
}

/* A record that is written alone gets the time of the previous one as its last_time. */
static void world_check_times(const struct witness *before)
{
	const struct witness *last = &world.witness[world.n_records];
	unsigned long cursor = world.cursor;
	struct relay_span span;

	if (world_write(WORLD_LAST, true, false))
		world_fail("refused at rest", before->pos, 0);
	if (last->last_time != before->time)
		world_fail("last time at rest", last->last_time, before->time);
	world_act(ACT_FLUSH);
	if (relay_ring_peek(&world.ring, &cursor, &span))
		world_fail("unread at rest", cursor, last->pos);
	if (span.info.begin_time <= before->time || span.info.begin_time > last->time)
		world_fail("begin time at rest", span.info.begin_time, last->time);
	while (world_read())
		;
}

static void world_check_last(unsigned int seq)
{
	const struct witness *witness = &world.witness[seq];

	/* The last record must be read, and exactly once. */
	if (witness->fate == FATE_COMMITTED && witness->read != 1)
		world_fail("the last record is not read", witness->pos, seq);
}

void world_finish(void)
{
	unsigned int last, i;
	int err;

	for (i = 0; i < WORLD_SLOTS; i++)
		world_release(i);
	world_look();
	world_check_marks();
	/* Flush only if the last record may not fit: a flush could hide an error of a reset. */
	if (world_left() < WORLD_LAST + 3)
		world_act(ACT_FLUSH);
	while (world_read())
		;
	last = world.n_records;
	err = world_write(WORLD_LAST, true, false);
	if (err)
		world_fail("an empty ring refuses", err, 0);
	world_act(ACT_FLUSH);
	world_check_marks();
	while (world_read())
		;
	world_check_last(last);
	world_check_times(&world.witness[last]);
	world_check_order();
	world_check_deliveries();
	for (i = 0; i < world.n_records; i++)
		world_check_inside(&world.witness[i]);
	world_check_stats();
}
