// SPDX-License-Identifier: GPL-2.0
/*
 * The relay ring: reserve, commit, switch, deliver, read.
 *
 * Allocates nothing, opens nothing, sleeps nowhere, and builds unchanged in
 * user space: tools/testing/relay/.
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
 * contiguous range, and control words beside them: one reserve position, and
 * for every sub-buffer the bytes committed, the position up to which they are
 * contiguous, and a state. Each CPU has a ring of its own, whose writers are
 * the contexts of that CPU, nested like a stack; or all CPUs share a global
 * one. The code is the same, the former uses CPU-local operations
 * (&local_t), the latter full atomics.
 *
 * A position is one word::
 *
 *	 MSB                                      LSB
 *	| lap          | sub-buffer index | offset    |
 *
 * so that one cmpxchg moves a ring from anywhere to anywhere. The offset may
 * equal subbuf_size: the sub-buffer is closed. The index carries into the lap
 * when it reaches n_subbufs; sizes are arbitrary, nothing is divided, nothing
 * jumps when the lap overflows. A position comes back after 2^(BITS_PER_LONG -
 * off_bits) sub-buffers: on a 32-bit kernel 32768 of 64 KiB. A writer must not be
 * interrupted for so long between its load and its cmpxchg. A reader may be: the
 * state of a sub-buffer comes back after 2^(BITS_PER_LONG - 2) sub-buffers, whatever
 * their size.
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
 * Free and delivered are written in @state. A sub-buffer is open while its state is
 * that of the lap before the one that the ring is in. A writer enters a sub-buffer
 * only if its lap before was consumed (or, in overwrite mode, takes it as
 * consumed). If that lap is not even delivered, because a reservation in it is
 * still open, the record is dropped: RELAY_LOST_NESTED.
 *
 * Switching is two independent steps, so that each is one cmpxchg: a writer
 * that finds no room closes the sub-buffer; a writer that finds a closed one
 * enters the next. Either looks at the reserve position again afterwards. A
 * flush is the first step alone. A record that fits exactly closes its sub-buffer with
 * its own reservation.
 *
 * Times and loss counts are taken before the cmpxchg that they belong to, and stored
 * after it, by the writer that won it. So begin <= time of every record <= end <= next
 * begin, and the losses never go back, whatever nests. The lap cannot be delivered
 * before they are stored: the writer that closes it still has its padding, or its
 * record, to commit, and for the writer that enters it @committed lacks one.
 *
 * Writer
 * ------
 *
 * Reserve is one cmpxchg of the reserve position, commit is two words::
 *
 *	reserve:	pos -> pos + size	cmpxchg
 *	(fill)
 *	commit:		contiguous: begin -> end	compare, store
 *			committed += size, one record	add
 *
 * On a 32-bit kernel the record is counted by an inc of its own, before that.
 *
 * The reservations of a ring are filled and committed in any order. The add
 * that makes @committed reach subbuf_size happens once in a lap, whatever the
 * order; its writer delivers. Nothing can be added to the lap after it, and
 * no writer enters the next one before @state says so: the deliverer is alone
 * with the sub-buffer and needs no lock.
 *
 * @contiguous is not yet at the begin when a reservation below is still open, as
 * it is for an interrupt's record inside of another fill. Such an extent is
 * noted (&struct relay_note) before it is counted. Extents that touch are joined to
 * one note. The writer that commits the last open reservation finds @committed to be
 * ahead of its own end, and moves @contiguous over the extents that are noted after
 * it.
 *
 * Between the compare and the store no other context moves @contiguous: it finds
 * this reservation open, below its own.
 *
 * A crash at any instruction leaves a memory from which alone these bytes of
 * every sub-buffer can be told to be committed:
 *
 * - all, if @state says delivered, or @committed says subbuf_size, or
 *   @contiguous stands in the next lap already;
 * - otherwise those before @contiguous, and those of each note of this lap
 *   whose begin is below its end.
 *
 * Where @closed is of that lap, bytes after it are padding. @check says that the
 * description of a lap is as its writers stored it. Lost are the
 * records whose commit had not begun, and those that @unnoted counts if a reservation
 * below them was still open. A record whose commit was under way is there, and may not
 * be counted yet.
 *
 * Reader
 * ------
 *
 * A reader looks at the sub-buffer at its cursor, copies it or hands it out,
 * and consumes it by a cmpxchg of @state from delivered to consumed. In
 * overwrite mode a writer does the same cmpxchg before it enters: one of them
 * wins, so every sub-buffer is either read whole or counted as overwritten,
 * and a reader whose cmpxchg fails drops what it copied.
 *
 * In a sub-buffer that is still open, the bytes before @contiguous are whole
 * records.
 *
 * Which operations may meet
 * -------------------------
 *
 * In a CPU's ring all of reserve, commit, discard, flush, reset, disable and
 * hold run on that CPU, in any context; or, when the CPU is dead, on one other.
 * kernel/relay.c sends an IPI for it, so none of them depends on n_subbufs. In a global
 * ring all run anywhere. Peek, find, partial, intact, consume, erase, full and stats
 * run anywhere.
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
 *		memcpy(copy, span.data, span.used);
 * *		if (relay_ring_consume(ring, &span))
 *			use(copy, span.used);
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
 *	  where a word has 32 bits
 *
 * The two halves of the life cycle pair with each other: no reader reads before
 * the writers are done, no writer writes before the reader is done, or is told.
 *
 * The idea of a commit count per sub-buffer whose completing add elects the
 * deliverer is that of relayfs 2005 and of LTTng's ring buffer; so is keeping
 * a contiguous count for crash readers.
 */

