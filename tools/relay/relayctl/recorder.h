/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_RECORDER_H
#define _RELAYCTL_RECORDER_H

#include "budget.h"
#include "metadata-live.h"
#include "part.h"

enum fsync_policy { FSYNC_NONE, FSYNC_PART, FSYNC_ALWAYS };

/**
 * struct recorder_options - what to record, and how
 * @channel:	the channel
 * @output:	the directory; NULL for a stream on stdout
 * @rotate_size: bytes of a part; 0 for no limit
 * @rotate_ms:	milliseconds of a part; 0 for no limit
 * @keep:	number of parts to keep; 0 for all
 * @max_size:	with rotation, bytes to keep; 0 for no limit
 * @budget:	without rotation, the bytes that this and other recordings may have together;
 *		NULL for no limit
 * @cpus:	the CPUs to record, in order
 * @n_cpus:	number of @cpus; 0 for all CPUs
 * @compress:	level of zstd; 0 for no compression
 * @fsync:	when to call fsync()
 * @splice:	splice into files, too
 * @flight:	consume nothing
 * @on_trigger:	with @flight, take a snapshot when the channel's owner triggers
 */
struct recorder_options {
	const char		*channel;
	const char		*output;
	uint64_t		rotate_size;
	uint64_t		rotate_ms;
	uint64_t		keep;
	uint64_t		max_size;
	struct budget		*budget;
	const unsigned int	*cpus;
	unsigned int		n_cpus;
	unsigned int		compress;
	enum fsync_policy	fsync;
	bool			splice;
	bool			flight;
	bool			on_trigger;
};

/**
 * struct totals - what was stored, lost, missed and not stored
 * @subbufs:	sub-buffers stored
 * @records:	records in @subbufs
 * @bytes:	bytes of @subbufs
 * @stored:	bytes of their data in the closed parts
 * @lost:	records that the kernel refused
 * @missed:	sub-buffers that were gone before all of them was read
 * @unstored:	sub-buffers that were read and could not be stored
 * @unstored_records: records in @unstored
 * @error:	the first error because of which something is not stored
 */
struct totals {
	uint64_t	subbufs;
	uint64_t	records;
	uint64_t	bytes;
	uint64_t	stored;
	uint64_t	lost;
	uint64_t	missed;
	uint64_t	unstored;
	uint64_t	unstored_records;
	int		error;
};

/**
 * struct recorder - a recording that is being made
 * @options:	its options
 * @reader:	the reader of the channel
 * @geometry:	the channel's geometry
 * @mover:	gets data into files
 * @compressor:	compresses data, or NULL
 * @live:	the metadata, if the channel is a trace; not for a stream
 * @part:	the part that is being written
 * @n_parts:	parts that were begun
 * @oldest:	number of the oldest part that was not removed
 * @own:	the budget of this recording alone, with rotation
 * @budgeted:	bytes of @part that are charged to the budget
 * @full:	the recording has ended because the budget is spent
 * @snapshot:	this is a snapshot
 * @n_dumps:	number of the next snapshot; in a snapshot, its own number
 * @sources:	counts, by CPU
 * @n_sources:	CPUs that @sources has room for
 * @held:	sub-buffers that were taken, to be written at once
 * @n_held:	number of @held
 * @contended:	another reader or a reset consumed a sub-buffer that was being read
 * @totals:	its totals
 * @broken:	the stream had an error: nothing more can be stored
 */
struct recorder {
	struct recorder_options	options;
	struct relay_reader	*reader;
	struct relay_geometry	geometry;
	struct mover		mover;
	struct compressor	*compressor;
	struct live_metadata	live;
	struct part		part;
	unsigned int		n_parts;
	unsigned int		oldest;
	struct budget		own;
	uint64_t		budgeted;
	bool			full;
	bool			snapshot;
	unsigned int		n_dumps;
	struct source		*sources;
	unsigned int		n_sources;
	struct relay_subbuf	held[PART_AHEAD];
	unsigned int		n_held;
	bool			contended;
	struct totals		totals;
	bool			broken;
};

int recorder_open(struct recorder *recorder, const struct recorder_options *options);
bool recorder_is_trace(const struct recorder *recorder);
uint64_t recorder_least(const struct recorder *recorder);
int recorder_start(struct recorder *recorder);
int recorder_step(struct recorder *recorder);
int recorder_dump(struct recorder *recorder, char *path, size_t size,
		  struct totals *totals);
int recorder_dump_to(struct recorder *recorder, const char *path, struct totals *totals);
void recorder_close(struct recorder *recorder);

/* stream.c */
int stream_put(struct mover *mover, const struct relay_subbuf *subbuf,
	       uint64_t lost, uint64_t missed);

/* rotate.c */
bool rotates(const struct recorder_options *options);
void part_path(const struct recorder_options *options, unsigned int number,
	       char *path, size_t size);
uint64_t part_remove(const struct recorder_options *options, unsigned int number);

#endif /* _RELAYCTL_RECORDER_H */
