// SPDX-License-Identifier: GPL-2.0
/*
 * The ring by itself: cases that the random walk in model_kunit.c meets rarely or
 * does not check.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "support.h"

static const struct relay_ring_ops no_ops;

static int ring_reserve(struct relay_ring *ring, struct relay_slot *slot, size_t len)
{
	return ring->global ? relay_ring_reserve(ring, slot, len, NULL, true) :
			      relay_ring_reserve(ring, slot, len, NULL, false);
}

static void ring_commit(struct relay_slot *slot)
{
	if (slot->ring->global)
		relay_ring_commit(slot, true);
	else
		relay_ring_commit(slot, false);
}

static int ring_write(struct relay_ring *ring, const void *data, size_t len)
{
	struct relay_slot slot;
	int err = ring_reserve(ring, &slot, len);

	if (err)
		return err;
	memcpy(slot.data, data, len);
	ring_commit(&slot);
	return 0;
}

static unsigned long ring_cursor(struct relay_ring *ring)
{
	return atomic_long_read(&ring->control->consumed);
}

static int ring_peek(struct relay_ring *ring, struct relay_span *span)
{
	unsigned long cursor = ring_cursor(ring);

	return relay_ring_peek(ring, &cursor, span);
}

static bool ring_consume(struct kunit *test, struct relay_ring *ring,
			 struct relay_span *span)
{
	if (ring_peek(ring, span))
		return false;
	KUNIT_EXPECT_TRUE(test, relay_ring_consume(ring, span));
	return true;
}

static unsigned long ring_lost(struct relay_ring *ring, unsigned int why)
{
	struct relay_counters stats = {};

	relay_ring_count(ring, &stats);
	return stats.lost[why];
}

static struct relay_ring *ring_simple(struct kunit *test, size_t size, size_t n)
{
	struct relay_test_geometry geometry = { .subbuf_size = size, .n_subbufs = n };

	return relay_test_ring(test, &geometry, &no_ops);
}

/*
 * Geometry
 */

struct ring_init_case {
	const char	*name;
	size_t		size;
	size_t		n;
	unsigned int	header;
	int		err;
};

static const struct ring_init_case ring_init_cases[] = {
	{ "no size", 0, 1, 0, -EINVAL },
	{ "no sub-buffer", 1, 0, 0, -EINVAL },
	{ "header fills it", 16, 1, 16, -EINVAL },
	{ "header leaves a byte", 16, 1, 15, 0 },
	{ "three bits of 32 for laps", 1UL << 26, 4, 0, 0 },
	{ "two bits of 32 for laps", 1UL << 26, 8, 0, 0 },
	{ "one bit of 32 for laps", 1UL << 26, 16, 0, BITS_PER_LONG == 32 ? -E2BIG : 0 },
	{ "no bit for laps", ULONG_MAX, 1, 0, -E2BIG },
};

KUNIT_ARRAY_PARAM_DESC(ring_init, ring_init_cases, name);

static void relay_test_ring_init(struct kunit *test)
{
	const struct ring_init_case *param = test->param_value;
	struct relay_ring ring = { .header_size = param->header };

	ring.control = kunit_kzalloc(test, relay_ring_control_size(16), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring.control);
	KUNIT_EXPECT_EQ(test, param->err,
			relay_ring_init(&ring, param->size, param->n, 0));
}

/*
 * Sizes of records
 */

static void relay_test_ring_exact_fit(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 60, 2);
	struct relay_span span;
	char data[60] = "";
	int i;

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 20));
	KUNIT_EXPECT_EQ(test, -EAGAIN, ring_peek(ring, &span));
	/* The third record fills the sub-buffer, so its commit delivers it. */
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 20));
	KUNIT_ASSERT_EQ(test, 0, ring_peek(ring, &span));
	KUNIT_EXPECT_EQ(test, 60, span.info.used);
	KUNIT_EXPECT_EQ(test, 3, span.info.records);
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 60));
	KUNIT_EXPECT_TRUE(test, relay_ring_full(ring));
}

