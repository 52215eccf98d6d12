// SPDX-License-Identifier: GPL-2.0
/*
 * A sub-buffer of a found bank: of which lap it is, and which of its bytes were
 * committed. Words of its control that do not agree cast doubt on it.
 */
#include <string.h>
#include "parse.h"

/**
 * struct relay_lap - a lap of a sub-buffer, before it is decided what it is
 * @buf:	the buffer
 * @index:	of the sub-buffer
 * @control:	that of the sub-buffer
 * @start:	position at which the lap starts
 * @entered:	position at which the last lap starts that the ring has entered
 * @committed:	byte count of the sub-buffer's control
 * @state:	a word of it, as the next three are; see &struct relay_ring_layout
 * @contiguous:	the same
 * @closed:	the same
 * @check:	the same
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

/* Where the lap after it starts. */
static __u64 relay_next_lap(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	return (lap->start + relay_found_lap(chan)) & relay_found_mask(chan);
}

/* What the lap's state is when it is delivered. */
static __u64 relay_lap_state(const struct relay_lap *lap)
{
	return (lap->state & ~3ULL) | 1;
}

/*
 * The same, of a lap that is not delivered, and whose @state is that of the lap
 * before it.
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

/* A time, as it is in a check word. */
static __u64 relay_found_fold(const struct relay_lap *lap, unsigned int offset)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	__u64 time = relay_found_time(lap->control, offset);

	return layout->word_size == sizeof(__u64) ? time : (__u32)(time ^ time >> 32);
}

/* Is the lap described as the writer did that closed it? */
static bool relay_lap_checked_closed(const struct relay_lap *lap)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;

	return lap->check == (lap->closed ^ relay_found_fold(lap, layout->end_time) ^
			      relay_found_word(layout, lap->control, layout->lost_before));
}

/* Is the lap described as the writer did that delivered it, as @state? */
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
 * Is the lap, which is not delivered, described as the writer did that closed it? Its
 * deliverer may have gone on from there.
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

/* Offset after the last byte that is no padding. */
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

/* Insert by their begin; there are few. */
static void relay_add_extent(struct relay_found_subbuf *sub, __u32 begin, __u32 end)
{
	unsigned int i = sub->n_extents++;

	for (; i && sub->extent[i - 1].begin > begin; i--)
		sub->extent[i] = sub->extent[i - 1];
	sub->extent[i].begin = begin;
	sub->extent[i].end = end;
}

/*
 * Of extents that touch or overlap, one; none that is empty, none after @used.
 * Return: bytes in them.
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

/* Can the ring, as it stood, have come so far in the lap? */
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
 * The lap was being filled. Its bytes are marked twice: each by the position up to
 * which they are contiguous, or by a note; and by their count.
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
	/* An extent that found no note may be one of this lap. */
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
 * A lap that starts before a reset is not wanted. One that the ring, as it stood, cannot
 * have left is damaged, and may have started anywhere.
 */
static bool relay_lap_reset(const struct relay_lap *lap)
{
	const struct relay_found_buffer *buf = lap->buf;

	return buf->reset_known && lap->start == lap->entered &&
	       relay_found_ahead(buf->chan, buf->reset, lap->start) > 0;
}

/* Are the marks those that the deliverer made for the next lap? */
static bool relay_lap_rewound(const struct relay_lap *lap)
{
	return lap->contiguous == relay_next_lap(lap) && lap->committed == RELAY_NO_BYTE &&
	       !relay_found_records(lap->buf, lap->control);
}

/*
 * Return: RELAY_EMPTY where the lap has no seal. One of the same lap that says something
 * else of how often positions have wrapped is damaged.
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
 * The lap is delivered, or was read as well. Its seal, or its check word and the place
 * where the ring stood, say that its bytes can be believed.
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
 * Every byte of the lap is committed, though @state does not say so yet: its deliverer
 * has moved @contiguous to the next lap, after the check word; or the count says so.
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
	/* Reserved to its end, and no writer has committed a byte of it. */
	sub->doubted |= !relay_lap_closed(lap) &&
			relay_lap_reached(lap, chan->head.subbuf_size);
	return RELAY_EMPTY;
}

/*
 * The lap was entered, and @state does not say yet that it is delivered.
 *
 * A count that says that it is whole is believed if the marks say it, too, or cannot:
 * extents that found no note are in none.
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

/* Was no record ever delivered here? */
static bool relay_lap_first(const struct relay_lap *lap)
{
	const struct relay_found_buffer *buf = lap->buf;
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;

	return lap->start == lap->entered && !relay_found_total(buf, lap->control) &&
	       !relay_found_word(layout, lap->control, layout->n_records);
}

/* Consumed, or never used: what the writers have not come to again is there. */
static enum relay_verdict relay_lap_consumed(const struct relay_lap *lap,
					     struct relay_found_subbuf *sub)
{
	const struct relay_found_buffer *buf = lap->buf;

	if (relay_lap_reset(lap) || relay_lap_first(lap))
		return relay_lap_rewound(lap) ? RELAY_EMPTY : RELAY_BAD_STATE;
	/* Writers that overwrite leave the readers' mark alone. */
	sub->consumed = !(buf->chan->head.flags & RELAY_CHAN_OVERWRITE) ||
			relay_found_ahead(buf->chan, buf->consumed, lap->start) > 0;
	sub->taken = !sub->consumed;
	return relay_lap_delivered(lap, sub);
}

/**
 * relay_find_subbuf - look at a sub-buffer
 * @buf: the buffer
 * @index: which, below n_subbufs
 * @sub: filled in
 *
 * Return: RELAY_FOUND; RELAY_EMPTY for one with nothing in it, or with nothing
 * that is still wanted: then @sub->info.records are those that a reset has thrown away and
 * that are not counted as erased yet, and @sub->doubted is valid; RELAY_BAD_STATE or
 * RELAY_BAD_SEAL for one that is lost.
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