static unsigned long relay_pos_end(const struct relay_ring *ring, unsigned long pos)
{
	return relay_pos_start(ring, pos) + ring->subbuf_size;
}

static bool relay_pos_closed(const struct relay_ring *ring, unsigned long pos)
{
	return relay_pos_offset(ring, pos) == ring->subbuf_size;
}

/*
 * Sub-buffers from that of @from to that of @to, which is not before it. The lap of
 * @from counts as the first one, because the number of a sub-buffer wraps with the lap.
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

/* Bytes before the padding, in the lap that starts at @start. */
static unsigned long relay_subbuf_used(const struct relay_ring *ring,
				       const struct relay_subbuf *sub,
				       unsigned long start)
{
	unsigned long closed = READ_ONCE(sub->closed);

	if (relay_pos_start(ring, closed) != start)
		return ring->subbuf_size;
	return relay_pos_offset(ring, closed);
}

/*
 * Records ever committed in @sub. @total is the same count at the last delivery, so
 * the 32 bits that a 64-bit kernel counts in @committed are the low half of the sum.
 */
#if BITS_PER_LONG == 64

static unsigned long relay_subbuf_records(const struct relay_subbuf *sub)
{
	unsigned long total, committed;

	/*
	 * If this reads from LMM(relay_ring_deliver:B), then @committed has counted
	 * every record of @total: it is not seen to be smaller than that.
	 *
	 * Relies on release from relay_ring_deliver:B to this.
	 */
	total = smp_load_acquire(&sub->total); /* LMM(relay_subbuf_records:A) */
	committed = relay_word_read(&sub->committed);
	/* The byte count of a lap that has none, less one, has borrowed a record. */
	if ((u32)committed == U32_MAX)
		committed++;
	return total + (u32)((committed >> 32) - total);
}

/* No byte of the next lap is committed, and no writer has entered it. */
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
 * Check words: a reader after a crash finds a bit that has flipped in what they cover.
 * A running kernel only writes them.
 */

static unsigned long relay_time_fold(u64 time)
{
	return BITS_PER_LONG == 64 ? time : time ^ (time >> 32);
}

/*
 * @reset: a start position, so that its lowest bit is free to make the number of its
 * set bits even.
 */
static unsigned long relay_reset_mark(unsigned long start)
{
	unsigned long parity = start;
	unsigned int shift;

	for (shift = BITS_PER_LONG / 2; shift; shift /= 2)
		parity ^= parity >> shift;
	return start | (parity & 1);
}

