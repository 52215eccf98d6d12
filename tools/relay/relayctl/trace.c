// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl trace: instances of tracefs whose events go to relay. Thin over their files,
 * but for snapshot, which stores a trace as a directory of CTF.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "metadata.h"
#include "options.h"

#define INSTANCES	"/sys/kernel/tracing/instances"

/**
 * struct action - what "relayctl trace" does
 * @name:	how it is called
 * @run:	does it; @argv begins with the trace's name; returns an exit code
 * @least:	arguments at least, the name included
 * @most:	arguments at most
 */
struct action {
	const char	*name;
	int		(*run)(int argc, char **argv);
	int		least;
	int		most;
};

static const char *output;

/*
 * Files of an instance
 */

static void path_of(char path[PATH_MAX], const char *name, const char *file)
{
	snprintf(path, PATH_MAX, "%s/%s%s%s", INSTANCES, name, *file ? "/" : "", file);
}

/* The last line of an instance's log that has the cause of an error, with its time. */
static void get_cause(const char *name, char cause[512])
{
	char path[PATH_MAX], line[512];
	FILE *log;

	cause[0] = 0;
	path_of(path, name, "error_log");
	log = fopen(path, "re");
	if (!log)
		return;
	while (fgets(line, sizeof(line), log))
		if (strstr(line, "error: "))
			strcpy(cause, line);
	fclose(log);
	cause[strcspn(cause, "\n")] = 0;
}

/* Why the kernel refused something, if it has said so since @before. */
static void say_cause(const char *name, const char *before)
{
	char cause[512];

	get_cause(name, cause);
	if (strcmp(cause, before))
		say("relayctl: %s", strstr(cause, "error: ") + strlen("error: "));
}

static int complain_file(const char *name, const char *file, int err)
{
	char path[PATH_MAX];

	path_of(path, name, file);
	if (err == -ENOENT && access(INSTANCES, F_OK)) {
		say("relayctl: %s is not there: mount -t tracefs none /sys/kernel/tracing",
		    INSTANCES);
		return EXIT_FAILED;
	}
	if (err == -ENOENT) {
		path_of(path, name, "");
		if (!access(path, F_OK))
			say("relayctl: the kernel has no CONFIG_LTT: events cannot go to relay");
		else
			say("relayctl: there is no trace %s", printable(name));
		return EXIT_FAILED;
	}
	return complain(path, err);
}

/* One write: the kernel takes it whole. */
static int put_file(const char *name, const char *file, const char *text, int flags)
{
	char path[PATH_MAX], before[512];
	int fd, err = 0;

	get_cause(name, before);
	path_of(path, name, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return complain_file(name, file, -errno);
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	if (!err)
		return EXIT_OK;
	complain_file(name, file, err);
	say_cause(name, before);
	return EXIT_FAILED;
}

/* The text of an instance's file "relay"; "" where its events do not go to relay. */
static int get_state(const char *name, char *state, size_t size)
{
	char path[PATH_MAX];
	ssize_t got;
	int fd;

	path_of(path, name, "relay");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, state, size - 1);
	if (got < 0)
		got = -errno;
	close(fd);
	state[got > 0 ? got : 0] = 0;
	return got < 0 ? got : 0;
}

static int check_trace(const char *name)
{
	char state[512];
	int err = get_state(name, state, sizeof(state));

	if (err)
		return complain_file(name, "relay", err);
	if (*state)
		return EXIT_OK;
	say("relayctl: %s is an instance of tracefs, and no trace: its events do not go to relay",
	    printable(name));
	return EXIT_FAILED;
}

/*
 * Actions
 */

static int create(int argc, char **argv)
{
	char path[PATH_MAX], options[PATH_MAX] = "";
	size_t used = 0;
	int code;

	for (int i = 1; i < argc && used < sizeof(options); i++)
		used += snprintf(options + used, sizeof(options) - used, " %s", argv[i]);
	if (used >= sizeof(options))
		return complain("the options", -E2BIG);
	path_of(path, argv[0], "");
	if (mkdir(path, 0750))
		return complain_file(argv[0], "", -errno);
	code = put_file(argv[0], "relay", *options ? options : " ", 0);
	if (code)
		rmdir(path);
	return code;
}

static int enable(int argc, char **argv)
{
	int code = check_trace(argv[0]);

	for (int i = 1; i < argc && !code; i++)
		code = put_file(argv[0], "set_event", argv[i], O_APPEND);
	return code;
}

static int start(int argc, char **argv)
{
	int code = check_trace(argv[0]);

	(void)argc;
	return code ? code : put_file(argv[0], "tracing_on", "1", 0);
}

static int stop(int argc, char **argv)
{
	int code = check_trace(argv[0]);

	(void)argc;
	return code ? code : put_file(argv[0], "tracing_on", "0", 0);
}

