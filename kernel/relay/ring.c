// SPDX-License-Identifier: GPL-2.0
/*
 * The relay ring: reserve, commit, switch, deliver, read.
 *
 * This file allocates nothing and never sleeps. tools/testing/relay/ builds it
 * unchanged in user space.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/string.h>
#include "ring.h"

/**
 * DOC: relay ring overview
 *
 * Data structure
 * --------------
 *
 * A ring is n_subbufs sub-buffers of subbuf_size bytes in one virtually
 * contiguous range, and control words elsewhere: one reserve position, and
 * for every sub-buffer the number of bytes committed, the position up to which
 * they are contiguous, and a state. Either each CPU has a ring of its own, whose
 * writers are the contexts of that CPU, nested like a stack; or all CPUs share
 * one global ring. The code is the same: a CPU's ring uses CPU-local operations
 * (&local_t), a global ring full atomics.
 *
 * A position is one word::
 *
 *	 MSB                                      LSB
 *	| lap          | sub-buffer index | offset    |
 *
 * so that one cmpxchg moves the reserve position to any other. An offset equal to
 * subbuf_size says that the sub-buffer is closed. The index carries into the lap
 * when it reaches n_subbufs, so sizes are arbitrary, and no operation divides.
 * Where n_subbufs is a power of two, a position recurs after 2^(BITS_PER_LONG -
 * off_bits) sub-buffers: on a 32-bit kernel 32768 of 64 KiB. A writer must not be
 * interrupted for so long between its load and its cmpxchg. A reader may be: the
 * state of a sub-buffer recurs after 2^(BITS_PER_LONG - 2) sub-buffers, whatever
 * their size. For other n_subbufs both numbers are smaller, by less than half.
 *
 * Life of a sub-buffer
 * --------------------
 * ::
 *
 *	          enter                     close
 *	(free) ----------> (open) ----------------------> (closed)
 *	  ^       cmpxchg     |   cmpxchg, rest is padding    |
 *	  |                   |                               |
 *	  |                   | last byte committed           | last byte
 *	  |                   |                               | committed
 *	  |                   v                               v
 *	  +------------- (delivered) <------------------------+
 *	    consume by
 *	    reader, or
 *	    overwrite
 *
 * @state tells free from delivered. While a lap of a sub-buffer is open or closed,
 * @state is still that of the lap before. A writer enters a sub-buffer only if its
 * previous lap was consumed; in overwrite mode the writer consumes that lap itself.
 * If that lap is not even delivered, because a reservation in it is still open, the
 * writer drops its record: RELAY_LOST_NESTED.
 *
 * Switching is two independent steps, so that each is one cmpxchg: a writer
 * that finds no room closes the sub-buffer; a writer that finds a closed one
 * enters the next. After either step the writer reads the reserve position again. A
 * flush is the first step alone. A record that fits exactly closes its sub-buffer with
 * its own reservation.
 *
 * A writer takes times and loss counts before its cmpxchg, and stores them after it if
 * the cmpxchg succeeded. So begin <= time of every record <= end <= next begin, and
 * loss counts never go back, whatever nests. The lap cannot be delivered before they
 * are stored: the writer that closes the lap has yet to commit its padding or record,
 * and until the writer that enters the lap has stored @begin_time, @committed is one
 * too small.
 *
 * Writer
 * ------
 *
 * Reserve is one cmpxchg of the reserve position, commit changes two words::
 *
 *	reserve:	pos -> pos + size	cmpxchg
 *	(fill)
 *	commit:		contiguous: begin -> end	compare, store
 *			committed += size, one record	add
 *
 * On a 32-bit kernel a separate add counts the record before these two steps.
 *
 * The reservations of a ring are filled and committed in any order. Exactly one add
 * in a lap makes @committed reach subbuf_size; the writer of that add delivers. After
 * it no writer adds to this lap, and no writer enters the next lap before @state
 * allows it. So the deliverer has the sub-buffer to itself and needs no lock.
 *
 * While a reservation below is still open, @contiguous is below the begin of the
 * extent to commit: for example when an interrupt writes inside another fill. The
 * writer then notes its extent (&struct relay_note) before it adds to @committed.
 * Extents that touch share a note. The writer that commits the last open reservation
 * finds that @committed exceeds the offset of its own end, and moves @contiguous over
 * the noted extents that follow.
 *
 * Between the compare and the store no other context moves @contiguous, because the
 * reservation at @contiguous is still open.
 *
 * A crash at any instruction leaves memory that alone tells which bytes of every
 * sub-buffer are committed:
 *
 * - all, if @state says delivered, or @committed is subbuf_size, or
 *   @contiguous is in the next lap already;
 * - otherwise those before @contiguous, and those of each note of this lap
 *   whose begin is below its end.
 *
 * If @closed is in this lap, the bytes after it are padding. @check verifies the
 * description of a lap. A crash loses the records whose commit had not begun, and the
 * extents that @unnoted counts if a reservation below them was still open. A record
 * whose commit had begun is found, but may not be counted yet.
 *
 * Reader
 * ------
 *
 * A reader looks at the sub-buffer at its cursor, copies it or hands it out,
 * and consumes it by a cmpxchg of @state from delivered to consumed. In
 * overwrite mode a writer does the same cmpxchg before it enters. Only one of the two
 * succeeds, so every sub-buffer is either read whole or counted as overwritten,
 * and a reader whose cmpxchg fails drops what it copied.
 *
 * In a sub-buffer that is still open, the bytes before @contiguous are whole
 * records.
 *
 * Which operations may meet
 * -------------------------
 *
 * In a CPU's ring all of reserve, commit, discard, flush, reset, disable and
 * hold run on that CPU, in any context; or, when the CPU is dead, on one other CPU.
 * relay_buf_call() sends an IPI to run flush, reset, disable and hold there, so the
 * cost of none of them depends on n_subbufs. In a global ring all run on any CPU. Peek,
 * find, partial, intact, consume, erase, full and count run on any CPU.
 *
 * Sample writer and reader
 * ------------------------
 * ::
 *
 *	preempt_disable();
 *	if (!relay_ring_reserve(ring, &slot, len, NULL, ring->global)) {
 *		memcpy(slot.data, record, len);
 *		relay_ring_commit(&slot, ring->global);
 *	}
 *	preempt_enable();
 *
 *	cursor = atomic_long_read(&ring->control->consumed);
 *	while (!relay_ring_peek(ring, &cursor, &span)) {
 *		memcpy(copy, span.data, span.info.used);
 *		if (relay_ring_consume(ring, &span))
 *			use(copy, span.info.used);
 *	}
 *
 * Barriers
 * --------
 *
 * ::
 *
 *	writer                          reader, or next writer
 *	relay_ring_publish:A  wmb       relay_ring_peek:A     acquire
 *	  bytes, @closed before           (through deliver:A)
 *	  @contiguous, @committed       relay_ring_partial:A  rmb
 *	  @last_time before             relay_record_last_time:A  acquire
 *	  @contiguous
 *	relay_ring_deliver:A  release   relay_ring_peek:A     acquire
 *	  descriptor, marks of the      relay_subbuf_take:A   acquire
 *	  next lap before @state
 *	relay_ring_consume:A  mb        relay_subbuf_take:A   acquire
 *	  reads of bytes before
 *	  @state
 *	relay_ring_deliver:B  release   relay_subbuf_records:A  acquire
 *	  adds before @total
 *	relay_ring_enter:A    mb        relay_ring_reserve_rest:A  rmb
 *	  losses before @reserve
 *	relay_note_claim:B    mb        relay_note_read:A     acquire
 *	  begin before the new end
 *	relay_note_claim:C    release   relay_note_read:B     acquire
 *	  end before the new begin
 *	relay_note_join:A     mb        relay_note_read:B     acquire
 *	  end before the new begin
 *	relay_subbuf_take:B   mb        relay_ring_intact:A   rmb
 *	  @state before new bytes       relay_ring_consume:A  mb
 *	relay_time_set:A      mb        relay_time_read:B     rmb
 *	relay_time_set:B      release   relay_time_read:A     acquire
 *	  both on 32-bit kernels
 *
 * So no reader reads a sub-buffer before its writers are done, and no writer writes
 * to it before the reader is done, or finds out that its copy does not count.
 *
 * relayfs of 2005 and LTTng's ring buffer, too, keep a commit count per sub-buffer
 * whose completing add elects the deliverer, and a contiguous count for crash
 * readers.
 */

