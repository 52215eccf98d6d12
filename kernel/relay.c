// SPDX-License-Identifier: GPL-2.0
/*
 * Relay channels: open, close, flush, reset, statistics, CPU hotplug.
 *
 * See Documentation/filesystems/relay.rst for an overview.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 *
 * Moved out of fs/relayfs by Paul Mundt, 2006.
 * November 2006 - CPU hotplug support by Mathieu Desnoyers
 *	(mathieu.desnoyers@polymtl.ca)
 */
#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/libnvdimm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "relay/internal.h"

#define RELAY_TIMER_FLAGS	(RELAY_TIMER_WAKE | RELAY_TIMER_SWITCH)
#define RELAY_FLAGS		(RELAY_OVERWRITE | RELAY_GLOBAL | RELAY_TIMER_FLAGS | \
				 RELAY_RESERVED | RELAY_WHOLE)

/* CPUs that run or are about to come up, and so need a buffer in every channel. */
static struct cpumask relay_prepared_cpus;

static struct relay_buf *relay_chan_buf(const struct relay_chan *chan, unsigned int cpu)
{
	return relay_buf_of(*per_cpu_ptr(chan->buf, cpu));
}

/*
 * Writing
 */

/**
 * __relay_write - relay_write(), not inlined
 * @chan: relay channel
 * @data: data to be written
 * @length: number of bytes to write
 *
 * Context: Any, NMI included.
 */
notrace void __relay_write(struct rchan *chan, const void *data, size_t length)
{
	struct relay_slot slot;

	if (relay_slot_reserve(chan, &slot, length))
		return;
	memcpy(slot.data, data, length);
	relay_slot_commit(&slot);
}
EXPORT_SYMBOL_GPL(__relay_write);

/*
 * The life of a sub-buffer
 */

static notrace void relay_subbuf_begin(struct relay_ring *ring, unsigned long pos)
{
	struct relay_buf *buf = relay_ring_buf(ring);
	u64 time = READ_ONCE(relay_pos_subbuf(ring, pos)->begin_time);

	relay_buf_chan(buf)->ops->subbuf_begin(&buf->client, relay_pos_address(ring, pos), time);
}

/*
 * Keep i_size of a file on the client's file system, for programs that look at it; exact
 * when no writer is active. A writer that stores an older size sees the newer size
 * after its store, and stores that.
 */
static notrace void relay_buf_grow(struct relay_buf *buf, unsigned long used)
{
	unsigned long bytes, stored;

	/*
	 * Guarantee that a writer which stores an older size after the store below
	 * then reads this sum of @bytes, or a later one. Full barrier. Pairs with
	 * LMM(relay_buf_grow:B).
	 */
	bytes = atomic_long_add_return(used, &buf->bytes);
							/* LMM(relay_buf_grow:A) */
	if (!buf->dentry)
		return;
	do {
		stored = bytes;
		WRITE_ONCE(d_inode(buf->dentry)->i_size, stored);
		/*
		 * If this store comes after that of a newer size, then the read below
		 * returns that newer size, or a later one.
		 *
		 * Relies on the full barrier of relay_buf_grow:A to this.
		 */
		smp_mb(); /* LMM(relay_buf_grow:B) */
		bytes = atomic_long_read(&buf->bytes);
	} while (bytes != stored);
}

static notrace void relay_subbuf_end(struct relay_ring *ring, unsigned long pos,
				     unsigned long used)
{
	struct relay_buf *buf = relay_ring_buf(ring);
	const struct relay_channel_ops *ops = relay_buf_chan(buf)->ops;
	bool told = ops && ops->subbuf_end;
	struct relay_subbuf_info info;

	relay_buf_grow(buf, used);
	if (!told && !buf->meta)
		return;
	relay_subbuf_describe(ring, pos, used, &info);
	if (told)
		ops->subbuf_end(&buf->client, relay_pos_address(ring, pos), &info);
	if (buf->meta)
		relay_meta_deliver(buf, pos, &info);
}

static notrace void relay_subbuf_deliver(struct relay_ring *ring, unsigned long pos)
{
	struct relay_buf *buf = relay_ring_buf(ring);
	const struct relay_channel_ops *ops = relay_buf_chan(buf)->ops;

	if (ops && ops->subbuf_deliver)
		ops->subbuf_deliver(&buf->client);
	if (buf->seals)
		relay_queue_work(&buf->seal_work);
	if (!(relay_buf_chan(buf)->flags & RELAY_TIMER_WAKE))
		relay_buf_wake(buf);
}

