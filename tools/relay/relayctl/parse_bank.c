// SPDX-License-Identifier: GPL-2.0
/*
 * Find a bank and its channels: check magic, format, check sums and geometry.
 * parse_buffer.c parses the buffers of a channel.
 *
 * The memory is untrusted: a crash may have damaged it, an attacker may have written it,
 * and a kernel may be recording in it. Every number is copied before it is checked and
 * used, and an offset is used only through relay_found_at(), which checks it. A part that
 * is not valid is left out; the rest is parsed.
 */
#include <crc32c.h>
#include <stddef.h>
#include <string.h>
#include "parse.h"

/**
 * relay_crc - the check sum of the format, CRC32C
 * @crc: check sum of the bytes before @data, or 0
 * @data: bytes
 * @size: number of bytes
 *
 * Return: the check sum of all.
 */
__u32 relay_crc(__u32 crc, const void *data, size_t size)
{
	return ~crc32c(~crc, data, size);
}

/**
 * relay_sealed_crc - the check sum in the seal of a sub-buffer
 * @data: its bytes
 * @info: its description
 *
 * Return: the check sum of both.
 */
__u32 relay_sealed_crc(const void *data, const struct relay_subbuf_info *info)
{
	return relay_crc(relay_crc(0, data, info->used), info, sizeof(*info));
}

/**
 * relay_verdict_text - describe a verdict
 * @verdict: the verdict
 *
 * Return: the description.
 */
const char *relay_verdict_text(enum relay_verdict verdict)
{
	static const char * const text[RELAY_VERDICTS] = {
		[RELAY_FOUND]		= "valid",
		[RELAY_EMPTY]		= "empty",
		[RELAY_NO_BANK]		= "nothing was recorded here",
		[RELAY_BYTE_ORDER]	= "recorded in the other byte order",
		[RELAY_FORMAT]		= "recorded in a format that is not known here",
		[RELAY_BAD_CRC]		= "its header is damaged",
		[RELAY_BAD_LAYOUT]	= "its header says what cannot be",
		[RELAY_TRUNCATED]	= "it reaches beyond the memory that is there",
		[RELAY_BAD_STATE]	= "its state cannot be",
		[RELAY_BAD_SEAL]	= "its bytes are not those that were sealed",
	};

	return (unsigned int)verdict < RELAY_VERDICTS ? text[verdict] : "unknown";
}

/* Are @count elements of @stride bytes, from @offset on, within @size bytes? */
static bool relay_found_fits(__u64 size, __u64 offset, __u64 count, __u64 stride)
{
	__u64 bytes;

	return offset <= size && stride &&
	       !__builtin_mul_overflow(count, stride, &bytes) &&
	       bytes <= size - offset;
}

const void *relay_found_at(const struct relay_found_bank *bank, __u64 offset, __u64 size)
{
	if (!relay_found_fits(bank->size, offset, size, 1))
		return NULL;
	return (const char *)bank->mem + offset;
}

/*
 * Bank
 */

static bool relay_layout_has(__u16 size, __u16 offset, unsigned int bytes,
			     unsigned int align)
{
	return relay_found_fits(size, offset, bytes, 1) && !(offset & (align - 1));
}

/* Is each of @n offsets one of @bytes bytes in @size, aligned to @align? */
static bool relay_layout_has_all(__u16 size, const __u16 *offset, unsigned int n,
				 unsigned int bytes, unsigned int align)
{
	while (n--)
		if (!relay_layout_has(size, offset[n], bytes, align))
			return false;
	return true;
}

static bool relay_layout_good_control(const struct relay_ring_layout *l)
{
	const __u16 word[] = { l->reserve, l->consumed, l->reset, l->overwritten,
			       l->erased, l->discarded, l->unnoted, l->lost_nmi };

	return relay_layout_has_all(l->control_size, word, sizeof(word) / sizeof(__u16),
				    l->word_size, l->word_size) &&
	       relay_layout_has(l->control_size, l->last_time, sizeof(__u64), l->word_size) &&
	       relay_layout_has(l->control_size, l->lost,
				RELAY_LOST_REASONS * l->word_size, l->word_size) &&
	       relay_layout_has(l->note_size, l->note_end, l->word_size, l->word_size) &&
	       relay_layout_has(l->control_size, l->note,
				(unsigned int)l->n_notes * l->note_size, l->word_size) &&
	       l->n_notes <= RELAY_FOUND_NOTES;
}

