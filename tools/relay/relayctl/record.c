// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl record: a channel into files, or a stream.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "notify.h"
#include "progress.h"
#include "recorder.h"

/* Steps between two looks whether a signal came. */
#define RECORD_RUN	16

/**
 * struct record - the command
 * @options:	what to record
 * @quiet:	say nothing but errors
 * @snapshot:	take one, and that is it
 * @signals:	a descriptor for those that we wait for
 * @stopping:	one of them said so
 * @abandoned:	and again, or what is written cannot be had
 * @undrained:	0, or why not
 * @failed:	an exit code, of a snapshot that was not taken
 * @copying:	it was said that the reader copies
 * @progress:	the line on a terminal
 * @recorder:	the recording
 */
struct record {
	struct recorder_options	options;
	bool			quiet;
	bool			snapshot;
	int			signals;
	bool			stopping;
	bool			abandoned;
	int			undrained;
	int			failed;
	bool			copying;
	struct progress		progress;
	struct recorder		recorder;
};

/*
 * Options
 */

static const struct option long_options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "rotate-size", required_argument,	NULL, 's' },
	{ "rotate-time", required_argument,	NULL, 't' },
	{ "keep",	required_argument,	NULL, 'k' },
	{ "fsync",	required_argument,	NULL, 'f' },
	{ "splice",	no_argument,		NULL, 'p' },
	{ "flight",	no_argument,		NULL, 'F' },
	{ "snapshot",	no_argument,		NULL, 'S' },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static bool parse_fsync(const char *text, enum fsync_policy *policy)
{
	static const char *const names[] = { "none", "part", "always" };

	for (unsigned int i = 0; i < 3; i++)
		if (!strcmp(text, names[i])) {
			*policy = i;
			return true;
		}
	return false;
}

static bool parse_seconds(const char *text, uint64_t *ms)
{
	bool valid = parse_number(text, ms) && *ms && *ms <= UINT64_MAX / 1000;

	*ms *= 1000;
	return valid;
}

static bool parse_option(struct record *record, int option)
{
	struct recorder_options *options = &record->options;

	switch (option) {
	case 'o':
		options->output = optarg;
		return *optarg;
	case 's':
		return parse_size(optarg, &options->rotate_size);
	case 't':
		return parse_seconds(optarg, &options->rotate_ms);
	case 'k':
		return parse_number(optarg, &options->keep) && options->keep;
	case 'f':
		return parse_fsync(optarg, &options->fsync);
	case 'p':
		options->splice = true;
		return true;
	case 'F':
		record->options.flight = true;
		return true;
	case 'S':
		record->snapshot = true;
		return true;
	case 'q':
		record->quiet = true;
		return true;
	}
	return false;
}

/* Options that make no sense together. */
static bool options_agree(const struct record *record)
{
	const struct recorder_options *options = &record->options;
	bool stream = !strcmp(options->output, "-");
	bool rotate = options->rotate_size || options->rotate_ms;
	bool snapshots = options->flight || record->snapshot;

	return !(stream && (rotate || snapshots)) && !(snapshots && rotate) &&
	       !(options->flight && record->snapshot) && (rotate || !options->keep);
}

/* Without an output, it is named after the channel. */
static void name_output(struct recorder_options *options, char *name, size_t size)
{
	const char *slash = strrchr(options->channel, '/');

	if (options->output)
		return;
	snprintf(name, size, "%s.relay", slash ? slash + 1 : options->channel);
	options->output = name;
}

