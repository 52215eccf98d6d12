// SPDX-License-Identifier: GPL-2.0
/*
 * What a found bank holds, and whether to believe it: magic, format, check sum,
 * geometry, and then sub-buffer by sub-buffer.
 *
 * The memory is hostile: a machine died with it, an attacker may have written
 * it, and a kernel may be recording in it. Every number is copied out and
 * checked before it is used, and an offset is used only through
 * relay_found_at(), which checks it. A part that cannot be believed costs that
 * part.
 */
#include <crc32c.h>
#include <stddef.h>
#include <string.h>
#include "parse_bank.h"

/**
 * relay_crc - the check sum of the format, CRC32C
 * @crc: of what is in front of it, or 0
 * @data: bytes
 * @size: how many
 *
 * Return: the check sum of both.
 */
__u32 relay_crc(__u32 crc, const void *data, size_t size)
{
	return ~crc32c(~crc, data, size);
}

/**
 * relay_sealed_crc - what a sub-buffer is sealed with
 * @data: its bytes
 * @sealed: what is said of it
 *
 * Return: the check sum of both.
 */
__u32 relay_sealed_crc(const void *data, const struct relay_bank_sealed *sealed)
{
	return relay_crc(relay_crc(0, data, sealed->used), sealed, sizeof(*sealed));
}

/**
 * relay_verdict_text - a verdict in words
 * @verdict: the verdict
 *
 * Return: what is wrong.
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

/* Are @count things, @stride bytes from each other, from @offset on in @size? */
static bool relay_found_fits(__u64 size, __u64 offset, __u64 count, __u64 stride)
{
	__u64 bytes;

	return offset <= size && stride &&
	       !__builtin_mul_overflow(count, stride, &bytes) &&
	       bytes <= size - offset;
}

static const void *relay_found_at(const struct relay_found_bank *bank,
				  __u64 offset, __u64 size)
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

	/* All of them beside each other: so many sub-buffers, and no more. */
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

/* The end of the boot is beside the check sum of a header, and has its own. */
static bool relay_header_ended(const struct relay_bank *head)
{
	size_t covered = offsetof(struct relay_bank, end_time);

	return relay_crc(0, (const char *)head + covered, sizeof(*head) - covered) ==
	       head->end_crc && head->end < RELAY_ENDS;
}

/* What changes in a header, from whichever of the two is whole. */
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
 * relay_find_bank - look for a bank
 * @mem: the memory
 * @size: bytes of it
 * @bank: filled in
 *
 * Return: RELAY_FOUND, or why not.
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

/* Whole things: that one does not reach into the next. */
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

/* Bytes of a bank. */
struct relay_range {
	__u64	begin;
	__u64	end;
};

#define RELAY_CHAN_RANGES	4

/* All that a good entry points to. */
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
	/* One bit that is wrong does not make a channel of none, nor none of a channel. */
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
 * Does the entry share memory with one before it? All of them could share the
 * same, and have it looked at over and over.
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
 * relay_find_channel - look at an entry of a bank's table
 * @bank: the bank
 * @slot: which entry, below @bank->head.n_channels
 * @chan: filled in
 *
 * Return: RELAY_FOUND, RELAY_EMPTY for an entry that is not in use, or what is
 * wrong with it.
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
 * relay_find_private - what a channel's owner kept
 * @chan: the channel
 * @size: filled in: bytes
 *
 * Return: where it is, or NULL if it was truncated.
 */
const void *relay_find_private(const struct relay_found_channel *chan, __u64 *size)
{
	*size = chan->head.private_size;
	return relay_found_at(chan->bank, chan->head.private_area, *size);
}

/*
 * Positions
 */

static __u64 relay_found_mask(const struct relay_found_channel *chan)
{
	return chan->bank->head.layout.word_size == 8 ? ~0ULL : ~0U;
}

