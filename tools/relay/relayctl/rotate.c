// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of a recording: where they are, and how the oldest goes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "recorder.h"

/**
 * rotates - say whether a recording has parts
 * @options: of the recording
 *
 * Return: whether it has.
 */
bool rotates(const struct recorder_options *options)
{
	return options->rotate_size || options->rotate_ms;
}

/**
 * part_path - where a part is
 * @options: of the recording
 * @number: number of the part
 * @path: filled in: the recording itself, when there are no parts
 * @size: size of @path
 */
void part_path(const struct recorder_options *options, unsigned int number,
	       char *path, size_t size)
{
	if (rotates(options))
		snprintf(path, size, "%s/%06u", options->output, number);
	else
		snprintf(path, size, "%s", options->output);
}

/* Return: bytes of the file. */
static uint64_t remove_file(int dir, const char *name)
{
	struct stat stat;
	bool known = !fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) && S_ISREG(stat.st_mode);

	return !unlinkat(dir, name, 0) && known ? stat.st_size : 0;
}

/**
 * part_remove - remove a part
 * @options: of the recording
 * @number: number of the part
 *
 * Return: bytes that its files had.
 */
uint64_t part_remove(const struct recorder_options *options, unsigned int number)
{
	struct dirent *entry;
	char path[4096];
	uint64_t bytes;
	DIR *dir;

	part_path(options, number, path, sizeof(path));
	dir = opendir(path);
	if (!dir)
		return 0;
	/* The index first: without one it is none. */
	bytes = remove_file(dirfd(dir), INDEX_NAME);
	bytes += remove_file(dirfd(dir), INDEX_NAME_CTF);
	/* The metadata last: the streams that are left need them. */
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, METADATA_NAME))
			bytes += remove_file(dirfd(dir), entry->d_name);
	bytes += remove_file(dirfd(dir), METADATA_NAME);
	closedir(dir);
	rmdir(path);
	return bytes;
}
