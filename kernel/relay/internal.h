/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_RELAY_INTERNAL_H
#define _KERNEL_RELAY_INTERNAL_H

#include <linux/container_of.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/relay.h>
#include <linux/sizes.h>
#include <uapi/linux/relay.h>
#include "ring.h"

struct iov_iter;
struct pipe_inode_info;
struct vm_area_desc;

/**
 * struct relay_memory - where the memory of a channel's buffers comes from
 * @alloc:	set @buf->pages and @buf->ring.control, the latter zero; on the NUMA node
 *		@node if it can. Return: 0 or the error; @free follows in either case
 * @free:	take it back, with what was begun on it; no writer is in the buffer
 * @close:	the channel is gone; or NULL
 */
struct relay_memory {
	int (*alloc)(struct rchan_buf *buf, int node);
	void (*free)(struct rchan_buf *buf);
	void (*close)(struct rchan *chan);
};

/* In the order of the layers: a file calls the ring, and files that stand above it. */

/* buffer.c */
extern const struct relay_memory relay_page_memory;
int relay_pages_alloc(struct relay_pages *pages, size_t size, int node);
void relay_pages_free(struct relay_pages *pages);
u32 relay_chan_abi_flags(const struct rchan *chan);
size_t relay_meta_size(const struct rchan *chan);
size_t relay_chan_map_size(const struct rchan *chan);
void relay_chan_get(struct rchan *chan);
void relay_chan_put(struct rchan *chan);
struct rchan_buf *relay_buf_alloc(struct rchan *chan, unsigned int cpu, int node);
void relay_buf_get(struct rchan_buf *buf);
void relay_buf_put(struct rchan_buf *buf);
void relay_queue_work(struct irq_work *work);
void relay_buf_wake(struct rchan_buf *buf);
void relay_buf_wake_now(struct rchan_buf *buf);
int relay_mmap_check(struct vm_area_desc *desc);

static inline struct page *relay_buf_page(const struct rchan_buf *buf, size_t offset)
{
	return buf->pages.page[offset >> PAGE_SHIFT];
}

/* channel.c */
extern struct mutex relay_channels_mutex;
extern struct list_head relay_channels;
bool relay_chan_closed(const struct rchan *chan);
bool relay_chan_lock(struct rchan *chan);
void relay_chan_unlock(struct rchan *chan);
int relay_chan_watch(struct rchan *chan);
void relay_chan_unwatch(struct rchan *chan);
void relay_chan_end_watch(struct rchan *chan);
void relay_channels_lock(void);
void relay_channels_unlock(void);
void relay_buf_call(struct rchan_buf *buf, smp_call_func_t func);
void relay_bufs_call(struct rchan *chan, smp_call_func_t func);
void relay_buf_flush(void *info);
int relay_buf_deliver(struct rchan_buf *buf);
bool relay_chan_refuses(const struct rchan *chan);
void relay_hold_reserved(bool hold);

/*
 * The buffers of a channel that is open, and stays so: see relay_chan_lock().
 * They are added while readers go through the list, and removed when none can.
 */
#define relay_for_each_buf(buf, chan) \
	list_for_each_entry_lockless(buf, &(chan)->bufs, list)

static inline struct rchan_buf *relay_ring_buf(struct relay_ring *ring)
{
	return container_of(ring, struct rchan_buf, ring);
}

/* meta.c: what user space sees of a buffer without a system call */
int relay_meta_alloc(struct rchan_buf *buf, int node);
void relay_meta_deliver(struct rchan_buf *buf, unsigned long pos,
			const struct relay_subbuf_info *info);
void relay_meta_consume(struct rchan_buf *buf, u64 sequence);
void relay_meta_consume_before(struct rchan_buf *buf, unsigned long pos);
void relay_meta_close(struct rchan_buf *buf);
u64 relay_meta_sequence(const struct rchan_buf *buf, unsigned long pos);
u64 relay_meta_number(const struct rchan_buf *buf, unsigned long pos);
unsigned long relay_sequence_pos(const struct relay_ring *ring, u64 sequence);

/* reader.c */
void relay_reader_init(struct rchan_buf *buf);
unsigned long relay_reader_cursor(const struct rchan_buf *buf);
bool relay_reader_next(struct rchan_buf *buf, struct relay_span *span,
		       bool *delivered);
bool relay_reader_finish(struct rchan_buf *buf, const struct relay_span *span);
bool relay_reader_take(struct rchan_buf *buf, void *to, struct relay_span *span,
		       u64 *sequence);
int relay_copy_alloc(void **copy, size_t size);
ssize_t relay_buf_read(struct rchan_buf *buf, struct iov_iter *to);
bool relay_again(struct file *filp, ssize_t *ret, bool nonblock,
		 int (*wait)(struct file *filp));
