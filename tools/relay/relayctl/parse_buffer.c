// SPDX-License-Identifier: GPL-2.0
/*
 * The buffer of a CPU in a found bank: the positions and counts of its ring.
 */
#include <string.h>
#include "parse.h"

/* Return: the word at @offset, which relay_layout_good() has checked. */
__u64 relay_found_word(const struct relay_ring_layout *layout, const void *at,
		       unsigned int offset)
{
	__u32 word32;
	__u64 word64;

	if (layout->word_size == sizeof(word32)) {
		memcpy(&word32, (const char *)at + offset, sizeof(word32));
		return word32;
	}
	memcpy(&word64, (const char *)at + offset, sizeof(word64));
	return word64;
}

__u32 relay_found_count(const void *at, unsigned int offset)
{
	__u32 count;

	memcpy(&count, (const char *)at + offset, sizeof(count));
	return count;
}

__u64 relay_found_time(const void *at, unsigned int offset)
{
	__u64 time;

	memcpy(&time, (const char *)at + offset, sizeof(time));
	return time;
}

/* Return: the control of sub-buffer @index. */
const void *relay_found_control(const struct relay_found_buffer *buf, unsigned int index)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;

	return (const char *)buf->control + layout->control_size +
	       (size_t)index * layout->subbuf_stride;
}

/*
 * In a ring that was set up, no state is 0. The control and the seals of a CPU that never
 * came up are zero.
 */
static bool relay_found_unused(const struct relay_found_buffer *buf)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	unsigned int i;

	for (i = 0; i < buf->chan->head.n_subbufs; i++)
		if (relay_found_word(layout, relay_found_control(buf, i), layout->state))
			return false;
	return true;
}

static bool relay_found_zero(const void *at, __u64 size)
{
	const char *byte = at;

	return !*byte && !memcmp(byte, byte + 1, size - 1);
}

/*
 * Is the reset mark valid: its parity is even, it is the start of a sub-buffer, and it is not
 * more than a lap ahead of the reserve position?
 */
static bool relay_found_good_reset(const struct relay_found_buffer *buf)
{
	const struct relay_found_channel *chan = buf->chan;
	__u64 mark = buf->reset & ~1ULL;

	return !__builtin_parityll(buf->reset) && !relay_found_offset(chan, mark) &&
	       relay_found_ahead(chan, mark, buf->reserve) <=
	       (__s64)relay_found_lap(chan);
}

/**
 * relay_find_buffer - parse the buffer of a CPU
 * @chan: the channel
 * @cpu: the CPU, below @chan->head.n_buffers
 * @buf: filled in
 *
 * Return: RELAY_FOUND, RELAY_EMPTY if the CPU never came up, RELAY_BAD_STATE if all states
 * are 0 but the control or the seals are not zero, or RELAY_TRUNCATED.
 */
enum relay_verdict relay_find_buffer(const struct relay_found_channel *chan,
				     unsigned int cpu,
				     struct relay_found_buffer *buf)
{
	const struct relay_bank_channel *head = &chan->head;
	const struct relay_found_bank *bank = chan->bank;
	const struct relay_ring_layout *layout = &bank->head.layout;
	__u64 seals = (__u64)head->n_subbufs * sizeof(struct relay_bank_seal);

	buf->chan = chan;
	buf->cpu = cpu;
	buf->control = relay_found_at(bank, head->control + cpu * head->control_stride,
				      head->control_stride);
	buf->seal = relay_found_at(bank, head->seal + cpu * seals, seals);
	buf->data = relay_found_at(bank, head->data + cpu * head->data_stride,
				   head->data_stride);
	if (!buf->control || !buf->seal || !buf->data)
		return RELAY_TRUNCATED;
	if (relay_found_unused(buf))
		return relay_found_zero(buf->control, head->control_stride) &&
		       relay_found_zero(buf->seal, seals) ? RELAY_EMPTY : RELAY_BAD_STATE;
	buf->reserve = relay_found_word(layout, buf->control, layout->reserve);
	buf->consumed = relay_found_word(layout, buf->control, layout->consumed);
	buf->reset = relay_found_word(layout, buf->control, layout->reset);
	buf->reset_known = relay_found_good_reset(buf);
	buf->last_time = relay_found_time(buf->control, layout->last_time);
	buf->reset &= ~1ULL;
	return RELAY_FOUND;
}

__u64 relay_found_lost(const struct relay_found_buffer *buf, unsigned int why)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	__u64 lost = relay_found_word(layout, buf->control,
				      layout->lost + why * layout->word_size);

	if (why == RELAY_LOST_NESTED)
		lost += relay_found_word(layout, buf->control, layout->lost_nmi);
	return lost;
}

/* Return: records of all delivered laps of the sub-buffer with control @control. */
__u64 relay_found_total(const struct relay_found_buffer *buf, const void *control)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;

	return relay_found_word(layout, control, layout->total);
}

/* Return: records of its open lap. */
__u32 relay_found_records(const struct relay_found_buffer *buf, const void *control)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	__u32 records = relay_found_count(control, layout->records);

	if (layout->word_size == sizeof(__u64) &&
	    relay_found_count(control, layout->committed) == RELAY_NO_BYTE)
		records++;
	return records - (__u32)relay_found_total(buf, control);
}

/**
 * relay_find_counters - add the counters of a buffer
 * @buf: the buffer
 * @counters: what they are added to; @bytes, @produced and @ready are not known
 */
void relay_find_counters(const struct relay_found_buffer *buf,
			 struct relay_counters *counters)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	unsigned int i;

	for (i = 0; i < buf->chan->head.n_subbufs; i++)
		counters->committed += relay_found_total(buf, relay_found_control(buf, i)) +
				       relay_found_records(buf, relay_found_control(buf, i));
	counters->overwritten += relay_found_word(layout, buf->control, layout->overwritten);
	counters->erased += relay_found_word(layout, buf->control, layout->erased);
	counters->discarded += relay_found_word(layout, buf->control, layout->discarded);
	counters->unnoted += relay_found_word(layout, buf->control, layout->unnoted);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		counters->lost[i] += relay_found_lost(buf, i);
}

/**
 * relay_found_here - the sub-buffer of the ring's reserve position
 * @buf: the buffer
 *
 * Return: its number.
 */
__u64 relay_found_here(const struct relay_found_buffer *buf)
{
	return relay_found_sequence(buf->chan, buf->reserve);
}

/**
 * relay_found_numbers - how many different numbers can a buffer's sub-buffers have?
 * @buf: the buffer
 *
 * Return: how many, by the word size of the kernel that wrote; then the numbers wrap.
 */
__u64 relay_found_numbers(const struct relay_found_buffer *buf)
{
	const struct relay_found_channel *chan = buf->chan;
	unsigned int lap_bits = chan->bank->head.layout.word_size * 8 - chan->lap_shift;

	return (__u64)chan->head.n_subbufs << lap_bits;
}

/**
 * relay_found_behind - age of a sub-buffer
 * @buf: its buffer
 * @sequence: its number
 *
 * Sort sub-buffers by age, not by number, because numbers wrap.
 *
 * Return: how many sub-buffers came after it, including that of the reserve position.
 */
__u64 relay_found_behind(const struct relay_found_buffer *buf, __u64 sequence)
{
	__u64 here = relay_found_here(buf);

	if (here < sequence)
		return here + relay_found_numbers(buf) - sequence;
	return here - sequence;
}