/*
 * Buffers
 */

static int relay_buf_set_memory(struct relay_buf *buf, int node)
{
	struct relay_chan *chan = relay_buf_chan(buf);
	struct relay_ring *ring = &buf->ring;
	int err = chan->memory->alloc(buf, node);

	if (err)
		return err;
	buf->start = buf->pages.start;
	ring->data = buf->start;
	ring->global = chan->is_global;
	ring->overwrite = chan->flags & RELAY_OVERWRITE;
	ring->header_size = chan->header_size;
	ring->ops = &chan->ring_ops;
	/* Until relay_add_buf(), so that a flush asks the client for no sub-buffer. */
	ring->disabled = true;
	err = relay_ring_init(ring, chan->subbuf_size, chan->n_subbufs, 0);
	/* For recovery; relay_reserved_publish() does not see a CPU that comes later. */
	if (!err && chan->place)
		arch_wb_cache_pmem(ring->control, relay_ring_control_size(chan->n_subbufs));
	if (!err && chan->meta_size)
		relay_meta_init(buf);
	return err;
}

static int relay_create_buf_file(struct relay_buf *buf)
{
	char *name __free(kfree) = NULL;
	struct relay_chan *chan = relay_buf_chan(buf);
	struct dentry *dentry;

	if (chan->dir)
		return relay_dir_create_buf_files(buf);
	if (!chan->cb->create_buf_file)
		return 0;
	if (chan->has_base_filename) {
		name = kasprintf(GFP_KERNEL, "%s%u", chan->base_filename, buf->cpu);
		if (!name)
			return -ENOMEM;
	}
	/* Without a name the client only says whether the buffer is global. */
	dentry = chan->cb->create_buf_file(name, name ? chan->parent : NULL,
					   0400, &buf->client, &chan->is_global);
	if (IS_ERR_OR_NULL(dentry))
		return dentry ? PTR_ERR(dentry) : -ENOENT;
	if (name)
		buf->dentry = relay_dentry_get(dentry);
	return 0;
}

/* Keep the list in the order of CPUs. Readers may be going through it. */
static void relay_link_buf(struct relay_buf *buf)
{
	struct list_head *bufs = &relay_buf_chan(buf)->bufs;
	struct relay_buf *next;

	list_for_each_entry(next, bufs, list)
		if (next->cpu > buf->cpu)
			break;
	list_add_tail_rcu(&buf->list, &next->list);
}

/*
 * Give a channel the buffer by relay_make_buf(), which writers find when this returns. The
 * channel is not yet in relay_channels, or relay_channels_mutex keeps it open. If the
 * buffer's file cannot be created the channel keeps the buffer, because some file of it
 * may be open.
 *
 * Context: May sleep.
 * Return: 0, or the error, also that of relay_make_buf().
 */
static int relay_add_buf(struct relay_buf *buf)
{
	struct relay_chan *chan;
	unsigned int cpu;
	int err;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	chan = relay_buf_chan(buf);
	if (list_empty(&buf->list))
		relay_link_buf(buf);
	err = relay_create_buf_file(buf);
	if (err)
		return err;
	/* The ring has no writer yet, and nothing to read. */
	if (chan->is_global) {
		buf->ring.global = true;
		buf->cpu = cpumask_first(cpu_possible_mask);
	}
	WRITE_ONCE(buf->ring.disabled, relay_chan_refuses(chan));
	if (chan->ring_ops.admit) {
		guard(preempt)();
		relay_gate_enter(&buf->ring);
	}
	for_each_possible_cpu(cpu)
		if (chan->is_global || cpu == buf->cpu)
			*per_cpu_ptr(chan->buf, cpu) = &buf->client;
	return 0;
}

/*
 * Make a buffer for relay_add_buf(), or find the one of an earlier attempt.
 *
 * Not under relay_channels_mutex: allocation can take long when memory is short.
 */
static struct relay_buf *relay_make_buf(struct relay_chan *chan, unsigned int cpu)
{
	int node = chan->is_global ? NUMA_NO_NODE : cpu_to_node(cpu);
	struct relay_buf *buf;
	int err;

