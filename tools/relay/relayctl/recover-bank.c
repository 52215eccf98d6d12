// SPDX-License-Identifier: GPL-2.0
/*
 * Recovers the valid sub-buffers of a bank in memory, the oldest of each CPU first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "area.h"
#include "packet.h"
#include "recovery.h"

/**
 * struct salvage - a channel that is being recovered
 * @recovery:	the recovery
 * @boot:	the results of the bank
 * @memory:	the bank
 * @channel:	the results of the channel
 * @chan:	the channel, parsed
 * @part:	its recording; NULL to report only
 * @metadata:	its metadata, if it is a trace
 * @stream:	the packets of the current CPU, if it is a trace
 * @copy:	memory for a copy of a sub-buffer
 */
struct salvage {
	struct recovery			*recovery;
	struct recovered_boot		*boot;
	const struct area_memory	*memory;
	struct recovered_channel	*channel;
	struct relay_found_channel	chan;
	struct part			*part;
	struct metadata			metadata;
	struct packet_stream		stream;
	unsigned char			*copy;
};

/* A sub-buffer, for sorting by age. */
struct aged {
	uint64_t	behind;
	uint64_t	begin_time;
	uint32_t	index;
};

static int oldest_first(const void *a, const void *b)
{
	const struct aged *one = a, *other = b;

	return one->behind < other->behind ? 1 : one->behind > other->behind ? -1 : 0;
}

/*
 * Sub-buffers
 */

static void count_subbuf(struct recovered_buffer *buffer,
			 const struct relay_found_subbuf *sub)
{
	buffer->subbufs++;
	buffer->records += sub->info.records;
	buffer->bytes += sub->info.used;
	buffer->sealed += sub->sealed;
	buffer->open += !sub->delivered;
	buffer->consumed += sub->consumed;
	buffer->taken += sub->taken;
}

/*
 * Return: committed bytes that the dump leaves out. They may not have been zeroes. Those of a
 * sealed sub-buffer were, because it matches its seal.
 */
static uint64_t count_missing(const struct salvage *salvage,
			      const struct relay_found_subbuf *sub)
{
	uint64_t missing = 0;

	for (unsigned int i = 0; i < sub->n_extents && !sub->sealed; i++)
		missing += area_left_out(salvage->memory,
					 (const char *)sub->data + sub->extent[i].begin,
					 sub->extent[i].end - sub->extent[i].begin);
	return missing;
}

/* Return: the data, with zeroes for bytes that were not committed, as for a discarded record. */
static const void *without_gaps(const struct salvage *salvage,
				const struct relay_found_subbuf *sub)
{
	uint32_t from = 0;

	if (sub->n_extents == 1 && !sub->extent[0].begin)
		return sub->data;
	memcpy(salvage->copy, sub->data, sub->info.used);
	for (unsigned int i = 0; i < sub->n_extents; i++) {
		memset(salvage->copy + from, 0, sub->extent[i].begin - from);
		from = sub->extent[i].end;
	}
	return salvage->copy;
}

static int store_subbuf(const struct salvage *salvage, const struct relay_subbuf *subbuf)
{
	struct mover mover;
	int err;

	if (!salvage->part)
		return 0;
	mover_init(&mover, NULL);
	err = part_put(salvage->part, &mover, subbuf);
	mover_close(&mover);
	recovery_stored_subbuf(salvage->recovery, subbuf->records, err);
	return err;
}

/*
 * Packets
 */

/* Return: the events of an extent, without the header of the packet; may be empty. */
static struct relay_found_extent packet_events(const struct relay_found_extent *extent)
{
	uint32_t begin = extent->begin;

	if (begin < sizeof(struct ltt_packet))
		begin = sizeof(struct ltt_packet);
	/* The header of each event is aligned to 4 bytes. */
	begin = (begin + 3) & ~3U;
	return (struct relay_found_extent) { begin, extent->end > begin ? extent->end : begin };
}

