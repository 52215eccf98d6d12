/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The relay ring: set-up, switch and reader side.
 */
#ifndef _KERNEL_RELAY_RING_H
#define _KERNEL_RELAY_RING_H

#include <linux/relay_ring.h>

/* Is the sub-buffer closed in which the ring stands at @pos? */
static inline bool relay_pos_closed(const struct relay_ring *ring, unsigned long pos)
{
	return relay_pos_offset(ring, pos) == ring->subbuf_size;
}

/**
 * struct relay_span - committed bytes that a reader may look at
 * @pos:	start position of the sub-buffer
 * @state:	state of the sub-buffer when it is delivered
 * @data:	first byte of the sub-buffer
 * @missed:	sub-buffers between the cursor and this one that were
 *		overwritten, or consumed by another reader
 * @info:	the sub-buffer, by relay_subbuf_describe(). By relay_ring_partial(), used
 *		is the number of contiguous committed bytes, and records is 0
 */
struct relay_span {
	unsigned long	pos;
	unsigned long	state;
	void		*data;
	unsigned long	missed;
	struct relay_subbuf_info info;
};

/* layout.c: where a reader finds the words of a ring after a crash */
extern const struct relay_ring_layout relay_ring_layout;

int relay_ring_init(struct relay_ring *ring, size_t subbuf_size,
		    size_t n_subbufs, unsigned long first_lap);

/* Start position of the sub-buffer after that of @pos. */
static inline unsigned long relay_pos_next(const struct relay_ring *ring, unsigned long pos)
{
	if (relay_pos_index(ring, pos) + 1 == ring->n_subbufs)
		return (pos | (ring->lap - 1)) + 1;
	return (pos | ring->off_mask) + 1;
}

/* Start position of the sub-buffer before that of @pos. */
static inline unsigned long relay_pos_previous(const struct relay_ring *ring, unsigned long pos)
{
	if (!relay_pos_index(ring, pos))
		pos += ((unsigned long)ring->n_subbufs << ring->off_bits) - ring->lap;
	return relay_pos_start(ring, pos) - ring->off_mask - 1;
}

/* Number of the sub-buffer of @pos, from 0; it wraps when the lap of a position does. */
static inline unsigned long relay_pos_sequence(const struct relay_ring *ring, unsigned long pos)
{
	return (pos >> ring->lap_shift) * ring->n_subbufs + relay_pos_index(ring, pos);
}

/* Bytes of a ring's control, and of the sub-buffers' control after it. */
static inline size_t relay_ring_control_size(unsigned int n_subbufs)
{
	return sizeof(struct relay_ring_control) + (size_t)n_subbufs * sizeof(struct relay_subbuf);
}

/* Records that the ring has lost, in all. */
static inline unsigned long relay_ring_lost(const struct relay_ring *ring)
{
	unsigned long lost = READ_ONCE(ring->control->lost_nmi);
	unsigned int i;

	for (i = 0; i < RELAY_LOST_REASONS; i++)
		lost += relay_word_read(&ring->control->lost[i]);
	return lost;
}

/*
 * Describe the lap that starts at @pos and has @used bytes before its padding, with the
 * sequence of relay_pos_sequence().
 */
static inline void relay_subbuf_describe(const struct relay_ring *ring, unsigned long pos,
					 unsigned long used, struct relay_subbuf_info *info)
{
	const struct relay_subbuf *sub = relay_pos_subbuf(ring, pos);

	info->sequence = relay_pos_sequence(ring, pos);
	info->begin_time = READ_ONCE(sub->begin_time);
	info->end_time = READ_ONCE(sub->end_time);
	info->lost = READ_ONCE(sub->lost);
	info->used = used;
	info->padding = ring->subbuf_size - used;
	info->records = READ_ONCE(sub->n_records);
	info->pad = 0;
}

int relay_ring_enter(struct relay_ring *ring, unsigned long pos, bool overwrite);

/**
 * relay_ring_admit - enter the next sub-buffer, if the channel allows it
 * @ring: the ring
 * @pos: the reserve position, of a closed sub-buffer
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: as relay_ring_enter(), or what @ring->ops->admit returns.
 */
static inline int relay_ring_admit(struct relay_ring *ring, unsigned long pos)
{
	if (ring->ops->admit)
		return ring->ops->admit(ring, pos);
	return relay_ring_enter(ring, pos, ring->overwrite);
}

void relay_ring_flush(struct relay_ring *ring);
void relay_ring_reset(struct relay_ring *ring);
void relay_ring_disable(struct relay_ring *ring);
void relay_ring_hold(struct relay_ring *ring);

int relay_ring_peek(struct relay_ring *ring, unsigned long *cursor, struct relay_span *span);
bool relay_ring_partial(struct relay_ring *ring, unsigned long cursor, struct relay_span *span);
bool relay_ring_intact(struct relay_ring *ring, const struct relay_span *span);
bool relay_ring_find(struct relay_ring *ring, unsigned long pos, struct relay_span *span);
void relay_ring_erase(struct relay_ring *ring);
bool relay_ring_consume(struct relay_ring *ring, const struct relay_span *span);
bool relay_ring_full(const struct relay_ring *ring);
void relay_ring_count(const struct relay_ring *ring, struct relay_counters *counters);

#endif /* _KERNEL_RELAY_RING_H */
