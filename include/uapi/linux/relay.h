/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * relay: the structures that user space maps, and the ioctls.
 *
 * A relay channel is a directory on relayfs, /sys/kernel/relay/<channel>/, with
 * a file for the buffer of every CPU, cpu0 to cpuN, and these files:
 *
 *	mapN	the memory of CPU N's buffer, for mmap(2); has a size, and cpuN's ioctls
 *	all	the buffers of all CPUs through one descriptor
 *	stats	the counters of each buffer, as text
 *	private	the private area of the channel's owner, if it has one
 *
 * A buffer is a ring of n_subbufs sub-buffers of subbuf_size bytes. Sub-buffers
 * are numbered from 0 without end: number s lies at (s % n_subbufs) *
 * subbuf_size. Writers in the kernel fill the sub-buffers in this order and deliver
 * each when it is complete. A reader consumes a sub-buffer in one of these ways:
 *
 *	read(2)		copies the bytes, without padding
 *	splice(2)	the same; in no-overwrite mode it passes pages, without a copy
 *	mmap(2)		RELAY_GET_SUBBUF, or a descriptor in the meta page, then
 *			RELAY_PUT_SUBBUF
 *
 * Every structure has the same layout for 32- and 64-bit programs. Fields can be
 * added at its end, because the ioctls that grow take a structure longer or shorter
 * than the kernel's: a field that the shorter one lacks is zero. A byte that the kernel
 * reads and does not know must be zero, or the ioctl fails with E2BIG.
 */
#ifndef _UAPI_LINUX_RELAY_H
#define _UAPI_LINUX_RELAY_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* f_type of statfs(2) on relayfs, the value that the relayfs of 2005 had. */
#define RELAYFS_MAGIC		0xF0B4A981

/* Version of the structures below; a higher one only adds to them. */
#define RELAY_ABI_VERSION	1

/* Flags of a channel. */
#define RELAY_CHAN_OVERWRITE	(1U << 0)	/* unread data is overwritten */
#define RELAY_CHAN_GLOBAL	(1U << 1)	/* one buffer for all CPUs: cpu0 */
#define RELAY_CHAN_WHOLE	(1U << 2)	/* complete sub-buffers only */

/* Why a record was refused: index of a lost[] array. */
#define RELAY_LOST_FULL		0	/* no free sub-buffer */
#define RELAY_LOST_NESTED	1	/* open reservation in the next sub-buffer */
#define RELAY_LOST_TOO_BIG	2	/* longer than the room in a sub-buffer */
#define RELAY_LOST_DISABLED	3	/* closed, or held for a hibernation */
#define RELAY_LOST_REASONS	4

/**
 * struct relay_subbuf_info - a delivered sub-buffer
 * @sequence:	its number in its buffer
 * @begin_time:	the channel's clock when a writer entered the sub-buffer; 0 without a
 *		clock; never less than @end_time of the previous sub-buffer
 * @end_time:	the channel's clock when a writer closed the sub-buffer, or filled it
 *		exactly
 * @lost:	records that the buffer had lost since it was created, when this sub-buffer
 *		was closed; never less than @lost of the previous sub-buffer
 * @used:	bytes to read, header included
 * @padding:	bytes of padding after the used bytes
 * @records:	records in the sub-buffer
 * @pad:	0
 *
 * Used in the meta page, by RELAY_GET_SUBBUF, in the file "all", in the check sum of
 * struct relay_bank_seal, and for the callbacks of the channel's owner.
 */
struct relay_subbuf_info {
	__u64	sequence;
	__u64	begin_time;
	__u64	end_time;
	__u64	lost;
	__u32	used;
	__u32	padding;
	__u32	records;
	__u32	pad;
};

/**
 * struct relay_subbuf_desc - the last sub-buffer that was delivered in a slot, in the
 * meta page
 * @version:	odd while the kernel writes @info; each delivery adds 2, and skips 0
 * @pad:	0
 * @info:	the sub-buffer
 *
 * Read @version (acquire), then @info, then @version again after a read barrier. If
 * @version is odd or has changed, start again. Before the first delivery @version is 0
 * and @info is not valid.
 *
 * In no-overwrite mode, a sub-buffer with the wanted @info.sequence keeps its bytes until
 * a reader consumes it or the channel is reset. In overwrite mode a writer can overwrite
 * it at any time: a copy is valid only if RELAY_PUT_SUBBUF has not failed with ESTALE.
 */
struct relay_subbuf_desc {
	__u32	version;
	__u32	pad;
	struct relay_subbuf_info info;
};

