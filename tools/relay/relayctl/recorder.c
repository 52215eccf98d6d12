// SPDX-License-Identifier: GPL-2.0
/*
 * Records a channel, sub-buffer by sub-buffer, and counts those that are not stored.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "packet.h"
#include "recorder.h"
#include "recording.h"
#include "stats.h"

/**
 * struct source - the counts of a CPU
 * @next:	number of the next sub-buffer
 * @end_time:	end time of the last sub-buffer
 * @lost:	records lost, in all
 * @missed:	sub-buffers missed, in all
 * @untold_lost: records lost that no stored entry contains yet
 * @untold_missed: sub-buffers missed that no stored entry contains yet
 */
struct source {
	uint64_t	next;
	uint64_t	end_time;
	uint64_t	lost;
	uint64_t	missed;
	uint64_t	untold_lost;
	uint64_t	untold_missed;
};

static bool stdout_is_pipe(void)
{
	struct stat stat;

	return !fstat(STDOUT_FILENO, &stat) && S_ISFIFO(stat.st_mode);
}

/**
 * recorder_open - open a channel to record it
 * @recorder: filled in
 * @options: what and how
 *
 * Return: 0 or an error; -ENXIO if none of the CPUs in @options has a buffer. An error of a
 * trace's metadata is also in @recorder->live.err.
 */
int recorder_open(struct recorder *recorder, const struct recorder_options *options)
{
	bool splice = options->output ? options->splice : stdout_is_pipe();
	unsigned int mode;
	int err, unread;

	*recorder = (struct recorder) {
		.options	= *options,
		.live.fd	= -1,
		.part.index	= -1,
		.own.most	= options->max_size,
	};
	unread = options->output ? live_metadata_open(&recorder->live, options->channel) : 0;
	/* recorder_begin_cpu() reads the headers of packets. */
	splice &= !recorder_is_trace(recorder);
	mode = options->flight ? RELAY_FLIGHT : splice ? RELAY_SPLICE : 0;
	if (options->on_trigger)
		mode |= RELAY_TRIGGER;
	err = relay_open_cpus(&recorder->reader, options->channel, options->cpus,
			      options->n_cpus, RELAY_NONBLOCK | RELAY_CONFIRM | mode);
	/* An error of the channel takes precedence, because it may be the cause of the other. */
	if (err)
		recorder->live.err = 0;
	else
		err = unread;
	if (!err && options->compress) {
		recorder->compressor = compressor_open(options->compress);
		err = recorder->compressor ? 0 : -ENOMEM;
	}
	if (err) {
		live_metadata_close(&recorder->live);
		relay_close(recorder->reader);
		return err;
	}
	recorder->geometry = *relay_get_geometry(recorder->reader);
	mover_init(&recorder->mover, recorder->reader);
	return 0;
}

/**
 * recorder_is_trace - is the channel a trace, whose metadata is recorded?
 * @recorder: the recorder
 *
 * Return: whether it is.
 */
bool recorder_is_trace(const struct recorder *recorder)
{
	return recorder->live.fd >= 0;
}

static struct source *recorder_source(struct recorder *recorder, unsigned int cpu)
{
	unsigned int n = cpu + 1;
	struct source *sources;

	if (n <= recorder->n_sources)
		return &recorder->sources[cpu];
	sources = realloc(recorder->sources, n * sizeof(*sources));
	if (!sources)
		return NULL;
	memset(sources + recorder->n_sources, 0,
	       (n - recorder->n_sources) * sizeof(*sources));
	recorder->sources = sources;
	recorder->n_sources = n;
	return &sources[cpu];
}

/*
 * Parts
 */

static bool recorder_part_full(const struct recorder *recorder)
{
	const struct recorder_options *options = &recorder->options;
	const struct part *part = &recorder->part;

	return (options->rotate_size && part->bytes >= options->rotate_size) ||
	       (options->rotate_ms &&
		milliseconds() - part->began >= options->rotate_ms);
}

static void recorder_failed(struct recorder *recorder, int err)
{
	if (!recorder->totals.error)
		recorder->totals.error = err;
}

static void recorder_unstored(struct recorder *recorder, uint64_t records, int err)
{
	recorder->totals.unstored++;
	recorder->totals.unstored_records += records;
	recorder_failed(recorder, err);
}

