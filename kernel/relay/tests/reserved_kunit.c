// SPDX-License-Identifier: GPL-2.0
/*
 * Channels in the reserved area: the cases check the content of the area. Without
 * relayres= on the command line they are skipped. boot/guest/reserved.sh tests that
 * user space recovers the records.
 */
#include <kunit/static_stub.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "support.h"

#define SUBBUF	1000
#define SUBBUFS	5
#define PER_SUBBUF	(SUBBUF / sizeof(struct numbered))

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

static int reserved_init(struct kunit *test)
{
	if (!relay_area() || relay_area()->frozen)
		kunit_skip(test, "no relayres= on the command line, or a crash kernel");
	relay_test_pin(test, 0);
	return 0;
}

/* Return: the bank that this boot records in; it is the newest. */
static void *this_bank(void)
{
	const struct relay_area *area = relay_area();
	u64 size = round_down(area->size / 2, RELAY_BANK_UNIT);
	struct relay_bank *first = area->base, *second = area->base + size;

	return second->generation > first->generation ? second : first;
}

/* Return: the entry of the channel @name in this boot's bank, or NULL. */
static struct relay_bank_channel *find_channel(const char *name)
{
	struct relay_bank *head = this_bank();
	struct relay_bank_channel *entry = this_bank() + head->channels;
	unsigned int slot;

	for (slot = 0; slot < head->n_channels; slot++, entry++)
		if (entry->state == RELAY_BANK_CHANNEL_USED && !strcmp(entry->name, name))
			return entry;
	return NULL;
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

/*
 * The cases
 */

static void reserved_headers(struct kunit *test)
{
	static const u32 offset[] = { 0, RELAY_BANK_COPY };
	unsigned int i;

	relay_test_open(test, &reserved_params);
	for (i = 0; i < ARRAY_SIZE(offset); i++) {
		struct relay_bank *head = this_bank() + offset[i];

		KUNIT_EXPECT_MEMEQ(test, head->magic, RELAY_BANK_MAGIC, sizeof(head->magic));
		KUNIT_EXPECT_EQ(test, offset[i], head->offset);
		KUNIT_EXPECT_EQ(test, head->crc,
				relay_crc(0, head, offsetof(struct relay_bank, crc)));
		KUNIT_EXPECT_EQ(test, RELAY_BANK_RECORDED, head->state);
		KUNIT_EXPECT_EQ(test, 0, head->end_crc);
	}
}

/* The channel's entry in the bank's table has the offsets of the channel's memory. */
static void reserved_entry(struct kunit *test)
{
	const size_t covered = offsetof(struct relay_bank_channel, flags);
	struct rchan *chan = relay_test_open(test, &reserved_params);
	struct relay_bank_channel *entry = find_channel(reserved_params.name);
	void *bank = this_bank();
	struct relay_buf *buf;

	KUNIT_ASSERT_NOT_NULL(test, entry);
	KUNIT_EXPECT_EQ(test, entry->crc,
			relay_crc(0, (void *)entry + covered, sizeof(*entry) - covered));
	KUNIT_EXPECT_EQ(test, nr_cpu_ids, entry->n_buffers);
	KUNIT_EXPECT_EQ(test, SUBBUF, entry->subbuf_size);
	KUNIT_EXPECT_EQ(test, SUBBUFS, entry->n_subbufs);
	list_for_each_entry(buf, &relay_chan_of(chan)->bufs, list) {
		KUNIT_EXPECT_PTR_EQ(test, (void *)buf->ring.control,
				    bank + entry->control + buf->cpu * entry->control_stride);
		KUNIT_EXPECT_PTR_EQ(test, buf->start,
				    bank + entry->data + buf->cpu * entry->data_stride);
	}
}

/* The close of a channel delivers and seals every sub-buffer. */
static void reserved_sealed_when_closed(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params);
	struct relay_bank_channel *entry = find_channel(reserved_params.name);
	struct relay_bank_seal *seal = this_bank() + entry->seal;
	struct relay_subbuf *sub;
	u64 number;
	u32 crc;
	int i;

