// SPDX-License-Identifier: GPL-2.0
/*
 * One writer and one reader take turns, and are compared with a model that counts
 * sub-buffers instead of packing positions into words: any geometry, wrapping
 * positions, and every value that a reader gets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/bitops.h>
#include <string.h>
#include "calls.h"
#include "record.h"
#include "ring.h"

struct model_subbuf {
	unsigned long used;
	unsigned long records;
	unsigned long lost;
	unsigned int first;	/* seed of its first record's bytes */
	bool unread;
};

struct model {
	unsigned long current;	/* sub-buffers entered so far, minus 1 */
	unsigned long cursor;
	unsigned long off;
	unsigned long lost[RELAY_LOST_REASONS];
	unsigned long committed, overwritten, erased, discarded;
	unsigned long records;
	unsigned int written;	/* seed of the next record's bytes */
	unsigned int first;
	bool open;
	struct model_subbuf sub[4096];
};

static struct relay_ring ring;
static struct model model;
static unsigned long seed, cursor;
static struct relay_span consumed;
static const char *name;

static void fail(const char *what, unsigned long got, unsigned long want)
{
	printf("not ok %s\n# %s: %#lx instead of %#lx\n", name, what, got, want);
	printf("# %lux%u header %u%s, SEED=%lu\n", ring.subbuf_size,
	       ring.n_subbufs, ring.header_size,
	       ring.overwrite ? " overwrite" : "", seed);
	exit(1);
}

static void same(const char *what, unsigned long got, unsigned long want)
{
	if (got != want)
		fail(what, got, want);
}

static void begin(struct relay_ring *r, unsigned long pos)
{
	memset(relay_pos_address(r, pos), 'h', r->header_size);
}

static const struct relay_ring_ops ops = { .begin = begin };

static int set_up(size_t subbuf_size, size_t n_subbufs, unsigned int header,
		  bool overwrite, unsigned long lap, void *data)
{
	free(ring.control);
	memset(&model, 0, sizeof(model));
	model.current = -1UL;
	ring = (struct relay_ring) {
		.control = aligned_alloc(64, (relay_ring_control_size(n_subbufs) +
					      63) & ~63UL),
		.data = data,
		.header_size = header,
		.overwrite = overwrite,
		.global = random() % 2,
		.ops = &ops,
	};
	memset(ring.control, 0, relay_ring_control_size(n_subbufs));
	return relay_ring_init(&ring, subbuf_size, n_subbufs, lap);
}

/*
 * The model
 */

static struct model_subbuf *model_sub(unsigned long ordinal)
{
	return &model.sub[ordinal % ring.n_subbufs];
}

static unsigned long model_lost(void)
{
	unsigned long lost = 0;
	int i;

	for (i = 0; i < RELAY_LOST_REASONS; i++)
		lost += model.lost[i];
	return lost;
}

static void model_close(void)
{
	struct model_subbuf *sub = model_sub(model.current);

	sub->used = model.off;
	sub->records = model.records;
	sub->lost = model_lost();
	sub->first = model.first;
	sub->unread = true;
	model.open = false;
}

static int model_enter(void)
{
	struct model_subbuf *sub = model_sub(model.current + 1);

	if (sub->unread && !ring.overwrite) {
		model.lost[RELAY_LOST_FULL]++;
		return -ENOSPC;
	}
	if (sub->unread)
		model.overwritten += sub->records;
	sub->unread = false;
	model.current++;
	model.off = ring.header_size;
	model.records = 0;
	model.first = model.written;
	model.open = true;
	return 0;
}

static int model_make_room(unsigned long len)
{
	if (!len)
		return -EINVAL;
	if (model.open && len <= ring.subbuf_size - model.off)
		return 0;
	if (len > ring.subbuf_size - ring.header_size) {
		model.lost[RELAY_LOST_TOO_BIG]++;
		return -E2BIG;
	}
	if (model.open)
		model_close();
	return model_enter();
}

static int model_write(unsigned long len)
{
	int err = model_make_room(len);

	if (err)
		return err;
	model.off += len;
	model.written += len;
	model.records++;
	model.committed++;
	if (model.off == ring.subbuf_size)
		model_close();
	return 0;
}

static void model_flush(void)
{
	if (model.open && model.off > ring.header_size)
		model_close();
}

static void model_hold(void)
{
	if (model.open)
		model_close();
}

static void model_reset(void)
{
	unsigned int i;

	model_hold();
	for (i = 0; i < ring.n_subbufs; i++) {
		if (model.sub[i].unread)
			model.erased += model.sub[i].records;
		model.sub[i].unread = false;
	}
	model.cursor = model.current + 1;
}

