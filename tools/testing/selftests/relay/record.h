/* SPDX-License-Identifier: GPL-2.0 */
/* A record of the tests, shared by its writer in the kernel and its readers. */
#ifndef _RELAY_SELFTEST_RECORD_H
#define _RELAY_SELFTEST_RECORD_H

#include <linux/types.h>

struct test_record {
	__u32	length;		/* with this header; 0: discarded */
	__u32	cpu;
	__u64	sequence;	/* of the CPU, lost records included */
	__u8	payload[];
};

#define TEST_HEADER_BYTE	0xfe

static inline __u8 test_byte(__u64 sequence, unsigned long i)
{
	return (__u8)(sequence * 31 + i);
}

#endif /* _RELAY_SELFTEST_RECORD_H */