static struct budget *recorder_budget(struct recorder *recorder)
{
	return recorder->options.budget ? : &recorder->own;
}

/*
 * Bytes that an open part may need at its end: for each CPU an entry with the last losses, and
 * in a trace two packets.
 */
static uint64_t recorder_ends(const struct recorder *recorder)
{
	unsigned int n = recorder->geometry.n_cpus;
	size_t each = sizeof(struct index_entry);

	if (recorder_is_trace(recorder))
		each += 2 * sizeof(struct ltt_packet);
	return each * (n > recorder->n_sources ? n : recorder->n_sources);
}

/* Bytes of a part without a sub-buffer. */
static uint64_t recorder_empty(const struct recorder *recorder)
{
	return sizeof(struct index_header) + recorder->live.metadata.size;
}

/* Bytes that a full sub-buffer may need, which may begin a part and in a trace a stream. */
static uint64_t recorder_each(const struct recorder *recorder)
{
	uint64_t each = recorder->geometry.subbuf_size + sizeof(struct index_entry) +
			recorder_empty(recorder);

	return recorder_is_trace(recorder) ? each + sizeof(struct ltt_packet) : each;
}

/**
 * recorder_least - the smallest budget of a recording
 * @recorder: the recorder, which has no part yet
 *
 * Return: bytes with which it can store a sub-buffer, with any rotation.
 */
uint64_t recorder_least(const struct recorder *recorder)
{
	return recorder_empty(recorder) + recorder_ends(recorder) + recorder_each(recorder);
}

/* Charge the growth of the part to the budget. */
static void recorder_spend(struct recorder *recorder)
{
	uint64_t size = part_size(&recorder->part);

	if (recorder->part.index >= 0)
		size += recorder_ends(recorder);
	recorder_budget(recorder)->bytes += size - recorder->budgeted;
	recorder->budgeted = size;
}

/* Without their entries, which could not be written, these sub-buffers are not stored. */
static void recorder_retract(struct recorder *recorder, unsigned int unwritten,
			     int err)
{
	const struct index_entry *entry = recorder->part.pending;

	for (; unwritten--; entry++) {
		if (entry->flags & htole32(INDEX_END))
			continue;
		recorder_unstored(recorder, le32toh(entry->records), err);
		recorder->totals.subbufs--;
		recorder->totals.records -= le32toh(entry->records);
		recorder->totals.bytes -= le32toh(entry->used);
		recorder->totals.stored -= le32toh(entry->stored);
	}
}

static void recorder_close_part(struct recorder *recorder)
{
	unsigned int unwritten;
	int err;

	if (recorder->part.index < 0)
		return;
	err = part_close(&recorder->part, recorder->options.fsync != FSYNC_NONE,
			 &unwritten);
	recorder_spend(recorder);
	recorder->budgeted = 0;
	recorder->totals.stored += recorder->part.bytes;
	recorder_retract(recorder, unwritten, err);
	recorder_failed(recorder, err);
}

/* A directory has one recording: parts of another would be taken for parts of this one. */
static int recorder_make_dir(const char *path)
{
	int err = make_dir(path);

	return !err && recording_exists(path) ? -EEXIST : err;
}

static void recorder_remove_oldest(struct recorder *recorder)
{
	uint64_t bytes = part_remove(&recorder->options, recorder->oldest++);

	/* The files may have more than was charged, if one could not be cut back. */
	recorder->own.bytes -= bytes < recorder->own.bytes ? bytes : recorder->own.bytes;
}

static int recorder_open_part(struct recorder *recorder)
{
	const struct recorder_options *options = &recorder->options;
	struct part_info info = {
		.channel	= options->channel,
		.geometry	= recorder->geometry,
		.snapshot	= recorder->snapshot,
		.metadata	= recorder_is_trace(recorder) ? &recorder->live.metadata : NULL,
		.compressor	= recorder->compressor,
		.sync		= options->fsync == FSYNC_ALWAYS,
		.number		= recorder->snapshot ? recorder->n_dumps : recorder->n_parts,
	};
	char path[4096];
	int err = recorder->n_parts ? 0 : recorder_make_dir(options->output);

	if (err)
		return err;
	part_path(options, recorder->n_parts, path, sizeof(path));
	err = part_open(&recorder->part, path, &info);
	if (err)
		return err;
	recorder->n_parts++;
	recorder_spend(recorder);
	while (options->keep && recorder->n_parts - recorder->oldest > options->keep)
		recorder_remove_oldest(recorder);
	return 0;
}

