// SPDX-License-Identifier: GPL-2.0
/*
 * Seals: check sums of delivered sub-buffers in the reserved area, made by a
 * worker.
 *
 * The worker runs beside the writers. It reads like any reader in overwrite
 * mode: a seal counts when the sub-buffer was still intact after it was read,
 * and says of which lap it is. A crash while one is being made leaves none.
 *
 * The newest sub-buffers are sealed first, because a reader after a crash wants them
 * most, and the oldest may be overwritten before the worker comes to them.
 */
#include <linux/irq_work.h>
#include <linux/libnvdimm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "../internal.h"
#include "../reserved.h"

/**
 * struct relay_seal - what seals a buffer
 * @buf:	the buffer
 * @seal:	its seals
 * @done:	start position of the sub-buffer that was being filled when the worker
 *		had sealed all before it
 * @kick:	of writers, which may be in an NMI
 * @work:	the worker
 */
struct relay_seal {
	struct relay_buf	*buf;
	struct relay_bank_seal	*seal;
	unsigned long		done;
	struct irq_work		kick;
	struct work_struct	work;
};

static u32 relay_span_crc(const struct relay_span *span)
{
	return relay_crc(relay_crc(0, span->data, span->info.used), &span->info,
			 sizeof(span->info));
}

static void relay_seal_subbuf(struct relay_seal *work, struct relay_span *span)
{
	struct relay_ring *ring = &work->buf->ring;
	struct relay_bank_seal *seal = &work->seal[relay_pos_index(ring, span->pos)];
	struct relay_subbuf *sub = relay_pos_subbuf(ring, span->pos);
	/* If a writer gets here meanwhile, it is found out below. */
	u32 crc = data_race(relay_span_crc(span));

	if (!relay_ring_intact(ring, span))
		return;
	/*
	 * Where a reset loses what is only in the caches, a sub-buffer that is
	 * sealed survives it: memory has its bytes and its control before its seal.
	 */
	arch_wb_cache_pmem((void *)span->data, span->info.used);
	arch_wb_cache_pmem(sub, sizeof(*sub));
	/* At no instruction there is a state with another's sum. */
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
static bool relay_seal_at(struct relay_seal *seal, unsigned long pos)
{
	struct relay_ring *ring = &seal->buf->ring;
	struct relay_span span;

	if (!relay_ring_find(ring, pos, &span) ||
	    READ_ONCE(seal->seal[relay_pos_index(ring, pos)].state) == span.state)
		return false;
	relay_seal_subbuf(seal, &span);
	cond_resched();
	return true;
}

/*
 * From the newest sub-buffer back to @done, or all of them; and again from the newest
 * whenever the ring has gone on. A position that is not @done says nothing of which is
 * older: @done may be half of all positions old.
 */
static void relay_seal_work(struct work_struct *work)
{
	struct relay_seal *seal = container_of(work, struct relay_seal, work);
	struct relay_ring *ring = &seal->buf->ring;
	unsigned long newest, pos;
	unsigned int left;

	do {
		newest = relay_seal_newest(ring);
		pos = newest;
		for (left = ring->n_subbufs; left; left--) {
			if (relay_seal_at(seal, pos) && relay_seal_newest(ring) != newest)
				break;
			if (pos == seal->done)
				left = 1;
			pos = relay_pos_previous(ring, pos);
		}
	} while (relay_seal_newest(ring) != newest);
	seal->done = newest;
}

static void relay_seal_kick(struct irq_work *kick)
{
	struct relay_seal *seal = container_of(kick, struct relay_seal, kick);

	queue_work(system_dfl_wq, &seal->work);
}

/**
 * relay_seal_start - seal what a buffer delivers from now on
 * @buf: the buffer, in the reserved area
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM.
 */
int relay_seal_start(struct relay_buf *buf)
{
	struct relay_seal *seal = kzalloc_obj(*seal);

	if (!seal)
		return -ENOMEM;
	seal->buf = buf;
	seal->seal = relay_reserved_seals(buf);
	seal->done = relay_seal_newest(&buf->ring);
	seal->kick = IRQ_WORK_INIT_HARD(relay_seal_kick);
	INIT_WORK(&seal->work, relay_seal_work);
	buf->seal = seal;
	/* What is sealed is found only where memory has a control, that of a new CPU too. */
	arch_wb_cache_pmem(buf->ring.control,
			   relay_ring_control_size(buf->ring.n_subbufs));
	return 0;
}

/* What was delivered is sealed when this returns. No writer is in the buffer. */
static void relay_seal_stop(struct relay_buf *buf)
{
	if (!buf->seal)
		return;
	irq_work_sync(&buf->seal->kick);
	flush_work(&buf->seal->work);
	kfree(buf->seal);
	buf->seal = NULL;
}

const struct relay_memory relay_reserved_memory = {
	.alloc	= relay_reserved_buf,
	.free	= relay_seal_stop,
	.close	= relay_reserved_close,
};

/**
 * relay_seal_later - a sub-buffer was delivered
 * @buf: the buffer
 *
 * Context: Any, preemption off.
 */
notrace void relay_seal_later(struct relay_buf *buf)
{
	relay_queue_work(&buf->seal->kick);
}
