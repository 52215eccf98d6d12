// SPDX-License-Identifier: GPL-2.0
/*
 * The ring against a model of it.
 *
 * The model keeps plain counters and a copy of every byte, but no positions, laps
 * or commit counts. A random walk applies the same steps to both: nested
 * reservations, commits, discards, flushes, resets and reads. After every step the
 * state of the ring that readers can see must match the model.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include "support.h"

#define MODEL_SLOTS	5
#define MODEL_STEPS	6000

/* A sub-buffer of the model: one lap of a sub-buffer of the ring. */
struct model_subbuf {
	size_t		used;		/* bytes reserved so far */
	unsigned long	records;
	unsigned long	lost;		/* by the ring, when it was closed */
	unsigned int	open;		/* open reservations */
	bool		closed;
	u8		*data;
};

struct model_slot {
	struct relay_slot	slot;
	unsigned long		sequence;	/* of its sub-buffer */
	size_t			begin;
	size_t			end;
	int			err;
};

/*
 * Sub-buffers have sequence numbers; those from @tail to @head are in the ring. At
 * first @head is -1, as if a full sub-buffer preceded the first one.
 */
struct model {
	struct kunit		*test;
	struct relay_ring	*ring;
	struct rnd_state	random;
	size_t			size;
	long			n;
	size_t			header;
	long			head;
	long			tail;
	long			cursor;		/* of the ring's reader */
	long			reset;
	struct model_subbuf	*sub;
	struct model_slot	slot[MODEL_SLOTS];
	unsigned int		n_slots;
	unsigned long		attempts;
	unsigned long		received;
	struct relay_counters	stats;
	u8			fill;
	u64			last_begin;
};

static struct model_subbuf *model_sub(struct model *model, long sequence)
{
	return &model->sub[sequence % model->n];
}

static bool model_complete(struct model *model, long sequence)
{
	struct model_subbuf *sub = model_sub(model, sequence);

	return sub->closed && !sub->open;
}

static bool model_is_open(struct model *model)
{
	return model->head >= 0 && !model_sub(model, model->head)->closed;
}

/* The byte with which the callbacks below fill the header of a sub-buffer. */
static u8 model_header_byte(long sequence, bool complete)
{
	return (sequence * 7 + 1) ^ (complete ? 0xff : 0);
}

static void model_check_complete(struct model *model, long sequence)
{
	struct model_subbuf *sub = model_sub(model, sequence);

	if (!model_complete(model, sequence))
		return;
	memset(sub->data, model_header_byte(sequence, true), model->header);
}

static void model_close(struct model *model)
{
	struct model_subbuf *sub = model_sub(model, model->head);

	sub->closed = true;
	sub->lost = relay_test_lost(&model->stats);
	model_check_complete(model, model->head);
}

/* Is the sub-buffer that the ring would enter next unread? */
static bool model_full(struct model *model)
{
	return model->head + 1 - model->tail >= model->n;
}

static int model_lose(struct model *model, unsigned int why, int err)
{
	model->stats.lost[why]++;
	return err;
}

static int model_enter(struct model *model)
{
	struct model_subbuf *sub;

	if (model_full(model)) {
		sub = model_sub(model, model->tail);
		if (!model_complete(model, model->tail))
			return model_lose(model, RELAY_LOST_NESTED, -EBUSY);
		if (!model->ring->overwrite)
			return model_lose(model, RELAY_LOST_FULL, -ENOSPC);
		model->stats.overwritten += sub->records;
		model->tail++;
	}
	sub = model_sub(model, ++model->head);
	sub->used = model->header;
	sub->records = 0;
	sub->open = 0;
	sub->closed = false;
	memset(sub->data, model_header_byte(model->head, false), model->header);
	return 0;
}

static int model_reserve(struct model *model, struct model_slot *slot, size_t len)
{
	struct model_subbuf *sub;
	int err;

	model->attempts++;
	if (len > model->size - model->header)
		return model_lose(model, RELAY_LOST_TOO_BIG, -E2BIG);
	if (model_is_open(model) &&
	    model_sub(model, model->head)->used + len > model->size)
		model_close(model);
	if (!model_is_open(model)) {
		err = model_enter(model);
		if (err)
			return err;
	}
	sub = model_sub(model, model->head);
	slot->sequence = model->head;
	slot->begin = sub->used;
	sub->used += len;
	slot->end = sub->used;
	sub->open++;
	if (sub->used == model->size)
		model_close(model);
	return 0;
}

