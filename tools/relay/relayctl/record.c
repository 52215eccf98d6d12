// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl record: channels into files, or one into a stream.
 *
 * One process records all channels, in the loop of record-loop.c. All channels and outputs
 * are open before the first sub-buffer is taken.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "notify.h"
#include "options.h"
#include "record.h"

/* A channel needs a descriptor for each CPU, and one for each output file. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int complain_to_open(const struct record_channel *channel, int err)
{
	const char *name = channel->options.channel;
	int unread = channel->recorder.live.err;

	if (unread == -EBADMSG)
		say("relayctl: %s is a trace, and the metadata in its file private are damaged",
		    name);
	else if (unread)
		say("relayctl: %s: its file private, which a trace has its metadata in: %s", name,
		    relay_strerror(unread));
	else if (err == -ENXIO)
		say("relayctl: %s has no buffer of the CPUs that --cpu names: see relayctl stat",
		    name);
	else
		complain_channel(name, err);
	return EXIT_FAILED;
}

/* Return: an exit code. */
static int check_compression(const struct record_channel *channel)
{
	if (!channel->options.compress || !recorder_is_trace(&channel->recorder))
		return EXIT_OK;
	say("relayctl record: --compress: CTF has no compression, and %s is a trace: leave it out",
	    channel->options.channel);
	return EXIT_USAGE;
}

/* Refuse a budget that has no room for one sub-buffer. Return: an exit code. */
static int check_budget(const struct record *record, const struct record_channel *channel)
{
	uint64_t most = channel->options.max_size ? : record->budget.most;
	uint64_t least = recorder_least(&channel->recorder);

	if (!most || most >= least)
		return EXIT_OK;
	say("relayctl record: --max-size: a sub-buffer of %s needs %llu bytes; there are %llu",
	    channel->options.channel, (unsigned long long)least, (unsigned long long)most);
	return EXIT_FAILED;
}

/* Return: an exit code. */
static int open_channel(struct record *record, struct record_channel *channel)
{
	int err = recorder_open(&channel->recorder, &channel->options);

	/* With --all, a channel may have been closed since the search. */
	if (err == -ENOENT && record->all)
		return EXIT_OK;
	if (err)
		return complain_to_open(channel, err);
	channel->open = true;
	return check_compression(channel) ? : check_budget(record, channel);
}

static int open_channels(struct record *record)
{
	int exit_code = EXIT_OK;

	for (unsigned int i = 0; i < record->n_channels && !exit_code; i++)
		exit_code = open_channel(record, &record->channels[i]);
	return exit_code;
}

static void close_channels(struct record *record)
{
	for (unsigned int i = 0; i < record->n_channels; i++)
		if (record->channels[i].open)
			recorder_close(&record->channels[i].recorder);
}

/* Return: an exit code. */
static int start_channels(struct record *record)
{
	int err = record_make_dirs(record);

	if (err)
		return complain_of_output(record->options.output, err);
	for (unsigned int i = 0; i < record->n_channels; i++) {
		struct record_channel *channel = &record->channels[i];

		if (!channel->open || channel->options.flight)
			continue;
		err = recorder_start(&channel->recorder);
		if (err)
			return complain_of_output(channel->options.output, err);
	}
	return EXIT_OK;
}

/* Return: an exit code. */
static int take_snapshots(struct record *record)
{
	int err = record_make_dirs(record);

	if (err)
		return complain_of_output(record->options.output, err);
	for (unsigned int i = 0; i < record->n_channels; i++) {
		struct record_channel *channel = &record->channels[i];
		const char *output = channel->options.output;
		struct totals totals = { 0 };

		if (!channel->open)
			continue;
		err = recorder_dump_to(&channel->recorder, output, &totals);
		record_snapshot_taken(record, &totals, output, err);
	}
	return record->failed;
}

/* Record: all channels and outputs are open. Return: an exit code. */
static int run(struct record *record)
{
	uint64_t began = milliseconds();
	int err = daemon_write_pidfile(&record->daemon);

	if (err)
		return complain(record->daemon.pidfile, err);
	notify("READY=1");
	err = daemon_detach(&record->daemon);
	if (!err)
		err = record_loop(record);
	close_channels(record);
	record_summarize(record, milliseconds() - began);
	daemon_end(&record->daemon);
	if (err)
		return complain("record", err);
	return record_report(record);
}