/*
 * Operations on the ring and the model
 */

static void fill(u8 *byte, unsigned long len, unsigned int from)
{
	while (len--)
		*byte++ = from++ % 251;
}

static void check(const u8 *byte, unsigned long len, unsigned int from)
{
	while (len--)
		if (*byte++ != from++ % 251)
			fail("byte", byte[-1], (from - 1) % 251);
}

static void write_one(unsigned long len, bool touch)
{
	unsigned int from = model.written;
	struct relay_slot slot;
	int err = call_reserve(&ring, &slot, len);

	same("reserve", err, model_write(len));
	if (err)
		return;
	if (relay_slot_interrupts(&slot))
		fail("interrupts", 1, 0);
	if (touch)
		fill(slot.data, len, from);
	call_commit(&slot);
}

/*
 * Reserve and discard. The ring takes the reservation back, so the model changes only
 * if it entered a sub-buffer. Skipped where the ring cannot take it back.
 */
static void discard_one(unsigned long len)
{
	struct relay_slot slot;
	int err;

	/* In a global ring, and if it closes its sub-buffer, a reservation stays. */
	if (ring.global || len == ring.subbuf_size - model.off ||
	    len == ring.subbuf_size - ring.header_size)
		return;
	err = call_reserve(&ring, &slot, len);
	same("reserve", err, model_make_room(len));
	if (err)
		return;
	memset(slot.data, 'x', len);
	relay_ring_discard(&slot);
	model.discarded++;
}

static void check_partial(void)
{
	unsigned long start = relay_pos_start(&ring,
					      relay_word_read(&ring.control->reserve));
	struct relay_span span;
	bool some;

	if (!model.open)
		return;
	same("partial of the lap before",
	     relay_ring_partial(&ring, start - (1UL << ring.lap_shift), &span),
	     false);
	some = relay_ring_partial(&ring, start, &span);
	same("partial", some, model.off > 0);
	if (!some)
		return;
	same("partial used", span.info.used, model.off);
	check((u8 *)span.data + ring.header_size, span.info.used - ring.header_size,
	      model.first);
	same("partial intact", relay_ring_intact(&ring, &span), true);
}

static void read_one(bool touch)
{
	unsigned long oldest = model.current + 1 - ring.n_subbufs;
	struct model_subbuf *sub;
	struct relay_span span;
	unsigned long missed = 0;
	int err = relay_ring_peek(&ring, &cursor, &span);

	if ((long)(oldest - model.cursor) > 0)
		missed = oldest - model.cursor;
	model.cursor += missed;
	sub = model_sub(model.cursor);
	if (model.cursor == model.current + 1 || !sub->unread) {
		same("nothing to read", err, -EAGAIN);
		return;
	}
	same("peek", err, 0);
	same("missed", span.missed, missed);
	same("used", span.info.used, sub->used);
	same("records", span.info.records, sub->records);
	same("lost", span.info.lost, sub->lost);
	if (touch)
		check((u8 *)span.data + ring.header_size,
		      span.info.used - ring.header_size, sub->first);
	same("intact", relay_ring_intact(&ring, &span), true);
	same("consume", relay_ring_consume(&ring, &span), true);
	same("consumed", relay_ring_consume(&ring, &span), false);
	same("intact when consumed", relay_ring_intact(&ring, &span), false);
	/* The span consumed before this one cannot be consumed again, unless laps have wrapped. */
	if (touch) {
		same("consumed before", relay_ring_consume(&ring, &consumed), false);
		same("consumed up to", atomic_long_read(&ring.control->consumed),
		     relay_pos_next(&ring, span.pos));
		consumed = span;
	}
	sub->unread = false;
	model.cursor++;
	if (atomic_long_read(&ring.control->consumed) != (long)cursor)
		cursor = atomic_long_read(&ring.control->consumed);
}

static void check_stats(void)
{
	struct relay_counters stats = { 0 };
	unsigned int i;
	bool full;

	relay_ring_count(&ring, &stats);
	same("committed", stats.committed, model.committed);
	same("overwritten", stats.overwritten, model.overwritten);
	same("erased", stats.erased, model.erased);
	same("discarded", stats.discarded, model.discarded);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		same("lost by cause", stats.lost[i], model.lost[i]);
	full = !model.open && model_sub(model.current + 1)->unread;
	same("full", relay_ring_full(&ring), full);
}

