// SPDX-License-Identifier: GPL-2.0
/*
 * Threads on real CPUs: writers, a reader and a flusher on a global ring; then a writer
 * with signals as NMIs, and a reader, on a CPU's ring. The number of writes bounds the
 * run. Under ThreadSanitizer the reader's plain copies prove the barriers: see
 * include/asm/barrier.h.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/bitops.h>
#include "calls.h"
#include "record.h"
#include "ring.h"
#include "number.h"

#define WRITERS		3
#define SOURCES		(WRITERS + 1)	/* the last one: the signals */
#define SUBBUFS		3

#ifdef RELAY_SHIM_TSAN
_Thread_local bool relay_shim_wmb;
_Thread_local bool relay_shim_wmb_now;
_Thread_local void *relay_shim_loaded[RELAY_SHIM_LOADS];
_Thread_local unsigned int relay_shim_loads;
#endif

struct source {
	pthread_t thread;
	unsigned int number;
	unsigned int attempts;
	unsigned int random;
	unsigned int committed;
	unsigned int discarded;
	unsigned int lost;
	unsigned int next;	/* sequence number, kept by the writer */
	unsigned int last;	/* last sequence number read, kept by the reader */
};

static struct relay_ring ring;
static struct source source[SOURCES];
static unsigned long seed, records, read_records;
static unsigned long deliveries;
static bool done;
static const char *name;

static void fail(const char *what, unsigned long a, unsigned long b)
{
	printf("not ok %s\n# %s: %#lx %#lx, SEED=%lu\n", name, what, a, b, seed);
	fflush(stdout);
	_Exit(1);
}

static void deliver(struct relay_ring *r, unsigned long pos)
{
	__atomic_fetch_add(&deliveries, 1, __ATOMIC_RELAXED);
}

/*
 * A reader may copy a sub-buffer while it is overwritten, because it drops that copy, but
 * ThreadSanitizer would report a race. So marks keep writers out of the sub-buffer that the
 * reader is in. leave() is relaxed, so that the ring alone orders the accesses. leave_part()
 * is a release, because a look at a part consumes nothing, so the ring does not order it.
 */
enum inside { INSIDE_NONE, INSIDE_READER, INSIDE_WRITER };

static enum inside inside[SUBBUFS];

