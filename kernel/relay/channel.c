// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on an open channel that all layers use: count its open files, and run a
 * function on a buffer's ring on the CPU of its writers.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include "internal.h"

/*
 * Open channels. CPU hotplug takes the mutex inside of its own lock. Readers wait for
 * the mutex, so do not allocate sub-buffers under it.
 */
DEFINE_MUTEX(relay_channels_mutex);
LIST_HEAD(relay_channels);

/* Set by relay_hold_reserved(), under relay_channels_mutex. */
static bool relay_reserved_held;

/*
 * Open files
 */

/* Context: chan->watch_mutex is held, so that the calls of watched() are in order. */
static void relay_chan_watched(struct relay_chan *chan, bool watched)
{
	if (chan->ops && chan->ops->watched)
		chan->ops->watched(&chan->client, watched);
}

/**
 * relay_chan_watch - count a file of a channel that is opened
 * @chan: the channel
 *
 * For the first open file, takes a reference on the module that owns the channel, and
 * calls the client's watched().
 *
 * Context: May sleep.
 * Return: 0 when relay_chan_unwatch() must follow; -ENODEV for a channel that is being
 * closed, or whose module is about to go; -EINTR when the calling task is killed while
 * it waits for another open or close.
 */
int relay_chan_watch(struct relay_chan *chan)
{
	int err;

	ACQUIRE(mutex_kill, lock)(&chan->watch_mutex);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	if (err)
		return err;
	if (chan->unwatchable)
		return -ENODEV;
	if (!chan->watchers) {
		/* relay_close() was not called, so the module is still loaded. */
		if (!try_module_get(chan->owner))
			return -ENODEV;
		relay_chan_watched(chan, true);
	}
	chan->watchers++;
	return 0;
}

/**
 * relay_chan_unwatch - undo relay_chan_watch() when a file is closed
 * @chan: the channel
 *
 * Context: May sleep.
 */
void relay_chan_unwatch(struct relay_chan *chan)
{
	guard(mutex)(&chan->watch_mutex);
	if (--chan->watchers || chan->unwatchable)
		return;
	relay_chan_watched(chan, false);
	module_put(chan->owner);
}

/**
 * relay_chan_end_watch - let no more files of a channel be opened
 * @chan: the channel
 *
 * Drops the module here, and not when the last file is closed, because a module whose
 * init function fails after relay_close() is freed whatever its reference count is.
 *
 * Context: May sleep.
 */
void relay_chan_end_watch(struct relay_chan *chan)
{
	guard(mutex)(&chan->watch_mutex);
	if (chan->watchers && !chan->unwatchable)
		module_put(chan->owner);
	WRITE_ONCE(chan->unwatchable, true);
}

/*
 * Calls on the writer's CPU
 */

struct relay_call {
	struct relay_ring	*ring;
	relay_ring_func		func;
};

static void relay_run_call(void *info)
{
	const struct relay_call *call = info;

	call->func(call->ring);
}

/**
 * relay_buf_call - run a function on a buffer's ring, safe against its writers
 * @buf: the buffer
 * @func: the function
 *
 * Runs it on the buffer's CPU, with interrupts off, where it nests like any interrupt;
 * or on the calling CPU, if the buffer's CPU is dead or the ring is global.
 *
 * Context: May sleep; under cpus_read_lock() and relay_channels_mutex, or in CPU hotplug.
 * The lock is needed because a CPU that goes down still runs after it is offline, and a
 * CPU that comes up runs before it is online.
 */
void relay_buf_call(struct relay_buf *buf, relay_ring_func func)
{
	struct relay_call call = { &buf->ring, func };

	lockdep_assert_cpus_held();
	/* Only @buf->cpu can have a writer in the ring, if it is online. */
	if (!buf->ring.global && cpu_online(buf->cpu)) {
		smp_call_function_single(buf->cpu, relay_run_call, &call, true);
		return;
	}
	guard(preempt)();
	func(&buf->ring);
}

static bool relay_channels_trylock(void)
{
	if (!cpus_read_trylock())
		return false;
	if (mutex_trylock(&relay_channels_mutex))
		return true;
	cpus_read_unlock();
	return false;
}

/**
 * relay_buf_deliver - flush a buffer for a reader
 * @buf: the buffer
 *
 * A reader does not wait for the locks once the channel is closed. The client that
 * removes the channel's file may hold the lock of its directory while it waits for the
 * reader; and the task that holds the locks may wait for that directory, to create a file
 * of another channel or of a CPU that comes up.
 *
 * Context: May sleep. The caller holds neither the reader's lock, which relay_reset()
 * takes under relay_channels_mutex, nor that of CPU hotplug.
 * Return: 0, also for a closed channel; -ERESTARTSYS when a signal ends the wait.
 */
int relay_buf_deliver(struct relay_buf *buf)
{
	while (!relay_channels_trylock()) {
		if (relay_chan_closed(relay_buf_chan(buf)))
			return 0;
		if (signal_pending(current))
			return -ERESTARTSYS;
		schedule_timeout_interruptible(1);
	}
	if (!relay_buf_chan(buf)->closed)
		relay_buf_call(buf, relay_ring_flush);
	mutex_unlock(&relay_channels_mutex);
	cpus_read_unlock();
	return 0;
}

/*
 * Hold
 */

/**
 * relay_chan_refuses - is a channel closing or held, so that it refuses records?
 * @chan: the channel
 *
 * For a buffer that is added meanwhile, which must be disabled like the others.
 *
 * Context: relay_channels_mutex is held, or the channel is not listed yet.
 * Return: whether it refuses records.
 */
bool relay_chan_refuses(const struct relay_chan *chan)
{
	return READ_ONCE(chan->unwatchable) || (chan->place && relay_reserved_held);
}

static void relay_ring_enable(struct relay_ring *ring)
{
	WRITE_ONCE(ring->disabled, false);
}

static void relay_hold_channels(bool hold)
{
	struct relay_chan *chan;
	struct relay_buf *buf;

	guard(cpus_read_lock)();
	guard(mutex)(&relay_channels_mutex);
	relay_reserved_held = hold;
	list_for_each_entry(chan, &relay_channels, list) {
		if (!chan->place || (!hold && READ_ONCE(chan->unwatchable)))
			continue;
		relay_for_each_buf(buf, chan)
			relay_buf_call(buf, hold ? relay_ring_hold : relay_ring_enable);
	}
}

/**
 * relay_hold_reserved - let no writer into the reserved area
 * @hold: true to refuse records, false to accept them again
 *
 * Also holds channels that are opened meanwhile, and buffers of CPUs that come up. Does
 * not enable a channel that is about to close, because relay_close() may have disabled it.
 *
 * Context: May sleep, takes cpus_read_lock().
 */
void relay_hold_reserved(bool hold)
{
	relay_hold_channels(hold);
	if (!hold)
		return;
	/*
	 * A writer that read @disabled before the hold may enter a sub-buffer after it.
	 * Wait for such writers, which have preemption off, and hold again.
	 */
	synchronize_rcu();
	relay_hold_channels(true);
}
