// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl trace record: record the events of a command, of a process, or of all processes into
 * a directory of CTF.
 *
 * It creates an instance, and records its channel as record does. The process of the command
 * is forked before the first event is enabled, and waits, so that its PID can be written to
 * set_event_pid before any event is recorded. Signals that end the recording are blocked
 * before the instance is created, so that the instance is always destroyed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "entry.h"
#include "format.h"
#include "formats.h"
#include "instance.h"
#include "options.h"
#include "record.h"
#include "trace-events.h"
#include "trace-record.h"

/**
 * struct trace_record - the command
 * @record:	the recording
 * @name:	name of the instance, and of its channel
 * @names:	@name, for @record.names
 * @output:	the default output directory
 * @wanted:	the events
 * @n_wanted:	number of @wanted
 * @options:	options of the trace
 * @n_options:	number of @options
 * @pid:	process to trace; 0 to trace the command
 * @all:	trace all processes
 */
struct trace_record {
	struct record		record;
	char			name[32];
	char			*names[1];
	char			output[64];
	struct wanted_events	*wanted;
	unsigned int		n_wanted;
	char			**options;
	int			n_options;
	uint64_t		pid;
	bool			all;
};

static const struct option long_options[] = {
	{ "event",		required_argument,	NULL, 'e' },
	{ "filter",		required_argument,	NULL, 'f' },
	{ "pid",		required_argument,	NULL, 'p' },
	{ "all-processes",	no_argument,		NULL, 'a' },
	{ "output",		required_argument,	NULL, 'o' },
	{ "quiet",		no_argument,		NULL, 'q' },
	{ "help",		no_argument,		NULL, 'h' },
	{}
};

static const struct command trace_record_command = {
	.name		= "trace record",
	.usage		= "-e EVENT... [-f FILTER] [-p PID|-a] [-o DIR] [OPTION]... [-- COMMAND]",
	.summary	= "Record the events of a command as CTF",
	.help		=
"  -e, --event=EVENT      SYSTEM:EVENT, or the name of one of the two, with wildcards:\n"
"                         sched_switch, 'sched:*', syscalls; or kprobe:SYMBOL, a probe\n"
"                         of that function of the kernel\n"
"  -f, --filter=FILTER    of the --event before it: 'prev_prio < 100'\n"
"  -p, --pid=PID          trace that process, not the command\n"
"  -a, --all-processes    trace every process\n"
"  -o, --output=DIR       a new directory (relayctl-NUMBER.trace)\n"
"  -q, --quiet            say nothing but errors\n"
"  -h, --help             this\n"
"\n"
"Options are those of \"relayctl trace create\": size=64K n=16 ...\n"
"\n"
"Traced are the command and the processes that it makes, until it ends; or those of PID,\n"
"or all, until COMMAND ends or a signal comes. Its exit status is that of the command.\n",
};

/*
 * Options
 */

static bool add_event(struct trace_record *tracer, const char *pattern)
{
	struct wanted_events *wanted = reallocarray(tracer->wanted, tracer->n_wanted + 1,
						    sizeof(*wanted));

	if (!wanted)
		return false;
	tracer->wanted = wanted;
	wanted[tracer->n_wanted++] = (struct wanted_events) { .pattern = pattern };
	return true;
}

/* Return: NULL, or what the option takes if its argument is wrong. */
static const char *parse_option(struct trace_record *tracer, int option)
{
	switch (option) {
	case 'e':
		return *optarg && add_event(tracer, optarg) ? NULL : "an event";
	case 'f':
		if (!tracer->n_wanted)
			return "a filter of the --event before it, and there is none";
		tracer->wanted[tracer->n_wanted - 1].filter = optarg;
		return NULL;
	case 'p':
		return parse_number(optarg, &tracer->pid) && tracer->pid ? NULL :
			"the number of a process";
	case 'a':
		tracer->all = true;
		return NULL;
	case 'o':
		tracer->record.options.output = optarg;
		return *optarg && strcmp(optarg, "-") ? NULL : WANT_DIR;
	case 'q':
		tracer->record.quiet = true;
		return NULL;
	}
	return "";
}

/* Return: 0 or an exit code. */
static int check_options(const struct trace_record *tracer)
{
	const char *const pairs[][2] = {
		{ tracer->all ? "--all-processes" : NULL, tracer->pid ? "--pid" : NULL },
	};

	if (check_pairs(&trace_record_command, pairs, 1))
		return EXIT_USAGE;
	if (!tracer->n_wanted) {
		say("relayctl trace record: which events? --event=EVENT");
		return say_usage(&trace_record_command);
	}
	if (tracer->record.child.command || tracer->pid || tracer->all)
		return EXIT_OK;
	say("relayctl trace record: of what? -- COMMAND, --pid=PID or --all-processes");
	return say_usage(&trace_record_command);
}

