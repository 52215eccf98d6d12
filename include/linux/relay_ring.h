/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The relay ring: layout and fast path.
 *
 * Clients include <linux/relay.h>. This header has its write path, because
 * kernel/relay/ring.c and its user-space tests need nothing else.
 * The protocol is explained in the DOC block of kernel/relay/ring.c.
 */
#ifndef _LINUX_RELAY_RING_H
#define _LINUX_RELAY_RING_H

#include <linux/types.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/local.h>
#include <uapi/linux/relay.h>

/*
 * A word that writers contend for. A CPU's ring changes it by CPU-local operations, a
 * global ring by full atomics. While writers use a ring it uses only one kind.
 */
union relay_word {
	local_t		local;
	atomic_long_t	atomic;
};

/*
 * A time that several contexts store, and any context may load: one word, or on a
 * 32-bit kernel two halves and a version, which is odd while a context stores the
 * halves.
 */
struct relay_time {
#if BITS_PER_LONG == 64
	u64		time;
#else
	atomic_long_t	version;
	u32		half[2];
#endif
};

#define RELAY_TIME_LOW	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#define RELAY_TIME_HIGH	(!RELAY_TIME_LOW)

/*
 * Positions
 *
 * A position is one word: | lap | sub-buffer index | offset |. The offset runs
 * from 0 to subbuf_size inclusive; an offset of subbuf_size says that the
 * sub-buffer is closed. The index runs from 0 to n_subbufs - 1 and carries
 * into the lap, so no size needs to be a power of two, and no operation divides.
 * Positions compare by signed difference.
 */

/**
 * struct relay_subbuf - control of one sub-buffer
 * @committed:	bytes committed in this lap, in whatever order, less one until the
 *		writer that entered the lap has stored @begin_time. The writer whose
 *		add makes it subbuf_size delivers. On a 64-bit kernel the low 32 bits
 *		count the bytes, and the high 32 bits the records ever committed
 *		here, so that one add counts both.
 * @records:	on a 32-bit kernel, records ever committed here
 * @contiguous:	position up to which every byte of this lap is committed
 * @closed:	position at which a writer closed this sub-buffer in the last lap
 *		that was closed; its offset is the number of bytes before the padding
 * @state:	start position of the last lap that was delivered, plus
 *		RELAY_DELIVERED or RELAY_CONSUMED. The other bits of the offset count
 *		how often positions have wrapped.
 * @total:	records committed here in delivered laps
 * @n_records:	records of the delivered lap
 * @lost:	records that the ring had lost, in all, just before this lap was closed
 * @begin_time:	ring clock just before this lap was entered
 * @end_time:	ring clock just before this lap was closed
 * @check:	for a reader after a crash: exclusive or of @closed, @lost and @end_time;
 *		once the lap is delivered also of @n_records, @total, @begin_time and
 *		@state with RELAY_DELIVERED. On a 32-bit kernel it includes both halves
 *		of each time.
 *
 * The writer that enters a lap writes @begin_time; the writer that closes it @closed,
 * @lost, @end_time and @check; the writer that delivers it @total, @n_records and
 * @check. The lap cannot be delivered before the first two have written theirs.
 * All are stable while @state says RELAY_DELIVERED.
 */
struct relay_subbuf {
	union relay_word	committed;
#if BITS_PER_LONG == 32
	union relay_word	records;
#endif
	union relay_word	contiguous;
	unsigned long		closed;
	atomic_long_t		state;
	unsigned long		total;
	unsigned long		n_records;
	unsigned long		lost;
	u64			begin_time;
	u64			end_time;
	unsigned long		check;
};

#define RELAY_DELIVERED		1UL
#define RELAY_CONSUMED		2UL
#define RELAY_STATE_BITS	2

/**
 * struct relay_note - an extent committed above an open reservation
 * @begin:	position of its first byte
 * @end:	position after its last byte; below @begin while a writer takes or
 *		frees the note
 */