/**
 * struct relay_meta - the meta page, or pages, of a buffer
 * @abi_version: RELAY_ABI_VERSION of the kernel
 * @header_size: offset of the first descriptor
 * @desc_size:	bytes from one descriptor to the next
 * @cpu:	CPU of the buffer
 * @flags:	RELAY_CHAN_*
 * @n_subbufs:	number of sub-buffers, and of descriptors
 * @subbuf_size: bytes of a sub-buffer
 * @produced:	sub-buffers delivered, modulo 2^32
 * @consumed:	number of the oldest sub-buffer not yet consumed, nor thrown away
 *		by a reset, modulo 2^32
 * @closed:	not 0 once the channel is closed: nothing is delivered after that
 * @pad:	0
 *
 * Mapped read-only from relay_info.meta_offset of a buffer's file, so that a program
 * can poll it without a system call. The descriptor of sub-buffer number s is at
 * @header_size + (s % @n_subbufs) * @desc_size.
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
 * struct relay_info - geometry of a buffer and of its mappings
 * @abi_version: RELAY_ABI_VERSION of the kernel
 * @flags:	RELAY_CHAN_*
 * @cpu:	CPU of the buffer; U32_MAX for the file "all"
 * @n_subbufs:	number of sub-buffers
 * @subbuf_size: bytes of a sub-buffer
 * @header_size: bytes of the owner's header at the start of each sub-buffer
 * @data_offset: mmap(2) offset of the data: 0
 * @data_size:	bytes of the data, whole pages; 0 for the file "all"
 * @meta_offset: mmap(2) offset of the meta pages; 0 for the file "all"
 * @meta_size:	bytes of the meta pages, whole pages; 0 for the file "all"
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
 * @info:	the sub-buffer. @info.lost counts the records lost since this descriptor was
 *		opened, and is 0 for a sub-buffer closed before; after RELAY_SNAPSHOT it
 *		counts from the creation of the buffer
 * @offset:	offset of its data in the file's mapping
 * @missed:	sub-buffers between the previous one that this descriptor got and this
 *		one that were overwritten, or consumed by other readers
 */
struct relay_subbuf_get {
	struct relay_subbuf_info info;
	__u64	offset;
	__u64	missed;
};

/**
 * struct relay_subbuf_put - sub-buffers to consume
 * @sequence:	number of the first
 * @count:	in: number of sub-buffers from @sequence on; out: how many of them were
 *		neither overwritten nor consumed before
 * @pad:	0
 */
struct relay_subbuf_put {
	__u64	sequence;
	__u32	count;
	__u32	pad;
};

/**
 * struct relay_counters - the fate of every record of a buffer, or of a channel
 * @committed:	records committed, @overwritten and @erased included
 * @overwritten: committed records that were overwritten unread
 * @erased:	committed records that a reset of the channel threw away
 * @discarded:	reserved records that their writer discarded
 * @lost:	refused records, by RELAY_LOST_*
 * @bytes:	bytes of delivered sub-buffers, without padding
 * @produced:	sub-buffers delivered
 * @ready:	sub-buffers delivered, and neither consumed nor lent
 * @unnoted:	extents committed above an open reservation when no note was free; a crash
 *		before that reservation was committed would have lost them
 * @lent:	sub-buffers whose pages a pipe or a socket holds after a splice;
 *		no writer enters them
 *
 * Exact when no writer is active: then every attempt to write is in exactly one of
 * @committed, @discarded and @lost. The kernel counts in words: on a 32-bit kernel the
 * counters of a buffer wrap at 2^32.
 */
struct relay_counters {
	__u64	committed;
	__u64	overwritten;
	__u64	erased;
	__u64	discarded;
	__u64	lost[RELAY_LOST_REASONS];
	__u64	bytes;
	__u64	produced;
	__u64	ready;
	__u64	unnoted;
	__u64	lent;
};

/**
 * struct relay_all_header - header of each sub-buffer in the file "all"
 * @magic:	RELAY_ALL_MAGIC, in the kernel's byte order
 * @header_size: bytes of this header
 * @cpu:	CPU of the sub-buffer
 * @pad:	0
 * @missed:	sub-buffers of @cpu since this descriptor was opened that were overwritten,
 *		consumed by other readers, or thrown away by a reset
 * @info:	the sub-buffer. @info.used is the number of bytes that follow, without those
 *		that a read(2) of the CPU's file had already read. @info.lost counts the
 *		records lost since this descriptor was opened, and is 0 for a sub-buffer
 *		closed before.
 */
struct relay_all_header {
	__u32	magic;
	__u32	header_size;
	__u32	cpu;
	__u32	pad;
	__u64	missed;
	struct relay_subbuf_info info;
};

