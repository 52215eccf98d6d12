// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: read packets byte by byte. The clock advances only when a case moves it. The reader
 * in this file computes each event's time from the bits of its header, as babeltrace2 does,
 * and compares it with the time of the clock at the reservation.
 */
#include <linux/slab.h>
#include "../../relay/tests/support.h"
#include "../internal.h"

#define LTT_TEST_SUBBUF		SZ_4K
#define LTT_TEST_N_SUBBUFS	8
#define LTT_TEST_ROOM		(LTT_TEST_SUBBUF - sizeof(struct ltt_packet))
#define LTT_TEST_COMPACT	4
#define LTT_TEST_SHORT		4
#define LTT_TEST_MEDIUM		8	/* 4 if events have contexts */
#define LTT_TEST_EXTENDED	12
#define LTT_TEST_EVENTS		4096
/* Least ticks since the previous event that need a header of 12 bytes. */
#define LTT_TEST_FAR		BIT_ULL(27)
/* Least ticks since the previous event that a short header cannot hold. */
#define LTT_TEST_SHORT_FAR	BIT_ULL(16)

/* Numbers of events: the largest of each form of header, and the least of the next form. */
#define LTT_TEST_ID		28
#define LTT_TEST_ID_SHORT	29
#define LTT_TEST_ID_SHORT_LAST	2047
#define LTT_TEST_ID_MEDIUM	2048
#define LTT_TEST_ID_LARGE	65535

/**
 * struct ltt_test_event - an event that was written
 * @time:	the clock at its reservation
 * @id:		its number
 * @size:	bytes after its header
 * @header:	bytes of its header, 0 for any
 * @fill:	value of each of its bytes
 * @is_void:	it was discarded
 */
struct ltt_test_event {
	u64		time;
	unsigned int	id;
	unsigned int	size;
	unsigned int	header;
	u8		fill;
	bool		is_void;
};

/**
 * struct ltt_test - a case
 * @test:	for KUnit
 * @trace:	its trace
 * @ring:	ring of the CPU
 * @event:	events written and not yet read, in the order of the ring
 * @n:		number of @event
 * @cursor:	position of the next packet
 * @sequence:	number of the next packet
 * @used:	bytes of the last packet
 * @last:	time of the last event that was written
 * @discarded:	events that the last packet says were lost
 * @fill:	of the next event
 */
struct ltt_test {
	struct kunit		*test;
	struct ltt_trace	*trace;
	struct relay_ring	*ring;
	struct ltt_test_event	*event;
	unsigned int		n;
	unsigned long		cursor;
	u64			sequence;
	unsigned long		used;
	u64			last;
	u64			discarded;
	u8			fill;
};

static u64 ltt_test_now;

static u64 ltt_test_clock(void)
{
	return ltt_test_now;
}

static void ltt_test_clock_back(void *clock)
{
	__static_call_update(&STATIC_CALL_KEY(ltt_clock), STATIC_CALL_TRAMP_ADDR(ltt_clock), clock);
}

KUNIT_DEFINE_ACTION_WRAPPER(ltt_test_destroy, ltt_trace_destroy, struct ltt_trace *);

static struct ltt_test *ltt_test_begin(struct kunit *test, u64 now, unsigned int flags)
{
	const struct ltt_params params = {
		.name = "ltt-kunit", .subbuf_size = LTT_TEST_SUBBUF, .flags = LTT_MEMORY | flags,
		.n_subbufs = LTT_TEST_N_SUBBUFS, .metadata_size = SZ_16K,
	};
	struct ltt_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->event = kunit_kcalloc(test, LTT_TEST_EVENTS, sizeof(*t->event), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->event);
	relay_test_pin(test, 0);
	ltt_test_now = now;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action(test, ltt_test_clock_back,
						  static_call_query(ltt_clock)));
	static_call_update(ltt_clock, ltt_test_clock);
	t->trace = ltt_trace_create(&params);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->trace);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, ltt_test_destroy, t->trace));
	t->ring = &relay_test_buf(t->trace->chan, 0)->ring;
	return t;
}

/*
 * The writer
 */

