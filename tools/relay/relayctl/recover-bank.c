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
 * struct course - state between two sub-buffers of a buffer
 * @any:	a sub-buffer was found
 * @next:	number of the next sub-buffer, if none is missing
 * @behind:	age of the last sub-buffer that is stored; before that, of the one that would
 *		come before the first that was found
 * @lost:	highest loss count of a sub-buffer that is stored; before that, the loss count
 *		of the first that was found
 */
struct course {
	bool		any;
	uint64_t	next;
	uint64_t	behind;
	uint64_t	lost;
};

/**
 * struct salvage - a channel that is being recovered
 * @recovery:	the recovery
 * @boot:	the results of the bank
 * @memory:	the bank
 * @channel:	the results of the channel
 * @chan:	the channel, parsed
 * @part:	its recording; NULL to report only
 * @metadata:	its metadata, if it is a trace
 * @last_time:	newest @last_time of its buffers
 * @course:	state of the current CPU
 * @stream:	the packets of the current CPU, if it is a trace
 * @copy:	memory for a copy of a sub-buffer, or for a packet with its header alone
 */
struct salvage {
	struct recovery			*recovery;
	struct recovered_boot		*boot;
	const struct area_memory	*memory;
	struct recovered_channel	*channel;
	struct relay_found_channel	chan;
	struct part			*part;
	struct metadata			metadata;
	uint64_t			last_time;
	struct course			course;
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
	int err;

