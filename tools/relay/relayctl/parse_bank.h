/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parser of banks. It checks everything that it reads.
 *
 * The memory of a bank may hold anything. The parser allocates nothing, and keeps no state
 * between calls.
 */
#ifndef _RELAYCTL_PARSE_BANK_H
#define _RELAYCTL_PARSE_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include "uapi/linux/relay.h"

/* RELAY_FOUND is success; any other verdict says why a part of the bank is not used. */
enum relay_verdict {
	RELAY_FOUND,
	RELAY_EMPTY,		/* not in use; not an error */
	RELAY_NO_BANK,		/* no magic */
	RELAY_BYTE_ORDER,	/* the other byte order */
	RELAY_FORMAT,		/* a format that this version does not know */
	RELAY_BAD_CRC,		/* the check sum of a header or entry does not match */
	RELAY_BAD_LAYOUT,	/* sizes or offsets are not possible */
	RELAY_TRUNCATED,	/* some of it lies outside of the memory */
	RELAY_BAD_STATE,	/* the state of a sub-buffer is not possible */
	RELAY_BAD_SEAL,		/* a sub-buffer does not match its seal */
	RELAY_VERDICTS
};

/* Bytes that relay_find_bank() reads. */
#define RELAY_FOUND_HEADERS	(RELAY_BANK_COPY + sizeof(struct relay_bank))

/* Most extents of a sub-buffer: one from its start, and one for each note. */
#define RELAY_FOUND_NOTES	64
#define RELAY_FOUND_EXTENTS	(RELAY_FOUND_NOTES + 1)

/* Limits, beyond which a header is refused. */
#define RELAY_FOUND_CPUS	65536
#define RELAY_FOUND_CHANNELS	64
#define RELAY_FOUND_SIZE	0x1000000000000ULL

/**
 * struct relay_found_bank - a bank whose header is valid
 * @mem:	its memory
 * @size:	bytes of @mem; less than @head.size if truncated
 * @head:	its header, or the copy of the header; the strings are terminated
 * @end_known:	the kernel has noted how the boot ended: @head.end, end_time and
 *		end_reason; else these are zero
 */
struct relay_found_bank {
	const void		*mem;
	__u64			size;
	struct relay_bank	head;
	bool			end_known;
};

/**
 * struct relay_found_channel - a channel whose entry is valid
 * @bank:	its bank
 * @head:	its entry; the name is terminated
 * @off_bits:	width of a position's offset
 * @lap_shift:	lowest bit of a position's lap
 */
struct relay_found_channel {
	const struct relay_found_bank	*bank;
	struct relay_bank_channel	head;
	unsigned int			off_bits;
	unsigned int			lap_shift;
};

/**
 * struct relay_found_buffer - a buffer of a channel
 * @chan:	the channel
 * @cpu:	its CPU
 * @control:	the ring's control
 * @seal:	the seals
 * @data:	the sub-buffers
 * @reserve:	the ring's reserve position
 * @consumed:	sub-buffers that start before this position were consumed
 * @reset:	sub-buffers that start before this position were thrown away
 * @reset_known: @reset is valid
 * @last_time:	time of its newest record, or of an earlier record if the machine died in
 *		the writer of the newest; 0 if records have no time
 */
struct relay_found_buffer {
	const struct relay_found_channel	*chan;
	unsigned int				cpu;
	const void				*control;
	const void				*seal;
	const void				*data;
	__u64					reserve;
	__u64					consumed;
	__u64					reset;
	bool					reset_known;
	__u64					last_time;
};

/**
 * struct relay_found_extent - committed bytes
 * @begin:	offset of the first byte in the sub-buffer
 * @end:	offset after the last byte
 */
struct relay_found_extent {
	__u32	begin;
	__u32	end;
};

/**
 * struct relay_found_subbuf - a sub-buffer
 * @data:	its bytes
 * @info:	its description; @info.used is the end of the last extent. In an open
 *		sub-buffer @info.lost is the loss count of the ring, and @info.end_time is 0
 * @delivered:	it was complete
 * @consumed:	a reader has consumed it
 * @taken:	a writer was about to overwrite it, and may have counted its records as
 *		overwritten
 * @sealed:	it matches its seal
 * @doubted:	words of its control do not agree: a writer was changing them, or a bit
 *		has flipped
 * @n_extents:	number of extents. Bytes between them, and before the first, were reserved
 *		and not committed
 * @extent:	committed bytes, in order
 */
struct relay_found_subbuf {
	const void			*data;
	struct relay_subbuf_info	info;
	bool				delivered;
	bool				consumed;
	bool				taken;
	bool				sealed;
	bool				doubted;
	unsigned int			n_extents;
	struct relay_found_extent	extent[RELAY_FOUND_EXTENTS];
};

const char *relay_verdict_text(enum relay_verdict verdict);
__u32 relay_crc(__u32 crc, const void *data, size_t size);
__u32 relay_sealed_crc(const void *data, const struct relay_subbuf_info *info);
enum relay_verdict relay_find_bank(const void *mem, __u64 size,
				   struct relay_found_bank *bank);
enum relay_verdict relay_find_channel(const struct relay_found_bank *bank,
				      unsigned int slot,
				      struct relay_found_channel *chan);
enum relay_verdict relay_find_buffer(const struct relay_found_channel *chan,
				     unsigned int cpu,
				     struct relay_found_buffer *buf);
enum relay_verdict relay_find_subbuf(const struct relay_found_buffer *buf,
				     unsigned int index,
				     struct relay_found_subbuf *sub);
__u64 relay_found_here(const struct relay_found_buffer *buf);
__u64 relay_found_numbers(const struct relay_found_buffer *buf);
__u64 relay_found_behind(const struct relay_found_buffer *buf, __u64 sequence);
void relay_find_counters(const struct relay_found_buffer *buf,
			 struct relay_counters *counters);
const char *relay_find_doubt(const struct relay_found_buffer *buf);
const void *relay_find_private(const struct relay_found_channel *chan,
			       __u64 *size);

#endif /* _RELAYCTL_PARSE_BANK_H */