/*
 * Reserve and fill an event, and expect the reader to find it. Return: 0; or the error of
 * ltt_reserve(), and no event is expected.
 */
static int ltt_test_reserve(struct ltt_test *t, struct ltt_slot *s, unsigned int id,
			    unsigned int size, unsigned int header)
{
	struct ltt_test_event *event = &t->event[t->n];
	int err;

	KUNIT_ASSERT_LT(t->test, t->n, LTT_TEST_EVENTS);
	err = ltt_reserve(t->trace, s, id, size);
	if (err)
		return err;
	t->fill++;
	*event = (struct ltt_test_event) {
		.time = ltt_test_now, .id = id, .size = size, .header = header, .fill = t->fill,
	};
	memset(s->slot.data, t->fill, size);
	if (t->trace->context)
		((struct ltt_context *)s->slot.data)->id = id;
	t->last = ltt_test_now;
	t->n++;
	return 0;
}

/* Return: bytes of the header of an event with number @id, written now. */
static unsigned int ltt_test_header(const struct ltt_test *t, unsigned int id)
{
	u64 gap = ltt_test_now - t->last;

	if (gap >= LTT_TEST_FAR)
		return LTT_TEST_EXTENDED;
	if (id <= LTT_TEST_ID || t->trace->context)
		return LTT_TEST_COMPACT;
	return id <= LTT_TEST_ID_SHORT_LAST && gap < LTT_TEST_SHORT_FAR ? LTT_TEST_SHORT :
									  LTT_TEST_MEDIUM;
}

static int ltt_test_write(struct ltt_test *t, unsigned int id, unsigned int size)
{
	struct ltt_slot s;
	int err = ltt_test_reserve(t, &s, id, size, ltt_test_header(t, id));

	if (!err)
		relay_slot_commit(&s.slot);
	return err;
}

/* Write an event @ticks after the clock's current time. */
static void ltt_test_after(struct ltt_test *t, u64 ticks, unsigned int id, unsigned int size)
{
	ltt_test_now += ticks;
	KUNIT_EXPECT_EQ(t->test, 0, ltt_test_write(t, id, size));
}

/*
 * The reader
 */

static unsigned int ltt_test_word_id(u32 word)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? word >> 27 : word & 31;
}

static unsigned int ltt_test_word_short_id(u32 word)
{
	return (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? word >> 16 : word >> 5) & 2047;
}

/* Return: the first time at or after @time whose bits below @far are those in @word. */
static u64 ltt_test_word_time(u64 time, u32 word, u64 far)
{
	u64 low = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? word & (far - 1) :
						      word / (BIT_ULL(32) / far);

	return time + ((low - time) & (far - 1));
}

static u16 ltt_test_context_id(const u8 *at)
{
	struct ltt_context context;

	memcpy(&context, at, sizeof(context));
	return context.id;
}

static bool ltt_test_is_filled(const struct ltt_test *t, const u8 *at,
			       const struct ltt_test_event *event)
{
	for (unsigned int i = t->trace->context ? sizeof(u16) : 0; i < event->size; i++)
		if (at[i] != event->fill)
			return false;
	return true;
}

/* Check the fields of a void event: with its context it must have @size bytes. */
static void ltt_test_void(struct ltt_test *t, const u8 *at, unsigned int size, unsigned int id)
{
	unsigned int context = t->trace->context ? sizeof(struct ltt_context) : 0;
	u16 length;

	size -= context;

	switch (size) {
	case 0:
		KUNIT_EXPECT_EQ(t->test, LTT_EVENT_VOID_EMPTY, id);
		return;
	case 1:
		KUNIT_EXPECT_EQ(t->test, LTT_EVENT_VOID_BYTE, id);
		return;
	}
	KUNIT_EXPECT_EQ(t->test, LTT_EVENT_VOID, id);
	memcpy(&length, at + context, sizeof(length));
	KUNIT_EXPECT_EQ(t->test, size, length + sizeof(length));
}