/*
 * Find the begin time of the packet of an extent: that of the sub-buffer, or that of the
 * extent's first event, if its header has the whole time. Return: whether it is known.
 */
static bool packet_begin(const struct relay_found_subbuf *sub, unsigned int i, uint64_t *time)
{
	struct relay_found_extent events = packet_events(&sub->extent[i]);

	*time = sub->info.begin_time;
	return !sub->extent[i].begin ||
	       packet_event_time((const unsigned char *)sub->data + events.begin,
				 events.end - events.begin, time);
}

/*
 * Store a packet for each extent, because a packet of CTF cannot have a gap.
 *
 * @end: no event of the sub-buffer is later
 * Return: 0, or the first error.
 */
static int store_packets(struct salvage *salvage, struct recovered_buffer *buffer,
			 const struct relay_found_subbuf *sub, struct relay_subbuf *subbuf,
			 uint64_t end)
{
	int err = 0;

	salvage->stream.next = salvage->stream.next ? salvage->stream.next + subbuf->missed :
						      subbuf->sequence;
	for (unsigned int i = 0; i < sub->n_extents && !err; i++) {
		struct relay_found_extent events = packet_events(&sub->extent[i]);
		struct packet_span span = { .end = end, .discarded = sub->info.lost };
		uint64_t next;

		if (events.begin == events.end)
			continue;
		if (!packet_begin(sub, i, &span.begin)) {
			buffer->untimed += events.end - events.begin;
			continue;
		}
		for (unsigned int j = sub->n_extents; --j > i;)
			if (packet_begin(sub, j, &next))
				span.end = next;
		subbuf->used = packet_finish(&salvage->stream, &span,
					     (const char *)sub->data + events.begin,
					     events.end - events.begin, salvage->copy);
		subbuf->data = salvage->copy;
		err = store_subbuf(salvage, subbuf);
		/* The entry of the first packet has these counts. */
		subbuf->records = 0;
		subbuf->lost = 0;
		subbuf->missed = 0;
	}
	return err;
}

/* Store a packet with an event ltt_end after the last packet of a CPU. */
static void store_packet_end(struct salvage *salvage, const struct recovered_buffer *buffer,
			     uint64_t sequence)
{
	const char *end = salvage->boot->end;
	struct relay_subbuf subbuf = {
		.cpu		= buffer->cpu,
		.sequence	= sequence,
		.begin_time	= salvage->stream.end,
		.end_time	= salvage->stream.end,
		.data		= salvage->copy,
		.used		= packet_end(&salvage->stream, buffer->lost,
					     *end ? end : "not known", salvage->copy,
					     salvage->chan.head.subbuf_size),
	};

	if (subbuf.used)
		store_subbuf(salvage, &subbuf);
}

/**
 * struct course - state between two sub-buffers of a buffer
 * @any:	there was a sub-buffer before
 * @next:	number of the next sub-buffer, if none is missing
 * @behind:	age of the last sub-buffer
 * @lost:	highest loss count of a sub-buffer so far
 */
struct course {
	bool		any;
	uint64_t	next;
	uint64_t	behind;
	uint64_t	lost;
};

/* Return: losses since the last sub-buffer; as in record, 0 before the first one. */
static uint64_t lost_since(const struct course *course, uint64_t lost)
{
	return course->any && lost > course->lost ? lost - course->lost : 0;
}

/* @end: no event of the sub-buffer is later */
static int store_found(struct salvage *salvage, struct recovered_buffer *buffer,
		       const struct relay_found_subbuf *sub, struct relay_subbuf *subbuf,
		       uint64_t end)
{
	if (salvage->metadata.text)
		return store_packets(salvage, buffer, sub, subbuf, end);
	if (salvage->part)
		subbuf->data = without_gaps(salvage, sub);
	return store_subbuf(salvage, subbuf);
}

