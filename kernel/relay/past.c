// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer of an earlier boot: a ring that nobody writes to, filled with what
 * recover.c finds, when somebody looks at it first.
 *
 * The check sums take longer than the boot should wait for, and nobody sees a
 * byte before they are compared. The data is shown where it lies; nothing of the
 * area is changed. Only a buffer with a record that was never committed is
 * copied, to show zeroes in its place.
 */
#include <linux/cleanup.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "internal.h"
#include "reserved.h"

/**
 * struct relay_past_account - what became of a buffer's sub-buffers
 * @subbufs:	that came back
 * @sealed:	of these, those with a seal that fits
 * @open:	of these, those that were being filled
 * @consumed:	of these, those that somebody had read
 * @taken:	of these, those that a writer was about to overwrite
 * @damaged:	that did not come back
 * @verdict:	enum relay_verdict of each
 */
struct relay_past_account {
	unsigned int	subbufs;
	unsigned int	sealed;
	unsigned int	open;
	unsigned int	consumed;
	unsigned int	taken;
	unsigned int	damaged;
	u8		verdict[];
};

/**
 * struct relay_past_fill - a buffer that is being filled
 * @buf:	the buffer
 * @account:	its account
 * @from:	what it is filled from
 * @found:	the sub-buffer that is looked at
 * @here:	number of that in which the ring stood
 * @begun_anew:	how much higher the numbers are that began anew behind it
 * @last:	highest number; ~0 before the first
 */
struct relay_past_fill {
	struct rchan_buf		*buf;
	struct relay_past_account	*account;
	struct relay_found_buffer	from;
	struct relay_found_subbuf	found;
	u64				here;
	u64				begun_anew;
	u64				last;
};

/*
 * A buffer's data
 */

/* What is shown can be changed after this. */
static int relay_past_copy_data(struct rchan_buf *buf, const void *data)
{
	struct rchan *chan = buf->chan;
	struct relay_pages pages = {};
	int err = relay_pages_alloc(&pages, chan->alloc_size, NUMA_NO_NODE);

	if (err)
		return err;
	memcpy(pages.start, data, chan->n_subbufs * chan->subbuf_size);
	buf->pages = pages;
	buf->start = pages.start;
	buf->ring.data = pages.start;
	return 0;
}

/*
 * Where the pages of this kernel are others than those of the one that wrote,
 * the data cannot be mapped where it lies.
 */
static int relay_past_set_data(struct rchan_buf *buf,
			       const struct relay_found_buffer *from)
{
	size_t size = buf->chan->alloc_size;

	if (!IS_ALIGNED((unsigned long)from->data, PAGE_SIZE) ||
	    size > from->chan->head.data_stride)
		return relay_past_copy_data(buf, from->data);
	relay_area_pages(&buf->pages, (void *)from->data, size);
	buf->start = buf->pages.start;
	return 0;
}

/**
 * relay_past_set_memory - give a buffer its memory
 * @buf: the buffer; its ring is set up when it is filled
 * @from: what was found of it
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int relay_past_set_memory(struct rchan_buf *buf, const struct relay_found_buffer *from)
{
	int err = relay_past_set_data(buf, from);

	if (!err)
		err = relay_meta_alloc(buf, NUMA_NO_NODE);
	if (!err)
		relay_meta_close(buf);
	return err;
}

/* As the bytes of a record that its writer gives up. */
static int relay_past_clear_gaps(struct rchan_buf *buf, unsigned long pos,
				 const struct relay_found_subbuf *found)
{
	u32 from = 0;
	unsigned int i;
	void *data;
	int err = 0;

	if (found->n_extents == 1 && !found->extent[0].begin)
		return 0;
	if (!buf->pages.page)
		err = relay_past_copy_data(buf, buf->start);
	if (err)
		return err;
	data = relay_pos_data(&buf->ring, pos);
	for (i = 0; i < found->n_extents; i++) {
		memset(data + from, 0, found->extent[i].begin - from);
		from = found->extent[i].end;
	}
	return 0;
}

/*
 * A ring
 */

static void relay_past_deliver(struct rchan_buf *buf, unsigned long pos, u64 sequence,
			       const struct relay_found_subbuf *found)
{
	struct relay_subbuf *sub = relay_pos_subbuf(&buf->ring, pos);
	struct relay_subbuf_info info = {
		.used		= found->used,
		.padding	= buf->ring.subbuf_size - found->used,
		.records	= found->records,
		.lost		= found->lost,
		.begin_time	= found->begin_time,
		.end_time	= found->end_time,
	};

	sub->closed = pos + found->used;
	sub->n_records = found->records;
	sub->lost = found->lost;
	sub->begin_time = found->begin_time;
	sub->end_time = found->end_time;
	atomic_long_set(&sub->state, pos | RELAY_DELIVERED);
	atomic_long_add(found->used, &buf->bytes);
	relay_meta_load(buf, pos, sequence, &info);
}