/* Was the sub-buffer that starts at @start thrown away? */
static bool relay_ring_was_reset(const struct relay_ring *ring, unsigned long start)
{
	unsigned long mark = atomic_long_read(&ring->control->reset);

	return (long)(relay_pos_start(ring, mark) - start) > 0;
}

/*
 * Delivered and consumed states of the same lap differ in two bits. The bits of the
 * offset above them count how often positions have wrapped, so that a state comes
 * back after 2^(BITS_PER_LONG - 2) sub-buffers, and not after as few as a position.
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
 * A note is of use until @contiguous of its sub-buffer has passed it, or has
 * gone on to the next lap.
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
	 * If this reads the end of an extent, then the begin is not that of an extent
	 * before it; and if the begin is that of a later one, or that of a note which
	 * was freed, then the second look at the end sees that.
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

/*
 * Move one word of a note from @old to @new, if it is there.
 */
static bool relay_note_move(struct relay_ring *ring, union relay_word *word,
			    unsigned long old, unsigned long new)
{
	return relay_word_read(word) == old &&
	       relay_word_try_cmpxchg(word, &old, new, ring->global);
}

/*
 * Take a note that is of no use any more.
 *
 * Interrupted or killed at any instruction, the note says nothing, or the
 * truth. First the end is moved onto the begin: nothing is noted, and no writer
 * extends it any more. Then the begin is moved onto the new end: no other writer takes
 * it, because its end is before its begin; or after it, and then the note is live,
 * because the caller's bytes are not committed. Then the end follows: nothing is noted,
 * and a writer that commits from there on may extend it. Last comes the true begin.
 *
 * An empty extent has no uncommitted bytes that keep the note live, so it takes only a
 * note that begins before it. Freed notes begin where it does: a writer that has read
 * one of those may take this note before the end follows. So the end is stored only if
 * it has not moved.
 */
static bool relay_note_claim(struct relay_ring *ring, struct relay_note *note,
			     unsigned long begin, unsigned long end)
{
	unsigned long old_begin, old_end;

	/* A begin that does not move would keep no other writer from taking it. */
	if (!relay_note_read(note, &old_begin, &old_end) || old_begin == end ||
	    (begin == end && (long)(end - old_begin) < 0) ||
	    (long)(old_end - old_begin) < 0 ||
	    relay_note_live(ring, old_begin, old_end))
		return false;
	/*
	 * Guarantee that the begin is seen before the end that follows. Pairs with
	 * LMM(relay_note_read:A).
	 */
	if (!relay_word_try_cmpxchg(&note->end, &old_end, old_begin, ring->global) ||
	    !relay_word_try_cmpxchg(&note->begin, &old_begin, end, ring->global))
		return false; /* LMM(relay_note_claim:B) */
	if (begin == end)
		return relay_note_move(ring, &note->end, old_begin, end);
	relay_word_set(&note->end, end);
	/*
	 * Guarantee that the end is seen before the begin that makes it an extent.
	 * Pairs with LMM(relay_note_read:B).
	 */
	atomic_long_set_release(&note->begin.atomic, begin);
							/* LMM(relay_note_claim:C) */
	return true;
}

/*
 * Note an extent: with the note that it goes on after, with the note that goes on
 * after it, or with one that is of no use any more.
 *
 * A note that ends at @begin may be of no use: then no other writer extends it. A
 * note that begins at @end is of use until the caller has counted its bytes.
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
 * @lower ends where @upper begins, at @pos: let @lower take its extent over, and free
 * @upper.
 *
 * At every instruction one of them has the extent. A writer may extend @upper
 * meanwhile, so this looks again; it cannot extend @lower, because only one extent
 * begins at any position. A note that is of no use by now may have been taken by
 * another writer, and then does not begin at @pos, or end where it did.
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
		 * Guarantee that a reader of the begin which is stored below sees
		 * that the end has changed. Pairs with LMM(relay_note_read:B).
		 */
		if (relay_word_try_cmpxchg(&upper->end, &end, start, ring->global))
			break; /* LMM(relay_note_join:A) */
	}
	relay_word_set(&upper->begin, start);
}