/* Read the event at @at, and compare it with @event. Return: its end. */
static const void *ltt_test_read(struct ltt_test *t, const u8 *at, u64 *time,
				 const struct ltt_test_event *event)
{
	const u32 *word = PTR_ALIGN((const u32 *)at, 4);
	unsigned int form = ltt_test_word_id(word[0]), id = form, header = LTT_TEST_COMPACT;
	unsigned int size = event->size;

	if (form == 31) {
		header = LTT_TEST_EXTENDED;
		id = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? word[0] & (BIT(27) - 1) : word[0] >> 5;
		memcpy(time, &word[1], sizeof(*time));
	} else if (form == 29) {
		header = LTT_TEST_SHORT;
		id = ltt_test_word_short_id(word[0]);
		*time = ltt_test_word_time(*time, word[0], LTT_TEST_SHORT_FAR);
	} else {
		*time = ltt_test_word_time(*time, word[0], LTT_TEST_FAR);
	}
	if (form == 30 && !t->trace->context) {
		header = LTT_TEST_MEDIUM;
		id = word[1];
	}
	at = (const u8 *)word + header;
	if (t->trace->context) {
		if (form == 30)
			id = ltt_test_context_id(at);
		KUNIT_EXPECT_EQ(t->test, id, ltt_test_context_id(at));
	} else if (event->is_void && event->id > LTT_TEST_ID && form < 29) {
		/* A void event's header is one word: the second one became part of its fields. */
		size += LTT_TEST_MEDIUM - LTT_TEST_COMPACT;
	}
	KUNIT_EXPECT_EQ(t->test, event->time, *time);
	if (event->header)
		KUNIT_EXPECT_EQ(t->test, event->header, header);
	if (event->is_void) {
		ltt_test_void(t, at, size, id);
	} else {
		KUNIT_EXPECT_EQ(t->test, event->id, id);
		KUNIT_EXPECT_TRUE(t->test, ltt_test_is_filled(t, at, event));
	}
	return at + size;
}

/* Read a packet, and compare its events with the @n at @event. Return: number of events read. */
static unsigned int ltt_test_packet(struct ltt_test *t, const void *data, unsigned long used,
				    const struct ltt_test_event *event, unsigned int n)
{
	const struct ltt_packet *packet = data;
	const void *at = packet + 1, *end = data + used;
	u64 time = packet->begin;
	unsigned int i;

	KUNIT_EXPECT_EQ(t->test, LTT_CTF_MAGIC, packet->magic);
	KUNIT_EXPECT_MEMEQ(t->test, packet->uuid, t->trace->uuid, sizeof(packet->uuid));
	KUNIT_EXPECT_EQ(t->test, used * BITS_PER_BYTE, packet->content);
	KUNIT_EXPECT_EQ(t->test, packet->content, packet->size);
	KUNIT_EXPECT_EQ(t->test, t->sequence, packet->sequence);
	KUNIT_EXPECT_GE(t->test, packet->discarded, t->discarded);
	for (i = 0; i < n && at < end; i++)
		at = ltt_test_read(t, at, &time, &event[i]);
	KUNIT_EXPECT_PTR_EQ(t->test, end, at);
	KUNIT_EXPECT_GE(t->test, packet->end, time);
	t->sequence++;
	t->used = used;
	t->discarded = packet->discarded;
	return i;
}

/* Read all delivered packets. Return: number of packets. */
static unsigned int ltt_test_drain(struct ltt_test *t)
{
	unsigned int n = 0, read = 0;
	struct relay_span span;

	while (!relay_ring_peek(t->ring, &t->cursor, &span)) {
		read += ltt_test_packet(t, span.data, span.info.used, t->event + read, t->n - read);
		relay_ring_consume(t->ring, &span);
		n++;
	}
	t->n -= read;
	memmove(t->event, t->event + read, t->n * sizeof(*t->event));
	return n;
}

/* Read all events, up to the last one. */
static void ltt_test_end(struct ltt_test *t)
{
	relay_flush(t->trace->chan);
	ltt_test_drain(t);
	KUNIT_EXPECT_EQ(t->test, 0, t->n);
}