static void recover_subbuf(struct salvage *salvage, struct recovered_buffer *buffer,
			   const struct relay_found_subbuf *sub, const struct aged *aged,
			   uint64_t end, struct course *course)
{
	struct relay_subbuf subbuf = {
		.used		= sub->info.used,
		.cpu		= buffer->cpu,
		.records	= sub->info.records,
		.sequence	= sub->info.sequence,
		.begin_time	= sub->info.begin_time,
		.end_time	= sub->info.end_time,
		.lost		= lost_since(course, sub->info.lost),
		.missed		= course->any ? course->behind - aged->behind - 1 : 0,
	};

	count_subbuf(buffer, sub);
	salvage->boot->missing += count_missing(salvage, sub);
	/* If it is not stored, the next entry counts it as missed. */
	if (store_found(salvage, buffer, sub, &subbuf, end))
		return;
	course->any = true;
	course->next = sub->info.sequence + 1;
	course->behind = aged->behind;
	if (sub->info.lost > course->lost)
		course->lost = sub->info.lost;
}

static void store_end(struct salvage *salvage, const struct recovered_buffer *buffer,
		      const struct course *course)
{
	struct relay_subbuf last = {
		.cpu		= buffer->cpu,
		.sequence	= course->next,
		.lost		= lost_since(course, buffer->lost),
	};
	int err;

	if (course->any && salvage->metadata.text)
		store_packet_end(salvage, buffer, course->next);
	err = last.lost && salvage->part ? part_end_cpu(salvage->part, &last) : 0;
	recovery_stored(salvage->recovery, err);
}

/* Return: the number of valid sub-buffers in @aged, or an error. */
static int find_subbufs(struct recovered_buffer *buffer,
			const struct relay_found_buffer *buf, struct aged *aged)
{
	struct relay_found_subbuf sub;
	int n = 0, err = 0;

	for (uint32_t i = 0; i < buf->chan->head.n_subbufs && !err; i++) {
		enum relay_verdict verdict = relay_find_subbuf(buf, i, &sub);

		if (verdict == RELAY_FOUND)
			aged[n++] = (struct aged) {
				relay_found_behind(buf, sub.info.sequence),
				sub.info.begin_time, i,
			};
		else if (verdict != RELAY_EMPTY)
			err = recovery_add_bad(buffer, i, verdict);
		if (verdict == RELAY_FOUND || verdict == RELAY_EMPTY)
			buffer->doubted += sub.doubted;
	}
	return err ? err : n;
}

static int recover_subbufs(struct salvage *salvage, struct recovered_buffer *buffer,
			   const struct relay_found_buffer *buf)
{
	struct aged *aged = calloc(buf->chan->head.n_subbufs, sizeof(*aged));
	struct relay_found_subbuf sub;
	struct course course = { 0 };
	int n;

	if (!aged)
		return -ENOMEM;
	n = find_subbufs(buffer, buf, aged);
	if (n > 0)
		qsort(aged, n, sizeof(*aged), oldest_first);
	for (int i = 0; i < n; i++) {
		uint64_t end = i + 1 < n ? aged[i + 1].begin_time : buf->last_time;

		if (!relay_find_subbuf(buf, aged[i].index, &sub))
			recover_subbuf(salvage, buffer, &sub, &aged[i],
				       sub.info.end_time ? : end, &course);
	}
	store_end(salvage, buffer, &course);
	free(aged);
	return n < 0 ? n : 0;
}

/*
 * Buffers
 */

static void count_buffer(struct recovered_buffer *buffer,
			 const struct relay_found_buffer *buf)
{
	relay_find_counters(buf, &buffer->counters);
	for (unsigned int i = 0; i < RELAY_LOST_REASONS; i++)
		buffer->lost += buffer->counters.lost[i];
}

static int recover_buffer(struct salvage *salvage, unsigned int cpu)
{
	struct recovered_buffer *buffer;
	struct relay_found_buffer buf;
	enum relay_verdict verdict = relay_find_buffer(&salvage->chan, cpu, &buf);

	if (verdict == RELAY_EMPTY)
		return 0;
	buffer = recovery_add_buffer(salvage->channel, cpu);
	if (!buffer)
		return -ENOMEM;
	buffer->verdict = verdict;
	if (verdict)
		return 0;
	salvage->stream = (struct packet_stream) { .metadata = &salvage->metadata, .cpu = cpu };
	count_buffer(buffer, &buf);
	buffer->doubt = relay_find_doubt(&buf);
	return recover_subbufs(salvage, buffer, &buf);
}

