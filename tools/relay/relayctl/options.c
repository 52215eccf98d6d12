// SPDX-License-Identifier: GPL-2.0
/*
 * What is wrong with options and arguments: named, with the value and with what is
 * wanted instead.
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
 * say_bad_value - say which option has a value that it does not take
 * @command: the command
 * @options: its options
 * @option: the one, as getopt_long() returned it, its value in optarg; or '?', of which
 *	getopt_long() has said what is wrong
 * @wanted: what it takes
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
 * check_arguments - say it if there are too few arguments, or too many
 * @command: the command
 * @argc: the number of arguments, and of options before them
 * @argv: both
 * @least: so many arguments it needs
 * @most: so many it takes
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
 * check_pairs - say which options were given that do not go together
 * @command: the command
 * @pairs: pairs of them; NULL for one that was not given
 * @n: how many pairs
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