static unsigned long ltt_test_lost(const struct ltt_test *t, unsigned int reason)
{
	struct relay_counters counters;

	relay_chan_stats(t->trace->chan, &counters);
	return counters.lost[reason];
}

/*
 * The time
 */

/* Gaps around the limit of each form of header, from different values of the low bits. */
static void ltt_test_gaps(struct kunit *test)
{
	static const u64 gaps[] = {
		0, 1, 2, LTT_TEST_SHORT_FAR - 1, LTT_TEST_SHORT_FAR, LTT_TEST_SHORT_FAR + 1,
		2 * LTT_TEST_SHORT_FAR, LTT_TEST_FAR - 1, LTT_TEST_FAR, LTT_TEST_FAR + 1,
		2 * LTT_TEST_FAR - 1, 2 * LTT_TEST_FAR, 2 * LTT_TEST_FAR + 1, BIT_ULL(31) - 1,
		BIT_ULL(31), BIT_ULL(32) - 1, BIT_ULL(32), BIT_ULL(32) + 1, BIT_ULL(40),
		BIT_ULL(48) + 1,
	};
	static const u64 from[] = {
		0, 1, LTT_TEST_SHORT_FAR - 1, LTT_TEST_FAR / 2, LTT_TEST_FAR - 2,
		LTT_TEST_FAR - 1,
	};
	struct ltt_test *t = ltt_test_begin(test, 0, 0);

	for (unsigned int i = 0; i < ARRAY_SIZE(from); i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(gaps); j++) {
			ltt_test_now = ALIGN(ltt_test_now, LTT_TEST_FAR) + from[i];
			ltt_test_after(t, 0, LTT_TEST_ID, 8);
			ltt_test_after(t, gaps[j], LTT_TEST_ID, 8);
			ltt_test_after(t, gaps[j], LTT_TEST_ID_SHORT, 8);
			ltt_test_after(t, gaps[j], LTT_TEST_ID_SHORT_LAST, 8);
			ltt_test_after(t, gaps[j], LTT_TEST_ID_MEDIUM, 8);
			ltt_test_after(t, gaps[j], LTT_TEST_ID_LARGE, 8);
			ltt_test_after(t, gaps[j], LTT_EVENT_FIRST, 8);
			ltt_test_drain(t);
		}
	}
	/* Up to the largest time. */
	ltt_test_now = U64_MAX - LTT_TEST_FAR;
	ltt_test_after(t, 0, LTT_TEST_ID, 8);
	ltt_test_after(t, LTT_TEST_FAR - 1, LTT_TEST_ID, 8);
	ltt_test_after(t, 1, LTT_TEST_ID, 8);
	ltt_test_end(t);
}

/* Gaps between the last event of a packet and the first event of the next one. */
static void ltt_test_packets(struct kunit *test)
{
	static const u64 gaps[] = {
		0, 1, LTT_TEST_SHORT_FAR - 1, LTT_TEST_SHORT_FAR, LTT_TEST_FAR - 1, LTT_TEST_FAR,
		LTT_TEST_FAR + 1, BIT_ULL(32) + 1,
	};
	struct ltt_test *t = ltt_test_begin(test, LTT_TEST_FAR - 1, 0);

	for (unsigned int i = 0; i < ARRAY_SIZE(gaps); i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(gaps); j++) {
			ltt_test_after(t, 3, LTT_TEST_ID, 8);
			/* Close the packet gaps[i] later, and begin the next one gaps[j] later. */
			ltt_test_now += gaps[i];
			relay_flush(t->trace->chan);
			ltt_test_after(t, gaps[j], i % 2 ? LTT_TEST_ID : LTT_TEST_ID_SHORT, 8);
			ltt_test_after(t, gaps[i], j % 2 ? LTT_TEST_ID : LTT_TEST_ID_SHORT, 8);
			KUNIT_EXPECT_EQ(test, 1, ltt_test_drain(t));
		}
	}
	ltt_test_end(t);
}

/*
 * A discarded event leaves no bytes, or a void event. The header of the next event must hold
 * enough time for a reader that knows only the last event left.
 */
