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
 * @open:	@recorder is open
 * @live:	the channel may have more sub-buffers
 * @ready:	the channel may have a sub-buffer now, and is in &record.ready
 * @copying:	the message that the reader copies was printed
 * @made:	record made the output directory of the flight recorder
 * @error:	0, or why the recording could not go on
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
 * @names:	names of the channels
 * @n_channels:	number of channels
 * @all:	record all channels on relayfs
 * @dirs:	each channel has a directory of its name in the output
 * @instance:	instance of tracefs whose trace is the only channel, and which is stopped when
 *		the recording ends; or NULL
 * @channels:	the channels, with their recordings
 * @n_live:	number of channels that may have more sub-buffers
 * @ready:	channels that may have a sub-buffer now
 * @n_ready:	number of @ready
 * @budget:	bytes that all channels together may store
 * @child:	the command to run during the recording
 * @daemon:	how to go into the background
 * @seconds:	end after so many seconds; 0 for no limit
 * @quiet:	print errors only
 * @verbose:	print how often the process woke up
 * @snapshot:	take a snapshot of each channel, and end
 * @timestamp:	append the time to the name of the output
 * @taken:	number of snapshots taken
 * @epoll:	readable when a channel or @signals has an event
 * @events:	room for the events of @epoll
 * @turns:	number of waits that ended
 * @signals:	signalfd
 * @ending:	a signal to end was passed on to the command, which runs still
 * @stopping:	the channels are being drained
 * @abandoned:	end without draining: a second signal, or a flight recorder
 * @failed:	EXIT_NOT_STORED if a snapshot failed, else 0
 * @progress:	the progress line on a terminal
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
#define LOSSES_SIZE	96

void record_sum(const struct record *record, struct totals *sum);
const char *format_losses(const struct totals *totals, bool trace, char to[LOSSES_SIZE]);
int report_totals(const struct totals *totals, const char *to);
void record_summarize(const struct record *record, uint64_t ms);
int record_report(const struct record *record);

#endif /* _RELAYCTL_RECORD_H */
