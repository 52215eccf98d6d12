// SPDX-License-Identifier: GPL-2.0
/*
 * Recovers a bank, and compares the result with the expected content.
 */
#include <stdio.h>
#include <stdlib.h>
#include "calls.h"
#include "expect.h"
#include "parse_bank.h"
#include "record.h"

/* State of the check. */
struct check {
	const struct expect *expect;
	const struct relay_found_buffer *buf;
	const struct relay_found_subbuf *sub;
	const struct expect_subbuf *subbuf;
	const struct expect_subbuf *missing;	/* must be found damaged */
	u32 record;		/* index of the next record */
	u32 last;		/* index after the last record of the sub-buffer */
};

static const char *wrong(const struct check *check, const char *what, u64 a, u64 b)
{
	static char text[200];
	u64 sequence = check->sub ? check->sub->info.sequence : 0;

	snprintf(text, sizeof(text), "%s, cpu %u, sub-buffer %llu: %s: %llu, %llu",
		 check->buf->chan->head.name, check->buf->cpu,
		 (unsigned long long)sequence, what,
		 (unsigned long long)a, (unsigned long long)b);
	return text;
}

static const char *check_record(struct check *check, const struct record *record,
				u32 offset)
{
	const struct expect_record *next = &check->expect->record[check->record];

	if (check->record == check->last)
		return wrong(check, "a record that was not committed", record->seq, offset);
	if (next->seq != record->seq || next->offset != offset || next->len != record->len)
		return wrong(check, "not the next record", record->seq, next->seq);
	if (record->time < check->sub->info.begin_time ||
	    (check->sub->info.end_time && record->time > check->sub->info.end_time))
		return wrong(check, "outside of its sub-buffer's time", record->time,
			     check->sub->info.begin_time);
	check->record++;
	return NULL;
}

static const char *check_extent(struct check *check,
				const struct relay_found_extent *extent)
{
	const struct relay_found_channel *chan = check->buf->chan;
	const u8 *data = check->sub->data;
	u32 at = extent->begin;
	struct record record;
	const char *what;
	long step;

	if (at < chan->head.header_size)
		at = chan->head.header_size;
	for (; at < extent->end; at += step ? step : 1) {
		step = record_check(data + at, extent->end - at, &record);
		if (step < 0)
			return wrong(check, "torn", at, extent->end);
		what = step ? check_record(check, &record, at) : NULL;
		if (what)
			return what;
	}
	return NULL;
}

static const char *check_flags(const struct check *check)
{
	u32 flags = (check->sub->delivered ? EXPECT_DELIVERED : 0) |
		    (check->sub->consumed ? EXPECT_CONSUMED : 0) |
		    (check->sub->sealed ? EXPECT_SEALED : 0);

	if (flags != check->subbuf->flags)
		return wrong(check, "flags", flags, check->subbuf->flags);
	if (check->sub->info.records != check->subbuf->records)
		return wrong(check, "count", check->sub->info.records, check->subbuf->records);
	if (check->sub->info.sequence != check->subbuf->sequence)
		return wrong(check, "number", check->sub->info.sequence,
			     check->subbuf->sequence);
	return NULL;
}

static const char *check_records(struct check *check)
{
	const char *what = NULL;
	unsigned int i;

	for (i = 0; i < check->sub->n_extents && !what; i++)
		what = check_extent(check, &check->sub->extent[i]);
	if (!what && check->record != check->last)
		what = wrong(check, "records are missing", check->last - check->record, 0);
	return what;
}

static const char *check_subbuf(struct check *check, enum relay_verdict verdict)
{
	const char *what;

	if (verdict != RELAY_FOUND)
		return check->subbuf || verdict != RELAY_EMPTY ?
		       wrong(check, relay_verdict_text(verdict), verdict, 0) : NULL;
	if (!check->sub->info.used)
		return wrong(check, "found, and nothing in it", 0, 0);
	if (check->sub->doubted)
		return wrong(check, "doubted, though nothing is wrong", 0, 0);
	what = check_records(check);
	if (!what && check->subbuf)
		what = check_flags(check);
	return what;
}

/* Find the expected sub-buffer and its records, which are in the order of the sub-buffers. */
static void check_aim(struct check *check, u32 buffer, u32 index)
{
	const struct expect *expect = check->expect;
	u32 i;

	check->subbuf = NULL;
	check->record = 0;
	check->last = 0;
	for (i = 0; i < expect->n_subbufs; i++) {
		check->record = check->last;
		check->last += expect->subbuf[i].records;
		if (expect->subbuf[i].buffer != buffer || expect->subbuf[i].index != index)
			continue;
		check->subbuf = &expect->subbuf[i];
		return;
	}
	check->record = check->last;
}