static void model_commit(struct model *model, struct model_slot *slot)
{
	struct model_subbuf *sub = model_sub(model, slot->sequence);

	sub->records++;
	sub->open--;
	model->stats.committed++;
	model_check_complete(model, slot->sequence);
}

static void model_discard(struct model *model, struct model_slot *slot)
{
	struct model_subbuf *sub = model_sub(model, slot->sequence);

	sub->open--;
	model->stats.discarded++;
	if (!model->ring->global && slot->sequence == model->head &&
	    sub->used == slot->end && !sub->closed) {
		sub->used = slot->begin;
		return;
	}
	memset(sub->data + slot->begin, 0, slot->end - slot->begin);
	model_check_complete(model, slot->sequence);
}

static void model_flush(struct model *model)
{
	if (model_is_open(model) &&
	    model_sub(model, model->head)->used > model->header)
		model_close(model);
}

/* Throw away complete sub-buffers from before a reset, in order. */
static void model_erase(struct model *model)
{
	while (model->tail < model->reset && model_complete(model, model->tail)) {
		model->stats.erased += model_sub(model, model->tail)->records;
		model->cursor = ++model->tail;
	}
}

static void model_reset(struct model *model)
{
	if (model_is_open(model))
		model_close(model);
	model->reset = model->head + 1;
	model_erase(model);
}

/*
 * Steps on both
 */

static struct model_slot *model_slot(struct model *model, unsigned int i)
{
	return &model->slot[i];
}

static void step_reserve(struct model *model, size_t len)
{
	struct model_slot *slot = model_slot(model, model->n_slots);
	struct relay_ring *ring = model->ring;
	int err;

	err = ring->global ?
		relay_ring_reserve(ring, &slot->slot, len, NULL, true) :
		relay_ring_reserve(ring, &slot->slot, len, NULL, false);
	KUNIT_EXPECT_EQ(model->test, model_reserve(model, slot, len), err);
	if (err)
		return;

	memset(slot->slot.data, ++model->fill, len);
	memset(model_sub(model, slot->sequence)->data + slot->begin, model->fill, len);
	model->n_slots++;
}

static void slot_finish(struct model *model, struct model_slot *slot, bool commit)
{
	if (!commit) {
		model_discard(model, slot);
		relay_ring_discard(&slot->slot);
		return;
	}
	model_commit(model, slot);
	if (model->ring->global)
		relay_ring_commit(&slot->slot, true);
	else
		relay_ring_commit(&slot->slot, false);
}

/*
 * Nested contexts of one CPU end in reverse order; CPUs that share a ring end in any
 * order.
 */
static void step_finish(struct model *model, bool commit)
{
	unsigned int i = model->n_slots - 1;

	if (model->ring->global)
		i = prandom_u32_state(&model->random) % model->n_slots;
	slot_finish(model, model_slot(model, i), commit);
	model->slot[i] = model->slot[--model->n_slots];
}

static void step_flush(struct model *model)
{
	model_flush(model);
	relay_ring_flush(model->ring);
}

static void step_reset(struct model *model)
{
	model_reset(model);
	relay_ring_reset(model->ring);
	relay_ring_erase(model->ring);
}

static void expect_span(struct model *model, const struct relay_span *span)
{
	struct kunit *test = model->test;
	struct model_subbuf *sub = model_sub(model, model->tail);

	KUNIT_EXPECT_EQ(test, span->info.used, sub->used);
	KUNIT_EXPECT_EQ(test, span->info.records, sub->records);
	KUNIT_EXPECT_EQ(test, span->info.lost, sub->lost);
	KUNIT_EXPECT_EQ(test, span->missed, model->tail - model->cursor);
	KUNIT_EXPECT_MEMEQ(test, span->data, sub->data, sub->used);
	KUNIT_EXPECT_LE(test, span->info.begin_time, span->info.end_time);
	KUNIT_EXPECT_LE(test, model->last_begin, span->info.begin_time);
}

