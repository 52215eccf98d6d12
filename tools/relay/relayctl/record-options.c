// SPDX-License-Identifier: GPL-2.0
/*
 * The options and arguments of record.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "cpus.h"
#include "options.h"
#include "record.h"

static const struct option long_options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "timestamp",	no_argument,		NULL, 'T' },
	{ "all",	no_argument,		NULL, 'a' },
	{ "cpu",	required_argument,	NULL, 'c' },
	{ "rotate-size", required_argument,	NULL, 's' },
	{ "rotate-time", required_argument,	NULL, 't' },
	{ "keep",	required_argument,	NULL, 'k' },
	{ "max-size",	required_argument,	NULL, 'm' },
	{ "compress",	optional_argument,	NULL, 'z' },
	{ "duration",	required_argument,	NULL, 'd' },
	{ "fsync",	required_argument,	NULL, 'f' },
	{ "splice",	no_argument,		NULL, 'p' },
	{ "flight",	no_argument,		NULL, 'F' },
	{ "on-trigger",	no_argument,		NULL, 'g' },
	{ "snapshot",	no_argument,		NULL, 'S' },
	{ "daemon",	no_argument,		NULL, 'D' },
	{ "pidfile",	required_argument,	NULL, 'P' },
	{ "verbose",	no_argument,		NULL, 'v' },
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

static bool parse_level(const char *text, unsigned int *level)
{
	uint64_t number = COMPRESS_DEFAULT;
	bool valid = (!text || parse_number(text, &number)) && number && number <= COMPRESS_MAX;

	*level = number;
	return valid;
}

/* Return: NULL, or what the option takes if its argument is wrong. */
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
	case 'a':
		record->all = true;
		return NULL;
	case 'c':
		return parse_cpus(optarg, &options->cpus, &options->n_cpus) ? NULL : WANT_CPUS;
	case 'm':
		return parse_size(optarg, &options->max_size) ? NULL : WANT_SIZE;
	case 'z':
		return parse_level(optarg, &options->compress) ? NULL : "a level, 1 to 19";
	case 'D':
		record->daemon.wanted = true;
		return NULL;
	case 'P':
		record->daemon.pidfile = optarg;
		return *optarg ? NULL : "a file";
	case 'v':
		record->verbose = true;
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
	const char *daemon = record->daemon.wanted ? "--daemon" : NULL;
	const char *max_size = options->max_size ? "--max-size" : NULL;
	const char *several = record->all ? "--all" : record->dirs ? "several channels" : NULL;
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
		{ stream, several },
		{ stream, daemon },
		{ stream, max_size },
		{ stream, options->compress ? "--compress" : NULL },
		{ options->compress ? "--compress" : NULL, options->splice ? "--splice" : NULL },
		{ snapshot, daemon },
		{ command, daemon },
		{ flight, max_size },
		{ snapshot, max_size },
	};

	if (check_pairs(&record_command, pairs, sizeof(pairs) / sizeof(pairs[0])))
		return EXIT_USAGE;
	if (options->on_trigger && !flight) {
		say("relayctl record: --on-trigger needs --flight");
		return say_usage(&record_command);
	}
	if (options->compress && !compress_supported()) {
		say("relayctl record: --compress: this relayctl was built without libzstd");
		return EXIT_USAGE;
	}
	if (rotate || !options->keep)
		return EXIT_OK;
	say("relayctl record: --keep needs --rotate-size or --rotate-time");
	return say_usage(&record_command);
}

/*
 * Without --output, name the output after the last component of the channel's path. Return:
 * whether there is such a name.
 */
static bool name_output(struct record *record, char *name, size_t size)
{
	const char *channel = record->names ? record->names[0] : "";
	const char *end = channel + strlen(channel), *begin;
	int length;

	if (record->options.output)
		return true;
	record->options.output = name;
	if (record->dirs) {
		snprintf(name, size, "channels.relay");
		return true;
	}
	while (end > channel && end[-1] == '/')
		end--;
	for (begin = end; begin > channel && begin[-1] != '/'; begin--)
		;
	length = end - begin;
	if (!length || !strncmp(begin, "..", length))
		return false;
	snprintf(name, size, "%.*s.relay", length, begin);
	return true;
}

/* Append the time to the name, so that each run has its own directory. */
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
 * A "--" after the channels begins the command. A "--" before the first channel ends the
 * options; with --all it begins the command.
 * Return: 0 or an exit code.
 */
static int parse_arguments(struct record *record, int argc, char **argv, int end)
{
	int most = record->all ? 0 : INT_MAX;

	if (optind == end && end < argc && !record->all) {
		optind = end + 1;
		end = find_dashes(argc, argv, optind);
	}
	if (check_arguments(&record_command, end, argv, !record->all, most))
		return EXIT_USAGE;
	if (!record->all) {
		record->names = argv + optind;
		record->n_channels = end - optind;
	}
	record->dirs = record->all || record->n_channels > 1;
	if (end == argc)
		return 0;
	if (end + 1 == argc) {
		say("relayctl record: no command follows --");
		return say_usage(&record_command);
	}
	child_prepare(&record->child, argv + end + 1);
	return 0;
}

/**
 * record_parse - read options and arguments
 * @record: filled in
 * @argc: number of @argv
 * @argv: options and arguments
 *
 * Return: -1 to go on, or an exit code.
 */
int record_parse(struct record *record, int argc, char **argv)
{
	static char name[256], stamped[4096];
	int end = find_dashes(argc, argv, 1), option;
	const char *wanted;

	while ((option = getopt_long(end, argv, "o:Tac:s:t:k:m:z::d:f:pFgSDP:qvh", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return say_help(&record_command);
		wanted = parse_option(record, option);
		if (wanted)
			return say_bad_value(&record_command, long_options, option, wanted);
	}
	if (parse_arguments(record, argc, argv, end))
		return EXIT_USAGE;
	if (!name_output(record, name, sizeof(name))) {
		say("relayctl record: name the recording with --output: %s has no name",
		    record->names[0]);
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
