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
 * jumps when the lap overflows. A word comes back only after at least
 * 2^(BITS_PER_LONG - 2) bytes, less than that many cannot be written while one
 * writer is interrupted between its load and its cmpxchg.
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
 * Free and delivered are written in @state. Open is what is neither: a state
 * of the lap before the one that the ring is in. A writer enters a sub-buffer
 * only if its lap before was consumed (or, in overwrite mode, takes it as
 * consumed). If that lap is not even delivered, because a reservation in it is
 * still open, the record is dropped: RELAY_LOST_NESTED.
 *
 * Switching is two independent steps, so that each is one cmpxchg: a writer
 * that finds no room closes the sub-buffer; a writer that finds a closed one
 * enters the next. Either looks at the reserve position again afterwards. A
 * flush is the first step alone.
 *
 * Writer
 * ------
 *
 * Reserve is one cmpxchg of the reserve position, commit is two words::
 *
 *	reserve:	pos -> pos + size	cmpxchg
 *	(fill)
 *	commit:		records			inc
 *			contiguous: begin -> end	compare, store
 *			committed += size	add
 *
 * The reservations of a ring are filled and committed in any order. The add
 * that makes @committed reach subbuf_size happens once in a lap, whatever the
 * order; its writer delivers. Nothing can be added to the lap after it, and
 * nobody enters the next one before @state says so: the deliverer is alone
 * with the sub-buffer and needs no lock.
 *
 * @contiguous is not yet at the begin when a reservation below is still open, as
 * it is for an interrupt's record inside of another fill. Such an extent is
 * noted (&struct relay_note) before it is counted. Who commits the last open
 * reservation finds @committed to be ahead of its own end, and moves
 * @contiguous over what it finds committed behind.
 *
 * Between the compare and the store nobody else moves @contiguous: the others find
 * this reservation open, below theirs.
 *
 * A crash at any instruction leaves a memory from which alone these bytes of
 * every sub-buffer can be told to be committed:
 *
 * - all, if @state says delivered, or @committed says subbuf_size, or
 *   @contiguous stands in the next lap already;
 * - otherwise those before @contiguous, and those of each note of this lap
 *   whose begin is below its end.
 *
 * Where @closed is of that lap, bytes behind it are padding. Lost are the
 * records whose commit had not begun, no other.
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
 * kernel/relay.c sends an IPI for it. In a global ring all run anywhere. Peek,
 * partial, intact, consume, full and stats run anywhere.
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
 *		if (relay_ring_consume(ring, span.pos))
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
 *	relay_note_claim:B    mb        relay_note_claim:A    acquire
 *	  begin before the new end      relay_subbuf_extend_noted:A  acquire
 *	relay_subbuf_take:B   mb        relay_ring_intact:A   rmb
 *	  @state before new bytes       relay_ring_consume:A  mb
 *	relay_time_set:A      mb        relay_time_read:B     rmb
 *	relay_time_set:B      release   relay_time_read:A     acquire
 *	  where a word has 32 bits
 *
 * The two halves of the life cycle pair with each other: nobody reads before
 * the writers are done, nobody writes before the reader is done, or is told.
 *
 * The idea of a commit count per sub-buffer whose completing add elects the
 * deliverer is that of relayfs 2005 and of LTTng's ring buffer; so is keeping
 * a contiguous count for crash readers.
 */

static unsigned long relay_ring_lap(const struct relay_ring *ring)
{
	return 1UL << ring->lap_shift;
}

static unsigned long relay_pos_end(const struct relay_ring *ring,
				   unsigned long pos)
{
	return relay_pos_start(ring, pos) + ring->subbuf_size;
}

static bool relay_pos_closed(const struct relay_ring *ring, unsigned long pos)
{
	return relay_pos_offset(ring, pos) == ring->subbuf_size;
}

/**
 * relay_pos_next - the sub-buffer behind a position
 * @ring: the ring
 * @pos: the position
 *
 * Return: start position of the sub-buffer after that of @pos.
 */