static bool relay_layout_good_subbuf(const struct relay_ring_layout *l)
{
	const __u16 word[] = { l->contiguous, l->closed, l->state, l->total,
			       l->n_records, l->lost_before, l->check };
	const __u16 count[] = { l->committed, l->records };
	const __u16 time[] = { l->begin_time, l->end_time };
	const unsigned int words = sizeof(word) / sizeof(__u16);

	/* The stride must hold all words, so that n_subbufs is limited by the bank's size. */
	return l->subbuf_stride >= words * l->word_size + sizeof(__u32[2]) +
				   sizeof(__u64[2]) &&
	       relay_layout_has_all(l->subbuf_stride, word, words, l->word_size,
				    l->word_size) &&
	       relay_layout_has_all(l->subbuf_stride, count,
				    sizeof(count) / sizeof(__u16), sizeof(__u32),
				    sizeof(__u32)) &&
	       relay_layout_has_all(l->subbuf_stride, time,
				    sizeof(time) / sizeof(__u16), sizeof(__u64),
				    l->word_size);
}

static bool relay_layout_good(const struct relay_ring_layout *layout)
{
	return (layout->word_size == 4 || layout->word_size == 8) &&
	       relay_layout_good_control(layout) &&
	       relay_layout_good_subbuf(layout);
}

static bool relay_bank_good(const struct relay_bank *head)
{
	return head->size >= sizeof(*head) && head->size <= RELAY_FOUND_SIZE &&
	       relay_layout_good(&head->layout) &&
	       head->n_cpus && head->n_cpus <= RELAY_FOUND_CPUS &&
	       head->n_channels <= RELAY_FOUND_CHANNELS &&
	       relay_found_fits(head->size, head->channels, head->n_channels,
				sizeof(struct relay_bank_channel));
}

static void relay_end_strings(struct relay_bank *head)
{
	head->machine[sizeof(head->machine) - 1] = 0;
	head->release[sizeof(head->release) - 1] = 0;
	head->version[sizeof(head->version) - 1] = 0;
	head->end_reason[sizeof(head->end_reason) - 1] = 0;
}

static enum relay_verdict relay_read_header(const void *mem, __u64 size, __u32 offset,
					    struct relay_bank *head)
{
	if (size < offset + sizeof(*head))
		return RELAY_NO_BANK;
	memcpy(head, (const char *)mem + offset, sizeof(*head));
	if (memcmp(head->magic, RELAY_BANK_MAGIC, sizeof(head->magic)))
		return RELAY_NO_BANK;
	if (head->byte_order == __builtin_bswap32(RELAY_BANK_BYTE_ORDER))
		return RELAY_BYTE_ORDER;
	if (head->byte_order != RELAY_BANK_BYTE_ORDER)
		return RELAY_BAD_CRC;
	if (head->format != RELAY_BANK_FORMAT)
		return RELAY_FORMAT;
	if (relay_crc(0, head, offsetof(struct relay_bank, crc)) != head->crc ||
	    head->offset != offset)
		return RELAY_BAD_CRC;
	return relay_bank_good(head) ? RELAY_FOUND : RELAY_BAD_LAYOUT;
}

/* The end of the boot is not in the check sum of the header, but has its own. */
static bool relay_header_ended(const struct relay_bank *head)
{
	size_t covered = offsetof(struct relay_bank, end_time);

	return relay_crc(0, (const char *)head + covered, sizeof(*head) - covered) ==
	       head->end_crc && head->end < RELAY_ENDS;
}

