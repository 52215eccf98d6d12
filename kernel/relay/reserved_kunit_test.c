// SPDX-License-Identifier: GPL-2.0
/*
 * Channels in the reserved area, looked at in the area itself, as the kernel
 * after a crash would. Without relayres= on the command line they are skipped.
 */
#include <kunit/static_stub.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "kunit_test.h"
#include "reserved.h"

#define SUBBUF	1000
#define SUBBUFS	5

static const struct relay_params reserved_params = {
	.name		= "reserved-test",
	.subbuf_size	= SUBBUF,
	.n_subbufs	= SUBBUFS,
	.flags		= RELAY_RESERVED | RELAY_OVERWRITE,
};

struct numbered {
	u64	number;
	u64	inverse;
};

/* What somebody finds who has the memory and nothing else. */
struct found {
	struct relay_found_bank		bank;
	struct relay_found_channel	chan;
	struct relay_found_buffer	buf;
	struct relay_found_subbuf	sub;
};

static int reserved_init(struct kunit *test)
{
	struct found *found = kunit_kzalloc(test, sizeof(*found), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, found);
	test->priv = found;
	if (!relay_area() || relay_area()->frozen)
		kunit_skip(test, "no relayres= on the command line, or a crash kernel");
	relay_test_pin(test, 0);
	return 0;
}

/* The newest bank is this boot's. Return: whether @name is in it. */
static bool find_channel(struct found *found, const char *name)
{
	const struct relay_area *area = relay_area();
	u64 size = round_down(area->size / 2, RELAY_BANK_UNIT), newest = 0;
	unsigned int i, slot;
	bool there = false;

	for (i = 0; i < 2; i++) {
		if (relay_find_bank(area->base + i * size, size, &found->bank) ||
		    found->bank.head.generation < newest)
			continue;
		newest = found->bank.head.generation;
		there = false;
		for (slot = 0; slot < found->bank.head.n_channels && !there; slot++)
			there = !relay_find_channel(&found->bank, slot, &found->chan) &&
				!strcmp(found->chan.head.name, name);
		if (there)
			break;
	}
	return there;
}

static void write_numbered(struct kunit *test, struct rchan *chan, u64 number)
{
	struct numbered *record;
	struct relay_slot slot;

	KUNIT_ASSERT_EQ(test, 0, relay_slot_reserve(chan, &slot, sizeof(*record)));
	record = slot.data;
	record->number = number;
	record->inverse = ~number;
	relay_slot_commit(&slot);
}

/* Return: the next number after those of the sub-buffer. */
static u64 expect_numbered(struct kunit *test, const struct relay_found_subbuf *sub,
			   u64 number)
{
	const struct numbered *record = sub->data;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 1, sub->n_extents);
	KUNIT_EXPECT_EQ(test, 0, sub->extent[0].begin);
	for (i = 0; i < sub->used / sizeof(*record); i++) {
		KUNIT_ASSERT_EQ(test, number + i, record[i].number);
		KUNIT_ASSERT_EQ(test, ~(number + i), record[i].inverse);
	}
	return number + i;
}

/* Return: sub-buffers found, and in @sealed how many of them are sealed. */
static unsigned int expect_found(struct kunit *test, u64 first, u64 end,
				 unsigned int *sealed)
{
	struct found *found = test->priv;
	u64 top = end / (SUBBUF / sizeof(struct numbered)), sequence;
	u64 number = first;
	unsigned int n = 0;

	*sealed = 0;
	KUNIT_ASSERT_TRUE(test, find_channel(found, reserved_params.name));
	KUNIT_ASSERT_EQ(test, RELAY_FOUND, relay_find_buffer(&found->chan, 0, &found->buf));
	for (sequence = top < SUBBUFS ? 0 : top - SUBBUFS; sequence <= top; sequence++) {
		if (relay_find_subbuf(&found->buf, sequence % SUBBUFS, &found->sub) ||
		    found->sub.sequence != sequence)
			continue;
		number = expect_numbered(test, &found->sub, number);
		*sealed += found->sub.sealed;
		n++;
	}
	KUNIT_EXPECT_EQ(test, end, number);
	return n;
}

