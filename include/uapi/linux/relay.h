/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * relay: what user space maps and calls.
 *
 * A relay channel is a directory on relayfs, /sys/kernel/relay/<channel>/, with
 * a file for the buffer of every CPU, cpu0 to cpuN, and beside them:
 *
 *	mapN	the memory of a buffer, with a size: to be mapped, with the same ioctls
 *	all	the buffers of all CPUs through one descriptor
 *	stats	text: where every record has gone
 *	private	in the reserved area: what the channel's owner keeps there
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
#define RELAY_CHAN_WHOLE	(1U << 2)	/* complete sub-buffers only */

/* Why a record was not taken: index of a lost[] array. */
#define RELAY_LOST_FULL		0	/* no free sub-buffer */
#define RELAY_LOST_NESTED	1	/* interrupted writer in the next sub-buffer */
#define RELAY_LOST_TOO_BIG	2	/* longer than a sub-buffer holds */
#define RELAY_LOST_DISABLED	3	/* closed, or held for a hibernation */
#define RELAY_LOST_REASONS	4

/**
 * struct relay_subbuf_info - a delivered sub-buffer
 * @sequence:	its number in its buffer
 * @begin_time:	the channel's clock when it was begun; 0 without a clock; never less
 *		than @end_time of the sub-buffer before it
 * @end_time:	the channel's clock when it was closed, or filled exactly
 * @lost:	records that the buffer had lost, in all, when it was closed; never less
 *		than that of the sub-buffer before it
 * @used:	bytes to read, header included
 * @padding:	bytes after them
 * @records:	records in it
 * @pad:	0
 *
 * The one description of a sub-buffer: in the meta page, by ioctl, in the file "all",
 * under the seal of a sub-buffer in the reserved area, and to the channel's owner.
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
 * @version:	odd while the kernel writes @info; else how often it has, times two
 * @pad:	0
 * @info:	the sub-buffer
 *
 * Read @version (acquire), @info, and @version again after a read barrier; a value
 * that changed, or is odd, says to do it again. Before the first delivery @version is 0
 * and @info says nothing.
 *
 * In no-overwrite mode, a sub-buffer whose number is the one that is wanted stays as it
 * is until it is put. In overwrite mode it can be overwritten at any time: what was
 * copied counts when RELAY_PUT_SUBBUF has not said ESTALE.
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
 * @desc_size:	from one descriptor to the next
 * @cpu:	whose buffer it is
 * @flags:	RELAY_CHAN_*
 * @n_subbufs:	number of sub-buffers, and of descriptors
 * @subbuf_size: bytes of a sub-buffer
 * @produced:	sub-buffers delivered, modulo 2^32
 * @consumed:	number of the oldest sub-buffer not yet consumed, nor thrown away
 *		by a reset, modulo 2^32
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
 * @info:	the sub-buffer; its lost counts from when this descriptor was opened, so
 *		is 0 for a sub-buffer that was delivered before; in all after
 *		RELAY_SNAPSHOT
 * @offset:	where its data is in the file's mapping
 * @missed:	sub-buffers between the one that this descriptor got before and
 *		this one: overwritten, or taken by other readers
 */