/* How far @a is ahead of @b, in words of the writer's size. */
static __s64 relay_found_ahead(const struct relay_found_channel *chan,
			       __u64 a, __u64 b)
{
	unsigned int shift = 64 - chan->bank->head.layout.word_size * 8;

	return (__s64)((a - b) << shift) >> shift;
}

static __u64 relay_found_offset(const struct relay_found_channel *chan, __u64 pos)
{
	return pos & ((1ULL << chan->off_bits) - 1);
}

static __u64 relay_found_start(const struct relay_found_channel *chan, __u64 pos)
{
	return pos - relay_found_offset(chan, pos);
}

static unsigned int relay_found_index(const struct relay_found_channel *chan,
				      __u64 pos)
{
	return (pos & ((1ULL << chan->lap_shift) - 1)) >> chan->off_bits;
}

static __u64 relay_found_lap(const struct relay_found_channel *chan)
{
	return 1ULL << chan->lap_shift;
}

static __u64 relay_found_sequence(const struct relay_found_channel *chan, __u64 start)
{
	return (start >> chan->lap_shift) * chan->head.n_subbufs +
	       relay_found_index(chan, start);
}

/*
 * Buffer
 */

/* Byte count of a lap that has none. */
#define RELAY_NO_BYTE	(~(__u32)0)

/* The word at @offset, which relay_layout_good() has seen to be one. */
static __u64 relay_found_word(const struct relay_ring_layout *layout,
			      const void *at, unsigned int offset)
{
	__u32 word32;
	__u64 word64;

	if (layout->word_size == sizeof(word32)) {
		memcpy(&word32, (const char *)at + offset, sizeof(word32));
		return word32;
	}
	memcpy(&word64, (const char *)at + offset, sizeof(word64));
	return word64;
}

static __u32 relay_found_count(const void *at, unsigned int offset)
{
	__u32 count;

	memcpy(&count, (const char *)at + offset, sizeof(count));
	return count;
}

static __u64 relay_found_time(const void *at, unsigned int offset)
{
	__u64 time;

	memcpy(&time, (const char *)at + offset, sizeof(time));
	return time;
}

static const void *relay_found_control(const struct relay_found_buffer *buf,
				       unsigned int index)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;

	return (const char *)buf->control + layout->control_size +
	       (size_t)index * layout->subbuf_stride;
}

/*
 * A ring that was set up has a state in every sub-buffer, and none is 0. The control of
 * a CPU that was never there is zero, and so are its seals.
 */
static bool relay_found_unused(const struct relay_found_buffer *buf)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	unsigned int i;

	for (i = 0; i < buf->chan->head.n_subbufs; i++)
		if (relay_found_word(layout, relay_found_control(buf, i), layout->state))
			return false;
	return true;
}

static bool relay_found_zero(const void *at, __u64 size)
{
	const char *byte = at;

	return !*byte && !memcmp(byte, byte + 1, size - 1);
}

static bool relay_found_parity(__u64 word)
{
	return __builtin_parityll(word);
}

/* A reset throws away what starts before its mark, and is not ahead of the ring. */
static bool relay_found_good_reset(const struct relay_found_buffer *buf)
{
	const struct relay_found_channel *chan = buf->chan;
	__u64 mark = buf->reset & ~1ULL;

	return !relay_found_parity(buf->reset) && !relay_found_offset(chan, mark) &&
	       relay_found_ahead(chan, mark, buf->reserve) <=
	       (__s64)relay_found_lap(chan);
}

/**
 * relay_find_buffer - look at the buffer of a CPU
 * @chan: the channel
 * @cpu: whose, below @chan->head.n_buffers
 * @buf: filled in
 *
 * Return: RELAY_FOUND, RELAY_EMPTY for that of a CPU that was never there,
 * RELAY_BAD_STATE for one that looks like that and was sealed, or RELAY_TRUNCATED.
 */
