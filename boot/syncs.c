// SPDX-License-Identifier: GPL-2.0
/*
 * A library to preload: says in $SYNCS what a program writes at a place in a file,
 * and what it sees to the disk. "w" or "s", and the file.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void say(const char *what, int fd)
{
	char link[64], path[4096];
	ssize_t size;
	FILE *log;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, sizeof(path) - 1);
	log = fopen(getenv("SYNCS") ? : "/dev/null", "ae");
	if (size > 0 && log)
		fprintf(log, "%s %.*s\n", what, (int)size, path);
	if (log)
		fclose(log);
}

#define SAID(what, type, name, parameters, ...)					\
	type name parameters							\
	{									\
		type (*real) parameters = dlsym(RTLD_NEXT, #name);		\
										\
		say(what, fd);							\
		return real(fd, ##__VA_ARGS__);					\
	}

SAID("s", int, fsync, (int fd))
SAID("s", int, fdatasync, (int fd))
SAID("w", ssize_t, write, (int fd, const void *data, size_t size), data, size)
SAID("w", ssize_t, pwrite, (int fd, const void *data, size_t size, off_t offset), data, size, offset)
SAID("w", ssize_t, pwritev, (int fd, const struct iovec *data, int n, off_t offset), data, n, offset)
SAID("w", ssize_t, pwritev64, (int fd, const struct iovec *data, int n, off64_t offset), data, n, offset)
SAID("w", ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t offset), data, size, offset)