static void relay_test_ring_one_too_many(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 60, 2);
	struct relay_slot slot;
	struct relay_span span;
	char data[61] = "";

	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 41));
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 20));
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_EQ(test, 41, span.info.used);
	KUNIT_EXPECT_FALSE(test, ring_consume(test, ring, &span));

	KUNIT_EXPECT_EQ(test, -E2BIG, ring_write(ring, data, 61));
	KUNIT_EXPECT_EQ(test, -E2BIG, ring_reserve(ring, &slot, SIZE_MAX));
	KUNIT_EXPECT_EQ(test, 2, ring_lost(ring, RELAY_LOST_TOO_BIG));
	KUNIT_EXPECT_EQ(test, -EINVAL, ring_write(ring, data, 0));
	KUNIT_EXPECT_EQ(test, 0, ring_lost(ring, RELAY_LOST_FULL));
}

/* A record that is too big must not close a sub-buffer that still has room. */
static void relay_test_ring_too_big_is_refused_first(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 60, 2);
	struct relay_span span;
	char data[61] = "";

	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 1));
	KUNIT_EXPECT_EQ(test, -E2BIG, ring_write(ring, data, 61));
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 59));
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_EQ(test, 60, span.info.used);
}

/*
 * Full
 */

static void relay_test_ring_full(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 10, 3);
	struct relay_span span;
	char data[10] = "";
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 10));
	for (i = 1; i <= 4; i++) {
		KUNIT_EXPECT_EQ(test, -ENOSPC, ring_write(ring, data, 1));
		KUNIT_EXPECT_EQ(test, i, ring_lost(ring, RELAY_LOST_FULL));
	}
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_FALSE(test, relay_ring_full(ring));
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, data, 10));

	/* The loss is in the first sub-buffer that was closed after it. */
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
		KUNIT_EXPECT_EQ(test, 0, span.info.lost);
	}
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_EQ(test, 4, span.info.lost);
}

/* A writer does not overwrite a sub-buffer with an open reservation. */
static void relay_test_ring_open_reservation(struct kunit *test)
{
	struct relay_test_geometry geometry = {
		.subbuf_size = 10, .n_subbufs = 2, .overwrite = true,
	};
	struct relay_ring *ring = relay_test_ring(test, &geometry, &no_ops);
	struct relay_slot slot;
	struct relay_span span;
	int i;

	KUNIT_ASSERT_EQ(test, 0, ring_reserve(ring, &slot, 10));
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, "0123456789", 10));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, -EBUSY, ring_write(ring, "X", 1));
	KUNIT_EXPECT_EQ(test, 3, ring_lost(ring, RELAY_LOST_NESTED));
	memcpy(slot.data, "abcdefghij", 10);
	ring_commit(&slot);

	KUNIT_ASSERT_EQ(test, 0, ring_peek(ring, &span));
	KUNIT_EXPECT_MEMEQ(test, span.data, "abcdefghij", 10);
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, "X", 1));
}

static void relay_test_ring_disabled(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 10, 4);
	struct relay_slot slot;
	struct relay_span span;

	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, "one", 3));
	KUNIT_ASSERT_EQ(test, 0, ring_reserve(ring, &slot, 3));
	relay_ring_disable(ring);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, ring_write(ring, "no", 2));
	KUNIT_EXPECT_EQ(test, 1, ring_lost(ring, RELAY_LOST_DISABLED));
	/* The open reservation can still be committed. */
	memcpy(slot.data, "two", 3);
	ring_commit(&slot);
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_EQ(test, 2, span.info.records);
	KUNIT_EXPECT_MEMEQ(test, span.data, "onetwo", 6);
}

/*
 * Overwriting under a reader
 */

static void relay_test_ring_overtaken_reader(struct kunit *test)
{
	struct relay_test_geometry geometry = {
		.subbuf_size = 8, .n_subbufs = 4, .overwrite = true,
	};
	struct relay_ring *ring = relay_test_ring(test, &geometry, &no_ops);
	struct relay_span span, next;
	u64 i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, 0, ring_write(ring, &i, 8));
	KUNIT_ASSERT_EQ(test, 0, ring_peek(ring, &span));
	for (; i < 6; i++)
		KUNIT_EXPECT_EQ(test, 0, ring_write(ring, &i, 8));

	/* Two sub-buffers were overwritten after the peek: the reader learns that, and how many. */
	KUNIT_EXPECT_FALSE(test, relay_ring_intact(ring, &span));
	KUNIT_EXPECT_FALSE(test, relay_ring_consume(ring, &span));
	KUNIT_ASSERT_EQ(test, 0, ring_peek(ring, &next));
	KUNIT_EXPECT_EQ(test, 2, *(u64 *)next.data);
	KUNIT_EXPECT_EQ(test, 1, next.missed);
}

