// SPDX-License-Identifier: GPL-2.0
/*
 * Messages about wrong options and arguments, with the value and what is wanted instead.
 */
#include <getopt.h>
#include "options.h"

static const char *option_name(const struct option *options, int option)
{
	while (options->name && options->val != option)
		options++;
	return options->name;
}

/**
 * say_bad_value - say that an option has a wrong value
 * @command: the command
 * @options: its options
 * @option: the return value of getopt_long(), with the value in optarg; or '?', for which
 *	getopt_long() has printed a message
 * @wanted: what the option takes
 *
 * Return: EXIT_USAGE.
 */
int say_bad_value(const struct command *command, const struct option *options, int option,
		  const char *wanted)
{
	if (option != '?')
		say("relayctl %s: --%s=%s: it takes %s", command->name,
		    option_name(options, option), optarg, wanted);
	return say_usage(command);
}

/**
 * check_arguments - check the number of arguments after the options
 * @command: the command
 * @argc: number of @argv
 * @argv: options and arguments
 * @least: lowest number of arguments
 * @most: highest number of arguments
 *
 * Return: 0 or EXIT_USAGE.
 */
int check_arguments(const struct command *command, int argc, char **argv, int least, int most)
{
	int n = argc - optind;

	if (n >= least && n <= most)
		return 0;
	if (n < least)
		say("relayctl %s: an argument is missing", command->name);
	else
		say("relayctl %s: %s: one argument too many", command->name,
		    argv[optind + most]);
	return say_usage(command);
}

/**
 * check_pairs - refuse options that do not go together
 * @command: the command
 * @pairs: pairs of options that exclude each other; NULL for an option that was not given
 * @n: number of pairs
 *
 * Return: 0 or EXIT_USAGE.
 */
int check_pairs(const struct command *command, const char *const pairs[][2], unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!pairs[i][0] || !pairs[i][1])
			continue;
		say("relayctl %s: %s and %s do not go together", command->name, pairs[i][0],
		    pairs[i][1]);
		return say_usage(command);
	}
	return 0;
}