/*
 * The cases
 */

static void reserved_found_while_open(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params);
	unsigned int sealed;
	u64 number;

	for (number = 0; number < 100; number++) {
		write_numbered(test, chan, number);
		expect_found(test, 0, number + 1, &sealed);
	}
}

static void reserved_found_when_closed(struct kunit *test)
{
	const u64 per_subbuf = SUBBUF / sizeof(struct numbered);
	struct rchan *chan = relay_test_open(test, &reserved_params);
	unsigned int sealed;
	u64 number;

	for (number = 0; number < 10 * per_subbuf + 3; number++)
		write_numbered(test, chan, number);
	relay_test_close(test, chan);
	KUNIT_EXPECT_EQ(test, SUBBUFS,
			expect_found(test, 6 * per_subbuf, number, &sealed));
	/* All were delivered, and the worker was waited for. */
	KUNIT_EXPECT_EQ(test, SUBBUFS, sealed);
}

static void reserved_damage_costs_one(struct kunit *test)
{
	const u64 per_subbuf = SUBBUF / sizeof(struct numbered);
	struct rchan *chan = relay_test_open(test, &reserved_params);
	struct found *found = test->priv;
	unsigned int i, sealed;
	u64 number;

	for (number = 0; number < SUBBUFS * per_subbuf; number++)
		write_numbered(test, chan, number);
	relay_test_close(test, chan);
	expect_found(test, 0, number, &sealed);
	((u8 *)found->buf.data)[2 * SUBBUF + 77] ^= 4;
	for (i = 0; i < SUBBUFS; i++)
		KUNIT_EXPECT_EQ(test, i == 2 ? RELAY_BAD_SEAL : RELAY_FOUND,
				relay_find_subbuf(&found->buf, i, &found->sub));
}

static void reserved_reset_is_forgotten(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params);
	struct found *found = test->priv;
	unsigned int i, sealed;
	u64 number;

	for (number = 0; number < 200; number++)
		write_numbered(test, chan, number);
	relay_reset(chan);
	KUNIT_ASSERT_TRUE(test, find_channel(found, reserved_params.name));
	KUNIT_ASSERT_EQ(test, RELAY_FOUND, relay_find_buffer(&found->chan, 0, &found->buf));
	for (i = 0; i < SUBBUFS; i++)
		KUNIT_EXPECT_EQ(test, RELAY_EMPTY,
				relay_find_subbuf(&found->buf, i, &found->sub));
	relay_test_close(test, chan);
	chan = relay_test_open(test, &reserved_params);
	write_numbered(test, chan, 0);
	expect_found(test, 0, 1, &sealed);
}

static void reserved_private_area(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct found *found = test->priv;
	struct rchan *chan;
	size_t size;
	u64 kept;
	char *area;

	params.private_size = PAGE_SIZE + 1;
	chan = relay_test_open(test, &params);
	area = relay_private_area(chan, &size);
	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_EXPECT_EQ(test, 2 * PAGE_SIZE, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(area, 0, size));
	memset(area, 'x', size);
	KUNIT_ASSERT_TRUE(test, find_channel(found, params.name));
	KUNIT_EXPECT_PTR_EQ(test, (const void *)area,
			    relay_find_private(&found->chan, &kept));
	KUNIT_EXPECT_EQ(test, size, kept);
	relay_test_close(test, chan);

	/* Nothing of that is left to the next one. */
	chan = relay_test_open(test, &params);
	area = relay_private_area(chan, NULL);
	KUNIT_EXPECT_NULL(test, memchr_inv(area, 0, size));
}

