// SPDX-License-Identifier: GPL-2.0
/*
 * A sub-buffer of a found bank: its lap, and its committed bytes. If words of its control
 * do not agree, it is marked as doubted.
 */
#include <string.h>
#include "parse.h"

/**
 * struct relay_lap - a lap of a sub-buffer
 * @buf:	the buffer
 * @index:	index of the sub-buffer
 * @control:	control of the sub-buffer
 * @start:	position at which the lap starts
 * @entered:	position at which the last lap starts that the ring has entered
 * @committed:	byte count of the control; see &struct relay_ring_layout for this and the next
 * @state:	word of the control
 * @contiguous:	word of the control
 * @closed:	word of the control
 * @check:	word of the control
 */
struct relay_lap {
	const struct relay_found_buffer	*buf;
	unsigned int			index;
	const void			*control;
	__u64				start;
	__u64				entered;
	__u32				committed;
	__u64				state;
	__u64				contiguous;
	__u64				closed;
	__u64				check;
};

static __u64 relay_found_entered(const struct relay_found_buffer *buf, unsigned int index)
{
	const struct relay_found_channel *chan = buf->chan;
	__u64 lap = relay_found_lap(chan);
	__u64 start = (buf->reserve & ~(lap - 1)) + ((__u64)index << chan->off_bits);

	if (index > relay_found_index(chan, buf->reserve))
		start -= lap;
	return start & relay_found_mask(chan);
}

static void relay_read_lap(const struct relay_found_buffer *buf, unsigned int index,
			   struct relay_lap *lap)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	const void *control = relay_found_control(buf, index);

	lap->buf = buf;
	lap->index = index;
	lap->control = control;
	lap->state = relay_found_word(layout, control, layout->state);
	lap->start = relay_found_start(buf->chan, lap->state);
	lap->entered = relay_found_entered(buf, index);
	lap->committed = relay_found_count(control, layout->committed);
	lap->contiguous = relay_found_word(layout, control, layout->contiguous);
	lap->closed = relay_found_word(layout, control, layout->closed);
	lap->check = relay_found_word(layout, control, layout->check);
}

/* Return: position at which the next lap of the sub-buffer starts. */
static __u64 relay_next_lap(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	return (lap->start + relay_found_lap(chan)) & relay_found_mask(chan);
}

/* Return: the state of the lap when it was delivered. */
static __u64 relay_lap_state(const struct relay_lap *lap)
{
	return (lap->state & ~3ULL) | 1;
}

/*
 * Return: the state that an undelivered lap would get. @lap->state is still that of the
 * previous lap.
 */
static __u64 relay_next_state(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	__u64 before = relay_found_start(chan, lap->state);
	__u64 wraps = relay_found_offset(chan, lap->state) & ~3ULL;

	if (lap->start < before)
		wraps += 4;
	return lap->start | relay_found_offset(chan, wraps) | 1;
}

/* Return: a time, folded into a word as in a check word. */
static __u64 relay_found_fold(const struct relay_lap *lap, unsigned int offset)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	__u64 time = relay_found_time(lap->control, offset);

	return layout->word_size == sizeof(__u64) ? time : (__u32)(time ^ time >> 32);
}

/* Does the check word match what the writer that closed the lap has stored? */
static bool relay_lap_checked_closed(const struct relay_lap *lap)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;

	return lap->check == (lap->closed ^ relay_found_fold(lap, layout->end_time) ^
			      relay_found_word(layout, lap->control, layout->lost_before));
}

/* Does the check word match what the writer that delivered the lap, as @state, has stored? */
static bool relay_lap_checked(const struct relay_lap *lap, __u64 state)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	struct relay_lap closed = *lap;

	closed.check ^= relay_found_word(layout, lap->control, layout->n_records) ^
			relay_found_word(layout, lap->control, layout->total) ^
			relay_found_fold(lap, layout->begin_time) ^ state;
	return relay_lap_checked_closed(&closed);
}

/*
 * The lap is not delivered: does its check word match what the writer that closed it has
 * stored? If it is complete, its deliverer may have updated the check word.
 */
static bool relay_lap_described(const struct relay_lap *lap)
{
	return relay_lap_checked_closed(lap) ||
	       (lap->committed == lap->buf->chan->head.subbuf_size &&
		relay_lap_checked(lap, relay_next_state(lap)));
}