	for (number = 0; number < 10 * PER_SUBBUF + 3; number++)
		write_numbered(test, chan, number);
	relay_test_close(test, chan);
	KUNIT_ASSERT_PTR_EQ(test, entry, find_channel(reserved_params.name));
	for (i = 0; i < SUBBUFS; i++) {
		/* The last sub-buffer has three records, because it was flushed. */
		u32 records = i == 10 % SUBBUFS ? 3 : PER_SUBBUF;
		u32 used = records * sizeof(struct numbered);
		struct relay_subbuf_info info = {
			.sequence	= 10 - (10 - i) % SUBBUFS,
			.used		= used,
			.padding	= SUBBUF - used,
			.records	= records,
		};

		sub = this_bank() + entry->control + relay_ring_layout.control_size +
		      i * relay_ring_layout.subbuf_stride;
		crc = relay_crc(0, this_bank() + entry->data + i * SUBBUF, used);
		KUNIT_EXPECT_EQ(test, seal[i].state, atomic_long_read(&sub->state));
		KUNIT_EXPECT_EQ(test, seal[i].crc, relay_crc(crc, &info, sizeof(info)));
	}
}

static void reserved_private_area(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct relay_bank_channel *entry;
	struct rchan *chan;
	size_t size;
	char *area;

	params.private_size = PAGE_SIZE + 1;
	chan = relay_test_open(test, &params);
	area = relay_private_area(chan, &size);
	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_EXPECT_EQ(test, 2 * PAGE_SIZE, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(area, 0, size));
	memset(area, 'x', size);
	entry = find_channel(params.name);
	KUNIT_ASSERT_NOT_NULL(test, entry);
	KUNIT_EXPECT_PTR_EQ(test, (void *)area, this_bank() + entry->private_area);
	KUNIT_EXPECT_EQ(test, size, entry->private_size);
	relay_test_close(test, chan);

	/* The next channel gets a zeroed area. */
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
		/* The channel that was closed last is still in the bank. */
		KUNIT_EXPECT_NOT_NULL(test, find_channel(name));
	}
	KUNIT_EXPECT_NULL(test, find_channel("turn-0"));
}

static void reserved_side_by_side(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct rchan *chan = relay_test_open(test, &reserved_params);
	struct rchan *other, *ordinary;

	params.name = "reserved-other";
	other = relay_test_open(test, &params);
	params.name = "not-reserved";
	params.flags = RELAY_OVERWRITE;
	ordinary = relay_test_open(test, &params);
	write_numbered(test, other, 7);
	write_numbered(test, ordinary, 8);
	write_numbered(test, chan, 0);
	KUNIT_EXPECT_NOT_NULL(test, find_channel(reserved_params.name));
	KUNIT_EXPECT_NOT_NULL(test, find_channel("reserved-other"));
	KUNIT_EXPECT_NULL(test, find_channel("not-reserved"));
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
	/* This size is 0 when it is rounded up to pages. */
	params.private_size = SIZE_MAX;
	expect_refused(test, &params, -ENOSPC);
	params = reserved_params;
	params.name = NULL;
	expect_refused(test, &params, -EINVAL);
	params = reserved_params;
	params.name = memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = 0;
	expect_refused(test, &params, -ENAMETOOLONG);
	/* The refused channels take no room. */
	KUNIT_EXPECT_NULL(test, relay_reserve(relay_test_open(test, &reserved_params), 8));
}

/* Return: size of a private area with which a channel like @head fills the bank. */
static size_t all_there_is(const struct relay_bank_channel *head)
{
	const struct relay_bank *bank = this_bank();
	u64 takes = head->data + head->n_buffers * head->data_stride - head->control;

	/* Without the bank's headers, and up to two pages lost to alignment. */
	return bank->size - (takes - head->private_size) - RELAY_BANK_COPY - 2 * PAGE_SIZE;
}

/* Data of closed channels is given up only if that makes room for a new channel. */
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
	KUNIT_EXPECT_NOT_NULL(test, find_channel("reserved-other"));
	KUNIT_EXPECT_NOT_NULL(test, find_channel(reserved_params.name));

	/* This channel needs the room of the closed ones. */
	params.private_size = all_there_is(find_channel(params.name));
	relay_test_open(test, &params);
	KUNIT_EXPECT_NOT_NULL(test, find_channel(params.name));
	KUNIT_EXPECT_NULL(test, find_channel("reserved-other"));
}

/* A channel whose directory exists already costs no closed channel its data. */
static void reserved_taken_name_costs_nothing(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct rchan *chan = relay_test_open(test, &reserved_params);

	write_numbered(test, chan, 0);
	relay_test_close(test, chan);
	params.flags = 0;
	relay_test_open(test, &params);
	expect_refused(test, &reserved_params, -EEXIST);
	KUNIT_EXPECT_NOT_NULL(test, find_channel(reserved_params.name));
}

static int no_pages(struct relay_pages *pages, size_t size, int node)
{
	return -ENOMEM;
}