static const char *check_counters(const struct check *check, u32 buffer)
{
	const struct expect_buffer *counted = &check->expect->buffer[buffer];
	struct relay_counters counters = { 0 };
	unsigned int i;

	relay_find_counters(check->buf, &counters);
	if (counters.committed != counted->committed)
		return wrong(check, "committed", counters.committed, counted->committed);
	if (counters.overwritten != counted->overwritten)
		return wrong(check, "overwritten", counters.overwritten,
			     counted->overwritten);
	if (counters.erased != counted->erased)
		return wrong(check, "erased", counters.erased, counted->erased);
	if (counters.discarded != counted->discarded)
		return wrong(check, "discarded", counters.discarded, counted->discarded);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		if (counters.lost[i] != counted->lost[i])
			return wrong(check, "lost", i, counters.lost[i]);
	return NULL;
}

static const char *check_buffer(struct check *check, u32 buffer)
{
	const struct expect_subbuf *missing = check->missing;
	struct relay_found_subbuf sub;
	enum relay_verdict verdict;
	const char *what = relay_find_doubt(check->buf);
	unsigned int i;

	if (!missing && !what)
		what = check_counters(check, buffer);
	for (i = 0; i < check->buf->chan->head.n_subbufs && !what; i++) {
		verdict = relay_find_subbuf(check->buf, i, &sub);
		check->sub = verdict == RELAY_FOUND ? &sub : NULL;
		check_aim(check, buffer, i);
		if (!missing || check->subbuf != missing)
			what = check_subbuf(check, verdict);
		else if (verdict != RELAY_BAD_SEAL && verdict != RELAY_BAD_STATE)
			what = wrong(check, "damaged, and not noticed", i, verdict);
	}
	return what;
}

/* Does the found sub-buffer have the number @sequence, or a later one? Numbers wrap. */
static bool check_newer(const struct check *check, u64 sequence)
{
	u64 numbers = relay_found_numbers(check->buf);
	u64 ahead = check->sub->info.sequence - sequence;

	if (check->sub->info.sequence < sequence)
		ahead += numbers;
	return ahead < numbers / 2;
}

/* Check the sealed sub-buffers. One with another number must be from an earlier lap. */
static const char *check_sealed(struct check *check, u32 buffer)
{
	const struct expect_subbuf *subbuf;
	struct relay_found_subbuf sub;
	enum relay_verdict verdict;
	const char *what = NULL;
	unsigned int i;
	bool sealed;

	for (i = 0; i < check->buf->chan->head.n_subbufs && !what; i++) {
		verdict = relay_find_subbuf(check->buf, i, &sub);
		check->sub = verdict == RELAY_FOUND ? &sub : NULL;
		check_aim(check, buffer, i);
		subbuf = check->subbuf;
		sealed = verdict == RELAY_FOUND && sub.sealed;
		if (subbuf && (subbuf->flags & EXPECT_SEALED) &&
		    (!sealed || sub.info.sequence != subbuf->sequence))
			what = wrong(check, "was sealed, and is lost", i, verdict);
		else if (sealed && subbuf && sub.info.sequence == subbuf->sequence)
			what = check_records(check);
		else if (sealed && subbuf && check_newer(check, subbuf->sequence))
			what = wrong(check, "sealed, and was never written", i, 0);
	}
	return what;
}

typedef const char *check_fn(struct check *check, u32 buffer);

static const char *check_buffers(const struct expect *expect, const void *mem, size_t size,
				 const struct expect_subbuf *missing, check_fn *function)
{
	struct relay_found_channel chan;
	struct relay_found_buffer buf;
	struct relay_found_bank bank;
	enum relay_verdict verdict;
	const char *what = NULL;
	u32 i;

	verdict = relay_find_bank(mem, size, &bank);
	for (i = 0; i < expect->n_buffers && !verdict && !what; i++) {
		struct check check = { .expect = expect, .buf = &buf, .missing = missing };

		verdict = relay_find_channel(&bank, expect->buffer[i].channel, &chan);
		if (!verdict)
			verdict = relay_find_buffer(&chan, expect->buffer[i].cpu, &buf);
		if (!verdict)
			what = function(&check, i);
	}
	return verdict ? relay_verdict_text(verdict) : what;
}

const char *expect_check(const struct expect *expect, const void *mem, size_t size,
			 int missing)
{
	return check_buffers(expect, mem, size,
			     missing < 0 ? NULL : &expect->subbuf[missing], check_buffer);
}

const char *expect_check_sealed(const struct expect *expect, const void *mem, size_t size)
{
	return check_buffers(expect, mem, size, NULL, check_sealed);
}