ssize_t relay_read(struct kiocb *iocb, struct iov_iter *to,
		   ssize_t (*read)(struct file *filp, struct iov_iter *to),
		   int (*wait)(struct file *filp));
int relay_stream_open(struct inode *inode, struct file *filp);
unsigned int relay_buf_ready(struct rchan_buf *buf, unsigned long cursor,
			     unsigned int limit);
bool relay_buf_closed(const struct rchan_buf *buf);
unsigned long relay_buf_lost(const struct rchan_buf *buf);
unsigned long relay_lost_since(unsigned long lost, unsigned long before);
bool relay_reader_holds(const struct rchan_buf *buf);
__poll_t relay_poll_says(bool ready, bool ended);
void relay_poll_wait(struct file *filp, struct rchan *chan, wait_queue_head_t *read_wait,
		     poll_table *wait);
__poll_t relay_poll_triggered(const struct rchan *chan, const u32 *told);
int relay_tell_triggers(const struct rchan *chan, u32 *told, void __user *to);
__poll_t relay_buf_readable(struct rchan_buf *buf);
unsigned int relay_buf_lent(const struct rchan_buf *buf);
void relay_lend_reclaim(struct rchan_buf *buf);
void relay_lend_erase(struct rchan_buf *buf);
void relay_count(struct rchan_buf *buf, struct relay_counters *counters);

/* legacy.c: what only the API of Linux 7.3 needs */
int relay_gate_admit(struct relay_ring *ring, unsigned long pos);
void relay_buf_enter(struct rchan_buf *buf);

/* splice.c */
ssize_t relay_lend(struct rchan_buf *buf, struct pipe_inode_info *pipe,
		   size_t len);
ssize_t relay_splice_copy(struct file *filp, struct pipe_inode_info *pipe, size_t len,
			  ssize_t (*read)(struct file *filp, struct iov_iter *to));
ssize_t relay_splice(struct file *filp, struct pipe_inode_info *pipe, size_t len,
		     unsigned int flags,
		     ssize_t (*splice)(struct file *filp, struct pipe_inode_info *pipe,
				       size_t len),
		     int (*wait)(struct file *filp));

/* ioctl.c */
#define RELAY_IOCTLS	8	/* their numbers begin at 0 */

typedef long (*relay_ioctl_call)(struct file *filp, unsigned int cmd, void __user *arg);

long relay_ioctl(struct file *filp, unsigned int cmd, unsigned long arg,
		 const relay_ioctl_call calls[RELAY_IOCTLS]);

/* file_cpu.c, file_all.c, file_stats.c, file_private.c: a channel's directory */
extern const struct file_operations relay_cpu_file_operations;
extern const struct file_operations relay_map_file_operations;
extern const struct file_operations relay_all_file_operations;
extern const struct file_operations relay_stats_file_operations;
extern const struct file_operations relay_private_file_operations;

#ifdef CONFIG_RELAYFS_FS
void relay_all_add_buf(struct rchan_buf *buf);
#else
static inline void relay_all_add_buf(struct rchan_buf *buf)
{
}
#endif

/* area.c: where the boot-reserved area lies */
struct relay_area {
	phys_addr_t	start;
	u64		size;
	void		*base;		/* mapped, write-back cached */
	bool		ram;		/* System RAM (has struct pages) */
	bool		frozen;		/* a crash kernel: read only, never initialised */
};

/* No page of this kernel is in two banks. */
#define RELAY_BANK_UNIT	MAX(PAGE_SIZE, RELAY_BANK_ALIGN)

/* Twice room for the headers and one small channel. */
#define RELAY_AREA_MIN	(2 * RELAY_BANK_UNIT)

const struct relay_area *relay_area(void);

/* area_note.c, area_crash.c: what the crashed kernel says of its area */
#define RELAY_AREA_NOTE	"RELAYRES="

bool relay_note_find(const void *notes, size_t len, u64 *start, u64 *size);
bool relay_area_from_note(struct relay_area *found);

/* dir.c: a channel's directory on relayfs */
extern const struct rchan_callbacks relay_dir_callbacks;
int relay_dir_create(struct rchan *chan);
int relay_dir_create_private(struct rchan *chan);
int relay_dir_create_file(struct rchan *chan, const char *name,
			  const struct file_operations *fops);
void relay_dir_remove(struct rchan *chan);
struct dentry *relay_dentry_get(struct dentry *dentry);
void relay_dentry_put(struct dentry *dentry);

/* relay.c: for the tests */
struct rchan *relay_chan_alloc(const struct relay_params *params);
void relay_chan_remove(struct rchan *chan);
void relay_buf_remove_file(struct rchan_buf *buf);

#endif /* _KERNEL_RELAY_INTERNAL_H */