static unsigned long relay_pos_end(const struct relay_ring *ring, unsigned long pos)
{
	return relay_pos_start(ring, pos) + ring->subbuf_size;
}

/*
 * Number of sub-buffers from that of @from to that of @to, which is not before @from.
 * Counts laps from that of @from on, because the number of a sub-buffer wraps with the
 * lap.
 */
static unsigned long relay_pos_distance(const struct relay_ring *ring,
					unsigned long from, unsigned long to)
{
	unsigned long lap = from & ~(ring->lap - 1);

	return relay_pos_sequence(ring, to - lap) - relay_pos_index(ring, from);
}

static u64 relay_ring_clock(const struct relay_ring *ring)
{
	return ring->ops->clock ? ring->ops->clock() : 0;
}

static int relay_ring_lose(struct relay_ring *ring, unsigned int why, int err)
{
	relay_word_add(&ring->control->lost[why], 1, ring->global);
	return err;
}

/* Bytes before the padding of @sub, in the lap that starts at @start. */
static unsigned long relay_subbuf_used(const struct relay_ring *ring,
				       const struct relay_subbuf *sub, unsigned long start)
{
	unsigned long closed = READ_ONCE(sub->closed);

	if (relay_pos_start(ring, closed) != start)
		return ring->subbuf_size;
	return relay_pos_offset(ring, closed);
}

/*
 * Records ever committed in @sub. @total is that count at the last delivery. On a
 * 64-bit kernel the high half of @committed has the low 32 bits of the count.
 */
#if BITS_PER_LONG == 64

static unsigned long relay_subbuf_records(const struct relay_subbuf *sub)
{
	unsigned long total, committed;

	/*
	 * If this reads from LMM(relay_ring_deliver:B), then @committed, read below,
	 * counts every record of @total.
	 *
	 * Relies on release from relay_ring_deliver:B to this.
	 */
	total = smp_load_acquire(&sub->total); /* LMM(relay_subbuf_records:A) */
	committed = relay_word_read(&sub->committed);
	/* A byte count of 0, less one, has borrowed a record from the high half. */
	if ((u32)committed == U32_MAX)
		committed++;
	return total + (u32)((committed >> 32) - total);
}

/* No byte of the next lap is committed; less one, because no writer has entered it. */
static void relay_subbuf_rewind(struct relay_subbuf *sub, unsigned long total)
{
	relay_word_set(&sub->committed, (total << 32) - 1);
}

#else

static unsigned long relay_subbuf_records(const struct relay_subbuf *sub)
{
	return relay_word_read(&sub->records);
}

static void relay_subbuf_rewind(struct relay_subbuf *sub, unsigned long total)
{
	relay_word_set(&sub->records, total);
	relay_word_set(&sub->committed, -1UL);
}

#endif

/*
 * Check words, by which a reader after a crash detects a flipped bit in the words that
 * they cover. A running kernel only writes them.
 */

static unsigned long relay_time_fold(u64 time)
{
	return BITS_PER_LONG == 64 ? time : time ^ (time >> 32);
}

/*
 * Value of @reset. The lowest bit of a start position is 0, so it is free to make the
 * number of set bits even.
 */
static unsigned long relay_reset_mark(unsigned long start)
{
	unsigned long parity = start;
	unsigned int shift;

	for (shift = BITS_PER_LONG / 2; shift; shift /= 2)
		parity ^= parity >> shift;
	return start | (parity & 1);
}

/* Does the last reset throw away the sub-buffer that starts at @start? */
static bool relay_ring_was_reset(const struct relay_ring *ring, unsigned long start)
{
	unsigned long mark = atomic_long_read(&ring->control->reset);

	return (long)(relay_pos_start(ring, mark) - start) > 0;
}

/*
 * Delivered and consumed states of the same lap differ in two bits. The bits of the
 * offset above these two count how often positions have wrapped, so that a state recurs
 * much later than a position: see the DOC block.
 */
#define RELAY_STATE_FLAGS	(RELAY_DELIVERED | RELAY_CONSUMED)

/* The state that a sub-buffer in state @state gets when its next lap is delivered. */
static unsigned long relay_state_next(const struct relay_ring *ring, unsigned long state)
{
	unsigned long start = relay_pos_start(ring, state);
	unsigned long next = start + ring->lap;
	unsigned long wraps = state & ring->off_mask & ~RELAY_STATE_FLAGS;

	if (next < start)
		wraps += RELAY_STATE_FLAGS + 1;
	return next | (wraps & ring->off_mask) | RELAY_DELIVERED;
}