unsigned long relay_pos_next(const struct relay_ring *ring, unsigned long pos)
{
	unsigned int index = relay_pos_index(ring, pos) + 1;
	unsigned long lap = pos & (~0UL << ring->lap_shift);

	if (index == ring->n_subbufs)
		return lap + relay_ring_lap(ring);
	return lap + ((unsigned long)index << ring->off_bits);
}

/**
 * relay_pos_sequence - number of the sub-buffer of a position, from 0
 * @ring: the ring
 * @pos: the position
 *
 * Return: the number, modulo what a lap counter of the ring's geometry holds.
 */
unsigned long relay_pos_sequence(const struct relay_ring *ring,
				 unsigned long pos)
{
	return (pos >> ring->lap_shift) * ring->n_subbufs +
	       relay_pos_index(ring, pos);
}

/* Sub-buffers from that of @from to that of @to, which is not before it. */
static unsigned long relay_pos_distance(const struct relay_ring *ring,
					unsigned long from, unsigned long to)
{
	unsigned long laps = (to >> ring->lap_shift) - (from >> ring->lap_shift);

	laps &= ~0UL >> ring->lap_shift;
	return laps * ring->n_subbufs + relay_pos_index(ring, to) -
	       relay_pos_index(ring, from);
}

static u64 relay_ring_clock(const struct relay_ring *ring)
{
	return ring->ops->clock ? ring->ops->clock() : 0;
}

static int relay_ring_lose(struct relay_ring *ring, unsigned int why, int err)
{
	relay_word_inc(&ring->control->lost[why], ring->global);
	return err;
}

static unsigned long relay_ring_lost(const struct relay_ring *ring)
{
	unsigned long lost = 0;
	int i;

	for (i = 0; i < RELAY_LOST_REASONS; i++)
		lost += relay_word_read(&ring->control->lost[i]);
	return lost;
}

/* Bytes in front of the padding, in the lap that starts at @start. */
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
 * Notes: what was committed above an open reservation
 */

/*
 * A note is of use until @contiguous of its sub-buffer has passed it, or has
 * gone on to the next lap.
 */
static bool relay_note_live(const struct relay_ring *ring, unsigned long begin,
			    unsigned long end)
{
	unsigned long contiguous =
		relay_word_read(&relay_pos_subbuf(ring, begin)->contiguous);

	return relay_pos_start(ring, contiguous) == relay_pos_start(ring, begin) &&
	       (long)(end - contiguous) > 0;
}

/*
 * Take a note that is of no use any more.
 *
 * Interrupted or killed at any instruction, the note says nothing, or the
 * truth. First the end is moved onto the begin (nothing noted, and nobody
 * extends it any more), then the begin behind the new end (being written:
 * nobody else takes it), then the end follows (nothing noted, and whoever
 * commits from there on may extend it), last comes the true begin. An extent
 * of no bytes is complete before that, and may have been taken by another.
 */
static bool relay_note_claim(struct relay_ring *ring, struct relay_note *note,
			     unsigned long begin, unsigned long end)
{
	unsigned long old_begin, old_end;

	/*
	 * If this reads the end that LMM(relay_note_claim:B) made way for, then
	 * the begin is not older than that: of who has taken the note meanwhile
	 * nothing is undone below.
	 *
	 * Relies on the full barrier of relay_note_claim:B to this.
	 */
	old_end = atomic_long_read_acquire(&note->end.atomic);
							/* LMM(relay_note_claim:A) */
	old_begin = relay_word_read(&note->begin);
	/* A begin that does not move would keep nobody else from taking it. */
	if (old_begin == end || (long)(old_end - old_begin) < 0 ||
	    relay_note_live(ring, old_begin, old_end))
		return false;
	/* Guarantee that the begin is seen before the end that follows. */
	if (!relay_word_try_cmpxchg(&note->end, &old_end, old_begin, ring->global) ||
	    !relay_word_try_cmpxchg(&note->begin, &old_begin, end, ring->global))
		return false; /* LMM(relay_note_claim:B) */
	relay_word_set(&note->end, end);
	if (begin != end)
		relay_word_set(&note->begin, begin);
	return true;
}

