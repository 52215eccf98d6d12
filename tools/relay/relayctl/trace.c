// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl trace: instances of tracefs whose events go to relay. Most actions are a few
 * operations on the instance's files; snapshot stores a trace as a directory of CTF.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "format.h"
#include "formats.h"
#include "instance.h"
#include "options.h"
#include "record.h"
#include "trace-record.h"

/**
 * struct action - an action of "relayctl trace"
 * @name:	its name
 * @run:	its function; @argv begins with the trace's name; returns an exit code
 * @least:	lowest number of arguments, including the trace's name
 * @most:	highest number of arguments
 */
struct action {
	const char	*name;
	int		(*run)(int argc, char **argv);
	int		least;
	int		most;
};

static const char *output;

/*
 * Actions
 */

static int create(int argc, char **argv)
{
	return instance_create(argv[0], argv + 1, argc - 1);
}

static int enable(int argc, char **argv)
{
	int code = instance_check(argv[0]);

	for (int i = 1; i < argc && !code; i++)
		code = instance_put(argv[0], "set_event", argv[i], O_APPEND);
	return code;
}

static int start(int argc, char **argv)
{
	int code = instance_check(argv[0]);

	(void)argc;
	return code ? code : instance_put(argv[0], "tracing_on", "1", 0);
}

/*
 * Record the names of threads and so on again, because a flight recorder may have overwritten
 * those that it began with. Return: an exit code.
 */
static int renew_names(const char *name)
{
	char state[512];
	int err = instance_get_state(name, state, sizeof(state));

	if (err)
		return instance_complain(name, "relay", err);
	return strstr(state, " overwrite") ? instance_put(name, "relay", "dump", 0) : EXIT_OK;
}

static int stop(int argc, char **argv)
{
	int code = instance_check(argv[0]);

	(void)argc;
	if (!code)
		code = renew_names(argv[0]);
	return code ? code : instance_put(argv[0], "tracing_on", "0", 0);
}

static int destroy(int argc, char **argv)
{
	int code = instance_check(argv[0]);

	(void)argc;
	return code ? code : instance_destroy(argv[0]);
}

static int list(int argc, char **argv)
{
	struct dirent *entry;
	char state[512];
	DIR *dir;

	(void)argc;
	(void)argv;
	dir = opendir(INSTANCES);
	if (!dir)
		return instance_complain("", "", -errno);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' &&
		    !instance_get_state(entry->d_name, state, sizeof(state)))
			fputs(state, stdout);
	closedir(dir);
	return flush_stdout();
}

/*
 * Snapshot
 */

static int store(const char *name, struct totals *totals)
{
	const struct recorder_options options = { .channel = name, .output = output };
	struct recorder recorder;
	int err = recorder_open(&recorder, &options);

	if (err)
		return err;
	err = recorder_is_trace(&recorder) ? recorder_dump_to(&recorder, output, totals) : -ENODATA;
	recorder_close(&recorder);
	return err ? err : totals->error;
}

static int snapshot(int argc, char **argv)
{
	struct totals totals = { 0 };
	int code = instance_check(argv[0]), err;
	char losses[LOSSES_SIZE];

	(void)argc;
	if (!code)
		code = renew_names(argv[0]);
	if (code)
		return code;
	if (mkdir(output, 0700))
		return complain(output, -errno);
	err = store(argv[0], &totals);
	if (!err)
		err = formats_store(output);
	if (err) {
		say("relayctl: %s: not all of the trace %s is stored: %s", output,
		    printable(argv[0]), relay_strerror(err));
		return EXIT_NOT_STORED;
	}
	printf("%llu packets in %s%s\n", (unsigned long long)totals.subbufs, output,
	       totals.lost || totals.missed ? format_losses(&totals, true, losses) : "");
	return flush_stdout();
}

static const struct action actions[] = {
	{ "create", create, 1, INT_MAX }, { "enable", enable, 2, INT_MAX },
	{ "start", start, 1, 1 }, { "stop", stop, 1, 1 }, { "list", list, 0, 0 },
	{ "snapshot", snapshot, 1, 1 }, { "destroy", destroy, 1, 1 },
};

static const struct option long_options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static const struct action *find_action(const char *name)
{
	for (unsigned int i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	return NULL;
}

/* Is it a name in the directory of the instances? */
static bool is_name(const char *name)
{
	return *name && strcmp(name, ".") && strcmp(name, "..") && !strchr(name, '/');
}

static int trace_main(int argc, char **argv)
{
	const struct action *action;
	bool stores;
	int opt;

	if (argc > 1 && !strcmp(argv[1], "record"))
		return trace_record_main(argc - 1, argv + 1);
	while ((opt = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
		switch (opt) {
		case 'o':
			output = optarg;
			break;
		case 'h':
			return say_help(&trace_command);
		default:
			return say_usage(&trace_command);
		}
	}
	argc -= optind;
	argv += optind;
	action = argc ? find_action(argv[0]) : NULL;
	if (!action) {
		say("relayctl: trace what? record, or one of the actions below");
		return say_usage(&trace_command);
	}
	argc--;
	argv++;
	if (argc < action->least || argc > action->most) {
		say("relayctl: trace %s: %s", action->name,
		    argc < action->least ? "an argument is missing" : "too many arguments");
		return say_usage(&trace_command);
	}
	stores = action->run == snapshot;
	if (stores != !!output) {
		say("relayctl: trace %s: %s", action->name,
		    output ? "--output is for snapshot" : "where to? --output=DIR");
		return say_usage(&trace_command);
	}
	if (argc && !is_name(argv[0])) {
		say("relayctl: \"%s\" is no name of a trace", printable(argv[0]));
		return EXIT_USAGE;
	}
	return action->run(argc, argv);
}

const struct command trace_command = {
	.name		= "trace",
	.run		= trace_main,
	.stores		= true,
	.usage		= "ACTION [NAME] [ARGUMENT]... [-o DIR]",
	.summary	= "Trace the events of the kernel",
	.help		=
"  record                   the events of a command, or of all: relayctl trace record -h\n"
"  create NAME [OPTION]...  an instance of tracefs whose events go to relay; options are\n"
"                           those of its file \"relay\": size=64K n=16 overwrite reserved\n"
"                           memory metadata=BYTES timer=MILLISECONDS nocontext\n"
"  enable NAME EVENT...     events as in set_event: sched_switch, irq:*, syscalls:*\n"
"  start NAME, stop NAME    record, or do not\n"
"  list                     the traces that there are\n"
"  snapshot NAME -o DIR     store what was recorded as a directory of CTF, for babeltrace2\n"
"                           and Trace Compass; consumes nothing\n"
"  destroy NAME\n"
"\n"
"  -o, --output=DIR         a new directory\n"
"  -h, --help               this\n"
"\n"
"Exit status: 0; 1, it could not be done, and the kernel's cause; 2, usage; 3, not all of\n"
"the trace is stored.\n",
};