	relay_for_each_buf(buf, chan)
		if (buf->cpu == cpu)
			return buf;
	buf = relay_buf_alloc(chan, cpu, node);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	relay_reader_init(buf);
	err = relay_buf_set_memory(buf, node);
	if (!err)
		return buf;
	relay_buf_free(buf);
	return ERR_PTR(err);
}

/* For clients that look into the next sub-buffer before they write. */
static void relay_ring_switch(struct relay_ring *ring)
{
	relay_ring_flush(ring);
	relay_gate_enter(ring);
}

static void relay_ring_restart(struct relay_ring *ring)
{
	struct relay_buf *buf = relay_ring_buf(ring);
	unsigned int i;

	if (buf->reader.lent)
		relay_ring_flush(ring);
	else
		relay_ring_reset(ring);
	for (i = 0; i < RELAY_LOST_REASONS; i++)
		WRITE_ONCE(buf->lost_base[i], relay_word_read(&ring->control->lost[i]));
	WRITE_ONCE(buf->restart, true);
}

/*
 * Timer: wakes readers where writers shall not, and delivers partly filled sub-buffers
 */

static void relay_buf_tick(struct relay_buf *buf)
{
	unsigned int flags = relay_buf_chan(buf)->flags;
	unsigned long pos = relay_word_read(&buf->ring.control->reserve);
	unsigned long offset = relay_pos_offset(&buf->ring, pos);

	if ((flags & RELAY_TIMER_SWITCH) && offset > buf->ring.header_size &&
	    offset < buf->ring.subbuf_size)
		relay_buf_call(buf, relay_ring_flush);
	/* A reader that starts to wait after this check sees the data without a wake-up. */
	if ((flags & RELAY_TIMER_WAKE) && relay_buf_readable(buf))
		relay_buf_wake_now(buf);
}

static void relay_timer(struct work_struct *work)
{
	struct relay_chan *chan = container_of(to_delayed_work(work), struct relay_chan, timer);
	struct relay_buf *buf;

	guard(cpus_read_lock)();
	guard(mutex)(&relay_channels_mutex);
	relay_for_each_buf(buf, chan)
		relay_buf_tick(buf);
	queue_delayed_work(system_dfl_wq, &chan->timer, chan->timer_period);
}

/*
 * Open
 */

static int relay_check_params(const struct relay_params *params)
{
	const struct rchan_callbacks *cb = params->cb;

	if (!params->subbuf_size || !params->n_subbufs ||
	    params->subbuf_size > (UINT_MAX - PAGE_SIZE) / params->n_subbufs ||
	    params->header_size >= params->subbuf_size)
		return -EINVAL;
	/* The control of all sub-buffers of a buffer is one allocation. */
	if (params->n_subbufs > SZ_1G / sizeof(struct relay_subbuf))
		return -E2BIG;
	if (params->flags & ~RELAY_FLAGS ||
	    !(params->flags & RELAY_TIMER_FLAGS) != !params->timer_ms)
		return -EINVAL;
	if (params->name && strlen(params->name) >= NAME_MAX)
		return -ENAMETOOLONG;
	if ((params->name && cb && !(cb->create_buf_file && cb->remove_buf_file)) ||
	    (params->flags & RELAY_RESERVED && (cb || !params->name)))
		return -EINVAL;
	return 0;
}

static int relay_check_memory(const struct relay_chan *chan, u64 buffers)
{
	u64 size = (u64)chan->alloc_size + relay_ring_control_size(chan->n_subbufs);
	u64 pages = buffers * (size >> PAGE_SHIFT);

	return !chan->place && pages > si_mem_available() ? -ENOMEM : 0;
}

static const struct rchan_callbacks relay_no_callbacks;

/**
 * relay_chan_alloc - a channel without buffers
 * @params: what the channel shall be
 *
 * Context: May sleep.
 * Return: the channel, for relay_chan_remove() or relay_close(); NULL without memory.
 */
struct relay_chan *relay_chan_alloc(const struct relay_params *params)
{
	const struct relay_channel_ops *ops = params->ops;
	struct relay_chan *chan = kzalloc_obj(struct relay_chan);