static void reserved_shows_nothing_old(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params);
	u64 number;

	for (number = 0; number < 1000; number++)
		write_numbered(test, chan, ~0ULL);
	relay_test_close(test, chan);
	chan = relay_test_open(test, &reserved_params);
	KUNIT_EXPECT_NULL(test, memchr_inv(relay_test_buf(chan, 0)->start, 0,
					   chan->alloc_size));
}

static void reserved_takes_turns(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct rchan *chan;
	char name[32];
	int i;

	params.name = name;
	for (i = 0; i < 100; i++) {
		scnprintf(name, sizeof(name), "turn-%d", i);
		chan = relay_test_open(test, &params);
		write_numbered(test, chan, i);
		relay_test_close(test, chan);
		/* What was closed last is still there. */
		KUNIT_EXPECT_TRUE(test, find_channel(test->priv, name));
	}
	KUNIT_EXPECT_FALSE(test, find_channel(test->priv, "turn-0"));
}

static void reserved_side_by_side(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct rchan *chan = relay_test_open(test, &reserved_params);
	struct rchan *other, *ordinary;
	unsigned int sealed;

	params.name = "reserved-other";
	other = relay_test_open(test, &params);
	params.name = "not-reserved";
	params.flags = RELAY_OVERWRITE;
	ordinary = relay_test_open(test, &params);
	write_numbered(test, other, 7);
	write_numbered(test, ordinary, 8);
	write_numbered(test, chan, 0);
	expect_found(test, 0, 1, &sealed);
	KUNIT_EXPECT_TRUE(test, find_channel(test->priv, "reserved-other"));
	KUNIT_EXPECT_FALSE(test, find_channel(test->priv, "not-reserved"));
	KUNIT_EXPECT_NULL(test, relay_private_area(ordinary, NULL));
}

static void expect_refused(struct kunit *test, const struct relay_params *params, int err)
{
	struct rchan *chan = relay_open_params(params);

	KUNIT_EXPECT_EQ(test, err, PTR_ERR(chan));
	if (!IS_ERR(chan))
		relay_close(chan);
}

static void reserved_bad_parameters(struct kunit *test)
{
	struct relay_params params = reserved_params;
	char name[80];

	params.n_subbufs = relay_area()->size / SUBBUF;
	expect_refused(test, &params, -ENOSPC);
	params = reserved_params;
	params.private_size = relay_area()->size;
	expect_refused(test, &params, -ENOSPC);
	/* Rounded up it is nothing. */
	params.private_size = SIZE_MAX;
	expect_refused(test, &params, -ENOSPC);
	params = reserved_params;
	params.name = NULL;
	expect_refused(test, &params, -EINVAL);
	params = reserved_params;
	params.flags &= ~RELAY_RESERVED;
	params.private_size = 1;
	expect_refused(test, &params, -EINVAL);
	params = reserved_params;
	params.name = memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = 0;
	expect_refused(test, &params, -ENAMETOOLONG);
	/* Nothing of it is in the way. */
	KUNIT_EXPECT_NULL(test, relay_reserve(relay_test_open(test, &reserved_params), 8));
}

/* A private area with which a channel like the one that was found fills a bank. */
static size_t all_there_is(const struct found *found)
{
	const struct relay_bank_channel *head = &found->chan.head;
	u64 takes = head->data + head->n_buffers * head->data_stride - head->control;

	/* Less the bank's own headers, and what is left of a page in front. */
	return found->bank.head.size - (takes - head->private_size) - 2 * PAGE_SIZE;
}

