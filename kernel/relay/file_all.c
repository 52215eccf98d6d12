// SPDX-License-Identifier: GPL-2.0
/*
 * The file "all": the buffers of all CPUs through one descriptor.
 *
 * A stream of delivered sub-buffers, each after a header that names the CPU that wrote
 * it. Reading consumes them.
 */
#include "internal.h"

/* Protects &relay_chan.alls of all channels. Taken inside of relay_chan_lock(). */
static DEFINE_MUTEX(relay_all_mutex);

/* Both relay_all_open() and relay_all_add_buf() may add the same buffer. */
static void relay_all_add(struct relay_file *file, struct relay_buf *buf)
{
	struct relay_file_buf *of = &file->of[buf->cpu];

	lockdep_assert_held(&relay_all_mutex);
	if (!of->buf)
		relay_file_add(of, buf);
}

/**
 * relay_all_add_buf - give the open files "all" of a channel a new buffer
 * @buf: the buffer
 *
 * Done here and not at the next read, because a channel that is closed by then does not
 * list its buffers any more.
 *
 * Context: May sleep. The channel does not close meanwhile.
 */
void relay_all_add_buf(struct relay_buf *buf)
{
	struct relay_file *file;

	guard(mutex)(&relay_all_mutex);
	list_for_each_entry(file, &relay_buf_chan(buf)->alls, list)
		relay_all_add(file, buf);
}

static bool relay_all_take_from(struct relay_file *file, struct relay_file_buf *of)
{
	/* Pairs with the release in relay_file_add(). */
	struct relay_buf *buf = smp_load_acquire(&of->buf);
	struct relay_all_header *header = file->copy.data;
	struct relay_span span;
	u64 sequence;

	if (!buf)
		return false;
	ACQUIRE(mutex_kill, lock)(&buf->reader.lock);
	if (ACQUIRE_ERR(mutex_kill, &lock) || !relay_reader_take(buf, header + 1, &span, true))
		return false;
	/* Use the numbers, because other readers of the buffer move its cursor, too. */
	sequence = relay_meta_number(buf, span.pos);
	of->missed += sequence - of->next;
	of->next = sequence + 1;
	*header = (struct relay_all_header) {
		.magic		= RELAY_ALL_MAGIC,
		.header_size	= sizeof(*header),
		.cpu		= buf->cpu,
		.missed		= of->missed,
		.info		= span.info,
	};
	header->info.sequence = sequence;
	header->info.lost = relay_lost_since(span.info.lost, of->lost);
	relay_copy_fill(&file->copy, sizeof(*header) + span.info.used);
	return true;
}

/* Take one sub-buffer; the CPUs take turns. */
static int relay_all_take(struct relay_file *file)
{
	unsigned int i, cpu;

	for (i = 0; i < file->n_bufs; i++) {
		cpu = file->turn;
		file->turn = (cpu + 1) % file->n_bufs;
		if (relay_all_take_from(file, &file->of[cpu]))
			return 1;
	}
	return 0;
}

/* Not under the lock, because its holder may wait for a page fault of user space. */
static bool relay_all_ready(struct relay_file *file)
{
	bool ready = relay_copy_holds(&file->copy);
	struct relay_buf *buf;
	unsigned int i = 0;

	while (!ready && (buf = relay_file_buf(file, &i)))
		ready = relay_buf_ready(buf, relay_reader_cursor(buf), 1);
	return ready;
}

static bool relay_all_readable(struct relay_file *file, bool closed)
{
	bool readable = closed || relay_all_ready(file);

	/* Try to take one: another read() may have taken all bytes of a ready sub-buffer. */
	if (closed && mutex_trylock(&file->lock)) {
		readable = relay_file_fetch(file);
		mutex_unlock(&file->lock);
	}
	return readable;
}

static const struct relay_file_kind relay_all_kind = {
	.header_size	= sizeof(struct relay_all_header),
	.take		= relay_all_take,
	.ready		= relay_all_ready,
	.readable	= relay_all_readable,
};

static int relay_all_release(struct inode *inode, struct file *filp)
{
	struct relay_file *file = filp->private_data;

	scoped_guard(mutex, &relay_all_mutex)
		list_del(&file->list);
	return relay_fops_release(inode, filp);
}

static int relay_all_open(struct inode *inode, struct file *filp)
{
	struct relay_chan *chan = inode->i_private;
	struct relay_file *file;
	struct relay_buf *buf;
	int err = relay_file_create(filp, chan, &relay_all_kind, nr_cpu_ids);

	if (err)
		return err;
	file = filp->private_data;
	if (!relay_chan_lock(chan)) {
		relay_fops_release(inode, filp);
		return -ENODEV;
	}
	scoped_guard(mutex, &relay_all_mutex) {
		relay_for_each_buf(buf, chan)
			relay_all_add(file, buf);
		list_add(&file->list, &chan->alls);
	}
	relay_chan_unlock(chan);
	return relay_stream_open(inode, filp);
}

const struct file_operations relay_all_file_operations = {
	.open		= relay_all_open,
	.poll		= relay_fops_poll,
	.read_iter	= relay_fops_read,
	.splice_read	= relay_fops_splice,
	.unlocked_ioctl	= relay_fops_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_all_release,
};