/* Take the fields that the kernel changes later from the header or copy that has them. */
static void relay_take_changes(struct relay_found_bank *bank, const struct relay_bank *copy)
{
	struct relay_bank *head = &bank->head;
	size_t changes = offsetof(struct relay_bank, end_crc);

	bank->end_known = relay_header_ended(head);
	if (!bank->end_known && copy && relay_header_ended(copy)) {
		memcpy((char *)head + changes, (const char *)copy + changes,
		       sizeof(*head) - changes);
		bank->end_known = true;
	}
	if (!bank->end_known)
		memset(&head->end_time, 0,
		       sizeof(*head) - offsetof(struct relay_bank, end_time));
	if (copy && copy->state == RELAY_BANK_RELEASED)
		head->state = copy->state;
}

/**
 * relay_find_bank - parse the headers of a bank
 * @mem: the memory
 * @size: bytes of @mem
 * @bank: filled in
 *
 * Return: RELAY_FOUND, or why there is no valid bank.
 */
enum relay_verdict relay_find_bank(const void *mem, __u64 size,
				   struct relay_found_bank *bank)
{
	enum relay_verdict verdict, second;
	struct relay_bank copy;

	verdict = relay_read_header(mem, size, 0, &bank->head);
	second = relay_read_header(mem, size, RELAY_BANK_COPY, &copy);
	if (verdict != RELAY_FOUND && second == RELAY_FOUND) {
		bank->head = copy;
		verdict = RELAY_FOUND;
	}
	if (verdict != RELAY_FOUND)
		return verdict == RELAY_NO_BANK ? second : verdict;
	relay_take_changes(bank, second == RELAY_FOUND ? &copy : NULL);
	relay_end_strings(&bank->head);
	bank->mem = mem;
	bank->size = bank->head.size < size ? bank->head.size : size;
	return RELAY_FOUND;
}

/*
 * Channel
 */

static unsigned int relay_bits(__u64 value)
{
	unsigned int bits = 0;

	for (; value; value >>= 1)
		bits++;
	return bits;
}

static bool relay_chan_set_geometry(struct relay_found_channel *chan)
{
	const struct relay_bank_channel *head = &chan->head;
	unsigned int word_bits = chan->bank->head.layout.word_size * 8;

	if (!head->subbuf_size || !head->n_subbufs ||
	    head->subbuf_size > ~0U / head->n_subbufs ||
	    head->header_size >= head->subbuf_size)
		return false;
	chan->off_bits = relay_bits(head->subbuf_size);
	if (chan->off_bits < 2)
		chan->off_bits = 2;
	chan->lap_shift = chan->off_bits + relay_bits(head->n_subbufs - 1);
	return chan->lap_shift <= word_bits - 2;
}

/* Are all parts within the bank, and each buffer's control and data within its stride? */
static bool relay_chan_good(const struct relay_found_channel *chan)
{
	const struct relay_bank_channel *head = &chan->head;
	const struct relay_bank *bank = &chan->bank->head;
	__u64 control = bank->layout.control_size +
			(__u64)head->n_subbufs * bank->layout.subbuf_stride;
	__u64 data = (__u64)head->n_subbufs * head->subbuf_size;
	__u64 seals = (__u64)head->n_subbufs * head->n_buffers;

	return head->n_buffers && head->n_buffers <= bank->n_cpus &&
	       head->control_stride >= control && head->data_stride >= data &&
	       relay_found_fits(bank->size, head->control, head->n_buffers,
				head->control_stride) &&
	       relay_found_fits(bank->size, head->data, head->n_buffers,
				head->data_stride) &&
	       relay_found_fits(bank->size, head->seal, seals,
				sizeof(struct relay_bank_seal)) &&
	       relay_found_fits(bank->size, head->private_area,
				head->private_size, 1);
}

/* A range of bytes in a bank. */
struct relay_range {
	__u64	begin;
	__u64	end;
};

#define RELAY_CHAN_RANGES	4

