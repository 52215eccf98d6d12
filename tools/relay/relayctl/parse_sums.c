// SPDX-License-Identifier: GPL-2.0
/*
 * The sums of a buffer in a found bank.
 */
#include "parse.h"

/*
 * Is each committed record counted once: as still there, overwritten or erased? If no reader
 * has consumed and no reset has thrown away, the sums must be equal. Otherwise the committed
 * records may be more, because some were read. They may not be fewer, which shows as a @left
 * just below zero. A writer that died between taking a sub-buffer and counting its records as
 * overwritten has left @taken records that are in no count.
 */
static bool relay_found_balanced(const struct relay_found_buffer *buf)
{
	__u64 there = 0, taken = 0, left;
	struct relay_counters counters = { 0 };
	struct relay_found_subbuf sub;
	enum relay_verdict verdict;
	unsigned int i;

	relay_find_counters(buf, &counters);
	for (i = 0; i < buf->chan->head.n_subbufs; i++) {
		verdict = relay_find_subbuf(buf, i, &sub);
		if (verdict != RELAY_FOUND && verdict != RELAY_EMPTY)
			return true;
		if (sub.taken)
			taken += sub.info.records;
		else if (!sub.consumed)
			there += sub.info.records;
	}
	left = counters.committed - there - counters.overwritten - counters.erased;
	left &= relay_found_mask(buf->chan);
	return !left || left == taken ||
	       ((buf->consumed || buf->reset || counters.erased) &&
		(-left & relay_found_mask(buf->chan)) > there + taken);
}

/**
 * relay_find_doubt - check the control of a buffer as a whole
 * @buf: the buffer
 *
 * Committed records are still there, were overwritten or thrown away, or were read. If a
 * sub-buffer of the buffer is damaged, the sums are not checked.
 *
 * Return: a description of what is wrong, or NULL.
 */
const char *relay_find_doubt(const struct relay_found_buffer *buf)
{
	const struct relay_bank_channel *head = &buf->chan->head;

	if (relay_found_offset(buf->chan, buf->reserve) > head->subbuf_size ||
	    relay_found_index(buf->chan, buf->reserve) >= head->n_subbufs)
		return "the place where it stood cannot be";
	if (!buf->reset_known)
		return "the mark of its last reset cannot be";
	if (!relay_found_balanced(buf))
		return "its records are not as many as were committed";
	return NULL;
}