/**
 * relay_ring_note - remember an extent that is committed above an open one
 * @ring: the ring
 * @begin: position of its first byte
 * @end: position after its last byte
 *
 * Called before the commit is counted. Where all notes are in use the extent
 * is not noted: a reader loses nothing, a crash before the reservation below
 * is committed does.
 *
 * Context: Any, preemption off.
 */
void relay_ring_note(struct relay_ring *ring, unsigned long begin,
		     unsigned long end)
{
	struct relay_note *note = ring->control->note;
	unsigned long expected;
	int i;

	for (i = 0; i < RELAY_NOTES; i++) {
		expected = begin;
		if (relay_word_read(&note[i].end) == begin &&
		    relay_word_try_cmpxchg(&note[i].end, &expected, end,
					   ring->global))
			return;
	}
	for (i = 0; i < RELAY_NOTES; i++)
		if (relay_note_claim(ring, &note[i], begin, end))
			return;
}
EXPORT_SYMBOL_GPL(relay_ring_note);

/*
 * Positions come again, and with them the lap of a note that nobody has taken
 * since. Begin every quarter of all positions, of which a lap is at most one,
 * with notes that say nothing: none is ever half of all positions old.
 */
static void relay_ring_age_notes(struct relay_ring *ring, unsigned long from,
				 unsigned long to)
{
	int i;

	if (!((from ^ to) >> (BITS_PER_LONG - 2)))
		return;
	for (i = 0; i < RELAY_NOTES; i++)
		relay_note_claim(ring, &ring->control->note[i], to, to);
}

/*
 * Move @contiguous to @end, if it stands between @begin and there: a note that
 * was extended meanwhile begins below it.
 */
static bool relay_subbuf_extend(struct relay_ring *ring,
				struct relay_subbuf *sub,
				unsigned long begin, unsigned long end)
{
	unsigned long contiguous = relay_word_read(&sub->contiguous);

	return (long)(contiguous - begin) >= 0 && (long)(end - contiguous) > 0 &&
	       relay_word_try_cmpxchg(&sub->contiguous, &contiguous, end,
				      ring->global);
}

/* Move @contiguous over the extent of @note, if that goes on there. */
static bool relay_subbuf_extend_noted(struct relay_ring *ring,
				      struct relay_subbuf *sub,
				      const struct relay_note *note)
{
	unsigned long begin, end;

	/*
	 * If this reads the end of an extent, then the begin is not that of one
	 * before it: from there to the new end may be reserved and not written.
	 *
	 * Relies on the full barrier of relay_note_claim:B to this.
	 */
	end = atomic_long_read_acquire(&note->end.atomic);
						/* LMM(relay_subbuf_extend_noted:A) */
	begin = relay_word_read(&note->begin);
	return relay_subbuf_extend(ring, sub, begin, end);
}

/* Move @contiguous over the extent from @begin and all noted ones behind it. */
static void relay_subbuf_absorb(struct relay_ring *ring,
				struct relay_subbuf *sub,
				unsigned long begin, unsigned long end)
{
	struct relay_note *note = ring->control->note;
	bool moved;
	int i;

	do {
		moved = relay_subbuf_extend(ring, sub, begin, end);
		for (i = 0; i < RELAY_NOTES; i++)
			moved |= relay_subbuf_extend_noted(ring, sub, &note[i]);
	} while (moved);
}

static void relay_subbuf_advance(struct relay_ring *ring,
				 struct relay_subbuf *sub, unsigned long to)
{
	unsigned long contiguous = relay_word_read(&sub->contiguous);

	while ((long)(to - contiguous) > 0)
		if (relay_word_try_cmpxchg(&sub->contiguous, &contiguous, to,
					   ring->global))
			break;
}

/*
 * Deliver
 */

/*
 * The caller's add completed the sub-buffer, so it alone is here: nobody can
 * add to this lap any more, nobody enters the next before @state allows it.
 */
static void relay_ring_deliver(struct relay_ring *ring,
			       struct relay_subbuf *sub, unsigned long start)
{
	const struct relay_ring_ops *ops = ring->ops;
	unsigned long next_lap = start + relay_ring_lap(ring);
	unsigned long records = relay_word_read(&sub->records);

