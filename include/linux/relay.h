/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CONFIG_RELAY definitions and declarations
 *
 * Copyright (C) 2002, 2003 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999, 2000, 2001, 2002 - Karim Yaghmour (karim@opersys.com)
 *
 * What a client of relay includes. Documentation/filesystems/relay.rst has
 * the overview.
 */

#ifndef _LINUX_RELAY_H
#define _LINUX_RELAY_H

#include <linux/types.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/relay_ring.h>

/*
 * Flags of relay_stats(); with both, the sum
 */
enum {
	RELAY_STATS_BUF_FULL = (1 << 0),	/* records lost: no free sub-buffer */
	RELAY_STATS_WRT_BIG = (1 << 1),		/* records lost: too big */
};

/*
 * Flags of struct relay_params. The first three have the values of the user ABI.
 */
#define RELAY_OVERWRITE		RELAY_CHAN_OVERWRITE	/* flight recorder: keep the newest */
#define RELAY_GLOBAL		RELAY_CHAN_GLOBAL	/* one buffer for all CPUs */
#define RELAY_WHOLE		RELAY_CHAN_WHOLE	/* readers get complete sub-buffers only */
#define RELAY_TIMER_WAKE	BIT(8)	/* only the timer wakes readers */
#define RELAY_TIMER_SWITCH	BIT(9)	/* the timer closes partly filled sub-buffers */
#define RELAY_RESERVED		BIT(10)	/* in memory that survives a crash */

/**
 * struct rchan_buf - one buffer of a channel: a CPU's, or the global one
 * @ring:	the ring; first, because the write path uses no other field
 * @chan:	the channel
 * @start:	the memory of the sub-buffers
 * @cpu:	the CPU that writes to the buffer; the first possible one for a global buffer
 */
struct rchan_buf {
	struct relay_ring	ring;
	struct rchan		*chan;
	void			*start;
	unsigned int		cpu;
};

/**
 * struct rchan - a channel
 * @subbuf_size: bytes of a sub-buffer
 * @n_subbufs:	sub-buffers of a buffer
 * @alloc_size:	bytes of a buffer, rounded up to whole pages
 * @private_data: for the client
 * @buf:	the buffer of each CPU; all the same for a global channel
 * @is_global:	one buffer for all CPUs
 */
struct rchan {
	size_t				subbuf_size;
	size_t				n_subbufs;
	size_t				alloc_size;
	void				*private_data;
	struct rchan_buf * __percpu	*buf;
	int				is_global;
};

/*
 * Relay channel client callbacks
 */
struct rchan_callbacks {
	/*
	 * subbuf_start - called on buffer-switch to a new sub-buffer
	 * @buf: the channel buffer containing the new sub-buffer
	 * @subbuf: the start of the new sub-buffer
	 * @prev_subbuf: the start of the previous sub-buffer
	 *
	 * The client should return 1 to continue logging, 0 to stop
	 * logging.
	 *
	 * This callback is optional, and for relay_open() only.
	 *
	 * NOTE: subbuf_start will also be invoked when the buffer is
	 *       created, so that the first sub-buffer can be initialized
	 *       if necessary.  In this case, prev_subbuf will be NULL.
	 *
	 * NOTE: the client can reserve bytes at the beginning of the new
	 *       sub-buffer by calling subbuf_start_reserve() in this callback.
	 *
	 * NOTE: subbuf_start runs in the writer's context with preemption off,
	 *       once per attempt to write while the buffer is stopped. A write
	 *       to the same buffer from within the callback, or from an
	 *       interrupt during it, is dropped and counted.
	 */
	int (*subbuf_start)(struct rchan_buf *buf, void *subbuf, void *prev_subbuf);

	/*
	 * create_buf_file - create file to represent a relay channel buffer
	 * @filename: the name of the file to create
	 * @parent: the parent of the file to create
	 * @mode: the mode of the file to create
	 * @buf: the channel buffer
	 * @is_global: outparam - set non-zero if the buffer should be global
	 *
	 * Called during relay_open(), once for each per-cpu buffer,
	 * to allow the client to create a file to be used to
	 * represent the corresponding channel buffer.  If the file is
	 * created outside of relay, the parent must also exist in
	 * that filesystem.  Also called when a CPU comes up for the
	 * first time; if the callback fails, the CPU stays down, and
	 * the next attempt calls it with the same buffer.
	 *
	 * The callback should return the dentry of the file created
	 * to represent the relay buffer.
	 *
	 * Setting the is_global outparam to a non-zero value will
	 * cause relay_open() to create a single global buffer rather
	 * than the default set of per-cpu buffers.
	 *
	 * This callback is mandatory.
	 *
	 * See Documentation/filesystems/relay.rst for more info.
	 */
	struct dentry *(*create_buf_file)(const char *filename,
					  struct dentry *parent,
					  umode_t mode,
					  struct rchan_buf *buf,
					  int *is_global);

