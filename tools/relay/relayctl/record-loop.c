// SPDX-License-Identifier: GPL-2.0
/*
 * The loop of record: one epoll waits for all channels and signals. An idle channel does
 * not wake the process.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "instance.h"
#include "notify.h"
#include "record.h"

/* After so many steps of a channel, look at the other channels and the signals. */
#define RECORD_RUN	16

/*
 * Open
 */

/* nohup(1) makes a program ignore SIGHUP, so that it goes on when the session ends. */
static bool hangup_ignored(void)
{
	struct sigaction action;

	return !sigaction(SIGHUP, NULL, &action) && action.sa_handler == SIG_IGN;
}

/**
 * record_block_signals - block the signals that end a recording, for a signalfd
 * @set: set to these signals
 */
void record_block_signals(sigset_t *set)
{
	sigemptyset(set);
	if (!hangup_ignored())
		sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigprocmask(SIG_BLOCK, set, NULL);
}

static int open_signals(const struct record *record)
{
	sigset_t set;
	int fd;

	record_block_signals(&set);
	sigaddset(&set, SIGUSR1);
	if (record->seconds)
		sigaddset(&set, SIGALRM);
	if (record->child.command)
		sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void make_ready(struct record *record, struct record_channel *channel)
{
	if (channel->ready)
		return;
	channel->ready = true;
	record->ready[record->n_ready++] = channel;
}

/* @channel: the channel of @fd; NULL if @fd is that of the signals */
static int watch(const struct record *record, int fd, struct record_channel *channel)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = channel };

	return epoll_ctl(record->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int watch_channel(struct record *record, struct record_channel *channel)
{
	int err = watch(record, relay_fd(channel->recorder.reader), channel);

	if (err)
		return err;
	channel->live = true;
	record->n_live++;
	/* Sub-buffers that were delivered before need not cause an event. */
	make_ready(record, channel);
	return 0;
}

/* Stop to record the channel. @err: 0, or the error because of which it ends. */
static void end_channel(struct record *record, struct record_channel *channel, int err)
{
	epoll_ctl(record->epoll, EPOLL_CTL_DEL, relay_fd(channel->recorder.reader), NULL);
	channel->live = false;
	channel->error = err;
	record->n_live--;
}

/**
 * record_open_loop - open the descriptors of the loop, and block signals
 * @record: the command; its n_channels is set
 *
 * Return: 0 or an error.
 */
int record_open_loop(struct record *record)
{
	/* Room for the events of all channels and of the signals in one wait. */
	record->events = calloc(record->n_channels + 1, sizeof(*record->events));
	record->ready = calloc(record->n_channels, sizeof(struct record_channel *));
	if (!record->events || !record->ready)
		return -ENOMEM;
	record->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (record->epoll < 0)
		return -errno;
	record->signals = open_signals(record);
	return record->signals < 0 ? record->signals : watch(record, record->signals, NULL);
}

/**
 * record_watch - add the channels to the epoll
 * @record: the command, after record_open_loop()
 *
 * Return: 0 or an error.
 */
int record_watch(struct record *record)
{
	int err = 0;

	for (unsigned int i = 0; i < record->n_channels && !err; i++)
		if (record->channels[i].open)
			err = watch_channel(record, &record->channels[i]);
	return err;
}

/**
 * record_close_loop - close the descriptors of the loop
 * @record: the command
 */
void record_close_loop(struct record *record)
{
	if (record->signals >= 0)
		close(record->signals);
	if (record->epoll >= 0)
		close(record->epoll);
	free(record->events);
	free(record->ready);
}

/*
 * Snapshots
 */

/**
 * record_snapshot_taken - count a snapshot, and say whether it succeeded
 * @record: the command
 * @totals: the totals of the snapshot
 * @path: its directory
 * @err: 0, or why there is no snapshot
 */
void record_snapshot_taken(struct record *record, const struct totals *totals,
			   const char *path, int err)
{
	bool failed = report_totals(totals, path) || err, lost = totals->lost || totals->missed;
	char losses[LOSSES_SIZE];

	if (err)
		complain_of_output(path, err);
	if (failed)
		record->failed = EXIT_NOT_STORED;
	else
		record->taken++;
	if (!failed && !record->quiet)
		say("%s: snapshot taken%s", path,
		    lost ? format_losses(totals, record->instance, losses) : "");
}

static void dump_channel(struct record *record, struct record_channel *channel)
{
	struct totals totals = { 0 };
	char path[4096];
	int err;

	snprintf(path, sizeof(path), "%s", channel->options.output ? : "stdout");
	err = recorder_dump(&channel->recorder, path, sizeof(path), &totals);
	record_snapshot_taken(record, &totals, path, err);
}

static void dump(struct record *record)
{
	for (unsigned int i = 0; i < record->n_channels; i++)
		if (record->channels[i].open)
			dump_channel(record, &record->channels[i]);
}

/*
 * Take one snapshot for all triggers since the last one. Return: 1 after a snapshot; 0 if the
 * channel is closed, -EAGAIN without a trigger, another error.
 */
static int dump_triggered(struct record *record, struct record_channel *channel)
{
	int triggers = relay_wait_trigger(channel->recorder.reader);

	if (triggers <= 0)
		return triggers;
	dump_channel(record, channel);
	return 1;
}

/*
 * Signals
 */

static void drain(struct record *record, struct record_channel *channel)
{
	int err = relay_drain(channel->recorder.reader);

	if (err)
		end_channel(record, channel, err);
	else
		make_ready(record, channel);
}

/* Drain all channels: the loop ends when they have no more sub-buffers. */
static void stop(struct record *record)
{
	if (record->stopping || record->options.flight) {
		record->abandoned = true;
		return;
	}
	notify("STOPPING=1");
	record->stopping = true;
	if (record->instance)
		instance_put(record->instance, "tracing_on", "0", 0);
	for (unsigned int i = 0; i < record->n_channels; i++) {
		struct record_channel *channel = &record->channels[i];

		if (channel->live)
			drain(record, channel);
	}
}

/*
 * A signal to end. If a command runs, pass the signal on: the recording ends after the
 * command, so that it has all that the command caused.
 */
static void end(struct record *record)
{
	if (!child_running(&record->child)) {
		stop(record);
		return;
	}
	record->abandoned = record->ending;
	record->ending = true;
	kill(record->child.pid, SIGTERM);
}

static void handle_signals(struct record *record)
{
	struct signalfd_siginfo info;

	while (read(record->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			dump(record);
		else if (info.ssi_signo != SIGCHLD)
			end(record);
		else if (child_running(&record->child) && child_reap(&record->child))
			stop(record);
	}
}

/*
 * Record
 */

/* A copy costs time, so tell the user at once that another reader is the cause. */
static void say_copying(struct record *record, struct record_channel *channel)
{
	int why = relay_copying(channel->recorder.reader);

	if (channel->copying || !why)
		return;
	channel->copying = true;
	progress_end(&record->progress);
	say("relayctl: %s: sub-buffers are copied from here on: %s", channel->options.channel,
	    relay_strerror(why));
}

static void record_some(struct record *record, struct record_channel *channel)
{
	int err = 1;

	for (unsigned int i = 0; i < RECORD_RUN && err > 0; i++)
		err = recorder_step(&channel->recorder);
	say_copying(record, channel);
	/* Also at the end of the channel, because a trigger may have come just before it. */
	if (channel->options.on_trigger && (!err || err == -EAGAIN))
		err = dump_triggered(record, channel);
	if (err > 0 || err == -EINTR)
		make_ready(record, channel);
	else if (err != -EAGAIN)
		end_channel(record, channel, err);
}

/* A channel that is still ready is added to the same list again. */
static void record_ready(struct record *record)
{
	unsigned int n = record->n_ready;

	record->n_ready = 0;
	for (unsigned int i = 0; i < n; i++) {
		struct record_channel *channel = record->ready[i];

		channel->ready = false;
		if (channel->live)
			record_some(record, channel);
	}
}

static void show_progress(struct record *record, struct totals *totals)
{
	if (!record->progress.on)
		return;
	record_sum(record, totals);
	progress_show(&record->progress, totals);
}

/* Return: 0 or an error. */
static int wait_for_more(struct record *record)
{
	struct totals totals = { 0 };
	int timeout, n;

	show_progress(record, &totals);
	timeout = record->n_ready ? 0 : progress_timeout(&record->progress, &totals);
	n = epoll_wait(record->epoll, record->events, record->n_channels + 1, timeout);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	record->turns++;
	for (int i = 0; i < n; i++) {
		struct record_channel *channel = record->events[i].data.ptr;

		if (!channel)
			handle_signals(record);
		else if (channel->live)
			make_ready(record, channel);
	}
	return 0;
}

static bool goes_on(const struct record *record)
{
	return record->n_live && !record->abandoned && !record->budget.spent;
}

/* All channels have ended, but the command still runs. Return: 0 or an error. */
static int wait_for_child(struct record *record)
{
	struct pollfd fd = { .fd = record->signals, .events = POLLIN };

	while (child_running(&record->child) && !record->abandoned) {
		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return -errno;
		handle_signals(record);
	}
	return 0;
}

/* The channels are closed. A snapshot that a pending signal asks for fails with a message. */
static void end_flight(struct record *record)
{
	handle_signals(record);
	for (unsigned int i = 0; i < record->n_channels && !record->quiet; i++) {
		const struct record_channel *channel = &record->channels[i];

		if (channel->open && !channel->error)
			say("%s: closed; what is not in a snapshot is gone",
			    channel->options.channel);
	}
}

/**
 * record_loop - record, until the end
 * @record: the command, after record_watch()
 *
 * Return: 0 or an error; the error of a channel is in &record_channel.error.
 */
int record_loop(struct record *record)
{
	bool shown = !record->quiet && !record->options.flight && !record->child.command &&
		     !record->daemon.wanted;
	int err = child_start(&record->child);

	if (err)
		return err;
	/* A flight recorder has no progress to show, and a command may use the terminal. */
	progress_init(&record->progress, !shown);
	alarm(record->seconds);
	while (goes_on(record) && !err) {
		record_ready(record);
		if (goes_on(record))
			err = wait_for_more(record);
	}
	if (!err)
		err = wait_for_child(record);
	if (record->options.flight && !err && !record->abandoned)
		end_flight(record);
	progress_end(&record->progress);
	return err;
}