/* Writers overwrite the open sub-buffer of which a reader has read a part. */
static void relay_test_ring_overtaken_partial(struct kunit *test)
{
	struct relay_test_geometry geometry = {
		.subbuf_size = 16, .n_subbufs = 2, .overwrite = true,
	};
	struct relay_ring *ring = relay_test_ring(test, &geometry, &no_ops);
	struct relay_span span;
	int i;

	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, "12345678", 8));
	KUNIT_ASSERT_TRUE(test, relay_ring_partial(ring, ring_cursor(ring), &span));
	KUNIT_EXPECT_EQ(test, 8, span.info.used);
	KUNIT_EXPECT_TRUE(test, relay_ring_intact(ring, &span));
	KUNIT_EXPECT_EQ(test, 0, ring_write(ring, "12345678", 8));
	KUNIT_EXPECT_TRUE(test, relay_ring_intact(ring, &span));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, 0, ring_write(ring, "abcdefgh", 8));
	KUNIT_EXPECT_FALSE(test, relay_ring_intact(ring, &span));
}

/*
 * Nesting
 */

/* Nested deeper than there are notes: a crash would lose records, but no reader does. */
static void relay_test_ring_deep(struct kunit *test)
{
	const u32 depth = 3 * RELAY_NOTES;
	struct relay_slot *slot = kunit_kcalloc(test, depth, sizeof(*slot), GFP_KERNEL);
	struct relay_ring *ring = ring_simple(test, 4 * depth, 2);
	struct relay_span span;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, slot);
	for (i = 0; i < depth; i++) {
		KUNIT_ASSERT_EQ(test, 0, ring_reserve(ring, &slot[i], 4));
		KUNIT_EXPECT_EQ(test, i > 0, relay_slot_interrupts(&slot[i]));
	}
	/* Commit every other record first, so that no two extents touch. */
	for (i = 1; i < depth; i += 2) {
		memcpy(slot[i].data, &i, 4);
		ring_commit(&slot[i]);
		KUNIT_EXPECT_FALSE(test, relay_ring_partial(ring, ring_cursor(ring), &span));
	}
	for (i = 0; i < depth; i += 2) {
		KUNIT_EXPECT_EQ(test, -EAGAIN, ring_peek(ring, &span));
		memcpy(slot[i].data, &i, 4);
		ring_commit(&slot[i]);
	}
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_EQ(test, depth, span.info.records);
	for (i = 0; i < depth; i++)
		KUNIT_EXPECT_EQ(test, i, ((u32 *)span.data)[i]);
}

/* The bytes of a discarded record that cannot be taken back are zero. */
static void relay_test_ring_discard(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 12, 2);
	struct relay_slot outer, inner;
	struct relay_span span;

	KUNIT_ASSERT_EQ(test, 0, ring_reserve(ring, &outer, 4));
	memcpy(outer.data, "gone", 4);
	relay_ring_discard(&outer);
	KUNIT_EXPECT_FALSE(test, relay_ring_partial(ring, ring_cursor(ring), &span));

	KUNIT_ASSERT_EQ(test, 0, ring_reserve(ring, &outer, 4));
	memcpy(outer.data, "gone", 4);
	KUNIT_ASSERT_EQ(test, 0, ring_reserve(ring, &inner, 4));
	memcpy(inner.data, "stay", 4);
	ring_commit(&inner);
	relay_ring_discard(&outer);
	relay_ring_flush(ring);
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_EQ(test, 1, span.info.records);
	KUNIT_EXPECT_MEMEQ(test, span.data, "\0\0\0\0stay", 8);
}

/*
 * Record operations: time and header in the reserve loop
 */

static struct relay_ring *interrupt_ring;	/* test_clock() writes to it */
static int interrupt_depth;
static u64 test_time;

