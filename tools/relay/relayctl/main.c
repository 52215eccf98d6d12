// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl: the command-line tool for channels of relay.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "entry.h"
#include "relayctl.h"
#include "uapi/linux/relay.h"

static const struct command *const commands[] = {
	&record_command, &cat_command, &verify_command, &stat_command, &list_command,
	&recover_command, &archive_command,
	&trace_command, &convert_command,
};

#define N_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_commands(FILE *to)
{
	fprintf(to, "usage: relayctl COMMAND [OPTION]... [ARGUMENT]...\n\n");
	for (unsigned int i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to, "\nWhat people do with it:\n\n"
		"  relayctl list                      which channels are there?\n"
		"  relayctl stat CHANNEL              what becomes of its records?\n"
		"  relayctl record -o DIR CHANNEL     record it, until ^C\n"
		"  relayctl cat DIR                   print what was recorded\n"
		"  relayctl recover -o DIR            get back what an earlier boot left\n"
		"\nrelayctl help COMMAND says more, relayctl(1) most.\n");
}

/**
 * say_usage - print the usage of a command on stderr
 * @command: the command
 *
 * Return: EXIT_USAGE.
 */
int say_usage(const struct command *command)
{
	fprintf(stderr, "usage: relayctl %s %s\n", command->name, command->usage);
	return EXIT_USAGE;
}

/**
 * say_help - print the help of a command
 * @command: the command
 *
 * Return: EXIT_OK.
 */
int say_help(const struct command *command)
{
	printf("usage: relayctl %s %s\n\n%s.\n\n%s", command->name,
	       command->usage, command->summary, command->help);
	return EXIT_OK;
}

/**
 * complain - print an error
 * @what: name of the file, channel or action that failed
 * @err: a negative error number
 *
 * Return: EXIT_FAILED.
 */
int complain(const char *what, int err)
{
	say("relayctl: %s: %s", what, relay_strerror(err));
	return EXIT_FAILED;
}

/**
 * why_no_channels - is something absent because relayfs is absent or not mounted?
 *
 * Return: the end of an error message; "" if relayfs is mounted.
 */
const char *why_no_channels(void)
{
	struct statfs fs;

	if (statfs(RELAY_ROOT, &fs))
		return ": this kernel has no relayfs";
	if ((uint32_t)fs.f_type != RELAYFS_MAGIC)
		return ": it is not mounted (mount -t relayfs none " RELAY_ROOT ")";
	return "";
}

static bool is_on_root(const char *channel)
{
	return !relay_is_path(channel) || !strncmp(channel, RELAY_ROOT, strlen(RELAY_ROOT));
}

/* Say that the path is not a channel's directory, or why it does not exist. */
static void complain_path(const char *path)
{
	int err = access(path, F_OK) ? errno : 0;

	if (err)
		say("relayctl: %s: %s%s", path, strerror(err),
		    is_on_root(path) ? why_no_channels() : "");
	else
		say("relayctl: %s is not the directory of a relay channel", path);
}

/*
 * Say how to permit a group, if the user may not enter relayfs. Not for a name that is also
 * that of a file, because then the error is that of the file.
 */
static void say_how_to_permit(const char *channel)
{
	if (!is_on_root(channel) || !access(RELAY_ROOT, X_OK) || errno != EACCES)
		return;
	if (relay_is_path(channel) || access(channel, F_OK))
		say("relayctl: to permit a group: mount -o remount,mode=750,gid=GROUP %s",
		    RELAY_ROOT);
}

/**
 * complain_channel - print the error of opening a channel
 * @channel: its name
 * @err: a negative error number
 *
 * Return: EXIT_FAILED.
 */
int complain_channel(const char *channel, int err)
{
	bool absent = err == -ENOENT || err == -ENOTDIR;

	if (absent && relay_is_path(channel))
		complain_path(channel);
	else if (absent)
		say("relayctl: no channel %s on %s%s", channel, RELAY_ROOT,
		    why_no_channels());
	else
		complain(channel, err);
	if (err == -EACCES)
		say_how_to_permit(channel);
	return EXIT_FAILED;
}

/**
 * flush_stdout - flush stdout
 *
 * Return: 0 or an error; after an error, each later call returns it, and main() prints it.
 */
int flush_stdout(void)
{
	static int err;

	if (!err && fflush(stdout))
		err = -errno;
	if (!err && ferror(stdout))
		err = -EIO;
	return err;
}

static const struct command *find_command(const char *name)
{
	for (unsigned int i = 0; i < N_COMMANDS; i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	static char name[32];

	/* Messages of getopt_long() begin with argv[0]. */
	snprintf(name, sizeof(name), "relayctl %s", command->name);
	argv[0] = name;
	/* SIGPIPE ends a command that only prints; one that stores reports the error. */
	if (command->stores)
		signal(SIGPIPE, SIG_IGN);
	return command->run(argc, argv);
}

static int say_no_command(const char *name)
{
	say("relayctl: no such command: %s", name);
	print_commands(stderr);
	return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
	const struct command *command = argc ? find_command(*argv) : NULL;

	if (command)
		return say_help(command);
	if (argc)
		return say_no_command(*argv);
	print_commands(stdout);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[1]);
	if (command)
		return run_command(command, argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version")) {
		puts("relayctl " RELAY_VERSION);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help(argc - 2, argv + 2);
	return say_no_command(argv[1]);
}

/*
 * If relayctl is started without stdin, stdout or stderr, a file that it opens must not get
 * their descriptor: messages would be written into it, and --daemon would replace it. Open
 * /dev/null in their place, in the mode in which its use fails, as if they were closed.
 */
static void occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_CLOEXEC | (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

int main(int argc, char **argv)
{
	int exit_code, err;

	occupy_standard_descriptors();
	/* Make a file size limit (ulimit -f) an error of write(). */
	signal(SIGXFSZ, SIG_IGN);
	exit_code = run(argc, argv);
	err = flush_stdout();
	if (!err)
		return exit_code;
	complain("stdout", err);
	return EXIT_NOT_STORED;
}