static int destroy(int argc, char **argv)
{
	char path[PATH_MAX];
	int code = check_trace(argv[0]);

	(void)argc;
	if (code)
		return code;
	path_of(path, argv[0], "");
	if (!rmdir(path))
		return EXIT_OK;
	if (errno != EBUSY)
		return complain_file(argv[0], "", -errno);
	say("relayctl trace: %s is in use: a file of it is open, or a trigger has variables",
	    argv[0]);
	return EXIT_FAILED;
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
		return complain_file("", "", -errno);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !get_state(entry->d_name, state, sizeof(state)))
			fputs(state, stdout);
	closedir(dir);
	return flush_stdout();
}

/*
 * Snapshot
 */

static int store_file(int dir, const char *name, const void *data, size_t size, int flags)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, size);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* The packets that there are, to the file of each CPU. */
static int store_packets(struct relay_reader *reader, int dir, unsigned int *packets)
{
	const struct relay_subbuf *subbuf;
	char name[32];
	int err;

	while ((err = relay_next(reader, &subbuf)) > 0) {
		snprintf(name, sizeof(name), "cpu%u", subbuf->cpu);
		err = store_file(dir, name, subbuf->data, subbuf->used, O_APPEND);
		if (err)
			return err;
		err = relay_release(reader, subbuf);
		if (err && err != -ESTALE)
			return err;
		++*packets;
	}
	return err;
}

static int read_packets(const char *name, int dir, unsigned int *packets)
{
	struct relay_reader *reader;
	int err = relay_open(&reader, name, 0);

	if (err)
		return err;
	err = relay_get_geometry(reader)->overwrite ? relay_snapshot(reader) : relay_drain(reader);
	if (!err)
		err = store_packets(reader, dir, packets);
	relay_close(reader);
	return err;
}

/* To the end; its size is not known before. Return: the bytes, or NULL with errno. */
static char *read_file(int fd, size_t *size)
{
	size_t room = 1 << 16;
	char *data = NULL;
	ssize_t got;

	*size = 0;
	do {
		char *more = realloc(data, room);

		got = more ? read(fd, more + *size, room - *size) : -1;
		if (more)
			data = more;
		if (got < 0) {
			free(data);
			return NULL;
		}
		*size += got;
		room += *size == room ? room : 0;
	} while (got);
	return data;
}

/* After the packets: each event in them is described by then. */
static int store_metadata(const char *name, int dir)
{
	char path[PATH_MAX], *area;
	struct metadata metadata;
	size_t size;
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s/private", RELAY_ROOT, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	area = read_file(fd, &size);
	err = area ? 0 : -errno;
	close(fd);
	if (err)
		return err;
	err = metadata_find(&metadata, area, size) ?
		store_file(dir, "metadata", metadata.text, metadata.size, O_EXCL) : -ENODATA;
	free(area);
	return err;
}

static int snapshot(int argc, char **argv)
{
	unsigned int packets = 0;
	int code = check_trace(argv[0]), dir, err;

	(void)argc;
	if (code)
		return code;
	if (mkdir(output, 0700))
		return complain(output, -errno);
	dir = open(output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return complain(output, -errno);
	err = read_packets(argv[0], dir, &packets);
	if (!err)
		err = store_metadata(argv[0], dir);
	close(dir);
	if (err) {
		say("relayctl: %s: not all of the trace %s is stored: %s", output,
		    printable(argv[0]), relay_strerror(err));
		return EXIT_NOT_STORED;
	}
	printf("%u packets in %s\n", packets, output);
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

/* A name that leaves the directory of the instances, or is none. */
static bool is_name(const char *name)
{
	return *name && strcmp(name, ".") && strcmp(name, "..") && !strchr(name, '/');
}

static int trace_main(int argc, char **argv)
{
	const struct action *action;
	bool stores;
	int opt;

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
		say("relayctl: trace what? create, enable, start, stop, list, snapshot, destroy");
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
"  create NAME [OPTION]...  an instance of tracefs whose events go to relay; options are\n"
"                           those of its file \"relay\": size=64K n=16 overwrite reserved\n"
"                           memory metadata=BYTES timer=MILLISECONDS nocontext\n"
"  enable NAME EVENT...     events as in set_event: sched_switch, irq:*, syscalls:*\n"
"  start NAME, stop NAME    record, or do not\n"
"  list                     the traces that there are\n"
"  snapshot NAME -o DIR     store what was recorded as a directory of CTF, for babeltrace2\n"
"                           and Trace Compass; consumes it, but of a flight recorder\n"
"  destroy NAME\n"
"\n"
"  -o, --output=DIR         a new directory\n"
"  -h, --help               this\n"
"\n"
"Exit status: 0; 1, it could not be done, and the kernel's cause; 2, usage; 3, not all of\n"
"the trace is stored.\n",
};