/**
 * recorder_start - create the first part, unless the output is a stream
 * @recorder: the recorder
 *
 * Return: 0 or an error.
 */
int recorder_start(struct recorder *recorder)
{
	return recorder->options.output ? recorder_open_part(recorder) : 0;
}

/* Open a new part if the current one is full. The time of a part begins with its first data. */
static int recorder_part(struct recorder *recorder)
{
	struct part *part = &recorder->part;
	int err = 0;

	if (part->index >= 0 && part->bytes && recorder_part_full(recorder))
		recorder_close_part(recorder);
	if (part->index < 0)
		err = recorder_open_part(recorder);
	if (!part->bytes)
		part->began = milliseconds();
	return err;
}

/*
 * Packets without events, for losses before or after those of a stream
 */

static int recorder_add_packet(struct recorder *recorder, unsigned int cpu, uint64_t sequence,
			       uint64_t time, uint64_t discarded)
{
	struct packet_stream stream = {
		.metadata = &recorder->live.metadata, .cpu = cpu, .next = sequence, .end = time,
	};

	return recorder->live.err ? : packet_store_empty(&stream, time, discarded,
							 &recorder->part);
}

/* Is this the first sub-buffer of its CPU in the part of a trace? */
static bool recorder_begins_cpu(const struct recorder *recorder,
				const struct relay_subbuf *subbuf)
{
	return recorder_is_trace(recorder) && !part_has_data(&recorder->part, subbuf->cpu);
}

/* Return: the number before the missed ones. Readers accept 0 twice. */
static uint64_t number_before(uint64_t sequence, uint64_t missed)
{
	return sequence > missed ? sequence - missed - 1 : 0;
}

/* Add a packet before a CPU's first sub-buffer in the part, if losses precede that. */
static int recorder_begin_cpu(struct recorder *recorder, const struct source *source,
			      const struct relay_subbuf *subbuf)
{
	const struct ltt_packet *packet = subbuf->data;
	/* A snapshot lacks no sub-buffer that was overwritten before it. */
	uint64_t missed = recorder->snapshot ? 0 : subbuf->missed;

	if (subbuf->used < sizeof(*packet) || !(subbuf->lost || missed))
		return 0;
	return recorder_add_packet(recorder, subbuf->cpu, number_before(subbuf->sequence, missed),
				   source->end_time ? : subbuf->begin_time,
				   packet->discarded - subbuf->lost);
}

/*
 * Sub-buffers
 */

static int recorder_put_part(struct recorder *recorder, const struct source *source,
			     const struct relay_subbuf *subbuf)
{
	int err = recorder->live.err ? : recorder_part(recorder);
	bool begins = !err && recorder_begins_cpu(recorder, subbuf);

	if (begins)
		err = recorder_begin_cpu(recorder, source, subbuf);
	if (err) {
		relay_release(recorder->reader, subbuf);
		return err;
	}
	err = part_put(&recorder->part, &recorder->mover, subbuf);
	/* If the sub-buffer was gone, its count of losses may be that of a later one. */
	if (err && begins)
		part_drop_data(&recorder->part, subbuf->cpu);
	return err;
}

static int recorder_put_stream(struct recorder *recorder,
			       const struct relay_subbuf *subbuf,
			       const struct source *source)
{
	int err = mover_take(&recorder->mover, subbuf);

	if (err)
		return err;
	err = stream_put(&recorder->mover, subbuf, source->lost, source->missed);
	recorder->broken = err;
	return err;
}

static void recorder_told(struct recorder *recorder, struct source *source,
			  const struct relay_subbuf *subbuf)
{
	source->untold_lost = 0;
	source->untold_missed = 0;
	recorder->totals.subbufs++;
	recorder->totals.records += subbuf->records;
	recorder->totals.bytes += subbuf->used;
}

/* The sub-buffer was consumed or overwritten before all of it was read. */
static void recorder_gone(struct recorder *recorder, struct source *source)
{
	source->missed++;
	recorder->totals.missed++;
	recorder->contended = true;
}