	WRITE_ONCE(sub->n_records, records);
	WRITE_ONCE(sub->lost, relay_ring_lost(ring));
	if (relay_pos_start(ring, READ_ONCE(sub->closed)) != start) {
		/* A mark that stayed would be of this lap when laps come again. */
		WRITE_ONCE(sub->closed, relay_pos_end(ring, start));
		WRITE_ONCE(sub->end_time, relay_ring_clock(ring));
	}
	relay_word_add(&ring->control->delivered, records, ring->global);
	relay_word_set(&sub->records, 0);
	if (ops->end)
		ops->end(ring, start, relay_subbuf_used(ring, sub, start));

	/*
	 * From here on @contiguous tells a crash reader that the lap is
	 * complete, and before that @committed does.
	 */
	relay_word_set(&sub->contiguous, next_lap);
	relay_word_set(&sub->committed, next_lap);

	/*
	 * Guarantee that the descriptor, the header and the marks of the next
	 * lap are visible before the sub-buffer can be read or entered.
	 * Pairs with LMM(relay_ring_peek:A) and LMM(relay_subbuf_take:A).
	 */
	atomic_long_set_release(&sub->state, start | RELAY_DELIVERED);
					/* LMM(relay_ring_deliver:A) */
	if (ops->deliver)
		ops->deliver(ring, start);
}

/**
 * relay_ring_settle - the rare ends of a commit
 * @ring: the ring
 * @sub: the sub-buffer
 * @begin: position of the first byte that was committed
 * @end: position after the last one
 * @committed: value of @sub->committed after the caller's add
 *
 * Delivers the sub-buffer if it is complete. Otherwise some reservation below
 * or above was open: what has become contiguous is marked so.
 *
 * Context: Any, preemption off.
 */
void relay_ring_settle(struct relay_ring *ring, struct relay_subbuf *sub,
		       unsigned long begin, unsigned long end,
		       unsigned long committed)
{
	if (relay_pos_closed(ring, committed)) {
		relay_ring_deliver(ring, sub, relay_pos_start(ring, committed));
		return;
	}
	if (committed == relay_word_read(&ring->control->reserve))
		relay_subbuf_advance(ring, sub, committed);
	/* Also after that: who interrupted it has left a note. */
	relay_subbuf_absorb(ring, sub, begin, end);
}
EXPORT_SYMBOL_GPL(relay_ring_settle);

/*
 * Switch: close a sub-buffer, enter the next
 */

/*
 * If @pos is still the end of the ring, the rest of its sub-buffer is padding.
 * Return: whether it was.
 */
static bool relay_ring_close(struct relay_ring *ring, unsigned long pos)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);
	unsigned long end = relay_pos_end(ring, pos);
	u64 now = relay_ring_clock(ring);

	if (!relay_word_try_cmpxchg(&ring->control->reserve, &pos, end,
				    ring->global))
		return false;
	/* The padding is ours: the sub-buffer cannot complete before it. */
	WRITE_ONCE(sub->end_time, now);
	WRITE_ONCE(sub->closed, pos);
	relay_ring_publish(ring, sub, pos, end - pos, 0, ring->global);
	return true;
}

/*
 * May the lap of @sub that starts at @start be entered? Overwrites if it must
 * and may.
 */
static int relay_subbuf_take(struct relay_ring *ring, struct relay_subbuf *sub,
			     unsigned long start, bool overwrite)
{
	unsigned long previous = start - relay_ring_lap(ring);
	unsigned long records;
	long state;

	/*
	 * Guarantee that a reader is done with the bytes, and the marks are
	 * those of this lap. Pairs with LMM(relay_ring_consume:A) and
	 * LMM(relay_ring_deliver:A).
	 */
	state = atomic_long_read_acquire(&sub->state); /* LMM(relay_subbuf_take:A) */

	if (state == (long)(previous | RELAY_CONSUMED))
		return 0;
	if (state != (long)(previous | RELAY_DELIVERED))
		return -EBUSY;
	if (!overwrite)
		return -ENOSPC;

	/*
	 * Guarantee that a reader who meets new bytes finds the sub-buffer
	 * taken. Full barrier. Pairs with LMM(relay_ring_intact:A) and
	 * LMM(relay_ring_consume:A).
	 */
	records = READ_ONCE(sub->n_records);
	if (atomic_long_try_cmpxchg(&sub->state, &state,
				    previous | RELAY_CONSUMED))
		relay_word_add(&ring->control->overwritten, records,
			       ring->global); /* LMM(relay_subbuf_take:B) */
	return 0;
}

