/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records that the tests write. A reader can tell their length, and whether
 * any of their bytes is wrong. A zero byte outside of a record is a hole.
 */
#ifndef RELAY_TEST_RECORD_H
#define RELAY_TEST_RECORD_H

#include <string.h>
#include <linux/relay_ring.h>

#define RECORD_MAGIC	0xa5

struct record {
	u8	magic;
	u32	len;
	u32	seq;
	u64	time;
} __attribute__((packed));

/* Bytes that a client's record ops write; the rest is payload. */
#define RECORD_MIN	sizeof(struct record)

static inline u8 record_byte(u32 seq, u32 len, u32 i)
{
	u32 mix = (seq + 1) * 2654435761u ^ (len * 40503u + i * 2246822519u);

	/* Neither zero nor the magic of a record, so neither a hole nor a start. */
	return 1 + (mix >> 24) % 100;
}

static inline void record_open(void *at, u32 len, u32 seq, u64 time)
{
	struct record record = { RECORD_MAGIC, len, seq, time };

	memcpy(at, &record, sizeof(record));
}

static inline void record_fill(void *at, u32 from, u32 to, u32 len, u32 seq)
{
	u8 *byte = at;
	u32 i;

	for (i = from; i < to; i++)
		byte[i] = record_byte(seq, len, i);
}

/* Return: length of the complete record at @at; 0 for a hole; -1 for a torn record. */
static inline long record_check(const void *at, size_t left,
				struct record *record)
{
	const u8 *byte = at;
	u32 i;

	if (!byte[0])
		return 0;
	if (byte[0] != RECORD_MAGIC || left < RECORD_MIN)
		return -1;
	memcpy(record, at, sizeof(*record));
	if (record->len < RECORD_MIN || record->len > left)
		return -1;
	for (i = RECORD_MIN; i < record->len; i++)
		if (byte[i] != record_byte(record->seq, record->len, i))
			return -1;
	return record->len;
}

#endif /* RELAY_TEST_RECORD_H */
