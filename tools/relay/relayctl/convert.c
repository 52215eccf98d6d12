// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl convert: a trace as text.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "confine.h"
#include "convert.h"
#include "format.h"
#include "options.h"

static const struct option long_options[] = {
	{ "to",		required_argument,	NULL, 't' },
	{ "formats",	required_argument,	NULL, 'f' },
	{ "kallsyms",	required_argument,	NULL, 'k' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

/* Return: -1 to go on, or an exit code. */
static int parse(struct convert *convert, int argc, char **argv)
{
	const char *to = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "t:f:k:h", long_options, NULL)) != -1) {
		switch (option) {
		case 't':
			to = optarg;
			if (!strcmp(to, "text"))
				break;
			return say_bad_value(&convert_command, long_options, option, "text");
		case 'f':
			convert->formats = optarg;
			break;
		case 'k':
			convert->kallsyms = optarg;
			break;
		case 'h':
			return say_help(&convert_command);
		default:
			return say_usage(&convert_command);
		}
	}
	if (!to) {
		say("relayctl convert: to what? --to=text");
		return say_usage(&convert_command);
	}
	if (check_arguments(&convert_command, argc, argv, 1, 1))
		return EXIT_USAGE;
	convert->trace = argv[optind];
	return -1;
}

/* Return: an exit code. */
static int check_files(const struct convert *convert)
{
	const char *const named[] = { convert->trace, convert->formats, convert->kallsyms };
	char metadata[PATH_MAX];

	for (unsigned int i = 0; i < 3; i++)
		if (named[i] && access(named[i], R_OK))
			return complain(named[i], -errno);
	snprintf(metadata, sizeof(metadata), "%s/%s", convert->trace, METADATA_NAME);
	if (!access(metadata, F_OK))
		return EXIT_OK;
	say("relayctl: %s is no trace: it has no file %s", convert->trace, METADATA_NAME);
	return EXIT_FAILED;
}

static int convert_main(int argc, char **argv)
{
	struct convert convert = { 0 };
	int code = parse(&convert, argc, argv);

	if (code >= 0)
		return code;
	code = check_files(&convert);
	if (code)
		return code;
	code = confine(convert.trace);
	return code >= 0 ? code : convert_text(&convert);
}

const struct command convert_command = {
	.name		= "convert",
	.run		= convert_main,
	.usage		= "--to text [OPTION]... TRACE",
	.summary	= "Print the events of a trace as the kernel would",
	.help		=
"  -t, --to=text          as the file \"trace\" of tracefs\n"
"  -f, --formats=PATH     the formats of the events: a directory as events/ of tracefs, or\n"
"                         a file that has them one after the other (TRACE/.formats, or\n"
"                         /sys/kernel/tracing/events)\n"
"  -k, --kallsyms=FILE    names of the kernel's addresses (/proc/kallsyms, if the trace is\n"
"                         of the kernel that runs)\n"
"  -h, --help             this\n"
"\n"
"TRACE is a directory of CTF, as \"relayctl trace\", record and recover make it.\n"
"An event without a format is printed with the names and values of its fields.\n"
"\n"
"Exit status: 0; 1, TRACE is no trace; 2, usage; 3, some of it is damaged.\n",
};
