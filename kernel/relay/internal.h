/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_RELAY_INTERNAL_H
#define _KERNEL_RELAY_INTERNAL_H

#include <linux/crc32.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/relay.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>
#include "ring.h"

/**
 * struct relay_pages - the memory of a buffer's sub-buffers, or of a bank
 * @start:	address of the memory, virtually contiguous
 * @page:	its pages; NULL in the reserved area, which need not have struct pages
 * @pfn:	without @page, number of the first page frame
 * @n_pages:	number of pages
 */
struct relay_pages {
	void		*start;
	struct page	**page;
	unsigned long	pfn;
	unsigned long	n_pages;
};

/**
 * struct relay_copy - bytes that a reader has copied out of a ring
 * @data:	memory by relay_copy_alloc()
 * @pos:	offset in @data of the next byte to hand out
 * @end:	offset after the last byte
 */
struct relay_copy {
	void		*data;
	size_t		pos;
	size_t		end;
};

/* poll() calls this without a lock. */
static inline bool relay_copy_holds(const struct relay_copy *copy)
{
	return READ_ONCE(copy->pos) != READ_ONCE(copy->end);
}

static inline void relay_copy_fill(struct relay_copy *copy, size_t used)
{
	WRITE_ONCE(copy->pos, 0);
	WRITE_ONCE(copy->end, used);
}

/**
 * struct relay_reader - the state of read() and splice() in a buffer
 * @lock:	serializes readers
 * @lent:	no-overwrite mode: pipes, or sockets, hold pages of sub-buffers
 *		before @cursor that are not consumed yet
 * @cursor:	while @lent, the sub-buffer to read next
 * @pos:	the sub-buffer that @offset belongs to
 * @offset:	bytes of it that were read
 * @copy:	overwrite mode: a sub-buffer that was copied out of the ring
 */
struct relay_reader {
	struct mutex	lock;		/* the rest of this struct */
	bool		lent;
	unsigned long	cursor;
	unsigned long	pos;
	size_t		offset;
	struct relay_copy copy;
};

/*
 * A buffer and a channel each have a part that a client sees, which is in
 * <linux/relay.h>, and a part that only relay uses. The client's part is the first
 * member, so that a NULL pointer, as of a CPU without a buffer, converts to NULL.
 */

struct relay_buf {
	union {
		struct rchan_buf	client;
		struct rchan_buf;
	};
	struct list_head	list;		/* of the channel's buffers, by CPU */
	bool			restart;	/* next subbuf_start is a first one */
	int			gate;		/* CPU + 1 inside subbuf_start */
	unsigned int		start_reserve;	/* by subbuf_start_reserve() */
	unsigned long		lost_base[RELAY_LOST_REASONS];	/* at the reset */
	atomic_long_t		bytes;		/* delivered, padding apart */
	wait_queue_head_t	read_wait;
	int			triggers;	/* of the channel, when tasks were woken last */
	struct irq_work		wakeup_work;
	struct work_struct	wakeup_worker;	/* PREEMPT_RT: of wakeup_work */
	struct dentry		*dentry;	/* the client's file, of size @bytes */
	struct relay_pages	pages;		/* data, then meta pages */
	struct relay_pages	meta_pages;	/* in the reserved area they lie apart */
	struct relay_meta	*meta;		/* NULL if the channel is not on relayfs */
	struct relay_bank_seal	*seals;		/* NULL outside of the reserved area */
	unsigned long		sealed;		/* sub-buffers before it are sealed; 0 at first */
	struct irq_work		seal_work;	/* queued by writers, which may be NMIs */
	struct work_struct	seal_worker;
	atomic_long_t		produced;	/* sub-buffers delivered */
	atomic_t		mappings;	/* of its data, on relayfs */
	struct delayed_work	reclaim;	/* of what the reader lent */
	struct relay_reader	reader;
} ____cacheline_aligned;

