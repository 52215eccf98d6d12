// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl: the command-line tool for channels of relay.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include "relayctl.h"
#include "uapi/linux/relay.h"

static const struct command *const commands[] = {
	&record_command, &cat_command, &stat_command, &list_command,
	&recover_command, &archive_command,
};

#define N_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_commands(FILE *to)
{
	fprintf(to, "usage: relayctl COMMAND [OPTION]... [ARGUMENT]...\n\n");
	for (unsigned int i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to, "\nrelayctl COMMAND --help says more, relayctl(1) most.\n");
}

/**
 * say_usage - say how a command is to be called
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
 * say_help - say what a command does
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
 * complain - say what went wrong
 * @what: with what
 * @err: a negative error number
 *
 * Return: EXIT_FAILED.
 */
int complain(const char *what, int err)
{
	fprintf(stderr, "relayctl: %s: %s\n", what, relay_strerror(err));
	return EXIT_FAILED;
}

/**
 * why_no_channels - is relayfs the reason that something is not there?
 *
 * Return: in words, behind what is not there; "" if it is not.
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

/**
 * complain_channel - say what went wrong when a channel was opened
 * @channel: its name
 * @err: a negative error number
 *
 * Return: EXIT_FAILED.
 */
int complain_channel(const char *channel, int err)
{
	if (err != -ENOENT && err != -ENOTDIR)
		return complain(channel, err);
	fprintf(stderr, "relayctl: no channel %s on %s%s\n", channel, RELAY_ROOT,
		why_no_channels());
	return EXIT_FAILED;
}

/**
 * flush_stdout - see what is printed to where it goes
 *
 * Return: 0 or an error; after one, an error always: main() says it.
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

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	for (unsigned int i = 0; i < N_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i]->name))
			return commands[i]->run(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version")) {
		puts("relayctl " RELAY_VERSION);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_commands(stdout);
		return EXIT_OK;
	}
	fprintf(stderr, "relayctl: no such command: %s\n", argv[1]);
	print_commands(stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int exit_code, err;

	/* A broken pipe and a file size limit (ulimit -f) are errors of write(), and told. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	exit_code = run(argc, argv);
	err = flush_stdout();
	if (!err)
		return exit_code;
	complain("stdout", err);
	return EXIT_NOT_STORED;
}