	if (!chan)
		return NULL;
	chan->buf = alloc_percpu(struct rchan_buf *);
	if (!chan->buf) {
		kfree(chan);
		return NULL;
	}
	chan->subbuf_size = params->subbuf_size;
	chan->n_subbufs = params->n_subbufs;
	chan->alloc_size = PAGE_ALIGN(chan->subbuf_size * chan->n_subbufs);
	chan->header_size = params->header_size;
	chan->flags = params->flags;
	chan->is_global = !!(params->flags & RELAY_GLOBAL);
	chan->parent = params->parent;
	chan->private_data = params->private_data;
	chan->cb = params->cb ?: &relay_no_callbacks;
	chan->ops = ops;
	chan->memory = &relay_page_memory;
	chan->timer_period = msecs_to_jiffies(params->timer_ms);
	if (params->name) {
		chan->has_base_filename = true;
		strscpy(chan->base_filename, params->name);
	}
	chan->ring_ops = (struct relay_ring_ops) {
		.clock		= ops ? ops->clock : NULL,
		.begin		= ops && ops->subbuf_begin ? relay_subbuf_begin : NULL,
		.end		= relay_subbuf_end,
		.deliver	= relay_subbuf_deliver,
		.admit		= chan->cb->subbuf_start ? relay_gate_admit : NULL,
	};
	INIT_LIST_HEAD(&chan->bufs);
	INIT_LIST_HEAD(&chan->list);
	INIT_DELAYED_WORK(&chan->timer, relay_timer);
	init_waitqueue_head(&chan->read_wait);
	mutex_init(&chan->watch_mutex);
	kref_init(&chan->kref);
	return chan;
}

/*
 * Not under relay_channels_mutex: removing a file waits for the lock of its directory. The
 * holder of that lock may wait for a reader, and the reader for the mutex.
 */
static void relay_close_bufs(struct relay_chan *chan)
{
	struct relay_buf *buf;

	relay_for_each_buf(buf, chan) {
		wake_up_interruptible(&buf->read_wait);
		if (!buf->dentry)
			continue;
		chan->cb->remove_buf_file(buf->dentry);
		relay_dentry_put(buf->dentry);
	}
}

/*
 * CPUs may come up while buffers are allocated. So check under the mutex that no CPU
 * lacks a buffer, and list the channel before the mutex is dropped: from then on CPU
 * hotplug gives it buffers.
 *
 * Return: a CPU that needs a buffer of the channel and has none; nr_cpu_ids when the
 * channel is listed.
 */
static unsigned int relay_list_channel(struct relay_chan *chan)
{
	struct relay_buf *buf;
	unsigned int cpu;

	guard(mutex)(&relay_channels_mutex);
	for_each_cpu(cpu, &relay_prepared_cpus)
		if (!relay_chan_buf(chan, cpu))
			return cpu;
	relay_for_each_buf(buf, chan)
		WRITE_ONCE(buf->ring.disabled, relay_chan_refuses(chan));
	list_add(&chan->list, &relay_channels);
	return nr_cpu_ids;
}

/*
 * Check the memory for what is sure to be needed before any is allocated, so that a
 * request that cannot succeed takes none.
 *
 * Not under relay_channels_mutex: creating a file waits for the lock of its directory. A
 * client that removes the directory holds that lock while it waits for readers, which may
 * wait for the mutex.
 */
static int relay_open_bufs(struct relay_chan *chan)
{
	const struct cpumask *cpus = chan->is_global ? cpu_possible_mask :
						       &relay_prepared_cpus;
	unsigned int n = chan->is_global ? 1 : cpumask_weight(cpus);
	unsigned int cpu = cpumask_first(cpus);
	/* create_buf_file() of a client decides whether the channel is global. */
	int err = relay_check_memory(chan, chan->cb->create_buf_file ? 1 : n);

	if (!err)
		err = relay_add_buf(relay_make_buf(chan, cpu));
	if (!err && !chan->is_global)
		err = relay_check_memory(chan, n - 1);
	while (!err && (cpu = relay_list_channel(chan)) < nr_cpu_ids)
		err = relay_add_buf(relay_make_buf(chan, cpu));
	return err;
}

/* For a channel outside of the reserved area, where relay_reserved_open() does this. */
static int relay_alloc_private(struct relay_chan *chan, size_t size)
{
	if (!size)
		return 0;
	if (size >> PAGE_SHIFT >= si_mem_available())
		return -ENOMEM;
	size = PAGE_ALIGN(size);
	chan->private_area = vzalloc(size);
	if (!chan->private_area)
		return -ENOMEM;
	chan->private_size = size;
	return 0;
}