static void step_consume(struct model *model)
{
	struct kunit *test = model->test;
	unsigned long cursor = atomic_long_read(&model->ring->control->consumed);
	bool expected = model->tail <= model->head &&
			model_complete(model, model->tail);
	struct relay_span span;

	KUNIT_ASSERT_EQ(test, expected,
			!relay_ring_peek(model->ring, &cursor, &span));
	if (!expected)
		return;
	expect_span(model, &span);
	KUNIT_EXPECT_TRUE(test, relay_ring_intact(model->ring, &span));
	KUNIT_EXPECT_TRUE(test, relay_ring_consume(model->ring, &span));
	KUNIT_EXPECT_FALSE(test, relay_ring_consume(model->ring, &span));
	model->last_begin = span.info.begin_time;
	model->received += span.info.records;
	model->cursor = ++model->tail;
}

/*
 * What can be seen
 */

/* Return: bytes of an incomplete sub-buffer before its first open reservation. */
static size_t model_contiguous(struct model *model, long sequence)
{
	size_t contiguous = model_sub(model, sequence)->used;
	unsigned int i;

	for (i = 0; i < model->n_slots; i++)
		if (model->slot[i].sequence == sequence)
			contiguous = min(contiguous, model->slot[i].begin);
	return contiguous;
}

static void see_reader(struct model *model)
{
	struct kunit *test = model->test;
	struct relay_ring *ring = model->ring;
	unsigned long cursor = atomic_long_read(&ring->control->consumed);
	struct relay_span span;
	size_t partial = 0;
	int err;

	model_erase(model);
	err = relay_ring_peek(ring, &cursor, &span);
	if (model->tail <= model->head && model_complete(model, model->tail)) {
		KUNIT_ASSERT_EQ(test, 0, err);
		expect_span(model, &span);
		return;
	}
	KUNIT_ASSERT_EQ(test, -EAGAIN, err);
	if (model->tail <= model->head && model->tail >= model->reset)
		partial = model_contiguous(model, model->tail);
	KUNIT_ASSERT_EQ(test, !!partial, relay_ring_partial(ring, cursor, &span));
	if (!partial)
		return;
	KUNIT_EXPECT_EQ(test, partial, span.info.used);
	KUNIT_EXPECT_MEMEQ(test, span.data, model_sub(model, model->tail)->data,
			   partial);
	KUNIT_EXPECT_TRUE(test, relay_ring_intact(ring, &span));
}

static void see_counts(struct model *model)
{
	struct kunit *test = model->test;
	struct relay_counters stats = {};

	relay_ring_count(model->ring, &stats);
	KUNIT_EXPECT_MEMEQ(test, &stats, &model->stats, sizeof(stats));
	KUNIT_EXPECT_EQ(test, !model_is_open(model) && model_full(model),
			relay_ring_full(model->ring));
}

static void model_step(struct model *model)
{
	u32 random = prandom_u32_state(&model->random);
	/* Records of all sizes: most are small, some too big. */
	size_t len = 1 + prandom_u32_state(&model->random) %
			(random & 1 ? model->size + 1 : model->size / 4 + 1);

	switch (random >> 8 & 15) {
	case 0 ... 5:
		if (model->n_slots < MODEL_SLOTS)
			step_reserve(model, len);
		break;
	case 6 ... 10:
		if (model->n_slots)
			step_finish(model, true);
		break;
	case 11:
		if (model->n_slots)
			step_finish(model, false);
		break;
	case 12:
		step_flush(model);
		break;
	case 13:
		if (!(random >> 16 & 15))
			step_reset(model);
		break;
	default:
		step_consume(model);
	}
	see_reader(model);
	see_counts(model);
}

static void model_end(struct model *model)
{
	while (model->n_slots)
		step_finish(model, true);
	step_flush(model);
	see_reader(model);
	while (model->tail <= model->head && model_complete(model, model->tail)) {
		step_consume(model);
		see_reader(model);
	}
	see_counts(model);
	relay_test_conserved(model->test, &model->stats, model->attempts,
			     model->received, 0);
}

/*
 * The ring's callbacks
 */

static u64 model_time;

static u64 model_clock(void)
{
	return ++model_time;
}

