// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl archive: copy the banks that earlier boots have left, and release them, so that
 * the kernel may record over them.
 *
 * A bank is released when its copy and the copy's directory entry are on the disk. An
 * incomplete copy has another name.
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
#include "options.h"
#include "recover-image.h"

#define PREFIX		"bank"
#define PARTIAL		".partial"

/* Copy a page at a time: if some memory cannot be read, the copy lacks only its pages. */
#define ARCHIVE_PAGE	4096

/**
 * struct archive - the command
 * @reserved:	the directory of the reserved area
 * @path:	the directory of the archives
 * @dir:	descriptor of @path
 * @keep:	number of archives to keep
 * @most:	bytes of archives to keep; the newest is always kept
 */
struct archive {
	const char	*reserved;
	const char	*path;
	int		dir;
	uint64_t	keep;
	uint64_t	most;
};

/*
 * A copy
 */

/* Memory that cannot be read is zero in the copy, and counted in @bad. Return: 0 or an error. */
static int copy_page(int from, int to, uint64_t at, uint64_t size, uint64_t *bad)
{
	static const char zeroes[ARCHIVE_PAGE];
	char page[ARCHIVE_PAGE];
	size_t want = size - at < sizeof(page) ? size - at : sizeof(page);
	ssize_t got;

	do
		got = pread(from, page, want, at);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno != EIO && errno != EFAULT)
		return -errno;
	if (got < (ssize_t)want) {
		got = got < 0 ? 0 : got;
		*bad += want - got;
	}
	/* Leave holes in the file for pages of zeroes. */
	return memcmp(page, zeroes, got) ? write_all_at(to, page, got, at) : 0;
}

static int copy_bank(int from, int to, uint64_t *bad)
{
	struct stat stat_buf;
	uint64_t at = 0, size;
	int err = fstat(from, &stat_buf) ? -errno : 0;

	size = err ? 0 : stat_buf.st_size;
	for (; at < size && !err; at += ARCHIVE_PAGE)
		err = copy_page(from, to, at, size, bad);
	if (!err && (ftruncate(to, size) || fsync(to)))
		err = -errno;
	return err;
}

/* Name an archive by bank and boot, so that archiving the bank again replaces the archive. */
static void name_bank(int fd, unsigned int number, char *name, size_t size)
{
	char headers[RELAY_FOUND_HEADERS] = "", time_text[32] = "";
	struct relay_found_bank found;
	time_t begun = time(NULL);
	bool known;
	struct tm tm;

	known = pread(fd, headers, sizeof(headers), 0) == sizeof(headers) &&
		!relay_find_bank(headers, sizeof(headers), &found);
	if (known)
		begun = found.head.boot_time / 1000000000;
	if (gmtime_r(&begun, &tm))
		strftime(time_text, sizeof(time_text), "%Y%m%dT%H%M%SZ", &tm);
	if (known)
		snprintf(name, size, PREFIX "%u-%s-%llu", number, time_text,
			 (unsigned long long)found.head.generation);
	else
		snprintf(name, size, PREFIX "%u-%s-unreadable", number, time_text);
}

static int store_bank(const struct archive *archive, int from, const char *name, uint64_t *bad)
{
	int to = openat(archive->dir, PARTIAL, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err;

	if (to < 0)
		return -errno;
	err = copy_bank(from, to, bad);
	if (close(to) && !err)
		err = -errno;
	if (!err && renameat(archive->dir, PARTIAL, archive->dir, name))
		err = -errno;
	if (err) {
		unlinkat(archive->dir, PARTIAL, 0);
		return err;
	}
	return sync_dir(archive->dir);
}

/*
 * Limits
 */

/* An archive in the directory. */
struct stored {
	char		name[NAME_MAX + 1];
	struct timespec	time;
	uint64_t	bytes;
};

static int newest_first(const void *a, const void *b)
{
	const struct stored *one = a, *other = b;

	if (one->time.tv_sec != other->time.tv_sec)
		return one->time.tv_sec < other->time.tv_sec ? 1 : -1;
	if (one->time.tv_nsec != other->time.tv_nsec)
		return one->time.tv_nsec < other->time.tv_nsec ? 1 : -1;
	return strcmp(other->name, one->name);
}

/* Return: the number of archives in @all, which the caller frees; or an error. */
static int find_stored(const struct archive *archive, struct stored **all)
{
	DIR *dir = opendir(archive->path);
	struct dirent *entry;
	struct stat stat_buf;
	int n = 0;

	*all = NULL;
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		struct stored *more;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) ||
		    fstatat(archive->dir, entry->d_name, &stat_buf, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(stat_buf.st_mode))
			continue;
		more = reallocarray(*all, n + 1, sizeof(**all));
		if (!more) {
			n = -ENOMEM;
			break;
		}
		*all = more;
		more[n].time = stat_buf.st_mtim;
		more[n].bytes = stat_buf.st_blocks * 512ULL;
		snprintf(more[n++].name, sizeof(more->name), "%s", entry->d_name);
	}
	closedir(dir);
	return n;
}

