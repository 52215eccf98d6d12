// SPDX-License-Identifier: GPL-2.0
/*
 * What an earlier boot left in the reserved area, offered on relayfs:
 *
 *	reserved/previous/<channel>/	the files of a channel
 *	reserved/previous/crash		what is known of how it ended
 *	reserved/release		written to: it is not wanted any more
 *
 * Each channel is a closed one, with its files and one more, "recovered". Its
 * rings are filled when they are first looked at: past.c.
 */
#include <linux/cleanup.h>
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
 * Channels
 */

static int relay_past_open_buf(struct rchan *chan,
			       const struct relay_found_buffer *from)
{
	struct rchan_buf *buf = relay_buf_alloc(chan, from->cpu, NUMA_NO_NODE);
	int err;

	if (!buf)
		return -ENOMEM;
	buf->finalized = true;
	err = relay_past_set_memory(buf, from);
	if (!err)
		err = relay_buf_publish(buf);
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
	if (!err)
		err = relay_dir_create_private(chan);
	if (!err)
		err = relay_dir_create_file(chan, "recovered",
					    &relay_recovered_file_operations);
	return err ? err : relay_past_open_bufs(chan);
}

/**
 * relay_past_open - offer a channel that was found
 * @from: the channel; the memory it is in stays as it is
 * @name: of its directory
 *
 * Context: May sleep.
 * Return: the channel, for relay_chan_remove(); ERR_PTR(-ENOMEM), or the error of
 * a file that cannot be created.
 */
struct rchan *relay_past_open(const struct relay_found_channel *from, const char *name)
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
	unsigned int i;

	/* Others may be called so themselves: as many as there are. */
	for (i = 0; i < RELAY_FOUND_CHANNELS && chan == ERR_PTR(-EEXIST); i++) {
		scnprintf(name, sizeof(name), "%s.%u", from->head.name,
			  slot + i * RELAY_FOUND_CHANNELS);
		chan = relay_past_open(from, name);
	}
	return chan;
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
	relayfs_remove(relay_past.dir);
	relay_past.dir = NULL;
}

static int relay_past_release(void)
{
	int err;

	guard(mutex)(&relay_past.lock);
	if (!relay_past.dir)
		return -ENOENT;
	err = relay_reserved_release();
	if (!err)
		relay_past_withdraw();
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
	guard(mutex)(&relay_past.lock);
	err = relay_past_create_files();
	for (slot = 0; !err && slot < bank->head.n_channels; slot++)
		relay_past_offer_slot(bank, slot);
	if (err)
		pr_err("relay: what an earlier boot left cannot be shown (error %d)\n", err);
	else
		pr_info("relay: %u channels of boot generation %llu are in reserved/previous on relayfs\n",
			relay_past.n_chans, bank->head.generation);
	return err;
}
late_initcall(relay_previous_init);