static long ring_sequence(struct relay_ring *ring, unsigned long pos,
			  const struct relay_test_geometry *geometry)
{
	unsigned long first = geometry->first_lap << ring->lap_shift;

	/* The ring's laps wrap, but the model's numbers do not. */
	return relay_pos_sequence(ring, pos - first);
}

static const struct relay_test_geometry *model_geometry(void)
{
	return kunit_get_current_test()->param_value;
}

static void model_begin(struct relay_ring *ring, unsigned long pos)
{
	memset(relay_pos_address(ring, pos),
	       model_header_byte(ring_sequence(ring, pos, model_geometry()), false),
	       ring->header_size);
}

static void model_finish(struct relay_ring *ring, unsigned long pos,
			 unsigned long used)
{
	memset(relay_pos_address(ring, pos),
	       model_header_byte(ring_sequence(ring, pos, model_geometry()), true),
	       ring->header_size);
}

static const struct relay_ring_ops model_ops = {
	.clock	= model_clock,
	.begin	= model_begin,
	.end	= model_finish,
};

static void relay_test_model(struct kunit *test)
{
	const struct relay_test_geometry *geometry = test->param_value;
	struct model *model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->test = test;
	model->ring = relay_test_ring(test, geometry, &model_ops);
	model->size = geometry->subbuf_size;
	model->n = geometry->n_subbufs;
	model->header = geometry->header_size;
	model->head = -1;
	model->sub = kunit_kcalloc(test, model->n, sizeof(*model->sub), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model->sub);
	for (i = 0; i < model->n; i++) {
		model->sub[i].data = kunit_kzalloc(test, model->size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, model->sub[i].data);
	}
	relay_test_random(test, &model->random);

	for (i = 0; i < MODEL_STEPS && test->status != KUNIT_FAILURE; i++)
		model_step(model);
	model_end(model);
}

/*
 * Small, so that the ring is full and wraps many times. The sizes of the clients in the
 * tree are in channel_kunit.c.
 */
static const struct relay_test_geometry model_sizes[] = {
	{ .subbuf_size = 1, .n_subbufs = 1 },
	{ .subbuf_size = 1, .n_subbufs = 3 },
	{ .subbuf_size = 3, .n_subbufs = 2 },
	{ .subbuf_size = 64, .n_subbufs = 1 },
	{ .subbuf_size = 64, .n_subbufs = 1, .header_size = 8 },
	{ .subbuf_size = 64, .n_subbufs = 2 },
	{ .subbuf_size = 63, .n_subbufs = 4, .header_size = 62 },
	{ .subbuf_size = 100, .n_subbufs = 3, .header_size = 5 },
	{ .subbuf_size = 128, .n_subbufs = 8, .header_size = 16 },
	{ .subbuf_size = 200, .n_subbufs = 7 },
	{ .subbuf_size = 4096, .n_subbufs = 4, .header_size = 32 },
};

/* Laps from 0, and laps that wrap soon. */
static const unsigned long model_laps[] = { 0, -3UL };

/* Generate each size, in both modes, per CPU and global, from each first lap. */
static const void *model_gen_params(struct kunit *test, const void *prev, char *desc)
{
	static struct relay_test_geometry geometry;
	static unsigned int i;

	i = prev ? i + 1 : 0;
	if (i >= ARRAY_SIZE(model_sizes) * 4 * ARRAY_SIZE(model_laps))
		return NULL;
	geometry = model_sizes[i % ARRAY_SIZE(model_sizes)];
	geometry.overwrite = i / ARRAY_SIZE(model_sizes) & 1;
	geometry.global = i / ARRAY_SIZE(model_sizes) & 2;
	geometry.first_lap = model_laps[i / ARRAY_SIZE(model_sizes) / 4];
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zux%zu+%u%s%s lap %ld",
		 geometry.subbuf_size, geometry.n_subbufs, geometry.header_size,
		 geometry.overwrite ? " overwrite" : "",
		 geometry.global ? " global" : "", (long)geometry.first_lap);
	return &geometry;
}

static struct kunit_case relay_model_cases[] = {
	KUNIT_CASE_PARAM(relay_test_model, model_gen_params),
	{}
};

static struct kunit_suite relay_model_suite = {
	.name		= "relay-model",
	.test_cases	= relay_model_cases,
};

kunit_test_suite(relay_model_suite);
