/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's crc32c(), for the parser: neither inverts. And the check sum of recordings,
 * that of iSCSI, which inverts before and after.
 */
#ifndef _RELAYCTL_CRC32C_H
#define _RELAYCTL_CRC32C_H

#include <isa-l/crc.h>
#include <stddef.h>
#include <stdint.h>

/* isa-l counts in int, and reads though its pointer is not const. */
static inline uint32_t crc32c(uint32_t crc, const void *data, size_t size)
{
	const size_t most = 1 << 30;
	const unsigned char *at = data;

	while (size) {
		int piece = size < most ? size : most;

		crc = crc32_iscsi((unsigned char *)at, piece, crc);
		at += piece;
		size -= piece;
	}
	return crc;
}

static inline uint32_t crc32c_checksum(const void *data, size_t size)
{
	return ~crc32c(~0U, data, size);
}

#endif /* _RELAYCTL_CRC32C_H */
