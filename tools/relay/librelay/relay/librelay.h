/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * librelay: read channels of relay, the kernel's bulk-data channel.
 *
 * A channel is a directory on relayfs, with a buffer for each CPU. A reader
 * gets whole sub-buffers, as they are delivered:
 *
 *	const struct relay_subbuf *subbuf;
 *	struct relay_reader *reader;
 *	int err = relay_open(&reader, "my-channel", 0);
 *
 *	if (err)
 *		return err;
 *	while ((err = relay_next(reader, &subbuf)) > 0) {
 *		use(subbuf->cpu, subbuf->data, subbuf->used, subbuf->lost);
 *		relay_release(reader, subbuf);
 *	}
 *	relay_close(reader);
 *
 * Functions that can fail return a negative error number: see relay_strerror().
 * Only one thread at a time may use a reader. See librelay(3).
 *
 * The library returns pointers to its own structures, so that a later version can add
 * members at their ends.
 */
#ifndef _RELAY_LIBRELAY_H
#define _RELAY_LIBRELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this header, a byte for each number: 1.0.0. See relay_version(). */
#define LIBRELAY_VERSION	0x010000

/* Where relayfs is mounted. */
#define RELAY_ROOT	"/sys/kernel/relay"

/* Flags of relay_open(). */
#define RELAY_NONBLOCK	(1U << 0)	/* -EAGAIN instead of a wait for data or a pipe */
#define RELAY_SPLICE	(1U << 1)	/* data is for relay_splice() */
#define RELAY_FLIGHT	(1U << 2)	/* for relay_snapshot(); consumes nothing */
#define RELAY_CONFIRM	(1U << 3)	/* relay_release() says whether the data is valid */
#define RELAY_FROM_NOW	(1U << 4)	/* consume older records without returning them */
#define RELAY_TRIGGER	(1U << 5)	/* with RELAY_FLIGHT: for relay_wait_trigger() */

/* All CPUs, for relay_get_counts(). */
#define RELAY_ALL_CPUS	(~0U)

struct relay_reader;
struct relay_merge;

/**
 * struct relay_subbuf - a sub-buffer that relay_next() returns
 * @data:	its bytes, including the owner's header; NULL if relay_splice() moves them
 * @used:	number of bytes
 * @cpu:	the CPU that wrote it
 * @records:	number of records
 * @sequence:	its number in the buffer of @cpu
 * @begin_time:	the channel's clock when it was begun; 0 without a clock
 * @end_time:	the channel's clock when it was closed
 * @lost:	records lost between the end of the sub-buffer of @cpu that the reader got
 *		before and the end of this one
 * @missed:	sub-buffers of @cpu before it that were overwritten, or consumed by
 *		another reader
 */
struct relay_subbuf {
	const void	*data;
	size_t		used;
	unsigned int	cpu;
	uint32_t	records;
	uint64_t	sequence;
	uint64_t	begin_time;
	uint64_t	end_time;
	uint64_t	lost;
	uint64_t	missed;
};

/**
 * struct relay_stale - sub-buffers that another reader, or a reset, consumed
 * @sequence:	number of the first
 * @count:	number of sub-buffers
 * @cpu:	the CPU that wrote them
 */
struct relay_stale {
	uint64_t	sequence;
	uint64_t	count;
	unsigned int	cpu;
};

/**
 * struct relay_geometry - mode and sizes of a channel
 * @overwrite:	writers overwrite unread data: a flight recorder
 * @global:	one buffer for all CPUs, cpu0
 * @n_subbufs:	sub-buffers of each buffer
 * @subbuf_size: bytes of a sub-buffer
 * @header_size: bytes of the owner's header at the start of a sub-buffer
 * @n_cpus:	number of buffers
 */
struct relay_geometry {
	bool		overwrite;
	bool		global;
	uint32_t	n_subbufs;
	uint32_t	subbuf_size;
	uint32_t	header_size;
	unsigned int	n_cpus;
};