struct relay_chan {
	union {
		struct rchan		client;
		struct rchan;
	};
	unsigned int			flags;
	unsigned int			header_size;
	struct list_head		bufs;		/* until the channel is freed */
	const struct relay_memory	*memory;	/* of the buffers */
	struct relay_place		*place;		/* in the reserved area */
	void				*private_area;
	size_t				private_size;
	size_t				meta_size;	/* of a buffer; 0 if not on relayfs */
	const struct rchan_callbacks	*cb;
	const struct relay_channel_ops	*ops;
	struct relay_ring_ops		ring_ops;
	struct delayed_work		timer;
	unsigned long			timer_period;	/* jiffies */
	struct kref			kref;
	struct list_head		list;
	struct module			*owner;		/* of the callbacks */
	struct mutex			watch_mutex;	/* the next two */
	unsigned int			watchers;	/* open files */
	bool				unwatchable;	/* about to close */
	bool				closed;
	wait_queue_head_t		read_wait;	/* for all buffers */
	atomic_t			triggers;
	struct dentry			*parent;
	struct dentry			*dir;		/* on relayfs */
	bool				has_base_filename;
	char				base_filename[NAME_MAX];
};

static_assert(!offsetof(struct relay_buf, client) && !offsetof(struct relay_chan, client));

#define relay_buf_of(rchan_buf)	container_of_const(rchan_buf, struct relay_buf, client)
#define relay_ring_buf(r)	container_of_const(r, struct relay_buf, client.ring)
#define relay_chan_of(rchan)	container_of_const(rchan, struct relay_chan, client)
#define relay_buf_chan(buf)	relay_chan_of((buf)->chan)

/**
 * struct relay_memory - where the memory of a channel's buffers comes from
 * @alloc:	set @buf->pages and @buf->ring.control, which is zeroed; on relayfs also
 *		@buf->meta_pages, if the meta pages are not at the end of @buf->pages. Use
 *		the NUMA node @node if possible. Return: 0 or the error; @free follows in
 *		either case
 * @free:	free the memory, after work that still uses it has ended; no writer is in
 *		the buffer
 * @close:	free the private area of a channel that is gone
 */
struct relay_memory {
	int (*alloc)(struct relay_buf *buf, int node);
	void (*free)(struct relay_buf *buf);
	void (*close)(struct relay_chan *chan);
};

/* In the order of the layers: a file calls functions of ring.h and of files listed above it. */

/* buffer.c */
extern const struct relay_memory relay_page_memory;
int relay_pages_alloc(struct relay_pages *pages, size_t size, int node);
void relay_chan_put(struct relay_chan *chan);
struct relay_buf *relay_buf_alloc(struct relay_chan *chan, unsigned int cpu, int node);
void relay_buf_free(struct relay_buf *buf);
void relay_queue_work(struct irq_work *work);
void relay_buf_wake(struct relay_buf *buf);
void relay_buf_wake_now(struct relay_buf *buf);
int relay_simple_open(struct inode *inode, struct file *filp);
int relay_mmap(struct vm_area_desc *desc, const struct relay_pages *pages, pgoff_t first);

/* A channel's flags for user space. On relayfs no callback can make a channel global. */
static inline u32 relay_chan_abi_flags(const struct relay_chan *chan)
{
	return chan->flags & (RELAY_OVERWRITE | RELAY_GLOBAL | RELAY_WHOLE);
}

/* Bytes of a buffer that user space can map: its data, followed by its meta pages. */
static inline size_t relay_chan_map_size(const struct relay_chan *chan)
{
	return chan->alloc_size + chan->meta_size;
}

static inline struct page *relay_buf_page(const struct relay_buf *buf, size_t offset)
{
	return buf->pages.page[offset >> PAGE_SHIFT];
}

/* channel.c */
typedef void (*relay_ring_func)(struct relay_ring *ring);

extern struct mutex relay_channels_mutex;
extern struct list_head relay_channels;
int relay_chan_watch(struct relay_chan *chan);
void relay_chan_unwatch(struct relay_chan *chan);
void relay_chan_end_watch(struct relay_chan *chan);
void relay_buf_call(struct relay_buf *buf, relay_ring_func func);
int relay_buf_deliver(struct relay_buf *buf);
bool relay_chan_refuses(const struct relay_chan *chan);
void relay_hold_reserved(bool hold);

/* Call this before looking at the buffers: no writer adds to a channel that is closed. */
static inline bool relay_chan_closed(const struct relay_chan *chan)
{
	/* Pairs with the release in relay_chan_remove(). */
	return smp_load_acquire(&chan->closed);
}

/*
 * Go through the buffers of a channel. CPU hotplug may add a buffer meanwhile; none is
 * removed before the channel is freed.
 */
#define relay_for_each_buf(buf, chan) \
	list_for_each_entry_lockless(buf, &(chan)->bufs, list)

