// SPDX-License-Identifier: GPL-2.0
/*
 * The meta pages of a buffer, in which user space sees its state without a system call.
 *
 * User space can only map them read-only, so the kernel trusts what it reads back.
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include "internal.h"

static_assert(sizeof(struct relay_meta) == 64);
static_assert(sizeof(struct relay_subbuf_desc) == 56);

static notrace struct relay_subbuf_desc *relay_meta_desc(const struct relay_buf *buf,
							 unsigned long pos)
{
	struct relay_subbuf_desc *desc = (void *)(buf->meta + 1);

	return &desc[relay_pos_index(&buf->ring, pos)];
}

/**
 * relay_meta_init - set the meta pages of a buffer up
 * @buf: the buffer
 *
 * Context: No writer uses the buffer yet.
 */
void relay_meta_init(struct relay_buf *buf)
{
	const struct relay_chan *chan = relay_buf_chan(buf);
	struct relay_meta *meta = buf->meta_pages.start ?: buf->start + chan->alloc_size;
	struct relay_subbuf_desc *desc;
	u32 i;

	*meta = (struct relay_meta) {
		.abi_version	= RELAY_ABI_VERSION,
		.header_size	= sizeof(*meta),
		.desc_size	= sizeof(*desc),
		.cpu		= buf->cpu,
		.flags		= relay_chan_abi_flags(chan),
		.n_subbufs	= chan->n_subbufs,
		.subbuf_size	= chan->subbuf_size,
	};
	buf->meta = meta;
	/* The numbers of the lap before the first, so that each delivery adds n_subbufs. */
	desc = (void *)(meta + 1);
	for (i = 0; i < meta->n_subbufs; i++)
		desc[i].info.sequence = (u64)i - meta->n_subbufs;
}

/* A writer that stores an older count after a newer one sees the newer one, and stores it. */
static notrace void relay_meta_produce(struct relay_buf *buf)
{
	long produced, stored;

	/* As in relay_buf_grow(). Pairs with LMM(relay_meta_produce:B). */
	produced = atomic_long_inc_return(&buf->produced);
						/* LMM(relay_meta_produce:A) */
	do {
		stored = produced;
		WRITE_ONCE(buf->meta->produced, (u32)stored);
		/* As in relay_buf_grow(). Pairs with LMM(relay_meta_produce:A). */
		smp_mb(); /* LMM(relay_meta_produce:B) */
		produced = atomic_long_read(&buf->produced);
	} while (produced != stored);
}

/**
 * relay_meta_deliver - publish a sub-buffer
 * @buf: the buffer
 * @pos: start position of the sub-buffer
 * @info: description of the sub-buffer; its sequence is not used
 *
 * Called by the writer that delivers the sub-buffer, before a reader can get it from the
 * ring.
 *
 * Context: Any, preemption off.
 */
notrace void relay_meta_deliver(struct relay_buf *buf, unsigned long pos,
				const struct relay_subbuf_info *info)
{
	struct relay_subbuf_desc *desc = relay_meta_desc(buf, pos);
	u64 sequence = desc->info.sequence + buf->chan->n_subbufs;
	u32 version = desc->version;

	WRITE_ONCE(desc->version, version + 1);
	/*
	 * Guarantee that the version is odd before a field changes.
	 * Pairs with LMM(relay_meta_sequence:B), and with user space.
	 */
	smp_wmb(); /* LMM(relay_meta_deliver:A) */
	WRITE_ONCE(desc->info.sequence, sequence);
	WRITE_ONCE(desc->info.records, info->records);
	WRITE_ONCE(desc->info.begin_time, info->begin_time);
	WRITE_ONCE(desc->info.end_time, info->end_time);
	WRITE_ONCE(desc->info.lost, info->lost);
	WRITE_ONCE(desc->info.used, info->used);
	WRITE_ONCE(desc->info.padding, info->padding);
	/*
	 * Guarantee that the fields, and the bytes of the sub-buffer, are
	 * visible before the version. Version 0 means that none was delivered.
	 * Pairs with LMM(relay_meta_sequence:A), and with user space.
	 */
	smp_store_release(&desc->version, version + 2 ? version + 2 : 2);
						/* LMM(relay_meta_deliver:B) */
	relay_meta_produce(buf);
}

/**
 * relay_meta_sequence - number of a delivered sub-buffer
 * @buf: the buffer
 * @pos: a position in the sub-buffer; the caller must check that a writer has not
 *	delivered another lap there meanwhile
 *
 * Context: Any but a writer's.
 * Return: the number of the lap of the sub-buffer that was delivered last; if none was,
 * that of the lap before the first, which is negative.
 */
u64 relay_meta_sequence(const struct relay_buf *buf, unsigned long pos)
{
	const struct relay_subbuf_desc *desc = relay_meta_desc(buf, pos);
	u32 version;
	u64 sequence;

	do {
		/*
		 * If this reads from LMM(relay_meta_deliver:B), then the
		 * sequence read below is at least as new. If that was written
		 * after a later LMM(relay_meta_deliver:A), then the second
		 * read of the version sees the later version.
		 */
		version = smp_load_acquire(&desc->version);
						/* LMM(relay_meta_sequence:A) */
		sequence = READ_ONCE(desc->info.sequence);
		smp_rmb(); /* LMM(relay_meta_sequence:B) */
	} while (version & 1 || READ_ONCE(desc->version) != version);
	return sequence;
}

/**
 * relay_sequence_pos - start position of the sub-buffer with a number
 * @ring: the ring
 * @sequence: the number
 *
 * Return: the start position, whether or not the sub-buffer is there now.
 */
unsigned long relay_sequence_pos(const struct relay_ring *ring, u64 sequence)
{
	u32 index;
	u64 lap = div_u64_rem(sequence, ring->n_subbufs, &index);

	return ((unsigned long)lap << ring->lap_shift) +
	       ((unsigned long)index << ring->off_bits);
}

/**
 * relay_meta_number - number of the sub-buffer at a position
 * @buf: the buffer; one with meta pages
 * @pos: start position of a sub-buffer, which need not be delivered yet, and may have
 *	been overwritten
 *
 * Context: Any but a writer's.
 * Return: the number.
 */
u64 relay_meta_number(const struct relay_buf *buf, unsigned long pos)
{
	const struct relay_ring *ring = &buf->ring;
	/* Number of the lap after the one delivered last; @pos may be of any other lap. */
	u64 next = relay_meta_sequence(buf, pos) + ring->n_subbufs;
	s64 laps = (long)(pos - relay_sequence_pos(ring, next)) >> ring->lap_shift;

	return next + laps * ring->n_subbufs;
}

/**
 * relay_meta_consume_before - publish that all sub-buffers before a position are consumed
 * @buf: the buffer; if it has no meta pages this does nothing
 * @pos: start position of a sub-buffer, less than half of all positions from the
 *	reserve position
 *
 * Context: The reader's lock is held. Not in a writer.
 */
void relay_meta_consume_before(struct relay_buf *buf, unsigned long pos)
{
	if (buf->meta)
		WRITE_ONCE(buf->meta->consumed, (u32)relay_meta_number(buf, pos));
}

/**
 * relay_meta_close - publish that the channel is closed
 * @buf: the buffer; if it has no meta pages this does nothing
 */
void relay_meta_close(struct relay_buf *buf)
{
	if (buf->meta)
		/* Visible after every sub-buffer that was delivered. */
		smp_store_release(&buf->meta->closed, 1);
}
