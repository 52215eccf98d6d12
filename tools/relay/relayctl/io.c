// SPDX-License-Identifier: GPL-2.0
/*
 * Writing all of it, or knowing why not.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "relayctl.h"

/**
 * write_all - write
 * @fd: where to
 * @data: what
 * @size: how much
 *
 * Return: 0 or an error; some can be written then.
 */
int write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t done = write(fd, at, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		size -= done;
	}
	return 0;
}

/**
 * write_all_at - write at a place
 * @fd: where to
 * @data: what
 * @size: how much
 * @offset: the place
 *
 * Return: 0 or an error; some can be written then.
 */
int write_all_at(int fd, const void *data, size_t size, uint64_t offset)
{
	const char *at = data;

	while (size) {
		ssize_t done = pwrite(fd, at, size, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		offset += done;
		size -= done;
	}
	return 0;
}

/**
 * make_dir - see that there is a directory
 * @path: the directory
 *
 * Return: 0 or an error.
 */
int make_dir(const char *path)
{
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

/* Not every file system has something to sync of a directory. */
static int sync_entries(int dir)
{
	return fsync(dir) && errno != EINVAL ? -errno : 0;
}

/* A user that may not read it cannot sync it either. */
static int sync_parent(int dir)
{
	int parent = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (parent < 0)
		return 0;
	err = sync_entries(parent);
	close(parent);
	return err;
}

/**
 * sync_dir - see a directory's entries, and its own, to the disk
 * @dir: the directory
 *
 * Return: 0 or an error.
 */
int sync_dir(int dir)
{
	int err = sync_entries(dir);

	return err ? err : sync_parent(dir);
}

/**
 * sync_path - the same of a directory that is not open
 * @path: the directory
 *
 * Return: 0 or an error.
 */
int sync_path(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (dir < 0)
		return -errno;
	err = sync_dir(dir);
	close(dir);
	return err;
}