static void ltt_test_discards(struct kunit *test)
{
	static const u64 gaps[] = {
		1, LTT_TEST_SHORT_FAR - 1, LTT_TEST_SHORT_FAR, LTT_TEST_FAR - 1, LTT_TEST_FAR,
		LTT_TEST_FAR + 1,
	};
	struct ltt_test *t = ltt_test_begin(test, BIT_ULL(40), 0);

	for (unsigned int i = 0; i < ARRAY_SIZE(gaps); i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(gaps); j++) {
			struct ltt_slot s;

			ltt_test_after(t, 1, LTT_TEST_ID, 8);
			ltt_test_now += gaps[i];
			KUNIT_ASSERT_EQ(test, 0, ltt_test_reserve(t, &s, LTT_TEST_ID, 40, 0));
			ltt_discard(t->trace, &s.slot);
			t->n--;
			/* Its header may have any form. */
			ltt_test_now += gaps[j];
			KUNIT_ASSERT_EQ(test, 0, ltt_test_reserve(t, &s, j % 2 ? LTT_TEST_ID :
								  LTT_TEST_ID_SHORT, 8, 0));
			relay_slot_commit(&s.slot);
		}
		ltt_test_drain(t);
	}
	ltt_test_end(t);
}

/*
 * The header of an event that interrupts another writer has the whole time, because after a
 * crash the interrupted event may be missing.
 */
static void ltt_test_nested(struct kunit *test)
{
	struct ltt_test *t = ltt_test_begin(test, BIT_ULL(40), 0);
	struct ltt_slot outer, inner;

	for (unsigned int i = 0; i < 100; i++) {
		ltt_test_after(t, 1, LTT_TEST_ID, 8);
		KUNIT_ASSERT_EQ(test, 0, ltt_test_reserve(t, &outer, LTT_TEST_ID, 8,
							  LTT_TEST_COMPACT));
		ltt_test_now++;
		KUNIT_ASSERT_EQ(test, 0, ltt_test_reserve(t, &inner, LTT_TEST_ID, 8,
							  LTT_TEST_EXTENDED));
		relay_slot_commit(&inner.slot);
		relay_slot_commit(&outer.slot);
		/* Deliver the packet, so that the reader gets both events. */
		relay_flush(t->trace->chan);
		ltt_test_drain(t);
	}
	ltt_test_end(t);
}

static u64 ltt_test_random_gap(struct rnd_state *random)
{
	u64 gap = BIT_ULL(2 + prandom_u32_state(random) % 34);

	if (prandom_u32_state(random) % 2)
		return prandom_u32_state(random) % 1000;
	return gap - 3 + prandom_u32_state(random) % 6;
}

static unsigned int ltt_test_random_size(const struct ltt_test *t, struct rnd_state *random)
{
	unsigned int context = t->trace->context ? sizeof(struct ltt_context) : 0;

	return context + (prandom_u32_state(random) % 4 ? prandom_u32_state(random) % 8 :
							  prandom_u32_state(random) % 600);
}

/* Write an event with up to @depth levels of nested events; commit or discard each. */
static void ltt_test_random_event(struct ltt_test *t, struct rnd_state *random,
				  unsigned int depth)
{
	static const unsigned int ids[] = {
		LTT_EVENT_FIRST, LTT_TEST_ID, LTT_TEST_ID_SHORT, LTT_TEST_ID_SHORT_LAST,
		LTT_TEST_ID_MEDIUM, LTT_TEST_ID_LARGE,
	};
	unsigned int id = ids[prandom_u32_state(random) % ARRAY_SIZE(ids)];
	unsigned int inner = depth ? prandom_u32_state(random) % 3 : 0, mine = t->n;
	unsigned long begin;
	struct ltt_slot s;

	ltt_test_now += ltt_test_random_gap(random);
	if (ltt_test_reserve(t, &s, id, ltt_test_random_size(t, random), 0)) {
		KUNIT_FAIL(t->test, "an event is lost");
		return;
	}
	while (inner--)
		ltt_test_random_event(t, random, depth - 1);
	if (prandom_u32_state(random) % 4) {
		relay_slot_commit(&s.slot);
		return;
	}
	begin = s.slot.begin;
	ltt_discard(t->trace, &s.slot);
	if (relay_word_read(&t->ring->control->reserve) != begin) {
		t->event[mine].is_void = true;
		return;
	}
	/* The reservation was taken back, so no nested event may follow it. */
	KUNIT_EXPECT_EQ(t->test, mine + 1, t->n);
	t->n = mine;
}

