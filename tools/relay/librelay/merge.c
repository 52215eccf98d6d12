// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The records of all CPUs in the order of their times.
 *
 * Holds a sub-buffer of each CPU. What a CPU of which there is none will yet
 * write is newer than what is held, if it was flushed, and had nothing, after
 * the taking of everything that is held. So no CPU has to be waited for.
 *
 * A record is handed out long before its sub-buffer is released. So each sub-buffer is
 * copied and given back first: another reader, or a writer, may take it at any time.
 */
#include <errno.h>
#include <stdlib.h>
#include "internal.h"

/**
 * struct merge_head - what is held of a CPU
 * @subbuf:	the sub-buffer
 * @held:	there is one
 * @at:		where in it the record is
 * @record:	the record
 * @asked:	the number of sub-buffers that had been taken in all when the
 *		CPU was flushed and had nothing
 */
struct merge_head {
	struct relay_subbuf	subbuf;
	bool			held;
	size_t			at;
	struct relay_record	record;
	uint64_t		asked;
};

/**
 * struct relay_merge - a merge
 * @reader:	where sub-buffers come from
 * @time_fn:	tells the time of a record
 * @arg:	for @time_fn
 * @heads:	one for each of the reader's buffers
 * @n_heads:	how many
 * @taken:	sub-buffers that were taken, and one
 * @current:	whose record was handed out last; NULL before the first
 * @limit:	the lowest time of the others: up to there it is the turn of
 *		@current
 */
struct relay_merge {
	struct relay_reader	*reader;
	relay_time_fn		time_fn;
	void			*arg;
	struct merge_head	*heads;
	unsigned int		n_heads;
	uint64_t		taken;
	struct merge_head	*current;
	uint64_t		limit;
};

/**
 * relay_merge_open - have the records of all CPUs in order
 * @to: set to the merge
 * @reader: a reader, without RELAY_SPLICE, that no other thread uses meanwhile
 * @time_fn: tells the time of a record
 * @arg: for @time_fn
 *
 * The reader is the merge's until that is closed: relay_next() and what follows it, and
 * relay_snapshot(), are refused; other functions may be called.
 *
 * Return: 0; -EINVAL with RELAY_SPLICE; -EBUSY while a sub-buffer is held, or another merge
 * is open; -ESTALE, once,
 * when another reader or a reset took some of what was released; another error.
 */
EXPORT int relay_merge_open(struct relay_merge **to, struct relay_reader *reader,
			    relay_time_fn time_fn, void *arg)
{
	struct relay_merge *merge;
	int err = 0;

	if (reader->flags & RELAY_SPLICE)
		return -EINVAL;
	if (reader->merging)
		return -EBUSY;
	for (unsigned int i = 0; i < reader->n_bufs && !err; i++)
		err = relay_reader_error(reader, reader->bufs[i],
					 relay_buf_merge(reader->bufs[i]));
	if (err)
		return err;
	reader->flags |= RELAY_MERGED;
	merge = calloc(1, sizeof(*merge));
	if (!merge)
		return -ENOMEM;
	reader->merging = true;
	merge->reader = reader;
	merge->time_fn = time_fn;
	merge->arg = arg;
	merge->taken = 1;
	*to = merge;
	return 0;
}

/**
 * relay_merge_close - end a merge
 * @merge: the merge, or NULL; its reader stays
 */
EXPORT void relay_merge_close(struct relay_merge *merge)
{
	if (!merge)
		return;
	for (unsigned int i = 0; i < merge->n_heads; i++)
		merge->reader->bufs[i]->held = false;
	merge->reader->merging = false;
	free(merge->heads);
	free(merge);
}

/* The reader may have found CPUs. */
static int merge_grow(struct relay_merge *merge)
{
	unsigned int n = merge->reader->n_bufs;
	struct merge_head *heads;

	if (n == merge->n_heads)
		return 0;
	heads = realloc(merge->heads, n * sizeof(*heads));
	if (!heads)
		return -ENOMEM;
	for (unsigned int i = merge->n_heads; i < n; i++)
		heads[i] = (struct merge_head) { 0 };
	merge->heads = heads;
	merge->n_heads = n;
	merge->current = NULL;
	return 0;
}