	if (!salvage->part)
		return 0;
	err = part_put_memory(salvage->part, subbuf);
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

/* Store a packet without events as the first one of a CPU, before losses. */
static void store_empty(struct salvage *salvage, uint64_t time)
{
	if (salvage->part)
		recovery_stored(salvage->recovery,
				packet_store_empty(&salvage->stream, time, salvage->course.lost,
						   salvage->part));
}

/*
 * Store a packet for each extent, because a packet of CTF cannot have a gap.
 *
 * @end: no event of the sub-buffer is later
 * Return: whether one is stored.
 */
static bool store_packets(struct salvage *salvage, struct recovered_buffer *buffer,
			  const struct relay_found_subbuf *sub, struct relay_subbuf *subbuf,
			  uint64_t end)
{
	uint64_t discarded = salvage->course.lost + subbuf->lost;
	struct packet_stream before;
	bool stored = false;

	if (!salvage->stream.end && (subbuf->lost || subbuf->missed))
		store_empty(salvage, subbuf->begin_time);
	before = salvage->stream;
	salvage->stream.next += subbuf->missed;
	for (unsigned int i = 0; i < sub->n_extents; i++) {
		struct relay_found_extent events = packet_events(&sub->extent[i]);
		struct packet_span span = { .end = end, .discarded = discarded };
		uint64_t next;

		/* A packet with the header alone has losses, and no event that could be missing. */
		if (events.begin == events.end && sub->extent[i].begin)
			continue;
		if (!packet_begin(sub, i, &span.begin)) {
			buffer->untimed += events.end - events.begin;
			/* Readers count a packet as missing. */
			salvage->stream.next++;
			continue;
		}
		for (unsigned int j = sub->n_extents; --j > i;)
			if (packet_begin(sub, j, &next))
				span.end = next;
		subbuf->used = packet_finish(&salvage->stream, &span,
					     (const char *)sub->data + events.begin,
					     events.end - events.begin, salvage->copy);
		subbuf->data = salvage->copy;
		if (store_subbuf(salvage, subbuf))
			break;
		stored = true;
		/* The entry of the first packet has these counts. */
		subbuf->records = 0;
		subbuf->lost = 0;
		subbuf->missed = 0;
	}
	/* The next sub-buffer counts this one as missed. */
	if (!stored)
		salvage->stream = before;
	return stored;
}

/*
 * Store a packet with an event ltt_end after the last packet of a CPU. @last: losses after
 * that packet.
 */
static void store_packet_end(struct salvage *salvage, const struct relay_subbuf *last)
{
	uint64_t discarded = salvage->course.lost + last->lost;
	const char *end = salvage->boot->end;
	struct relay_subbuf subbuf = {
		.cpu		= last->cpu,
		.sequence	= last->sequence,
		.data		= salvage->copy,
	};

	if (!salvage->stream.end)
		store_empty(salvage, salvage->last_time);
	salvage->stream.next += last->missed;
	subbuf.begin_time = salvage->stream.end;
	subbuf.end_time = salvage->stream.end;
	subbuf.used = packet_end(&salvage->stream, discarded, *end ? end : "not known",
				 salvage->copy, salvage->chan.head.subbuf_size);
	if (subbuf.used)
		store_subbuf(salvage, &subbuf);
}

/*
 * Return: losses since the last sub-buffer that is stored. No check sum covers the loss count
 * of an open sub-buffer, and that of a 32-bit kernel wraps: it may be less than one before.
 */
static uint64_t lost_since(const struct course *course, uint64_t lost)
{
	return lost > course->lost ? lost - course->lost : 0;
}

/* @end: no event of the sub-buffer is later. Return: whether any of it is stored. */
static bool store_found(struct salvage *salvage, struct recovered_buffer *buffer,
			const struct relay_found_subbuf *sub, struct relay_subbuf *subbuf,
			uint64_t end)
{
	if (salvage->metadata.text)
		return store_packets(salvage, buffer, sub, subbuf, end);
	if (salvage->part)
		subbuf->data = without_gaps(salvage, sub);
	return !store_subbuf(salvage, subbuf);
}

static void recover_subbuf(struct salvage *salvage, struct recovered_buffer *buffer,
			   const struct relay_found_subbuf *sub, const struct aged *aged,
			   uint64_t end)
{
	struct course *course = &salvage->course;
	struct relay_subbuf subbuf = {
		.used		= sub->info.used,
		.cpu		= buffer->cpu,
		.records	= sub->info.records,
		.sequence	= sub->info.sequence,
		.begin_time	= sub->info.begin_time,
		.end_time	= sub->info.end_time,
	};

	count_subbuf(buffer, sub);
	salvage->boot->missing += count_missing(salvage, sub);
	/* As in record, the first sub-buffer tells no losses before it. */
	if (!course->any) {
		*course = (struct course) {
			true, subbuf.sequence, aged->behind + 1, sub->info.lost,
		};
		salvage->stream.next = subbuf.sequence;
	}
	subbuf.lost = lost_since(course, sub->info.lost);
	subbuf.missed = course->behind - aged->behind - 1;
	/* If it is not stored, the next entry counts it as missed. */
	if (!store_found(salvage, buffer, sub, &subbuf, end))
		return;
	course->next = sub->info.sequence + 1;
	course->behind = aged->behind;
	if (sub->info.lost > course->lost)
		course->lost = sub->info.lost;
}

/*
 * Return: sub-buffers after the last one that is stored, without that of the reserve position
 * if it is empty.
 */
static uint64_t missed_since(const struct course *course,
			     const struct recovered_buffer *buffer,
			     const struct relay_found_buffer *buf)
{
	uint32_t n = buf->chan->head.n_subbufs, here = relay_found_here(buf) % n;
	struct relay_found_subbuf sub;
	uint64_t missed = course->behind;

	if (!course->any)
		return buffer->n_bad;
	missed -= missed && relay_find_subbuf(buf, here, &sub) == RELAY_EMPTY;
	/* More would be a damaged reserve position. */
	return missed < n ? missed : n;
}

static void store_end(struct salvage *salvage, const struct recovered_buffer *buffer,
		      const struct relay_found_buffer *buf)
{
	const struct course *course = &salvage->course;
	struct relay_subbuf last = {
		.cpu		= buffer->cpu,
		.sequence	= course->next,
		.lost		= lost_since(course, buffer->lost),
		.missed		= missed_since(course, buffer, buf),
	};
	bool lost = last.lost || last.missed;

	if (salvage->metadata.text && (course->any || lost))
		store_packet_end(salvage, &last);
	if (salvage->part && lost)
		recovery_stored(salvage->recovery, part_end_cpu(salvage->part, &last));
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
	int n;

	if (!aged)
		return -ENOMEM;
	n = find_subbufs(buffer, buf, aged);
	if (n > 0)
		qsort(aged, n, sizeof(*aged), oldest_first);
	for (int i = 0; i < n; i++) {
		uint64_t end = i + 1 < n ? aged[i + 1].begin_time : salvage->last_time;

		if (!relay_find_subbuf(buf, aged[i].index, &sub))
			recover_subbuf(salvage, buffer, &sub, &aged[i],
				       sub.info.end_time ? : end);
	}
	store_end(salvage, buffer, buf);
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
	salvage->course = (struct course) { 0 };
	salvage->stream = (struct packet_stream) { .metadata = &salvage->metadata, .cpu = cpu };
	count_buffer(buffer, &buf);
	buffer->doubt = relay_find_doubt(&buf);
	return recover_subbufs(salvage, buffer, &buf);
}

/*
 * Find a time for the end of a packet that was open when the machine died: the newest of all
 * CPUs. It is near the last event, and no proof that no event is later: the time of the CPU
 * itself is older if a record interrupted the writer that stored it, and 0 after a discard.
 * packet_finish() raises it to the time of the first event, where the packet begins with that.
 */
static uint64_t find_last_time(const struct relay_found_channel *chan)
{
	struct relay_found_buffer buf;
	uint64_t last = 0;

	for (unsigned int cpu = 0; cpu < chan->head.n_buffers; cpu++)
		if (!relay_find_buffer(chan, cpu, &buf) && buf.last_time > last)
			last = buf.last_time;
	return last;
}

static int recover_buffers(struct salvage *salvage)
{
	int err = 0;

	salvage->copy = malloc(salvage->chan.head.subbuf_size + sizeof(struct ltt_packet));
	if (!salvage->copy)
		return -ENOMEM;
	salvage->last_time = find_last_time(&salvage->chan);
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