/*
 * Notes: what was committed above an open reservation
 */

/*
 * A note is live until @contiguous of its sub-buffer has reached its end, or is in
 * another lap.
 */
static bool relay_note_live(const struct relay_ring *ring, unsigned long begin, unsigned long end)
{
	unsigned long contiguous =
		relay_word_read(&relay_pos_subbuf(ring, begin)->contiguous);

	return relay_pos_start(ring, contiguous) == relay_pos_start(ring, begin) &&
	       (long)(end - contiguous) > 0;
}

/*
 * Read both words of a note as they were at one moment.
 * Return: false if a writer changed the note meanwhile.
 */
static bool relay_note_read(const struct relay_note *note, unsigned long *begin, unsigned long *end)
{
	/*
	 * If this reads the end of an extent, then it does not read the begin of an
	 * earlier extent. If it reads the begin of a later extent, or of the freed
	 * note, then the second read of the end sees the change.
	 *
	 * Relies on the full barriers of relay_note_claim:B and relay_note_join:A, and
	 * on release from relay_note_claim:C, to these.
	 */
	*end = atomic_long_read_acquire(&note->end.atomic);
							/* LMM(relay_note_read:A) */
	*begin = atomic_long_read_acquire(&note->begin.atomic);
							/* LMM(relay_note_read:B) */
	return relay_word_read(&note->end) == *end;
}

/* Move one word of a note from @old to @new, if its value is @old. */
static bool relay_note_move(struct relay_ring *ring, union relay_word *word,
			    unsigned long old, unsigned long new)
{
	return relay_word_read(word) == old &&
	       relay_word_try_cmpxchg(word, &old, new, ring->global);
}

/*
 * Take a note that is not live, for the extent from @begin to @end.
 *
 * After each step the note covers nothing, or only committed bytes:
 * 1. Move its end to its old begin: it is empty, and no writer extends it any more.
 * 2. Move its begin to @end. No other writer takes the note: either its end is before
 *    its begin; or it is live, because the caller has not counted its bytes yet.
 * 3. Move its end to @end: it is empty, and the writer of the next extent may extend it.
 * 4. Move its begin to @begin.
 *
 * An empty extent has no bytes that keep the note live after step 2, so it takes only a
 * note that begins before it. Freed notes begin where an empty extent does: a writer
 * that has read one of these may take the note between steps 2 and 3. So step 3 stores
 * the end of an empty extent only if the end has not changed.
 */
static bool relay_note_claim(struct relay_ring *ring, struct relay_note *note,
			     unsigned long begin, unsigned long end)
{
	unsigned long old_begin, old_end;

	/* If step 2 left the begin where it is, another writer could take the note, too. */
	if (!relay_note_read(note, &old_begin, &old_end) || old_begin == end ||
	    (begin == end && (long)(end - old_begin) < 0) ||
	    (long)(old_end - old_begin) < 0 ||
	    relay_note_live(ring, old_begin, old_end))
		return false;
	/*
	 * Guarantee that a reader which sees the end of step 3 also sees the begin of
	 * step 2. Pairs with LMM(relay_note_read:A).
	 */
	if (!relay_word_try_cmpxchg(&note->end, &old_end, old_begin, ring->global) ||
	    !relay_word_try_cmpxchg(&note->begin, &old_begin, end, ring->global))
		return false; /* LMM(relay_note_claim:B) */
	if (begin == end)
		return relay_note_move(ring, &note->end, old_begin, end);
	relay_word_set(&note->end, end);
	/*
	 * Guarantee that a reader which sees the begin of step 4 also sees the end of
	 * step 3. Pairs with LMM(relay_note_read:B).
	 */
	atomic_long_set_release(&note->begin.atomic, begin);
							/* LMM(relay_note_claim:C) */
	return true;
}

/*
 * Note an extent: extend the note that ends at @begin, or else the note that begins at
 * @end, or else take a note that is not live.
 *
 * A note that ends at @begin need not be live, because no other writer extends it. A
 * note that begins at @end is live until the caller has counted its bytes.
 */
static bool relay_note_add(struct relay_ring *ring, unsigned long begin, unsigned long end)
{
	struct relay_note *note = ring->control->note;
	int i;

	for (i = 0; i < RELAY_NOTES; i++)
		if (relay_note_move(ring, &note[i].end, begin, end))
			return true;
	for (i = 0; i < RELAY_NOTES; i++)
		if (relay_note_move(ring, &note[i].begin, end, begin))
			return true;
	for (i = 0; i < RELAY_NOTES; i++)
		if (relay_note_claim(ring, &note[i], begin, end))
			return true;
	return false;
}

/*
 * @lower ends where @upper begins, at @pos: extend @lower over the extent of @upper,
 * and free @upper.
 *
 * At every instruction one of the two notes covers the extent. A writer may extend
 * @upper meanwhile, so read it again. No writer extends @lower meanwhile, because only
 * one extent begins at any position. If another writer has taken a note that is not
 * live any more, @upper no longer begins at @pos, or @lower no longer ends there.
 */
static void relay_note_join(struct relay_ring *ring, struct relay_note *lower,
			    struct relay_note *upper, unsigned long pos)
{
	unsigned long start = relay_pos_start(ring, pos), reached = pos;
	unsigned long begin, end, expected;

	for (;;) {
		if (!relay_note_read(upper, &begin, &end))
			continue;
		expected = reached;
		if (begin != pos || (long)(end - reached) <= 0 ||
		    !relay_word_try_cmpxchg(&lower->end, &expected, end, ring->global))
			return;
		reached = end;
		/*
		 * Guarantee that a reader which sees the begin stored below also sees
		 * that the end has changed. Pairs with LMM(relay_note_read:B).
		 */
		if (relay_word_try_cmpxchg(&upper->end, &end, start, ring->global))
			break; /* LMM(relay_note_join:A) */
	}
	relay_word_set(&upper->begin, start);
}

/*
 * Join the notes that meet at @pos, the end of an extent that was just noted. Do not
 * join a note that is not live: the writer that moves @contiguous may have passed it.
 */
