// SPDX-License-Identifier: GPL-2.0
/*
 * Writing all of it, or knowing why not.
 */
#include <errno.h>
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
