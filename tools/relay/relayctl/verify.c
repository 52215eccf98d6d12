// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl verify: is a recording as it was stored?
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cut.h"
#include "data.h"
#include "options.h"
#include "stream-in.h"

/**
 * struct verified - counts of what was found
 * @recordings:	indexes and streams
 * @matching:	sub-buffers whose check sums match
 * @unchecked:	sub-buffers without a check sum, whose data is in the file
 * @damaged:	entries that are damaged, or whose data is
 * @bytes:	bytes of undamaged data
 * @failed:	indexes that are not valid, or could not be read
 * @cut:	bytes that were cut off
 */
struct verified {
	uint64_t	recordings;
	uint64_t	matching;
	uint64_t	unchecked;
	uint64_t	damaged;
	uint64_t	bytes;
	uint64_t	failed;
	uint64_t	cut;
};

/* nftw() has no argument for its function. */
static struct verified verified;
static bool cut;

static int verify_entry(struct data *data, const struct recorded *recorded)
{
	int verdict = data_read(data, recorded);

	if (verdict < 0)
		return verdict;
	if (data_damaged(verdict)) {
		data_say(data, recorded, verdict);
		verified.damaged++;
		return 0;
	}
	verified.matching += verdict == DATA_MATCHES;
	verified.unchecked += verdict == DATA_UNCHECKED;
	verified.bytes += verdict == DATA_LOSSES ? 0 : recorded->entry.stored;
	return 0;
}

static int verify_entries(const struct recording *recording)
{
	struct data data;
	int err = 0;

	data_open(&data, recording);
	for (size_t i = 0; i < recording->n_entries && !err; i++)
		err = verify_entry(&data, &recording->entries[i]);
	data_close(&data);
	return err;
}

static void verify_recording(const char *path)
{
	struct recording recording;
	int err = recording_open(&recording, path);

	verified.recordings++;
	if (!err)
		err = verify_entries(&recording);
	if (!err && cut && !strcmp(recording.index, INDEX_NAME_CTF))
		err = cut_streams(path, &verified.cut);
	recording_close(&recording);
	if (!err)
		return;
	verified.failed++;
	if (err == -EBADMSG)
		say("relayctl: %s/%s: not an index, or its header is damaged", path,
		    recording.index);
	else if (err == -EOPNOTSUPP)
		data_say_unsupported(path);
	else
		complain(path, err);
}

/* Each directory with an index is a recording, a part or a snapshot. */
static int visit(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	char dir[4096];

	(void)stat;
	if (type == FTW_DNR) {
		complain(path, -EACCES);
		verified.failed++;
	}
	if (type == FTW_F && is_index_name(path + ftw->base)) {
		snprintf(dir, sizeof(dir), "%.*s", ftw->base ? ftw->base - 1 : 0, path);
		verify_recording(dir);
	}
	return 0;
}

static void verify_dir(const char *path)
{
	/* At most 16 directories are open at once, however deep the tree is. */
	if (nftw(path, visit, 16, FTW_PHYS)) {
		complain(path, -errno);
		verified.failed++;
	}
}

/* A stream has no check sums: only check that it is complete. */
static void verify_stream(const char *path, int fd)
{
	struct stream stream;
	int err;

	verified.recordings++;
	stream_open(&stream, fd);
	while ((err = stream_next(&stream)) > 0) {
		verified.unchecked++;
		verified.bytes += stream.header.info.used;
	}
	stream_close(&stream);
	if (!err)
		return;
	if (err == -EBADMSG && verified.unchecked) {
		say("%s: after %llu sub-buffers it is damaged, or cut off", path,
		    (unsigned long long)verified.unchecked);
		verified.damaged++;
		return;
	}
	verified.failed++;
	if (err == -EBADMSG)
		say("relayctl: %s: not a recording", path);
	else
		complain(path, err);
}

static void verify_path(const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat)) {
		complain(path, -errno);
		verified.failed++;
	} else if (S_ISDIR(stat.st_mode)) {
		verify_dir(path);
	} else {
		verify_stream(path, fd);
	}
	if (fd >= 0 && !is_stdin)
		close(fd);
}

static void print_verified(const char *path)
{
	char bytes[16];

	printf("%s: %llu sub-buffers match their check sums, %llu have none, %s; %llu damaged\n",
	       printable(path), (unsigned long long)verified.matching,
	       (unsigned long long)verified.unchecked, format_bytes(verified.bytes, bytes),
	       (unsigned long long)verified.damaged);
}

/* Return: an exit code. */
static int verify(const char *path, bool quiet)
{
	verified = (struct verified) { 0 };
	verify_path(path);
	if (!verified.recordings && !verified.failed) {
		say("relayctl: no recording in %s", path);
		return EXIT_FAILED;
	}
	if (!quiet && verified.recordings)
		print_verified(path);
	if (verified.cut)
		printf("%s: %llu bytes cut off, of packets that were not written to their end\n",
		       printable(path), (unsigned long long)verified.cut);
	return verified.failed ? EXIT_FAILED : verified.damaged ? EXIT_NOT_STORED : EXIT_OK;
}

static const struct option long_options[] = {
	{ "cut",	no_argument,	NULL, 'c' },
	{ "quiet",	no_argument,	NULL, 'q' },
	{ "help",	no_argument,	NULL, 'h' },
	{}
};

static int verify_main(int argc, char **argv)
{
	int option, exit_code = EXIT_OK, got;
	bool quiet = false;

	while ((option = getopt_long(argc, argv, "cqh", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&verify_command);
		if (option != 'q' && option != 'c')
			return say_bad_value(&verify_command, long_options, option, "");
		quiet |= option == 'q';
		cut |= option == 'c';
	}
	if (check_arguments(&verify_command, argc, argv, 1, INT_MAX))
		return EXIT_USAGE;
	/* EXIT_FAILED of one argument takes precedence over EXIT_NOT_STORED of another. */
	for (; optind < argc; optind++) {
		got = verify(argv[optind], quiet);
		exit_code = exit_code == EXIT_FAILED ? exit_code : got ? got : exit_code;
	}
	return exit_code;
}

const struct command verify_command = {
	.name		= "verify",
	.run		= verify_main,
	.usage		= "[OPTION]... DIR|FILE|-...",
	.summary	= "Say whether a recording is as it was stored",
	.help		=
"  -c, --cut              of a trace, cut off the packet at the end of a CPU's file that\n"
"                         a recorder which was killed has not written to its end\n"
"  -q, --quiet            say nothing but what is damaged\n"
"  -h, --help             this\n"
"\n"
"Each recording in DIR, and each part and snapshot of one, is held against its check\n"
"sums. What was recorded with --splice, and what an earlier version has recorded, has\n"
"none: its data is there, or not. FILE is a stream, which has no check sums either.\n"
"\n"
"Exit status: 0, nothing is damaged; 1, there is no recording, or one could not be\n"
"read; 2, usage; 3, some of it is damaged.\n",
};