/* meta.c: the pages in which user space sees the state of a buffer */
void relay_meta_init(struct relay_buf *buf);
void relay_meta_deliver(struct relay_buf *buf, unsigned long pos,
			const struct relay_subbuf_info *info);
void relay_meta_consume_before(struct relay_buf *buf, unsigned long pos);
void relay_meta_close(struct relay_buf *buf);
u64 relay_meta_sequence(const struct relay_buf *buf, unsigned long pos);
u64 relay_meta_number(const struct relay_buf *buf, unsigned long pos);
unsigned long relay_sequence_pos(const struct relay_ring *ring, u64 sequence);

/* reader.c */
void relay_reader_init(struct relay_buf *buf);
unsigned long relay_reader_cursor(const struct relay_buf *buf);
bool relay_reader_next(struct relay_buf *buf, struct relay_span *span, bool *delivered);
bool relay_reader_finish(struct relay_buf *buf, const struct relay_span *span);
bool relay_reader_take(struct relay_buf *buf, void *to, struct relay_span *span, bool whole);
int relay_copy_alloc(struct relay_copy *copy, size_t size);
ssize_t relay_copy_read(struct relay_copy *copy, struct iov_iter *to);
ssize_t relay_buf_read(struct relay_buf *buf, struct iov_iter *to);
int relay_stream_open(struct inode *inode, struct file *filp);
unsigned int relay_buf_ready(struct relay_buf *buf, unsigned long cursor,
			     unsigned int limit);
__poll_t relay_poll_says(bool ready, bool ended);
__poll_t relay_buf_readable(struct relay_buf *buf);
void relay_lend_reclaim(struct relay_buf *buf);
void relay_lend_erase(struct relay_buf *buf);
void relay_count(struct relay_buf *buf, struct relay_counters *counters);

/*
 * Records lost from the opening of a file, when the buffer had lost @before records in
 * all, to the closing of a sub-buffer, when it had lost @lost. Return: 0 for a sub-buffer
 * that was closed before the file was opened.
 */
static inline unsigned long relay_lost_since(unsigned long lost, unsigned long before)
{
	return max((long)(lost - before), 0);
}

/* legacy.c: what only the API of Linux 7.3 needs */
int relay_gate_admit(struct relay_ring *ring, unsigned long pos);
void relay_gate_enter(struct relay_ring *ring);

/* file.c */
#define RELAY_IOCTLS	8	/* their numbers begin at 0 */

struct relay_file;

/* @size is the size that the caller gives the structure at @arg. */
typedef long (*relay_ioctl_call)(struct relay_file *file, void __user *arg, size_t size);

/**
 * struct relay_file_kind - the operations in which the files of a channel differ
 * @header_size: bytes before a sub-buffer in &relay_file.copy
 * @take:	fills &relay_file.copy, with the file's lock held. Return: 1; 0 if there
 *		is no data now; or an error
 * @ready:	should a reader that waits be woken?
 * @readable:	does poll() return EPOLLIN? @closed was read before the call
 * @calls:	ioctls that only this kind has, by number
 */
struct relay_file_kind {
	size_t			header_size;
	int			(*take)(struct relay_file *file);
	bool			(*ready)(struct relay_file *file);
	bool			(*readable)(struct relay_file *file, bool closed);
	relay_ioctl_call	calls[RELAY_IOCTLS];
};

/**
 * struct relay_file_buf - what an open file has read of a buffer; all 0 for the buffer of
 * a CPU that came up after the open
 * @next:	"all": number after that of the sub-buffer read last
 * @missed:	sub-buffers that were overwritten, or consumed by another reader, before
 *		this file read them; in a file of one buffer, since the last one got
 * @lost:	records that the buffer had lost when the file was opened; 0 for a
 *		snapshot, because that has records written before
 */
struct relay_file_buf {
	u64			next;
	u64			missed;
	unsigned long		lost;
};

/**
 * struct relay_file - an open file of a channel
 * @kind:	the kind of the file
 * @filp:	the file
 * @chan:	the channel
 * @buf:	the buffer; NULL for "all"
 * @read_wait:	where readers of @buf wait; for "all", that of the channel
 * @watermark:	of @buf: sub-buffers that must be ready to wake a reader
 * @lock:	serializes tasks that share the descriptor
 * @triggers:	value of &relay_chan.triggers at the open, or the last RELAY_GET_TRIGGERS
 * @snapshot:	reads @buf without consuming, up to @end
 * @cursor:	of @buf: start position of the sub-buffer to get next
 * @end:	start position of the first sub-buffer after the snapshot
 * @turn:	"all": the first CPU to look at for the next sub-buffer
 * @copy:	"all": a header and a sub-buffer; snapshot: the sub-buffer that is being read
 * @of:		of @buf; in "all", of the buffer of each CPU
 */