enum relay_verdict relay_find_buffer(const struct relay_found_channel *chan,
				     unsigned int cpu,
				     struct relay_found_buffer *buf)
{
	const struct relay_bank_channel *head = &chan->head;
	const struct relay_found_bank *bank = chan->bank;
	const struct relay_ring_layout *layout = &bank->head.layout;
	__u64 seals = (__u64)head->n_subbufs * sizeof(struct relay_bank_seal);

	buf->chan = chan;
	buf->cpu = cpu;
	buf->control = relay_found_at(bank, head->control + cpu * head->control_stride,
				      head->control_stride);
	buf->seal = relay_found_at(bank, head->seal + cpu * seals, seals);
	buf->data = relay_found_at(bank, head->data + cpu * head->data_stride,
				   head->data_stride);
	if (!buf->control || !buf->seal || !buf->data)
		return RELAY_TRUNCATED;
	if (relay_found_unused(buf))
		return relay_found_zero(buf->control, head->control_stride) &&
		       relay_found_zero(buf->seal, seals) ? RELAY_EMPTY : RELAY_BAD_STATE;
	buf->reserve = relay_found_word(layout, buf->control, layout->reserve);
	buf->consumed = relay_found_word(layout, buf->control, layout->consumed);
	buf->reset = relay_found_word(layout, buf->control, layout->reset);
	buf->reset_known = relay_found_good_reset(buf);
	buf->reset &= ~1ULL;
	return RELAY_FOUND;
}

static __u64 relay_found_lost(const struct relay_found_buffer *buf, unsigned int why)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	__u64 lost = relay_found_word(layout, buf->control,
				      layout->lost + why * layout->word_size);

	if (why == RELAY_LOST_NESTED)
		lost += relay_found_word(layout, buf->control, layout->lost_nmi);
	return lost;
}

/* Records of delivered laps of the sub-buffer with control @control. */
static __u64 relay_found_total(const struct relay_found_buffer *buf, const void *control)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;

	return relay_found_word(layout, control, layout->total);
}

/* Records of its lap that is being filled. */
static __u32 relay_found_records(const struct relay_found_buffer *buf, const void *control)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	__u32 records = relay_found_count(control, layout->records);

	if (layout->word_size == sizeof(__u64) &&
	    relay_found_count(control, layout->committed) == RELAY_NO_BYTE)
		records++;
	return records - (__u32)relay_found_total(buf, control);
}

/**
 * relay_find_counters - where every record of a buffer went
 * @buf: the buffer
 * @counters: added to; of @bytes, @produced and @ready nothing is known
 */
void relay_find_counters(const struct relay_found_buffer *buf,
			 struct relay_counters *counters)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	unsigned int i;

	for (i = 0; i < buf->chan->head.n_subbufs; i++)
		counters->committed += relay_found_total(buf, relay_found_control(buf, i)) +
				       relay_found_records(buf, relay_found_control(buf, i));
	counters->overwritten += relay_found_word(layout, buf->control, layout->overwritten);
	counters->erased += relay_found_word(layout, buf->control, layout->erased);
	counters->discarded += relay_found_word(layout, buf->control, layout->discarded);
	counters->unnoted += relay_found_word(layout, buf->control, layout->unnoted);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		counters->lost[i] += relay_found_lost(buf, i);
}

/**
 * relay_found_here - where a ring stood
 * @buf: its buffer
 *
 * Return: number of the sub-buffer.
 */
__u64 relay_found_here(const struct relay_found_buffer *buf)
{
	return relay_found_sequence(buf->chan, buf->reserve);
}

/**
 * relay_found_numbers - how many numbers a buffer's sub-buffers can have
 * @buf: the buffer
 *
 * Return: what the writer's word holds; behind that the numbers begin anew.
 */
__u64 relay_found_numbers(const struct relay_found_buffer *buf)
{
	const struct relay_found_channel *chan = buf->chan;
	unsigned int lap_bits = chan->bank->head.layout.word_size * 8 - chan->lap_shift;

	return (__u64)chan->head.n_subbufs << lap_bits;
}