/* What closed channels left goes for somebody who gets a place by it, or it stays. */
static void reserved_refusal_costs_nothing(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct rchan *chan = relay_test_open(test, &reserved_params);

	write_numbered(test, chan, 0);
	relay_test_close(test, chan);
	params.name = "reserved-other";
	relay_test_close(test, relay_test_open(test, &params));

	params.private_size = relay_area()->size / 2;
	expect_refused(test, &params, -ENOSPC);
	params.name = reserved_params.name;
	expect_refused(test, &params, -ENOSPC);
	KUNIT_EXPECT_TRUE(test, find_channel(test->priv, "reserved-other"));
	KUNIT_EXPECT_TRUE(test, find_channel(test->priv, reserved_params.name));

	/* The others have to go for it. */
	params.private_size = all_there_is(test->priv);
	relay_test_open(test, &params);
	KUNIT_EXPECT_TRUE(test, find_channel(test->priv, params.name));
	KUNIT_EXPECT_FALSE(test, find_channel(test->priv, "reserved-other"));
}

/* Nor for one whose directory is somebody else's. */
static void reserved_taken_name_costs_nothing(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct rchan *chan = relay_test_open(test, &reserved_params);

	write_numbered(test, chan, 0);
	relay_test_close(test, chan);
	params.flags = 0;
	relay_test_open(test, &params);
	expect_refused(test, &reserved_params, -EEXIST);
	KUNIT_EXPECT_TRUE(test, find_channel(test->priv, reserved_params.name));
}

static int no_pages(struct relay_pages *pages, size_t size, int node)
{
	return -ENOMEM;
}

/* The room of one that was never opened goes before what another has left. */
static void reserved_failure_costs_nothing(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct found *found = test->priv;
	struct rchan *chan = relay_test_open(test, &reserved_params);

	/* Nobody else has left anything then. */
	KUNIT_ASSERT_TRUE(test, find_channel(found, reserved_params.name));
	relay_test_close(test, chan);
	params.name = "reserved-other";
	params.private_size = all_there_is(found);
	relay_test_close(test, relay_test_open(test, &params));
	relay_test_close(test, relay_test_open(test, &reserved_params));

	params.private_size /= 2;
	kunit_activate_static_stub(test, relay_pages_alloc, no_pages);
	expect_refused(test, &params, -ENOMEM);
	kunit_deactivate_static_stub(test, relay_pages_alloc);
	params.name = "reserved-third";
	relay_test_open(test, &params);
	KUNIT_EXPECT_TRUE(test, find_channel(found, reserved_params.name));
}

static void reserved_end(struct kunit *test)
{
	struct found *found = test->priv;

	relay_test_open(test, &reserved_params);
	relay_reserved_end("for a while");
	KUNIT_ASSERT_TRUE(test, find_channel(found, reserved_params.name));
	KUNIT_EXPECT_TRUE(test, relay_find_end(&found->bank));
	KUNIT_EXPECT_STREQ(test, "for a while", found->bank.head.end_reason);
	relay_reserved_goes_on();
	KUNIT_ASSERT_TRUE(test, find_channel(found, reserved_params.name));
	KUNIT_EXPECT_FALSE(test, relay_find_end(&found->bank));
}

static void reserved_hold(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params), *other;
	struct relay_params params = reserved_params;
	struct relay_slot slot;
	unsigned int sealed;

	params.name = "reserved-late";
	write_numbered(test, chan, 0);
	relay_hold_reserved(true);
	other = relay_test_open(test, &params);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, relay_slot_reserve(chan, &slot, 8));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, relay_slot_reserve(other, &slot, 8));
	KUNIT_EXPECT_TRUE(test, relay_reserved_valid());
	/* As when relay_close() has begun. */
	WRITE_ONCE(other->unwatchable, true);
	relay_hold_reserved(false);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, relay_slot_reserve(other, &slot, 8));
	write_numbered(test, chan, 1);
	KUNIT_ASSERT_TRUE(test, find_channel(test->priv, reserved_params.name));
	relay_test_close(test, chan);
	chan = relay_test_open(test, &reserved_params);
	write_numbered(test, chan, 0);
	expect_found(test, 0, 1, &sealed);
}

