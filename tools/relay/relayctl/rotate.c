// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of a recording: where they are, and how the oldest goes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "recorder.h"

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
	if (options->rotate_size || options->rotate_ms)
		snprintf(path, size, "%s/%06u", options->output, number);
	else
		snprintf(path, size, "%s", options->output);
}

/**
 * part_remove - remove a part
 * @options: of the recording
 * @number: number of the part
 */
void part_remove(const struct recorder_options *options, unsigned int number)
{
	struct dirent *entry;
	char path[4096];
	DIR *dir;

	part_path(options, number, path, sizeof(path));
	dir = opendir(path);
	if (!dir)
		return;
	/* The index first: without one it is none. */
	unlinkat(dirfd(dir), "index", 0);
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(path);
}