struct relay_note {
	union relay_word	begin;
	union relay_word	end;
};

/*
 * Number of notes of a ring. Extents that touch share a note, so a CPU's ring needs a
 * note for each level of nesting below its innermost writer. A global ring needs as many
 * for each CPU that is inside a write. A writer that finds no free note counts its
 * extent in @unnoted of the ring's control.
 */
#define RELAY_NOTES		16

/**
 * struct relay_ring_control - words that writers and readers of one ring share
 * @reserve:	position of the next reservation
 * @last_time:	time of the newest reservation, by relay_record_ops; 0 if it was discarded
 * @overwritten: records in sub-buffers that were delivered and overwritten unread
 * @discarded:	records given up by their writer
 * @unnoted:	extents committed above an open reservation for which no note was
 *		free: a crash before that reservation is committed loses the extents
 * @lost:	records refused, by RELAY_LOST_*
 * @lost_nmi:	records refused in an NMI, see relay_ring_refuse_nmi(); readers find
 *		them in RELAY_LOST_NESTED
 * @note:	extents committed above an open reservation
 * @consumed:	start position of the oldest sub-buffer not yet consumed
 * @reset:	sub-buffers that start before this position are thrown away; its
 *		lowest bit makes the number of set bits even
 * @erased:	records in sub-buffers that were thrown away
 *
 * Has no pointers, so that another kernel can read it after a crash.
 */
struct relay_ring_control {
	union relay_word	reserve;
	struct relay_time	last_time;

	union relay_word	overwritten ____cacheline_aligned;
	union relay_word	discarded;
	union relay_word	unnoted;
	union relay_word	lost[RELAY_LOST_REASONS];
	unsigned long		lost_nmi;
	struct relay_note	note[RELAY_NOTES];

	atomic_long_t		consumed ____cacheline_aligned;
	atomic_long_t		reset;
	atomic_long_t		erased;
};

struct relay_ring;

/**
 * struct relay_ring_ops - what a ring asks of the channel above it
 * @clock:	time stamp for begin_time and end_time; may be NULL
 * @begin:	fills the header of the sub-buffer that starts at position @pos
 * @end:	the sub-buffer that starts at @pos holds @used bytes and is about
 *		to be delivered; its header can still be completed
 * @deliver:	the sub-buffer that starts at @pos can be read
 * @admit:	decides, instead of the ring, whether a writer may enter the sub-buffer
 *		after the closed position @pos, and calls relay_ring_enter(); may be
 *		NULL
 *
 * All run in the context of the writer, NMI included, with preemption off.
 */
struct relay_ring_ops {
	u64 (*clock)(void);
	void (*begin)(struct relay_ring *ring, unsigned long pos);
	void (*end)(struct relay_ring *ring, unsigned long pos, unsigned long used);
	void (*deliver)(struct relay_ring *ring, unsigned long pos);
	int (*admit)(struct relay_ring *ring, unsigned long pos);
};

/**
 * struct relay_ring - one ring, as the running kernel sees it
 * @control:	the shared words
 * @sub:	control of each sub-buffer
 * @data:	the sub-buffers, virtually contiguous
 * @subbuf_size: bytes of a sub-buffer
 * @off_mask:	the bits of a position's offset
 * @index_mask:	the bits of a position's index, shifted down by @off_bits
 * @off_bits:	width of a position's offset
 * @global:	all CPUs write to this ring
 * @overwrite:	a full ring overwrites its oldest sub-buffer
 * @disabled:	no writer enters another sub-buffer
 * @n_subbufs:	number of sub-buffers
 * @header_size: bytes that @ops->begin fills at the start of a sub-buffer
 * @lap_shift:	lowest bit of a position's lap
 * @lap:	1 << @lap_shift: what a lap adds to a position
 * @ops:	callbacks
 *
 * Read-mostly. The fields that every write needs come first, for one cache line. Once
 * writers use the ring, only @disabled changes, and @header_size where @ops->admit sets it.
 */
