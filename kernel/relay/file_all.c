// SPDX-License-Identifier: GPL-2.0
/*
 * The file "all": the buffers of all CPUs through one descriptor.
 *
 * A stream of delivered sub-buffers, each after a header that names the CPU that wrote
 * it. Reading consumes them.
 */
#include "internal.h"

/* Return: 1; 0 if the buffer has none, -EINTR when the calling task is killed. */
static int relay_all_take_from(struct relay_file *file, struct relay_buf *buf)
{
	struct relay_file_buf *of = &file->of[buf->cpu];
	struct relay_all_header *header = file->copy.data;
	struct relay_span span;
	u64 sequence;
	int err;

	ACQUIRE(mutex_kill, lock)(&buf->reader.lock);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (err || !relay_reader_take(buf, header + 1, &span, true))
		return err;
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
	return 1;
}

/* Take one sub-buffer; the CPUs take turns. */
static int relay_all_take(struct relay_file *file)
{
	struct relay_buf *buf;
	unsigned int first;
	int ret;

	do {
		first = file->turn;
		file->turn = 0;
		relay_for_each_buf(buf, file->chan) {
			ret = buf->cpu < first ? 0 : relay_all_take_from(file, buf);
			if (ret) {
				file->turn = buf->cpu + 1;
				return ret;
			}
		}
	} while (first);
	return 0;
}

/* Not under the lock, because its holder may wait for a page fault of user space. */
static bool relay_all_ready(struct relay_file *file)
{
	struct relay_buf *buf;

	relay_for_each_buf(buf, file->chan)
		if (relay_buf_ready(buf, relay_reader_cursor(buf), 1))
			return true;
	return relay_copy_holds(&file->copy);
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

static int relay_all_open(struct inode *inode, struct file *filp)
{
	int err = relay_file_create(filp, inode->i_private, NULL, &relay_all_kind);

	return err ? err : relay_stream_open(inode, filp);
}

const struct file_operations relay_all_file_operations = {
	.open		= relay_all_open,
	.poll		= relay_fops_poll,
	.read_iter	= relay_fops_read,
	.splice_read	= relay_fops_splice,
	.unlocked_ioctl	= relay_fops_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.release	= relay_fops_release,
};
