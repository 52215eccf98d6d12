// SPDX-License-Identifier: GPL-2.0
/*
 * What an earlier boot left in the reserved area, offered on relayfs:
 *
 *	reserved/previous/<channel>/	the files of a channel
 *	reserved/previous/crash		what is known of how it ended
 *	reserved/release		written to: it is not wanted any more
 *
 * Each channel is a closed one whose rings were filled from what recover.c
 * found. The data is shown where it lies; nothing of the area is changed. Only a
 * buffer with a record that was never committed is copied, to show zeroes in its
 * place.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/relayfs_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "internal.h"
#include "reserved.h"

/**
 * struct relay_past - what is offered
 * @lock:	all that follows
 * @dir:	reserved/previous; NULL when nothing is offered
 * @n_chans:	how many
 * @chan:	the channels
 */
struct relay_past {
	struct mutex	lock;	/* all that follows */
	struct dentry	*dir;
	unsigned int	n_chans;
	struct rchan	*chan[RELAY_FOUND_CHANNELS];
};

static struct relay_past relay_past = {
	.lock = __MUTEX_INITIALIZER(relay_past.lock),
};

/*
 * A buffer's data
 */

/*
 * Where the pages of this kernel are others than those of the one that wrote,
 * the data cannot be mapped where it lies.
 */
static int relay_past_set_data(struct rchan_buf *buf,
			       const struct relay_found_buffer *from)
{
	size_t size = buf->chan->alloc_size;
	void *data = (void *)from->data;
	bool mappable = IS_ALIGNED((unsigned long)data, PAGE_SIZE) &&
			size <= from->chan->head.data_stride;
	int err;

	if (mappable) {
		relay_area_pages(&buf->pages, data, size);
	} else {
		err = relay_pages_alloc(&buf->pages, size, NUMA_NO_NODE);
		if (err)
			return err;
		memcpy(buf->pages.start, data, (size_t)buf->ring.n_subbufs *
		       buf->ring.subbuf_size);
	}
	buf->start = buf->pages.start;
	buf->ring.data = buf->start;
	return 0;
}

/* What is shown can be changed after this. */
static int relay_past_own_data(struct rchan_buf *buf)
{
	struct relay_pages pages = {};
	int err;

	if (buf->pages.page)
		return 0;
	err = relay_pages_alloc(&pages, buf->chan->alloc_size, NUMA_NO_NODE);
	if (err)
		return err;
	memcpy(pages.start, buf->start, buf->chan->alloc_size);
	buf->pages = pages;
	buf->start = pages.start;
	buf->ring.data = pages.start;
	return 0;
}