static void relay_past_count(struct relay_past_account *account, unsigned int index,
			     enum relay_verdict verdict,
			     const struct relay_found_subbuf *found)
{
	account->verdict[index] = verdict;
	if (verdict == RELAY_EMPTY)
		return;
	if (verdict != RELAY_FOUND) {
		account->damaged++;
		return;
	}
	account->subbufs++;
	account->sealed += found->sealed;
	account->open += !found->delivered;
	account->consumed += found->consumed;
	account->taken += found->taken;
}

/*
 * The oldest come first. One whose number is higher than that of the newest is
 * of before the numbers began anew; for readers they go on.
 */
static u64 relay_past_sequence(struct relay_past_fill *fill)
{
	u64 sequence = fill->found.sequence;

	if (sequence <= fill->here)
		return sequence + fill->begun_anew;
	fill->begun_anew = relay_found_numbers(&fill->from);
	return sequence;
}

static int relay_past_add(struct relay_past_fill *fill, unsigned int index)
{
	enum relay_verdict verdict = relay_find_subbuf(&fill->from, index, &fill->found);
	unsigned long pos;
	u64 sequence;
	int err;

	relay_past_count(fill->account, index, verdict, &fill->found);
	if (verdict != RELAY_FOUND)
		return 0;
	sequence = relay_past_sequence(fill);
	pos = relay_sequence_pos(&fill->buf->ring, sequence);
	err = relay_past_clear_gaps(fill->buf, pos, &fill->found);
	if (err)
		return err;
	relay_past_deliver(fill->buf, pos, sequence, &fill->found);
	if (fill->last == ~0ULL || sequence > fill->last)
		fill->last = sequence;
	return 0;
}

/*
 * The ring stands closed behind its last sub-buffer. What was not found in the
 * lap before that is as if it had been overwritten.
 */
static void relay_past_close(struct relay_ring *ring, u64 last)
{
	u64 first = last >= ring->n_subbufs ? last - ring->n_subbufs + 1 : 0;
	unsigned long pos = relay_sequence_pos(ring, last), oldest = pos;
	u64 sequence;

	relay_word_set(&ring->control->reserve, pos + ring->subbuf_size);
	for (sequence = last + 1; sequence-- > first;) {
		struct relay_subbuf *sub;

		pos = relay_sequence_pos(ring, sequence);
		sub = relay_pos_subbuf(ring, pos);
		if (atomic_long_read(&sub->state) == (long)(pos | RELAY_DELIVERED))
			oldest = pos;
		else
			atomic_long_set(&sub->state, pos | RELAY_CONSUMED);
	}
	atomic_long_set(&ring->control->consumed, oldest);
	atomic_long_set(&ring->control->reset, oldest);
}

static void relay_past_set_counters(struct relay_ring *ring,
				    const struct relay_found_buffer *from)
{
	struct relay_ring_control *control = ring->control;
	struct relay_counters counters = {};
	unsigned int i;

	relay_find_counters(from, &counters);
	relay_ring_set_committed(ring, counters.committed);
	relay_word_set(&control->overwritten, counters.overwritten);
	relay_word_set(&control->discarded, counters.discarded);
	atomic_long_set(&control->erased, counters.erased);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		relay_word_set(&control->lost[i], counters.lost[i]);
}

static int relay_past_fill_ring(struct relay_past_fill *fill)
{
	struct rchan_buf *buf = fill->buf;
	unsigned int n_subbufs, index, i;
	int err = relay_buf_init_ring(buf, NUMA_NO_NODE);

	if (err)
		return err;
	/* Somebody may have tried before, without memory. */
	atomic_long_set(&buf->bytes, 0);
	atomic_long_set(&buf->produced, 0);
	n_subbufs = buf->ring.n_subbufs;
	div_u64_rem(fill->here, n_subbufs, &index);
	for (i = 0; i < n_subbufs && !err; i++) {
		index = index + 1 < n_subbufs ? index + 1 : 0;
		err = relay_past_add(fill, index);
		cond_resched();
	}
	if (err)
		return err;
	if (fill->last != ~0ULL)
		relay_past_close(&buf->ring, fill->last);
	relay_past_set_counters(&buf->ring, &fill->from);
	return 0;
}

