/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording on disk: a directory with
 *
 *	cpu0 ...	the data of a CPU's sub-buffers, one after the other
 *	index		a header, and an entry for each sub-buffer, in the order
 *			in which they were stored
 *
 * All numbers are little-endian. An entry is written after its data: data without a
 * whole entry is not part of the recording. After a power cut the disk may have an
 * entry without its data, or the size of the file without the entry. The check sums
 * (CRC32C) of the entry and of the data detect that.
 *
 * The data files of a trace of LTT are streams of the Common Trace Format. The file
 * "metadata" describes each event before its packet is written. Packets without events, which
 * tell the losses at both ends of a stream, have no entry. The index is ".index",
 * because a reader of CTF takes any file for a stream whose name has no dot in front.
 *
 * With rotation the directory has a directory like this for each part, 000000, 000001
 * ...; snapshots are in dump-000000, dump-000001 ...
 */
#ifndef _RELAYCTL_FORMAT_H
#define _RELAYCTL_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define INDEX_NAME	"index"
#define INDEX_NAME_CTF	".index"
#define METADATA_NAME	"metadata"
#define METADATA_NEW	".metadata.new"	/* until it is complete */

static inline bool is_index_name(const char *name)
{
	return !strcmp(name, INDEX_NAME) || !strcmp(name, INDEX_NAME_CTF);
}

#define INDEX_MAGIC	"relayidx"
#define INDEX_VERSION	2

/* Bytes of an entry of version 1, which has no field from @stored on. */
#define INDEX_ENTRY_V1	64

/* Flags of a header. */
#define INDEX_OVERWRITE	(1U << 0)
#define INDEX_GLOBAL	(1U << 1)
#define INDEX_SNAPSHOT	(1U << 2)	/* of a flight recorder */

/* Flags of an entry. */
#define INDEX_END	(1U << 0)	/* no data: losses after the last sub-buffer */
#define INDEX_CRC	(1U << 1)	/* @crc is a check sum of the data */
#define INDEX_ZSTD	(1U << 2)	/* the data is a frame of zstd */

/**
 * struct index_header - at the start of an index
 * @magic:	INDEX_MAGIC
 * @version:	INDEX_VERSION
 * @header_size: bytes of this header; offset of the first entry
 * @entry_size:	bytes of an entry
 * @flags:	INDEX_OVERWRITE, INDEX_GLOBAL, INDEX_SNAPSHOT
 * @n_subbufs:	sub-buffers of a buffer
 * @subbuf_size: bytes of a sub-buffer
 * @client_header_size: bytes of the owner's header at the start of a sub-buffer
 * @part:	number of the part, with rotation
 * @time:	when the part was begun, in nanoseconds since 1970
 * @reserved:	0
 * @channel:	the channel's name, truncated and ended by 0
 */
struct index_header {
	char		magic[8];
	uint32_t	version;
	uint32_t	header_size;
	uint32_t	entry_size;
	uint32_t	flags;
	uint32_t	n_subbufs;
	uint32_t	subbuf_size;
	uint32_t	client_header_size;
	uint32_t	part;
	uint64_t	time;
	uint64_t	reserved;
	char		channel[72];
};

/**
 * struct index_entry - a sub-buffer in a recording
 * @cpu:	the CPU that wrote it
 * @flags:	INDEX_END, INDEX_CRC, INDEX_ZSTD
 * @sequence:	its number in the buffer of @cpu
 * @offset:	offset of its data in the file of @cpu
 * @used:	bytes of its data, before compression
 * @records:	number of records
 * @begin_time:	the channel's clock when it was begun; 0 without a clock
 * @end_time:	the channel's clock when it was closed
 * @lost:	records that the kernel refused since the previous entry of @cpu
 * @missed:	sub-buffers since the previous entry of @cpu: overwritten, consumed by
 *		another reader, or not stored for lack of space
 * @stored:	bytes of its data in the file; not more than @used
 * @crc:	check sum of these bytes, with INDEX_CRC; 0 for spliced data, which
 *		record does not read
 * @reserved:	0
 * @entry_crc:	check sum of the entry up to this field
 */
struct index_entry {
	uint32_t	cpu;
	uint32_t	flags;
	uint64_t	sequence;
	uint64_t	offset;
	uint32_t	used;
	uint32_t	records;
	uint64_t	begin_time;
	uint64_t	end_time;
	uint64_t	lost;
	uint64_t	missed;
	uint32_t	stored;
	uint32_t	crc;
	uint32_t	reserved;
	uint32_t	entry_crc;
};

_Static_assert(sizeof(struct index_header) == 128, "the index has a fixed layout");
_Static_assert(sizeof(struct index_entry) == 80, "the index has a fixed layout");

#endif /* _RELAYCTL_FORMAT_H */
