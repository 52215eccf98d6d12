// SPDX-License-Identifier: GPL-2.0
/*
 * Seals: check sums of delivered sub-buffers in the reserved area, made by a
 * worker.
 *
 * The worker runs concurrently with the writers, and reads like any reader in overwrite
 * mode: it stores a seal only if the sub-buffer is intact after the worker has read it.
 * The seal names the lap. A crash while the worker stores a seal leaves none.
 *
 * The newest sub-buffers are sealed first, because a reader after a crash wants them
 * most, and the oldest may be overwritten before the worker comes to them.
 */
#include <linux/libnvdimm.h>
#include <linux/vmalloc.h>
#include "../internal.h"

static void relay_seal_subbuf(struct relay_ring *ring, struct relay_span *span,
			      struct relay_bank_seal *seal)
{
	struct relay_subbuf *sub = relay_pos_subbuf(ring, span->pos);
	/* A writer may overwrite the bytes meanwhile: relay_ring_intact() detects that. */
	u32 crc = data_race(relay_crc(0, span->data, span->info.used));

	if (!relay_ring_intact(ring, span))
		return;
	crc = relay_crc(crc, &span->info, sizeof(span->info));
	/*
	 * Write the bytes and the control back before the seal, so that a sealed
	 * sub-buffer survives a reset that loses dirty cache lines.
	 */
	arch_wb_cache_pmem((void *)span->data, span->info.used);
	arch_wb_cache_pmem(sub, sizeof(*sub));
	/* So that at no instruction @seal has a state with the sum of another lap. */
	WRITE_ONCE(seal->state, 0);
	smp_wmb(); /* The next kernel sees it in this order. */
	WRITE_ONCE(seal->crc, crc);
	smp_wmb(); /* The same. */
	WRITE_ONCE(seal->state, span->state);
	arch_wb_cache_pmem(seal, sizeof(*seal));
}

/* Start position of the sub-buffer that is being filled. */
static unsigned long relay_seal_newest(const struct relay_ring *ring)
{
	return relay_pos_start(ring, relay_word_read(&ring->control->reserve));
}

/* Return: whether the sub-buffer at @pos had to be sealed. */
static bool relay_seal_at(struct relay_buf *buf, unsigned long pos)
{
	struct relay_bank_seal *seal = &buf->seals[relay_pos_index(&buf->ring, pos)];
	struct relay_span span;

	if (!relay_ring_find(&buf->ring, pos, &span) || READ_ONCE(seal->state) == span.state)
		return false;
	relay_seal_subbuf(&buf->ring, &span, seal);
	cond_resched();
	return true;
}

/*
 * Seal from the newest sub-buffer back to @sealed, or all sub-buffers; start again at the
 * newest whenever writers have entered another. Compare positions with @sealed for
 * equality only, because @sealed may be half of all positions old.
 */
static void relay_seal_work(struct work_struct *work)
{
	struct relay_buf *buf = container_of(work, struct relay_buf, seal_worker);
	struct relay_ring *ring = &buf->ring;
	unsigned long newest, pos;
	unsigned int left;

	do {
		newest = relay_seal_newest(ring);
		pos = newest;
		for (left = ring->n_subbufs; left; left--) {
			if (relay_seal_at(buf, pos) && relay_seal_newest(ring) != newest)
				break;
			if (pos == buf->sealed)
				left = 1;
			pos = relay_pos_previous(ring, pos);
		}
	} while (relay_seal_newest(ring) != newest);
	buf->sealed = newest;
}

static void relay_seal_kick(struct irq_work *work)
{
	struct relay_buf *buf = container_of(work, struct relay_buf, seal_work);

	queue_work(system_dfl_wq, &buf->seal_worker);
}

static int relay_seal_alloc(struct relay_buf *buf, int node)
{
	relay_reserved_buf(buf);
	buf->seal_work = IRQ_WORK_INIT_HARD(relay_seal_kick);
	INIT_WORK(&buf->seal_worker, relay_seal_work);
	return relay_pages_alloc(&buf->meta_pages, relay_buf_chan(buf)->meta_size, node);
}

/* No writer is in the buffer. Every delivered sub-buffer is sealed when this returns. */
static void relay_seal_free(struct relay_buf *buf)
{
	irq_work_sync(&buf->seal_work);
	flush_work(&buf->seal_worker);
	vfree(buf->meta_pages.start);
}

const struct relay_memory relay_reserved_memory = {
	.alloc	= relay_seal_alloc,
	.free	= relay_seal_free,
	.close	= relay_reserved_close,
};
