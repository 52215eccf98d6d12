// SPDX-License-Identifier: GPL-2.0
/*
 * Where the words of a ring's control are, for whoever finds one after a crash.
 *
 * Builds unchanged in user space.
 */
#include <linux/stddef.h>
#include <uapi/linux/relay.h>
#include "ring.h"
#include "layout.h"

#define CONTROL(member)	offsetof(struct relay_ring_control, member)
#define SUBBUF(member)	offsetof(struct relay_subbuf, member)

#if BITS_PER_LONG == 64
#define TIME(member)	(SUBBUF(member) + offsetof(struct relay_time, time))
#else
#define TIME(member)	(SUBBUF(member) + offsetof(struct relay_time, half))
#endif

const struct relay_ring_layout relay_ring_layout = {
	.word_size	= sizeof(unsigned long),
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
	.begin_time	= TIME(begin_time),
	.end_time	= SUBBUF(end_time),
};