/* Remove the oldest archives beyond the limits, but never the newest. */
static int keep_limits(const struct archive *archive)
{
	struct stored *all;
	uint64_t bytes = 0;
	int n = find_stored(archive, &all), err = n < 0 ? n : 0;

	if (n > 0)
		qsort(all, n, sizeof(*all), newest_first);
	for (int i = 0; i < n && !err; i++) {
		bytes += all[i].bytes;
		if (!i || ((uint64_t)i < archive->keep && bytes <= archive->most))
			continue;
		bytes -= all[i].bytes;
		err = unlinkat(archive->dir, all[i].name, 0) ? -errno : 0;
		if (!err)
			say("relayctl: removed %s/%s", archive->path, all[i].name);
	}
	free(all);
	return err;
}

/*
 * The command
 */

/* Return: an exit code. */
static int archive_bank(const struct archive *archive, unsigned int number)
{
	char path[4096], name[64];
	uint64_t bad = 0;
	int from, err;

	snprintf(path, sizeof(path), "%s/bank%u", archive->reserved, number);
	from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return complain(path, -errno);
	name_bank(from, number, name, sizeof(name));
	err = store_bank(archive, from, name, &bad);
	close(from);
	if (err)
		return complain(archive->path, err);
	say("relayctl: bank %u is in %s/%s", number, archive->path, name);
	if (bad) {
		say("relayctl: %llu bytes of it cannot be read; it is not released",
		    (unsigned long long)bad);
		return EXIT_NOT_STORED;
	}
	err = live_release(archive->reserved, number);
	/* A crash kernel cannot release: the next kernel archives the bank again. */
	if (err && err != -EROFS)
		return complain(archive->reserved, err);
	return EXIT_OK;
}

static int archive_banks(const struct archive *archive)
{
	struct live_bank bank[LIVE_BANKS];
	int n = read_status(archive->reserved, bank), ret = EXIT_OK, got, err;

	if (n == -ENOENT) {
		say("relayctl: no reserved area in %s%s", archive->reserved,
		    why_no_channels());
		return EXIT_FAILED;
	}
	if (n < 0)
		return complain(archive->reserved, n);
	for (int i = 0; i < n; i++) {
		got = live_is_kept(&bank[i]) ? archive_bank(archive, bank[i].number) : EXIT_OK;
		if (!ret)
			ret = got;
	}
	err = keep_limits(archive);
	return err ? complain(archive->path, err) : ret;
}

static const struct option long_options[] = {
	{ "keep",	required_argument,	NULL, 'k' },
	{ "max-size",	required_argument,	NULL, 's' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static int archive_main(int argc, char **argv)
{
	struct archive archive = { .reserved = RESERVED, .keep = UINT64_MAX, .most = UINT64_MAX };
	int option, ret;

	while ((option = getopt_long(argc, argv, "k:s:h", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&archive_command);
		if (!(option == 'k' && parse_number(optarg, &archive.keep)) &&
		    !(option == 's' && parse_size(optarg, &archive.most)))
			return say_bad_value(&archive_command, long_options, option,
					     option == 'k' ? "a number" : WANT_SIZE);
	}
	if (check_arguments(&archive_command, argc, argv, 1, 2))
		return EXIT_USAGE;
	archive.path = argv[optind];
	if (argc - optind == 2)
		archive.reserved = argv[optind + 1];
	archive.dir = open(archive.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (archive.dir < 0)
		return complain(archive.path, -errno);
	ret = archive_banks(&archive);
	close(archive.dir);
	return ret;
}

const struct command archive_command = {
	.name		= "archive",
	.run		= archive_main,
	.stores		= true,
	.usage		= "[OPTION]... DIR [RESERVED]",
	.summary	= "Copy what earlier boots left in the reserved area, and release it",
	.help		=
"  -k, --keep=N           keep N archives in DIR, the newest\n"
"  -s, --max-size=N       keep N bytes of them (K, M, G, T), and the newest\n"
"  -h, --help             this\n"
"\n"
"Each bank of a boot that has ended, and each that cannot be read, is copied to a file\n"
"in DIR that relayctl recover takes. When the copy is on the disk the bank is released.\n"
"RESERVED is " RESERVED " without it.\n"
"\n"
"Exit status: 0, all there was is archived, or there was none; 1, some is not; 2, usage;\n"
"3, memory of a bank could not be read: that bank is archived, and not released.\n",
};
