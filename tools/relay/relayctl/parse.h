/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the files of the parser: bytes, words and positions of a found bank.
 */
#ifndef _RELAYCTL_PARSE_H
#define _RELAYCTL_PARSE_H

#include "parse_bank.h"

/* The byte count of a lap without a committed byte. */
#define RELAY_NO_BYTE	(~(__u32)0)

/* parse_bank.c. Return: NULL if the range is not in the bank. */
const void *relay_found_at(const struct relay_found_bank *bank, __u64 offset, __u64 size);

/* parse_buffer.c */
__u64 relay_found_word(const struct relay_ring_layout *layout, const void *at,
		       unsigned int offset);
__u32 relay_found_count(const void *at, unsigned int offset);
__u64 relay_found_time(const void *at, unsigned int offset);
const void *relay_found_control(const struct relay_found_buffer *buf, unsigned int index);
__u64 relay_found_lost(const struct relay_found_buffer *buf, unsigned int why);
__u64 relay_found_total(const struct relay_found_buffer *buf, const void *control);
__u32 relay_found_records(const struct relay_found_buffer *buf, const void *control);

/*
 * Positions
 */

static inline __u64 relay_found_mask(const struct relay_found_channel *chan)
{
	return chan->bank->head.layout.word_size == 8 ? ~0ULL : ~0U;
}

/* How far @a is ahead of @b, in words of the writer's size. */
static inline __s64 relay_found_ahead(const struct relay_found_channel *chan, __u64 a,
				      __u64 b)
{
	unsigned int shift = 64 - chan->bank->head.layout.word_size * 8;

	return (__s64)((a - b) << shift) >> shift;
}

static inline __u64 relay_found_offset(const struct relay_found_channel *chan, __u64 pos)
{
	return pos & ((1ULL << chan->off_bits) - 1);
}

static inline __u64 relay_found_start(const struct relay_found_channel *chan, __u64 pos)
{
	return pos - relay_found_offset(chan, pos);
}

static inline unsigned int relay_found_index(const struct relay_found_channel *chan,
					     __u64 pos)
{
	return (pos & ((1ULL << chan->lap_shift) - 1)) >> chan->off_bits;
}

static inline __u64 relay_found_lap(const struct relay_found_channel *chan)
{
	return 1ULL << chan->lap_shift;
}

static inline __u64 relay_found_sequence(const struct relay_found_channel *chan, __u64 start)
{
	return (start >> chan->lap_shift) * chan->head.n_subbufs +
	       relay_found_index(chan, start);
}

#endif /* _RELAYCTL_PARSE_H */