static void relay_ring_join_notes(struct relay_ring *ring, unsigned long pos)
{
	struct relay_note *note = ring->control->note;
	struct relay_note *lower = NULL, *upper = NULL;
	int i;

	for (i = 0; i < RELAY_NOTES; i++) {
		if (relay_word_read(&note[i].end) == pos)
			lower = &note[i];
		if (relay_word_read(&note[i].begin) == pos)
			upper = &note[i];
	}
	if (lower && upper && relay_note_live(ring, pos - 1, pos))
		relay_note_join(ring, lower, upper, pos);
}

/*
 * Positions recur, so the old extent of a note that no writer takes would become one
 * of a current lap. Empty the notes that are not live whenever the ring enters another
 * quarter of all positions. A lap is at most a quarter, so that no note gets half of
 * all positions old.
 */
static void relay_ring_age_notes(struct relay_ring *ring, unsigned long from, unsigned long to)
{
	int i;

	if (!((from ^ to) >> (BITS_PER_LONG - 2)))
		return;
	for (i = 0; i < RELAY_NOTES; i++)
		relay_note_claim(ring, &ring->control->note[i], to, to);
}

/*
 * Move @contiguous to @end if it is in the extent from @begin to @end. It need not be
 * at @begin, because a writer may extend a note that @contiguous has passed. Skip
 * extents of other laps and sub-buffers. If @begin and @end are of two sub-buffers, a
 * writer is just taking the note.
 * Return: whether @contiguous has moved.
 */
static bool relay_subbuf_extend(struct relay_ring *ring, struct relay_subbuf *sub,
				unsigned long begin, unsigned long end)
{
	unsigned long contiguous = relay_word_read(&sub->contiguous);

	if ((long)(contiguous - begin) < 0 || (long)(end - contiguous) <= 0 ||
	    relay_pos_start(ring, contiguous) != relay_pos_start(ring, end) ||
	    relay_pos_start(ring, begin) != relay_pos_start(ring, end))
		return false;
	/* If this fails, another context has moved @contiguous. */
	relay_word_try_cmpxchg(&sub->contiguous, &contiguous, end, ring->global);
	return true;
}

/*
 * Move @contiguous over the extent from @begin to @end and the noted extents that
 * follow it, until @contiguous does not move any more.
 */
static void relay_subbuf_absorb(struct relay_ring *ring, struct relay_subbuf *sub,
				unsigned long begin, unsigned long end)
{
	struct relay_note *note = ring->control->note;
	unsigned long from, to;
	bool moved;
	int i;

	do {
		moved = relay_subbuf_extend(ring, sub, begin, end);
		for (i = 0; i < RELAY_NOTES; i++)
			moved |= !relay_note_read(&note[i], &from, &to) ||
				 relay_subbuf_extend(ring, sub, from, to);
	} while (moved);
}

/*
 * Deliver
 */

/*
 * The caller's add completed the sub-buffer, so only the caller gets here: no writer can
 * add to this lap any more, and no writer enters the next lap before @state allows it.
 */
static void relay_ring_deliver(struct relay_ring *ring,
			       struct relay_subbuf *sub, unsigned long start)
{
	const struct relay_ring_ops *ops = ring->ops;
	unsigned long next_lap = start + ring->lap;
	unsigned long state = relay_state_next(ring, atomic_long_read(&sub->state));
	unsigned long total = relay_subbuf_records(sub);

	WRITE_ONCE(sub->n_records, total - sub->total);
	/*
	 * Guarantee that a reader of the statistics that sees this @total also sees the
	 * adds to @committed of which it is the sum. Pairs with
	 * LMM(relay_subbuf_records:A).
	 */
	smp_store_release(&sub->total, total); /* LMM(relay_ring_deliver:B) */
	if (ops->end)
		ops->end(ring, start, relay_subbuf_used(ring, sub, start));

	/*
	 * From here on @contiguous tells a crash reader that the lap is complete and
	 * described. Before that, @committed tells that it is complete.
	 */
	WRITE_ONCE(sub->check, sub->check ^ sub->n_records ^ sub->total ^ state ^
		   relay_time_fold(sub->begin_time));
	relay_word_set(&sub->contiguous, next_lap);
	relay_subbuf_rewind(sub, total);

	/*
	 * Guarantee that the descriptor, the header and the marks of the next
	 * lap are visible before the sub-buffer can be read or entered.
	 * Pairs with LMM(relay_ring_peek:A) and LMM(relay_subbuf_take:A).
	 */
	atomic_long_set_release(&sub->state, state); /* LMM(relay_ring_deliver:A) */
	if (ops->deliver)
		ops->deliver(ring, start);
}

/**
 * relay_ring_settle - slow path of commit: deliver, or move @contiguous
 * @ring: the ring
 * @sub: the sub-buffer
 * @begin: position of the first byte that was committed
 * @end: position after the last one
 * @committed: byte count of @sub after the caller's add
 *
 * Delivers the sub-buffer if it is complete. Otherwise moves @contiguous over this
 * extent, and over those committed above it.
 *
 * Context: Any, preemption off.
 */
void relay_ring_settle(struct relay_ring *ring, struct relay_subbuf *sub,
		       unsigned long begin, unsigned long end, u32 committed)
{
	unsigned long start = relay_pos_start(ring, begin), pos;

	if (committed == ring->subbuf_size) {
		relay_ring_deliver(ring, sub, start);
		return;
	}
	pos = relay_word_read(&ring->control->reserve);
	/* Every byte that is reserved is committed, whether noted or not. */
	if (pos == start + committed) {
		begin = start;
		end = pos;
	}
	/* In any case: a writer that interrupts after the read of @reserve leaves a note. */
	relay_subbuf_absorb(ring, sub, begin, end);
}
EXPORT_SYMBOL_GPL(relay_ring_settle);

/**
 * relay_ring_publish_above - slow path of commit: above an open reservation
 * @ring: the ring
 * @sub: the sub-buffer
 * @begin: position of the first byte of the extent
 * @end: position after its last byte
 * @add: what the extent adds to @committed of @sub
 *
 * Notes the extent before it adds to @committed. If no note is free, counts the extent
 * in @unnoted: readers still get it, but a crash before the reservation below is
 * committed loses it.
 *
 * In a global ring another CPU may have committed the reservation below since, without
 * seeing the note. So this calls relay_ring_settle() whatever @committed is.
 *
 * Context: Any, preemption off.
 */