static bool relay_lap_closed(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	return relay_found_start(chan, lap->closed) == lap->start &&
	       relay_found_offset(chan, lap->closed) <= chan->head.subbuf_size;
}

/* Return: offset after the last byte before the padding. */
static __u32 relay_lap_used(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	return relay_lap_closed(lap) ? relay_found_offset(chan, lap->closed) :
				       chan->head.subbuf_size;
}

static void relay_set_whole(const struct relay_lap *lap,
			    struct relay_found_subbuf *sub)
{
	sub->info.used = relay_lap_used(lap);
	sub->info.padding = lap->buf->chan->head.subbuf_size - sub->info.used;
	sub->extent[0].begin = 0;
	sub->extent[0].end = sub->info.used;
	sub->n_extents = 1;
}

/* Insert an extent, sorted by begin; there are few. */
static void relay_add_extent(struct relay_found_subbuf *sub, __u32 begin, __u32 end)
{
	unsigned int i = sub->n_extents++;

	for (; i && sub->extent[i - 1].begin > begin; i--)
		sub->extent[i] = sub->extent[i - 1];
	sub->extent[i].begin = begin;
	sub->extent[i].end = end;
}

/*
 * Join extents that touch or overlap, and remove empty ones and bytes after @used.
 * Return: bytes of all extents.
 */
static __u32 relay_join_extents(struct relay_found_subbuf *sub, __u32 used)
{
	struct relay_found_extent *extent = sub->extent;
	unsigned int i, n = 0;
	__u32 bytes = 0;

	for (i = 0; i < sub->n_extents; i++) {
		struct relay_found_extent next = extent[i];

		if (n && next.begin < extent[n - 1].end)
			next.begin = extent[n - 1].end;
		if (next.end > used)
			next.end = used;
		if (next.begin >= next.end)
			continue;
		bytes += next.end - next.begin;
		if (n && next.begin == extent[n - 1].end)
			extent[n - 1].end = next.end;
		else
			extent[n++] = next;
	}
	sub->n_extents = n;
	sub->info.used = n ? extent[n - 1].end : 0;
	return bytes;
}

static void relay_add_notes(const struct relay_lap *lap,
			    struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	const struct relay_ring_layout *layout = &chan->bank->head.layout;
	unsigned int i;

	for (i = 0; i < layout->n_notes; i++) {
		const char *note = (const char *)lap->buf->control + layout->note +
				   i * layout->note_size;
		__u64 begin = relay_found_word(layout, note, 0);
		__u64 end = relay_found_word(layout, note, layout->note_end);

		if (relay_found_start(chan, begin) == lap->start &&
		    relay_found_start(chan, end) == lap->start && begin < end)
			relay_add_extent(sub, relay_found_offset(chan, begin),
					 relay_found_offset(chan, end));
	}
}

/* Is @offset of the lap before the ring's reserve position? */
static bool relay_lap_reached(const struct relay_lap *lap, __u32 offset)
{
	const struct relay_found_buffer *buf = lap->buf;

	return relay_found_start(buf->chan, buf->reserve) != lap->start ||
	       offset <= relay_found_offset(buf->chan, buf->reserve);
}

/*
 * Is the lap closed, as far as the reserve position and the extents show: the ring has
 * gone on, or the last byte is committed?
 */
static bool relay_lap_passed(const struct relay_lap *lap,
			     const struct relay_found_subbuf *sub)
{
	const struct relay_found_buffer *buf = lap->buf;

	return relay_found_start(buf->chan, buf->reserve) != lap->start ||
	       sub->info.used == buf->chan->head.subbuf_size;
}

/*
 * The lap was being filled. Two marks of its committed bytes must agree: the extents, that
 * is, @contiguous and the notes; and the count @committed.
 */
static void relay_set_open(const struct relay_lap *lap, struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	__u32 size = chan->head.subbuf_size;
	__u32 committed = lap->committed == RELAY_NO_BYTE ? 0 : lap->committed;
	__u32 bytes;

	relay_add_extent(sub, 0, relay_found_offset(chan, lap->contiguous));
	relay_add_notes(lap, sub);
	bytes = relay_join_extents(sub, size);
	sub->doubted = bytes != committed;
	/* An extent for which no note was free may be in this lap. */
	if (relay_found_word(&chan->bank->head.layout, lap->buf->control,
			     chan->bank->head.layout.unnoted))
		sub->doubted |= bytes < size && relay_lap_reached(lap, bytes + 1);
	if (!relay_lap_closed(lap))
		sub->doubted |= relay_lap_passed(lap, sub);
	else if (relay_lap_described(lap) && relay_lap_reached(lap, size))
		bytes = relay_join_extents(sub, relay_lap_used(lap));
	else
		sub->doubted = true;
	sub->doubted |= sub->info.records > bytes;
}