	/*
	 * remove_buf_file - remove file representing a relay channel buffer
	 * @dentry: the dentry of the file to remove
	 *
	 * Called during relay_close(), once for each per-cpu buffer,
	 * to allow the client to remove a file used to represent a
	 * channel buffer.
	 *
	 * The callback should return 0 if successful, negative if not.
	 *
	 * This callback is mandatory.
	 */
	int (*remove_buf_file)(struct dentry *dentry);
};

/**
 * struct relay_channel_ops - a client's callbacks
 * @clock:	returns the time for &struct relay_subbuf_info
 * @subbuf_begin: fills the header, &relay_params.header_size bytes at @subbuf
 * @subbuf_end:	called when a sub-buffer is complete, before readers can see it; can
 *		still change the header. On a 32-bit kernel the sequence recurs when
 *		positions wrap, as the DOC block of kernel/relay/ring.c says
 * @subbuf_deliver: called when readers can see the sub-buffer
 * @watched:	called when the first file of the channel on relayfs is opened, or the
 *		last one closed; not from relay_close() on
 *
 * All are optional. @watched runs in task context, may sleep, must not close the channel,
 * and must not take a lock under which the client opens or closes it; it may run before
 * relay_open_params() returns. The others run in the context of the writer, NMI included, with
 * preemption off, and may write to the channel.
 */
struct relay_channel_ops {
	u64 (*clock)(void);
	void (*subbuf_begin)(struct rchan_buf *buf, void *subbuf, u64 time);
	void (*subbuf_end)(struct rchan_buf *buf, void *subbuf,
			   const struct relay_subbuf_info *info);
	void (*subbuf_deliver)(struct rchan_buf *buf);
	void (*watched)(struct rchan *chan, bool watched);
};

/**
 * struct relay_params - how to open a channel
 * @name:	base name of the files, or without @cb, name of the channel's directory on
 *		relayfs; NULL for a channel without files
 * @parent:	parent of the files, or of the channel's directory; NULL for the root
 * @subbuf_size: bytes of a sub-buffer; any size
 * @n_subbufs:	sub-buffers of each buffer; any number
 * @header_size: bytes at the start of each sub-buffer for @ops->subbuf_begin
 * @flags:	RELAY_OVERWRITE, RELAY_GLOBAL, RELAY_TIMER_WAKE,
 *		RELAY_TIMER_SWITCH, RELAY_RESERVED, RELAY_WHOLE
 * @timer_ms:	period of the timer, in milliseconds; needed by RELAY_TIMER_*
 * @cb:		create_buf_file and remove_buf_file, for files on another file
 *		system; NULL for relayfs
 * @ops:	the client's callbacks, or NULL
 * @private_data: for the client, as &rchan.private_data
 * @private_size: bytes of relay_private_area(), rounded up to whole pages; with
 *		RELAY_RESERVED at least one page
 */
struct relay_params {
	const char			*name;
	struct dentry			*parent;
	size_t				subbuf_size;
	size_t				n_subbufs;
	unsigned int			header_size;
	unsigned int			flags;
	unsigned int			timer_ms;
	const struct rchan_callbacks	*cb;
	const struct relay_channel_ops	*ops;
	void				*private_data;
	size_t				private_size;
};

struct rchan *__relay_open_params(const struct relay_params *params, struct module *owner);
struct rchan *relay_open(const char *base_filename, struct dentry *parent,
			 size_t subbuf_size, size_t n_subbufs,
			 const struct rchan_callbacks *cb, void *private_data);
void relay_close(struct rchan *chan);
void relay_flush(struct rchan *chan);
void relay_reset(struct rchan *chan);
void relay_trigger(struct rchan *chan);

size_t relay_stats(struct rchan *chan, int flags);
void relay_buf_stats(struct rchan_buf *buf, struct relay_counters *counters);
void relay_chan_stats(const struct rchan *chan, struct relay_counters *counters);

void *relay_private_area(struct rchan *chan, size_t *size);

void relay_subbufs_consumed(struct rchan *chan, unsigned int cpu, size_t subbufs_consumed);
int relay_buf_full(struct rchan_buf *buf);
void subbuf_start_reserve(struct rchan_buf *buf, size_t length);