/* Set the ranges to which a valid entry points. */
static void relay_chan_set_ranges(const struct relay_bank_channel *head,
				  struct relay_range range[RELAY_CHAN_RANGES])
{
	__u64 seals = (__u64)head->n_subbufs * head->n_buffers;

	range[0].begin = head->control;
	range[0].end = head->control + head->n_buffers * head->control_stride;
	range[1].begin = head->seal;
	range[1].end = head->seal + seals * sizeof(struct relay_bank_seal);
	range[2].begin = head->data;
	range[2].end = head->data + head->n_buffers * head->data_stride;
	range[3].begin = head->private_area;
	range[3].end = head->private_area + head->private_size;
}

static bool relay_chans_meet(const struct relay_bank_channel *one,
			     const struct relay_bank_channel *other)
{
	struct relay_range a[RELAY_CHAN_RANGES], b[RELAY_CHAN_RANGES];
	unsigned int i, j;

	relay_chan_set_ranges(one, a);
	relay_chan_set_ranges(other, b);
	for (i = 0; i < RELAY_CHAN_RANGES; i++)
		for (j = 0; j < RELAY_CHAN_RANGES; j++)
			if (a[i].begin < b[j].end && b[j].begin < a[i].end)
				return true;
	return false;
}

static enum relay_verdict relay_read_channel(const struct relay_found_bank *bank,
					     unsigned int slot,
					     struct relay_found_channel *chan)
{
	struct relay_bank_channel *head = &chan->head;
	const void *entry = relay_found_at(bank, bank->head.channels +
					   (__u64)slot * sizeof(*head), sizeof(*head));
	size_t covered = offsetof(struct relay_bank_channel, flags);

	if (!entry)
		return RELAY_TRUNCATED;
	memcpy(head, entry, sizeof(*head));
	/* A flipped bit neither creates a channel nor hides one. */
	if (__builtin_popcount(head->state) <= 1)
		return RELAY_EMPTY;
	if (__builtin_popcount(head->state ^ RELAY_BANK_CHANNEL_USED) > 1 ||
	    relay_crc(0, (char *)head + covered, sizeof(*head) - covered) != head->crc)
		return RELAY_BAD_CRC;
	chan->bank = bank;
	if (!relay_chan_set_geometry(chan) || !relay_chan_good(chan))
		return RELAY_BAD_LAYOUT;
	head->name[sizeof(head->name) - 1] = 0;
	return RELAY_FOUND;
}

/*
 * Does the entry share memory with an earlier one? Otherwise all entries of a hostile bank
 * could point to the same memory, which would be parsed again for each.
 */
static bool relay_chan_shares(const struct relay_found_bank *bank, unsigned int slot,
			      const struct relay_bank_channel *head)
{
	struct relay_found_channel before;
	unsigned int i;

	for (i = 0; i < slot; i++)
		if (relay_read_channel(bank, i, &before) == RELAY_FOUND &&
		    relay_chans_meet(&before.head, head))
			return true;
	return false;
}

/**
 * relay_find_channel - parse an entry of a bank's table
 * @bank: the bank
 * @slot: index of the entry, below @bank->head.n_channels
 * @chan: filled in
 *
 * Return: RELAY_FOUND, RELAY_EMPTY for an entry that is not in use, or why it is not valid.
 */
enum relay_verdict relay_find_channel(const struct relay_found_bank *bank,
				      unsigned int slot,
				      struct relay_found_channel *chan)
{
	enum relay_verdict verdict = relay_read_channel(bank, slot, chan);

	if (verdict == RELAY_FOUND && relay_chan_shares(bank, slot, &chan->head))
		return RELAY_BAD_LAYOUT;
	return verdict;
}

/**
 * relay_find_private - find the private area of a channel
 * @chan: the channel
 * @size: set to its bytes
 *
 * Return: the area, or NULL if it is truncated.
 */
const void *relay_find_private(const struct relay_found_channel *chan, __u64 *size)
{
	*size = chan->head.private_size;
	return relay_found_at(chan->bank, chan->head.private_area, *size);
}