struct relay_ring {
	struct relay_ring_control *control;
	struct relay_subbuf	*sub;
	void			*data;
	unsigned long		subbuf_size;
	unsigned long		off_mask;
	unsigned int		index_mask;
	u8			off_bits;
	bool			global;
	bool			overwrite;
	bool			disabled;
	unsigned int		n_subbufs;
	unsigned int		header_size;
	u8			lap_shift;
	unsigned long		lap;
	const struct relay_ring_ops *ops;
};

/**
 * struct relay_slot - a reservation
 * @data:	where to write: after the record's header, if its relay_record_ops
 *		have one
 * @ring:	the ring
 * @sub:	the sub-buffer
 * @begin:	position of the first byte that is reserved
 * @size:	bytes that are reserved
 * @expected:	value of the byte count of @sub once this record and all bytes below
 *		it are committed. In a record that closes its sub-buffer it is
 *		RELAY_SETTLE, which no count reaches, because the commit may have to
 *		deliver.
 * @time:	the record's time, by relay_record_ops
 * @last_time:	time of a record that a reader certainly finds before this record,
 *		or of one in an earlier sub-buffer, or 0. A client can store the
 *		difference in a short header. 0 in a record that interrupts another
 *		record, because the interrupted record may be discarded, or be missing
 *		after a crash
 */
struct relay_slot {
	void			*data;
	struct relay_ring	*ring;
	struct relay_subbuf	*sub;
	unsigned long		begin;
	unsigned long		size;
	unsigned long		expected;
	u64			time;
	u64			last_time;
};

#define RELAY_SETTLE		U32_MAX

/**
 * struct relay_record_ops - a client's record format
 * @clock:	time stamp; callable in any context, never goes back on a CPU
 *		(in a global ring: on any CPU)
 * @header_size: bytes of header of a record that would start at @offset of the
 *		sub-buffer; can use @slot->time and @slot->last_time. NULL for none
 * @header:	writes the header at @at; can use @slot->time. NULL for none
 *
 * The reserve loop calls @clock and @header_size again on every retry, so that time
 * never goes back within a ring whatever nests. If a record does not fit, the loop also
 * asks for its size at the start of a sub-buffer: a record that does not fit there is
 * too big. The calls are inlined if relay_slot_reserve_ops() gets the address of a static
 * const object.
 *
 * @slot is the object that the client passed to relay_slot_reserve_ops(). A client may
 * embed it in a structure of its own, and find that structure with container_of().
 */
struct relay_record_ops {
	u64 (*clock)(void);
	size_t (*header_size)(const struct relay_slot *slot, size_t offset);
	void (*header)(const struct relay_slot *slot, void *at);
};

static __always_inline unsigned long
relay_word_read(const union relay_word *word)
{
	return atomic_long_read(&word->atomic);
}

static __always_inline void
relay_word_set(union relay_word *word, unsigned long value)
{
	atomic_long_set(&word->atomic, value);
}

static __always_inline bool
relay_word_try_cmpxchg(union relay_word *word, unsigned long *old, unsigned long new, bool global)
{
	return global ? atomic_long_try_cmpxchg(&word->atomic, (long *)old, new) :
			local_try_cmpxchg(&word->local, (long *)old, new);
}

static __always_inline unsigned long
relay_word_add_return(union relay_word *word, unsigned long value, bool global)
{
	return global ? atomic_long_add_return(value, &word->atomic) :
			local_add_return(value, &word->local);
}

static __always_inline void
relay_word_add(union relay_word *word, unsigned long value, bool global)
{
	if (global)
		atomic_long_add(value, &word->atomic);
	else
		local_add(value, &word->local);
}

/*
 * RELAY_RECORD is what a writer adds to @committed of a sub-buffer for a record, besides
 * its bytes. On a 32-bit kernel relay_subbuf_count_record() counts the record instead.
 */
