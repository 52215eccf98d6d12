// SPDX-License-Identifier: GPL-2.0
/*
 * Offsets of the words of a ring's control, for a reader after a crash.
 *
 * This file builds unchanged in user space.
 */
#include <linux/stddef.h>
#include <uapi/linux/relay.h>
#include "ring.h"

#define CONTROL(member)	offsetof(struct relay_ring_control, member)
#define SUBBUF(member)	offsetof(struct relay_subbuf, member)

const struct relay_ring_layout relay_ring_layout = {
	.word_size	= sizeof(unsigned long),
	.control_size	= sizeof(struct relay_ring_control),
	.reserve	= CONTROL(reserve),
	.consumed	= CONTROL(consumed),
	.reset		= CONTROL(reset),
	.overwritten	= CONTROL(overwritten),
	.erased		= CONTROL(erased),
	.discarded	= CONTROL(discarded),
	.unnoted	= CONTROL(unnoted),
	.lost		= CONTROL(lost),
	.lost_nmi	= CONTROL(lost_nmi),
	.note		= CONTROL(note),
	.note_size	= sizeof(struct relay_note),
	.note_end	= offsetof(struct relay_note, end),
	.n_notes	= RELAY_NOTES,
	.subbuf_stride	= sizeof(struct relay_subbuf),
	/* On a 64-bit kernel these are the two halves of @committed. */
#if BITS_PER_LONG == 32
	.committed	= SUBBUF(committed),
	.records	= SUBBUF(records),
#else
	.committed	= SUBBUF(committed) + 4 * RELAY_TIME_LOW,
	.records	= SUBBUF(committed) + 4 * RELAY_TIME_HIGH,
#endif
	.contiguous	= SUBBUF(contiguous),
	.closed		= SUBBUF(closed),
	.state		= SUBBUF(state),
	.total		= SUBBUF(total),
	.n_records	= SUBBUF(n_records),
	.lost_before	= SUBBUF(lost),
	.begin_time	= SUBBUF(begin_time),
	.end_time	= SUBBUF(end_time),
	.check		= SUBBUF(check),
	.last_time	= CONTROL(last_time),
};