/* As the bytes of a record that its writer gives up. */
static int relay_past_clear_gaps(struct rchan_buf *buf, unsigned long pos,
				 const struct relay_found_subbuf *found)
{
	u32 from = 0;
	unsigned int i;
	void *data;
	int err;

	if (found->n_extents == 1 && !found->extent[0].begin)
		return 0;
	err = relay_past_own_data(buf);
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
 * A ring, from what was found
 */

static void relay_past_deliver(struct rchan_buf *buf, unsigned long pos,
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
	relay_time_set(&sub->begin_time, found->begin_time);
	sub->end_time = found->end_time;
	atomic_long_set(&sub->state, pos | RELAY_DELIVERED);
	atomic_long_add(found->used, &buf->bytes);
	relay_meta_load(buf, pos, found->sequence, &info);
}

/*
 * Return: 0, or the error that keeps the buffer from being shown; @last is the
 * highest number found, ~0 without any.
 */
static int relay_past_fill(struct rchan_buf *buf,
			   const struct relay_found_buffer *from, u64 *last,
			   unsigned int *bad)
{
	struct relay_found_subbuf *sub = kmalloc_obj(*sub);
	enum relay_verdict verdict;
	unsigned int i;
	int err = 0;

	if (!sub)
		return -ENOMEM;
	for (i = 0; i < buf->ring.n_subbufs && !err; i++) {
		unsigned long pos;

		verdict = relay_find_subbuf(from, i, sub);
		*bad += verdict != RELAY_FOUND && verdict != RELAY_EMPTY;
		if (verdict != RELAY_FOUND)
			continue;
		pos = relay_sequence_pos(&buf->ring, sub->sequence);
		err = relay_past_clear_gaps(buf, pos, sub);
		relay_past_deliver(buf, pos, sub);
		if (*last == ~0ULL || sub->sequence > *last)
			*last = sub->sequence;
		cond_resched();
	}
	kfree(sub);
	return err;
}

/*
 * The ring stands closed behind its last sub-buffer. What was not found in the
 * lap before that is as if it had been overwritten.
 */
static void relay_past_close(struct rchan_buf *buf, u64 last)
{
	struct relay_ring *ring = &buf->ring;
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

static void relay_past_count(struct rchan_buf *buf,
			     const struct relay_found_buffer *from)
{
	struct relay_ring_control *control = buf->ring.control;
	struct relay_counters counters = {};
	unsigned int i;

	relay_find_counters(from, &counters);
	relay_word_set(&control->delivered, counters.committed);
	relay_word_set(&control->overwritten, counters.overwritten);
	relay_word_set(&control->discarded, counters.discarded);
	atomic_long_set(&control->erased, counters.erased);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		relay_word_set(&control->lost[i], counters.lost[i]);
}

/*
 * Recovery: when a buffer is first looked at
 *
 * The check sums take longer than the boot should wait for. Nobody sees a byte
 * before they are compared.
 */

static int relay_past_fill_buf(struct rchan_buf *buf,
			       const struct relay_found_buffer *from)
{
	unsigned int bad = 0;
	u64 last = ~0ULL;
	int err = relay_buf_init_ring(buf, NUMA_NO_NODE);

	/* Somebody may have tried before, without memory. */
	atomic_long_set(&buf->bytes, 0);
	atomic_long_set(&buf->produced, 0);
	if (!err)
		err = relay_past_fill(buf, from, &last, &bad);
	if (err)
		return err;
	if (bad)
		pr_warn("relay: %s, CPU %u: %u sub-buffers are damaged and left out\n",
			buf->chan->base_filename, buf->cpu, bad);
	if (last != ~0ULL)
		relay_past_close(buf, last);
	relay_past_count(buf, from);
	return 0;
}

/**
 * relay_past_recover - fill a buffer with what an earlier boot has left
 * @buf: the buffer; one of this boot is left alone
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int relay_past_recover(struct rchan_buf *buf)
{
	static DEFINE_MUTEX(mutex);	/* one at a time, each once */
	struct relay_found_buffer from;
	int err = 0;

	if (!buf->chan->past)
		return 0;
	mutex_lock(&mutex);
	if (!buf->recovered && !relay_find_buffer(buf->chan->past, buf->cpu, &from))
		err = relay_past_fill_buf(buf, &from);
	buf->recovered = !err;
	mutex_unlock(&mutex);
	return err;
}

/* Return: the buffer of the first CPU from @cpu on, to be put; or NULL. */
static struct rchan_buf *relay_past_get_buf(struct rchan *chan, unsigned int cpu)
{
	struct rchan_buf *buf;

	if (!relay_chan_lock(chan))
		return NULL;
	for (buf = relay_first_buf(chan); buf && buf->cpu < cpu;)
		buf = relay_next_buf(buf);
	if (buf)
		relay_buf_get(buf);
	relay_chan_unlock(chan);
	return buf;
}

/**
 * relay_past_recover_all - fill the buffers of a channel
 * @chan: the channel; one of this boot is left alone
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
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
 * Channels
 */

static int relay_past_set_memory(struct rchan_buf *buf,
				 const struct relay_found_buffer *from)
{
	int err = relay_buf_init_ring(buf, NUMA_NO_NODE);

	if (!err)
		err = relay_past_set_data(buf, from);
	return err ? err : relay_meta_alloc(buf, NUMA_NO_NODE);
}

static int relay_past_open_buf(struct rchan *chan,
			       const struct relay_found_buffer *from)
{
	struct rchan_buf *buf = relay_buf_alloc(chan, from->cpu, NUMA_NO_NODE);
	int err;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	buf->offline = true;
	buf->finalized = true;
	err = relay_past_set_memory(buf, from);
	if (!err) {
		relay_meta_close(buf);
		err = relay_buf_publish(buf);
	}
	if (err)
		relay_buf_put(buf);
	return err;
}

static int relay_past_open_bufs(struct rchan *chan)
{
	struct relay_found_buffer from;
	enum relay_verdict verdict;
	unsigned int cpu;
	int err = 0;

	for (cpu = 0; cpu < chan->n_cpus && !err; cpu++) {
		verdict = relay_find_buffer(chan->past, cpu, &from);
		if (verdict == RELAY_FOUND)
			err = relay_past_open_buf(chan, &from);
		else if (verdict != RELAY_EMPTY)
			pr_warn("relay: %s, CPU %u: %s\n", chan->base_filename,
				cpu, relay_verdict_text(verdict));
	}
	return err;
}

static int relay_past_set_up(struct rchan *chan,
			     const struct relay_found_channel *from)
{
	u64 size;
	int err;

	chan->past = kmemdup(from, sizeof(*from), GFP_KERNEL);
	if (!chan->past)
		return -ENOMEM;
	chan->n_cpus = from->head.n_buffers;
	chan->private_area = (void *)relay_find_private(from, &size);
	chan->private_size = chan->private_area ? size : 0;
	err = relay_dir_create(chan);
	return err ? err : relay_past_open_bufs(chan);
}

static struct rchan *relay_past_open(const struct relay_found_channel *from,
				     const char *name)
{
	struct relay_params params = {
		.name		= name,
		.parent		= relay_past.dir,
		.subbuf_size	= from->head.subbuf_size,
		.n_subbufs	= from->head.n_subbufs,
		.header_size	= from->head.header_size,
	};
	struct rchan *chan;
	int err;

	if (from->head.flags & RELAY_CHAN_OVERWRITE)
		params.flags |= RELAY_OVERWRITE;
	if (from->head.flags & RELAY_CHAN_GLOBAL)
		params.flags |= RELAY_GLOBAL;
	chan = relay_chan_alloc(&params);
	if (!chan)
		return ERR_PTR(-ENOMEM);
	err = relay_past_set_up(chan, from);
	if (!err)
		return chan;
	relay_chan_remove(chan);
	return ERR_PTR(err);
}

/* One that was closed, and another of its name, may both be there. */
static struct rchan *relay_past_open_slot(const struct relay_found_channel *from,
					  unsigned int slot)
{
	struct rchan *chan = relay_past_open(from, from->head.name);
	char name[sizeof(from->head.name) + 16];

	if (chan != ERR_PTR(-EEXIST))
		return chan;
	scnprintf(name, sizeof(name), "%s.%u", from->head.name, slot);
	return relay_past_open(from, name);
}

static void relay_past_offer_slot(const struct relay_found_bank *bank,
				  unsigned int slot)
{
	struct relay_found_channel from;
	enum relay_verdict verdict = relay_find_channel(bank, slot, &from);
	struct rchan *chan;

	if (verdict == RELAY_EMPTY)
		return;
	if (verdict != RELAY_FOUND) {
		pr_warn("relay: channel %u of the reserved area is left out: %s\n",
			slot, relay_verdict_text(verdict));
		return;
	}
	chan = relay_past_open_slot(&from, slot);
	if (IS_ERR(chan))
		pr_warn("relay: %s of the reserved area cannot be shown (error %ld)\n",
			from.head.name, PTR_ERR(chan));
	else
		relay_past.chan[relay_past.n_chans++] = chan;
}

/*
 * The files beside the channels
 */

static void relay_crash_show_time(struct seq_file *m, const char *what, u64 time)
{
	u32 rest;
	u64 seconds = div_u64_rem(time, NSEC_PER_SEC, &rest);

	seq_printf(m, "%s: %llu.%09u\n", what, seconds, rest);
}

static int relay_crash_show(struct seq_file *m, void *v)
{
	const struct relay_found_bank *bank = relay_reserved_kept();

	seq_printf(m, "generation: %llu\n", bank->head.generation);
	seq_printf(m, "release: %s\n", bank->head.release);
	seq_printf(m, "version: %s\n", bank->head.version);
	seq_printf(m, "machine: %s\n", bank->head.machine);
	seq_printf(m, "cpus: %u\n", bank->head.n_cpus);
	relay_crash_show_time(m, "boot_time", bank->head.boot_time);
	if (!relay_find_end(bank)) {
		seq_puts(m, "end: unknown\n");
		return 0;
	}
	relay_crash_show_time(m, "end_time", bank->head.end_time);
	seq_printf(m, "end: %s\n", bank->head.end_reason);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(relay_crash);

static void relay_past_withdraw(void)
{
	while (relay_past.n_chans)
		relay_chan_remove(relay_past.chan[--relay_past.n_chans]);
	relayfs_remove_dir(relay_past.dir);
	relay_past.dir = NULL;
}

static int relay_past_release(void)
{
	int err = -ENOENT;

	mutex_lock(&relay_past.lock);
	if (relay_past.dir)
		err = relay_reserved_release();
	if (!err)
		relay_past_withdraw();
	mutex_unlock(&relay_past.lock);
	return err;
}

static ssize_t relay_release_write(struct file *filp, const char __user *from,
				   size_t len, loff_t *ppos)
{
	bool release;
	int err = kstrtobool_from_user(from, len, &release);

	if (!err && !release)
		err = -EINVAL;
	if (!err)
		err = relay_past_release();
	return err ? err : len;
}

static const struct file_operations relay_release_fops = {
	.open	= nonseekable_open,
	.write	= relay_release_write,
};

static int relay_past_create_files(void)
{
	struct dentry *reserved = relayfs_create_dir("reserved", NULL);
	struct dentry *file;

	if (IS_ERR(reserved))
		return PTR_ERR(reserved);
	file = relayfs_create_file("release", reserved, 0200, &relay_release_fops,
				   NULL, NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);
	relay_past.dir = relayfs_create_dir("previous", reserved);
	if (IS_ERR(relay_past.dir))
		return PTR_ERR(relay_past.dir);
	file = relayfs_create_file("crash", relay_past.dir, 0444, &relay_crash_fops,
				   NULL, NULL);
	return PTR_ERR_OR_ZERO(file);
}

static int __init relay_previous_init(void)
{
	const struct relay_found_bank *bank = relay_reserved_kept();
	unsigned int slot;
	int err;

	if (!bank)
		return 0;
	mutex_lock(&relay_past.lock);
	err = relay_past_create_files();
	for (slot = 0; !err && slot < bank->head.n_channels; slot++)
		relay_past_offer_slot(bank, slot);
	mutex_unlock(&relay_past.lock);
	if (err)
		pr_err("relay: what an earlier boot left cannot be shown (error %d)\n", err);
	else
		pr_info("relay: %u channels of boot generation %llu are in reserved/previous on relayfs\n",
			relay_past.n_chans, bank->head.generation);
	return err;
}
late_initcall(relay_previous_init);