static int relay_setup_channel(struct relay_chan *chan, size_t private_size)
{
	int err = 0;

	/* First, because the search for a place in the area may clear closed channels. */
	if (chan->has_base_filename && !chan->cb->create_buf_file)
		err = relay_dir_create(chan);
	if (!err && chan->flags & RELAY_RESERVED) {
		err = IS_ENABLED(CONFIG_RELAY_RESERVED) ?
		      relay_reserved_open(chan, private_size) : -ENODEV;
		if (!err)
			chan->memory = &relay_reserved_memory;
	} else if (!err) {
		err = relay_alloc_private(chan, private_size);
	}
	if (!err && chan->dir && chan->private_area)
		err = relay_dir_create_private(chan);
	if (!err)
		err = relay_open_bufs(chan);
	if (!err && IS_ENABLED(CONFIG_RELAY_RESERVED))
		relay_reserved_publish(chan);
	return err;
}

/**
 * relay_chan_remove - remove a channel that has no writer
 * @chan: the channel
 *
 * Context: May sleep.
 */
void relay_chan_remove(struct relay_chan *chan)
{
	struct relay_buf *buf;

	relay_chan_end_watch(chan);
	/* A holder of the mutex may be going through the channel's buffers. */
	scoped_guard(mutex, &relay_channels_mutex) {
		list_del(&chan->list);
		/* Before @closed, because a program reads the meta page when poll() hangs up. */
		relay_for_each_buf(buf, chan)
			relay_meta_close(buf);
		/* Pairs with the acquire in relay_chan_closed(). */
		smp_store_release(&chan->closed, true);
	}
	/* A channel need not have a buffer, for which relay_close_bufs() wakes readers. */
	wake_up_interruptible(&chan->read_wait);
	relay_close_bufs(chan);
	relay_dir_remove(chan);
	relay_chan_put(chan);
}

static struct rchan *relay_create_channel(const struct relay_params *params,
					  struct module *owner)
{
	struct relay_chan *chan;
	int err = relay_check_params(params);

	if (err)
		return ERR_PTR(err);
	chan = relay_chan_alloc(params);
	if (!chan)
		return ERR_PTR(-ENOMEM);
	chan->owner = owner;
	/* A file may be opened before the channel has buffers, which watched() may write to. */
	scoped_guard(mutex, &chan->watch_mutex) {
		err = relay_setup_channel(chan, params->private_size);
		WRITE_ONCE(chan->unwatchable, err);
	}
	if (err) {
		relay_chan_remove(chan);
		return ERR_PTR(err);
	}
	if (chan->timer_period)
		queue_delayed_work(system_dfl_wq, &chan->timer, chan->timer_period);
	return &chan->client;
}

/**
 * __relay_open_params - relay_open_params() for a given module
 * @params: what the channel shall be
 * @owner: the module that an open file on relayfs keeps
 *
 * Context: May sleep.
 * Return: as relay_open_params().
 */
struct rchan *__relay_open_params(const struct relay_params *params, struct module *owner)
{
	if (params->cb && params->cb->subbuf_start)
		return ERR_PTR(-EINVAL);
	return relay_create_channel(params, owner);
}
EXPORT_SYMBOL_GPL(__relay_open_params);

/**
 * relay_open - create a new relay channel
 * @base_filename: base name of files to create
 * @parent: dentry of parent directory, %NULL for root directory or buffer
 * @subbuf_size: size of sub-buffers
 * @n_subbufs: number of sub-buffers
 * @cb: client callback functions
 * @private_data: user-defined data
 *
 * As relay_open_params(), for clients with the callbacks of
 * &struct rchan_callbacks.
 *
 * Context: May sleep.
 * Return: channel pointer if successful, %NULL otherwise.
 */
struct rchan *relay_open(const char *base_filename, struct dentry *parent,
			 size_t subbuf_size, size_t n_subbufs,
			 const struct rchan_callbacks *cb, void *private_data)
{
	struct relay_params params = {
		.name		= base_filename,
		.parent		= parent,
		.subbuf_size	= subbuf_size,
		.n_subbufs	= n_subbufs,
		.cb		= cb,
		.private_data	= private_data,
	};
	struct rchan *chan;

	if (!cb || !cb->create_buf_file || !cb->remove_buf_file)
		return NULL;
	chan = relay_create_channel(&params, NULL);
	return IS_ERR(chan) ? NULL : chan;
}
EXPORT_SYMBOL_GPL(relay_open);