static void ltt_test_random(struct kunit *test, unsigned int flags)
{
	struct ltt_test *t = ltt_test_begin(test, 1, flags);
	struct rnd_state random;

	relay_test_random(test, &random);
	for (unsigned int i = 0; i < 20000 && test->status != KUNIT_FAILURE; i++) {
		ltt_test_random_event(t, &random, 2);
		ltt_test_drain(t);
	}
	ltt_test_end(t);
	KUNIT_EXPECT_GT(test, t->sequence, 1000);
}

static void ltt_test_random_bare(struct kunit *test)
{
	ltt_test_random(test, 0);
}

static void ltt_test_random_context(struct kunit *test)
{
	ltt_test_random(test, LTT_CONTEXT);
}

/*
 * The room
 */

static unsigned long ltt_test_offset(const struct ltt_test *t)
{
	return relay_pos_offset(t->ring, relay_word_read(&t->ring->control->reserve));
}

/*
 * Write an event with a header of @header bytes that fills its packet exactly, or is @more
 * bytes too long, after an event of @before bytes.
 */
static void ltt_test_fill(struct ltt_test *t, unsigned int header, unsigned int before,
			  unsigned int more)
{
	u64 gap = header == LTT_TEST_COMPACT ? LTT_TEST_FAR - 1 : LTT_TEST_FAR;
	unsigned long offset, left;

	relay_flush(t->trace->chan);
	ltt_test_drain(t);
	ltt_test_after(t, 1, LTT_TEST_ID, before);
	offset = ltt_test_offset(t);
	left = LTT_TEST_SUBBUF - ALIGN(offset, 4) - header;
	ltt_test_after(t, gap, LTT_TEST_ID, left + more);
	/* It closes its own packet, or the one in which it had no room. */
	KUNIT_EXPECT_EQ(t->test, 1, ltt_test_drain(t));
	KUNIT_EXPECT_EQ(t->test, more ? offset : LTT_TEST_SUBBUF, t->used);
	KUNIT_EXPECT_EQ(t->test, more ? 1 : 0, t->n);
}

static void ltt_test_exact(struct kunit *test)
{
	struct ltt_test *t = ltt_test_begin(test, BIT_ULL(40), 0);

	for (unsigned int before = 1000; before < 1004; before++) {
		for (unsigned int more = 0; more < 3; more++) {
			ltt_test_fill(t, LTT_TEST_COMPACT, before, more);
			ltt_test_fill(t, LTT_TEST_EXTENDED, before, more);
		}
		/* Leave no room for a header, or room for a header only. */
		for (unsigned int left = 0; left < 20; left++) {
			relay_flush(t->trace->chan);
			ltt_test_after(t, 1, LTT_TEST_ID, LTT_TEST_ROOM - LTT_TEST_COMPACT - left);
			ltt_test_after(t, left % 2 ? 1 : LTT_TEST_FAR, LTT_TEST_ID, before % 4);
			ltt_test_drain(t);
		}
	}
	ltt_test_end(t);
	KUNIT_EXPECT_EQ(test, 0, t->discarded);
}

/*
 * At the start of a packet or after another event: an event with a header of @header bytes that
 * is longer than a packet by a byte is refused, and the largest possible one is recorded.
 */
