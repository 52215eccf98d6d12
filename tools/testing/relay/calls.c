// SPDX-License-Identifier: GPL-2.0
#include "calls.h"
#include "record.h"

unsigned long call_now;

u64 call_clock(void)
{
	/*
	 * An atomic add, so that time does not go back if a writer interrupts here.
	 * Both halves change with every reading, so that a torn time is noticed.
	 */
	return 0xa0000001ULL * __atomic_add_fetch(&call_now, 1, __ATOMIC_SEQ_CST);
}

/* Return: the last reading. */
u64 call_last(void)
{
	return 0xa0000001ULL * call_now;
}

/* Return: bytes that align a record at @offset. */
size_t call_pad(unsigned long offset)
{
	return -offset & 3;
}

static size_t aligned_size(const struct relay_slot *slot, size_t offset)
{
	return call_pad(offset) + RECORD_MIN;
}

static void aligned_header(const struct relay_slot *slot, void *at)
{
	size_t pad = call_pad(relay_pos_offset(slot->ring, slot->begin));
	u8 *byte = at;
	size_t i;

	for (i = 0; i < pad; i++)
		byte[i] = 0;
	record_open(byte + pad, slot->size - pad, ~0U, slot->time);
}

const struct relay_record_ops call_record_ops = {
	.clock = call_clock,
	.header_size = aligned_size,
	.header = aligned_header,
};

/* As relay_write() does. */
int call_reserve(struct relay_ring *ring, struct relay_slot *slot, size_t len)
{
	if (ring->global ? relay_ring_try_reserve(ring, slot, len, true) :
			   relay_ring_try_reserve(ring, slot, len, false))
		return 0;
	if (ring->global)
		return relay_ring_reserve(ring, slot, len, NULL, true);
	return relay_ring_reserve(ring, slot, len, NULL, false);
}

int call_reserve_ops(struct relay_ring *ring, struct relay_slot *slot,
		     size_t len)
{
	if (ring->global)
		return relay_ring_reserve(ring, slot, len, &call_record_ops, true);
	return relay_ring_reserve(ring, slot, len, &call_record_ops, false);
}

void call_commit(struct relay_slot *slot)
{
	if (slot->ring->global)
		relay_ring_commit(slot, true);
	else
		relay_ring_commit(slot, false);
}

u64 call_time_read(const struct relay_time *time)
{
	return relay_time_read(time);
}

void call_time_set(struct relay_time *time, u64 value)
{
	relay_time_set(time, value);
}