#if BITS_PER_LONG == 64

#define RELAY_RECORD		BIT(32)

static __always_inline void relay_subbuf_count_record(struct relay_subbuf *sub, bool global)
{
}

static __always_inline u64 relay_time_read(const struct relay_time *time)
{
	return READ_ONCE(time->time);
}

static __always_inline void relay_time_set(struct relay_time *time, u64 value)
{
	WRITE_ONCE(time->time, value);
}

#else

#define RELAY_RECORD		0UL

static __always_inline void relay_subbuf_count_record(struct relay_subbuf *sub, bool global)
{
	relay_word_add(&sub->records, 1, global);
}

/* Return: the time, or 0 while a context stores another time. */
static inline u64 relay_time_read(const struct relay_time *time)
{
	/*
	 * Guarantee that the two halves are not from two different stores.
	 * Pairs with LMM(relay_time_set:A) and LMM(relay_time_set:B).
	 */
	long version = atomic_long_read_acquire(&time->version);
							/* LMM(relay_time_read:A) */
	u64 value = (u64)READ_ONCE(time->half[RELAY_TIME_HIGH]) << 32 |
		    READ_ONCE(time->half[RELAY_TIME_LOW]);

	smp_rmb(); /* LMM(relay_time_read:B) */
	if (version & 1 || atomic_long_read(&time->version) != version)
		return 0;
	return value;
}

/*
 * If another store is already in progress, skip this one: readers can use the time of
 * any earlier reservation, or 0.
 */
static inline void relay_time_set(struct relay_time *time, u64 value)
{
	long version = atomic_long_read(&time->version);

	/*
	 * Guarantee that the version becomes odd before a half changes, and even
	 * after both have changed. The cmpxchg is a full barrier.
	 * Pairs with LMM(relay_time_read:A) and LMM(relay_time_read:B).
	 */
	if (version & 1 ||
	    !atomic_long_try_cmpxchg(&time->version, &version, version + 1))
		return; /* LMM(relay_time_set:A) */
	WRITE_ONCE(time->half[RELAY_TIME_LOW], (u32)value);
	WRITE_ONCE(time->half[RELAY_TIME_HIGH], (u32)(value >> 32));
	atomic_long_set_release(&time->version, version + 2);
						/* LMM(relay_time_set:B) */
}

#endif

static __always_inline unsigned long
relay_pos_offset(const struct relay_ring *ring, unsigned long pos)
{
	return pos & ring->off_mask;
}

static __always_inline unsigned long
relay_pos_start(const struct relay_ring *ring, unsigned long pos)
{
	return pos & ~ring->off_mask;
}

static __always_inline unsigned int
relay_pos_index(const struct relay_ring *ring, unsigned long pos)
{
	return (pos >> ring->off_bits) & ring->index_mask;
}

static __always_inline struct relay_subbuf *
relay_pos_subbuf(const struct relay_ring *ring, unsigned long pos)
{
	return &ring->sub[relay_pos_index(ring, pos)];
}

/* Where the sub-buffer of @pos begins. */
static __always_inline void *
relay_pos_data(const struct relay_ring *ring, unsigned long pos)
{
	return ring->data + relay_pos_index(ring, pos) * ring->subbuf_size;
}

static __always_inline void *
relay_pos_address(const struct relay_ring *ring, unsigned long pos)
{
	return relay_pos_data(ring, pos) + relay_pos_offset(ring, pos);
}

int relay_ring_make_room(struct relay_ring *ring, unsigned long pos, size_t size, size_t need);
void relay_ring_publish_above(struct relay_ring *ring, struct relay_subbuf *sub,
			      unsigned long begin, unsigned long end, unsigned long add);
void relay_ring_settle(struct relay_ring *ring, struct relay_subbuf *sub,
		       unsigned long begin, unsigned long end, u32 committed);