/* @err: 0, or why it is not stored: then the next entry counts it as missed. */
static void recorder_done(struct recorder *recorder, struct source *source,
			  const struct relay_subbuf *subbuf, int err)
{
	source->end_time = subbuf->end_time;
	if (!err) {
		recorder_told(recorder, source, subbuf);
		return;
	}
	source->untold_missed++;
	if (err == -ESTALE)
		recorder_gone(recorder, source);
	else
		recorder_unstored(recorder, subbuf->records, err);
}

/* Add its losses to the totals, and the losses that no entry contains yet to @subbuf. */
static void recorder_count(struct recorder *recorder, struct source *source,
			   struct relay_subbuf *subbuf)
{
	recorder->totals.lost += subbuf->lost;
	/* A snapshot begins after the sub-buffers that a flight recorder has overwritten. */
	if (!recorder->snapshot || source->next)
		recorder->totals.missed += subbuf->missed;
	source->next = subbuf->sequence + 1;
	source->lost += subbuf->lost;
	source->missed += subbuf->missed;
	source->untold_lost += subbuf->lost;
	source->untold_missed += subbuf->missed;
	subbuf->lost = source->untold_lost;
	subbuf->missed = source->untold_missed;
}

static void recorder_put(struct recorder *recorder, struct relay_subbuf *subbuf)
{
	struct source *source = recorder_source(recorder, subbuf->cpu);
	int err;

	if (!source) {
		recorder->totals.lost += subbuf->lost;
		recorder->totals.missed += subbuf->missed;
		relay_release(recorder->reader, subbuf);
		recorder_unstored(recorder, subbuf->records, -ENOMEM);
		return;
	}
	recorder_count(recorder, source, subbuf);
	if (recorder->options.output)
		err = recorder_put_part(recorder, source, subbuf);
	else
		err = recorder_put_stream(recorder, subbuf, source);
	recorder_done(recorder, source, subbuf, err);
}

/*
 * Return: how many sub-buffers can be held at once: one, or if they are mapped a quarter of
 * the buffer, so that the writers have room.
 */
static unsigned int recorder_may_hold(const struct recorder *recorder)
{
	unsigned int n = recorder->geometry.n_subbufs / 4;

	if (!recorder->options.output || recorder->options.splice || recorder->contended ||
	    recorder->geometry.overwrite || recorder->snapshot || !n)
		return 1;
	return n < PART_AHEAD ? n : PART_AHEAD;
}

/* Return: sub-buffers that fit into the budget, even if each is full and begins a part. */
static unsigned int recorder_room(struct recorder *recorder)
{
	const struct budget *budget = recorder_budget(recorder);
	uint64_t each = recorder_each(recorder);
	uint64_t bytes = budget->bytes;

	if (!budget->most)
		return PART_AHEAD;
	if (recorder->part.index < 0)
		bytes += recorder_ends(recorder);
	if (bytes + each > budget->most)
		return 0;
	return (budget->most - bytes) / each < PART_AHEAD ? (budget->most - bytes) / each :
							    PART_AHEAD;
}

/* Remove the oldest part to make room. Return: whether there was one to remove. */
static bool recorder_shrink(struct recorder *recorder)
{
	const struct part *part = &recorder->part;
	unsigned int left = recorder->n_parts - recorder->oldest;

	if (!rotates(&recorder->options))
		return false;
	if (left == 1 && part->bytes)
		recorder_close_part(recorder);
	if (!left || (left == 1 && part->index >= 0))
		return false;
	recorder_remove_oldest(recorder);
	return true;
}

/* Return: how many sub-buffers can be stored; 0 if the recording is full, and ends. */
static unsigned int recorder_make_room(struct recorder *recorder)
{
	unsigned int room;

	do
		room = recorder_room(recorder);
	while (!room && recorder_shrink(recorder));
	if (!room) {
		recorder->full = true;
		recorder_budget(recorder)->spent = true;
	}
	return room;
}

/* Take sub-buffers into @held. Return: what the last relay_next() returned. */
static int recorder_take(struct recorder *recorder)
{
	unsigned int most = recorder_may_hold(recorder), room = recorder_make_room(recorder);
	const struct relay_subbuf *subbuf;
	int err;

	recorder->n_held = 0;
	/* Take no sub-buffer that cannot be stored. */
	if (!room)
		return 0;
	if (most > room)
		most = room;
	do {
		err = relay_next(recorder->reader, &subbuf);
		if (err > 0)
			recorder->held[recorder->n_held++] = *subbuf;
	} while (err > 0 && recorder->n_held < most);
	return err;
}