/**
 * relay_found_behind - age of a sub-buffer
 * @buf: its buffer
 * @sequence: its number
 *
 * This, and not the number, is what sub-buffers are put in order by: numbers
 * begin anew.
 *
 * Return: how many came behind it, that in which the ring stood included.
 */
__u64 relay_found_behind(const struct relay_found_buffer *buf, __u64 sequence)
{
	__u64 here = relay_found_here(buf);

	if (here < sequence)
		return here + relay_found_numbers(buf) - sequence;
	return here - sequence;
}

/*
 * Sub-buffer
 */

/**
 * struct relay_lap - a lap of a sub-buffer, before it is decided what it is
 * @buf:	the buffer
 * @index:	of the sub-buffer
 * @control:	that of the sub-buffer
 * @start:	position at which the lap starts
 * @entered:	position at which the last lap starts that the ring has entered
 * @committed:	byte count of the sub-buffer's control
 * @state:	a word of it, as the next three are; see &struct relay_ring_layout
 * @contiguous:	the same
 * @closed:	the same
 * @check:	the same
 */
struct relay_lap {
	const struct relay_found_buffer	*buf;
	unsigned int			index;
	const void			*control;
	__u64				start;
	__u64				entered;
	__u32				committed;
	__u64				state;
	__u64				contiguous;
	__u64				closed;
	__u64				check;
};

static __u64 relay_found_entered(const struct relay_found_buffer *buf, unsigned int index)
{
	const struct relay_found_channel *chan = buf->chan;
	__u64 lap = relay_found_lap(chan);
	__u64 start = (buf->reserve & ~(lap - 1)) + ((__u64)index << chan->off_bits);

	if (index > relay_found_index(chan, buf->reserve))
		start -= lap;
	return start & relay_found_mask(chan);
}

static void relay_read_lap(const struct relay_found_buffer *buf, unsigned int index,
			   struct relay_lap *lap)
{
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;
	const void *control = relay_found_control(buf, index);

	lap->buf = buf;
	lap->index = index;
	lap->control = control;
	lap->state = relay_found_word(layout, control, layout->state);
	lap->start = relay_found_start(buf->chan, lap->state);
	lap->entered = relay_found_entered(buf, index);
	lap->committed = relay_found_count(control, layout->committed);
	lap->contiguous = relay_found_word(layout, control, layout->contiguous);
	lap->closed = relay_found_word(layout, control, layout->closed);
	lap->check = relay_found_word(layout, control, layout->check);
}

/* Where the lap behind it starts. */
static __u64 relay_next_lap(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	return (lap->start + relay_found_lap(chan)) & relay_found_mask(chan);
}

/* What the lap's state is when it is delivered. */
static __u64 relay_lap_state(const struct relay_lap *lap)
{
	return (lap->state & ~3ULL) | 1;
}

/*
 * The same, of a lap that is not delivered, and whose @state is that of the lap
 * before it.
 */
static __u64 relay_next_state(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	__u64 before = relay_found_start(chan, lap->state);
	__u64 wraps = relay_found_offset(chan, lap->state) & ~3ULL;

	if (lap->start < before)
		wraps += 4;
	return lap->start | relay_found_offset(chan, wraps) | 1;
}

/* A time, as it is in a check word. */
static __u64 relay_found_fold(const struct relay_lap *lap, unsigned int offset)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	__u64 time = relay_found_time(lap->control, offset);

	return layout->word_size == sizeof(__u64) ? time : (__u32)(time ^ time >> 32);
}

/* Is the lap described as the writer did that closed it? */
static bool relay_lap_checked_closed(const struct relay_lap *lap)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;

	return lap->check == (lap->closed ^ relay_found_fold(lap, layout->end_time) ^
			      relay_found_word(layout, lap->control, layout->lost_before));
}