static void finish(void)
{
	struct relay_slot slot;
	unsigned int i;

	if (random() % 2) {
		relay_ring_hold(&ring);
		model_hold();
	} else {
		relay_ring_disable(&ring);
		model_flush();
	}
	for (i = 0; i <= ring.n_subbufs; i++)
		read_one(true);
	check_stats();
	/* A sub-buffer without a record stays open, so a record may still be written to it. */
	if (model.open)
		return;
	same("disabled", call_reserve(&ring, &slot, 1), -ESHUTDOWN);
	model.lost[RELAY_LOST_DISABLED]++;
	check_stats();
}

static void act(unsigned long max)
{
	switch (random() % 40) {
	case 0:
		relay_ring_flush(&ring);
		model_flush();
		break;
	case 1:
		relay_ring_reset(&ring);
		relay_ring_erase(&ring);
		model_reset();
		cursor = atomic_long_read(&ring.control->consumed);
		break;
	case 2 ... 4:
		read_one(true);
		break;
	case 5:
		check_partial();
		check_stats();
		break;
	case 6:
		discard_one(random() % max);
		break;
	case 7:
		if (model.open)
			write_one(ring.subbuf_size - model.off, true);
		break;
	case 8:
		write_one(ring.subbuf_size + random() % 3 - ring.header_size, true);
		break;
	default:
		write_one(random() % max, true);
	}
}

static void fuzz(size_t subbuf_size, size_t n_subbufs, unsigned int acts)
{
	unsigned int header = random() % 2 ? random() % subbuf_size : 0;
	unsigned long lap = random() % 2 ? -1UL - random() % 3 : 0;
	void *data = malloc(subbuf_size * n_subbufs);
	unsigned long max = 2 + random() % subbuf_size;

	same("init", set_up(subbuf_size, n_subbufs, header, random() % 2, lap,
			    data), 0);
	cursor = atomic_long_read(&ring.control->consumed);
	consumed = (struct relay_span) { .pos = cursor };
	model.cursor = 0;
	while (acts--)
		act(max);
	finish();
	free(data);
}

static void test_fuzz(unsigned int geometries)
{
	name = "any geometry";
	while (geometries--)
		fuzz(1 + random() % (random() % 2 ? 3000 : 20),
		     1 + random() % 20, 2000);
	/* Sizes of which the offset has fewer bits than the flags of a state. */
	fuzz(1, 1, 2000);
	fuzz(1, 3, 2000);
	fuzz(1140, 2500, 40000);
	fuzz(1500, 512, 40000);
	fuzz(1024, 256, 40000);
	printf("ok %s\n", name);
}

static void commit_one(struct relay_slot *slot)
{
	memset(slot->data, 'x', slot->size);
	call_commit(slot);
}

static void test_interrupts(void)
{
	struct relay_slot below, above;

	name = "a reservation knows that it interrupts";
	same("init", set_up(64, 2, 0, false, 0, malloc(128)), 0);
	same("below", call_reserve(&ring, &below, 8), 0);
	same("above", call_reserve(&ring, &above, 8), 0);
	same("interrupts nothing", relay_slot_interrupts(&below), false);
	same("interrupts", relay_slot_interrupts(&above), true);
	commit_one(&above);
	commit_one(&below);
	same("next", call_reserve(&ring, &above, 8), 0);
	same("interrupts no more", relay_slot_interrupts(&above), false);
	commit_one(&above);
	free(ring.data);
	printf("ok %s\n", name);
}

/*
 * The largest record is not refused after other bytes, where its header would be longer,
 * but is written to the next sub-buffer.
 */
static void test_largest(void)
{
	struct relay_slot slot;
	unsigned long pos;

	name = "the largest record with a header that aligns it";
	same("init", set_up(64, 2, 0, false, 0, malloc(128)), 0);
	same("byte", call_reserve(&ring, &slot, 1), 0);
	commit_one(&slot);
	pos = relay_word_read(&ring.control->reserve);
	same("too big", call_reserve_ops(&ring, &slot, 65 - RECORD_MIN), -E2BIG);
	same("position", relay_word_read(&ring.control->reserve), pos);
	same("largest", call_reserve_ops(&ring, &slot, 64 - RECORD_MIN), 0);
	same("size", slot.size, 64);
	call_commit(&slot);
	free(ring.data);
	printf("ok %s\n", name);
}

/* A record that is refused in an NMI is counted as lost. */
static void test_refused(void)
{
	struct relay_counters stats = { 0 };
	struct relay_span span;
	unsigned long at = 0;
	struct relay_slot slot;

	name = "a record that is refused in an NMI";
	same("init", set_up(64, 2, 0, false, 0, malloc(128)), 0);
	same("refused", relay_ring_refuse_nmi(&ring), -EBUSY);
	same("write", call_reserve(&ring, &slot, 8), 0);
	commit_one(&slot);
	relay_ring_flush(&ring);
	same("peek", relay_ring_peek(&ring, &at, &span), 0);
	same("lost", span.info.lost, 1);
	relay_ring_count(&ring, &stats);
	same("lost by cause", stats.lost[RELAY_LOST_NESTED], 1);
	free(ring.data);
	printf("ok %s\n", name);
}