/*
 * Positions compare while they are less than half of all positions apart. Where
 * nobody reads, a reader's mark must not fall behind by more.
 */
static void relay_mark_follow(atomic_long_t *mark, unsigned long oldest)
{
	long old = atomic_long_read(mark);

	if ((long)(oldest - old) > LONG_MAX / 2)
		atomic_long_try_cmpxchg(mark, &old, oldest);
}

/**
 * relay_ring_enter - begin the sub-buffer after a closed position
 * @ring: the ring
 * @pos: position at which the ring stands, closed
 * @header_size: bytes to leave for a header
 * @overwrite: whether unread data may go
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: 0 when the ring has moved, by this call or another; -ENOSPC when the
 * next sub-buffer is not consumed, -EBUSY when it has an open reservation.
 */
int relay_ring_enter(struct relay_ring *ring, unsigned long pos,
		     unsigned int header_size, bool overwrite)
{
	unsigned long start = relay_pos_next(ring, pos);
	struct relay_subbuf *sub = relay_pos_subbuf(ring, start);
	int err = relay_subbuf_take(ring, sub, start, overwrite);
	unsigned long oldest;
	u64 now;

	if (err)
		return relay_word_read(&ring->control->reserve) == pos ? err : 0;

	/*
	 * No later than the entry, whoever makes it. May undo the store of who
	 * interrupts between check and store: older is safe.
	 */
	now = relay_ring_clock(ring);
	if (relay_word_read(&ring->control->reserve) != pos)
		return 0;
	relay_time_set(&sub->begin_time, now);
	if (!relay_word_try_cmpxchg(&ring->control->reserve, &pos,
				    start + header_size, ring->global))
		return 0;
	oldest = relay_pos_next(ring, start) - relay_ring_lap(ring);
	relay_mark_follow(&ring->control->consumed, oldest);
	relay_mark_follow(&ring->control->reset, oldest);
	relay_ring_age_notes(ring, pos, start);
	if (!header_size)
		return 0;
	if (ring->ops->begin)
		ring->ops->begin(ring, start);
	relay_ring_publish(ring, sub, start, header_size,
			   ring->subbuf_size - header_size, ring->global);
	return 0;
}

/**
 * relay_ring_admit - begin the next sub-buffer, if the channel lets it
 * @ring: the ring
 * @pos: position at which the ring stands, closed
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: as relay_ring_enter(), or what @ring->ops->admit says.
 */
int relay_ring_admit(struct relay_ring *ring, unsigned long pos)
{
	if (ring->ops->admit)
		return ring->ops->admit(ring, pos);
	return relay_ring_enter(ring, pos, ring->header_size, ring->overwrite);
}

/**
 * relay_ring_make_room - slow path of reserve
 * @ring: the ring
 * @pos: position at which the record does not fit
 * @need: bytes that it would take at the start of a sub-buffer
 *
 * Takes one step, after which the caller looks again: closes the sub-buffer
 * of @pos, or enters the one behind it. A refusal is counted.
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: 0 to look again; -EINVAL for nothing to write, -E2BIG for more than
 * a sub-buffer holds, -ENOSPC when full, -EBUSY when the next sub-buffer has
 * an open reservation, -ESHUTDOWN when the ring is disabled.
 */