/**
 * struct relay_counts - every record by its fate
 * @committed:	committed, including the following two
 * @overwritten: committed and overwritten unread
 * @erased:	committed and thrown away by a reset of the channel
 * @discarded:	discarded by their writer
 * @lost_full:	lost: no free sub-buffer
 * @lost_nested: lost: an interrupted writer was in the next sub-buffer
 * @lost_too_big: lost: longer than a sub-buffer holds
 * @lost_disabled: lost: the channel was closed, or, in the reserved area, held for
 *		a hibernation
 * @lost_since:	lost since the last sub-buffer that the reader got was closed; if it
 *		got none, since the reader was opened, or if no sub-buffer had been
 *		delivered by then, since the buffer was created
 * @bytes:	bytes of delivered sub-buffers
 * @produced:	sub-buffers delivered
 * @ready:	sub-buffers delivered and not consumed
 * @missed_since: at the end, when relay_next() has returned 0: sub-buffers between the last
 *		one that the reader got and the end that were overwritten, or consumed by
 *		another reader; if it got none, from the oldest on that was not consumed when
 *		the reader was opened, or the snapshot taken. 0 before the end
 */
struct relay_counts {
	uint64_t	committed;
	uint64_t	overwritten;
	uint64_t	erased;
	uint64_t	discarded;
	uint64_t	lost_full;
	uint64_t	lost_nested;
	uint64_t	lost_too_big;
	uint64_t	lost_disabled;
	uint64_t	lost_since;
	uint64_t	bytes;
	uint64_t	produced;
	uint64_t	ready;
	uint64_t	missed_since;
};

/**
 * struct relay_record - a record that relay_merge_next() returns
 * @data:	its bytes
 * @size:	number of bytes
 * @cpu:	the CPU that wrote it
 * @time:	its time, set by the caller's &relay_time_fn
 * @lost:	in the first record of a sub-buffer, &relay_subbuf.lost; else 0
 * @missed:	in the first record of a sub-buffer, &relay_subbuf.missed; else 0
 */
struct relay_record {
	const void	*data;
	size_t		size;
	unsigned int	cpu;
	uint64_t	time;
	uint64_t	lost;
	uint64_t	missed;
};

/**
 * relay_time_fn - find the length and the time of a record
 * @data:	start of the record; never the owner's header of a sub-buffer
 * @left:	bytes to the end of the sub-buffer
 * @time:	the function sets it to the time of the record
 * @skip:	0; the function sets it to a number of bytes that are not a record
 * @arg:	@arg of relay_merge_open()
 *
 * Return: bytes of the record; 0 if @data is not a record: then the merge skips @skip
 * bytes, or the rest of the sub-buffer if @skip is 0.
 */
typedef size_t (*relay_time_fn)(const void *data, size_t left, uint64_t *time,
				size_t *skip, void *arg);

/* relay_open(3) */
int relay_open(struct relay_reader **reader, const char *channel,
	       unsigned int flags);
int relay_open_cpus(struct relay_reader **reader, const char *channel,
		    const unsigned int *cpus, unsigned int n_cpus,
		    unsigned int flags);
void relay_close(struct relay_reader *reader);
int relay_fd(const struct relay_reader *reader);
const struct relay_geometry *relay_get_geometry(struct relay_reader *reader);
int relay_cpu(const struct relay_reader *reader, unsigned int i);

/* relay_next(3) */
int relay_next(struct relay_reader *reader, const struct relay_subbuf **subbuf);
int relay_release(struct relay_reader *reader,
		  const struct relay_subbuf *subbuf);
ssize_t relay_splice(struct relay_reader *reader,
		     const struct relay_subbuf *subbuf, int pipe_fd);
int relay_copying(const struct relay_reader *reader);
const struct relay_stale *relay_get_stale(const struct relay_reader *reader);

/* relay_flush(3) */
int relay_flush(struct relay_reader *reader);
int relay_drain(struct relay_reader *reader);
int relay_snapshot(struct relay_reader *reader);
int relay_wait_trigger(struct relay_reader *reader);
void relay_stop(struct relay_reader *reader);

/* relay_merge_open(3) */
int relay_merge_open(struct relay_merge **merge, struct relay_reader *reader,
		     relay_time_fn time_fn, void *arg);
int relay_merge_next(struct relay_merge *merge, const struct relay_record **record);
void relay_merge_close(struct relay_merge *merge);

/* relay_get_counts(3) */
int relay_get_counts(struct relay_reader *reader, unsigned int cpu,
		     const struct relay_counts **counts);
int relay_channels(const char *root, int (*found)(const char *name, void *arg),
		   void *arg);
const char *relay_strerror(int err);
unsigned int relay_version(void);

#ifdef __cplusplus
}
#endif

#endif /* _RELAY_LIBRELAY_H */