/* Return: -1 to go on, or an exit code. */
static int parse_options(struct record *record, int argc, char **argv)
{
	static char name[256];
	int option;

	while ((option = getopt_long(argc, argv, "o:s:t:k:f:pFSqh", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return say_help(&record_command);
		if (parse_option(record, option))
			continue;
		if (option != '?')
			fprintf(stderr, "relayctl: not a valid value: %s\n", optarg);
		return say_usage(&record_command);
	}
	if (optind + 1 != argc)
		return say_usage(&record_command);
	record->options.channel = argv[optind];
	name_output(&record->options, name, sizeof(name));
	if (!options_agree(record)) {
		fprintf(stderr, "relayctl: these options do not go together\n");
		return say_usage(&record_command);
	}
	if (!strcmp(record->options.output, "-"))
		record->options.output = NULL;
	return -1;
}

/*
 * Signals
 */

/* nohup(1) has a program ignore SIGHUP, so that it goes on when the session ends. */
static bool hangup_ignored(void)
{
	struct sigaction action;

	return !sigaction(SIGHUP, NULL, &action) && action.sa_handler == SIG_IGN;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	if (!hangup_ignored())
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int complain_of_output(const char *path, int err)
{
	if (err == -EEXIST)
		fprintf(stderr,
			"relayctl: %s has a recording; choose another directory with --output\n",
			path);
	else if (err == -ENODEV)
		fprintf(stderr, "relayctl: %s is not taken: the channel is closed\n", path);
	else
		complain(path, err);
	return EXIT_FAILED;
}

/* Return: an exit code. */
static int report_totals(const struct totals *totals, const char *to)
{
	if (!totals->error)
		return EXIT_OK;
	complain(to, totals->error);
	/* (Of what a disk has lost behind our back nobody knows how much.) */
	if (totals->unstored)
		fprintf(stderr, "%llu sub-buffers with %llu records are not stored\n",
			(unsigned long long)totals->unstored,
			(unsigned long long)totals->unstored_records);
	return EXIT_NOT_STORED;
}

static void snapshot_taken(struct record *record, const struct totals *totals,
			   const char *path, int err)
{
	bool failed = report_totals(totals, path) || err;

	if (err)
		complain_of_output(path, err);
	if (failed)
		record->failed = EXIT_NOT_STORED;
	else if (!record->quiet)
		fprintf(stderr, "%s: snapshot taken\n", path);
}

static void dump(struct record *record)
{
	char path[4096] = "a snapshot";
	struct totals totals = { 0 };
	int err = recorder_dump(&record->recorder, path, sizeof(path), &totals);

	snapshot_taken(record, &totals, path, err);
}

/* Everything that is written is delivered, and then the end comes by itself. */
static void stop(struct record *record)
{
	if (record->stopping || record->options.flight) {
		record->abandoned = true;
		return;
	}
	notify("STOPPING=1");
	record->stopping = true;
	record->undrained = relay_drain(record->recorder.reader);
	if (record->undrained)
		record->abandoned = true;
}

static void handle_signals(struct record *record)
{
	struct signalfd_siginfo info;

	while (read(record->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			dump(record);
		else
			stop(record);
	}
}

/*
 * Record
 */

/* Return: 1 for more, or an error. */
static int wait_for_more(struct record *record)
{
	struct pollfd fds[] = {
		{ .fd = record->signals, .events = POLLIN },
		{ .fd = relay_fd(record->recorder.reader), .events = POLLIN },
	};
	int timeout = progress_timeout(&record->progress, &record->recorder.totals);

	if (poll(fds, 2, timeout) < 0)
		return -errno;
	if (fds[0].revents)
		handle_signals(record);
	return 1;
}

/* It costs time, so the user is told at once that another reader is the reason. */
static void say_copying(struct record *record)
{
	int why = relay_copying(record->recorder.reader);

	if (record->copying || !why)
		return;
	record->copying = true;
	progress_end(&record->progress);
	fprintf(stderr, "relayctl: %s: sub-buffers are copied from here on: %s\n",
		record->options.channel, relay_strerror(why));
}

/* Return: 1 for more, 0 at the end, -EAGAIN, another error. */
static int record_some(struct record *record)
{
	int err = 1;

	for (unsigned int i = 0; i < RECORD_RUN && err > 0; i++)
		err = recorder_step(&record->recorder);
	return err;
}

static int record_all(struct record *record)
{
	int err;

	while (!record->abandoned) {
		err = record_some(record);
		say_copying(record);
		progress_show(&record->progress, &record->recorder.totals);
		if (err > 0)
			handle_signals(record);
		else if (err == -EAGAIN)
			err = wait_for_more(record);
		if (err <= 0 && err != -EINTR)
			return err;
	}
	return record->undrained;
}

/*
 * The end
 */

static void summarize(const struct record *record, uint64_t ms)
{
	const struct totals *totals = &record->recorder.totals;
	char bytes[16];

	fprintf(stderr, "%s: %llu records in %llu sub-buffers, %s, in %.1f s; ",
		record->options.channel, (unsigned long long)totals->records,
		(unsigned long long)totals->subbufs,
		format_bytes(totals->bytes, bytes), ms / 1000.0);
	fprintf(stderr, "%llu records lost, %llu sub-buffers missed\n",
		(unsigned long long)totals->lost,
		(unsigned long long)totals->missed);
}

/* Nobody can ask for a snapshot any more; whoever did just now is told. */
static void end_flight(struct record *record)
{
	handle_signals(record);
	if (!record->quiet)
		fprintf(stderr, "%s: closed; what is not in a snapshot is gone\n",
			record->options.channel);
}

static int report(const struct record *record, int err)
{
	int exit_code = report_totals(&record->recorder.totals,
				      record->options.output ? : "stdout");

	if (exit_code)
		return exit_code;
	if (err)
		return complain(record->options.channel, err);
	return record->failed;
}

static int take_snapshot(struct record *record)
{
	const char *output = record->options.output;
	struct totals totals = { 0 };
	int err = recorder_dump_to(&record->recorder, output, &totals);

	snapshot_taken(record, &totals, output, err);
	recorder_close(&record->recorder);
	return record->failed;
}

static int run(struct record *record)
{
	uint64_t began = milliseconds();
	int err;

	err = record->options.flight ? 0 : recorder_start(&record->recorder);
	if (err) {
		recorder_close(&record->recorder);
		return complain_of_output(record->options.output, err);
	}
	progress_init(&record->progress, record->quiet);
	notify("READY=1");
	err = record_all(record);
	if (record->options.flight && !err && !record->abandoned)
		end_flight(record);
	recorder_close(&record->recorder);
	progress_end(&record->progress);
	if (!record->quiet && !record->options.flight)
		summarize(record, milliseconds() - began);
	return report(record, err);
}

static int record_channel(struct record *record)
{
	int err = recorder_open(&record->recorder, &record->options);

	if (err)
		return complain_channel(record->options.channel, err);
	return record->snapshot ? take_snapshot(record) : run(record);
}

static int record_main(int argc, char **argv)
{
	struct record record = { 0 };
	int exit_code = parse_options(&record, argc, argv);

	if (exit_code >= 0)
		return exit_code;
	record.signals = open_signals();
	if (record.signals < 0)
		return complain("signalfd", -errno);
	return record_channel(&record);
}

const struct command record_command = {
	.name		= "record",
	.run		= record_main,
	.usage		= "[OPTION]... CHANNEL",
	.summary	= "Record a channel into a directory, or a stream",
	.help		=
"  -o, --output=DIR       directory of the recording (CHANNEL.relay); -: a stream\n"
"                         to stdout\n"
"  -s, --rotate-size=N    begin a new part when one has N bytes (K, M, G, T)\n"
"  -t, --rotate-time=N    begin a new part when one is N seconds old\n"
"  -k, --keep=N           keep the newest N parts\n"
"  -f, --fsync=WHEN       see data to the disk: none, part (at the end of each),\n"
"                         always (whenever there is no more to write)\n"
"  -F, --flight           consume nothing; a snapshot on each SIGUSR1\n"
"  -S, --snapshot         take a snapshot, and end\n"
"  -p, --splice           splice pages into files, instead of one copy\n"
"  -q, --quiet            say nothing but errors\n"
"  -h, --help             this\n"
"\n"
"SIGINT, SIGTERM, SIGHUP: store everything that is written, and end; again: end\n"
"now.\n"
"SIGUSR1: a snapshot of what is in the buffers, in DIR/dump-NNNNNN.\n"
"\n"
"Exit status: 0, everything that was read is stored; 1, it did not start or could\n"
"not go on; 2, usage; 3, some of it could not be stored.\n",
};
