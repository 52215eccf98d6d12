// SPDX-License-Identifier: GPL-2.0
/*
 * Write all of a buffer; sync directories.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "relayctl.h"

/**
 * write_all - write all of a buffer
 * @fd: the file
 * @data: the buffer
 * @size: bytes of @data
 *
 * Return: 0, or an error, after which some of it may be written.
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
 * write_all_at - write all of a buffer at an offset
 * @fd: the file
 * @data: the buffer
 * @size: bytes of @data
 * @offset: the offset
 *
 * Return: 0, or an error, after which some of it may be written.
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
 * make_dir - create a directory if it does not exist
 * @path: the directory
 *
 * Return: 0 or an error.
 */
int make_dir(const char *path)
{
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

/* Some file systems return EINVAL for fsync() of a directory. */
static int sync_entries(int dir)
{
	return fsync(dir) && errno != EINVAL ? -errno : 0;
}

/* Ignore a parent that the user may not read, because fsync() needs a descriptor. */
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
 * sync_dir - sync a directory, and its parent
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
 * sync_path - sync a directory, and its parent, by path
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