static void relay_chan_call(struct relay_chan *chan, relay_ring_func func)
{
	struct relay_buf *buf;

	guard(cpus_read_lock)();
	guard(mutex)(&relay_channels_mutex);
	relay_for_each_buf(buf, chan)
		relay_buf_call(buf, func);
}

/**
 * relay_close - close the channel
 * @rchan: the channel, or NULL
 *
 * Lets no writer enter another sub-buffer, and counts the records that it refuses.
 * Waits for writers that are under way, and delivers what they committed. Wakes readers,
 * which can drain the buffers through files they have open. The channel must not be used
 * afterwards.
 *
 * Context: May sleep, takes cpus_read_lock().
 */
void relay_close(struct rchan *rchan)
{
	struct relay_chan *chan = relay_chan_of(rchan);

	if (!chan)
		return;

	relay_chan_end_watch(chan);
	cancel_delayed_work_sync(&chan->timer);
	relay_chan_call(chan, relay_ring_disable);
	/* Writers have preemption off. */
	synchronize_rcu();
	relay_chan_call(chan, relay_ring_flush);
	relay_chan_remove(chan);
}
EXPORT_SYMBOL_GPL(relay_close);

/**
 * relay_flush - deliver the records written so far
 * @rchan: the channel, or NULL
 *
 * Closes the current sub-buffer of each buffer, if it holds a record. Safe against
 * writers on any CPU. A sub-buffer with an open reservation is delivered when that is
 * committed.
 *
 * Context: May sleep, takes cpus_read_lock(); any context for a global channel. Does
 * nothing in an NMI on an architecture on which that is not safe.
 */
void relay_flush(struct rchan *rchan)
{
	struct relay_chan *chan = relay_chan_of(rchan);

	if (!chan || relay_nmi_unsafe())
		return;
	if (!chan->is_global) {
		relay_chan_call(chan, relay_ring_switch);
		return;
	}
	guard(preempt)();
	relay_ring_switch(&(*raw_cpu_ptr(chan->buf))->ring);
}
EXPORT_SYMBOL_GPL(relay_flush);

/**
 * relay_trigger - tell readers to take a snapshot now
 * @rchan: the channel, or NULL
 *
 * For a client that has detected the event that its flight recorder waits for. poll() of
 * each open file of the channel on relayfs returns EPOLLPRI until the file's reader asks
 * for the number of triggers. The buffers stay as they are.
 *
 * Context: Any, NMI included. Does nothing in an NMI on an architecture on which that is
 * not safe.
 */
notrace void relay_trigger(struct rchan *rchan)
{
	struct relay_chan *chan = relay_chan_of(rchan);
	struct relay_buf *buf;

	if (!chan || relay_nmi_unsafe())
		return;
	atomic_inc(&chan->triggers);
	preempt_disable_notrace();
	/* A wake-up takes locks. */
	relay_for_each_buf(buf, chan)
		relay_queue_work(&buf->wakeup_work);
	preempt_enable_notrace();
}
EXPORT_SYMBOL_GPL(relay_trigger);

static void relay_reset_buf(struct relay_buf *buf)
{
	guard(mutex)(&buf->reader.lock);
	relay_lend_reclaim(buf);
	relay_buf_call(buf, relay_ring_restart);
	/* Done here and not on the writer's CPU, because the cost grows with n_subbufs. */
	if (buf->reader.lent) {
		relay_lend_erase(buf);
	} else {
		relay_ring_erase(&buf->ring);
		relay_meta_consume_before(buf, atomic_long_read(&buf->ring.control->reset));
	}
	if (buf->ring.ops->admit)
		relay_buf_call(buf, relay_gate_enter);
	WRITE_ONCE(buf->reader.copy.pos, buf->reader.copy.end);
}

/**
 * relay_reset - reset the channel
 * @rchan: the channel, or NULL
 *
 * Throws away all data of all buffers. A record that another CPU is writing meanwhile is
 * either thrown away or kept. Mappings stay in effect. Sub-buffers that are in a pipe stay
 * as they are until the pipe drops them.
 *
 * Context: May sleep, takes cpus_read_lock().
 */