void relay_ring_publish_above(struct relay_ring *ring, struct relay_subbuf *sub,
			      unsigned long begin, unsigned long end, unsigned long add)
{
	u32 committed;

	if (relay_note_add(ring, begin, end))
		relay_ring_join_notes(ring, end);
	else
		relay_word_add(&ring->control->unnoted, 1, ring->global);
	committed = relay_word_add_return(&sub->committed, add, ring->global);
	relay_ring_settle(ring, sub, begin, end, committed);
}
EXPORT_SYMBOL_GPL(relay_ring_publish_above);

/*
 * Switch: close a sub-buffer, enter the next
 */

/*
 * Reserve the rest of a sub-buffer from @pos on, which closes it. Its padding begins
 * at @closed.
 *
 * Take the time and the loss count before the cmpxchg, so that those of the next
 * sub-buffer are not less. Store them after it: only the writer that closed the
 * sub-buffer does, and the sub-buffer cannot be complete before that writer commits.
 *
 * Return: whether @pos was still the reserve position.
 */
static bool relay_ring_reserve_rest(struct relay_ring *ring, unsigned long pos,
				    unsigned long closed)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);
	unsigned long lost;
	u64 now;

	/*
	 * If the caller's @pos was written by LMM(relay_ring_enter:A), then the loss
	 * counts read here are not less than those of the sub-buffer closed before it.
	 *
	 * Relies on the full barrier of relay_ring_enter:A to this.
	 */
	smp_rmb(); /* LMM(relay_ring_reserve_rest:A) */
	now = relay_ring_clock(ring);
	lost = relay_ring_lost(ring);
	if (!relay_word_try_cmpxchg(&ring->control->reserve, &pos,
				    relay_pos_end(ring, pos), ring->global))
		return false;
	WRITE_ONCE(sub->end_time, now);
	WRITE_ONCE(sub->lost, lost);
	WRITE_ONCE(sub->check, closed ^ lost ^ relay_time_fold(now));
	/* Last, because a crash reader that finds @closed of this lap verifies @check. */
	WRITE_ONCE(sub->closed, closed);
	return true;
}

/*
 * Close the sub-buffer of @pos with padding, if @pos is still the reserve position.
 * Return: whether it was.
 */
static bool relay_ring_close(struct relay_ring *ring, unsigned long pos)
{
	unsigned long left = relay_pos_end(ring, pos) - pos;

	if (!relay_ring_reserve_rest(ring, pos, pos))
		return false;
	relay_ring_publish(ring, relay_pos_subbuf(ring, pos), pos, left, left,
			   RELAY_SETTLE, ring->global);
	return true;
}

/*
 * Close the sub-buffer that is being filled now, if at least @least bytes of it are
 * reserved. If another writer closes it and enters the next one, leave that open.
 * Return: the start of the sub-buffer that was being filled.
 */
static unsigned long relay_ring_close_open(struct relay_ring *ring, unsigned long least)
{
	unsigned long pos = relay_word_read(&ring->control->reserve);
	unsigned long start = relay_pos_start(ring, pos);

	while (relay_pos_start(ring, pos) == start && pos - start >= least &&
	       !relay_pos_closed(ring, pos) && !relay_ring_close(ring, pos))
		pos = relay_word_read(&ring->control->reserve);
	return start;
}

/*
 * Check that a writer may enter the lap of @sub that starts at @start. If the lap before
 * is delivered and not consumed, and @overwrite allows it, consume that lap.
 * Return: 0, -ENOSPC if that lap is not consumed, -EBUSY if @state is of another lap.
 */
static int relay_subbuf_take(struct relay_ring *ring, struct relay_subbuf *sub,
			     unsigned long start, bool overwrite)
{
	unsigned long previous = start - ring->lap;
	unsigned long records;
	long state;

	for (;;) {
		/*
		 * Guarantee that the reader is done with the bytes, and that @contiguous
		 * and @committed are those of this lap. Pairs with
		 * LMM(relay_ring_consume:A) and LMM(relay_ring_deliver:A).
		 */
		state = atomic_long_read_acquire(&sub->state); /* LMM(relay_subbuf_take:A) */

		if (relay_pos_start(ring, state) != previous)
			return -EBUSY;
		if (state & RELAY_CONSUMED)
			return 0;
		if (!overwrite)
			return -ENOSPC;

		/*
		 * Guarantee that a reader which reads new bytes also sees the new state.
		 * Full barrier. Pairs with LMM(relay_ring_intact:A) and
		 * LMM(relay_ring_consume:A). A cmpxchg that fails orders nothing; the
		 * acquire of the next round does.
		 */
		records = READ_ONCE(sub->n_records);
		if (atomic_long_try_cmpxchg(&sub->state, &state, state ^ RELAY_STATE_FLAGS)) {
			relay_word_add(&ring->control->overwritten, records,
				       ring->global); /* LMM(relay_subbuf_take:B) */
			return 0;
		}
	}
}

/*
 * Two positions compare correctly while they are less than half of all positions
 * apart. If no reader or reset moves @mark, a writer moves it before it is that old.
 */
static void relay_mark_follow(atomic_long_t *mark, unsigned long oldest, unsigned long follow)
{
	long old = atomic_long_read(mark);

	if ((long)(oldest - old) > LONG_MAX / 2)
		atomic_long_try_cmpxchg(mark, &old, follow);
}

/**
 * relay_ring_enter - begin the sub-buffer after a closed position
 * @ring: the ring
 * @pos: the reserve position, of a closed sub-buffer
 * @overwrite: whether unread data may be overwritten
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: 0 when the reserve position has moved, by this call or another writer;
 * -ENOSPC when the next sub-buffer is not consumed, -EBUSY when it has an open
 * reservation.
 */
int relay_ring_enter(struct relay_ring *ring, unsigned long pos, bool overwrite)
{
	unsigned long start = relay_pos_next(ring, pos);
	struct relay_subbuf *sub = relay_pos_subbuf(ring, start);
	int err = relay_subbuf_take(ring, sub, start, overwrite);
	unsigned long oldest;
	unsigned int header_size;
	u32 committed;
	u64 now;

	if (err)
		return relay_word_read(&ring->control->reserve) == pos ? err : 0;

	header_size = READ_ONCE(ring->header_size);
	now = relay_ring_clock(ring);
	/*
	 * Guarantee that the writer that closes this sub-buffer sees the loss counts of
	 * the sub-buffer closed before it. Full barrier in a global ring. Pairs with
	 * LMM(relay_ring_reserve_rest:A).
	 */
	if (!relay_word_try_cmpxchg(&ring->control->reserve, &pos,
				    start + header_size, ring->global))
		return 0; /* LMM(relay_ring_enter:A) */
	oldest = relay_pos_next(ring, start) - ring->lap;
	relay_mark_follow(&ring->control->consumed, oldest, oldest);
	relay_mark_follow(&ring->control->reset, oldest, relay_reset_mark(oldest));
	relay_ring_age_notes(ring, pos, start);
	/* Only the writer that entered stores this; the lap is not complete before its add. */
	WRITE_ONCE(sub->begin_time, now);
	/* Add the one that @committed lacks, together with the header if there is one. */
	if (header_size) {
		if (ring->ops->begin)
			ring->ops->begin(ring, start);
		relay_ring_publish(ring, sub, start, header_size, header_size + 1, header_size,
				   ring->global);
		return 0;
	}
	committed = relay_word_add_return(&sub->committed, 1, ring->global);
	if (committed)
		relay_ring_settle(ring, sub, start, start, committed);
	return 0;
}

