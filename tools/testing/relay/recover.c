// SPDX-License-Identifier: GPL-2.0
#include "recover.h"

struct extent {
	unsigned long begin;
	unsigned long end;
};

static unsigned long lap_size(const struct relay_ring *ring)
{
	return 1UL << ring->lap_shift;
}

/* Where the padding starts, as far as anything says so. */
static unsigned long used_end(const struct relay_ring *ring,
			      const struct relay_subbuf *sub,
			      unsigned long start)
{
	if (relay_pos_start(ring, sub->closed) == start)
		return sub->closed;
	return start + ring->subbuf_size;
}

static void report(unsigned long begin, unsigned long end, unsigned long used,
		   recover_fn *fn, void *data)
{
	if ((long)(used - end) < 0)
		end = used;
	if ((long)(end - begin) > 0)
		fn(data, begin, end);
}

/* The notes of the lap that starts at @start which reach above @from. */
static int collect_notes(const struct relay_ring *ring, unsigned long start,
			 unsigned long from, struct extent *extent)
{
	int i, n = 0;

	for (i = 0; i < RELAY_NOTES; i++) {
		const struct relay_note *note = &ring->control->note[i];
		struct extent e = {
			relay_word_read(&note->begin),
			relay_word_read(&note->end),
		};

		if (relay_pos_start(ring, e.begin) == start &&
		    relay_pos_start(ring, e.end) == start &&
		    (long)(e.end - e.begin) > 0 && (long)(e.end - from) > 0)
			extent[n++] = e;
	}
	return n;
}

static unsigned long recover_open(const struct relay_ring *ring,
				  const struct relay_subbuf *sub,
				  unsigned long start, unsigned long contiguous,
				  recover_fn *fn, void *data)
{
	unsigned long used = used_end(ring, sub, start), bytes, from;
	struct extent extent[RELAY_NOTES];
	int i, n = collect_notes(ring, start, contiguous, extent);

	report(start, contiguous, used, fn, data);
	bytes = contiguous - start;
	for (i = 0; i < n; i++) {
		from = extent[i].begin;
		/* A note of which the mark has covered a part. */
		if ((long)(contiguous - from) > 0)
			from = contiguous;
		report(from, extent[i].end, used, fn, data);
		bytes += extent[i].end - from;
	}
	return bytes;
}

unsigned long recover_subbuf(const struct relay_ring *ring, unsigned int index,
			     recover_fn *fn, void *data)
{
	const struct relay_subbuf *sub = &ring->sub[index];
	unsigned long state = atomic_long_read(&sub->state);
	unsigned long start = relay_pos_start(ring, state);
	unsigned long contiguous = relay_word_read(&sub->contiguous);
	unsigned long committed = relay_word_read(&sub->committed);

	if ((state & 3) == RELAY_DELIVERED) {
		report(start, start + ring->subbuf_size,
		       used_end(ring, sub, start), fn, data);
		return ring->subbuf_size;
	}
	start += lap_size(ring);
	if (relay_pos_start(ring, contiguous) != start ||
	    committed == start + ring->subbuf_size) {
		report(start, start + ring->subbuf_size,
		       used_end(ring, sub, start), fn, data);
		return ring->subbuf_size;
	}
	return recover_open(ring, sub, start, contiguous, fn, data);
}