/* Return: how many of the sub-buffers, all of one CPU, go into the current part. */
static unsigned int recorder_part_takes(const struct recorder *recorder,
					const struct relay_subbuf *subbufs, unsigned int n)
{
	uint64_t most = recorder->options.rotate_size ? : UINT64_MAX;
	uint64_t bytes = recorder->part.bytes;
	unsigned int i;

	for (i = 0; i < n && bytes < most; i++)
		bytes += subbufs[i].used;
	return i;
}

/*
 * Write sub-buffers of one CPU with one call, because a call for each would cost more than
 * writing their data, and release them with one call. If some of them were gone by then,
 * drop all, because it is not known which; from then on release each separately.
 *
 * Return: how many are stored or dropped; recorder_put() finds the error of the next.
 */
static unsigned int recorder_put_run(struct recorder *recorder, struct relay_subbuf *subbufs,
				     unsigned int n)
{
	struct source *source = recorder_source(recorder, subbufs->cpu);
	int err;

	if (n < 2 || !source || recorder->live.err || recorder_part(recorder) ||
	    recorder_begins_cpu(recorder, subbufs))
		return 0;
	n = recorder_part_takes(recorder, subbufs, n);
	n = part_write_ahead(&recorder->part, subbufs, n);
	if (!n)
		return 0;
	err = relay_release(recorder->reader, &subbufs[n - 1]);
	if (err)
		part_drop_ahead(&recorder->part, subbufs->cpu);
	for (unsigned int i = 0; i < n; i++) {
		recorder_count(recorder, source, &subbufs[i]);
		if (!err)
			part_enter(&recorder->part, &subbufs[i], i);
		recorder_done(recorder, source, &subbufs[i], err);
	}
	return n;
}

static void recorder_put_held(struct recorder *recorder)
{
	struct relay_subbuf *subbuf = recorder->held, *end = subbuf + recorder->n_held;
	struct relay_subbuf *next;
	unsigned int done;

	for (; subbuf < end; subbuf += done) {
		for (next = subbuf; next < end && next->cpu == subbuf->cpu; next++)
			;
		done = recorder_put_run(recorder, subbuf, next - subbuf);
		if (!done) {
			recorder_put(recorder, subbuf);
			done = 1;
		}
	}
}

/**
 * recorder_step - record some sub-buffers
 * @recorder: the recorder
 *
 * Return: 1; 0 at the end, -EAGAIN if there is none now, another error.
 */
int recorder_step(struct recorder *recorder)
{
	int err = recorder_take(recorder);

	if (recorder->n_held)
		live_metadata_look(&recorder->live);
	recorder_put_held(recorder);
	if (recorder->part.index >= 0)
		recorder_spend(recorder);
	if (recorder->broken)
		return recorder->totals.error;
	if (recorder->n_held)
		return 1;
	/* Flush before a wait. If that fails, a later flush tries again, or counts the loss. */
	if (recorder->part.index >= 0)
		part_flush(&recorder->part);
	return err;
}

/*
 * Snapshots
 */

/* Return: 0 or an error; -EEXIST where there is a recording. */
static int dump_subbufs(struct recorder *dump)
{
	int started = recorder_start(dump), err;

	if (started == -EEXIST)
		return started;
	/* Go on after another error: each sub-buffer tries again to open a part. */
	err = relay_snapshot(dump->reader) ? : 1;
	while (err > 0)
		err = recorder_step(dump);
	return err || dump->part.index >= 0 || dump->totals.error ? err : started;
}

/**
 * recorder_dump_to - take a snapshot
 * @recorder: the recorder
 * @path: a directory for it
 * @totals: set to the totals of the snapshot
 *
 * Return: 0 or an error; -ENODEV if the channel is closed; that some of it is not stored is
 * in @totals only.
 */
