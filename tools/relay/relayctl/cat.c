// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl cat: the payload of a recording, a stream or a channel, to stdout.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "data.h"
#include "mover.h"
#include "options.h"
#include "stream-in.h"
#include "uapi/linux/relay.h"

#define ANY_CPU		UINT64_MAX

/* A stream from more CPUs than this is not believed. */
#define STREAM_CPUS	65536

/**
 * struct cat - the command
 * @cpu:	the only CPU to print, or ANY_CPU
 * @now:	of a channel, print only what was written until now
 * @live:	names are those of channels, even if a file or directory has that name
 * @quiet:	do not report losses
 * @dir:	the recording that is printed; a part has another path
 * @damaged:	number of damaged entries, which are not printed
 * @unwritten:	error of stdout, or 0
 */
struct cat {
	uint64_t	cpu;
	bool		now;
	bool		live;
	bool		quiet;
	const char	*dir;
	uint64_t	damaged;
	int		unwritten;
};

static const struct option long_options[] = {
	{ "cpu",	required_argument,	NULL, 'c' },
	{ "now",	no_argument,		NULL, 'n' },
	{ "live",	no_argument,		NULL, 'l' },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static bool wanted(const struct cat *cat, unsigned int cpu)
{
	return cat->cpu == ANY_CPU || cat->cpu == cpu;
}

static int put(struct cat *cat, const void *data, size_t size)
{
	cat->unwritten = write_all(STDOUT_FILENO, data, size);
	return cat->unwritten;
}

static void say_losses(uint64_t lost, uint64_t missed)
{
	fprintf(stderr, "%llu records lost, %llu sub-buffers missed\n",
		(unsigned long long)lost, (unsigned long long)missed);
}

static void tell_losses(const struct cat *cat, unsigned int cpu,
			uint64_t sequence, uint64_t lost, uint64_t missed)
{
	if (cat->quiet || !(lost || missed))
		return;
	fprintf(stderr, "cpu %u, before sub-buffer %llu: ", cpu,
		(unsigned long long)sequence);
	say_losses(lost, missed);
}

/*
 * A recording
 */

static void tell_end(const struct cat *cat, const struct index_entry *entry)
{
	if (cat->quiet || !(entry->lost || entry->missed))
		return;
	fprintf(stderr, "cpu %u, after the last sub-buffer: ", entry->cpu);
	say_losses(entry->lost, entry->missed);
}

/* A data file is absent: is that because the part is being removed? */
static bool is_going(const struct cat *cat, const struct data *data, enum data_verdict verdict)
{
	const char *path = data->recording->path;

	return verdict == DATA_ABSENT && path != cat->dir && !recording_exists(path);
}

/* Return: 0 or an error; -ENOENT for a part that is being removed. */
static int cat_entry(struct cat *cat, struct data *data, const struct recorded *recorded)
{
	const struct index_entry *entry = &recorded->entry;
	int verdict;

	/* The CPU of a damaged entry is not known. */
	if (!recorded->damaged && !wanted(cat, entry->cpu))
		return 0;
	verdict = data_read(data, recorded);
	if (verdict < 0)
		return verdict;
	if (is_going(cat, data, verdict))
		return -ENOENT;
	if (verdict == DATA_LOSSES)
		tell_end(cat, entry);
	else if (verdict != DATA_BAD_ENTRY)
		tell_losses(cat, entry->cpu, entry->sequence, entry->lost, entry->missed);
	if (data_damaged(verdict)) {
		data_say(data, recorded, verdict);
		cat->damaged++;
		return 0;
	}
	return verdict == DATA_LOSSES ? 0 : put(cat, data->bytes, entry->used);
}

/* Report a part that record --keep removes while it is printed. */
static void tell_removed(const struct cat *cat, const struct recording *recording, size_t from)
{
	unsigned long long left = 0;

	for (; from < recording->n_entries; from++)
		left += wanted(cat, recording->entries[from].entry.cpu) &&
			!(recording->entries[from].entry.flags & INDEX_END);
	if (!cat->quiet)
		say("relayctl: %s was removed meanwhile; %llu of its sub-buffers are not printed",
		    recording->path, left);
}

static int cat_entries(struct cat *cat, const struct recording *recording)
{
	struct data data;
	int err = 0;

	data_open(&data, recording);
	for (size_t i = 0; i < recording->n_entries && !err; i++) {
		err = cat_entry(cat, &data, &recording->entries[i]);
		if (err == -ENOENT)
			tell_removed(cat, recording, i);
	}
	data_close(&data);
	return err == -ENOENT ? 0 : err;
}

/* Return: 0 or an error; -ENOENT if it has no index, so that it is not a recording. */
static int cat_part(const char *path, void *arg)
{
	struct recording recording;
	const struct cat *cat = arg;
	int err = recording_open(&recording, path);

	if (!err) {
		recording_sort(&recording);
		err = cat_entries(arg, &recording);
	} else if (err == -ENOENT && path != cat->dir && !cat->quiet) {
		say("relayctl: %s is passed over: removed meanwhile, or never begun",
		    path);
	}
	recording_close(&recording);
	return err;
}

/*
 * A stream
 */

/**
 * struct stream_cpu - the losses of a CPU in a stream so far
 * @lost:	highest count of lost records
 * @missed:	highest count of missed sub-buffers
 */
struct stream_cpu {
	uint64_t	lost;
	uint64_t	missed;
};

/**
 * struct stream_losses - the losses of all CPUs
 * @cpu:	losses, by CPU
 * @n_cpus:	CPUs that @cpu has room for
 */
struct stream_losses {
	struct stream_cpu	*cpu;
	unsigned int		n_cpus;
};

static int grow_losses(struct stream_losses *losses, unsigned int n)
{
	struct stream_cpu *cpu;

	if (n <= losses->n_cpus)
		return 0;
	cpu = reallocarray(losses->cpu, n, sizeof(*cpu));
	if (!cpu)
		return -ENOMEM;
	memset(cpu + losses->n_cpus, 0, (n - losses->n_cpus) * sizeof(*cpu));
	losses->cpu = cpu;
	losses->n_cpus = n;
	return 0;
}

/* Return: by how much @count exceeds the highest count so far. */
static uint64_t more(uint64_t *most, uint64_t count)
{
	uint64_t before = *most;

	if (count <= before)
		return 0;
	*most = count;
	return count - before;
}

/* The counts of a stream start with the stream. */
static int tell_stream_losses(const struct cat *cat, struct stream_losses *losses,
			      const struct relay_all_header *header)
{
	struct stream_cpu *cpu;
	int err;

	if (header->cpu >= STREAM_CPUS)
		return -EBADMSG;
	err = grow_losses(losses, header->cpu + 1);
	if (err || !wanted(cat, header->cpu))
		return err;
	cpu = &losses->cpu[header->cpu];
	tell_losses(cat, header->cpu, header->info.sequence, more(&cpu->lost, header->info.lost),
		    more(&cpu->missed, header->missed));
	return 0;
}

static int cat_stream(struct cat *cat, int fd)
{
	struct stream_losses losses = { 0 };
	struct stream stream;
	int err;

	stream_open(&stream, fd);
	while ((err = stream_next(&stream)) > 0) {
		err = tell_stream_losses(cat, &losses, &stream.header);
		if (!err && wanted(cat, stream.header.cpu))
			err = put(cat, stream.data, stream.header.info.used);
		if (err)
			break;
	}
	stream_close(&stream);
	free(losses.cpu);
	return err;
}

static int cat_file(struct cat *cat, const char *path)
{
	struct stat stat;
	int fd, err;

	fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (fd < 0 || fstat(fd, &stat))
		return -errno;
	cat->dir = path;
	if (S_ISDIR(stat.st_mode))
		err = recording_parts(path, cat_part, cat);
	else
		err = cat_stream(cat, fd);
	close(fd);
	return err == -ENOENT ? -EBADMSG : err;
}

/*
 * A channel
 */

/*
 * Copy and release the sub-buffer before it is printed, because another reader may consume
 * it meanwhile, and then a writer may enter it.
 */
static int cat_subbuf(struct cat *cat, struct mover *mover, const struct relay_subbuf *subbuf)
{
	int err = mover_take(mover, subbuf);
	bool gone = err == -ESTALE;

	if (err && !gone)
		return err;
	tell_losses(cat, subbuf->cpu, subbuf->sequence, subbuf->lost, subbuf->missed + gone);
	return gone ? 0 : put(cat, mover->copy, mover->copied);
}

static int cat_subbufs(struct cat *cat, struct relay_reader *reader, struct mover *mover)
{
	const struct relay_subbuf *subbuf;
	int err;

	while ((err = relay_next(reader, &subbuf)) > 0 || err == -EINTR) {
		/* A signal that stopped the process interrupted the wait. */
		if (err == -EINTR)
			continue;
		err = cat_subbuf(cat, mover, subbuf);
		if (err)
			return err;
	}
	return err;
}

static int cat_channel(struct cat *cat, struct relay_reader *reader)
{
	struct mover mover;
	int err = cat->now ? relay_drain(reader) : 0;

	if (err)
		return err;
	mover_init(&mover, reader);
	err = cat_subbufs(cat, reader, &mover);
	mover_close(&mover);
	return err;
}

/* Return: 0 or an error; -ENXIO for a CPU that has no buffer. */
static int cat_live(struct cat *cat, const char *channel)
{
	const unsigned int cpu = cat->cpu;
	struct relay_reader *reader;
	int err = relay_open_cpus(&reader, channel, &cpu, cat->cpu != ANY_CPU, RELAY_CONFIRM);

	if (err)
		return err;
	err = cat_channel(cat, reader);
	relay_close(reader);
	return err;
}

/* Is it a channel's directory? The files of a channel, such as "all", are read as streams. */
static bool is_on_relayfs(const char *path)
{
	struct stat stat_buf;
	struct statfs fs;

	return !stat(path, &stat_buf) && S_ISDIR(stat_buf.st_mode) &&
	       !statfs(path, &fs) && (uint32_t)fs.f_type == RELAYFS_MAGIC;
}

/* relay_open() takes a name without a slash for that of a channel below RELAY_ROOT. */
static int cat_live_path(struct cat *cat, const char *path)
{
	char *absolute = realpath(path, NULL);
	int err = absolute ? cat_live(cat, absolute) : -errno;

	free(absolute);
	return err;
}

/*
 * Reading a channel consumes it, and reading a file does not. So if the path exists, take
 * the name for the path, unless --live is given.
 */
static int cat_any(struct cat *cat, const char *name)
{
	if (cat->live)
		return cat_live(cat, name);
	if (!strcmp(name, "-"))
		return cat_file(cat, name);
	if (access(name, F_OK))
		return cat_live(cat, name);
	return is_on_relayfs(name) ? cat_live_path(cat, name) : cat_file(cat, name);
}

static int report(const struct cat *cat, const char *name, int err)
{
	char newest[NAME_MAX + 1];

	if (cat->unwritten) {
		complain("stdout", cat->unwritten);
		return EXIT_NOT_STORED;
	}
	if (err == -EBADMSG && !recording_exists(name) &&
	    recording_snapshots(name, newest)) {
		say("relayctl: %s has snapshots only; the newest: relayctl cat %s/%s",
		    name, name, newest);
		return EXIT_FAILED;
	}
	if (err == -EBADMSG && !recording_exists(name) && recording_below(name)) {
		say("relayctl: %s has recordings of several channels; one of them: relayctl cat %s",
		    name, recording_below(name));
		return EXIT_FAILED;
	}
	if (err == -EBADMSG) {
		say("relayctl: %s: not a recording, or a damaged one", name);
		return EXIT_FAILED;
	}
	if (err == -EOPNOTSUPP) {
		data_say_unsupported(name);
		return EXIT_FAILED;
	}
	if (err == -ENXIO) {
		say("relayctl: %s has no buffer of CPU %llu: see relayctl stat",
		    name, (unsigned long long)cat->cpu);
		return EXIT_FAILED;
	}
	return err ? complain_channel(name, err) : EXIT_OK;
}

static int cat_main(int argc, char **argv)
{
	struct cat cat = { .cpu = ANY_CPU };
	int option, exit_code = EXIT_OK;

	while ((option = getopt_long(argc, argv, "c:nlqh", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&cat_command);
		if (option == 'n')
			cat.now = true;
		else if (option == 'l')
			cat.live = true;
		else if (option == 'q')
			cat.quiet = true;
		else if (option != 'c' || !parse_number(optarg, &cat.cpu) ||
			 cat.cpu >= RELAY_ALL_CPUS)
			return say_bad_value(&cat_command, long_options, option,
					     "the number of a CPU");
	}
	if (check_arguments(&cat_command, argc, argv, 1, INT_MAX))
		return EXIT_USAGE;
	for (; optind < argc && !exit_code; optind++)
		exit_code = report(&cat, argv[optind], cat_any(&cat, argv[optind]));
	if (cat.damaged)
		say("relayctl: %llu sub-buffers are damaged, and not printed",
		    (unsigned long long)cat.damaged);
	return exit_code || !cat.damaged ? exit_code : EXIT_NOT_STORED;
}

const struct command cat_command = {
	.name		= "cat",
	.run		= cat_main,
	.usage		= "[OPTION]... CHANNEL|DIR|FILE|-...",
	.summary	= "Print what is in a recording, a stream, or a channel",
	.help		=
"  -c, --cpu=N            of this CPU only\n"
"  -n, --now              of a channel, what is written until now; without it, all\n"
"                         that comes until the channel is closed\n"
"  -l, --live             a channel, also where there is a file or directory of that\n"
"                         name, which is what is read otherwise\n"
"  -q, --quiet            do not tell losses, nor parts removed meanwhile, on stderr\n"
"  -h, --help             this\n"
"\n"
"Reading a channel consumes it. Sub-buffers of a recording, or of each part of one,\n"
"are in the order of their times where the channel has a clock; all others are as\n"
"they came.\n"
"\n"
"What of a recording does not match its check sum is told, and not printed.\n"
"\n"
"Exit status: 0; 1, it could not be read; 2, usage; 3, some of it is damaged, or could\n"
"not be written.\n",
};