/**
 * relay_ring_make_room - slow path of reserve
 * @ring: the ring
 * @pos: position at which the record does not fit, or fits exactly
 * @size: bytes that the record would take at @pos
 * @need: bytes that it would take at the start of a sub-buffer
 *
 * Takes one step, after which the caller tries again: closes the sub-buffer
 * of @pos, or enters the one after it. Counts a record that it refuses.
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: 0 to try again; 1 if the record fits exactly, and is reserved; -EINVAL
 * for nothing to write, -E2BIG for more than a sub-buffer holds, -ENOSPC when full,
 * -EBUSY when the next sub-buffer has an open reservation, -ESHUTDOWN when the ring is
 * disabled.
 */
int relay_ring_make_room(struct relay_ring *ring, unsigned long pos, size_t size, size_t need)
{
	int err;

	if (!need)
		return -EINVAL;
	if (size == relay_pos_end(ring, pos) - pos)
		return relay_ring_reserve_rest(ring, pos, pos + size);
	if (need > ring->subbuf_size - READ_ONCE(ring->header_size))
		return relay_ring_lose(ring, RELAY_LOST_TOO_BIG, -E2BIG);
	if (!relay_pos_closed(ring, pos)) {
		relay_ring_close(ring, pos);
		return 0;
	}
	if (READ_ONCE(ring->disabled))
		return relay_ring_lose(ring, RELAY_LOST_DISABLED, -ESHUTDOWN);

	err = relay_ring_admit(ring, pos);
	if (err == -ENOSPC)
		return relay_ring_lose(ring, RELAY_LOST_FULL, err);
	return err ? relay_ring_lose(ring, RELAY_LOST_NESTED, err) : 0;
}
EXPORT_SYMBOL_GPL(relay_ring_make_room);

/**
 * relay_ring_refuse_nmi - count a record that is refused in an NMI
 * @ring: the ring
 *
 * For architectures on which an NMI may interrupt an operation of the write path half
 * way. NMIs do not interrupt each other, so a plain increment is exact on a CPU's ring.
 * On a global ring an increment can be lost when two CPUs count at once.
 *
 * Context: NMI.
 * Return: -EBUSY.
 */
int relay_ring_refuse_nmi(struct relay_ring *ring)
{
	unsigned long *lost = &ring->control->lost_nmi;

	WRITE_ONCE(*lost, READ_ONCE(*lost) + 1);
	return -EBUSY;
}
EXPORT_SYMBOL_GPL(relay_ring_refuse_nmi);

/**
 * relay_ring_try_discard - take a reservation back, if that leaves no trace
 * @slot: the reservation
 *
 * The newest reservation of a CPU's ring can be taken back, unless it closed its
 * sub-buffer: a flush or a reset that found the sub-buffer closed relies on that. In a
 * global ring no reservation can be taken back: a writer on another CPU that had seen
 * the later position would then commit an earlier time after a later one.
 *
 * Context: Any, preemption off since the reserve.
 * Return: false if @slot is still reserved, so that the caller has to commit it, or
 * to discard it.
 */
bool relay_ring_try_discard(struct relay_slot *slot)
{
	struct relay_ring *ring = slot->ring;
	unsigned long end = slot->begin + slot->size;

	if (ring->global || slot->expected == RELAY_SETTLE)
		return false;
	/* No record has this time any more: the next record gets a @last_time of 0. */
	relay_time_set(&ring->control->last_time, 0);
	if (!relay_word_try_cmpxchg(&ring->control->reserve, &end, slot->begin, false))
		return false;
	relay_word_add(&ring->control->discarded, 1, false);
	return true;
}
EXPORT_SYMBOL_GPL(relay_ring_try_discard);

/**
 * relay_ring_discard - give a reservation up
 * @slot: the reservation
 *
 * As relay_ring_try_discard(); but if the reservation cannot be taken back, zeroes its
 * bytes and commits them.
 *
 * Context: Any, preemption off since the reserve.
 */
void relay_ring_discard(struct relay_slot *slot)
{
	struct relay_ring *ring = slot->ring;

	if (relay_ring_try_discard(slot))
		return;
	relay_time_set(&ring->control->last_time, 0);
	relay_word_add(&ring->control->discarded, 1, ring->global);
	memset(relay_pos_address(ring, slot->begin), 0, slot->size);
	relay_ring_publish(ring, slot->sub, slot->begin, slot->size, slot->size,
			   slot->expected, ring->global);
}
EXPORT_SYMBOL_GPL(relay_ring_discard);

/**
 * relay_ring_flush - close the sub-buffer that is being filled
 * @ring: the ring
 *
 * A sub-buffer without a record stays open, and so does one that a writer enters
 * meanwhile.
 *
 * Context: Any, preemption off, on the ring's CPU, or on any other while the ring's
 * CPU is dead. On any CPU for a global ring.
 */
void relay_ring_flush(struct relay_ring *ring)
{
	relay_ring_close_open(ring, READ_ONCE(ring->header_size) + 1);
}

/**
 * relay_ring_reset - mark all records written so far as thrown away
 * @ring: the ring
 *
 * Positions and loss counts go on. A reader that comes to a sub-buffer before the mark
 * throws it away, see relay_ring_erase(). A sub-buffer with an open reservation is thrown
 * away after it is complete. The cost does not depend on n_subbufs.
 *
 * Context: As relay_ring_flush().
 */
void relay_ring_reset(struct relay_ring *ring)
{
	unsigned long start = relay_ring_close_open(ring, 0);

	atomic_long_set(&ring->control->reset, relay_reset_mark(relay_pos_next(ring, start)));
}