struct relay_file {
	const struct relay_file_kind *kind;
	struct file		*filp;
	struct relay_chan	*chan;
	struct relay_buf	*buf;
	wait_queue_head_t	*read_wait;
	u32			watermark;
	struct mutex		lock;	/* all that follows */
	u32			triggers;
	bool			snapshot;
	unsigned long		cursor;
	unsigned long		end;
	unsigned int		turn;
	struct relay_copy	copy;
	struct relay_file_buf	of[];
};

int relay_file_create(struct file *filp, struct relay_chan *chan, struct relay_buf *buf,
		      const struct relay_file_kind *kind);
int relay_file_fetch(struct relay_file *file);
ssize_t relay_file_look(struct relay_file *file, struct iov_iter *to);
bool relay_file_again(struct relay_file *file, ssize_t *ret, bool closed, bool nonblock);
ssize_t relay_fops_read(struct kiocb *iocb, struct iov_iter *to);
__poll_t relay_fops_poll(struct file *filp, poll_table *wait);
long relay_fops_ioctl(struct file *filp, unsigned int cmd, unsigned long arg);
int relay_fops_release(struct inode *inode, struct file *filp);

/* splice.c */
ssize_t relay_lend(struct relay_buf *buf, struct pipe_inode_info *pipe, size_t len);
ssize_t relay_fops_splice(struct file *filp, loff_t *ppos, struct pipe_inode_info *pipe,
			  size_t len, unsigned int flags);

/* file_cpu.c, file_all.c */
extern const struct file_operations relay_cpu_file_operations;
extern const struct file_operations relay_map_file_operations;
extern const struct file_operations relay_all_file_operations;

/* A boot-reserved area: this kernel's, or that of the kernel that crashed */
struct relay_area {
	u64		start;
	u64		size;
	void		*base;		/* mapped, write-back cached */
	bool		ram;		/* System RAM (has struct pages) */
	bool		frozen;		/* a crash kernel: read only, never initialised */
};

/* reserved/area_note.c, reserved/area_crash.c: what the crashed kernel says of its area */
#define RELAY_AREA_NOTE	"RELAYRES="

bool relay_note_find(const void *notes, size_t len, u64 *start, u64 *size);
bool relay_area_from_note(struct relay_area *found);

/* reserved/area.c: where the boot-reserved area lies */

/* A multiple of the page size, so that no page of this kernel is in two banks. */
#define RELAY_BANK_UNIT	MAX(PAGE_SIZE, RELAY_BANK_ALIGN)

/* Two banks, each with room for the headers and one small channel. */
#define RELAY_AREA_MIN	(2 * RELAY_BANK_UNIT)

const struct relay_area *relay_area(void);

/* reserved/bank.c: what lies in the area */

/* Continue the check sum @crc, a CRC32C that starts at 0, over @data. */
static inline u32 relay_crc(u32 crc, const void *data, size_t size)
{
	return ~crc32c(~crc, data, size);
}

int relay_reserved_open(struct relay_chan *chan, size_t private_size);
void relay_reserved_publish(struct relay_chan *chan);
void relay_reserved_close(struct relay_chan *chan);
void relay_reserved_buf(struct relay_buf *buf);
void relay_reserved_end(u32 end, const char *reason);
void relay_reserved_goes_on(void);
bool relay_reserved_valid(void);

/* reserved/seal.c: &relay_chan.memory of a channel with a place in the area */
extern const struct relay_memory relay_reserved_memory;

/* dir.c: a channel's directory on relayfs */
int relay_dir_create(struct relay_chan *chan);
int relay_dir_create_buf_files(struct relay_buf *buf);
int relay_dir_create_private(struct relay_chan *chan);
void relay_dir_remove(struct relay_chan *chan);
struct dentry *relay_dentry_get(struct dentry *dentry);
void relay_dentry_put(struct dentry *dentry);

/* relay.c: for the tests */
struct relay_chan *relay_chan_alloc(const struct relay_params *params);
void relay_chan_remove(struct relay_chan *chan);

#endif /* _KERNEL_RELAY_INTERNAL_H */