bool relay_ring_try_discard(struct relay_slot *slot);
void relay_ring_discard(struct relay_slot *slot);
int relay_ring_refuse_nmi(struct relay_ring *ring);

/*
 * Time of a record that a reader certainly finds before a record at @pos, or 0. It is 0
 * if a reservation below @pos is open, because the writer of that may still discard it,
 * or the machine die before its commit.
 */
static __always_inline u64
relay_record_last_time(const struct relay_ring *ring, unsigned long pos)
{
	const struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);

	/*
	 * If this reads a @contiguous stored after LMM(relay_ring_publish:A), then
	 * @last_time, read below, is not that of a record which was discarded.
	 *
	 * Relies on smp_wmb() from relay_ring_publish:A to this.
	 */
	if ((unsigned long)atomic_long_read_acquire(&sub->contiguous.atomic) != pos)
		return 0; /* LMM(relay_record_last_time:A) */
	/* Read after @pos: if a later writer stored it, the caller's cmpxchg fails. */
	return relay_time_read(&ring->control->last_time);
}

/*
 * Bytes that @slot needs for a payload of @len at @offset of a sub-buffer; SIZE_MAX if
 * the sum overflows.
 */
static __always_inline size_t
relay_record_size(struct relay_slot *slot, unsigned long offset, size_t len,
		  const struct relay_record_ops *ops)
{
	size_t header, size;

	if (!ops)
		return len;
	slot->time = ops->clock();
	header = ops->header_size ? ops->header_size(slot, offset) : 0;
	size = header + len;
	return size < header ? SIZE_MAX : size;
}

/* Describe a reservation of @size bytes at @pos, the offset of which is @offset. */
static __always_inline void
relay_slot_set(struct relay_slot *slot, struct relay_ring *ring,
	       unsigned long pos, unsigned long offset, size_t size,
	       unsigned long expected)
{
	slot->ring = ring;
	slot->sub = relay_pos_subbuf(ring, pos);
	slot->begin = pos;
	slot->size = size;
	slot->expected = expected;
	slot->data = relay_pos_data(ring, pos) + offset;
}

/*
 * Reserve @len bytes, plus a header by @ops. The caller keeps preemption off until
 * the commit or discard.
 */
static __always_inline int
relay_ring_reserve(struct relay_ring *ring, struct relay_slot *slot, size_t len,
		   const struct relay_record_ops *ops, bool global)
{
	struct relay_ring_control *control = ring->control;
	unsigned long pos = relay_word_read(&control->reserve);
	unsigned long offset;
	size_t size, left, need;
	unsigned long expected;
	int err;

	for (;;) {
		offset = relay_pos_offset(ring, pos);
		left = ring->subbuf_size - offset;
		slot->last_time = ops ? relay_record_last_time(ring, pos) : 0;
		size = relay_record_size(slot, offset, len, ops);
		expected = offset + size;
		/* A size of 0 wraps here, so that relay_ring_make_room() refuses it. */
		if (unlikely(size - 1 >= left) || unlikely(size == left)) {
			need = size;
			if (ops && size != left) {
				/* The header may be shorter in another sub-buffer. */
				slot->last_time = relay_time_read(&control->last_time);
				need = relay_record_size(slot, READ_ONCE(ring->header_size),
							 len, ops);
			}
			err = relay_ring_make_room(ring, pos, size, need);
			if (err < 0)
				return err;
			if (err) {
				expected = RELAY_SETTLE;
				break;
			}
			pos = relay_word_read(&control->reserve);
			continue;
		}
		if (likely(relay_word_try_cmpxchg(&control->reserve, &pos, pos + size, global)))
			break;
	}

	relay_slot_set(slot, ring, pos, offset, size, expected);
	if (ops) {
		/* May replace the time of a writer that interrupts here: an older one is safe. */
		relay_time_set(&control->last_time, slot->time);
		if (ops->header)
			ops->header(slot, slot->data);
		slot->data += size - len;
	} else {
		slot->time = 0;
	}
	return 0;
}