/* The room of a channel whose open failed is reused before the data of a closed channel. */
static void reserved_failure_costs_nothing(struct kunit *test)
{
	struct relay_params params = reserved_params;
	struct rchan *chan = relay_test_open(test, &reserved_params);

	/* A channel that fills the bank removes the data of all closed ones. */
	KUNIT_ASSERT_NOT_NULL(test, find_channel(reserved_params.name));
	params.private_size = all_there_is(find_channel(reserved_params.name));
	relay_test_close(test, chan);
	params.name = "reserved-other";
	relay_test_close(test, relay_test_open(test, &params));
	relay_test_close(test, relay_test_open(test, &reserved_params));

	params.private_size /= 2;
	kunit_activate_static_stub(test, relay_pages_alloc, no_pages);
	expect_refused(test, &params, -ENOMEM);
	kunit_deactivate_static_stub(test, relay_pages_alloc);
	params.name = "reserved-third";
	relay_test_open(test, &params);
	KUNIT_EXPECT_NOT_NULL(test, find_channel(reserved_params.name));
}

/* Return: whether both headers have @reason as the end of the boot. */
static bool says_end(const char *reason)
{
	const size_t covered = offsetof(struct relay_bank, end_time);
	struct relay_bank *head = this_bank(), *copy = this_bank() + RELAY_BANK_COPY;

	return head->end_crc == relay_crc(0, &head->end_time, sizeof(*head) - covered) &&
	       !memcmp(&head->end_crc, &copy->end_crc, sizeof(*head) - covered) &&
	       head->end == RELAY_END_PANIC && !strcmp(head->end_reason, reason);
}

static void reserved_end(struct kunit *test)
{
	relay_test_open(test, &reserved_params);
	relay_reserved_end(RELAY_END_PANIC, "for a while");
	KUNIT_EXPECT_TRUE(test, says_end("for a while"));
	relay_reserved_goes_on();
	KUNIT_EXPECT_FALSE(test, says_end("for a while"));
}

static void reserved_hold(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params), *other;
	struct relay_params params = reserved_params;
	struct relay_slot slot;

	params.name = "reserved-late";
	write_numbered(test, chan, 0);
	relay_hold_reserved(true);
	other = relay_test_open(test, &params);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, relay_slot_reserve(chan, &slot, 8));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, relay_slot_reserve(other, &slot, 8));
	KUNIT_EXPECT_TRUE(test, relay_reserved_valid());
	/* The state of a channel when relay_close() has begun. */
	WRITE_ONCE(relay_chan_of(other)->unwatchable, true);
	relay_hold_reserved(false);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, relay_slot_reserve(other, &slot, 8));
	write_numbered(test, chan, 1);
	KUNIT_EXPECT_NOT_NULL(test, find_channel(reserved_params.name));
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
	struct relay_counters stats;

	relay_chan_stats(chan, &stats);
	return stats.lost[RELAY_LOST_DISABLED];
}

/* A held channel takes no record after a flush, either, although the next sub-buffer is free. */
static void reserved_hold_flushed(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &reserved_params);
	unsigned int written;

	write_numbered(test, chan, 0);
	relay_flush(chan);
	written = bytes_written(chan);
	relay_hold_reserved(true);
	relay_write(chan, "not admitted!", 13);
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

/* A writer on another CPU that is delayed while it enters a sub-buffer. */
static struct entering {
	struct work_struct	work;
	struct rchan		*chan;
	struct relay_ring	*ring;
	struct completion	begun;
	struct task_struct	*holder;
	bool			held;
} entering;

/* Has relay_hold_reserved() disabled the ring, and does it sleep or has it returned? */
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

/* The writer saw the ring enabled, and enters after relay_hold_reserved() has disabled it. */
static void reserved_hold_entering(struct kunit *test)
{
	static const struct relay_channel_ops ops = { .clock = entering_clock };
	unsigned int cpu = relay_test_other_cpu(test);
	struct relay_params params = reserved_params;

	/* Run on CPU 0, because the writer spins on @cpu. */
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

/* On a CPU that comes up for the first time the new buffer is held, too. */
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

static struct kunit_case reserved_cases[] = {
	KUNIT_CASE(reserved_headers),
	KUNIT_CASE(reserved_entry),
	KUNIT_CASE(reserved_sealed_when_closed),
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
	{}
};

static struct kunit_suite reserved_suite = {
	.name = "relay_reserved",
	.init = reserved_init,
	.test_cases = reserved_cases,
};

kunit_test_suite(reserved_suite);
