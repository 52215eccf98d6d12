// SPDX-License-Identifier: GPL-2.0
/*
 * What all layers need of a channel while it lives: that it stays open, that its files
 * are watched, and that something is done to a buffer where no writer is half way.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include "internal.h"

/*
 * Open channels. CPU hotplug takes the mutex inside of its own lock. Readers wait
 * for it, so no sub-buffer is allocated under it.
 */
DEFINE_MUTEX(relay_channels_mutex);
LIST_HEAD(relay_channels);

/* See relay_hold_reserved(); under the mutex, too. */
static bool relay_reserved_held;

/*
 * Open
 */

/**
 * relay_chan_lock - keep a channel open
 * @chan: the channel
 *
 * Context: May sleep. No reader's lock is held.
 * Return: true until relay_chan_unlock(); false for a channel that is closed, or
 * when the calling task is killed.
 */
bool relay_chan_lock(struct relay_chan *chan)
{
	if (mutex_lock_killable(&relay_channels_mutex))
		return false;
	if (!chan->closed)
		return true;
	mutex_unlock(&relay_channels_mutex);
	return false;
}

/*
 * Watched by readers
 */

/* Context: chan->watch_mutex held, so that the client is told in turn. */
static void relay_chan_watched(struct relay_chan *chan, bool watched)
{
	if (chan->ops && chan->ops->watched)
		chan->ops->watched(&chan->client, watched);
}

/**
 * relay_chan_watch - a file of a channel is opened
 * @chan: the channel
 *
 * The first open file holds the module that owns the channel, and the client
 * is told of it.
 *
 * Context: May sleep.
 * Return: 0 when relay_chan_unwatch() must follow; -ENODEV for a channel that
 * is being closed, or whose module is about to go; -EINTR when the calling task is
 * killed while the client is told of another file.
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
		/* relay_close() was not called, so the module is still there. */
		if (!try_module_get(chan->owner))
			return -ENODEV;
		relay_chan_watched(chan, true);
	}
	chan->watchers++;
	return 0;
}

/**
 * relay_chan_unwatch - a file of a channel is closed
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
 * relay_chan_end_watch - a channel is about to close
 * @chan: the channel
 *
 * Drops the module here, and not when the last file is closed, because a module whose
 * init function fails after relay_close() is freed whatever its count says.
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
 * Where no writer is half way
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
 * relay_buf_call - run a function where it does not meet a writer half way
 * @buf: the buffer
 * @func: the function
 *
 * Runs it on the buffer's CPU, with interrupts off, where it nests like any
 * interrupt; or here, when that CPU is dead or the ring is global.
 *
 * Context: May sleep; under cpus_read_lock() and relay_channels_mutex, or in CPU hotplug.
 * A CPU that goes down is offline before it has run for the last time, and one that comes
 * up runs before it is online, so being online says that it runs only while no CPU is on
 * its way.
 */
void relay_buf_call(struct relay_buf *buf, relay_ring_func func)
{
	struct relay_call call = { &buf->ring, func };

	lockdep_assert_cpus_held();
	/* Is there a CPU that alone may write to the buffer, and runs? */
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
 * relay_buf_deliver - hand what is written to a reader
 * @buf: the buffer
 *
 * The client that removes the file of a closed channel may wait for the file's
 * readers while it holds the directory's lock, and the task that holds the locks here
 * may be waiting for that directory, because it creates a file of another channel, or
 * for a CPU that comes up. So a reader does not wait for the locks of a closed channel.
 *
 * Context: May sleep; neither the reader's lock is held, which relay_reset() takes
 * inside, nor that of CPU hotplug.
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
 * relay_chan_refuses - does a channel admit no writer now?
 * @chan: the channel
 *
 * For the buffer of a CPU that comes up for the first time meanwhile: it is disabled
 * like those that were there before.
 *
 * Context: relay_channels_mutex is held.
 * Return: whether it refuses all.
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
 * relay_hold_reserved - admit no writer to the reserved area
 * @hold: whether to; or let them again
 *
 * Holds channels that are opened meanwhile, too, and CPUs that come up. A channel
 * that is about to close is not let go: relay_close() may have disabled it.
 *
 * Context: May sleep, takes cpus_read_lock().
 */
void relay_hold_reserved(bool hold)
{
	relay_hold_channels(hold);
	if (!hold)
		return;
	/*
	 * A writer that was interrupted on its way into a sub-buffer has not seen
	 * the hold, and leaves that sub-buffer open. Writers have preemption off.
	 */
	synchronize_rcu();
	relay_hold_channels(true);
}