/**
 * relay_open_params - create a new relay channel
 * @params: what the channel shall be
 *
 * Creates a buffer for each CPU, or a global one, and its files: in a directory
 * @params->name on relayfs, with mode 0444 less the bits that the mount's mode= lacks, by
 * default 0400; or with @params->cb ``<name>0`` to ``<name>N-1``, mode 0400. A CPU that
 * comes up later gets its buffer and files then. An open file on relayfs keeps the calling
 * module until relay_close().
 *
 * Context: May sleep.
 * Return: the channel; ERR_PTR(-EINVAL) for sizes of zero, a buffer of more
 * than UINT_MAX bytes, a header that fills a sub-buffer, unknown flags, a
 * timer flag without a period or the reverse, a subbuf_start callback, a name with
 * @params->cb that lacks create_buf_file or remove_buf_file, or RELAY_RESERVED with
 * @params->cb or without a name; ERR_PTR(-E2BIG) for a geometry too large to count laps
 * on a 32-bit kernel, or for so many sub-buffers that their control exceeds 1 GiB a buffer;
 * ERR_PTR(-ENOMEM) for more memory than is available; ERR_PTR(-ENAMETOOLONG) for
 * a name of 255 bytes or more. On relayfs ERR_PTR(-EEXIST) if the name is
 * taken, ERR_PTR(-EACCES) if it is not a valid name, ERR_PTR(-ENOENT) if
 * @params->parent was removed, ERR_PTR(-ENODEV) in a kernel without relayfs. With
 * RELAY_RESERVED, which is for relayfs only, ERR_PTR(-ENODEV) without a reserved area,
 * ERR_PTR(-EROFS) in a crash kernel, ERR_PTR(-ENOSPC) if the area has no room, and
 * -ENAMETOOLONG from 64 bytes on. Otherwise the error of create_buf_file, -ENOENT if
 * that returned NULL.
 */
static inline struct rchan *relay_open_params(const struct relay_params *params)
{
	return __relay_open_params(params, THIS_MODULE);
}

void __relay_write(struct rchan *chan, const void *data, size_t length);
void *relay_reserve(struct rchan *chan, size_t length);

/*
 * Is this an NMI that may have interrupted an operation of the write path half way? The
 * operation is a cmpxchg emulated under a lock, or a local_t operation that masks
 * interrupts softly, as on Book3S.
 */
static __always_inline bool relay_nmi_unsafe(void)
{
	return (!IS_ENABLED(CONFIG_ARCH_HAVE_NMI_SAFE_CMPXCHG) ||
		IS_ENABLED(CONFIG_PPC_BOOK3S_64)) &&
	       IS_ENABLED(CONFIG_HAVE_NMI) && in_nmi();
}

/* Up to this constant length relay_write() inlines the write to a global buffer, too. */
#define RELAY_WRITE_INLINE	64

/**
 * relay_write - write data into the channel
 * @chan: relay channel
 * @data: data to be written
 * @length: number of bytes to write
 *
 * Writes data into the current CPU's buffer, or the global one. Counts a record that
 * does not fit, see relay_chan_stats().
 *
 * Context: Any, NMI included. In an NMI on an architecture on which that is not safe,
 * refuses the record and counts it as RELAY_LOST_NESTED.
 */
static __always_inline void relay_write(struct rchan *chan, const void *data, size_t length)
{
	struct relay_ring *ring;
	bool done = false;

	guard(preempt_notrace)();
	ring = &(*raw_cpu_ptr(chan->buf))->ring;
	if (relay_nmi_unsafe())
		done = relay_ring_refuse_nmi(ring);
	else if (likely(!ring->global))
		done = relay_ring_try_write(ring, data, length, false);
	else if (__builtin_constant_p(length) && length <= RELAY_WRITE_INLINE)
		done = relay_ring_try_write(ring, data, length, true);
	if (unlikely(!done))
		__relay_write(chan, data, length);
}

/**
 * relay_slot_reserve_ops - reserve a record with a header
 * @chan: the channel
 * @slot: filled in: @slot->data is where the payload goes, after the header
 * @length: bytes of payload
 * @ops: clock, and size and contents of the header; a static const object, so that the
 *	calls are inlined
 *
 * On success preemption is off until relay_slot_commit() or
 * relay_slot_discard(), one of which must follow.
 *
 * Context: Any, NMI included.
 * Return: 0, or an error after the record was counted as lost: -ENOSPC for no free
 * sub-buffer; -EBUSY if the next sub-buffer still has an open reservation, or in an NMI
 * that is not safe; -E2BIG for more than a sub-buffer holds; -ESHUTDOWN if the channel is
 * being closed, or is in the reserved area, which takes no record during hibernation, nor
 * after a hibernation that did not restore the area. -EINVAL for a record of no bytes,
 * which is not counted.
 */