struct relay_subbuf_get {
	struct relay_subbuf_info info;
	__u64	offset;
	__u64	missed;
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
 * struct relay_counters - where every record of a buffer, or of a channel, has gone
 * @committed:	committed, the following two included
 * @overwritten: of those, overwritten unread
 * @erased:	of those, thrown away by a reset of the channel
 * @discarded:	given up by their writer
 * @lost:	not taken, by RELAY_LOST_*
 * @bytes:	bytes of delivered sub-buffers, padding not
 * @produced:	sub-buffers delivered
 * @ready:	sub-buffers delivered and not consumed
 * @unnoted:	of the records committed, those that a crash could have lost: they were
 *		committed above an open reservation when no note was free
 * @lent:	sub-buffers whose pages a pipe or a socket holds after a splice;
 *		no writer enters them
 *
 * Exact when no writer is active: then every attempt to write is in exactly one of
 * @committed, @discarded and @lost. Counts are those of the kernel's word size: they
 * wrap at 2^32 on a 32-bit kernel.
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
 * struct relay_all_header - in front of each sub-buffer in the file "all"
 * @magic:	RELAY_ALL_MAGIC, in the kernel's byte order
 * @header_size: bytes of this header
 * @cpu:	whose sub-buffer it is
 * @pad:	0
 * @missed:	sub-buffers of @cpu before it that were overwritten, or taken by
 *		other readers, in all since this descriptor was opened
 * @info:	the sub-buffer. Its used is how many bytes follow, fewer than there were if
 *		a read(2) of the CPU's file had some of them; its lost counts from when
 *		this descriptor was opened, so is 0 for a sub-buffer that was delivered
 *		before.
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

/* What the buffer is. EFAULT. */
#define RELAY_GET_INFO		_IOR(RELAY_IOC_MAGIC, 0, struct relay_info)

/*
 * The next delivered sub-buffer after the one that this descriptor got before.
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
 * One sub-buffer of a flight recorder is open as long as records come: there, n_subbufs
 * means all but that one.
 */
#define RELAY_SET_WATERMARK	_IOW(RELAY_IOC_MAGIC, 6, __u32)

/*
 * How often the channel's owner has triggered, to say that now is the moment for a
 * snapshot, since this descriptor asked before, or was opened; modulo 2^32. As long as
 * the answer is not 0, poll(2) says EPOLLPRI; a poll that asks for nothing else is not
 * woken by the delivery of a sub-buffer. A trigger is for the channel: each file of it,
 * also "all", tells each. EINTR, EFAULT.
 */
#define RELAY_GET_TRIGGERS	_IOR(RELAY_IOC_MAGIC, 7, __u32)

/*
 * The reserved area
 *
 * A channel that is opened with RELAY_RESERVED lies in memory that relayres=
 * took at boot and that a reset leaves alone. The area is two banks of half its
 * size, rounded down to a multiple of RELAY_BANK_ALIGN. A boot records in one of
 * them; the other one keeps an earlier boot's recording. Beside the channels'
 * directories, reserved/ on relayfs has
 *
 *	bank0, bank1	the banks as they lie: read(2), pread(2), mmap(2) to read
 *	status		a line of key=value for each bank
 *	release		the number of a bank, written there, allows the kernel to
 *			record over that bank. EBUSY while this boot records there,
 *			EROFS in a crash kernel, EINVAL for anything else
 *
 * The kernel looks at the header of a found bank and at nothing else of it:
 * user space (relayctl recover) says which of the rest is to be believed.
 *
 * A bank is a header (struct relay_bank) at its start and a copy of the header at
 * RELAY_BANK_COPY, a table of channels (struct relay_bank_channel), and what
 * these point to. It holds offsets, from its own start, and positions; no
 * address. Numbers are in the byte order, and the words of a ring's control in
 * the word size, of the kernel that wrote; the header says which, and where in a
 * control each word is.
 *
 * A position is a word: | lap | sub-buffer index | offset |. The offset has as
 * many bits as subbuf_size needs, two at least, the index as many as n_subbufs -
 * 1 needs. Number s of a buffer is lap s / n_subbufs, index s % n_subbufs.
 * kernel/relay/ring.c says what the words mean, and which bytes are committed.
 */

#define RELAY_BANK_MAGIC	"RELAYRES"	/* its 8 bytes, no more */
#define RELAY_BANK_BYTE_ORDER	0x01020304
#define RELAY_BANK_FORMAT	4		/* another one is not understood */
#define RELAY_BANK_ALIGN	0x10000		/* whatever a page is, here or there */
#define RELAY_BANK_COPY		0x1000		/* offset of the copy of the header */

/* States: words that a flipped bit does not turn into each other. */
#define RELAY_BANK_RECORDED	0x52656331	/* to be kept until released */
#define RELAY_BANK_RELEASED	0x46726531
#define RELAY_BANK_CHANNEL_USED	0x43686e31

/* How a boot ended, as far as its kernel could say. The first three are crashes. */
#define RELAY_END_UNKNOWN	0	/* reset, power cut, or a crash kernel was started */
#define RELAY_END_PANIC		1
#define RELAY_END_OOPS		2	/* one of the following, after an oops */
#define RELAY_END_RESTART	3
#define RELAY_END_HALT		4
#define RELAY_END_POWER_OFF	5
#define RELAY_END_KEXEC		6
#define RELAY_ENDS		7

/**
 * struct relay_ring_layout - where the words of a ring's control are
 * @word_size:	bytes of a word: 4 or 8
 * @control_size: bytes in front of the control of sub-buffer 0
 * @reserve:	position of the next reservation
 * @consumed:	position of the oldest sub-buffer not consumed
 * @reset:	sub-buffers that start before this position were thrown away; its
 *		lowest bit makes the number of set bits even
 * @overwritten: records in delivered sub-buffers that were overwritten unread
 * @erased:	records in delivered sub-buffers that were thrown away by a reset
 * @discarded:	records given up by their writer
 * @unnoted:	extents committed above an open reservation that found no free note,
 *		since the ring was set up
 * @lost:	records not taken: RELAY_LOST_REASONS words
 * @lost_nmi:	records not taken in an NMI, besides those of RELAY_LOST_NESTED
 * @note:	extents committed above an open reservation
 * @note_size:	from one to the next
 * @note_end:	from a note's begin to its end
 * @n_notes:	how many
 * @subbuf_stride: from the control of one sub-buffer to the next; in each:
 * @committed:	4 bytes: bytes committed in this lap, in whatever order; one less
 *		while the writer that entered the lap has not stored @begin_time, so
 *		2^32 - 1 where no byte is
 * @records:	4 bytes: records ever committed here, modulo 2^32; where @committed is
 *		2^32 - 1 and words have 8 bytes, one less
 * @contiguous:	position up to which every byte of this lap is committed
 * @closed:	position at which the sub-buffer was last closed
 * @state:	start position of the last lap that was delivered, plus 1 for
 *		delivered or 2 for consumed; the bits of the offset above these two
 *		count how often positions have wrapped
 * @total:	records committed here in delivered laps
 * @n_records:	records of the delivered lap
 * @lost_before: records the ring had lost, in all, when the lap was closed
 * @begin_time:	8 bytes: the channel's clock when it was begun
 * @end_time:	8 bytes: the channel's clock when it was closed
 * @check:	exclusive or of @closed, @lost_before and @end_time, written before
 *		@closed when the lap is closed; when it is delivered, before @contiguous
 *		reaches the next lap, @n_records, @total, @begin_time and the delivered
 *		@state are added. Where a word has 4 bytes both halves of a time are in it.
 * @last_time:	8 bytes of the ring: the channel's clock at the newest reservation, or at
 *		an earlier one that its writer was interrupted in; 0 where records have no
 *		time
 *
 * In bytes from the start of a control, or of that of a sub-buffer.
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
 * @layout:	of every ring's control
 * @machine:	as uname -m, ends with a zero, as the next two do
 * @release:	as uname -r
 * @version:	as uname -v
 * @offset:	of this structure in the bank: 0, or RELAY_BANK_COPY for the copy
 * @crc:	CRC32C of all above
 *
 * These change, and are not in @crc:
 *
 * @state:	RELAY_BANK_RELEASED in either copy: the bank may be recorded over
 * @end_crc:	CRC32C of the following, 0 before the kernel has written them
 * @end_time:	nanoseconds since 1970 at the end
 * @end:	RELAY_END_*
 * @end_pad:	0
 * @end_reason:	words of the kernel that ended, such as a panic's message
 *
 * A reader takes the first header if it is whole, or else the copy; and of
 * the end, the first of which the check sum fits.
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
 * @crc:	CRC32C of all that follows
 * @flags:	RELAY_CHAN_*
 * @n_buffers:	1 for a global one, else that of the bank
 * @subbuf_size: bytes of a sub-buffer
 * @n_subbufs:	number of sub-buffers
 * @header_size: bytes that the channel's owner puts in front of each
 * @pad:	0
 * @clock:	the channel's clock when it was opened
 * @time:	nanoseconds since 1970 at the same moment
 * @control:	offset of the control of buffer 0, that of CPU 0. All zero where
 *		the CPU was never there.
 * @control_stride: to that of the next buffer
 * @seal:	offset of struct relay_bank_seal of sub-buffer 0 of buffer 0;
 *		n_subbufs for each buffer
 * @data:	offset of the sub-buffers of buffer 0
 * @data_stride: to those of the next buffer
 * @private_area: offset of what the channel's owner keeps for itself
 * @private_size: bytes of that
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
 * @state:	the sub-buffer's state when it was made; it says nothing of any
 *		other lap
 * @crc:	CRC32C of its bytes, padding not, and of its struct relay_subbuf_info
 * @pad:	0
 *
 * Made by a worker after the delivery, so the newest sub-buffers may have none.
 */
struct relay_bank_seal {
	__u64	state;
	__u32	crc;
	__u32	pad;
};

#endif /* _UAPI_LINUX_RELAY_H */
