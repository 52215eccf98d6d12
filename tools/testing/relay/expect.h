/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The content of a bank that recovery must find. The layout is the same for 32 and
 * 64 bits.
 */
#ifndef RELAY_TEST_EXPECT_H
#define RELAY_TEST_EXPECT_H

#include <linux/types.h>

#define EXPECT_BUFFERS	64
#define EXPECT_SUBBUFS	2048
#define EXPECT_RECORDS	16384

#define EXPECT_DELIVERED	1
#define EXPECT_CONSUMED		2
#define EXPECT_SEALED		4

/* The buffer of a CPU. */
struct expect_buffer {
	u64 committed;
	u64 overwritten;
	u64 erased;
	u64 discarded;
	u64 lost[4];
	u32 channel;
	u32 cpu;
};

/* A sub-buffer that must be found. */
struct expect_subbuf {
	u64 sequence;
	u32 buffer;
	u32 index;
	u32 records;
	u32 flags;
};

/* A record that must be found in a sub-buffer. */
struct expect_record {
	u32 subbuf;
	u32 offset;
	u32 seq;
	u32 len;
};

struct expect {
	u32 n_buffers;
	u32 n_subbufs;
	u32 n_records;
	u32 size;
	struct expect_buffer buffer[EXPECT_BUFFERS];
	struct expect_subbuf subbuf[EXPECT_SUBBUFS];
	struct expect_record record[EXPECT_RECORDS];
};

/* Fill @mem with a bank: the same one for the same seed and word size. */
void expect_write(struct expect *expect, void *mem, size_t size, u32 seed);

/* Called after each step of a writer or reader; may be NULL. */
extern void (*expect_stepped)(void);

/*
 * Recover the bank, and compare it with @expect. Sub-buffer @missing, unless it is
 * negative, must be reported as damaged; all others must be found. Return: NULL, or the error.
 */
const char *expect_check(const struct expect *expect, const void *mem, size_t size,
			 int missing);

/*
 * Recover the bank from memory that lacks data which was only in the caches: sealed
 * sub-buffers must be found complete, and no other may be reported as sealed.
 */
const char *expect_check_sealed(const struct expect *expect, const void *mem, size_t size);

#endif /* RELAY_TEST_EXPECT_H */