static __always_inline int
relay_slot_reserve_ops(struct rchan *chan, struct relay_slot *slot,
		       size_t length, const struct relay_record_ops *ops)
{
	struct relay_ring *ring;
	int err;

	preempt_disable_notrace();
	ring = &(*raw_cpu_ptr(chan->buf))->ring;
	if (relay_nmi_unsafe())
		err = relay_ring_refuse_nmi(ring);
	else
		err = ring->global ? relay_ring_reserve(ring, slot, length, ops, true) :
				     relay_ring_reserve(ring, slot, length, ops, false);
	if (unlikely(err))
		preempt_enable_notrace();
	return err;
}

/**
 * relay_lose - count a record that a client could not make
 * @chan: the channel
 * @why: RELAY_LOST_*
 *
 * For a client that prepares its records in memory of its own, and has no room there.
 *
 * Context: Any, NMI included.
 */
static inline void relay_lose(struct rchan *chan, unsigned int why)
{
	struct relay_ring *ring;

	guard(preempt_notrace)();
	ring = &(*raw_cpu_ptr(chan->buf))->ring;
	if (relay_nmi_unsafe())
		relay_ring_refuse_nmi(ring);
	else
		relay_word_add(&ring->control->lost[why], 1, ring->global);
}

/**
 * relay_slot_reserve - reserve bytes, to be filled in place
 * @chan: the channel
 * @slot: filled in: @slot->data is where to write
 * @length: bytes
 *
 * As relay_slot_reserve_ops(), without a header.
 *
 * Context: Any, NMI included. Returns with preemption off.
 * Return: as relay_slot_reserve_ops().
 */
static __always_inline int
relay_slot_reserve(struct rchan *chan, struct relay_slot *slot, size_t length)
{
	return relay_slot_reserve_ops(chan, slot, length, NULL);
}

/**
 * relay_slot_commit - commit a reservation that is filled
 * @slot: the reservation; not valid afterwards
 *
 * Context: That of the reserve.
 */
static __always_inline void relay_slot_commit(struct relay_slot *slot)
{
	struct relay_ring *ring = slot->ring;

	if (WARN_ON_ONCE(!ring))
		return;
	if (ring->global)
		relay_ring_commit(slot, true);
	else
		relay_ring_commit(slot, false);
	slot->ring = NULL;
	preempt_enable_notrace();
}

/**
 * relay_slot_discard - give a reservation up
 * @slot: the reservation; not valid afterwards
 *
 * As relay_slot_try_discard(); but if the reservation cannot be taken back, its bytes,
 * header included, stay in the stream as zeroes, which a client's format should treat as
 * padding.
 *
 * Context: That of the reserve.
 */
static inline void relay_slot_discard(struct relay_slot *slot)
{
	/* Pass a copy, because @slot stays in registers only if its address is not taken. */
	struct relay_slot copy = *slot;

	if (WARN_ON_ONCE(!copy.ring))
		return;
	relay_ring_discard(&copy);
	slot->ring = NULL;
	preempt_enable_notrace();
}

/**
 * relay_slot_try_discard - take a reservation back, if that leaves no trace
 * @slot: the reservation
 *
 * For a client whose format cannot have zeroes. The newest reservation of a CPU's
 * buffer can be taken back, unless it filled its sub-buffer to the last byte; a
 * reservation in a global buffer cannot.
 *
 * Context: That of the reserve.
 * Return: true if nothing remains of the reservation, and @slot is not valid any more;
 * false if it is still reserved: the caller writes bytes that its readers skip, and
 * commits them.
 */
static inline bool relay_slot_try_discard(struct relay_slot *slot)
{
	/* A copy, as in relay_slot_discard(). */
	struct relay_slot copy = *slot;

	if (WARN_ON_ONCE(!copy.ring) || !relay_ring_try_discard(&copy))
		return false;
	slot->ring = NULL;
	preempt_enable_notrace();
	return true;
}

extern const struct file_operations relay_file_operations;

#ifdef CONFIG_RELAY
int relay_prepare_cpu(unsigned int cpu);
int relay_dead_cpu(unsigned int cpu);
#else
#define relay_prepare_cpu     NULL
#define relay_dead_cpu        NULL
#endif

#endif /* _LINUX_RELAY_H */