static int recover_buffers(struct salvage *salvage)
{
	int err = 0;

	salvage->copy = malloc(salvage->chan.head.subbuf_size);
	if (!salvage->copy)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < salvage->chan.head.n_buffers && !err; cpu++)
		err = recover_buffer(salvage, cpu);
	free(salvage->copy);
	return err;
}

/*
 * Channels
 */

static void describe_channel(struct recovered_channel *channel,
			     const struct relay_found_channel *chan)
{
	const struct relay_bank_channel *head = &chan->head;

	channel->time = head->time;
	channel->private_size = head->private_size;
	channel->geometry = (struct relay_geometry) {
		.overwrite	= head->flags & RELAY_CHAN_OVERWRITE,
		.global		= head->flags & RELAY_CHAN_GLOBAL,
		.n_subbufs	= head->n_subbufs,
		.subbuf_size	= head->subbuf_size,
		.header_size	= head->header_size,
		.n_cpus		= head->n_buffers,
	};
}

static void find_metadata(struct salvage *salvage)
{
	__u64 size;
	const void *data = relay_find_private(&salvage->chan, &size);

	if (data && metadata_find(&salvage->metadata, data, size))
		salvage->channel->metadata = salvage->metadata.size;
}

/* Store the private area, except that of a trace, which is stored as the file "metadata". */
static int store_private(const struct salvage *salvage, const char *dir)
{
	char path[4096];
	__u64 size;
	const void *data = relay_find_private(&salvage->chan, &size);

	if (salvage->metadata.text || !data || !size)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, salvage->channel->name);
	return store_file(path, "private", data, size);
}

/* Return: 0, or an error that ends the recovery. */
static int salvage_channel(struct salvage *salvage, const char *dir)
{
	struct part part;
	int err;

	if (!dir)
		return recover_buffers(salvage);
	err = store_open(&part, dir, salvage->channel,
			 salvage->metadata.text ? &salvage->metadata : NULL);
	if (err) {
		recovery_stored(salvage->recovery, err);
		return 0;
	}
	salvage->part = &part;
	recovery_stored(salvage->recovery, store_private(salvage, dir));
	err = recover_buffers(salvage);
	store_close(salvage->recovery, &part);
	return err;
}

static int recover_slot(struct recovery *recovery, struct recovered_boot *boot,
			const struct area_memory *memory, unsigned int slot,
			const char *dir)
{
	struct salvage salvage = { .recovery = recovery, .boot = boot, .memory = memory };
	enum relay_verdict verdict = relay_find_channel(&memory->found, slot, &salvage.chan);

	if (verdict == RELAY_EMPTY)
		return 0;
	salvage.channel = recovery_add_channel(boot, verdict ? "damaged" :
					       salvage.chan.head.name, slot);
	if (!salvage.channel)
		return -ENOMEM;
	salvage.channel->verdict = verdict;
	if (verdict)
		return 0;
	describe_channel(salvage.channel, &salvage.chan);
	find_metadata(&salvage);
	return salvage_channel(&salvage, dir);
}

/**
 * recover_bank - recover a bank
 * @recovery: the recovery, which notes what is not stored
 * @boot: filled in with the results
 * @memory: the bank
 * @dir: output directory; NULL to report only
 *
 * Return: 0 or an error.
 */
int recover_bank(struct recovery *recovery, struct recovered_boot *boot,
		 const struct area_memory *memory, const char *dir)
{
	int err = 0;

	boot->recovered = true;
	boot->missing = memory->missing;
	boot->left_out = memory->left_out;
	for (unsigned int i = 0; i < memory->found.head.n_channels && !err; i++)
		err = recover_slot(recovery, boot, memory, i, dir);
	return err;
}