static bool go_inside(unsigned int index, enum inside me)
{
	enum inside none = INSIDE_NONE;

	return __atomic_compare_exchange_n(&inside[index], &none, me, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void leave(unsigned int index)
{
	__atomic_store_n(&inside[index], INSIDE_NONE, __ATOMIC_RELAXED);
}

static void leave_part(unsigned int index)
{
	__atomic_store_n(&inside[index], INSIDE_NONE, __ATOMIC_RELEASE);
}

static int admit(struct relay_ring *r, unsigned long pos)
{
	unsigned int index = relay_pos_index(r, relay_pos_next(r, pos));
	int err = -EBUSY;

	if (go_inside(index, INSIDE_WRITER)) {
		err = relay_ring_enter(r, pos, r->overwrite);
		leave(index);
	}
	return err;
}

static const struct relay_ring_ops ops = {
	.clock = call_clock,
	.deliver = deliver,
	.admit = admit,
};

static void set_up(size_t subbuf_size, size_t n_subbufs, bool global,
		   bool overwrite)
{
	size_t size = (relay_ring_control_size(n_subbufs) + 63) & ~63UL;

	ring = (struct relay_ring) {
		.control = aligned_alloc(64, size),
		.data = malloc(subbuf_size * n_subbufs),
		.global = global,
		.overwrite = overwrite,
		.ops = &ops,
	};
	memset(ring.control, 0, size);
	memset(source, 0, sizeof(source));
	read_records = 0;
	deliveries = 0;
	__atomic_store_n(&done, false, __ATOMIC_RELAXED);
	if (relay_ring_init(&ring, subbuf_size, n_subbufs, ~0UL))
		fail("init", subbuf_size, n_subbufs);
}

static void tear_down(void)
{
	free(ring.data);
	free(ring.control);
}

/*
 * Writers
 */

static unsigned int draw(struct source *me)
{
	me->random = me->random * 1103515245 + 12345;
	return me->random >> 16;
}

static void write_one(struct source *me)
{
	unsigned int len = RECORD_MIN + draw(me) % 30;
	struct relay_slot slot;
	void *record;
	u32 seq;

	if (call_reserve_ops(&ring, &slot, len - RECORD_MIN)) {
		me->lost++;
		return;
	}
	seq = me->number << 24 | me->next++;
	record = slot.data - RECORD_MIN;
	record_open(record, len, seq, slot.time);
	record_fill(record, RECORD_MIN, len, len, seq);
	if (draw(me) % 16) {
		call_commit(&slot);
		me->committed++;
	} else {
		relay_ring_discard(&slot);
		me->discarded++;
	}
}

static void *writer(void *data)
{
	struct source *me = data;
	unsigned int i;

	for (i = 0; i < me->attempts; i++) {
		write_one(me);
		if (relay_ring_full(&ring) && !ring.overwrite)
			sched_yield();
	}
	return NULL;
}

static void *flusher(void *data)
{
	unsigned int i;

	for (i = 0; i < records / 50; i++) {
		relay_ring_flush(&ring);
		sched_yield();
	}
	return NULL;
}

/*
 * The reader
 */

/*
 * Enter the sub-buffer, and copy it; the caller leaves it.
 * Return: false if the sub-buffer was overwritten before.
 */
static bool copy(void *to, const struct relay_span *span)
{
	while (!go_inside(relay_pos_index(&ring, span->pos), INSIDE_READER))
		sched_yield();
	if (!relay_ring_intact(&ring, span))
		return false;
	memcpy(to, span->data, span->info.used);
	return true;
}

/* Check that the records in @bytes are complete and in order. Return: their number. */
static unsigned long parse(const u8 *bytes, size_t len, bool consumed)
{
	unsigned long at = 0, n = 0;
	struct record record;
	u64 time = 0;
	long step;

	for (; at < len; at += step ? step : 1) {
		step = record_check(bytes + at, len - at, &record);
		if (step < 0)
			fail("torn", at, len);
		if (!step)
			continue;
		if (record.time < time || record.seq >> 24 >= SOURCES)
			fail("order", record.time, record.seq);
		time = record.time;
		n++;
		if (!consumed)
			continue;
		if ((record.seq & 0xffffff) < source[record.seq >> 24].last)
			fail("again", record.seq, source[record.seq >> 24].last);
		source[record.seq >> 24].last = (record.seq & 0xffffff) + 1;
	}
	return n;
}

static void look_at_partial(unsigned long cursor)
{
	u8 bytes[ring.subbuf_size];
	struct relay_span span;
	bool whole;

	if (!relay_ring_partial(&ring, cursor, &span))
		return;
	whole = copy(bytes, &span) && relay_ring_intact(&ring, &span);
	leave_part(relay_pos_index(&ring, span.pos));
	if (whole)
		parse(bytes, span.info.used, false);
}

static bool read_one(unsigned long *cursor)
{
	u8 bytes[ring.subbuf_size];
	struct relay_span span;
	bool ours;
	unsigned long n;

	if (relay_ring_peek(&ring, cursor, &span)) {
		look_at_partial(*cursor);
		return false;
	}
	ours = copy(bytes, &span) && relay_ring_consume(&ring, &span);
	leave(relay_pos_index(&ring, span.pos));
	if (!ours)
		return true;
	n = parse(bytes, span.info.used, true);
	if (n != span.info.records)
		fail("records of a sub-buffer", n, span.info.records);
	read_records += n;
	return true;
}

static void *reader(void *data)
{
	unsigned long cursor = atomic_long_read(&ring.control->consumed);

	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
		if (!read_one(&cursor))
			sched_yield();
	relay_ring_flush(&ring);
	while (read_one(&cursor))
		;
	return NULL;
}

/*
 * The tests
 */

static void check_accounts(void)
{
	unsigned long pos = relay_word_read(&ring.control->reserve);
	unsigned long committed = 0, discarded = 0, lost = 0, laps;
	struct relay_counters stats = { 0 };
	unsigned int i;

	for (i = 0; i < SOURCES; i++) {
		committed += source[i].committed;
		discarded += source[i].discarded;
		lost += source[i].lost;
		if (source[i].committed + source[i].discarded + source[i].lost !=
		    source[i].attempts)
			fail("attempts", i, source[i].attempts);
	}
	relay_ring_count(&ring, &stats);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		lost -= stats.lost[i];
	if (lost || stats.discarded != discarded)
		fail("lost or discarded", lost, stats.discarded);
	if (stats.committed != committed)
		fail("committed", stats.committed, committed);
	if (committed != read_records + stats.overwritten + stats.erased)
		fail("conservation", committed, read_records);
	laps = (pos - (~0UL << ring.lap_shift)) >> ring.lap_shift;
	if (relay_pos_offset(&ring, pos) == ring.subbuf_size &&
	    deliveries != laps * ring.n_subbufs + relay_pos_index(&ring, pos) + 1)
		fail("deliveries", deliveries, laps);
}

static void start(struct source *me, unsigned int number,
		  unsigned int attempts)
{
	me->number = number;
	me->attempts = attempts;
	me->random = seed * 7919 + number;
}

static void test_global(const char *test, bool overwrite)
{
	pthread_t reading, flushing;
	unsigned int i;

	name = test;
	set_up(300, SUBBUFS, true, overwrite);
	pthread_create(&reading, NULL, reader, NULL);
	pthread_create(&flushing, NULL, flusher, NULL);
	for (i = 0; i < WRITERS; i++) {
		start(&source[i], i, records);
		pthread_create(&source[i].thread, NULL, writer, &source[i]);
	}
	for (i = 0; i < WRITERS; i++)
		pthread_join(source[i].thread, NULL);
	pthread_join(flushing, NULL);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	pthread_join(reading, NULL);
	check_accounts();
	tear_down();
	printf("ok %s\n", name);
}

/* A signal, which interrupts the writer at any instruction, writes a record. */
static void on_signal(int signal)
{
	source[WRITERS].attempts++;
	write_one(&source[WRITERS]);
}

static void *pesterer(void *data)
{
	struct source *victim = data;
	unsigned int i;

	for (i = 0; i < records / 10; i++) {
		pthread_kill(victim->thread, SIGRTMIN);
		sched_yield();
	}
	return NULL;
}

/* A writer that gets signals until it is done; their sender ends before this thread. */
static void *pestered_writer(void *data)
{
	pthread_t pestering;
	sigset_t set;

	source[0].thread = pthread_self();
	pthread_create(&pestering, NULL, pesterer, data);
	writer(data);
	pthread_join(pestering, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return NULL;
}

static void test_local(const char *test, bool overwrite)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t reading, writing;

	name = test;
	set_up(300, SUBBUFS, false, overwrite);
	sigaction(SIGRTMIN, &action, NULL);
	start(&source[0], 0, records);
	start(&source[WRITERS], WRITERS, 0);
	pthread_create(&reading, NULL, reader, NULL);
	pthread_create(&writing, NULL, pestered_writer, &source[0]);
	pthread_join(writing, NULL);
	/* The writer has ended, so the reader may flush, as for a dead CPU. */
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	pthread_join(reading, NULL);
	check_accounts();
	tear_down();
	printf("ok %s\n", name);
}

int main(void)
{
	seed = number("SEED", 1);
	records = number("RECORDS", 20000);
	printf("# SEED=%lu RECORDS=%lu\n", seed, records);
	test_global("global, no-overwrite", false);
	test_global("global, overwrite", true);
	test_local("interrupted, no-overwrite", false);
	test_local("interrupted, overwrite", true);
	return 0;
}
