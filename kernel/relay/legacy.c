// SPDX-License-Identifier: GPL-2.0
/*
 * What only channels with a subbuf_start callback need: its gate.
 *
 * The callback decides whether the next sub-buffer is entered, and reserves its
 * header. It was written for writers that do not nest, so one CPU at a time is in
 * it, for each buffer.
 */
#include <linux/preempt.h>
#include "internal.h"

/*
 * A write from within the callback, from an interrupt of it, or from an NMI is
 * refused. Another CPU, which only a global buffer has, waits: the CPU in the gate
 * has preemption off and waits for nothing.
 */
static bool relay_gate_lock(struct rchan_buf *buf)
{
	int me = smp_processor_id() + 1;
	int owner = 0;

	while (!try_cmpxchg_acquire(&buf->gate, &owner, me)) {
		if (owner == me || in_nmi())
			return false;
		owner = 0;
		cpu_relax();
	}
	return true;
}

static int relay_ask_client(struct rchan_buf *buf, unsigned long pos)
{
	struct relay_ring *ring = &buf->ring;
	void *next = relay_pos_address(ring, relay_pos_next(ring, pos));
	void *prev = relay_pos_address(ring, relay_pos_start(ring, pos));

	/* Another CPU went through the gate before. */
	if (relay_word_read(&ring->control->reserve) != pos)
		return 0;

	if (READ_ONCE(buf->restart))
		prev = NULL;
	buf->start_reserve = 0;
	if (!buf->chan->cb->subbuf_start(buf, next, prev))
		return -ENOSPC;
	WRITE_ONCE(buf->restart, false);
	WRITE_ONCE(ring->header_size, buf->start_reserve);
	return relay_ring_enter(ring, pos, buf->start_reserve, true);
}

/**
 * relay_gate_admit - begin the next sub-buffer, if the client lets it
 * @ring: the ring of a channel with a subbuf_start callback
 * @pos: position at which the ring stands, closed
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: as relay_ring_admit().
 */
int relay_gate_admit(struct relay_ring *ring, unsigned long pos)
{
	struct rchan_buf *buf = relay_ring_buf(ring);
	int err;

	if (!relay_gate_lock(buf))
		return -EBUSY;
	err = relay_ask_client(buf, pos);
	/* Pairs with the acquire in relay_gate_lock(). */
	smp_store_release(&buf->gate, 0);
	return err;
}

/**
 * relay_buf_enter - enter a sub-buffer before there is a record for it
 * @buf: the buffer
 *
 * For clients that look into the next sub-buffer before they write.
 *
 * Context: As relay_gate_admit().
 */
void relay_buf_enter(struct rchan_buf *buf)
{
	struct relay_ring *ring = &buf->ring;
	unsigned long pos = relay_word_read(&ring->control->reserve);

	if (relay_pos_offset(ring, pos) == ring->subbuf_size &&
	    !READ_ONCE(ring->disabled))
		relay_ring_admit(ring, pos);
}