static void relay_set_descriptor(const struct relay_lap *lap,
				 struct relay_found_subbuf *sub)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	const void *control = lap->control;
	unsigned int why;

	sub->info.begin_time = relay_found_time(control, layout->begin_time);
	if (sub->delivered) {
		sub->info.records = relay_found_word(layout, control, layout->n_records);
		sub->info.lost = relay_found_word(layout, control, layout->lost_before);
		sub->info.end_time = relay_found_time(control, layout->end_time);
		return;
	}
	sub->info.records = relay_found_records(lap->buf, control);
	for (why = 0; why < RELAY_LOST_REASONS; why++)
		sub->info.lost += relay_found_lost(lap->buf, why);
}

/*
 * Was the lap thrown away by a reset? Only if its start is possible: the start of a damaged
 * lap says nothing.
 */
static bool relay_lap_reset(const struct relay_lap *lap)
{
	const struct relay_found_buffer *buf = lap->buf;

	return buf->reset_known && lap->start == lap->entered &&
	       relay_found_ahead(buf->chan, buf->reset, lap->start) > 0;
}

/* Are the marks as the deliverer has set them for the next lap? */
static bool relay_lap_rewound(const struct relay_lap *lap)
{
	return lap->contiguous == relay_next_lap(lap) && lap->committed == RELAY_NO_BYTE &&
	       !relay_found_records(lap->buf, lap->control);
}

/*
 * Return: RELAY_EMPTY if the lap has no seal. A seal with the same start but another count
 * of wraps is damaged, and casts doubt on the lap.
 */
static enum relay_verdict relay_check_seal(const struct relay_lap *lap,
					   struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	struct relay_bank_seal seal;

	memcpy(&seal, (const struct relay_bank_seal *)lap->buf->seal + lap->index,
	       sizeof(seal));
	if (seal.state != relay_lap_state(lap)) {
		sub->doubted |= seal.state &&
				relay_found_start(chan, seal.state) == lap->start;
		return RELAY_EMPTY;
	}
	sub->sealed = relay_sealed_crc(sub->data, &sub->info) == seal.crc;
	return sub->sealed ? RELAY_FOUND : RELAY_BAD_SEAL;
}

/*
 * The lap is delivered, or also consumed. It is valid if it matches its seal, or if its check
 * word matches and its start is possible.
 */
static enum relay_verdict relay_lap_delivered(const struct relay_lap *lap,
					      struct relay_found_subbuf *sub)
{
	bool placed = lap->start == lap->entered;
	bool checked = relay_lap_checked(lap, relay_lap_state(lap));
	enum relay_verdict verdict;

	sub->delivered = true;
	relay_set_whole(lap, sub);
	relay_set_descriptor(lap, sub);
	verdict = relay_check_seal(lap, sub);
	if (verdict == RELAY_BAD_SEAL)
		return verdict;
	if (!sub->sealed && !(placed && checked))
		return RELAY_BAD_STATE;
	sub->doubted |= !placed || !checked || !relay_lap_rewound(lap);
	return RELAY_FOUND;
}

/*
 * Every byte of the lap is committed, though @state is not delivered yet: either the
 * deliverer has moved @contiguous to the next lap, after it stored the check word, or the
 * count is that of a full lap.
 */
static enum relay_verdict relay_lap_whole(const struct relay_lap *lap,
					  struct relay_found_subbuf *sub)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;

	if (sub->delivered && !relay_lap_checked(lap, relay_next_state(lap)))
		return RELAY_BAD_STATE;
	relay_set_whole(lap, sub);
	if (!sub->info.records)
		sub->info.records = relay_found_word(layout, lap->control, layout->n_records);
	sub->doubted |= !sub->delivered && !relay_lap_described(lap);
	return RELAY_FOUND;
}