#define RELAY_ALL_MAGIC		0x796c6552

#define RELAY_IOC_MAGIC		0xF0

/* Get the geometry of the buffer. EFAULT. */
#define RELAY_GET_INFO		_IOR(RELAY_IOC_MAGIC, 0, struct relay_info)

/*
 * Get the next delivered sub-buffer after the previous one that this descriptor got.
 * This does not consume it, so each descriptor that is open on the file gets it.
 * Waits for a delivery, or with O_NONBLOCK fails with EAGAIN. ENODATA after the last
 * sub-buffer of a closed channel, or of a snapshot. EINTR, EFAULT.
 */
#define RELAY_GET_SUBBUF	_IOR(RELAY_IOC_MAGIC, 1, struct relay_subbuf_get)

/*
 * Consume sub-buffers, so that writers can use them again. ESTALE if some of them had
 * been overwritten or consumed before: a copy of those is not valid. The remaining ones
 * are consumed; count returns their number. EINVAL for a count of 0 or above n_subbufs,
 * for a sub-buffer that is not delivered yet, and in no-overwrite mode for one that has
 * an older unconsumed one before it. During a snapshot the call only checks the
 * sub-buffers and consumes none. EINTR, EFAULT.
 */
#define RELAY_PUT_SUBBUF	_IOWR(RELAY_IOC_MAGIC, 2, struct relay_subbuf_put)

/* Deliver a partly filled sub-buffer; the rest of it becomes padding. EINTR. */
#define RELAY_FLUSH		_IO(RELAY_IOC_MAGIC, 3)

/*
 * Flush the buffer and limit this descriptor to the sub-buffers that the buffer holds
 * now, oldest first. From here on the descriptor consumes nothing, and writers go on
 * to record. After the newest sub-buffer read(2) returns 0, and RELAY_GET_SUBBUF fails
 * with ENODATA. A further call takes a new snapshot. EINTR.
 */
#define RELAY_SNAPSHOT		_IO(RELAY_IOC_MAGIC, 4)

/* Get the counters of the buffer; of the file "all", their sums. EFAULT. */
#define RELAY_GET_COUNTERS	_IOR(RELAY_IOC_MAGIC, 5, struct relay_counters)

/*
 * Set the number of sub-buffers that must be ready before poll(2) on this descriptor
 * returns EPOLLIN, and a waiting read(2) or RELAY_GET_SUBBUF returns; 1 after open.
 * Closing the channel wakes the reader in any case. In overwrite mode n_subbufs means
 * n_subbufs - 1, because writers always have one sub-buffer open. EINVAL for 0 or more
 * than n_subbufs, EFAULT.
 */
#define RELAY_SET_WATERMARK	_IOW(RELAY_IOC_MAGIC, 6, __u32)

/*
 * Get the number of triggers, modulo 2^32, since the last call on this descriptor, or
 * since it was opened. The channel's owner triggers to ask readers for a snapshot. While
 * the number is not 0, poll(2) returns EPOLLPRI; a delivery does not wake a poll(2) that
 * asks for EPOLLPRI alone. A trigger counts for every file of the channel, "all" included.
 * EINTR, EFAULT.
 */
#define RELAY_GET_TRIGGERS	_IOR(RELAY_IOC_MAGIC, 7, __u32)

/*
 * The reserved area
 *
 * A channel that is opened with RELAY_RESERVED lies in the memory that relayres=
 * reserves at boot. That memory keeps its content over a warm reset. It is divided
 * into two banks, each half of it rounded down to a multiple of RELAY_BANK_ALIGN. A
 * boot records in one bank; the other one keeps an earlier boot's recording. The
 * directory reserved/ on relayfs has
 *
 *	bank0, bank1	the memory of each bank: read(2), pread(2), mmap(2) read-only
 *	status		a line of key=value for each bank
 *	release		write the number of a bank to allow the kernel to record over
 *			that bank. EBUSY while this boot records there, EROFS in a
 *			crash kernel, EINVAL for anything else
 *
 * Of a bank that an earlier boot left, the kernel reads only the headers. User space
 * (relayctl recover) checks and parses the rest.
 *
 * A bank has a header (struct relay_bank) at its start, a copy of the header at
 * RELAY_BANK_COPY, a table of channels (struct relay_bank_channel), and the areas that
 * the table refers to. It contains offsets from its own start and ring positions, but
 * no address. Numbers have the byte order of the kernel that wrote them, and the words
 * of a ring's control have its word size; the header contains both, and the offset of
 * each word in a control.
 *
 * A position is a word: | lap | sub-buffer index | offset |. The offset has as
 * many bits as subbuf_size needs, at least two; the index has as many as n_subbufs -
 * 1 needs. Sub-buffer number s has lap s / n_subbufs and index s % n_subbufs.
 * kernel/relay/ring.c explains the words, and how to tell which bytes are committed.
 */