/*
 * Join the notes that meet at @pos, where an extent ends that was just noted. A
 * note of no use is left alone: the writer that moves @contiguous may have passed it.
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
 * Positions come again, and with them the lap of a note that no writer has taken
 * since. Begin every quarter of all positions, of which a lap is at most one,
 * with notes that say nothing: none is ever half of all positions old.
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
 * Move @contiguous over the extent from @begin to @end, if it stands in it: a note
 * that was extended meanwhile begins below it. An extent of another lap, or of two
 * sub-buffers, is a note that a writer is just taking.
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
	/* Where this fails, another context has moved it. */
	relay_word_try_cmpxchg(&sub->contiguous, &contiguous, end, ring->global);
	return true;
}

/*
 * Move @contiguous over the extent from @begin to @end and all noted ones that
 * follow it, until nothing moves.
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
 * The caller's add completed the sub-buffer, so it alone is here: no writer can add
 * to this lap any more, and none enters the next before @state allows it.
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
	 * Guarantee that a reader of the statistics that sees this count also sees the
	 * adds to @committed that it is the sum of. Pairs with
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
 * relay_ring_settle - the rare ends of a commit
 * @ring: the ring
 * @sub: the sub-buffer
 * @begin: position of the first byte that was committed
 * @end: position after the last one
 * @committed: byte count of @sub after the caller's add
 *
 * Delivers the sub-buffer if it is complete. Otherwise some reservation below
 * or above was open: what has become contiguous is marked so.
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
	/* All that is reserved is committed, noted or not. */
	if (pos == start + committed) {
		begin = start;
		end = pos;
	}
	/* Also then: a writer that interrupted this one since has left a note. */
	relay_subbuf_absorb(ring, sub, begin, end);
}
EXPORT_SYMBOL_GPL(relay_ring_settle);

/**
 * relay_ring_publish_above - the rest of a commit above an open reservation
 * @ring: the ring
 * @sub: the sub-buffer
 * @begin: position of the first byte of what is committed
 * @end: position after the last one
 * @add: what it adds to @committed of @sub
 *
 * Notes the extent before it is counted. Where all notes are in use the extent is
 * counted in @unnoted: a reader loses nothing, a crash before the reservation below is
 * committed does.
 *
 * In a global ring the writer of the reservation below may have committed on another
 * CPU since, and not have seen the note. So this settles whatever the count is.
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
 * Reserve all that is left of a sub-buffer from @pos on; before @closed it is not
 * padding.
 *
 * This closes the sub-buffer. The time and the loss count are taken before it
 * is, so those of the next sub-buffer are not less; they are stored after it, when
 * no other writer can: the sub-buffer is not complete before the caller has
 * committed its reservation.
 *
 * Return: whether @pos was still the end of the ring.
 */
static bool relay_ring_reserve_rest(struct relay_ring *ring, unsigned long pos,
				    unsigned long closed)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);
	unsigned long lost;
	u64 now;

	/*
	 * If the caller's @pos was written by LMM(relay_ring_enter:A), then the counts
	 * are not less than those of the sub-buffer that was closed before it.
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
	/* Last: a crash reader that finds it checks it. */
	WRITE_ONCE(sub->closed, closed);
	return true;
}

/*
 * If @pos is still the end of the ring, the rest of its sub-buffer is padding.
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
 * reserved. Where it is closed by another writer, and the next one entered, that
 * stays open.
 * Return: the start of the sub-buffer.
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
 * May the lap of @sub that starts at @start be entered? Overwrites if it must
 * and may.
 */
