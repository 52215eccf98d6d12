// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The records of all CPUs in the order of their times.
 *
 * A merge holds a sub-buffer of each CPU that has one. If a CPU was flushed after the
 * others' sub-buffers had been taken, and had none, then its later records are newer than
 * those held. So the merge does not wait for an idle CPU.
 *
 * The caller gets a record long before its sub-buffer could be released, and another reader
 * or a writer may take the sub-buffer meanwhile. So the merge copies each sub-buffer and
 * gives it back first.
 */
#include <errno.h>
#include <stdlib.h>
#include "internal.h"

/**
 * struct merge_head - the sub-buffer held of a CPU
 * @subbuf:	the sub-buffer
 * @held:	the merge holds @subbuf
 * @at:		offset in @subbuf after @record
 * @record:	the record that comes next of this CPU
 * @asked:	&relay_merge.taken when the CPU was last flushed and had no sub-buffer
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
 * @reader:	the reader
 * @time_fn:	finds the length and the time of a record
 * @arg:	for @time_fn
 * @heads:	one for each of the reader's buffers
 * @n_heads:	number of @heads
 * @taken:	1 + number of sub-buffers taken
 * @current:	the head whose record the caller got last; NULL if merge_choose() must run
 * @limit:	the lowest time of the other heads: up to there @current stays
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
 * relay_merge_open - merge the records of all CPUs by time
 * @to: set to the merge
 * @reader: a reader, without RELAY_SPLICE, that no other thread uses meanwhile
 * @time_fn: finds the length and the time of a record
 * @arg: for @time_fn
 *
 * Until the merge is closed, relay_next(), relay_release() and relay_snapshot() of @reader
 * fail with -EBUSY; other functions may be called.
 *
 * Return: 0; -EINVAL with RELAY_SPLICE; -EBUSY while a sub-buffer is held, or another merge
 * is open; -ESTALE, once, if another reader or a reset had consumed released sub-buffers;
 * another error.
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
 * @merge: the merge, or NULL; its reader stays open
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

/* The reader may have added buffers. */
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

/* Go to the next record of the held sub-buffer; at its end, the head holds none. */
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
	/* The sub-buffer is a copy, which relay_buf_take() has already put. */
	head->held = false;
	merge->reader->bufs[head - merge->heads]->held = false;
}

static void merge_begin(struct relay_merge *merge, struct merge_head *head)
{
	head->held = true;
	head->at = merge->reader->info.header_size;
	head->record.cpu = head->subbuf.cpu;
	/* Add, because sub-buffers without a record may have come before. */
	head->record.lost += head->subbuf.lost;
	head->record.missed += head->subbuf.missed;
	merge->taken++;
	merge->current = NULL;
	merge_step(merge, head);
}

/* If the buffer has no sub-buffer, flush it: then it has all records written until now. */
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

/* Return: 0 when each head has a sub-buffer, or its CPU's later records are newer. */
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

/* Set @current to the head with the oldest record, NULL if none is held; and @limit. */
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

/* The caller is done with the record that it got last. */
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
 * @record: set to the record; it and its data are valid until the next call
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