#define RELAY_BANK_MAGIC	"RELAYRES"	/* 8 bytes, without the 0 */
#define RELAY_BANK_BYTE_ORDER	0x01020304
#define RELAY_BANK_FORMAT	4		/* a kernel reads no other format */
#define RELAY_BANK_ALIGN	0x10000		/* independent of any kernel's page size */
#define RELAY_BANK_COPY		0x1000		/* offset of the copy of the header */

/* States: one flipped bit does not turn a state into another. */
#define RELAY_BANK_RECORDED	0x52656331	/* keep until released */
#define RELAY_BANK_RELEASED	0x46726531
#define RELAY_BANK_CHANNEL_USED	0x43686e31

/* How a boot ended, as its kernel recorded it. The first three count as crashes. */
#define RELAY_END_UNKNOWN	0	/* reset, power cut, or start of a crash kernel */
#define RELAY_END_PANIC		1
#define RELAY_END_OOPS		2	/* one of the following ends, after an oops */
#define RELAY_END_RESTART	3
#define RELAY_END_HALT		4
#define RELAY_END_POWER_OFF	5
#define RELAY_END_KEXEC		6
#define RELAY_ENDS		7

/**
 * struct relay_ring_layout - offsets of the words of a ring's control
 * @word_size:	bytes of a word: 4 or 8
 * @control_size: bytes before the control of sub-buffer 0
 * @reserve:	position of the next reservation
 * @consumed:	position of the oldest sub-buffer not consumed
 * @reset:	sub-buffers that start before this position were thrown away; its
 *		lowest bit makes the number of set bits even
 * @overwritten: records in delivered sub-buffers that were overwritten unread
 * @erased:	records in delivered sub-buffers that were thrown away by a reset
 * @discarded:	records discarded by their writer
 * @unnoted:	extents committed above an open reservation for which no note was free,
 *		since the ring was set up
 * @lost:	records refused: RELAY_LOST_REASONS words
 * @lost_nmi:	records refused in an NMI; RELAY_GET_COUNTERS adds them to
 *		RELAY_LOST_NESTED
 * @note:	first of the notes: extents committed above an open reservation
 * @note_size:	bytes from one note to the next
 * @note_end:	bytes from the begin word of a note to its end word
 * @n_notes:	number of notes
 * @subbuf_stride: bytes from the control of one sub-buffer to the next. The following
 *		offsets are in such a control:
 * @committed:	4 bytes: bytes committed in this lap, in any order; 1 less until the
 *		writer that entered the lap has stored @begin_time, hence 2^32 - 1 while no
 *		byte is committed
 * @records:	4 bytes: records ever committed here, modulo 2^32; 1 less while @committed
 *		is 2^32 - 1 and words have 8 bytes
 * @contiguous:	position up to which every byte of this lap is committed
 * @closed:	position at which the sub-buffer was last closed
 * @state:	start position of the last lap that was delivered, plus 1 for
 *		delivered or 2 for consumed; the bits of the offset above these two
 *		count the wraps of positions
 * @total:	records committed here in delivered laps
 * @n_records:	records of the delivered lap
 * @lost_before: records the ring had lost since it was set up, when the lap was closed
 * @begin_time:	8 bytes: the channel's clock when a writer entered the lap
 * @end_time:	8 bytes: the channel's clock when the lap was closed
 * @check:	exclusive or of @closed, @lost_before and @end_time, written before
 *		@closed when the lap is closed. The delivery adds @n_records, @total,
 *		@begin_time and the delivered @state by exclusive or, before it moves
 *		@contiguous to the next lap. With words of 4 bytes both halves of a time
 *		count.
 * @last_time:	8 bytes of the ring's control: the channel's clock at the newest
 *		reservation, or at an older one whose writer was interrupted before it
 *		stored the time; 0 if records have no time, or the newest was discarded
 *
 * All offsets are in bytes, from the start of the ring's control or of a sub-buffer's.
 */
struct relay_ring_layout {
	__u16	word_size;
	__u16	control_size;
	__u16	reserve;
	__u16	consumed;
	__u16	reset;
	__u16	overwritten;
	__u16	erased;
	__u16	discarded;
	__u16	unnoted;
	__u16	lost;
	__u16	lost_nmi;
	__u16	note;
	__u16	note_size;
	__u16	note_end;
	__u16	n_notes;
	__u16	subbuf_stride;
	__u16	committed;
	__u16	records;
	__u16	contiguous;
	__u16	closed;
	__u16	state;
	__u16	total;
	__u16	n_records;
	__u16	lost_before;
	__u16	begin_time;
	__u16	end_time;
	__u16	check;
	__u16	last_time;
};