static u64 test_clock(void);

static size_t time_header_size(const struct relay_slot *slot, size_t offset)
{
	/* As with a compact header, the size depends on the time and the offset. */
	return (slot->time - slot->last_time > 1 ? 16 : 8) + (-offset & 7);
}

static void time_header(const struct relay_slot *slot, void *at)
{
	memset(at, 0, slot->size);
	memcpy(PTR_ALIGN(at, 8), &slot->time, 8);
}

static const struct relay_record_ops time_ops = {
	.clock		= test_clock,
	.header_size	= time_header_size,
	.header		= time_header,
};

/*
 * A clock in which an interrupt writes, so that the time just read is old.
 */
static u64 test_clock(void)
{
	u64 now = ++test_time;
	struct relay_slot slot;

	if (interrupt_depth) {
		interrupt_depth--;
		if (!relay_ring_reserve(interrupt_ring, &slot, 0, &time_ops, false))
			ring_commit(&slot);
	}
	return now;
}

static void expect_times(struct kunit *test, const struct relay_span *span, u64 *last)
{
	const u64 *at = span->data, *end = span->data + span->info.used;
	unsigned long records = 0;

	for (; at < end; at++) {
		if (!*at)	/* the rest of a long header */
			continue;
		KUNIT_EXPECT_LT(test, *last, *at);
		*last = *at;
		records++;
	}
	KUNIT_EXPECT_EQ(test, span->info.records, records);
}

static void relay_test_ring_time(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 256, 64);
	struct relay_slot slot;
	struct relay_span span;
	u64 last = 0;
	int i;

	interrupt_ring = ring;
	test_time = 0;
	for (i = 0; i < 300; i++) {
		interrupt_depth = i % 4;
		KUNIT_ASSERT_EQ(test, 0, relay_ring_reserve(ring, &slot, 0, &time_ops, false));
		KUNIT_EXPECT_LT(test, slot.last_time, slot.time);
		ring_commit(&slot);
	}
	interrupt_depth = 0;
	relay_ring_flush(ring);
	while (ring_consume(test, ring, &span))
		expect_times(test, &span, &last);
	KUNIT_EXPECT_LE(test, last, test_time);
	KUNIT_EXPECT_GT(test, last, 300);
}

static size_t huge_header_size(const struct relay_slot *slot, size_t offset)
{
	return SIZE_MAX - 3;
}

static const struct relay_record_ops huge_ops = {
	.clock		= test_clock,
	.header_size	= huge_header_size,
	.header		= time_header,
};

/* A record is too big if the sum of header and payload overflows. */
static void relay_test_ring_header_overflow(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 256, 2);
	struct relay_slot slot;

	interrupt_depth = 0;
	KUNIT_EXPECT_EQ(test, -E2BIG, relay_ring_reserve(ring, &slot, 1, &huge_ops, false));
	KUNIT_EXPECT_EQ(test, -E2BIG, relay_ring_reserve(ring, &slot, 8, &huge_ops, false));
	KUNIT_EXPECT_EQ(test, 2, ring_lost(ring, RELAY_LOST_TOO_BIG));
}

/*
 * The largest record
 */

struct ring_largest_case {
	const char	*name;
	size_t		subbuf_size;
	unsigned int	header_size;
	size_t		align;		/* of a payload; 0 without record operations */
};

static const struct ring_largest_case ring_largest_cases[] = {
	{ "plain", 64, 0, 0 },
	{ "plain, odd", 63, 0, 0 },
	{ "header", 100, 5, 0 },
	{ "header of nearly all", 64, 63, 0 },
	{ "aligned", 64, 0, 8 },
	{ "aligned, odd", 63, 0, 8 },
	{ "aligned header", 64, 16, 8 },
	{ "odd header", 100, 5, 8 },
	{ "odd header, wide", 101, 3, 32 },
	{ "no room but for one", 65, 61, 64 },
};

KUNIT_ARRAY_PARAM_DESC(ring_largest, ring_largest_cases, name);

static size_t largest_align;

static size_t align_header_size(const struct relay_slot *slot, size_t offset)
{
	return ALIGN(offset, largest_align) - offset;
}

