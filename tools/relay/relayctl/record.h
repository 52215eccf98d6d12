/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_RECORD_H
#define _RELAYCTL_RECORD_H

#include "child.h"
#include "daemon.h"
#include "progress.h"
#include "recorder.h"

/**
 * struct record_channel - a channel that is recorded
 * @options:	what to record of it, and where
 * @recorder:	its recording
 * @open:	its recording is open
 * @live:	there may be more of it
 * @ready:	it may have something, and is in the list of those
 * @copying:	it was said that the reader copies
 * @made:	the directory of a flight recorder was made
 * @error:	0, or why it could not go on
 */
struct record_channel {
	struct recorder_options	options;
	struct recorder		recorder;
	bool			open;
	bool			live;
	bool			ready;
	bool			copying;
	bool			made;
	int			error;
};

/**
 * struct record - the command
 * @options:	what to record of each channel
 * @names:	the channels
 * @n_channels:	how many
 * @all:	those are all that there are
 * @dirs:	each has a directory of its name in the output
 * @instance:	of tracefs, whose trace is the one channel; its events end when the recording
 *		does; NULL
 * @channels:	the same, with their recordings
 * @n_live:	of those, how many there may be more of
 * @ready:	those that may have something
 * @n_ready:	how many
 * @budget:	what all of them may store
 * @child:	the command during which is recorded
 * @daemon:	how it goes into the background
 * @seconds:	and so long; 0: until the end
 * @quiet:	say nothing but errors
 * @verbose:	say how often it woke up
 * @snapshot:	take one of each channel, and that is it
 * @timestamp:	the name of the output ends with the time
 * @taken:	snapshots that were taken, all of them
 * @epoll:	readable when a channel, or @signals, is
 * @events:	room for what @epoll tells
 * @turns:	times that it waited, and went on
 * @signals:	a descriptor for those that we wait for
 * @ending:	one of them said so, and the command is to end first
 * @stopping:	one of them said so
 * @abandoned:	and again, or what is written cannot be had
 * @failed:	an exit code, of a snapshot that was not taken
 * @progress:	the line on a terminal
 */
struct record {
	struct recorder_options	options;
	char			**names;
	unsigned int		n_channels;
	bool			all;
	bool			dirs;
	const char		*instance;
	struct record_channel	*channels;
	unsigned int		n_live;
	struct record_channel	**ready;
	unsigned int		n_ready;
	struct budget		budget;
	struct child		child;
	struct daemon		daemon;
	uint64_t		seconds;
	bool			quiet;
	bool			verbose;
	bool			snapshot;
	bool			timestamp;
	unsigned int		taken;
	int			epoll;
	struct epoll_event	*events;
	uint64_t		turns;
	int			signals;
	bool			ending;
	bool			stopping;
	bool			abandoned;
	int			failed;
	struct progress		progress;
};

/* record.c */
int record_run(struct record *record);

/* record-options.c */
int record_parse(struct record *record, int argc, char **argv);

/* record-channels.c */
int record_find_channels(struct record *record);
void record_close_channels(struct record *record);

/* record-output.c */
int complain_of_output(const char *path, int err);
int record_check_output(struct record *record);
int record_make_dirs(const struct record *record);

/* record-loop.c */
void record_block_signals(sigset_t *set);
int record_open_loop(struct record *record);
int record_watch(struct record *record);
void record_close_loop(struct record *record);
void record_snapshot_taken(struct record *record, const struct totals *totals,
			   const char *path, int err);
int record_loop(struct record *record);

/* record-report.c */
void record_sum(const struct record *record, struct totals *sum);
int report_totals(const struct totals *totals, const char *to);
void record_summarize(const struct record *record, uint64_t ms);
int record_report(const struct record *record);

#endif /* _RELAYCTL_RECORD_H */