/* A reservation is taken back completely, or try_discard leaves it and its bytes alone. */
static void test_taken_back(void)
{
	struct relay_slot below, above;
	unsigned long pos;
	u8 *data = malloc(192);

	name = "a reservation is taken back, or stays";
	memset(data, 'x', 192);
	same("init", set_up(64, 3, 0, false, 0, data), 0);
	ring.global = false;
	same("below", call_reserve(&ring, &below, 8), 0);
	pos = relay_word_read(&ring.control->reserve);
	same("above", call_reserve(&ring, &above, 55), 0);
	same("below an open one", relay_ring_try_discard(&below), false);
	same("the newest", relay_ring_try_discard(&above), true);
	same("position", relay_word_read(&ring.control->reserve), pos);
	same("an exact fit", call_reserve(&ring, &above, 56), 0);
	same("what closes", relay_ring_try_discard(&above), false);
	call_commit(&above);
	call_commit(&below);
	same("nothing is zeroed", !memchr(data, 0, 192), true);
	ring.global = true;
	same("global", call_reserve(&ring, &above, 8), 0);
	same("of a global ring", relay_ring_try_discard(&above), false);
	call_commit(&above);
	free(data);
	printf("ok %s\n", name);
}

/* A reader neither gets sub-buffers from before a reset, nor counts them as missed. */
static void test_reset_open(void)
{
	unsigned long at = 0;
	struct relay_span span;
	struct relay_slot slot;

	name = "a reset with an open reservation";
	same("init", set_up(64, 3, 0, false, 0, malloc(192)), 0);
	same("whole", call_reserve(&ring, &slot, 8), 0);
	commit_one(&slot);
	same("partial", relay_ring_partial(&ring, 0, &span), true);
	same("open", call_reserve(&ring, &slot, 8), 0);
	relay_ring_reset(&ring);
	same("partial after the reset", relay_ring_partial(&ring, 0, &span), false);
	commit_one(&slot);
	same("next", call_reserve(&ring, &slot, 8), 0);
	commit_one(&slot);
	relay_ring_flush(&ring);
	same("peek", relay_ring_peek(&ring, &at, &span), 0);
	same("records", span.info.records, 1);
	same("missed", span.missed, 0);
	same("consume", relay_ring_consume(&ring, &span), true);
	/* A reservation that fills its sub-buffer, and is discarded after the reset. */
	same("exact", call_reserve(&ring, &slot, ring.subbuf_size), 0);
	relay_ring_reset(&ring);
	relay_ring_discard(&slot);
	same("next", call_reserve(&ring, &slot, 8), 0);
	commit_one(&slot);
	relay_ring_flush(&ring);
	same("peek", relay_ring_peek(&ring, &at, &span), 0);
	same("records", span.info.records, 1);
	free(ring.data);
	printf("ok %s\n", name);
}

/*
 * With words of 32 bits, in the largest geometry lap numbers repeat after four laps. With
 * 64 bits no test can write for so long.
 */
#define HUGE_SIZE	(1UL << 28)

static void set_up_huge(bool overwrite)
{
	same("init", set_up(HUGE_SIZE, 2, 0, overwrite, 0, &ring), 0);
	ring.global = false;
	cursor = 0;
}

static void test_laps_exact(void)
{
	unsigned int i;

	name = "closed in an earlier lap of the same number";
	set_up_huge(false);
	write_one(5, false);
	relay_ring_flush(&ring);
	model_flush();
	read_one(false);
	for (i = 0; i < 40; i++) {
		write_one(HUGE_SIZE, false);
		read_one(false);
	}
	check_stats();
	printf("ok %s\n", name);
}

static void test_laps_reset(void)
{
	unsigned int i;

	name = "a reset is over after one lap";
	set_up_huge(false);
	relay_ring_reset(&ring);
	for (i = 0; i < 40; i++) {
		write_one(HUGE_SIZE, false);
		read_one(false);
		check_stats();
	}
	printf("ok %s\n", name);
}

