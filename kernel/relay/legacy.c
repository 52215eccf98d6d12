// SPDX-License-Identifier: GPL-2.0
/*
 * What only the API of Linux 7.3 needs: the gate of the subbuf_start callback,
 * relay_reserve(), and the file of a buffer on a client's own file system.
 *
 * The callback decides whether a writer enters the next sub-buffer, and reserves its
 * header. Clients wrote it for writers that do not nest, so the gate lets one writer of
 * a buffer at a time call it.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include "internal.h"

/*
 * Fails if this CPU is in the gate already, because the callback writes, or an interrupt
 * during it; and in an NMI if any CPU is in the gate. A writer of a global buffer on
 * another CPU spins, because the writer in the gate has preemption off and does not wait.
 */
static bool relay_gate_lock(struct relay_buf *buf)
{
	int me = smp_processor_id() + 1;
	int owner = 0;

	while (!try_cmpxchg_acquire(&buf->gate, &owner, me)) {
		if (owner == me || in_nmi())
			return false;
		owner = 0;
		cpu_relax();
	}
	return true;
}

static int relay_ask_client(struct relay_buf *buf, unsigned long pos)
{
	struct relay_ring *ring = &buf->ring;
	void *next = relay_pos_address(ring, relay_pos_next(ring, pos));
	void *prev = relay_pos_address(ring, relay_pos_start(ring, pos));

	/* Another CPU has entered a sub-buffer before. */
	if (relay_word_read(&ring->control->reserve) != pos)
		return 0;

	if (READ_ONCE(buf->restart))
		prev = NULL;
	buf->start_reserve = 0;
	if (!relay_buf_chan(buf)->cb->subbuf_start(&buf->client, next, prev))
		return -ENOSPC;
	WRITE_ONCE(buf->restart, false);
	WRITE_ONCE(ring->header_size, buf->start_reserve);
	return relay_ring_enter(ring, pos, true);
}

/**
 * relay_gate_admit - enter the next sub-buffer, if the client allows it
 * @ring: the ring of a channel with a subbuf_start callback
 * @pos: the reserve position, of a closed sub-buffer
 *
 * Context: Any, preemption off, on the ring's CPU.
 * Return: as relay_ring_admit().
 */
int relay_gate_admit(struct relay_ring *ring, unsigned long pos)
{
	struct relay_buf *buf = relay_ring_buf(ring);
	int err;

	if (!relay_gate_lock(buf))
		return -EBUSY;
	err = relay_ask_client(buf, pos);
	/* Pairs with the acquire in relay_gate_lock(). */
	smp_store_release(&buf->gate, 0);
	return err;
}

/**
 * relay_gate_enter - enter the next sub-buffer, if the current one is closed
 * @ring: the ring
 *
 * For clients that look into the next sub-buffer before they write.
 *
 * Context: As relay_gate_admit().
 */
void relay_gate_enter(struct relay_ring *ring)
{
	unsigned long pos = relay_word_read(&ring->control->reserve);

	if (relay_pos_closed(ring, pos) && !READ_ONCE(ring->disabled))
		relay_ring_admit(ring, pos);
}

/**
 * subbuf_start_reserve - reserve bytes at the start of a sub-buffer
 * @buf: relay channel buffer
 * @length: number of bytes to reserve
 *
 * Helper function used to reserve bytes at the beginning of
 * a sub-buffer in the subbuf_start() callback.
 *
 * Context: subbuf_start().
 */
notrace void subbuf_start_reserve(struct rchan_buf *buf, size_t length)
{
	if (!WARN_ON_ONCE(length >= buf->chan->subbuf_size))
		relay_buf_of(buf)->start_reserve = length;
}
EXPORT_SYMBOL_GPL(subbuf_start_reserve);

/*
 * relay_reserve()
 */

/* Return: address of the next record; NULL, after taking a step to enter a sub-buffer. */
static notrace void *relay_peek_slot(struct rchan *chan)
{
	struct relay_ring *ring = &(*get_cpu_ptr(chan->buf))->ring;
	unsigned long pos = relay_word_read(&ring->control->reserve);
	void *slot = NULL;

	if (relay_nmi_unsafe())
		relay_ring_refuse_nmi(ring);
	else if (relay_pos_offset(ring, pos) < chan->subbuf_size)
		slot = relay_pos_address(ring, pos);
	else
		relay_ring_make_room(ring, pos, 1, 1);
	put_cpu_ptr(chan->buf);
	return slot;
}

/**
 * relay_reserve - reserve slot in channel buffer
 * @chan: relay channel
 * @length: number of bytes to reserve
 *
 * Reserves a slot in the current CPU's buffer, and commits it before the caller fills
 * it: a reader may find old bytes there. The caller synchronizes its writes. New code
 * should use relay_slot_reserve(). Returns NULL for a channel in the reserved area,
 * because a check sum may be taken there before the caller has filled the slot.
 *
 * Context: Any.
 * Return: pointer to reserved slot, NULL if full. With @length 0, where the
 * next slot would be; NULL if a sub-buffer had to be entered first.
 */
notrace void *relay_reserve(struct rchan *chan, size_t length)
{
	struct relay_slot slot;

	if (!length)
		return relay_peek_slot(chan);
	if (unlikely(relay_chan_of(chan)->place)) {
		pr_warn_once("relay: %s is in the reserved area, use relay_slot_reserve()\n",
			     relay_chan_of(chan)->base_filename);
		return NULL;
	}
	if (relay_slot_reserve(chan, &slot, length))
		return NULL;
	relay_slot_commit(&slot);
	return slot.data;
}
EXPORT_SYMBOL_GPL(relay_reserve);

/*
 * The file of a buffer on the client's file system
 */

static int relay_file_open(struct inode *inode, struct file *filp)
{
	struct relay_buf *buf = relay_buf_of(inode->i_private);

	kref_get(&relay_buf_chan(buf)->kref);
	filp->private_data = buf;
	return relay_stream_open(inode, filp);
}

static int relay_file_release(struct inode *inode, struct file *filp)
{
	struct relay_buf *buf = filp->private_data;

	relay_chan_put(relay_buf_chan(buf));
	return 0;
}

static ssize_t relay_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return relay_buf_read(iocb->ki_filp->private_data, to);
}

/* debugfs forwards read(), but not read_iter(). */
static ssize_t relay_file_read(struct file *filp, char __user *buffer,
			       size_t count, loff_t *ppos)
{
	struct iov_iter to;
	int err = import_ubuf(ITER_DEST, buffer, count, &to);

	return err ? err : relay_buf_read(filp->private_data, &to);
}

static __poll_t relay_file_poll(struct file *filp, poll_table *wait)
{
	struct relay_buf *buf = filp->private_data;

	poll_wait(filp, &buf->read_wait, wait);
	return relay_buf_readable(buf);
}

/*
 * A mapping must show the whole buffer, from its start. The range is untrusted.
 */
static int relay_file_mmap_prepare(struct vm_area_desc *desc)
{
	struct relay_buf *buf = desc->file->private_data;

	if (desc->pgoff || vma_desc_size(desc) != buf->chan->alloc_size)
		return -EINVAL;
	return relay_mmap(desc, &buf->pages, 0);
}

const struct file_operations relay_file_operations = {
	.open		= relay_file_open,
	.poll		= relay_file_poll,
	.mmap_prepare	= relay_file_mmap_prepare,
	.read		= relay_file_read,
	.read_iter	= relay_file_read_iter,
	.splice_read	= copy_splice_read,
	.release	= relay_file_release,
};
EXPORT_SYMBOL_GPL(relay_file_operations);