/*
 * Recovery
 */

static int relay_past_fill_buf(struct relay_past_fill *fill)
{
	struct rchan_buf *buf = fill->buf;
	int err;

	if (relay_find_buffer(buf->chan->past, buf->cpu, &fill->from))
		return -EIO;
	fill->here = relay_found_here(&fill->from);
	fill->last = ~0ULL;
	err = relay_past_fill_ring(fill);
	if (err)
		return err;
	if (fill->account->damaged)
		pr_warn("relay: %s, CPU %u: %u sub-buffers are damaged and left out\n",
			buf->chan->base_filename, buf->cpu, fill->account->damaged);
	buf->recovered = fill->account;
	return 0;
}

static int relay_past_fill(struct rchan_buf *buf)
{
	struct relay_past_fill *fill __free(kfree) = kzalloc_obj(*fill);
	int err = -ENOMEM;

	if (!fill)
		return err;
	fill->buf = buf;
	fill->account = kvzalloc_flex(*fill->account, verdict, buf->chan->n_subbufs);
	if (fill->account)
		err = relay_past_fill_buf(fill);
	if (err)
		kvfree(fill->account);
	return err;
}

/**
 * relay_past_recover - fill a buffer with what an earlier boot has left
 * @buf: the buffer; one of this boot is left alone
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM; -EIO where it is not there any more.
 */
int relay_past_recover(struct rchan_buf *buf)
{
	static DEFINE_MUTEX(mutex);	/* one at a time, each once */

	if (!buf->chan->past)
		return 0;
	guard(mutex)(&mutex);
	return buf->recovered ? 0 : relay_past_fill(buf);
}

/* Return: the buffer of the first CPU from @cpu on, to be put; or NULL. */
static struct rchan_buf *relay_past_get_buf(struct rchan *chan, unsigned int cpu)
{
	struct rchan_buf *buf;

	if (!relay_chan_lock(chan))
		return NULL;
	relay_for_each_buf(buf, chan)
		if (buf->cpu >= cpu)
			break;
	if (list_entry_is_head(buf, &chan->bufs, list))
		buf = NULL;
	else
		relay_buf_get(buf);
	relay_chan_unlock(chan);
	return buf;
}

/**
 * relay_past_recover_all - fill the buffers of a channel
 * @chan: the channel; one of this boot is left alone
 *
 * Context: May sleep.
 * Return: as relay_past_recover().
 */
int relay_past_recover_all(struct rchan *chan)
{
	struct rchan_buf *buf;
	unsigned int cpu = 0;
	int err = 0;

	if (!chan->past)
		return 0;
	while (!err && (buf = relay_past_get_buf(chan, cpu))) {
		err = relay_past_recover(buf);
		cpu = buf->cpu + 1;
		relay_buf_put(buf);
	}
	return err;
}

/*
 * The file "recovered"
 */

static void relay_recovered_show_buf(struct seq_file *m, const struct rchan_buf *buf)
{
	const struct relay_past_account *account = buf->recovered;

	seq_printf(m, "%u %u %u %u %u %u %u\n", buf->cpu, account->subbufs,
		   account->sealed, account->open, account->consumed, account->taken,
		   account->damaged);
}

static void relay_recovered_show_damage(struct seq_file *m, const struct rchan_buf *buf)
{
	const struct relay_past_account *account = buf->recovered;
	unsigned int i;

	for (i = 0; i < buf->chan->n_subbufs; i++)
		if (account->verdict[i] != RELAY_FOUND && account->verdict[i] != RELAY_EMPTY)
			seq_printf(m, "cpu %u sub-buffer %u: %s\n", buf->cpu, i,
				   relay_verdict_text(account->verdict[i]));
}

static int relay_recovered_show(struct seq_file *m, void *v)
{
	struct rchan *chan = m->private;
	struct rchan_buf *buf;

	if (!relay_chan_lock(chan))
		return -ENODEV;
	seq_puts(m, "cpu subbufs sealed open read taken damaged\n");
	relay_for_each_buf(buf, chan)
		relay_recovered_show_buf(m, buf);
	relay_for_each_buf(buf, chan)
		relay_recovered_show_damage(m, buf);
	relay_chan_unlock(chan);
	return 0;
}

static int relay_recovered_open(struct inode *inode, struct file *filp)
{
	int err = relay_past_recover_all(inode->i_private);

	return err ? err : single_open(filp, relay_recovered_show, inode->i_private);
}

const struct file_operations relay_recovered_file_operations = {
	.open		= relay_recovered_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};