/*
 * The fast path of relay_ring_reserve(), for records without a header: one cmpxchg.
 * Return: false if that is not enough; then nothing has changed.
 */
static __always_inline bool
relay_ring_try_reserve(struct relay_ring *ring, struct relay_slot *slot, size_t len, bool global)
{
	struct relay_ring_control *control = ring->control;
	unsigned long pos = relay_word_read(&control->reserve);
	unsigned long offset = relay_pos_offset(ring, pos);

	if (unlikely(!len || len >= ring->subbuf_size - offset) ||
	    unlikely(!relay_word_try_cmpxchg(&control->reserve, &pos, pos + len, global)))
		return false;

	relay_slot_set(slot, ring, pos, offset, len, offset + len);
	slot->time = 0;
	slot->last_time = 0;
	return true;
}

/*
 * Publish @size bytes of @sub from @begin on, records and padding alike; @add is
 * what they add to @committed of @sub.
 *
 * Store @contiguous before @committed, so that a reader after a crash finds the record
 * at every instruction after that. While @contiguous is at @begin no other context moves
 * it, because the reservation at @begin is open.
 */
static __always_inline void
relay_ring_publish(struct relay_ring *ring, struct relay_subbuf *sub,
		   unsigned long begin, unsigned long size, unsigned long add,
		   unsigned long expected, bool global)
{
	unsigned long end = begin + size;
	u32 committed;

	/*
	 * Guarantee that the bytes are visible before @contiguous and @committed
	 * cover them. Pairs with LMM(relay_ring_peek:A), LMM(relay_ring_partial:A)
	 * and LMM(relay_record_last_time:A).
	 */
	smp_wmb(); /* LMM(relay_ring_publish:A) */

	if (unlikely(relay_word_read(&sub->contiguous) != begin)) {
		relay_ring_publish_above(ring, sub, begin, end, add);
		return;
	}
	relay_word_set(&sub->contiguous, end);
	committed = relay_word_add_return(&sub->committed, add, global);
	/* Either bytes above are committed, or the sub-buffer may be complete. */
	if (unlikely(committed != (u32)expected))
		relay_ring_settle(ring, sub, begin, end, committed);
}

static __always_inline void
relay_ring_commit(struct relay_slot *slot, bool global)
{
	/*
	 * Read the two fields that no other line reads: the compiler keeps a slot in
	 * registers only if all its fields are used. On the stack
	 * CONFIG_INIT_STACK_ALL_ZERO would clear it first, which costs as much as the
	 * rest of the commit.
	 */
	asm volatile("" : : "g" (slot->time), "g" (slot->last_time));
	relay_subbuf_count_record(slot->sub, global);
	relay_ring_publish(slot->ring, slot->sub, slot->begin, slot->size,
			   slot->size | RELAY_RECORD, slot->expected, global);
}

/*
 * Reserve @len bytes, copy @data there and commit, or fail as relay_ring_try_reserve()
 * does. The caller has preemption off.
 */
static __always_inline bool
relay_ring_try_write(struct relay_ring *ring, const void *data, size_t len, bool global)
{
	struct relay_slot slot;

	if (!relay_ring_try_reserve(ring, &slot, len, global))
		return false;
	memcpy(slot.data, data, len);
	relay_ring_commit(&slot, global);
	return true;
}

/**
 * relay_slot_interrupts - did this reservation interrupt another write?
 * @slot: a reservation that is not yet committed
 *
 * Return: true while a reservation below @slot is open, or its commit is under way. In
 * a CPU's ring that is one that @slot interrupted.
 */
static inline bool relay_slot_interrupts(const struct relay_slot *slot)
{
	return relay_word_read(&slot->sub->contiguous) != slot->begin;
}

#endif /* _LINUX_RELAY_RING_H */