/**
 * struct relay_bank - the header of a bank, or the copy of it
 * @magic:	RELAY_BANK_MAGIC; written last
 * @byte_order:	RELAY_BANK_BYTE_ORDER
 * @format:	RELAY_BANK_FORMAT
 * @size:	bytes of the bank
 * @generation:	counts the boots that recorded
 * @boot_time:	nanoseconds since 1970 when the recording began
 * @page_size:	bytes of a page of the kernel that wrote
 * @n_cpus:	buffers of a channel that is not global
 * @channels:	offset of the table of channels
 * @n_channels:	entries of the table
 * @layout:	layout of every ring's control
 * @machine:	as uname -m; ends with a zero, as the next two do
 * @release:	as uname -r
 * @version:	as uname -v
 * @offset:	offset of this structure in the bank: 0, or RELAY_BANK_COPY for the copy
 * @crc:	CRC32C of all fields above
 *
 * The following fields change, and @crc does not cover them:
 *
 * @state:	RELAY_BANK_RELEASED in either copy: the bank may be recorded over
 * @end_crc:	CRC32C of the following fields; 0 before the kernel has written them
 * @end_time:	nanoseconds since 1970 at the end of the boot
 * @end:	RELAY_END_*
 * @end_pad:	0
 * @end_reason:	the reason as text, such as a panic's message
 *
 * A reader uses the first header if its @crc matches, or else the copy. It uses the
 * end fields of the first of the two headers whose @end_crc matches.
 */
struct relay_bank {
	__u8	magic[8];
	__u32	byte_order;
	__u32	format;
	__u64	size;
	__u64	generation;
	__u64	boot_time;
	__u32	page_size;
	__u32	n_cpus;
	__u32	channels;
	__u32	n_channels;
	struct relay_ring_layout layout;
	char	machine[16];
	char	release[64];
	char	version[64];
	__u32	offset;
	__u32	crc;
	__u32	state;
	__u32	end_crc;
	__u64	end_time;
	__u32	end;
	__u32	end_pad;
	char	end_reason[128];
};

/**
 * struct relay_bank_channel - a channel in a bank
 * @state:	RELAY_BANK_CHANNEL_USED, written last; else the entry is free
 * @crc:	CRC32C of all fields below
 * @flags:	RELAY_CHAN_*
 * @n_buffers:	1 for a global channel, else @n_cpus of the bank
 * @subbuf_size: bytes of a sub-buffer
 * @n_subbufs:	number of sub-buffers
 * @header_size: bytes of the owner's header at the start of each sub-buffer
 * @pad:	0
 * @clock:	the channel's clock when it was opened
 * @time:	nanoseconds since 1970 at the same moment
 * @control:	offset of the control of buffer 0, which is CPU 0's. The control of a CPU
 *		that never came up is all zero.
 * @control_stride: bytes from one buffer's control to the next
 * @seal:	offset of the struct relay_bank_seal of sub-buffer 0 of buffer 0; each
 *		buffer has @n_subbufs of them
 * @data:	offset of the sub-buffers of buffer 0
 * @data_stride: bytes from one buffer's sub-buffers to the next
 * @private_area: offset of the private area of the channel's owner
 * @private_size: bytes of the private area
 * @name:	ends with a zero
 */
struct relay_bank_channel {
	__u32	state;
	__u32	crc;
	__u32	flags;
	__u32	n_buffers;
	__u32	subbuf_size;
	__u32	n_subbufs;
	__u32	header_size;
	__u32	pad;
	__u64	clock;
	__u64	time;
	__u64	control;
	__u64	control_stride;
	__u64	seal;
	__u64	data;
	__u64	data_stride;
	__u64	private_area;
	__u64	private_size;
	char	name[64];
};

/**
 * struct relay_bank_seal - a check sum of a delivered sub-buffer
 * @state:	the state word of the sub-buffer that was sealed: the seal is valid only
 *		for that lap
 * @crc:	CRC32C of the used bytes, followed by the struct relay_subbuf_info
 * @pad:	0
 *
 * A worker writes it after the delivery, so the newest sub-buffers may have none.
 */
struct relay_bank_seal {
	__u64	state;
	__u32	crc;
	__u32	pad;
};

#endif /* _UAPI_LINUX_RELAY_H */