static void align_header(const struct relay_slot *slot, void *at)
{
}

static const struct relay_record_ops align_ops = {
	.clock		= test_clock,
	.header_size	= align_header_size,
	.header		= align_header,
};

static int largest_reserve(struct relay_ring *ring, struct relay_slot *slot, size_t len)
{
	return largest_align ? relay_ring_reserve(ring, slot, len, &align_ops, false) :
			       relay_ring_reserve(ring, slot, len, NULL, false);
}

/* The largest record after @before bytes, if they fit, is the same as in an empty ring. */
static void expect_largest(struct kunit *test, struct relay_ring *ring, size_t before)
{
	size_t first = largest_align ? ALIGN(ring->header_size, largest_align) :
				       ring->header_size;
	size_t most = ring->subbuf_size - first;
	struct relay_slot slot;
	unsigned long lost, pos;

	if (before && !ring_reserve(ring, &slot, before))
		ring_commit(&slot);
	lost = ring_lost(ring, RELAY_LOST_TOO_BIG);
	pos = relay_word_read(&ring->control->reserve);
	KUNIT_EXPECT_EQ(test, -E2BIG, largest_reserve(ring, &slot, most + 1));
	KUNIT_EXPECT_EQ(test, lost + 1, ring_lost(ring, RELAY_LOST_TOO_BIG));
	/* The refused record has not closed a sub-buffer. */
	KUNIT_EXPECT_EQ(test, pos, relay_word_read(&ring->control->reserve));
	KUNIT_ASSERT_EQ(test, 0, largest_reserve(ring, &slot, most));
	KUNIT_EXPECT_EQ(test, ring->subbuf_size,
			relay_pos_offset(ring, slot.begin) + slot.size);
	ring_commit(&slot);
	KUNIT_EXPECT_EQ(test, lost + 1, ring_lost(ring, RELAY_LOST_TOO_BIG));
}

static void relay_test_ring_largest(struct kunit *test)
{
	const struct ring_largest_case *param = test->param_value;
	struct relay_test_geometry geometry = {
		.subbuf_size = param->subbuf_size, .n_subbufs = 3,
		.header_size = param->header_size, .overwrite = true,
	};
	struct relay_ring *ring = relay_test_ring(test, &geometry, &no_ops);
	size_t before;

	interrupt_depth = 0;
	largest_align = param->align;
	for (before = 0; before <= param->subbuf_size; before++)
		expect_largest(test, ring, before);
}

/*
 * Wrap of every counter
 */

struct ring_wrap_case {
	const char	*name;
	size_t		n;
	bool		overwrite;
	bool		global;
};

static const struct ring_wrap_case ring_wrap_cases[] = {
	{ "power of two", 4, false, false },
	{ "not a power of two", 5, false, false },
	{ "one", 1, false, false },
	{ "overwrite", 5, true, false },
	{ "global", 7, false, true },
	{ "global overwrite", 3, true, true },
};

KUNIT_ARRAY_PARAM_DESC(ring_wrap, ring_wrap_cases, name);

#if BITS_PER_LONG == 64
static void ring_set_records(struct relay_subbuf *sub, unsigned long records)
{
	relay_word_set(&sub->committed, records * RELAY_RECORD - 1);
}
#else
static void ring_set_records(struct relay_subbuf *sub, unsigned long records)
{
	relay_word_set(&sub->records, records);
}
#endif

/* Loss and record counts one below their maximum: only differences matter. */
static void ring_wrap_counts(struct relay_ring *ring)
{
	struct relay_ring_control *control = ring->control;
	int i;

	ring->sub->total = ULONG_MAX;
	ring_set_records(ring->sub, ULONG_MAX);
	relay_word_set(&control->overwritten, ULONG_MAX);
	relay_word_set(&control->discarded, ULONG_MAX);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		relay_word_set(&control->lost[i], ULONG_MAX);
	atomic_long_set(&control->erased, -1);
}