int recorder_dump_to(struct recorder *recorder, const char *path, struct totals *totals)
{
	struct recorder_options options = {
		.channel	= recorder->options.channel,
		.output		= path,
		.cpus		= recorder->options.cpus,
		.n_cpus		= recorder->options.n_cpus,
		.compress	= recorder->options.compress,
		.fsync		= recorder->options.fsync,
	};
	struct recorder dump;
	int err;

	/* Use another reader, because a reader that took a snapshot cannot consume any more. */
	err = recorder_open(&dump, &options);
	if (err)
		return err == -ENOENT ? -ENODEV : err;
	dump.snapshot = true;
	dump.n_dumps = recorder->n_dumps++;
	err = dump_subbufs(&dump);
	recorder_close(&dump);
	*totals = dump.totals;
	return err;
}

/**
 * recorder_dump - take a snapshot, in a new directory below the recording
 * @recorder: the recorder
 * @path: set to the directory
 * @size: size of @path
 * @totals: set to the totals of the snapshot
 *
 * Return: 0 or an error; that some of it is not stored is in @totals only.
 */
int recorder_dump(struct recorder *recorder, char *path, size_t size,
		  struct totals *totals)
{
	int err;

	if (!recorder->options.output)
		return -EOPNOTSUPP;
	err = make_dir(recorder->options.output);
	if (err)
		return err;
	/* Skip the numbers of snapshots that an earlier run left. */
	for (;; recorder->n_dumps++) {
		snprintf(path, size, "%s/dump-%06u", recorder->options.output,
			 recorder->n_dumps);
		if (access(path, F_OK))
			break;
	}
	return recorder_dump_to(recorder, path, totals);
}

/*
 * The end
 */

/* Return: the end time of the last sub-buffer of a CPU; if it has none, of the recording. */
static uint64_t recorder_end_time(const struct recorder *recorder, const struct source *source)
{
	uint64_t time = source->end_time;

	for (unsigned int i = 0; i < recorder->n_sources && !source->end_time; i++)
		if (recorder->sources[i].end_time > time)
			time = recorder->sources[i].end_time;
	return time;
}

static int recorder_put_end(struct recorder *recorder, const struct source *source,
			    const struct relay_subbuf *last, uint64_t discarded)
{
	uint64_t time = recorder_end_time(recorder, source), number = last->sequence;
	int err = 0;

	/* A first packet tells no reader a number: it takes two. */
	if (recorder_begins_cpu(recorder, last)) {
		number = number_before(number, last->missed);
		err = recorder_add_packet(recorder, last->cpu, number, time,
					  discarded - last->lost);
		number += last->missed + 1;
	}
	if (!err && recorder_is_trace(recorder))
		err = recorder_add_packet(recorder, last->cpu, number, time, discarded);
	return part_end_cpu(&recorder->part, last) ? : err;
}

/* Store the losses after the last sub-buffer of a CPU. */
static void recorder_end_cpu(struct recorder *recorder, unsigned int cpu)
{
	struct source *source = recorder_source(recorder, cpu);
	const struct relay_counts *counts;
	struct relay_subbuf last;
	uint64_t lost, later, missed;
	int err = 0;

	if (!source || relay_get_counts(recorder->reader, cpu, &counts))
		return;
	/* A full recording ends with its last sub-buffer. */
	later = recorder->full ? counts->lost_since : 0;
	lost = counts->lost_since - later;
	missed = recorder->full ? 0 : counts->missed_since;
	/* Do not count sub-buffers that were overwritten before the snapshot. */
	if (recorder->snapshot && !source->next && missed > recorder->geometry.n_subbufs)
		missed = recorder->geometry.n_subbufs;
	recorder->totals.lost += lost;
	recorder->totals.missed += missed;
	last = (struct relay_subbuf) {
		.cpu		= cpu,
		.sequence	= source->next + missed,
		.lost		= source->untold_lost + lost,
		.missed		= source->untold_missed + missed,
	};
	if ((last.lost || last.missed) && recorder->part.index >= 0)
		err = recorder_put_end(recorder, source, &last, stats_lost(counts) - later);
	recorder_failed(recorder, err);
}

/**
 * recorder_close - end a recording, and complete its totals
 * @recorder: the recorder
 */
void recorder_close(struct recorder *recorder)
{
	int cpu;

	for (unsigned int i = 0; (cpu = relay_cpu(recorder->reader, i)) >= 0; i++)
		recorder_end_cpu(recorder, cpu);
	recorder_close_part(recorder);
	mover_close(&recorder->mover);
	compressor_close(recorder->compressor);
	live_metadata_close(&recorder->live);
	relay_close(recorder->reader);
	free(recorder->sources);
}