/* Return: bytes of CPU 0's buffer that are not zero. */
static unsigned int bytes_written(struct rchan *chan)
{
	const u8 *bytes = relay_test_buf(chan, 0)->start;
	unsigned int i, n = 0;

	for (i = 0; i < chan->alloc_size; i++)
		n += !!bytes[i];
	return n;
}

static unsigned long lost_disabled(struct rchan *chan)
{
	struct relay_ring_stats stats;

	relay_chan_stats(chan, &stats);
	return stats.lost[RELAY_LOST_DISABLED];
}

/* A flush leaves a sub-buffer open that holds nothing: that is no room, either. */
static void reserved_hold_flushed(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params);
	unsigned int written;

	write_numbered(test, chan, 0);
	relay_flush(chan);
	written = bytes_written(chan);
	relay_hold_reserved(true);
	relay_write(chan, "nobody writes", 13);
	KUNIT_EXPECT_EQ(test, 1, lost_disabled(chan));
	KUNIT_EXPECT_EQ(test, written, bytes_written(chan));
	relay_hold_reserved(false);
	relay_write(chan, "goes on", 7);
	KUNIT_EXPECT_EQ(test, 1, lost_disabled(chan));
	KUNIT_EXPECT_EQ(test, written + 7, bytes_written(chan));
}

static long write_late(void *chan)
{
	relay_write(chan, "late", 4);
	return 0;
}

/* On another CPU a writer enters a sub-buffer, for as long as it is let. */
static struct entering {
	struct work_struct	work;
	struct rchan		*chan;
	struct relay_ring	*ring;
	struct completion	begun;
	struct task_struct	*holder;
	bool			held;
} entering;

/* Its first half is over, and it waits; or it is over. */
static bool entering_let(const struct relay_ring *ring)
{
	return READ_ONCE(ring->disabled) &&
	       (READ_ONCE(entering.held) || !task_is_running(entering.holder));
}

static u64 entering_clock(void)
{
	struct relay_ring *ring = READ_ONCE(entering.ring);

	if (!ring || READ_ONCE(ring->disabled))
		return 0;
	complete(&entering.begun);
	while (!entering_let(ring))
		cpu_relax();
	return 0;
}

static void entering_work(struct work_struct *work)
{
	write_late(entering.chan);
}

/* It has seen no hold, and enters when the ring is closed. */
static void reserved_hold_entering(struct kunit *test)
{
	static const struct relay_channel_ops ops = { .clock = entering_clock };
	unsigned int cpu = relay_test_other_cpu(test);
	struct relay_params params = reserved_params;

	/* The writer leaves no time for others there. */
	relay_test_pin(test, 0);
	params.ops = &ops;
	entering.holder = current;
	entering.held = false;
	entering.chan = relay_test_open(test, &params);
	WRITE_ONCE(entering.ring, &relay_test_buf(entering.chan, cpu)->ring);
	init_completion(&entering.begun);
	INIT_WORK(&entering.work, entering_work);
	schedule_work_on(cpu, &entering.work);
	wait_for_completion(&entering.begun);
	relay_hold_reserved(true);
	WRITE_ONCE(entering.held, true);
	flush_work(&entering.work);
	KUNIT_EXPECT_EQ(test, 0, lost_disabled(entering.chan));
	relay_test_on_cpu(test, cpu, write_late, entering.chan);
	KUNIT_EXPECT_EQ(test, 1, lost_disabled(entering.chan));
	WRITE_ONCE(entering.ring, NULL);
	relay_hold_reserved(false);
}

/* A CPU that comes up for the first time finds the area held. */
static void reserved_hold_new_cpu(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params);
	unsigned int cpu = relay_test_other_cpu(test);

	relay_test_never_up(chan, cpu);
	relay_hold_reserved(true);
	relay_test_comes_up(test, cpu);
	relay_test_on_cpu(test, cpu, write_late, chan);
	KUNIT_EXPECT_EQ(test, 1, lost_disabled(chan));
	relay_hold_reserved(false);
	relay_test_on_cpu(test, cpu, write_late, chan);
	KUNIT_EXPECT_EQ(test, 1, lost_disabled(chan));
}