/**
 * relay_ring_disable - flush, and let no writer enter another sub-buffer
 * @ring: the ring
 *
 * Open reservations can still be committed. A sub-buffer without a record stays open
 * for writers, and so does one that a writer enters after it has read @disabled: wait
 * for such writers (they have preemption off) and flush.
 *
 * Context: As relay_ring_flush().
 */
void relay_ring_disable(struct relay_ring *ring)
{
	WRITE_ONCE(ring->disabled, true);
	relay_ring_flush(ring);
}

/**
 * relay_ring_hold - refuse every record until @ring->disabled is false again
 * @ring: the ring
 *
 * As relay_ring_disable(), but also closes a sub-buffer without a record. A writer that
 * has read @disabled before may still enter a sub-buffer: wait for such writers (they
 * have preemption off) and hold again.
 *
 * Context: As relay_ring_flush().
 */
void relay_ring_hold(struct relay_ring *ring)
{
	WRITE_ONCE(ring->disabled, true);
	relay_ring_close_open(ring, 0);
}

/*
 * Reader side
 */

/* Fill in @span, except for its state, which the caller has set. */
static void relay_span_fill(struct relay_ring *ring, struct relay_span *span, unsigned long pos)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);

	span->pos = pos;
	span->data = relay_pos_address(ring, pos);
	span->missed = 0;
	relay_subbuf_describe(ring, pos, relay_subbuf_used(ring, sub, pos), &span->info);
}

/*
 * Start position of the next sub-buffer that may hold unread data, where the one at
 * @pos holds none.
 */
static unsigned long relay_ring_skip(struct relay_ring *ring, unsigned long pos)
{
	unsigned long reserve = relay_word_read(&ring->control->reserve);
	unsigned long oldest = relay_pos_next(ring, reserve) - ring->lap;

	return (long)(oldest - pos) > 0 ? oldest : relay_pos_next(ring, pos);
}

/**
 * relay_ring_find - look at one sub-buffer
 * @ring: the ring
 * @pos: its start position
 * @span: filled in; its state even if this returns false
 *
 * Context: Any.
 * Return: whether the sub-buffer is delivered, and neither consumed nor overwritten.
 */
bool relay_ring_find(struct relay_ring *ring, unsigned long pos, struct relay_span *span)
{
	/*
	 * If this reads from LMM(relay_ring_deliver:A), then the descriptor and every
	 * committed byte are visible.
	 *
	 * Relies on release from relay_ring_deliver:A to this, and on the full order of
	 * the adds to @committed in a global ring.
	 */
	span->state = atomic_long_read_acquire(&relay_pos_subbuf(ring, pos)->state);
							/* LMM(relay_ring_peek:A) */
	if (relay_pos_start(ring, span->state) != pos || !(span->state & RELAY_DELIVERED))
		return false;
	relay_span_fill(ring, span, pos);
	return true;
}

/* Throw @span away if its sub-buffer was written before a reset. */
static bool relay_span_erased(struct relay_ring *ring, const struct relay_span *span)
{
	if (!relay_ring_was_reset(ring, span->pos))
		return false;
	if (relay_ring_consume(ring, span))
		atomic_long_add(span->info.records, &ring->control->erased);
	return true;
}

/**
 * relay_ring_peek - look at the next delivered sub-buffer
 * @ring: the ring
 * @cursor: start position of the sub-buffer wanted; moved over sub-buffers that were
 *	overwritten, consumed or thrown away
 * @span: filled in
 *
 * In an overwrite ring a writer can overwrite the sub-buffer at any time: a copy is
 * valid only if relay_ring_consume() or relay_ring_intact() returns true after it.
 *
 * Context: Any.
 * Return: 0; -EAGAIN when the sub-buffer at @cursor is not delivered.
 */
int relay_ring_peek(struct relay_ring *ring, unsigned long *cursor, struct relay_span *span)
{
	unsigned long pos = *cursor, missed = 0, next;
	bool delivered;
	int err = 0;

	for (;;) {
		delivered = relay_ring_find(ring, pos, span);
		*cursor = pos;
		if (delivered && !relay_span_erased(ring, span))
			break;
		if ((long)(relay_pos_start(ring, span->state) - pos) < 0) {
			err = -EAGAIN;
			break;
		}
		next = relay_ring_skip(ring, pos);
		if (!delivered)
			missed += relay_pos_distance(ring, pos, next);
		pos = next;
	}
	span->missed = missed;
	return err;
}

/**
 * relay_ring_erase - throw away the records written before a reset
 * @ring: the ring
 *
 * Stops at a sub-buffer that is not delivered. A reader that comes to it later throws
 * it away.
 *
 * Context: May sleep.
 */
void relay_ring_erase(struct relay_ring *ring)
{
	unsigned long cursor = atomic_long_read(&ring->control->consumed);
	struct relay_span span;

	relay_ring_peek(ring, &cursor, &span);
}

/**
 * relay_ring_partial - look at the sub-buffer that is being filled
 * @ring: the ring
 * @cursor: its start position
 * @span: filled in; @span->info.used covers whole records only
 *
 * Context: Any.
 * Return: whether the sub-buffer at @cursor is not delivered, and has committed bytes.
 */
bool relay_ring_partial(struct relay_ring *ring, unsigned long cursor, struct relay_span *span)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, cursor);
	unsigned long contiguous = relay_word_read(&sub->contiguous);

	if (relay_pos_start(ring, contiguous) != cursor ||
	    relay_ring_was_reset(ring, cursor))
		return false;
	/*
	 * If @contiguous was written after LMM(relay_ring_publish:A), then the
	 * bytes before it are visible, and if it covers padding, @closed is
	 * visible, too.
	 *
	 * Relies on smp_wmb() from relay_ring_publish:A to this.
	 */
	smp_rmb(); /* LMM(relay_ring_partial:A) */

	/* The state of the sub-buffer when the lap is delivered. */
	span->state = relay_state_next(ring, atomic_long_read(&sub->state));
	if (relay_pos_start(ring, span->state) != cursor)
		return false;
	relay_span_fill(ring, span, cursor);
	span->info.used = min(span->info.used, relay_pos_offset(ring, contiguous));
	span->info.records = 0;
	return span->info.used;
}