/* Is the lap described as the writer did that delivered it, as @state? */
static bool relay_lap_checked(const struct relay_lap *lap, __u64 state)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	struct relay_lap closed = *lap;

	closed.check ^= relay_found_word(layout, lap->control, layout->n_records) ^
			relay_found_word(layout, lap->control, layout->total) ^
			relay_found_fold(lap, layout->begin_time) ^ state;
	return relay_lap_checked_closed(&closed);
}

/*
 * Is the lap, which is not delivered, described as the writer did that closed it? Its
 * deliverer may have gone on from there.
 */
static bool relay_lap_described(const struct relay_lap *lap)
{
	return relay_lap_checked_closed(lap) ||
	       (lap->committed == lap->buf->chan->head.subbuf_size &&
		relay_lap_checked(lap, relay_next_state(lap)));
}

static bool relay_lap_closed(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	return relay_found_start(chan, lap->closed) == lap->start &&
	       relay_found_offset(chan, lap->closed) <= chan->head.subbuf_size;
}

/* Offset behind the last byte that is no padding. */
static __u32 relay_lap_used(const struct relay_lap *lap)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	return relay_lap_closed(lap) ? relay_found_offset(chan, lap->closed) :
				       chan->head.subbuf_size;
}

static void relay_set_whole(const struct relay_lap *lap,
			    struct relay_found_subbuf *sub)
{
	sub->used = relay_lap_used(lap);
	sub->extent[0].begin = 0;
	sub->extent[0].end = sub->used;
	sub->n_extents = 1;
}

/* Insert by their begin; there are few. */
static void relay_add_extent(struct relay_found_subbuf *sub, __u32 begin, __u32 end)
{
	unsigned int i = sub->n_extents++;

	for (; i && sub->extent[i - 1].begin > begin; i--)
		sub->extent[i] = sub->extent[i - 1];
	sub->extent[i].begin = begin;
	sub->extent[i].end = end;
}

/*
 * Of extents that touch or overlap, one; none that is empty, none behind @used.
 * Return: bytes in them.
 */
static __u32 relay_join_extents(struct relay_found_subbuf *sub, __u32 used)
{
	struct relay_found_extent *extent = sub->extent;
	unsigned int i, n = 0;
	__u32 bytes = 0;

	for (i = 0; i < sub->n_extents; i++) {
		struct relay_found_extent next = extent[i];

		if (n && next.begin < extent[n - 1].end)
			next.begin = extent[n - 1].end;
		if (next.end > used)
			next.end = used;
		if (next.begin >= next.end)
			continue;
		bytes += next.end - next.begin;
		if (n && next.begin == extent[n - 1].end)
			extent[n - 1].end = next.end;
		else
			extent[n++] = next;
	}
	sub->n_extents = n;
	sub->used = n ? extent[n - 1].end : 0;
	return bytes;
}

static void relay_add_notes(const struct relay_lap *lap,
			    struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	const struct relay_ring_layout *layout = &chan->bank->head.layout;
	unsigned int i;

	for (i = 0; i < layout->n_notes; i++) {
		const char *note = (const char *)lap->buf->control + layout->note +
				   i * layout->note_size;
		__u64 begin = relay_found_word(layout, note, 0);
		__u64 end = relay_found_word(layout, note, layout->note_end);

		if (relay_found_start(chan, begin) == lap->start &&
		    relay_found_start(chan, end) == lap->start && begin < end)
			relay_add_extent(sub, relay_found_offset(chan, begin),
					 relay_found_offset(chan, end));
	}
}

/* Can the ring, as it stood, have come so far in the lap? */
static bool relay_lap_reached(const struct relay_lap *lap, __u32 offset)
{
	const struct relay_found_buffer *buf = lap->buf;

	return relay_found_start(buf->chan, buf->reserve) != lap->start ||
	       offset <= relay_found_offset(buf->chan, buf->reserve);
}

/*
 * Is the lap closed, as far as others can tell: the ring has gone on, or its last byte
 * is committed?
 */
