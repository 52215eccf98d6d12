/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * relay: what user space maps and calls.
 *
 * A relay channel is a directory on relayfs, /sys/kernel/relay/<channel>/, with
 * a file for the buffer of every CPU, cpu0 to cpuN, and beside them:
 *
 *	all	the buffers of all CPUs through one descriptor
 *	stats	text: where every record has gone
 *
 * A buffer is a ring of n_subbufs sub-buffers of subbuf_size bytes. Sub-buffers
 * are numbered from 0 without end: number s lies at (s % n_subbufs) *
 * subbuf_size. A writer in the kernel fills one after the other and delivers
 * each when it is complete; a reader consumes it, in any of these ways:
 *
 *	read(2)		bytes, padding left out
 *	splice(2)	the same, in no-overwrite mode without a copy
 *	mmap(2)		RELAY_GET_SUBBUF, or a look into the meta page, then
 *			RELAY_PUT_SUBBUF
 *
 * Every structure is laid out alike for 32- and 64-bit programs. An ioctl takes
 * a structure that is shorter or longer than the kernel's: what one side does
 * not know is zero to it, and must be zero where the kernel reads it (E2BIG
 * otherwise). So fields can be added at the end.
 */
#ifndef _UAPI_LINUX_RELAY_H
#define _UAPI_LINUX_RELAY_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* What statfs(2) says of a file on relayfs: that of the relayfs of 2005. */
#define RELAYFS_MAGIC		0xF0B4A981

/* Version of the structures below; a higher one only adds to them. */
#define RELAY_ABI_VERSION	1

/* Flags of a channel. */
#define RELAY_CHAN_OVERWRITE	(1U << 0)	/* unread data is overwritten */
#define RELAY_CHAN_GLOBAL	(1U << 1)	/* one buffer for all CPUs: cpu0 */

/* Why a record was not taken: index of a lost[] array. */
#define RELAY_LOSS_FULL		0	/* no free sub-buffer */
#define RELAY_LOSS_NESTED	1	/* interrupted writer in the next sub-buffer */
#define RELAY_LOSS_TOO_BIG	2	/* longer than a sub-buffer holds */
#define RELAY_LOSS_DISABLED	3	/* the channel was closed */
#define RELAY_LOSS_REASONS	4

/**
 * struct relay_subbuf_desc - a delivered sub-buffer, in the meta page
 * @version:	odd while the kernel writes the others; else how often it has,
 *		times two
 * @records:	records in it
 * @sequence:	its number
 * @begin_time:	the channel's clock when it was begun; 0 without a clock
 * @end_time:	the channel's clock when it was closed
 * @lost:	records that the buffer had lost, in all, when it was delivered;
 *		what is more than the most of the sub-buffers before was lost
 *		since. It can be less: where writers interrupt each other, a
 *		sub-buffer can be delivered before the one in front of it.
 * @used:	bytes to read, header included
 * @padding:	bytes behind them
 *
 * Read @version (acquire), the others, and @version again after a read
 * barrier; a value that changed, or is odd, says to do it again. Before the
 * first delivery @version is 0 and the others say nothing.
 *
 * In no-overwrite mode, a sub-buffer whose @sequence is the one that is wanted
 * stays as it is until it is put. In overwrite mode it can be overwritten at
 * any time: what was copied counts when RELAY_PUT_SUBBUF has not said ESTALE.
 */
struct relay_subbuf_desc {
	__u32	version;
	__u32	records;
	__u64	sequence;
	__u64	begin_time;
	__u64	end_time;
	__u64	lost;
	__u32	used;
	__u32	padding;
};

/**
 * struct relay_meta - the meta page, or pages, of a buffer
 * @abi_version: RELAY_ABI_VERSION of the kernel
 * @header_size: offset of the first descriptor
 * @desc_size:	from one descriptor to the next
 * @cpu:	whose buffer it is
 * @flags:	RELAY_CHAN_*
 * @n_subbufs:	number of sub-buffers, and of descriptors
 * @subbuf_size: bytes of a sub-buffer
 * @produced:	sub-buffers delivered, modulo 2^32
 * @consumed:	number of the oldest sub-buffer not yet consumed, modulo 2^32
 * @closed:	not 0 when nothing will be added any more
 * @pad:	0
 *
 * Mapped read-only from relay_info.meta_offset of a buffer's file. A look at it
 * costs no system call. Descriptor of sub-buffer number s: that at header_size
 * + (s % n_subbufs) * desc_size.
 */
struct relay_meta {
	__u32	abi_version;
	__u32	header_size;
	__u32	desc_size;
	__u32	cpu;
	__u32	flags;
	__u32	n_subbufs;
	__u32	subbuf_size;
	__u32	produced;
	__u32	consumed;
	__u32	closed;
	__u32	pad[6];
};

/**
 * struct relay_info - what a buffer is
 * @abi_version: RELAY_ABI_VERSION of the kernel
 * @flags:	RELAY_CHAN_*
 * @cpu:	whose it is
 * @n_subbufs:	number of sub-buffers
 * @subbuf_size: bytes of a sub-buffer
 * @header_size: bytes that the channel's owner puts in front of each
 * @data_offset: where to map the data: 0
 * @data_size:	bytes to map, whole pages
 * @meta_offset: where to map the meta pages
 * @meta_size:	bytes to map, whole pages
 */
struct relay_info {
	__u32	abi_version;
	__u32	flags;
	__u32	cpu;
	__u32	n_subbufs;
	__u32	subbuf_size;
	__u32	header_size;
	__u64	data_offset;
	__u64	data_size;
	__u64	meta_offset;
	__u64	meta_size;
};

