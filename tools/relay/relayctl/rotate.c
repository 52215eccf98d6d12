// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of a recording: their paths, and their removal.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "recorder.h"

/**
 * rotates - does a recording have parts?
 * @options: of the recording
 *
 * Return: whether it has.
 */
bool rotates(const struct recorder_options *options)
{
	return options->rotate_size || options->rotate_ms;
}

/**
 * part_path - the directory of a part
 * @options: of the recording
 * @number: number of the part
 * @path: filled in; the recording itself, if it has no parts
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

/* Return: the size of the removed file; 0 if it was not removed. */
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
	/* Remove the index first: without an index the directory is not a recording. */
	bytes = remove_file(dirfd(dir), INDEX_NAME);
	bytes += remove_file(dirfd(dir), INDEX_NAME_CTF);
	/* Remove the metadata last, because the remaining streams need them. */
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, METADATA_NAME))
			bytes += remove_file(dirfd(dir), entry->d_name);
	bytes += remove_file(dirfd(dir), METADATA_NAME);
	closedir(dir);
	rmdir(path);
	return bytes;
}