static bool relay_lap_passed(const struct relay_lap *lap,
			     const struct relay_found_subbuf *sub)
{
	const struct relay_found_buffer *buf = lap->buf;

	return relay_found_start(buf->chan, buf->reserve) != lap->start ||
	       sub->used == buf->chan->head.subbuf_size;
}

/*
 * The lap was being filled. Its bytes are marked twice: each by the position up to
 * which they are contiguous, or by a note; and by their count.
 */
static void relay_set_open(const struct relay_lap *lap, struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	__u32 size = chan->head.subbuf_size;
	__u32 committed = lap->committed == RELAY_NO_BYTE ? 0 : lap->committed;
	__u32 bytes;

	relay_add_extent(sub, 0, relay_found_offset(chan, lap->contiguous));
	relay_add_notes(lap, sub);
	bytes = relay_join_extents(sub, size);
	sub->doubted = bytes != committed || !relay_lap_reached(lap, sub->used);
	if (!relay_lap_closed(lap))
		sub->doubted |= relay_lap_passed(lap, sub);
	else if (!relay_lap_described(lap))
		sub->doubted = true;
	else if (relay_lap_reached(lap, size))
		bytes = relay_join_extents(sub, relay_lap_used(lap));
	/* Otherwise the record that closed it was discarded. */
	sub->doubted |= sub->records > bytes;
}

static void relay_set_descriptor(const struct relay_lap *lap,
				 struct relay_found_subbuf *sub)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	const void *control = lap->control;
	unsigned int why;

	sub->begin_time = relay_found_time(control, layout->begin_time);
	if (sub->delivered) {
		sub->records = relay_found_word(layout, control, layout->n_records);
		sub->lost = relay_found_word(layout, control, layout->lost_before);
		sub->end_time = relay_found_time(control, layout->end_time);
		return;
	}
	sub->records = relay_found_records(lap->buf, control);
	for (why = 0; why < RELAY_LOST_REASONS; why++)
		sub->lost += relay_found_lost(lap->buf, why);
}

/*
 * A lap that starts before a reset is not wanted. One that the ring, as it stood, cannot
 * have left is damaged, and may have started anywhere.
 */
static bool relay_lap_reset(const struct relay_lap *lap)
{
	const struct relay_found_buffer *buf = lap->buf;

	return buf->reset_known && lap->start == lap->entered &&
	       relay_found_ahead(buf->chan, buf->reset, lap->start) > 0;
}

/* Are the marks those that the deliverer made for the next lap? */
static bool relay_lap_rewound(const struct relay_lap *lap)
{
	return lap->contiguous == relay_next_lap(lap) && lap->committed == RELAY_NO_BYTE &&
	       !relay_found_records(lap->buf, lap->control);
}

/*
 * Return: RELAY_EMPTY where the lap has no seal. One of the same lap that says something
 * else of how often positions have wrapped is damaged.
 */
static enum relay_verdict relay_check_seal(const struct relay_lap *lap,
					   struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	struct relay_bank_sealed sealed = {
		.used = sub->used,
		.records = sub->records,
		.lost = sub->lost,
	};
	struct relay_bank_seal seal;

	memcpy(&seal, (const struct relay_bank_seal *)lap->buf->seal + lap->index,
	       sizeof(seal));
	if (seal.state != relay_lap_state(lap)) {
		sub->doubted |= seal.state &&
				relay_found_start(chan, seal.state) == lap->start;
		return RELAY_EMPTY;
	}
	sub->sealed = relay_sealed_crc(sub->data, &sealed) == seal.crc;
	return sub->sealed ? RELAY_FOUND : RELAY_BAD_SEAL;
}

/*
 * The lap is delivered, or was read as well. Its seal, or its check word and the place
 * where the ring stood, say that its bytes can be believed.
 */
static enum relay_verdict relay_lap_delivered(const struct relay_lap *lap,
					      struct relay_found_subbuf *sub)
{
	bool placed = lap->start == lap->entered;
	bool checked = relay_lap_checked(lap, relay_lap_state(lap));
	enum relay_verdict verdict;