/**
 * relay_ring_intact - is a copy of the bytes of a span valid?
 * @ring: the ring
 * @span: by relay_ring_peek() or relay_ring_partial()
 *
 * Context: Any.
 * Return: false if a writer may have overwritten some of the bytes.
 */
bool relay_ring_intact(struct relay_ring *ring, const struct relay_span *span)
{
	unsigned long state;

	/*
	 * If the caller read a byte that was written after LMM(relay_subbuf_take:B),
	 * then this reads the state stored there, or a later one.
	 *
	 * Relies on the full barrier of relay_subbuf_take:B to this.
	 */
	smp_rmb(); /* LMM(relay_ring_intact:A) */
	state = atomic_long_read(&relay_pos_subbuf(ring, span->pos)->state);
	/* Delivered, or still open. */
	return state == span->state ||
	       ((state & RELAY_CONSUMED) && relay_state_next(ring, state) == span->state);
}

/**
 * relay_ring_consume - give a delivered sub-buffer back to the writers
 * @ring: the ring
 * @span: by relay_ring_peek() or relay_ring_find()
 *
 * Context: Any.
 * Return: false if the sub-buffer was overwritten or consumed before: the caller must
 * drop its copy.
 */
bool relay_ring_consume(struct relay_ring *ring, const struct relay_span *span)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, span->pos);
	unsigned long next = relay_pos_next(ring, span->pos);
	long delivered = span->state;
	long consumed;
	bool ours;

	/*
	 * Guarantee that all reads of the bytes are done before a writer can
	 * enter. Full barrier. Pairs with LMM(relay_subbuf_take:A).
	 */
	ours = atomic_long_try_cmpxchg(&sub->state, &delivered, span->state ^ RELAY_STATE_FLAGS);
					/* LMM(relay_ring_consume:A) */
	consumed = atomic_long_read(&ring->control->consumed);
	while ((long)(next - consumed) > 0)
		if (atomic_long_try_cmpxchg(&ring->control->consumed, &consumed, next))
			break;
	return ours;
}

/**
 * relay_ring_full - would the next record need a sub-buffer that is not consumed?
 * @ring: the ring
 *
 * Context: Any.
 * Return: whether the reserve position is closed, and the next sub-buffer not consumed.
 */
bool relay_ring_full(const struct relay_ring *ring)
{
	unsigned long pos = relay_word_read(&ring->control->reserve);
	unsigned long next = relay_pos_next(ring, pos);
	unsigned long previous = next - ring->lap;
	unsigned long state = atomic_long_read(&relay_pos_subbuf(ring, next)->state);

	return relay_pos_closed(ring, pos) &&
	       (relay_pos_start(ring, state) != previous || !(state & RELAY_CONSUMED));
}

/**
 * relay_ring_count - add the counts of a ring
 * @ring: the ring
 * @counters: the ring's counts are added to these; exact when no write is under way
 *
 * Context: Any.
 */
void relay_ring_count(const struct relay_ring *ring, struct relay_counters *counters)
{
	const struct relay_ring_control *control = ring->control;
	unsigned long committed = 0;
	unsigned int i;

	for (i = 0; i < ring->n_subbufs; i++)
		committed += relay_subbuf_records(&ring->sub[i]);
	counters->committed += committed;
	counters->overwritten += relay_word_read(&control->overwritten);
	/* Unsigned, so that a 32-bit count is not sign-extended. */
	counters->erased += (unsigned long)atomic_long_read(&control->erased);
	counters->discarded += relay_word_read(&control->discarded);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		counters->lost[i] += relay_word_read(&control->lost[i]);
	counters->lost[RELAY_LOST_NESTED] += READ_ONCE(control->lost_nmi);
	counters->unnoted += relay_word_read(&control->unnoted);
}

/*
 * Set-up
 */

static void relay_subbuf_init(struct relay_ring *ring, unsigned long start)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, start);
	unsigned long previous = start - ring->lap;

	relay_subbuf_rewind(sub, 0);
	relay_word_set(&sub->contiguous, start);
	sub->closed = previous;
	atomic_long_set(&sub->state, previous | RELAY_CONSUMED);
}

/**
 * relay_ring_init - set a ring up
 * @ring: @control (zeroed, relay_ring_control_size() bytes), @data, @global,
 *	@overwrite, @header_size and @ops are filled in
 * @subbuf_size: bytes of a sub-buffer
 * @n_subbufs: number of sub-buffers
 * @first_lap: number of the first lap; only tests of the wrap pass another one than 0
 *
 * The reserve position is the end of the sub-buffer before the first one, so that the
 * first writer enters the first sub-buffer.
 *
 * Return: 0; -EINVAL for a size of zero or a header that leaves no room,
 * -E2BIG for a sub-buffer of UINT_MAX bytes or more, or a geometry that leaves fewer
 * than two bits to count laps.
 */
int relay_ring_init(struct relay_ring *ring, size_t subbuf_size,
		    size_t n_subbufs, unsigned long first_lap)
{
	struct relay_ring_control *control = ring->control;
	unsigned long first;
	unsigned int i;

	if (!subbuf_size || !n_subbufs || ring->header_size >= subbuf_size)
		return -EINVAL;
	/* No byte count may equal RELAY_SETTLE. */
	if (subbuf_size >= RELAY_SETTLE)
		return -E2BIG;
	ring->off_bits = max(fls_long(subbuf_size), RELAY_STATE_BITS);
	ring->lap_shift = ring->off_bits + fls_long(n_subbufs - 1);
	if (ring->lap_shift > BITS_PER_LONG - 2)
		return -E2BIG;
	ring->lap = 1UL << ring->lap_shift;
	ring->off_mask = (1UL << ring->off_bits) - 1;
	ring->index_mask = (1UL << (ring->lap_shift - ring->off_bits)) - 1;

	ring->subbuf_size = subbuf_size;
	ring->n_subbufs = n_subbufs;
	ring->sub = (struct relay_subbuf *)(control + 1);
	first = first_lap << ring->lap_shift;
	for (i = 0; i < n_subbufs; i++)
		relay_subbuf_init(ring, first + ((unsigned long)i << ring->off_bits));
	for (i = 0; i < RELAY_NOTES; i++) {
		relay_word_set(&control->note[i].begin, first);
		relay_word_set(&control->note[i].end, first);
	}
	relay_word_set(&control->reserve, relay_pos_end(ring, relay_pos_previous(ring, first)));
	atomic_long_set(&control->consumed, first);
	atomic_long_set(&control->reset, relay_reset_mark(first));
	return 0;
}
