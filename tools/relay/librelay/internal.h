/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of librelay know of each other. The kernel's ABI is described
 * in its header; nothing of it shows in ours.
 */
#ifndef _LIBRELAY_INTERNAL_H
#define _LIBRELAY_INTERNAL_H

#include "uapi/linux/relay.h"
#include <relay/librelay.h>

/* A flag of a reader, beside those of relay_open(): it has been merged. */
#define RELAY_MERGED	(1U << 31)

#define EXPORT	__attribute__((visibility("default")))

/**
 * struct relay_buf - the buffer of a CPU
 * @cpu:	the CPU
 * @dir:	the channel's directory
 * @fd:		its file, non-blocking
 * @map:	the file of its memory, for copies without a mapping; -1 until it is needed
 * @info:	what the kernel says of it
 * @meta:	the meta pages
 * @data:	the data; NULL before it was asked for, or while pages are spliced
 * @copy:	where sub-buffers are copied that the writers may overwrite
 * @copying:	0, or why the reader copies what it would map or splice
 * @confirm:	sub-buffers are given back as soon as they are released
 * @splice:	the data is for relay_splice()
 * @flight:	it is for snapshots only
 * @merged:	sub-buffers are copied, and confirmed, before they are given
 * @polled:	its reader's epoll has it
 * @snapshot:	nothing is consumed
 * @started:	the following are known
 * @held:	@copy is with the caller
 * @stale:	sub-buffers that were gone before they could be given back
 * @gone:	no call has told of @stale yet
 * @ended:	there will be no more
 * @bounded:	there will be no more than those before @end
 * @next:	number of the sub-buffer to take next
 * @done:	number of the first that is not released
 * @put:	number of the first that is not given back to the kernel
 * @end:	number of the first sub-buffer after the end, modulo 2^32
 * @opened:	records that were lost in all when the buffer was opened
 * @lost:	records that were lost in all until the last one was delivered
 * @spliced:	bytes of the last one that relay_splice() has moved
 * @last_byte:	the last byte of that one
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
 * @info:	what the kernel says of it
 * @flags:	of relay_open(), and RELAY_MERGED
 * @fixed:	there will be no buffers but those that there are
 * @cpus:	those whose buffers it reads, of @n_cpus
 * @n_cpus:	how many; 0 for all
 * @epoll:	readable when a buffer, or @watch, is
 * @watch:	tells when there can be new files: inotify, or a timer; or -1
 * @timer:	it is a timer
 * @stopper:	eventfd, which wakes a reader that waits when @stop is set
 * @stop:	relay_stop() was called
 * @stopped:	and what it asks for is done
 * @all:	RELAY_TRIGGER: the file that tells of triggers
 * @merging:	a merge has the buffers
 * @turn:	index of the buffer that is read
 * @run:	sub-buffers that it gave without a break
 * @n_bufs:	number of buffers
 * @bufs:	the buffers, in the order in which they were found
 * @geometry:	what relay_get_geometry() hands out
 * @counts:	what relay_get_counts() hands out
 * @subbuf:	what relay_next() hands out
 * @stale:	what relay_get_stale() hands out
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