	sub->delivered = true;
	relay_set_whole(lap, sub);
	relay_set_descriptor(lap, sub);
	verdict = relay_check_seal(lap, sub);
	if (verdict == RELAY_BAD_SEAL)
		return verdict;
	if (!sub->sealed && !(placed && checked))
		return RELAY_BAD_STATE;
	sub->doubted |= !placed || !checked || !relay_lap_rewound(lap);
	return RELAY_FOUND;
}

/*
 * Every byte of the lap is committed, though nobody has said so: its deliverer has
 * moved the mark behind it, after the check word; or the count says so.
 */
static enum relay_verdict relay_lap_whole(const struct relay_lap *lap,
					  struct relay_found_subbuf *sub)
{
	const struct relay_ring_layout *layout = &lap->buf->chan->bank->head.layout;
	bool marked = lap->contiguous == relay_next_lap(lap);

	if (marked && !relay_lap_checked(lap, relay_next_state(lap)))
		return RELAY_BAD_STATE;
	sub->delivered = marked;
	relay_set_whole(lap, sub);
	relay_set_descriptor(lap, sub);
	if (!sub->records)
		sub->records = relay_found_word(layout, lap->control, layout->n_records);
	sub->doubted |= !marked && !relay_lap_described(lap);
	return RELAY_FOUND;
}

static enum relay_verdict relay_lap_open(const struct relay_lap *lap,
					 struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;

	if (relay_found_start(chan, lap->contiguous) != lap->start ||
	    relay_found_offset(chan, lap->contiguous) > chan->head.subbuf_size)
		return RELAY_BAD_STATE;
	relay_set_descriptor(lap, sub);
	relay_set_open(lap, sub);
	if (sub->n_extents)
		return RELAY_FOUND;
	/* Reserved to its end, and no writer has come so far that it shows. */
	sub->doubted |= !relay_lap_closed(lap) &&
			relay_lap_reached(lap, chan->head.subbuf_size);
	return RELAY_EMPTY;
}

/*
 * The lap was entered, and nobody has said that it is delivered.
 *
 * A count that says that it is whole is believed if the marks say it, too, or cannot:
 * extents that found no note are in none.
 */
static enum relay_verdict relay_lap_begun(const struct relay_lap *lap,
					  struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = lap->buf->chan;
	const struct relay_ring_layout *layout = &chan->bank->head.layout;
	enum relay_verdict verdict;

	if (relay_lap_reset(lap)) {
		relay_set_descriptor(lap, sub);
		return RELAY_EMPTY;
	}
	sub->sequence = relay_found_sequence(chan, lap->start);
	if (lap->contiguous == relay_next_lap(lap))
		return relay_lap_whole(lap, sub);
	verdict = relay_lap_open(lap, sub);
	if (lap->committed != chan->head.subbuf_size || verdict)
		return verdict;
	if (sub->doubted && !relay_found_word(layout, lap->buf->control, layout->unnoted))
		return verdict;
	return relay_lap_whole(lap, sub);
}

/* Was no record ever delivered here? */
static bool relay_lap_first(const struct relay_lap *lap)
{
	const struct relay_found_buffer *buf = lap->buf;
	const struct relay_ring_layout *layout = &buf->chan->bank->head.layout;

	return lap->start == lap->entered && !relay_found_total(buf, lap->control) &&
	       !relay_found_word(layout, lap->control, layout->n_records);
}

/* Consumed, or never used: what the writers have not come to again is there. */
static enum relay_verdict relay_lap_consumed(const struct relay_lap *lap,
					     struct relay_found_subbuf *sub)
{
	const struct relay_found_buffer *buf = lap->buf;