static void test_laps_unread(void)
{
	unsigned int i, n;

	name = "first read after laps without a reader";
	for (n = 1; n < 20; n++) {
		set_up_huge(true);
		for (i = 0; i < n; i++)
			write_one(HUGE_SIZE, false);
		/* Set the cursors, because wrapped lap numbers do not tell how many were missed. */
		cursor = atomic_long_read(&ring.control->consumed);
		model.cursor = n < 2 ? 0 : n - 2;
		for (i = 0; i < 2 && i < n; i++) {
			struct relay_span span;

			same("peek", relay_ring_peek(&ring, &cursor, &span), 0);
			same("consume", relay_ring_consume(&ring, &span), true);
		}
	}
	printf("ok %s\n", name);
}

static void laps_note(bool global)
{
	struct relay_slot slot[3];
	struct relay_span span;
	unsigned int i;

	set_up_huge(true);
	ring.global = global;
	for (i = 0; i < 2; i++)
		same("reserve", call_reserve(&ring, &slot[i], 8), 0);
	call_commit(&slot[1]);
	call_commit(&slot[0]);
	relay_ring_flush(&ring);
	for (i = 1; i < 8; i++) {
		same("reserve", call_reserve(&ring, &slot[0], HUGE_SIZE), 0);
		call_commit(&slot[0]);
	}
	for (i = 0; i < 3; i++)
		same("reserve", call_reserve(&ring, &slot[i], 8), 0);
	same("the first lap's number", slot[0].begin, 0);
	call_commit(&slot[2]);
	call_commit(&slot[0]);
	same("partial", relay_ring_partial(&ring, 0, &span), true);
	same("contiguous", span.info.used, 8);
	call_commit(&slot[1]);
	same("partial", relay_ring_partial(&ring, 0, &span), true);
	same("contiguous", span.info.used, 24);
}

static void test_laps_note(void)
{
	name = "a note of an earlier lap of the same number";
	laps_note(false);
	laps_note(true);
	printf("ok %s\n", name);
}

/* A copy is reported as not intact after lap numbers have wrapped since it was made. */
static void test_laps_copy(void)
{
	struct relay_span delivered, open;
	struct relay_slot slot;
	unsigned int i;

	name = "a copy that is older than all laps";
	set_up_huge(true);
	write_one(1, false);
	same("partial", relay_ring_partial(&ring, 0, &open), true);
	relay_ring_flush(&ring);
	same("peek", relay_ring_peek(&ring, &cursor, &delivered), 0);
	for (i = 0; i < 7; i++) {
		same("intact", relay_ring_intact(&ring, &delivered), i < 2);
		same("reserve", call_reserve(&ring, &slot, 1), 0);
		call_commit(&slot);
		relay_ring_flush(&ring);
	}
	same("the last of all", slot.begin, -(1UL << ring.off_bits));
	same("reserve", call_reserve(&ring, &slot, 1), 0);
	same("the first lap's number", slot.begin, 0);
	same("intact, open", relay_ring_intact(&ring, &open), false);
	call_commit(&slot);
	relay_ring_flush(&ring);
	same("intact", relay_ring_intact(&ring, &delivered), false);
	same("consume", relay_ring_consume(&ring, &delivered), false);
	same("intact, open", relay_ring_intact(&ring, &open), false);
	printf("ok %s\n", name);
}

static void test_bounds(void)
{
	name = "geometries that cannot be";
	same("no size", set_up(0, 4, 0, false, 0, NULL), -EINVAL);
	same("no sub-buffer", set_up(64, 0, 0, false, 0, NULL), -EINVAL);
	same("all header", set_up(64, 4, 64, false, 0, NULL), -EINVAL);
	same("header", set_up(64, 4, 63, false, 0, NULL), 0);
	same("a size that is no byte count", set_up(U32_MAX, 1, 0, false, 0, NULL), -E2BIG);
	same("huge", set_up(HUGE_SIZE, 2, 0, false, 0, NULL), 0);
	if (BITS_PER_LONG == 32) {
		same("too huge", set_up(HUGE_SIZE, 3, 0, false, 0, NULL), -E2BIG);
		same("too huge", set_up(2 * HUGE_SIZE, 2, 0, false, 0, NULL), -E2BIG);
	}
	printf("ok %s\n", name);
}

int main(void)
{
	const char *value = getenv("SEED");
	const char *rounds = getenv("ROUNDS");

	seed = value ? strtoul(value, NULL, 0) : 1;
	srandom(seed);
	printf("# SEED=%lu\n", seed);
	test_bounds();
	test_fuzz(200 * (rounds ? strtoul(rounds, NULL, 0) : 1));
	test_interrupts();
	test_largest();
	test_reset_open();
	test_refused();
	test_taken_back();
	if (BITS_PER_LONG == 32) {
		test_laps_exact();
		test_laps_reset();
		test_laps_unread();
		test_laps_note();
		test_laps_copy();
	}
	return 0;
}