/* Go to the next record of a sub-buffer that is held, or let go of it. */
static void merge_step(struct relay_merge *merge, struct merge_head *head)
{
	const struct relay_subbuf *subbuf = &head->subbuf;
	size_t size = 0, skip;

	while (head->at < subbuf->used && !size) {
		const char *data = (const char *)subbuf->data + head->at;
		size_t left = subbuf->used - head->at;

		skip = 0;
		size = merge->time_fn(data, left, &head->record.time, &skip,
				   merge->arg);
		if (size > left)
			size = 0;
		if (!size && !skip)
			break;
		head->at += size ? size : skip;
		head->record.data = data;
		head->record.size = size;
	}
	if (size)
		return;
	/* It is a copy, and the kernel has the sub-buffer back. */
	head->held = false;
	merge->reader->bufs[head - merge->heads]->held = false;
}

static void merge_begin(struct relay_merge *merge, struct merge_head *head)
{
	head->held = true;
	head->at = merge->reader->info.header_size;
	head->record.cpu = head->subbuf.cpu;
	/* There may have been sub-buffers without a record. */
	head->record.lost += head->subbuf.lost;
	head->record.missed += head->subbuf.missed;
	merge->taken++;
	merge->current = NULL;
	merge_step(merge, head);
}

/* Flushed, a buffer has what was written until now. */
static int merge_take(struct relay_merge *merge, unsigned int i)
{
	struct merge_head *head = &merge->heads[i];
	struct relay_buf *buf = merge->reader->bufs[i];
	int err = relay_buf_take(buf, &head->subbuf);

	if (err != -EAGAIN || head->asked == merge->taken)
		return err;
	err = relay_buf_flush(buf);
	if (err)
		return err;
	head->asked = merge->taken;
	return relay_buf_take(buf, &head->subbuf);
}

/* Return: 0 when all have something, or nothing that could be older. */
static int merge_fill(struct relay_merge *merge)
{
	uint64_t before;
	int err = merge_grow(merge);

	do {
		before = merge->taken;
		for (unsigned int i = 0; i < merge->n_heads && !err; i++) {
			if (merge->heads[i].held)
				continue;
			err = merge_take(merge, i);
			if (!err)
				merge_begin(merge, &merge->heads[i]);
			else if (err == -EAGAIN || err == -ENODATA)
				err = 0;
		}
	} while (!err && merge->taken != before);
	return err;
}

/* Whose turn is it, and until when? NULL if nothing is held. */
static void merge_choose(struct relay_merge *merge)
{
	struct merge_head *best = NULL, *head;

	merge->limit = UINT64_MAX;
	for (head = merge->heads; head < merge->heads + merge->n_heads; head++) {
		if (!head->held)
			continue;
		if (!best || head->record.time < best->record.time) {
			if (best)
				merge->limit = best->record.time;
			best = head;
		} else if (head->record.time < merge->limit) {
			merge->limit = head->record.time;
		}
	}
	merge->current = best;
}

static bool merge_ended(const struct relay_merge *merge)
{
	const struct relay_reader *reader = merge->reader;

	for (unsigned int i = 0; i < reader->n_bufs; i++)
		if (!reader->bufs[i]->ended)
			return false;
	return reader->n_bufs;
}

/* The record that was handed out is not looked at any more. */
static void merge_advance(struct relay_merge *merge)
{
	struct merge_head *head = merge->current;

	if (!head)
		return;
	head->record.lost = 0;
	head->record.missed = 0;
	merge_step(merge, head);
	if (!head->held || head->record.time > merge->limit)
		merge->current = NULL;
}

static int merge_next(struct relay_merge *merge)
{
	int err;

	merge_advance(merge);
	if (merge->current)
		return 0;
	err = merge_fill(merge);
	if (err)
		return err;
	merge_choose(merge);
	if (merge->current)
		return 0;
	return merge_ended(merge) ? -ENODATA : -EAGAIN;
}

/**
 * relay_merge_next - the next record, in the order of times
 * @merge: the merge
 * @record: set to the record; it and its data are good until the next call
 *
 * Return: 1; 0 at the end, -EAGAIN with RELAY_NONBLOCK, another error: as
 * relay_next().
 */
EXPORT int relay_merge_next(struct relay_merge *merge, const struct relay_record **record)
{
	int err;

	do {
		err = relay_reader_check_stop(merge->reader);
		if (err)
			return err;
		err = merge_next(merge);
		if (err != -EAGAIN)
			break;
		err = relay_reader_update(merge->reader);
		if (!err)
			err = relay_reader_wait(merge->reader);
	} while (err >= 0);
	if (err)
		return err == -ENODATA ? 0 : err;
	*record = &merge->current->record;
	return 1;
}