/**
 * struct relay_subbuf_get - a sub-buffer to read
 * @sequence:	its number
 * @offset:	where its data is in the file's mapping
 * @used:	bytes to read
 * @padding:	bytes behind them
 * @begin_time:	the channel's clock when it was begun; 0 without a clock
 * @end_time:	the channel's clock when it was closed
 * @lost:	records that the buffer had lost, in all, when it was delivered;
 *		see struct relay_subbuf_desc
 * @missed:	sub-buffers between the one that this descriptor got before and
 *		this one: overwritten, or taken by other readers
 * @records:	records in it
 * @pad:	0
 */
struct relay_subbuf_get {
	__u64	sequence;
	__u64	offset;
	__u32	used;
	__u32	padding;
	__u64	begin_time;
	__u64	end_time;
	__u64	lost;
	__u64	missed;
	__u32	records;
	__u32	pad;
};

/**
 * struct relay_subbuf_put - sub-buffers that were read
 * @sequence:	number of the first
 * @count:	in: how many, from there on; out: how many were still there
 * @pad:	0
 */
struct relay_subbuf_put {
	__u64	sequence;
	__u32	count;
	__u32	pad;
};

/**
 * struct relay_counters - where every record of a buffer has gone
 * @committed:	committed, the following two included
 * @overwritten: of those, overwritten unread
 * @erased:	of those, thrown away by a reset of the channel
 * @discarded:	given up by their writer
 * @lost:	not taken, by RELAY_LOSS_*
 * @bytes:	bytes of delivered sub-buffers, padding not
 * @produced:	sub-buffers delivered
 * @ready:	sub-buffers delivered and not consumed
 *
 * Exact when nobody writes. Counts are those of the kernel's word size: they
 * wrap at 2^32 on a 32-bit kernel.
 */
struct relay_counters {
	__u64	committed;
	__u64	overwritten;
	__u64	erased;
	__u64	discarded;
	__u64	lost[RELAY_LOSS_REASONS];
	__u64	bytes;
	__u64	produced;
	__u64	ready;
};

/**
 * struct relay_all_header - in front of each sub-buffer in the file "all"
 * @magic:	RELAY_ALL_MAGIC, in the kernel's byte order
 * @header_size: bytes of this header
 * @cpu:	whose sub-buffer it is
 * @used:	bytes of data that follow
 * @sequence:	its number in the buffer of @cpu
 * @begin_time:	the channel's clock when it was begun; 0 without a clock
 * @end_time:	the channel's clock when it was closed
 * @lost:	records that the buffer of @cpu had lost, in all, when it was
 *		delivered; see struct relay_subbuf_desc
 * @missed:	sub-buffers of @cpu before it that were overwritten, or taken by
 *		other readers, in all since this descriptor was opened
 * @records:	records in it
 * @pad:	0
 */
struct relay_all_header {
	__u32	magic;
	__u32	header_size;
	__u32	cpu;
	__u32	used;
	__u64	sequence;
	__u64	begin_time;
	__u64	end_time;
	__u64	lost;
	__u64	missed;
	__u32	records;
	__u32	pad;
};

#define RELAY_ALL_MAGIC		0x796c6552

#define RELAY_IOC_MAGIC		0xF0

/* What the buffer is. EFAULT. */
#define RELAY_GET_INFO		_IOR(RELAY_IOC_MAGIC, 0, struct relay_info)

/*
 * The next delivered sub-buffer behind the one that this descriptor got before.
 * It is not consumed: several descriptors that are open on a file get it each.
 * Waits, unless O_NONBLOCK: EAGAIN. ENODATA at the end: the channel is closed,
 * or the snapshot is, and there is no more. EINTR, EFAULT.
 */
#define RELAY_GET_SUBBUF	_IOR(RELAY_IOC_MAGIC, 1, struct relay_subbuf_get)

/*
 * Consume sub-buffers: the writer may use them again. ESTALE when some were
 * gone before, overwritten or consumed: what was copied from those does not
 * count; count says how many were there, and all that were are consumed.
 * EINVAL for none, for more than there are, or for one that is not delivered.
 * During a snapshot nothing is consumed, and the answer is the same.
 */
#define RELAY_PUT_SUBBUF	_IOWR(RELAY_IOC_MAGIC, 2, struct relay_subbuf_put)

/* Deliver what is written, in a sub-buffer that is only partly filled. */
#define RELAY_FLUSH		_IO(RELAY_IOC_MAGIC, 3)

/*
 * From here on this descriptor reads what is in the buffer now, from the oldest
 * sub-buffer to the newest, which is flushed, and consumes nothing: the flight
 * recorder goes on. read(2) gives 0 at the end, RELAY_GET_SUBBUF ENODATA. Again:
 * a new snapshot.
 */
#define RELAY_SNAPSHOT		_IO(RELAY_IOC_MAGIC, 4)

/* Where every record of the buffer has gone. EFAULT. */
#define RELAY_GET_COUNTERS	_IOR(RELAY_IOC_MAGIC, 5, struct relay_counters)

/*
 * How many sub-buffers must be ready before poll(2) says EPOLLIN to this
 * descriptor, and a read(2) or RELAY_GET_SUBBUF that waits goes on; 1 after
 * open. EINVAL for 0 or more than n_subbufs. The end of the channel wakes too.
 */
#define RELAY_SET_WATERMARK	_IOW(RELAY_IOC_MAGIC, 6, __u32)

#endif /* _UAPI_LINUX_RELAY_H */