/* Return: an exit code. */
static int start(struct record *record)
{
	int exit_code = open_channels(record), err;

	if (!exit_code && record->snapshot)
		exit_code = take_snapshots(record);
	else if (!exit_code)
		exit_code = start_channels(record);
	if (exit_code || record->snapshot) {
		close_channels(record);
		return exit_code;
	}
	err = record_watch(record);
	if (!err)
		return run(record);
	close_channels(record);
	return complain("epoll", err);
}

/* Return: an exit code. */
static int record_channels(struct record *record)
{
	int exit_code = record_find_channels(record), err;

	if (!exit_code)
		exit_code = record_check_output(record);
	if (exit_code)
		return exit_code;
	err = daemon_fork(&record->daemon);
	if (err)
		return complain("fork", err);
	raise_limit();
	err = record_open_loop(record);
	return err ? complain("epoll", err) : start(record);
}

/**
 * record_run - record, and print errors
 * @record: the command, with its options and channels
 *
 * Return: an exit code.
 */
int record_run(struct record *record)
{
	int exit_code;

	record->epoll = -1;
	record->signals = -1;
	/* Only root may read most channels, so only the owner may read a recording. */
	umask(077);
	exit_code = record_channels(record);
	record_close_loop(record);
	record_close_channels(record);
	return exit_code;
}

static int record_main(int argc, char **argv)
{
	struct record record = { 0 };
	int exit_code = record_parse(&record, argc, argv);

	return exit_code < 0 ? record_run(&record) : exit_code;
}

const struct command record_command = {
	.name		= "record",
	.run		= record_main,
	.stores		= true,
	.usage		= "[OPTION]... CHANNEL...|--all [-- COMMAND [ARGUMENT]...]",
	.summary	= "Record channels into a directory, or one into a stream",
	.help		=
"  -o, --output=DIR       directory of the recording (CHANNEL.relay; of several\n"
"                         channels, channels.relay, with a directory for each);\n"
"                         -: a stream to stdout\n"
"  -T, --timestamp        append the time, -YYYYMMDDTHHMMSS, to its name\n"
"  -a, --all              every channel that there is\n"
"  -c, --cpu=LIST         these CPUs only, such as 0,2-3\n"
"  -s, --rotate-size=N    begin a new part when one has N bytes (K, M, G, T)\n"
"  -t, --rotate-time=N    begin a new part when one is N seconds old\n"
"  -k, --keep=N           keep the newest N parts\n"
"  -m, --max-size=N       end when there are N bytes (K, M, G, T); with rotation, keep\n"
"                         so many, the newest\n"
"  -z, --compress[=LEVEL] compress each sub-buffer with zstd (1 to 19; 3)\n"
"  -d, --duration=N       end after N seconds, as at SIGTERM\n"
"  -f, --fsync=WHEN       see data to the disk: none, part (at the end of each),\n"
"                         always (whenever there is no more to write)\n"
"  -F, --flight           consume nothing; a snapshot on each SIGUSR1\n"
"  -g, --on-trigger       with --flight, also when the channel's owner triggers\n"
"  -S, --snapshot         take a snapshot, and end\n"
"  -p, --splice           splice pages into files, instead of one copy\n"
"  -D, --daemon           go into the background when everything is open\n"
"  -P, --pidfile=FILE     where to write the number of the process that records\n"
"  -q, --quiet            say nothing but errors\n"
"  -v, --verbose          say how often it woke up, too\n"
"  -h, --help             this\n"
"\n"
"SIGINT, SIGTERM, SIGHUP: store everything that is written, and end; again: end\n"
"now.\n"
"SIGUSR1: a snapshot of what is in the buffers, in DIR/dump-NNNNNN.\n"
"\n"
"With a COMMAND, it is run, and recorded until it ends; a signal to end is passed on\n"
"to it, as SIGTERM.\n"
"\n"
"Exit status: 0, everything that was read is stored; 1, it did not start or could\n"
"not go on; 2, usage; 3, some of it could not be stored. With a COMMAND, its exit\n"
"status instead of 0.\n",
};
