// SPDX-License-Identifier: GPL-2.0
/*
 * An event stream: each text that is written to the file "mark" becomes an event in
 * a relay channel, with its time and CPU, while a file of the channel is open.
 *
 *	# modprobe relay_events
 *	# relay-events-read &
 *	# echo hello >/sys/kernel/relay/relay-events/mark
 *	     20551829403 [1] hello
 *
 * Shows a client's own directory, a header on each record with a time that never
 * goes back, recording only while a reader is there, and a header on each sub-buffer
 * with the number of lost records.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/relay.h>
#include <linux/relayfs_fs.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <linux/uaccess.h>
#include "relay-events.h"

static unsigned int subbuf_size = 4096;
module_param(subbuf_size, uint, 0444);
MODULE_PARM_DESC(subbuf_size, "bytes of a sub-buffer");

static unsigned int n_subbufs = 4;
module_param(n_subbufs, uint, 0444);
MODULE_PARM_DESC(n_subbufs, "sub-buffers of each buffer");

#define EVENTS_MAX_TEXT	256

static DEFINE_STATIC_KEY_FALSE(events_watched);
static struct dentry *events_dir;
static struct rchan *events_chan;

/*
 * Records
 */

static u64 events_clock(void)
{
	return get_cycles() ? get_cycles() : ktime_get_mono_fast_ns();
}

static size_t events_record_size(const struct relay_slot *slot, size_t offset)
{
	return sizeof(struct event);
}

static void events_record_header(const struct relay_slot *slot, void *at)
{
	struct event *event = at;

	event->cycles = slot->time;
	event->cpu = raw_smp_processor_id();
}

/* Relay calls these in the reserve, so that time never goes back within a buffer. */
static const struct relay_record_ops events_record_ops = {
	.clock		= events_clock,
	.header_size	= events_record_size,
	.header		= events_record_header,
};

/* Context: Any. Relay counts a record that it refuses; the next header has the count. */
static void events_write(const char *text, size_t length)
{
	size_t padded = ALIGN(length, 8);
	struct relay_slot slot;
	struct event *event;

	if (!static_branch_unlikely(&events_watched))
		return;
	if (relay_slot_reserve_ops(events_chan, &slot, padded, &events_record_ops))
		return;
	event = slot.data - sizeof(*event);
	event->length = length;
	memcpy(event->text, text, length);
	memset(event->text + length, 0, padded - length);
	relay_slot_commit(&slot);
}

/*
 * Sub-buffers
 */

static void events_subbuf_begin(struct rchan_buf *buf, void *subbuf, u64 time)
{
	memset(subbuf, 0, sizeof(struct events_header));
}

static void events_subbuf_end(struct rchan_buf *buf, void *subbuf,
			      const struct relay_subbuf_info *info)
{
	struct events_header *header = subbuf;

	header->magic = EVENTS_MAGIC;
	header->size = info->used - sizeof(*header);
	header->lost = info->lost;
}

static void events_set_watched(struct rchan *chan, bool watched)
{
	if (watched)
		static_branch_enable(&events_watched);
	else
		static_branch_disable(&events_watched);
}

static const struct relay_channel_ops events_ops = {
	.subbuf_begin	= events_subbuf_begin,
	.subbuf_end	= events_subbuf_end,
	.watched	= events_set_watched,
};

/*
 * The file "mark"
 */

static ssize_t events_mark_write(struct file *file, const char __user *from,
				 size_t count, loff_t *ppos)
{
	size_t length = min_t(size_t, count, EVENTS_MAX_TEXT);
	char *text = memdup_user(from, length);

	if (IS_ERR(text))
		return PTR_ERR(text);
	events_write(text, length && text[length - 1] == '\n' ? length - 1 : length);
	kfree(text);
	return count;
}

static const struct file_operations events_mark_fops = {
	.owner	= THIS_MODULE,
	.open	= nonseekable_open,
	.write	= events_mark_write,
};

/*
 * The module
 */

static int events_open(void)
{
	struct relay_params params = {
		.name		= "stream",
		.parent		= events_dir,
		.subbuf_size	= subbuf_size,
		.n_subbufs	= n_subbufs,
		.header_size	= sizeof(struct events_header),
		.flags		= RELAY_TIMER_SWITCH,
		.timer_ms	= 100,
		.ops		= &events_ops,
	};
	struct dentry *mark;

	events_chan = relay_open_params(&params);
	if (IS_ERR(events_chan))
		return PTR_ERR(events_chan);
	mark = relayfs_create_file("mark", events_dir, 0222, 0, &events_mark_fops,
				   NULL, NULL);
	if (IS_ERR(mark))
		relay_close(events_chan);
	return PTR_ERR_OR_ZERO(mark);
}

static int __init events_init(void)
{
	int err;

	events_dir = relayfs_create_dir("relay-events", NULL);
	if (IS_ERR(events_dir))
		return PTR_ERR(events_dir);
	err = events_open();
	if (err)
		relayfs_remove(events_dir);
	return err;
}

/* An open file holds a reference to the module, so no file is open and no writer runs. */
static void __exit events_exit(void)
{
	relay_close(events_chan);
	relayfs_remove(events_dir);
}

module_init(events_init);
module_exit(events_exit);
MODULE_DESCRIPTION("An event stream over relay");
MODULE_LICENSE("GPL");
