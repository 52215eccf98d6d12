/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Declarations that the files of librelay share. <relay/librelay.h> does not expose the
 * kernel's ABI.
 */
#ifndef _LIBRELAY_INTERNAL_H
#define _LIBRELAY_INTERNAL_H

#include "uapi/linux/relay.h"
#include <relay/librelay.h>

/* Internal flag of a reader: relay_merge_open() was called. */
#define RELAY_MERGED	(1U << 31)

#define EXPORT	__attribute__((visibility("default")))

/**
 * struct relay_buf - the buffer of a CPU
 * @cpu:	the CPU
 * @dir:	the channel's directory
 * @fd:		its file, non-blocking
 * @map:	the file mapN, for copies without a mapping; -1 until it is needed
 * @info:	from RELAY_GET_INFO
 * @meta:	the meta pages
 * @data:	the mapped data; NULL before the first use, or while pages are spliced
 * @copy:	memory for a copy of a sub-buffer
 * @copying:	0, or the error because of which the reader copies instead of mapping or splicing
 * @confirm:	sub-buffers are given back as soon as they are released
 * @splice:	the data is for relay_splice()
 * @flight:	the buffer is for snapshots only
 * @merged:	sub-buffers are copied and put before the caller gets them
 * @polled:	the reader's epoll watches @fd
 * @snapshot:	the buffer is a snapshot: nothing is consumed
 * @started:	a sub-buffer was found; until then @next, @done and @put are equal, and modulo
 *		2^32
 * @held:	the caller holds @copy
 * @stale:	sub-buffers that were gone before they could be given back
 * @gone:	no call has returned -ESTALE for @stale yet
 * @ended:	the buffer has no more sub-buffers
 * @bounded:	the buffer ends before @end
 * @next:	number of the sub-buffer to take next
 * @done:	number of the first that is not released
 * @put:	number of the first that is not given back to the kernel
 * @end:	number of the first sub-buffer after the end, modulo 2^32; in a snapshot it may
 *		be less, because the kernel sets the end
 * @opened:	records lost, in all, when the buffer was opened
 * @lost:	records lost, in all, when the last sub-buffer taken was closed; before the first,
 *		those from before the reader counts
 * @spliced:	bytes of the last sub-buffer taken that relay_splice() has moved
 * @last_byte:	the last byte of that sub-buffer
 */
struct relay_buf {
	unsigned int			cpu;
	const char			*dir;
	int				fd;
	int				map;
	struct relay_info		info;
	const struct relay_meta		*meta;
	const unsigned char		*data;
	unsigned char			*copy;
	int				copying;
	bool				confirm;
	bool				splice;
	bool				flight;
	bool				merged;
	bool				polled;
	bool				snapshot;
	bool				started;
	bool				held;
	struct relay_stale		stale;
	bool				gone;
	bool				ended;
	bool				bounded;
	uint64_t			next;
	uint64_t			done;
	uint64_t			put;
	uint32_t			end;
	uint64_t			opened;
	uint64_t			lost;
	size_t				spliced;
	unsigned char			last_byte;
};

/**
 * struct relay_reader - an open channel
 * @path:	its directory
 * @info:	from RELAY_GET_INFO of the file "all"
 * @flags:	of relay_open(), and RELAY_MERGED
 * @fixed:	no further buffers are added
 * @cpus:	the CPUs to read
 * @n_cpus:	number of @cpus; 0 for all CPUs
 * @epoll:	readable when a buffer, @watch, @stopper or @all has an event
 * @watch:	readable when there may be new files: inotify, or a timer; or -1
 * @timer:	@watch is a timer
 * @stopper:	eventfd that wakes a waiting reader when @stop is set
 * @stop:	relay_stop() was called
 * @stopped:	the reader was drained because of @stop
 * @all:	RELAY_TRIGGER: the file "all", for RELAY_GET_TRIGGERS; else -1
 * @merging:	a merge has the buffers
 * @turn:	index of the buffer to take from next
 * @run:	sub-buffers taken from that buffer in a row
 * @n_bufs:	number of buffers
 * @bufs:	the buffers, in the order in which they were found
 * @geometry:	what relay_get_geometry() returns
 * @counts:	what relay_get_counts() returns
 * @subbuf:	what relay_next() returns
 * @stale:	what relay_get_stale() returns
 */
struct relay_reader {
	char			*path;
	struct relay_info	info;
	unsigned int		flags;
	bool			fixed;
	unsigned int		*cpus;
	unsigned int		n_cpus;
	int			epoll;
	int			watch;
	bool			timer;
	int			stopper;
	bool			stop;
	bool			stopped;
	int			all;
	bool			merging;
	unsigned int		turn;
	unsigned int		run;
	unsigned int		n_bufs;
	struct relay_buf	**bufs;
	struct relay_geometry	geometry;
	struct relay_counts	counts;
	struct relay_subbuf	subbuf;
	struct relay_stale	stale;
};

/* buf.c */
int relay_buf_open(struct relay_buf **buf, const char *dir, unsigned int cpu,
		   unsigned int flags);
void relay_buf_close(struct relay_buf *buf);
int relay_buf_take(struct relay_buf *buf, struct relay_subbuf *subbuf);
bool relay_buf_closed(const struct relay_buf *buf);
int relay_buf_merge(struct relay_buf *buf);
int relay_buf_put(struct relay_buf *buf);
int relay_buf_flush(struct relay_buf *buf);
int relay_buf_bound(struct relay_buf *buf);
int relay_buf_snapshot(struct relay_buf *buf);
int relay_buf_count(const struct relay_buf *buf, struct relay_counts *sum);

/* reader.c */
struct relay_buf *relay_reader_buf(const struct relay_reader *reader,
				   unsigned int cpu);
ssize_t relay_reader_error(struct relay_reader *reader, struct relay_buf *buf, ssize_t ret);
int relay_reader_check_stop(struct relay_reader *reader);
int relay_reader_wait(struct relay_reader *reader);
int relay_reader_update(struct relay_reader *reader);

/* scan.c */
char *relay_channel_path(const char *channel);
int relay_watch_open(struct relay_reader *reader);
int relay_watch_read(struct relay_reader *reader);
int relay_scan(struct relay_reader *reader,
	       int (*found)(struct relay_reader *reader, unsigned int cpu));

#endif /* _LIBRELAY_INTERNAL_H */