int relay_ring_make_room(struct relay_ring *ring, unsigned long pos, size_t need)
{
	if (!need)
		return -EINVAL;
	if (need > ring->subbuf_size - READ_ONCE(ring->header_size))
		return relay_ring_lose(ring, RELAY_LOST_TOO_BIG, -E2BIG);
	if (!relay_pos_closed(ring, pos)) {
		relay_ring_close(ring, pos);
		return 0;
	}
	if (READ_ONCE(ring->disabled))
		return relay_ring_lose(ring, RELAY_LOST_DISABLED, -ESHUTDOWN);

	switch (relay_ring_admit(ring, pos)) {
	case 0:
		return 0;
	case -ENOSPC:
		return relay_ring_lose(ring, RELAY_LOST_FULL, -ENOSPC);
	default:
		return relay_ring_lose(ring, RELAY_LOST_NESTED, -EBUSY);
	}
}
EXPORT_SYMBOL_GPL(relay_ring_make_room);

/**
 * relay_ring_discard - give a reservation up
 * @slot: the reservation
 *
 * The newest reservation of a CPU's ring is taken back. Any other stays in the
 * stream, its bytes zero. A global ring takes none back: a writer on another
 * CPU that had seen the later position would then commit an earlier time
 * behind a later one.
 *
 * Context: Any, preemption off since the reserve.
 */
void relay_ring_discard(struct relay_slot *slot)
{
	struct relay_ring *ring = slot->ring;
	unsigned long end = slot->begin + slot->size;

	relay_word_inc(&ring->control->discarded, ring->global);
	/* Its time is not that of a record: the next one is told of none. */
	relay_time_set(&ring->control->last_time, 0);
	if (!ring->global &&
	    relay_word_try_cmpxchg(&ring->control->reserve, &end, slot->begin,
				   false))
		return;
	memset(relay_pos_address(ring, slot->begin), 0, slot->size);
	relay_ring_publish(ring, slot->sub, slot->begin, slot->size, slot->left,
			   ring->global);
}
EXPORT_SYMBOL_GPL(relay_ring_discard);

/**
 * relay_ring_flush - close the sub-buffer that is being filled
 * @ring: the ring
 *
 * One without a record stays open.
 *
 * Context: Any, preemption off, on the ring's CPU, or on any other while that
 * one is dead. Anywhere for a global ring.
 */
void relay_ring_flush(struct relay_ring *ring)
{
	unsigned long pos;

	do {
		pos = relay_word_read(&ring->control->reserve);
	} while (relay_pos_offset(ring, pos) > READ_ONCE(ring->header_size) &&
		 !relay_pos_closed(ring, pos) && !relay_ring_close(ring, pos));
}

/* Return: the position at which the ring stood when it was closed. */
static unsigned long relay_ring_shut(struct relay_ring *ring)
{
	unsigned long pos;

	do {
		pos = relay_word_read(&ring->control->reserve);
	} while (!relay_pos_closed(ring, pos) && !relay_ring_close(ring, pos));
	return pos;
}

/**
 * relay_ring_reset - throw away all that was written so far
 * @ring: the ring
 *
 * Positions and loss counts go on. A sub-buffer with an open reservation is
 * thrown away when it is complete.
 *
 * Context: As relay_ring_flush(), and no other reader at the same time.
 */
void relay_ring_reset(struct relay_ring *ring)
{
	unsigned long cursor = atomic_long_read(&ring->control->consumed);
	unsigned long pos = relay_ring_shut(ring);
	struct relay_span span;

	atomic_long_set(&ring->control->reset, relay_pos_next(ring, pos));
	relay_ring_peek(ring, &cursor, &span);
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
	relay_ring_shut(ring);
}

/*
 * Reader side
 */

static void relay_span_fill(struct relay_ring *ring, struct relay_span *span,
			    unsigned long pos)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);

	span->pos = pos;
	span->data = relay_pos_address(ring, pos);
	span->used = relay_subbuf_used(ring, sub, pos);
	span->records = READ_ONCE(sub->n_records);
	span->lost = READ_ONCE(sub->lost);
	span->begin_time = relay_time_read(&sub->begin_time);
	span->end_time = READ_ONCE(sub->end_time);
}

/*
 * The next sub-buffer that can still hold something, after finding that the
 * one at @pos does not.
 */