void relay_reset(struct rchan *rchan)
{
	struct relay_chan *chan = relay_chan_of(rchan);
	struct relay_buf *buf;

	if (!chan)
		return;

	guard(cpus_read_lock)();
	guard(mutex)(&relay_channels_mutex);
	relay_for_each_buf(buf, chan)
		relay_reset_buf(buf);
}
EXPORT_SYMBOL_GPL(relay_reset);

/**
 * relay_private_area - memory for the owner of a channel
 * @rchan: the channel
 * @size: set to the size of the area in bytes; or NULL
 *
 * The area is zero when the channel is opened, and records never overwrite it. Readers
 * find it in the file "private" of the channel's directory, and with RELAY_RESERVED in
 * the bank after a crash.
 *
 * Context: Any, while the channel is open.
 * Return: address of the area; NULL for a channel without one.
 */
void *relay_private_area(struct rchan *rchan, size_t *size)
{
	struct relay_chan *chan = relay_chan_of(rchan);

	if (size)
		*size = chan->private_size;
	return chan->private_area;
}
EXPORT_SYMBOL_GPL(relay_private_area);

/*
 * Consumption and statistics
 */

/**
 * relay_buf_full - boolean, is the channel buffer full?
 * @buf: channel buffer
 *
 * Context: Any.
 * Return: 1 if the buffer is full, 0 otherwise.
 */
notrace int relay_buf_full(struct rchan_buf *buf)
{
	return relay_ring_full(&buf->ring);
}
EXPORT_SYMBOL_GPL(relay_buf_full);

/**
 * relay_subbufs_consumed - update the buffer's sub-buffers-consumed count
 * @rchan: the channel
 * @cpu: the cpu associated with the channel buffer to update
 * @subbufs_consumed: number of sub-buffers to add to current buf's count
 *
 * Adds to the channel buffer's consumed sub-buffer count. subbufs_consumed
 * should be the number of sub-buffers newly consumed, not the total consumed.
 *
 * NOTE. Kernel clients don't need to call this function if the channel mode is
 * 'overwrite'. On relayfs it is for channels without a reader: it neither updates
 * @consumed of the meta page, nor waits for sub-buffers that are in a pipe.
 *
 * Context: Any.
 */
