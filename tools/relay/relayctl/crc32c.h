/* SPDX-License-Identifier: GPL-2.0 */
/*
 * crc32c() as in the kernel, for the parser, without inversions. crc32c_checksum(), for
 * recordings, inverts before and after, as iSCSI does.
 */
#ifndef _RELAYCTL_CRC32C_H
#define _RELAYCTL_CRC32C_H

#include <isa-l/crc.h>
#include <stddef.h>
#include <stdint.h>

/* isa-l takes a length of type int, and a pointer that is not const though it only reads. */
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