static unsigned long relay_ring_skip(struct relay_ring *ring, unsigned long pos)
{
	unsigned long reserve = relay_word_read(&ring->control->reserve);
	unsigned long oldest = relay_pos_next(ring, reserve) - relay_ring_lap(ring);

	return (long)(oldest - pos) > 0 ? oldest : relay_pos_next(ring, pos);
}

/* Was the sub-buffer at @pos, delivered, written before a reset? */
static bool relay_ring_erase(struct relay_ring *ring, unsigned long pos)
{
	unsigned long records = READ_ONCE(relay_pos_subbuf(ring, pos)->n_records);

	if ((long)(atomic_long_read(&ring->control->reset) - pos) <= 0)
		return false;
	if (relay_ring_consume(ring, pos))
		atomic_long_add(records, &ring->control->erased);
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
int relay_ring_peek(struct relay_ring *ring, unsigned long *cursor,
		    struct relay_span *span)
{
	unsigned long pos = *cursor, next;
	struct relay_subbuf *sub;
	long ahead;

	span->missed = 0;
	for (;;) {
		sub = relay_pos_subbuf(ring, pos);
		/*
		 * If this reads from LMM(relay_ring_deliver:A), then the
		 * descriptor and every committed byte are visible.
		 *
		 * Relies on release from relay_ring_deliver:A to this, and on
		 * the full order of the adds to @committed in a global ring.
		 */
		ahead = atomic_long_read_acquire(&sub->state) - pos;
							/* LMM(relay_ring_peek:A) */
		*cursor = pos;
		if (ahead < 0)
			return -EAGAIN;
		if (ahead == RELAY_DELIVERED && !relay_ring_erase(ring, pos))
			break;
		next = relay_ring_skip(ring, pos);
		if (ahead != RELAY_DELIVERED)
			span->missed += relay_pos_distance(ring, pos, next);
		pos = next;
	}
	relay_span_fill(ring, span, pos);
	return 0;
}

/**
 * relay_ring_partial - look at the sub-buffer that is being filled
 * @ring: the ring
 * @cursor: its start position
 * @span: filled in; @span->used covers whole records only
 *
 * Context: Any.
 * Return: whether the sub-buffer at @cursor is open and holds something.
 */
bool relay_ring_partial(struct relay_ring *ring, unsigned long cursor,
			struct relay_span *span)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, cursor);
	unsigned long contiguous = relay_word_read(&sub->contiguous);

	if (relay_pos_start(ring, contiguous) != cursor ||
	    (long)(atomic_long_read(&ring->control->reset) - cursor) > 0)
		return false;
	/*
	 * If @contiguous was written by LMM(relay_ring_publish:A), then the
	 * bytes before it are visible, and where it covers padding so is
	 * @closed.
	 *
	 * Relies on smp_wmb() from relay_ring_publish:A to this.
	 */
	smp_rmb(); /* LMM(relay_ring_partial:A) */

	relay_span_fill(ring, span, cursor);
	span->used = min(span->used, relay_pos_offset(ring, contiguous));
	span->records = 0;
	span->missed = 0;
	return span->used;
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
	struct relay_subbuf *sub = relay_pos_subbuf(ring, span->pos);
	unsigned long previous = span->pos - relay_ring_lap(ring);
	unsigned long state;

	/*
	 * If a byte was read that was written after LMM(relay_subbuf_take:B),
	 * then this finds the sub-buffer taken.
	 *
	 * Relies on the full barrier of relay_subbuf_take:B to this.
	 */
	smp_rmb(); /* LMM(relay_ring_intact:A) */
	state = atomic_long_read(&sub->state);
	return state == (span->pos | RELAY_DELIVERED) ||
	       state == (previous | RELAY_CONSUMED);
}

/**
 * relay_ring_consume - give a delivered sub-buffer back to the writers
 * @ring: the ring
 * @pos: its start position
 *
 * Context: Any.
 * Return: false if it was overwritten or consumed before: what was copied from
 * it does not count.
 */