static int relay_subbuf_take(struct relay_ring *ring, struct relay_subbuf *sub,
			     unsigned long start, bool overwrite)
{
	unsigned long previous = start - ring->lap;
	unsigned long records;
	long state;

	for (;;) {
		/*
		 * Guarantee that a reader is done with the bytes, and the marks are
		 * those of this lap. Pairs with LMM(relay_ring_consume:A) and
		 * LMM(relay_ring_deliver:A).
		 */
		state = atomic_long_read_acquire(&sub->state); /* LMM(relay_subbuf_take:A) */

		if (relay_pos_start(ring, state) != previous)
			return -EBUSY;
		if (state & RELAY_CONSUMED)
			return 0;
		if (!overwrite)
			return -ENOSPC;

		/*
		 * Guarantee that a reader that meets new bytes finds the sub-buffer
		 * taken. Full barrier. Pairs with LMM(relay_ring_intact:A) and
		 * LMM(relay_ring_consume:A). Where this fails it orders nothing, and
		 * the acquire above has to.
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
 * apart. Without a reader the mark does not move by itself, so a writer moves it before
 * it is older than that.
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
 * @pos: position at which the ring stands, closed
 * @overwrite: whether unread data may go
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: 0 when the ring has moved, by this call or another; -ENOSPC when the
 * next sub-buffer is not consumed, -EBUSY when it has an open reservation.
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
	 * Guarantee that the loss counts of the sub-buffer that was closed are seen
	 * by the writer that closes this one. Full barrier in a global ring. Pairs with
	 * LMM(relay_ring_reserve_rest:A).
	 */
	if (!relay_word_try_cmpxchg(&ring->control->reserve, &pos,
				    start + header_size, ring->global))
		return 0; /* LMM(relay_ring_enter:A) */
	oldest = relay_pos_next(ring, start) - ring->lap;
	relay_mark_follow(&ring->control->consumed, oldest, oldest);
	relay_mark_follow(&ring->control->reset, oldest, relay_reset_mark(oldest));
	relay_ring_age_notes(ring, pos, start);
	/* Only the writer that has entered: the lap cannot complete before the add. */
	WRITE_ONCE(sub->begin_time, now);
	/* Add the one that @committed lacked until then, with the header if there is one. */
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
 * @size: bytes that it would take at @pos
 * @need: bytes that it would take at the start of a sub-buffer
 *
 * Takes one step, after which the caller looks again: closes the sub-buffer
 * of @pos, or enters the one after it. A refusal is counted.
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: 0 to look again; 1 if the record fits exactly, and is reserved; -EINVAL
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
 * For architectures on which the operations of the write path may be interrupted
 * half way by an NMI. NMIs do not interrupt each other, so a plain count is exact
 * on a CPU's ring; on a global ring it misses one where two CPUs count at once.
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
 * sub-buffer: a flush or a reset may have found it closed since, and that is final. A
 * global ring takes none back: a writer on another CPU that had seen the later position
 * would then commit an earlier time after a later one.
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
	/* Its time is not that of a record: the next one is told of none. */
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
 * As relay_ring_try_discard(); but a reservation that cannot be taken back stays in the
 * stream, its bytes zero.
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
 * One without a record stays open, and so does one that is entered meanwhile.
 *
 * Context: Any, preemption off, on the ring's CPU, or on any other while that
 * one is dead. Anywhere for a global ring.
 */
void relay_ring_flush(struct relay_ring *ring)
{
	relay_ring_close_open(ring, READ_ONCE(ring->header_size) + 1);
}

/**
 * relay_ring_reset - mark all that was written so far as thrown away
 * @ring: the ring
 *
 * Positions and loss counts go on. A reader that comes to a sub-buffer before the mark
 * throws it away, see relay_ring_erase(); so it is with one that has an open
 * reservation, when that is complete. The cost does not depend on n_subbufs.
 *
 * Context: As relay_ring_flush().
 */
void relay_ring_reset(struct relay_ring *ring)
{
	unsigned long start = relay_ring_close_open(ring, 0);

	atomic_long_set(&ring->control->reset, relay_reset_mark(relay_pos_next(ring, start)));
}

/**
 * relay_ring_disable - refuse whatever comes from now on
 * @ring: the ring
 *
 * Open reservations can still be committed. A writer that was interrupted, or
 * runs on another CPU, while it entered a sub-buffer may still write into that
 * one; wait for such writers (they have preemption off) and flush.
 *
 * Context: As relay_ring_flush().
 */
void relay_ring_disable(struct relay_ring *ring)
{
	WRITE_ONCE(ring->disabled, true);
	relay_ring_flush(ring);
}

/**
 * relay_ring_hold - take nothing, until @ring->disabled is false again
 * @ring: the ring
 *
 * As relay_ring_disable(), but that leaves room in a sub-buffer without a record.
 * A writer that was interrupted, or runs on another CPU, between its look at
 * @disabled and its entry may still enter a sub-buffer: wait for such writers
 * (they have preemption off) and hold again.
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

/* The rest of @span, the state of which is set. */
static void relay_span_fill(struct relay_ring *ring, struct relay_span *span, unsigned long pos)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);

	span->pos = pos;
	span->data = relay_pos_address(ring, pos);
	span->missed = 0;
	relay_subbuf_describe(ring, pos, relay_subbuf_used(ring, sub, pos), &span->info);
}