static void past_remove(void *chan)
{
	relay_chan_remove(chan);
}

/* What the area says of the channel, offered as a later boot would. */
static struct rchan_buf *past_open(struct kunit *test)
{
	struct found *found = test->priv;
	struct rchan_buf *buf;
	struct rchan *past;

	KUNIT_ASSERT_TRUE(test, find_channel(found, reserved_params.name));
	past = relay_past_open(&found->chan, "past-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(past));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, past_remove, past));
	buf = list_first_entry(&past->bufs, struct rchan_buf, list);
	KUNIT_ASSERT_EQ(test, 0, relay_past_recover(buf));
	return buf;
}

/* Return: the next number after those of the sub-buffer. */
static u64 expect_past(struct kunit *test, const struct relay_span *span, u64 number)
{
	const struct numbered *record = span->data;
	unsigned int i;

	for (i = 0; i < span->used / sizeof(*record); i++)
		KUNIT_ASSERT_EQ(test, number + i, record[i].number);
	return number + i;
}

/* To readers the numbers of sub-buffers go on where those of the ring do not. */
static void reserved_numbers_begin_anew(struct kunit *test)
{
	const u64 per_subbuf = SUBBUF / sizeof(struct numbered);
	struct rchan *chan = relay_test_open(test, &reserved_params);
	struct rchan_buf *buf = relay_test_buf(chan, 0);
	struct relay_span span;
	unsigned long cursor;
	u64 end = (SUBBUFS + 2) * per_subbuf + 3, number, sequence = 0;

	KUNIT_ASSERT_EQ(test, 0, relay_ring_init(&buf->ring, SUBBUF, SUBBUFS, ~0UL));
	for (number = 0; number < end; number++)
		write_numbered(test, chan, number);
	buf = past_open(test);
	cursor = relay_reader_cursor(buf);
	/* Of the lap before, those that the newest have not overwritten. */
	number = 3 * per_subbuf;
	while (!relay_ring_peek(&buf->ring, &cursor, &span)) {
		number = expect_past(test, &span, number);
		if (sequence)
			KUNIT_EXPECT_EQ(test, sequence + 1, relay_meta_sequence(buf, span.pos));
		sequence = relay_meta_sequence(buf, span.pos);
		cursor = relay_pos_next(&buf->ring, span.pos);
	}
	KUNIT_EXPECT_EQ(test, end, number);
}

static struct kunit_case reserved_cases[] = {
	KUNIT_CASE(reserved_found_while_open),
	KUNIT_CASE(reserved_found_when_closed),
	KUNIT_CASE(reserved_damage_costs_one),
	KUNIT_CASE(reserved_reset_is_forgotten),
	KUNIT_CASE(reserved_private_area),
	KUNIT_CASE(reserved_shows_nothing_old),
	KUNIT_CASE(reserved_takes_turns),
	KUNIT_CASE(reserved_side_by_side),
	KUNIT_CASE(reserved_bad_parameters),
	KUNIT_CASE(reserved_refusal_costs_nothing),
	KUNIT_CASE(reserved_taken_name_costs_nothing),
	KUNIT_CASE(reserved_failure_costs_nothing),
	KUNIT_CASE(reserved_end),
	KUNIT_CASE(reserved_hold),
	KUNIT_CASE(reserved_hold_flushed),
	KUNIT_CASE(reserved_hold_entering),
	KUNIT_CASE(reserved_hold_new_cpu),
	KUNIT_CASE(reserved_numbers_begin_anew),
	{}
};

static struct kunit_suite reserved_suite = {
	.name = "relay_reserved",
	.init = reserved_init,
	.test_cases = reserved_cases,
};

kunit_test_suite(reserved_suite);