static unsigned long ring_wrap_round(struct kunit *test, struct relay_ring *ring,
				     unsigned long *next)
{
	struct relay_span span;
	unsigned long got = 0, i;

	for (i = 0; i < ring->n_subbufs + 2; i++)
		if (!ring_write(ring, next, sizeof(*next)))
			++*next;
	for (i = *next - ring->n_subbufs; ring_consume(test, ring, &span); i++) {
		KUNIT_EXPECT_EQ(test, i, *(unsigned long *)span.data);
		got += span.info.records;
	}
	KUNIT_EXPECT_EQ(test, *next, i);
	return got;
}

static void relay_test_ring_wrap(struct kunit *test)
{
	const struct ring_wrap_case *param = test->param_value;
	struct relay_test_geometry geometry = {
		.subbuf_size = sizeof(long), .n_subbufs = param->n,
		.overwrite = param->overwrite, .global = param->global,
		.first_lap = -3UL,
	};
	struct relay_ring *ring = relay_test_ring(test, &geometry, &no_ops);
	unsigned long next = 0, received = 0, attempts = 0;
	struct relay_counters stats = {};
	int i;

	ring_wrap_counts(ring);
	for (i = 0; i < 12; i++) {
		received += ring_wrap_round(test, ring, &next);
		attempts += param->n + 2;
	}
	relay_ring_count(ring, &stats);
	/* Each of the six counts began at -1. */
	relay_test_conserved(test, &stats, attempts - 6, received, 1);
	KUNIT_EXPECT_EQ(test, 12 * 2 - 1, param->overwrite ? stats.overwritten :
			stats.lost[RELAY_LOST_FULL]);
}

/* A structure of a client that contains the slot. */
struct client_slot {
	u32			id;
	struct relay_slot	slot;
};

static u64 client_clock(void)
{
	return 1;
}

static size_t client_header_size(const struct relay_slot *slot, size_t offset)
{
	return container_of(slot, struct client_slot, slot)->id & 4;
}

static void client_header(const struct relay_slot *slot, void *at)
{
	memcpy(at, &container_of(slot, struct client_slot, slot)->id, 4);
}

static const struct relay_record_ops client_ops = {
	.clock = client_clock,
	.header_size = client_header_size,
	.header = client_header,
};

static void relay_test_ring_embedded_slot(struct kunit *test)
{
	struct relay_ring *ring = ring_simple(test, 12, 2);
	struct client_slot client = { .id = 0x76543214 };
	struct relay_span span;

	KUNIT_ASSERT_EQ(test, 0, relay_ring_reserve(ring, &client.slot, 4, &client_ops, false));
	memcpy(client.slot.data, "data", 4);
	ring_commit(&client.slot);
	relay_ring_flush(ring);
	KUNIT_ASSERT_TRUE(test, ring_consume(test, ring, &span));
	KUNIT_EXPECT_EQ(test, 8, span.info.used);
	KUNIT_EXPECT_MEMEQ(test, span.data, &client.id, 4);
	KUNIT_EXPECT_MEMEQ(test, span.data + 4, "data", 4);
}

static struct kunit_case relay_ring_cases[] = {
	KUNIT_CASE_PARAM(relay_test_ring_init, ring_init_gen_params),
	KUNIT_CASE(relay_test_ring_exact_fit),
	KUNIT_CASE(relay_test_ring_one_too_many),
	KUNIT_CASE(relay_test_ring_too_big_is_refused_first),
	KUNIT_CASE(relay_test_ring_full),
	KUNIT_CASE(relay_test_ring_open_reservation),
	KUNIT_CASE(relay_test_ring_disabled),
	KUNIT_CASE(relay_test_ring_overtaken_reader),
	KUNIT_CASE(relay_test_ring_overtaken_partial),
	KUNIT_CASE(relay_test_ring_deep),
	KUNIT_CASE(relay_test_ring_discard),
	KUNIT_CASE(relay_test_ring_time),
	KUNIT_CASE(relay_test_ring_header_overflow),
	KUNIT_CASE(relay_test_ring_embedded_slot),
	KUNIT_CASE_PARAM(relay_test_ring_largest, ring_largest_gen_params),
	KUNIT_CASE_PARAM(relay_test_ring_wrap, ring_wrap_gen_params),
	{}
};

static struct kunit_suite relay_ring_suite = {
	.name		= "relay-ring",
	.test_cases	= relay_ring_cases,
};

kunit_test_suite(relay_ring_suite);
