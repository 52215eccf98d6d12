// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl record: a channel into files, or a stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "child.h"
#include "notify.h"
#include "options.h"
#include "progress.h"
#include "recorder.h"
#include "recording.h"

/* Steps between two looks whether a signal came. */
#define RECORD_RUN	16

/**
 * struct record - the command
 * @options:	what to record
 * @child:	the command during which is recorded
 * @seconds:	and so long; 0: until the end
 * @quiet:	say nothing but errors
 * @snapshot:	take one, and that is it
 * @made:	the directory of a flight recorder was made
 * @taken:	snapshots that were taken, all of them
 * @timestamp:	the name of the output ends with the time
 * @signals:	a descriptor for those that we wait for
 * @ending:	one of them said so, and the command is to end first
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
	struct child		child;
	uint64_t		seconds;
	bool			quiet;
	bool			snapshot;
	bool			timestamp;
	bool			made;
	unsigned int		taken;
	int			signals;
	bool			ending;
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
	{ "timestamp",	no_argument,		NULL, 'T' },
	{ "rotate-size", required_argument,	NULL, 's' },
	{ "rotate-time", required_argument,	NULL, 't' },
	{ "keep",	required_argument,	NULL, 'k' },
	{ "duration",	required_argument,	NULL, 'd' },
	{ "fsync",	required_argument,	NULL, 'f' },
	{ "splice",	no_argument,		NULL, 'p' },
	{ "flight",	no_argument,		NULL, 'F' },
	{ "on-trigger", no_argument,		NULL, 'g' },
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

static bool parse_duration(uint64_t *seconds)
{
	return parse_number(optarg, seconds) && *seconds && *seconds <= UINT_MAX;
}

/* Return: what the option takes, if it did not get that; NULL. */
static const char *parse_option(struct record *record, int option)
{
	struct recorder_options *options = &record->options;

	switch (option) {
	case 'o':
		options->output = optarg;
		return *optarg ? NULL : WANT_DIR ", or - for stdout";
	case 'T':
		record->timestamp = true;
		return NULL;
	case 's':
		return parse_size(optarg, &options->rotate_size) ? NULL : WANT_SIZE;
	case 't':
		return parse_seconds(optarg, &options->rotate_ms) ? NULL : WANT_SECONDS;
	case 'k':
		return parse_number(optarg, &options->keep) && options->keep ?
			NULL : WANT_NUMBER;
	case 'd':
		return parse_duration(&record->seconds) ? NULL : WANT_SECONDS;
	case 'f':
		return parse_fsync(optarg, &options->fsync) ? NULL : "none, part or always";
	case 'p':
		options->splice = true;
		return NULL;
	case 'F':
		options->flight = true;
		return NULL;
	case 'g':
		options->on_trigger = true;
		return NULL;
	case 'S':
		record->snapshot = true;
		return NULL;
	case 'q':
		record->quiet = true;
		return NULL;
	}
	return "";
}

/* Return: an exit code. */
static int check_options(const struct record *record)
{
	const struct recorder_options *options = &record->options;
	const char *stream = strcmp(options->output, "-") ? NULL : "--output=-";
	const char *rotate = options->rotate_size ? "--rotate-size" :
			     options->rotate_ms ? "--rotate-time" : NULL;
	const char *flight = options->flight ? "--flight" : NULL;
	const char *snapshot = record->snapshot ? "--snapshot" : NULL;
	const char *duration = record->seconds ? "--duration" : NULL;
	const char *command = record->child.command ? "a command" : NULL;
	const char *const pairs[][2] = {
		{ stream, rotate },
		{ stream, flight },
		{ stream, snapshot },
		{ stream, record->timestamp ? "--timestamp" : NULL },
		{ flight, rotate },
		{ snapshot, rotate },
		{ flight, snapshot },
		{ snapshot, duration },
		{ snapshot, command },
		{ stream, command },
		{ duration, command },
	};

	if (check_pairs(&record_command, pairs, sizeof(pairs) / sizeof(pairs[0])))
		return EXIT_USAGE;
	if (options->on_trigger && !flight) {
		say("relayctl record: --on-trigger needs --flight");
		return say_usage(&record_command);
	}
	if (rotate || !options->keep)
		return EXIT_OK;
	say("relayctl record: --keep needs --rotate-size or --rotate-time");
	return say_usage(&record_command);
}

/*
 * Without an output, it is named after the channel, the last name of its path. Return:
 * whether there is such a name.
 */
static bool name_output(struct recorder_options *options, char *name, size_t size)
{
	const char *end = options->channel + strlen(options->channel), *begin;
	int length;

	if (options->output)
		return true;
	while (end > options->channel && end[-1] == '/')
		end--;
	for (begin = end; begin > options->channel && begin[-1] != '/'; begin--)
		;
	length = end - begin;
	if (!length || !strncmp(begin, "..", length))
		return false;
	snprintf(name, size, "%.*s.relay", length, begin);
	options->output = name;
	return true;
}