	if (relay_lap_reset(lap) || relay_lap_first(lap))
		return relay_lap_rewound(lap) ? RELAY_EMPTY : RELAY_BAD_STATE;
	/* Writers that overwrite leave the readers' mark alone. */
	sub->consumed = !(buf->chan->head.flags & RELAY_CHAN_OVERWRITE) ||
			relay_found_ahead(buf->chan, buf->consumed, lap->start) > 0;
	sub->taken = !sub->consumed;
	return relay_lap_delivered(lap, sub);
}

/**
 * relay_find_subbuf - look at a sub-buffer
 * @buf: the buffer
 * @index: which, below n_subbufs
 * @sub: filled in
 *
 * Return: RELAY_FOUND; RELAY_EMPTY for one with nothing in it, or with nothing
 * that is still wanted: then @sub->records are those that a reset has thrown away and
 * that are not counted as erased yet, and @sub->doubted is valid; RELAY_BAD_STATE or
 * RELAY_BAD_SEAL for one that is lost.
 */
enum relay_verdict relay_find_subbuf(const struct relay_found_buffer *buf,
				     unsigned int index,
				     struct relay_found_subbuf *sub)
{
	const struct relay_found_channel *chan = buf->chan;
	struct relay_lap lap;

	relay_read_lap(buf, index, &lap);
	if (relay_found_index(chan, lap.start) != index)
		return RELAY_BAD_STATE;
	memset(sub, 0, sizeof(*sub));
	sub->data = (const char *)buf->data + (size_t)index * chan->head.subbuf_size;
	sub->sequence = relay_found_sequence(chan, lap.start);

	switch (lap.state & 3) {
	case 1:
		sub->delivered = true;
		if (!relay_lap_reset(&lap))
			return relay_lap_delivered(&lap, sub);
		relay_set_descriptor(&lap, sub);
		return RELAY_EMPTY;
	case 2:
		if (relay_next_lap(&lap) != lap.entered)
			return relay_lap_consumed(&lap, sub);
		lap.start = lap.entered;
		return relay_lap_begun(&lap, sub);
	}
	return RELAY_BAD_STATE;
}

/*
 * The sums of a buffer
 */

/*
 * Is each committed record in one place? Where some were read, none may be in two. None
 * were while neither a reader nor a reset has moved its mark from the ring's begin.
 */
static bool relay_found_balanced(const struct relay_found_buffer *buf)
{
	__u64 there = 0, taken = 0, left;
	struct relay_counters counters = { 0 };
	struct relay_found_subbuf sub;
	enum relay_verdict verdict;
	unsigned int i;

	relay_find_counters(buf, &counters);
	for (i = 0; i < buf->chan->head.n_subbufs; i++) {
		verdict = relay_find_subbuf(buf, i, &sub);
		if (verdict != RELAY_FOUND && verdict != RELAY_EMPTY)
			return true;
		if (sub.taken)
			taken += sub.records;
		else if (!sub.consumed)
			there += sub.records;
	}
	left = counters.committed - there - counters.overwritten - counters.erased;
	left &= relay_found_mask(buf->chan);
	return !left || left == taken ||
	       ((buf->consumed || buf->reset || counters.erased) &&
		relay_found_ahead(buf->chan, left, 0) > 0);
}

/**
 * relay_find_doubt - what is wrong with the control of a buffer as a whole
 * @buf: the buffer
 *
 * Committed records are still there, were overwritten or thrown away, or were read. The
 * sums of a buffer with a sub-buffer that is lost are not checked.
 *
 * Return: words, or NULL if nothing is.
 */
const char *relay_find_doubt(const struct relay_found_buffer *buf)
{
	const struct relay_bank_channel *head = &buf->chan->head;

	if (relay_found_offset(buf->chan, buf->reserve) > head->subbuf_size ||
	    relay_found_index(buf->chan, buf->reserve) >= head->n_subbufs)
		return "the place where it stood cannot be";
	if (!buf->reset_known)
		return "the mark of its last reset cannot be";
	if (!relay_found_balanced(buf))
		return "its records are not as many as were committed";
	return NULL;
}
