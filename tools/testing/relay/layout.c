// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include "layout.h"

#define CONTROL(member)	offsetof(struct relay_ring_control, member)
#define SUBBUF(member)	offsetof(struct relay_subbuf, member)

/* The 8 bytes of a time, which a version can be in front of. */
#if BITS_PER_LONG == 64
#define BEGIN_TIME	SUBBUF(begin_time.time)
#else
#define BEGIN_TIME	SUBBUF(begin_time.low)
#endif

const struct relay_ring_layout ring_layout = {
	.word_size	= sizeof(long),
	.control_size	= sizeof(struct relay_ring_control),
	.reserve	= CONTROL(reserve),
	.consumed	= CONTROL(consumed),
	.reset		= CONTROL(reset),
	.delivered	= CONTROL(delivered),
	.overwritten	= CONTROL(overwritten),
	.erased		= CONTROL(erased),
	.discarded	= CONTROL(discarded),
	.lost		= CONTROL(lost),
	.note		= CONTROL(note),
	.note_size	= sizeof(struct relay_note),
	.note_end	= offsetof(struct relay_note, end),
	.n_notes	= RELAY_NOTES,
	.subbuf_stride	= sizeof(struct relay_subbuf),
	.committed	= SUBBUF(committed),
	.contiguous	= SUBBUF(contiguous),
	.records	= SUBBUF(records),
	.closed		= SUBBUF(closed),
	.state		= SUBBUF(state),
	.n_records	= SUBBUF(n_records),
	.lost_before	= SUBBUF(lost),
	.begin_time	= BEGIN_TIME,
	.end_time	= SUBBUF(end_time),
};
