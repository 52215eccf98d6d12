/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a found bank holds, and whether to believe it.
 *
 * Pure code: it is given memory that anything may be in, allocates nothing, and
 * keeps nothing.
 */
#ifndef _RELAYCTL_PARSE_BANK_H
#define _RELAYCTL_PARSE_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include "uapi/linux/relay.h"

/* The first is success; every other is a reason to leave the thing alone. */
enum relay_verdict {
	RELAY_FOUND,
	RELAY_EMPTY,		/* there is none, and that is all right */
	RELAY_NO_BANK,		/* no magic */
	RELAY_BYTE_ORDER,	/* of the other byte order */
	RELAY_FORMAT,		/* of a format that is not known */
	RELAY_BAD_CRC,		/* the static part is damaged */
	RELAY_BAD_LAYOUT,	/* sizes or offsets that cannot be */
	RELAY_TRUNCATED,	/* some of it lies outside of the memory */
	RELAY_BAD_STATE,	/* a sub-buffer whose state cannot be */
	RELAY_BAD_SEAL,		/* a sub-buffer that is not as it was sealed */
	RELAY_VERDICTS
};

/* Bytes that relay_find_bank() looks at. */
#define RELAY_FOUND_HEADERS	(RELAY_BANK_COPY + sizeof(struct relay_bank))

/* Extents of a sub-buffer: one from its start, one for each note. */
#define RELAY_FOUND_NOTES	64
#define RELAY_FOUND_EXTENTS	(RELAY_FOUND_NOTES + 1)

/* More of any than this is not believed. */
#define RELAY_FOUND_CPUS	65536
#define RELAY_FOUND_CHANNELS	64
#define RELAY_FOUND_SIZE	0x1000000000000ULL

/**
 * struct relay_found_bank - a bank that can be believed
 * @mem:	where it is
 * @size:	bytes of it that are there; less than @head.size if truncated
 * @head:	its header, or the copy of that; the strings end
 * @end_known:	the kernel has said how the boot ended: @head.end, end_time and
 *		end_reason; else these are zero
 */
struct relay_found_bank {
	const void		*mem;
	__u64			size;
	struct relay_bank	head;
	bool			end_known;
};

/**
 * struct relay_found_channel - a channel that can be believed
 * @bank:	its bank
 * @head:	its entry; the name ends
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
 * @cpu:	whose it is
 * @control:	the ring's control
 * @seal:	the seals
 * @data:	the sub-buffers
 * @reserve:	where the ring stood
 * @consumed:	what starts before was read
 * @reset:	what starts before was thrown away
 * @reset_known: @reset can be believed
 * @last_time:	time of its newest record, as far as a record has one; of an earlier one, if
 *		the machine died in the writer of that
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
 * @begin:	offset of the first in the sub-buffer
 * @end:	offset after the last
 */
struct relay_found_extent {
	__u32	begin;
	__u32	end;
};

/**
 * struct relay_found_subbuf - a sub-buffer
 * @data:	its bytes
 * @info:	the sub-buffer; its used is the end of the last extent. While it is open, lost
 *		is how many records the ring had lost by now, and end_time is 0
 * @delivered:	it was complete
 * @consumed:	a reader has consumed it
 * @taken:	a writer was about to overwrite it, and may have counted it so
 * @sealed:	its seal fits
 * @doubted:	words of its control do not agree: a writer was just changing them, or
 *		a bit has flipped
 * @n_extents:	what is between them, and before the first, was reserved and not
 *		committed: records whose writer was interrupted for ever
 * @extent:	in their order
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