static enum relay_verdict relay_lap_open(const struct relay_lap *lap,
					 struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	if (relay_found_start(chan, lap->contiguous) != lap->start ||
	    relay_found_offset(chan, lap->contiguous) > chan->head.subbuf_size)
		return RELAY_BAD_STATE;
	relay_set_open(lap, sub);
	if (sub->n_extents)
		return RELAY_FOUND;
	/* No byte is committed. Doubt it if it is reserved to its end but not closed. */
	sub->doubted |= !relay_lap_closed(lap) &&
			relay_lap_reached(lap, chan->head.subbuf_size);
	return RELAY_EMPTY;
}

/*
 * The lap was entered, and @state is not delivered yet.
 *
 * If the count is that of a full lap, the lap is taken for complete if the extents agree, or
 * if they may lack some because no note was free.
 */
static enum relay_verdict relay_lap_begun(const struct relay_lap *lap,
					  struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	const struct relay_ring_layout *layout = &chan->bank->head.layout;
	enum relay_verdict verdict;

	sub->delivered = lap->contiguous == relay_next_lap(lap);
	relay_set_descriptor(lap, sub);
	if (relay_lap_reset(lap))
		return RELAY_EMPTY;
	sub->info.sequence = relay_found_sequence(chan, lap->start);
	if (sub->delivered)
		return relay_lap_whole(lap, sub);
	verdict = relay_lap_open(lap, sub);
	if (lap->committed != chan->head.subbuf_size || verdict)
		return verdict;
	if (sub->doubted && !relay_found_word(layout, lap->buf->control, layout->unnoted))
		return verdict;
	return relay_lap_whole(lap, sub);
}

/* Was no lap with a record ever delivered here? */
static bool relay_lap_first(const struct relay_lap *lap)
{
	const struct relay_found_buffer *buf = lap->buf;
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;

	return lap->start == lap->entered && !relay_found_total(buf, lap->control) &&
	       !relay_found_word(layout, lap->control, layout->n_records);
}

/* The lap is consumed, or was never used. Its bytes are there until a writer enters. */
static enum relay_verdict relay_lap_consumed(const struct relay_lap *lap,
					     struct relay_found_subbuf *sub)
{
	const struct relay_found_buffer *buf = lap->buf;

	if (relay_lap_reset(lap) || relay_lap_first(lap))
		return relay_lap_rewound(lap) ? RELAY_EMPTY : RELAY_BAD_STATE;
	/* In overwrite mode, writers mark a lap as consumed, and do not move @consumed. */
	sub->consumed = !(buf->chan->head.flags & RELAY_CHAN_OVERWRITE) ||
			relay_found_ahead(buf->chan, buf->consumed, lap->start) > 0;
	sub->taken = !sub->consumed;
	return relay_lap_delivered(lap, sub);
}

/**
 * relay_find_subbuf - parse a sub-buffer
 * @buf: the buffer
 * @index: its index, below n_subbufs
 * @sub: filled in
 *
 * Return: RELAY_FOUND; RELAY_EMPTY for a sub-buffer that is empty, or was thrown away by a
 * reset: then @sub->info.records are the records that were thrown away and are not counted
 * as erased yet, and @sub->doubted is valid; RELAY_BAD_STATE or RELAY_BAD_SEAL for a
 * damaged one, which is discarded.
 */
enum relay_verdict relay_find_subbuf(const struct relay_found_buffer *buf,
				     unsigned int index,
				     struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = buf->chan;
	struct relay_lap lap;

	relay_read_lap(buf, index, &lap);
	if (relay_found_index(chan, lap.start) != index)
		return RELAY_BAD_STATE;
	memset(sub, 0, sizeof(*sub));
	sub->data = (const char *)buf->data + (size_t)index * chan->head.subbuf_size;
	sub->info.sequence = relay_found_sequence(chan, lap.start);

	switch (lap.state & 3) {
	case 1:
		sub->delivered = true;
		if (!relay_lap_reset(&lap))
			return relay_lap_delivered(&lap, sub);
		relay_set_descriptor(&lap, sub);
		return RELAY_EMPTY;
	case 2:
		if (relay_next_lap(&lap) != lap.entered)
			return relay_lap_consumed(&lap, sub);
		lap.start = lap.entered;
		return relay_lap_begun(&lap, sub);
	}
	return RELAY_BAD_STATE;
}
