// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl recover: what an earlier boot left in the reserved area.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "image.h"
#include "options.h"
#include "recover-image.h"

#define WANT_ADDRESS	"an address; 0x for hexadecimal, K, M, G or T for powers of 1024"
#define WANT_AREA	"the bytes of two banks, 128K or more; K, M, G or T for powers of 1024"

/**
 * struct recover - the command
 * @source:	the directory of the reserved area on relayfs, or a file
 * @output:	output directory; NULL to report only
 * @where:	which banks, and where in an image
 * @release:	release the banks afterwards
 * @json:	report as JSON
 */
struct recover {
	const char		*source;
	const char		*output;
	struct recover_where	where;
	bool			release;
	bool			json;
};

static const struct option long_options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "address",	required_argument,	NULL, 'a' },
	{ "size",	required_argument,	NULL, 's' },
	{ "scan",	no_argument,		NULL, 'S' },
	{ "bank",	required_argument,	NULL, 'b' },
	{ "all",	no_argument,		NULL, 'A' },
	{ "release",	no_argument,		NULL, 'r' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

/*
 * Options
 */

static bool parse_address(struct recover_where *where)
{
	where->address_given = true;
	return parse_bytes(optarg, &where->address);
}

/* A smaller area has no banks, because their size is a multiple of RELAY_BANK_ALIGN. */
static bool parse_area_size(struct recover_where *where)
{
	_Static_assert(RELAY_BANK_ALIGN == 64 << 10, "WANT_AREA says 128K");

	return parse_size(optarg, &where->size) && where->size >= 2 * RELAY_BANK_ALIGN;
}

static bool parse_bank(struct recover_where *where)
{
	uint64_t number;

	if (!parse_number(optarg, &number) || number > 63)
		return false;
	where->bank = number;
	return true;
}

/* Return: NULL, or what the option takes if its argument is wrong. */
static const char *parse_option(struct recover *recover, int option)
{
	switch (option) {
	case 'o':
		recover->output = optarg;
		return *optarg ? NULL : WANT_DIR;
	case 'a':
		return parse_address(&recover->where) ? NULL : WANT_ADDRESS;
	case 's':
		return parse_area_size(&recover->where) ? NULL : WANT_AREA;
	case 'S':
		recover->where.scan = true;
		return NULL;
	case 'b':
		return parse_bank(&recover->where) ? NULL : "a number, 0 to 63";
	case 'A':
		recover->where.all = true;
		return NULL;
	case 'r':
		recover->release = true;
		return NULL;
	case 'j':
		recover->json = true;
		return NULL;
	}
	return "";
}

/* Check options that are only for an image, or only for the running kernel. */
static int check_source(const struct recover *recover, bool live)
{
	const struct recover_where *where = &recover->where;
	const char *placed = where->address_given ? "--address" : where->size ? "--size" :
			     where->scan ? "--scan" : NULL;

	if (live && placed) {
		say("relayctl recover: %s is for an image of memory; %s is an area",
		    placed, recover->source);
		return say_usage(&recover_command);
	}
	if (!live && recover->release) {
		say("relayctl recover: --release is for the running kernel; %s is a file",
		    recover->source);
		return say_usage(&recover_command);
	}
	return EXIT_OK;
}

/* Return: an exit code. */
static int check_options(const struct recover *recover, bool live)
{
	const struct recover_where *where = &recover->where;
	const char *scan = where->scan ? "--scan" : NULL;
	const char *const pairs[][2] = {
		{ scan, where->address_given ? "--address" : NULL },
		{ scan, where->size ? "--size" : NULL },
		{ where->all ? "--all" : NULL, where->bank >= 0 ? "--bank" : NULL },
	};

	if (check_pairs(&recover_command, pairs, 3) || check_source(recover, live))
		return EXIT_USAGE;
	if (where->address_given || !where->size)
		return EXIT_OK;
	say("relayctl recover: --size needs --address");
	return say_usage(&recover_command);
}

/* Return: -1 to go on, or an exit code. */
static int parse_options(struct recover *recover, int argc, char **argv)
{
	const char *wanted;
	int option;

	while ((option = getopt_long(argc, argv, "o:a:s:Sb:Arjh", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&recover_command);
		wanted = parse_option(recover, option);
		if (wanted)
			return say_bad_value(&recover_command, long_options, option, wanted);
	}
	if (check_arguments(&recover_command, argc, argv, 0, 1))
		return EXIT_USAGE;
	recover->source = optind < argc ? argv[optind] : RESERVED;
	return -1;
}

/*
 * Results and errors
 */

static int say_nothing(const struct recover *recover, bool live)
{
	if (live)
		say("relayctl: %s has no bank that is wanted%s",
		    recover->source, why_no_channels());
	else
		say("relayctl: %s: nothing in it is to be recovered",
		    recover->source);
	return EXIT_FAILED;
}

static int say_error(const struct recover *recover, int err, bool live)
{
	switch (err) {
	case -ENOENT:
		if (live)
			return say_nothing(recover, live);
		return complain(recover->source, err);
	case -ENODATA:
		return say_nothing(recover, live);
	case -EBADMSG:
		say("relayctl: %s: a damaged vmcore", recover->source);
		return EXIT_FAILED;
	case IMAGE_COMPRESSED:
		say("relayctl: %s: a compressed (kdump) dump", recover->source);
		say("relayctl: take /proc/vmcore, or an ELF of it (makedumpfile -E)");
		return EXIT_FAILED;
	case IMAGE_FLAT:
		say("relayctl: %s: a flattened dump; convert it: makedumpfile -R %s.elf <%s",
		    recover->source, recover->source, recover->source);
		return EXIT_FAILED;
	case IMAGE_FLAT_COMPRESSED:
		say("relayctl: %s: a compressed (kdump) dump, flattened", recover->source);
		say("relayctl: take an ELF: QEMU's dump-guest-memory without -z, makedumpfile -E");
		return EXIT_FAILED;
	case -ENOMEM:
		say("relayctl: %s: not enough memory for all of it; recover it where there is more",
		    recover->source);
		return EXIT_FAILED;
	}
	/* An exit code: the message was printed. */
	if (err > 0)
		return err;
	return complain(recover->source, err);
}

/* Return: an exit code. */
static int report_unstored(const struct recover *recover, const struct recovery *recovery)
{
	if (!recovery->stored)
		return EXIT_OK;
	complain(recover->output ? : recover->source, recovery->stored);
	if (recovery->unstored)
		say("%llu sub-buffers with %llu records are not stored",
		    (unsigned long long)recovery->unstored,
		    (unsigned long long)recovery->unstored_records);
	if (recover->release)
		say("relayctl: not released: it is not all stored");
	return EXIT_NOT_STORED;
}

/* Was a part of a boot recovered? */
static bool some_recovered(const struct recovery *recovery)
{
	for (unsigned int i = 0; i < recovery->n_boots; i++) {
		const struct recovered_boot *boot = &recovery->boot[i];

		if (boot->recovered && (!boot->failed || boot->n_channels))
			return true;
	}
	return false;
}

static int report_failed(const struct recover *recover, const struct recovery *recovery,
			 int err, bool live)
{
	int unstored = report_unstored(recover, recovery);
	int failed = say_error(recover, err, live);

	return unstored || some_recovered(recovery) ? EXIT_NOT_STORED : failed;
}

static int report(const struct recover *recover, const struct recovery *recovery)
{
	uint64_t damaged = 0;

	for (unsigned int i = 0; i < recovery->n_boots; i++)
		damaged += recovery_damaged(&recovery->boot[i]);
	if (report_unstored(recover, recovery))
		return EXIT_NOT_STORED;
	if (recover->release && release_live(recovery, recover->source))
		return EXIT_FAILED;
	return damaged ? EXIT_NOT_STORED : EXIT_OK;
}

static int tell(const struct recover *recover, const struct recovery *recovery)
{
	if (recover->json)
		recovery_print_json(recovery);
	else
		recovery_print(recovery);
	return flush_stdout();
}

static int run(const struct recover *recover, bool live)
{
	struct recovery recovery = { .output = recover->output };
	int err, told, exit_code;

	if (live)
		err = recover_live(&recovery, recover->source, &recover->where);
	else
		err = recover_image(&recovery, recover->source, &recover->where);
	/* Report what was found, even if it is not usable, or the recovery failed later. */
	told = !err || err == -ENODATA || recovery.n_boots ?
	       tell(recover, &recovery) : 0;
	if (told)
		exit_code = EXIT_NOT_STORED;
	else
		exit_code = err ? report_failed(recover, &recovery, err, live) :
				  report(recover, &recovery);
	recovery_free(&recovery);
	return exit_code;
}

static int recover_main(int argc, char **argv)
{
	struct recover recover = { .where.bank = -1 };
	int exit_code = parse_options(&recover, argc, argv);
	struct stat stat_buf;
	bool live;

	if (exit_code >= 0)
		return exit_code;
	live = !strcmp(recover.source, RESERVED) ||
	       (!stat(recover.source, &stat_buf) && S_ISDIR(stat_buf.st_mode));
	if (check_options(&recover, live))
		return EXIT_USAGE;
	/* As in record: a recording has memory of the kernel, which only root may read. */
	umask(077);
	return run(&recover, live);
}

const struct command recover_command = {
	.name		= "recover",
	.run		= recover_main,
	.stores		= true,
	.usage		= "[OPTION]... [BANK|VMCORE|IMAGE]",
	.summary	= "Recover what an earlier boot left in the reserved area",
	.help		=
"  -o, --output=DIR       store it: a recording for each channel, in DIR\n"
"  -a, --address=N        of an image of memory: where the area is (0x, K, M, G, T)\n"
"  -s, --size=N           and how large (0x, K, M, G, T), 128K at least\n"
"  -S, --scan             or look for it everywhere\n"
"  -b, --bank=N           of several banks this one; without it, the newest that\n"
"                         is not released\n"
"  -A, --all              all of them, each in a directory of its own\n"
"  -r, --release          then let the kernel record over them\n"
"  -j, --json             tell as JSON\n"
"  -h, --help             this\n"
"\n"
"Without a source, the banks of boots that have ended, in the reserved area of the\n"
"kernel that runs: " RELAY_ROOT "/reserved. Of two, each is stored in a\n"
"directory of its own. A file can be one of these banks, or a copy of one. Nothing\n"
"of any source is changed, but by --release.\n"
"\n"
"Exit status: 0, everything that was found is recovered; 1, nothing is; 2, usage;\n"
"3, some of it was damaged and discarded, or is stored and in doubt, is not in the\n"
"image, had no room in memory, or could not be stored.\n",
};