/* Return: -1 to go on, or an exit code. */
static int parse(struct trace_record *tracer, int argc, char **argv)
{
	int end = 1, option;
	const char *wanted;

	while (end < argc && strcmp(argv[end], "--"))
		end++;
	while ((option = getopt_long(end, argv, "e:f:p:ao:qh", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&trace_record_command);
		wanted = parse_option(tracer, option);
		if (wanted)
			return say_bad_value(&trace_record_command, long_options, option, wanted);
	}
	tracer->options = argv + optind;
	tracer->n_options = end - optind;
	if (end + 1 == argc) {
		say("relayctl trace record: no command follows --");
		return say_usage(&trace_record_command);
	}
	if (end < argc)
		child_prepare(&tracer->record.child, argv + end + 1);
	return check_options(tracer) ? : -1;
}

/*
 * Processes to trace
 */

/* Return: an exit code. */
static int trace_process(const struct trace_record *tracer, const char *pid)
{
	return instance_put(tracer->name, "set_event_pid", pid, O_APPEND);
}

/* Add all threads, because set_event_pid takes thread IDs. Return: an exit code. */
static int trace_threads(const struct trace_record *tracer)
{
	struct dirent *entry;
	char path[64];
	int code = EXIT_OK;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%llu/task", (unsigned long long)tracer->pid);
	dir = opendir(path);
	if (!dir) {
		say("relayctl: there is no process %llu", (unsigned long long)tracer->pid);
		return EXIT_FAILED;
	}
	while (!code && (entry = readdir(dir)))
		if (relay_entry_below(entry))
			code = trace_process(tracer, entry->d_name);
	closedir(dir);
	return code;
}

/* Return: an exit code. */
static int trace_command_of(struct trace_record *tracer)
{
	struct child *child = &tracer->record.child;
	int err = child_fork(child);
	char pid[16];

	if (err)
		return complain("fork", err);
	snprintf(pid, sizeof(pid), "%d", child->pid);
	return trace_process(tracer, pid);
}

/* Set the processes to trace, before any event is enabled. Return: an exit code. */
static int choose_processes(struct trace_record *tracer)
{
	int code;

	if (tracer->all)
		return EXIT_OK;
	/* Add child processes, and remove a process that ends, because its PID is used again. */
	code = instance_put(tracer->name, "options/event-fork", "1", 0);
	if (code)
		return code;
	return tracer->pid ? trace_threads(tracer) : trace_command_of(tracer);
}

/*
 * Record the instance
 */

/* Return: an exit code. */
static int enable_events(struct trace_record *tracer)
{
	int code = EXIT_OK;

	for (unsigned int i = 0; i < tracer->n_wanted && !code; i++)
		code = trace_events_enable(tracer->name, &tracer->wanted[i]);
	return code;
}

static bool has_metadata(const char *output)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", output, METADATA_NAME);
	return !access(path, F_OK);
}

/* Store the formats before the probes are removed. Return: an exit code. */
static int store_formats(const char *output)
{
	int err = formats_store(output);

	if (!err)
		return EXIT_OK;
	say("relayctl: %s: the formats of its events are not stored: %s", output,
	    relay_strerror(err));
	return EXIT_NOT_STORED;
}

/* Return: an exit code. */
static int record_instance(struct trace_record *tracer)
{
	const char *output = tracer->record.options.output;
	int code = choose_processes(tracer), stored = EXIT_OK;
	bool foreign = has_metadata(output);

	if (!code)
		code = enable_events(tracer);
	if (code)
		return code;
	code = record_run(&tracer->record);
	/* Do not write to a directory with another trace, which record has refused. */
	if (!foreign && has_metadata(output))
		stored = store_formats(output);
	return stored ? : code;
}

/* Destroy the instance and its probes. Return: @code, or if that is 0 the first error. */
static int clean_up(struct trace_record *tracer, int code)
{
	int got;

	child_abandon(&tracer->record.child);
	got = instance_destroy(tracer->name);
	code = code ? code : got;
	for (unsigned int i = 0; i < tracer->n_wanted; i++) {
		got = trace_events_remove_probe(tracer->name, &tracer->wanted[i]);
		code = code ? code : got;
	}
	return code;
}

static int run(struct trace_record *tracer)
{
	struct record *record = &tracer->record;
	sigset_t blocked;
	int code;

	snprintf(tracer->name, sizeof(tracer->name), "relayctl-%d", getpid());
	snprintf(tracer->output, sizeof(tracer->output), "%s.trace", tracer->name);
	tracer->names[0] = tracer->name;
	record->names = tracer->names;
	record->n_channels = 1;
	record->instance = tracer->name;
	if (!record->options.output)
		record->options.output = tracer->output;
	record_block_signals(&blocked);
	code = instance_create(tracer->name, tracer->options, tracer->n_options);
	return code ? code : clean_up(tracer, record_instance(tracer));
}

/**
 * trace_record_main - relayctl trace record
 * @argc: number of @argv
 * @argv: arguments, from "record" on
 *
 * Return: an exit code.
 */
int trace_record_main(int argc, char **argv)
{
	struct trace_record tracer = { 0 };
	int code;

	argv[0] = "relayctl trace record";
	code = parse(&tracer, argc, argv);
	if (code < 0)
		code = run(&tracer);
	free(tracer.wanted);
	return code;
}