/* So that each run has a directory of its own. */
static void stamp_output(struct recorder_options *options, char *path, size_t size)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%S", &tm);
	snprintf(path, size, "%s-%s", options->output, text);
	options->output = path;
}

/* Return: the index of the next "--", or @argc. */
static int find_dashes(int argc, char **argv, int from)
{
	while (from < argc && strcmp(argv[from], "--"))
		from++;
	return from;
}

/*
 * A command follows "--" after the channel. "--" before the channel ends the options.
 * Return: 0 or an exit code.
 */
static int parse_arguments(struct record *record, int argc, char **argv, int end)
{
	if (optind == end && end < argc) {
		optind = end + 1;
		end = find_dashes(argc, argv, optind);
	}
	if (check_arguments(&record_command, end, argv, 1, 1))
		return EXIT_USAGE;
	record->options.channel = argv[optind];
	if (end == argc)
		return 0;
	if (end + 1 == argc) {
		say("relayctl record: no command follows --");
		return say_usage(&record_command);
	}
	child_prepare(&record->child, argv + end + 1);
	return 0;
}

/* Return: -1 to go on, or an exit code. */
static int parse_options(struct record *record, int argc, char **argv)
{
	static char name[256], stamped[4096];
	int end = find_dashes(argc, argv, 1), option;
	const char *wanted;

	while ((option = getopt_long(end, argv, "o:Ts:t:k:d:f:pFgSqh", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return say_help(&record_command);
		wanted = parse_option(record, option);
		if (wanted)
			return say_bad_value(&record_command, long_options, option, wanted);
	}
	if (parse_arguments(record, argc, argv, end))
		return EXIT_USAGE;
	if (!name_output(&record->options, name, sizeof(name))) {
		say("relayctl record: name the recording with --output: %s has no name",
		    record->options.channel);
		return say_usage(&record_command);
	}
	if (check_options(record))
		return EXIT_USAGE;
	if (record->timestamp)
		stamp_output(&record->options, stamped, sizeof(stamped));
	if (!strcmp(record->options.output, "-"))
		record->options.output = NULL;
	return -1;
}

/*
 * The output: what would keep a sub-buffer from being stored is found before any is taken
 */

static int complain_of_output(const char *path, int err)
{
	if (err == -EEXIST)
		say("relayctl: %s has a recording; choose another directory with --output",
		    path);
	else if (err == -ENODEV)
		say("relayctl: %s is not taken: the channel is closed", path);
	else
		complain(path, err);
	return EXIT_FAILED;
}

/* Return: an exit code. */
static int check_stream(void)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		return EXIT_OK;
	say("relayctl record: --output=-: stdout is not open for writing");
	return EXIT_FAILED;
}

/* Return: an exit code. */
static int check_dir(const char *path)
{
	char name[NAME_MAX + 1];

	if (recording_exists(path))
		return complain_of_output(path, -EEXIST);
	if (!recording_leftover(path, name))
		return EXIT_OK;
	say("relayctl: %s/%s has no index; remove it, or choose another --output",
	    path, name);
	return EXIT_FAILED;
}

/* Return: 0, or the error that a snapshot below @path would have. */
static int try_dir(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (dir < 0)
		return -errno;
	if (faccessat(dir, ".", W_OK | X_OK, AT_EACCESS))
		err = -errno;
	close(dir);
	return err;
}

/*
 * A flight recorder makes a directory for each snapshot below that of the output, which
 * is made now: when a snapshot is asked for it may be too late to choose another.
 *
 * Return: an exit code.
 */
static int check_flight(struct record *record)
{
	const char *path = record->options.output;
	int err;

	record->made = !mkdir(path, 0777);
	err = record->made || errno == EEXIST ? try_dir(path) : -errno;
	return err ? complain(path, err) : EXIT_OK;
}

/* Return: an exit code. */
static int check_output(struct record *record)
{
	const struct recorder_options *options = &record->options;

	if (!options->output)
		return check_stream();
	return options->flight ? check_flight(record) : check_dir(options->output);
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

static int open_signals(const struct record *record)
{
	sigset_t set;

	sigemptyset(&set);
	if (!hangup_ignored())
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	if (record->seconds)
		sigaddset(&set, SIGALRM);
	if (record->child.command)
		sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Return: an exit code. */
static int report_totals(const struct totals *totals, const char *to)
{
	if (!totals->error)
		return EXIT_OK;
	complain(to, totals->error);
	/* (How much a disk has lost by itself is not known.) */
	if (totals->unstored)
		say("%llu sub-buffers with %llu records are not stored",
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
	else
		record->taken++;
	if (!failed && !record->quiet)
		say("%s: snapshot taken", path);
}

static void dump(struct record *record)
{
	struct totals totals = { 0 };
	char path[4096];
	int err;

	snprintf(path, sizeof(path), "%s", record->options.output ? : "stdout");
	err = recorder_dump(&record->recorder, path, sizeof(path), &totals);
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

/* The end of the command is the end of the recording: what it caused is to be in it. */
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

/* Triggers that came since the last one are one moment. Return: 1 for more, or an error. */
static int handle_triggers(struct record *record)
{
	int triggers;

	if (!record->options.on_trigger)
		return 1;
	triggers = relay_wait_trigger(record->recorder.reader);
	if (triggers > 0)
		dump(record);
	return triggers >= 0 || triggers == -EAGAIN ? 1 : triggers;
}

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
	return handle_triggers(record);
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

/* A channel that is closed does not end the command. */
static int wait_for_child(struct record *record)
{
	struct pollfd fd = { .fd = record->signals, .events = POLLIN };

	while (child_running(&record->child) && !record->abandoned) {
		if (poll(&fd, 1, -1) < 0)
			return -errno;
		handle_signals(record);
	}
	return 0;
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

/* On a terminal there may be a "^C", or the line that shows how it goes. */
static void begin_line(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

static void summarize_flight(const struct record *record, uint64_t ms)
{
	begin_line();
	say("%s: %u snapshot%s in %s, in %.1f s", record->options.channel, record->taken,
	    record->taken == 1 ? "" : "s", record->options.output, ms / 1000.0);
}

static void summarize(const struct record *record, uint64_t ms)
{
	const struct totals *totals = &record->recorder.totals;
	char bytes[16], losses[96];

	begin_line();
	snprintf(losses, sizeof(losses), "%llu records lost, %llu sub-buffers missed",
		 (unsigned long long)totals->lost, (unsigned long long)totals->missed);
	say("%s: %llu records in %llu sub-buffers, %s, in %.1f s; %s",
	    record->options.channel, (unsigned long long)totals->records,
	    (unsigned long long)totals->subbufs, format_bytes(totals->bytes, bytes),
	    ms / 1000.0, losses);
}

/* No snapshot is taken any more; one that was asked for just now is told of. */
static void end_flight(struct record *record)
{
	handle_signals(record);
	handle_triggers(record);
	if (!record->quiet)
		say("%s: closed; what is not in a snapshot is gone",
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
	return record->failed ? record->failed : record->child.exit_code;
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

/* Return: 0 or an error. */
static int record_until_end(struct record *record)
{
	int err = child_start(&record->child), child_err;

	if (err)
		return err;
	alarm(record->seconds);
	err = record_all(record);
	child_err = wait_for_child(record);
	if (record->options.flight && !err && !record->abandoned)
		end_flight(record);
	return err ? err : child_err;
}

static int run(struct record *record)
{
	bool shown = !record->quiet && !record->options.flight && !record->child.command;
	uint64_t began = milliseconds();
	int err;

	err = record->options.flight ? 0 : recorder_start(&record->recorder);
	if (err) {
		recorder_close(&record->recorder);
		return complain_of_output(record->options.output, err);
	}
	/* A flight recorder has nothing to show, and the terminal may be the command's. */
	progress_init(&record->progress, !shown);
	notify("READY=1");
	err = record_until_end(record);
	recorder_close(&record->recorder);
	progress_end(&record->progress);
	if (!record->quiet && record->options.flight)
		summarize_flight(record, milliseconds() - began);
	else if (!record->quiet)
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

/* Return: an exit code. */
static int start(struct record *record)
{
	/* Before any descriptor is opened, which could become the stdout that is not there. */
	int exit_code = check_output(record);

	if (exit_code)
		return exit_code;
	record->signals = open_signals(record);
	if (record->signals < 0)
		return complain("signalfd", -errno);
	return record_channel(record);
}

static int record_main(int argc, char **argv)
{
	struct record record = { 0 };
	int exit_code = parse_options(&record, argc, argv);

	if (exit_code >= 0)
		return exit_code;
	/* Like perf.data: root only may read most channels, and so their recordings. */
	umask(077);
	exit_code = start(&record);
	/* Without a snapshot in it. */
	if (record.made)
		rmdir(record.options.output);
	return exit_code;
}

const struct command record_command = {
	.name		= "record",
	.run		= record_main,
	.stores		= true,
	.usage		= "[OPTION]... CHANNEL [-- COMMAND [ARGUMENT]...]",
	.summary	= "Record a channel into a directory, or a stream",
	.help		=
"  -o, --output=DIR       directory of the recording (CHANNEL.relay); -: a stream\n"
"                         to stdout\n"
"  -T, --timestamp        append the time, -YYYYMMDDTHHMMSS, to its name\n"
"  -s, --rotate-size=N    begin a new part when one has N bytes (K, M, G, T)\n"
"  -t, --rotate-time=N    begin a new part when one is N seconds old\n"
"  -k, --keep=N           keep the newest N parts\n"
"  -d, --duration=N       end after N seconds, as at SIGTERM\n"
"  -f, --fsync=WHEN       see data to the disk: none, part (at the end of each),\n"
"                         always (whenever there is no more to write)\n"
"  -F, --flight           consume nothing; a snapshot on each SIGUSR1\n"
"  -g, --on-trigger       with --flight, also when the channel's owner triggers\n"
"  -S, --snapshot         take a snapshot, and end\n"
"  -p, --splice           splice pages into files, instead of one copy\n"
"  -q, --quiet            say nothing but errors\n"
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