bool relay_ring_consume(struct relay_ring *ring, unsigned long pos)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);
	unsigned long next = relay_pos_next(ring, pos);
	long delivered = pos | RELAY_DELIVERED;
	long consumed;
	bool ours;

	/*
	 * Guarantee that all reads of the bytes are done before a writer can
	 * enter. Full barrier. Pairs with LMM(relay_subbuf_take:A).
	 */
	ours = atomic_long_try_cmpxchg(&sub->state, &delivered,
				       pos | RELAY_CONSUMED);
					/* LMM(relay_ring_consume:A) */
	consumed = atomic_long_read(&ring->control->consumed);
	while ((long)(next - consumed) > 0)
		if (atomic_long_try_cmpxchg(&ring->control->consumed, &consumed,
					    next))
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
	unsigned long previous = next - relay_ring_lap(ring);

	return relay_pos_closed(ring, pos) &&
	       atomic_long_read(&relay_pos_subbuf(ring, next)->state) !=
	       (long)(previous | RELAY_CONSUMED);
}

/**
 * relay_ring_get_stats - where every record has gone
 * @ring: the ring
 * @stats: filled in; exact when no write is under way
 *
 * Context: Any.
 */
void relay_ring_get_stats(const struct relay_ring *ring,
			  struct relay_ring_stats *stats)
{
	const struct relay_ring_control *control = ring->control;
	unsigned int i;

	stats->committed = relay_word_read(&control->delivered);
	for (i = 0; i < ring->n_subbufs; i++)
		stats->committed += relay_word_read(&ring->sub[i].records);
	stats->overwritten = relay_word_read(&control->overwritten);
	stats->erased = atomic_long_read(&control->erased);
	stats->discarded = relay_word_read(&control->discarded);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		stats->lost[i] = relay_word_read(&control->lost[i]);
}

/*
 * Set-up
 */

/**
 * relay_ring_control_size - memory for a ring's control
 * @n_subbufs: number of sub-buffers
 *
 * Return: bytes for struct relay_ring_control and the array of struct
 * relay_subbuf behind it.
 */
size_t relay_ring_control_size(unsigned int n_subbufs)
{
	return sizeof(struct relay_ring_control) +
	       (size_t)n_subbufs * sizeof(struct relay_subbuf);
}

static void relay_subbuf_init(struct relay_ring *ring, unsigned int index,
			      unsigned long first)
{
	struct relay_subbuf *sub = &ring->sub[index];
	unsigned long start = first + ((unsigned long)index << ring->off_bits);
	unsigned long previous = start - relay_ring_lap(ring);

	relay_word_set(&sub->committed, start);
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
 * -E2BIG for a geometry that leaves fewer than two bits to count laps.
 */
int relay_ring_init(struct relay_ring *ring, size_t subbuf_size,
		    size_t n_subbufs, unsigned long first_lap)
{
	struct relay_ring_control *control = ring->control;
	unsigned long first;
	unsigned int i;

	if (!subbuf_size || !n_subbufs || ring->header_size >= subbuf_size)
		return -EINVAL;
	ring->off_bits = max(fls_long(subbuf_size), RELAY_STATE_BITS);
	ring->lap_shift = ring->off_bits + fls_long(n_subbufs - 1);
	if (ring->lap_shift > BITS_PER_LONG - 2)
		return -E2BIG;
	ring->off_mask = (1UL << ring->off_bits) - 1;
	ring->index_mask = (1UL << (ring->lap_shift - ring->off_bits)) - 1;

	ring->subbuf_size = subbuf_size;
	ring->n_subbufs = n_subbufs;
	ring->sub = (struct relay_subbuf *)(control + 1);
	first = first_lap << ring->lap_shift;
	for (i = 0; i < n_subbufs; i++)
		relay_subbuf_init(ring, i, first);
	for (i = 0; i < RELAY_NOTES; i++) {
		relay_word_set(&control->note[i].begin, first);
		relay_word_set(&control->note[i].end, first);
	}
	relay_word_set(&control->reserve, first - relay_ring_lap(ring) +
		       ((unsigned long)(n_subbufs - 1) << ring->off_bits) +
		       subbuf_size);
	atomic_long_set(&control->consumed, first);
	atomic_long_set(&control->reset, first);
	return 0;
}