/*
 * The next sub-buffer that can still hold something, after finding that the
 * one at @pos does not.
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
 * @span: filled in; its state in any case
 *
 * Context: Any.
 * Return: whether it is delivered, and neither consumed nor overwritten.
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
 * @cursor: start position of the sub-buffer wanted; moved over those that were
 *	overwritten, consumed or thrown away
 * @span: filled in
 *
 * In an overwrite ring @span can be overwritten at any time: what was copied
 * counts only after relay_ring_consume() or relay_ring_intact() said so.
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
 * relay_ring_erase - throw away what was written before a reset
 * @ring: the ring
 *
 * What is still incomplete then is thrown away when a reader comes to it.
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
 * Return: whether the sub-buffer at @cursor is open and holds something.
 */
bool relay_ring_partial(struct relay_ring *ring, unsigned long cursor, struct relay_span *span)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, cursor);
	unsigned long contiguous = relay_word_read(&sub->contiguous);

	if (relay_pos_start(ring, contiguous) != cursor ||
	    relay_ring_was_reset(ring, cursor))
		return false;
	/*
	 * If @contiguous was written by LMM(relay_ring_publish:A), then the
	 * bytes before it are visible, and where it covers padding so is
	 * @closed.
	 *
	 * Relies on smp_wmb() from relay_ring_publish:A to this.
	 */
	smp_rmb(); /* LMM(relay_ring_partial:A) */

	/* What it will be once the lap is delivered. */
	span->state = relay_state_next(ring, atomic_long_read(&sub->state));
	if (relay_pos_start(ring, span->state) != cursor)
		return false;
	relay_span_fill(ring, span, cursor);
	span->info.used = min(span->info.used, relay_pos_offset(ring, contiguous));
	span->info.records = 0;
	return span->info.used;
}

/**
 * relay_ring_intact - is what was copied from a span whole?
 * @ring: the ring
 * @span: by relay_ring_peek() or relay_ring_partial()
 *
 * Context: Any.
 * Return: false if a writer may have overwritten some of it.
 */
bool relay_ring_intact(struct relay_ring *ring, const struct relay_span *span)
{
	unsigned long state;

	/*
	 * If a byte was read that was written after LMM(relay_subbuf_take:B),
	 * then this finds the sub-buffer taken.
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
 * Return: false if it was overwritten or consumed before: what was copied from
 * it does not count.
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
 * relay_ring_full - does the ring stand before an unread sub-buffer?
 * @ring: the ring
 *
 * Context: Any.
 * Return: whether the next record can only be written over unread data.
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
 * relay_ring_count - where every record has gone
 * @ring: the ring
 * @counters: what the ring counts is added; exact when no write is under way
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
	/* Unsigned: on a 32-bit kernel, too, it is a count. */
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
 * @first_lap: number of the first lap; anything but 0 is for tests of the wrap
 *
 * The ring stands closed in front of its first sub-buffer, which the first
 * writer enters.
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
	/* RELAY_SETTLE is no byte count. */
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