void relay_subbufs_consumed(struct rchan *rchan, unsigned int cpu, size_t subbufs_consumed)
{
	struct relay_chan *chan = relay_chan_of(rchan);
	struct relay_buf *buf;
	struct relay_span span;
	unsigned long cursor;

	if (!chan || cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return;
	buf = relay_chan_buf(chan, cpu);
	if (!buf || subbufs_consumed > chan->n_subbufs)
		return;

	cursor = atomic_long_read(&buf->ring.control->consumed);
	while (subbufs_consumed-- && !relay_ring_peek(&buf->ring, &cursor, &span))
		relay_ring_consume(&buf->ring, &span);
}
EXPORT_SYMBOL_GPL(relay_subbufs_consumed);

/**
 * relay_buf_stats - get the counters of a buffer
 * @buf: the buffer
 * @counters: filled in; exact when no writer is active
 *
 * Context: Any.
 */
void relay_buf_stats(struct rchan_buf *buf, struct relay_counters *counters)
{
	memset(counters, 0, sizeof(*counters));
	relay_count(relay_buf_of(buf), counters);
}
EXPORT_SYMBOL_GPL(relay_buf_stats);

/**
 * relay_chan_stats - get the counters of a channel
 * @rchan: the channel
 * @counters: filled in with the sum over all buffers, including those of dead CPUs;
 *	exact when no writer is active
 *
 * Context: Any, while the channel is open.
 */
void relay_chan_stats(const struct rchan *rchan, struct relay_counters *counters)
{
	const struct relay_chan *chan = relay_chan_of(rchan);
	struct relay_buf *buf;

	memset(counters, 0, sizeof(*counters));
	relay_for_each_buf(buf, chan)
		relay_count(buf, counters);
}
EXPORT_SYMBOL_GPL(relay_chan_stats);

/* Records lost since the channel was opened or reset. */
static size_t relay_buf_lost(const struct relay_buf *buf, unsigned int why)
{
	return relay_word_read(&buf->ring.control->lost[why]) - READ_ONCE(buf->lost_base[why]);
}

/**
 * relay_stats - get channel buffer statistics
 * @rchan: the channel
 * @flags: RELAY_STATS_BUF_FULL, RELAY_STATS_WRT_BIG, or both for the sum
 *
 * Context: Any, while the channel is open.
 * Return: records lost for these reasons since the channel was opened or reset.
 */
size_t relay_stats(struct rchan *rchan, int flags)
{
	struct relay_chan *chan = relay_chan_of(rchan);
	struct relay_buf *buf;
	size_t count = 0;

	if (!chan || flags & ~(RELAY_STATS_BUF_FULL | RELAY_STATS_WRT_BIG))
		return 0;

	relay_for_each_buf(buf, chan) {
		if (flags & RELAY_STATS_BUF_FULL)
			count += relay_buf_lost(buf, RELAY_LOST_FULL);
		if (flags & RELAY_STATS_WRT_BIG)
			count += relay_buf_lost(buf, RELAY_LOST_TOO_BIG);
	}
	return count;
}
EXPORT_SYMBOL_GPL(relay_stats);

/*
 * CPU hotplug
 */

/* The boot CPU is up before CPU hotplug calls relay_prepare_cpu() for any CPU. */
static int __init relay_init_cpus(void)
{
	cpumask_copy(&relay_prepared_cpus, cpu_online_mask);
	return 0;
}
early_initcall(relay_init_cpus);

/*
 * Return: a channel in which the CPU has no buffer, for relay_chan_put(); NULL if there
 * is none. Then @cpu is in relay_prepared_cpus, so that new channels give it a buffer.
 */
static struct relay_chan *relay_chan_without(unsigned int cpu)
{
	struct relay_chan *chan;

	guard(mutex)(&relay_channels_mutex);
	list_for_each_entry(chan, &relay_channels, list) {
		if (!relay_chan_buf(chan, cpu)) {
			kref_get(&chan->kref);
			return chan;
		}
	}
	cpumask_set_cpu(cpu, &relay_prepared_cpus);
	return NULL;
}

/* The channel may close during the allocation; then it needs no buffer. */
static int relay_add_cpu(struct relay_chan *chan, unsigned int cpu)
{
	struct relay_buf *buf = relay_make_buf(chan, cpu);

	guard(mutex)(&relay_channels_mutex);
	if (!chan->closed)
		return relay_add_buf(buf);
	if (!IS_ERR(buf) && list_empty(&buf->list))
		relay_buf_free(buf);
	return 0;
}

/**
 * relay_prepare_cpu - a CPU is about to come up
 * @cpu: the CPU
 *
 * Context: CPU hotplug, before @cpu runs.
 * Return: 0; or -ENOMEM, or the error of a create_buf_file(), which keep @cpu down.
 */
int relay_prepare_cpu(unsigned int cpu)
{
	struct relay_chan *chan;
	int err = 0;

	while (!err && (chan = relay_chan_without(cpu))) {
		err = relay_add_cpu(chan, cpu);
		relay_chan_put(chan);
	}
	if (err) {
		pr_err("relay: no buffer or file for CPU %u (error %d), it stays down\n", cpu, err);
		relay_dead_cpu(cpu);
	}
	return err;
}

/**
 * relay_dead_cpu - a CPU is gone
 * @cpu: the CPU
 *
 * Delivers the records that the CPU has written. Its buffers stay, with their files and
 * counts.
 *
 * Context: CPU hotplug, after @cpu ran for the last time.
 * Return: 0.
 */
int relay_dead_cpu(unsigned int cpu)
{
	struct relay_buf *buf;
	struct relay_chan *chan;

	guard(mutex)(&relay_channels_mutex);
	cpumask_clear_cpu(cpu, &relay_prepared_cpus);
	list_for_each_entry(chan, &relay_channels, list) {
		buf = relay_chan_buf(chan, cpu);
		if (!buf)
			continue;
		/* Deliver the records that are left. */
		if (!buf->ring.global)
			relay_buf_call(buf, relay_ring_flush);
		if (buf->seals)
			queue_work(system_dfl_wq, &buf->seal_worker);
		/*
		 * relay_queue_work() has dropped the wake-ups for sub-buffers that
		 * @cpu delivered after it went offline, and for triggers.
		 */
		relay_for_each_buf(buf, chan)
			relay_buf_wake_now(buf);
	}
	return 0;
}
