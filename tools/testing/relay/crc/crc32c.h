/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's crc32c() for programs that no library is there for: bit by bit.
 */
#ifndef RELAY_TEST_CRC32C_H
#define RELAY_TEST_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#define CRC32C_POLYNOMIAL	0x82f63b78

#ifdef RELAY_TEST_COUNT
/* How much work it was. */
extern unsigned long crc32c_bytes;
#define crc32c_count(size)	(crc32c_bytes += (size))
#else
#define crc32c_count(size)	((void)(size))
#endif

static inline uint32_t crc32c(uint32_t crc, const void *data, size_t size)
{
	const unsigned char *at = data;
	int bit;

	crc32c_count(size);
	for (; size--; at++) {
		crc ^= *at;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
	}
	return crc;
}

#endif /* RELAY_TEST_CRC32C_H */