static void ltt_test_largest_of(struct ltt_test *t, u64 gap, unsigned int id,
				unsigned int header, bool start)
{
	unsigned int largest = LTT_TEST_ROOM - header;
	unsigned long lost = ltt_test_lost(t, RELAY_LOST_TOO_BIG);

	ltt_test_after(t, 1, LTT_TEST_ID, 100);
	if (start)
		relay_flush(t->trace->chan);
	ltt_test_now += gap;
	KUNIT_EXPECT_EQ(t->test, -E2BIG, ltt_test_write(t, id, largest + 1));
	KUNIT_EXPECT_EQ(t->test, -E2BIG, ltt_test_write(t, id, INT_MAX));
	KUNIT_EXPECT_EQ(t->test, lost + 2, ltt_test_lost(t, RELAY_LOST_TOO_BIG));
	ltt_test_after(t, 0, id, largest);
	KUNIT_EXPECT_EQ(t->test, 2, ltt_test_drain(t));
	KUNIT_EXPECT_EQ(t->test, LTT_TEST_SUBBUF, t->used);
	/* The packet's header counts the events lost before it was closed. */
	KUNIT_EXPECT_EQ(t->test, lost + 2, t->discarded);
}

static void ltt_test_largest(struct kunit *test)
{
	struct ltt_test *t = ltt_test_begin(test, BIT_ULL(40), 0);

	for (unsigned int start = 0; start < 2; start++) {
		ltt_test_largest_of(t, 1, LTT_TEST_ID, LTT_TEST_COMPACT, start);
		ltt_test_largest_of(t, LTT_TEST_FAR - 1, LTT_TEST_ID, LTT_TEST_COMPACT, start);
		ltt_test_largest_of(t, LTT_TEST_FAR, LTT_TEST_ID, LTT_TEST_EXTENDED, start);
		ltt_test_largest_of(t, 1, LTT_TEST_ID_SHORT, LTT_TEST_SHORT, start);
		ltt_test_largest_of(t, LTT_TEST_SHORT_FAR, LTT_TEST_ID_SHORT, LTT_TEST_MEDIUM,
				    start);
		ltt_test_largest_of(t, 1, LTT_TEST_ID_LARGE, LTT_TEST_MEDIUM, start);
		ltt_test_largest_of(t, LTT_TEST_FAR, LTT_TEST_ID_LARGE, LTT_TEST_EXTENDED, start);
	}
	ltt_test_end(t);
}

/* A text is preceded by its length. */
static void ltt_test_text(struct kunit *test)
{
	const u64 ip = 0x1234;
	const struct ltt_part fixed = { &ip, sizeof(ip) };
	unsigned int largest = LTT_TEST_ROOM - LTT_TEST_COMPACT - sizeof(ip) - sizeof(u16);
	struct ltt_test *t = ltt_test_begin(test, 1, 0);
	char *text = kunit_kzalloc(test, U16_MAX + 2, GFP_KERNEL);
	struct relay_span span;

	KUNIT_ASSERT_NOT_NULL(test, text);
	ltt_write_text(t->trace, LTT_EVENT_PRINT, NULL, fixed, text, largest + 1);
	ltt_write_text(t->trace, LTT_EVENT_PRINT, NULL, fixed, text, U16_MAX + 2);
	KUNIT_EXPECT_EQ(test, 2, ltt_test_lost(t, RELAY_LOST_TOO_BIG));
	ltt_write_text(t->trace, LTT_EVENT_PRINT, NULL, fixed, text, largest);
	KUNIT_EXPECT_EQ(test, 2, ltt_test_lost(t, RELAY_LOST_TOO_BIG));
	KUNIT_ASSERT_EQ(test, 0, relay_ring_peek(t->ring, &t->cursor, &span));
	KUNIT_EXPECT_EQ(test, LTT_TEST_SUBBUF, span.info.used);
}

static struct kunit_case ltt_test_cases[] = {
	KUNIT_CASE(ltt_test_gaps),
	KUNIT_CASE(ltt_test_packets),
	KUNIT_CASE(ltt_test_discards),
	KUNIT_CASE(ltt_test_nested),
	KUNIT_CASE(ltt_test_random_bare),
	KUNIT_CASE(ltt_test_random_context),
	KUNIT_CASE(ltt_test_exact),
	KUNIT_CASE(ltt_test_largest),
	KUNIT_CASE(ltt_test_text),
	{}
};

static struct kunit_suite ltt_test_suite = {
	.name		= "relay-ltt-packets",
	.test_cases	= ltt_test_cases,
};

kunit_test_suite(ltt_test_suite);
