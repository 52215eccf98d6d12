// SPDX-License-Identifier: GPL-2.0
/*
 * Store a recovery: a directory with a recording for each channel, which has a file "private",
 * and a file "crash" with what is known of the end of the boot.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "recovery.h"

/**
 * store_open - begin a channel's recording
 * @part: filled in
 * @dir: directory of the boot
 * @channel: the channel
 * @metadata: metadata of a trace, or NULL
 *
 * Return: 0 or an error; -EEXIST if there is a recording.
 */
int store_open(struct part *part, const char *dir,
	       const struct recovered_channel *channel, const struct metadata *metadata)
{
	struct part_info info = {
		.channel	= channel->name,
		.geometry	= channel->geometry,
		.snapshot	= true,
		.metadata	= metadata,
		.time		= channel->time,
	};
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, channel->name);
	return part_open(part, path, &info);
}

/**
 * store_close - end a channel's recording
 * @recovery: the recovery, which notes what is not stored
 * @part: the recording
 */
void store_close(struct recovery *recovery, struct part *part)
{
	unsigned int unwritten;
	int err = part_close(part, true, &unwritten);

	recovery_stored(recovery, err);
	for (unsigned int i = 0; i < unwritten; i++)
		if (!(part->pending[i].flags & htole32(INDEX_END)))
			recovery_stored_subbuf(recovery, le32toh(part->pending[i].records), err);
}

/**
 * store_close_file - sync a file and its directory, and close the file
 * @dir: the directory
 * @fd: the file
 * @err: result of writing the file
 *
 * Return: @err if it is an error; else 0 or an error.
 */
int store_close_file(const char *dir, int fd, int err)
{
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err ? err : sync_path(dir);
}

/**
 * store_create_file - create a file beside the data
 * @dir: the directory
 * @name: name of the file, which must not exist
 *
 * Return: the file, for store_close_file(), or an error.
 */
int store_create_file(const char *dir, const char *name)
{
	char path[4300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

/**
 * store_file - store a file beside the data
 * @dir: the directory
 * @name: name of the file, which must not exist
 * @data: its contents
 * @size: bytes of @data
 *
 * Return: 0 or an error.
 */
int store_file(const char *dir, const char *name, const void *data, size_t size)
{
	int fd = store_create_file(dir, name);

	return fd < 0 ? fd : store_close_file(dir, fd, write_all(fd, data, size));
}

/**
 * store_crash - store the file "crash"
 * @dir: directory of the boot
 * @boot: the boot
 *
 * Return: 0 or an error; -EEXIST if the file exists.
 */
int store_crash(const char *dir, const struct recovered_boot *boot)
{
	const unsigned long long second = 1000000000;
	char text[1024], time[64] = "";

	if (boot->end_time)
		snprintf(time, sizeof(time), "end_time: %llu.%09llu\n",
			 boot->end_time / second, boot->end_time % second);
	snprintf(text, sizeof(text),
		 "generation: %llu\nrelease: %s\nversion: %s\nmachine: %s\ncpus: %u\n"
		 "boot_time: %llu.%09llu\n%send: %s\n",
		 (unsigned long long)boot->generation, boot->release, boot->version,
		 boot->machine, boot->n_cpus, boot->boot_time / second,
		 boot->boot_time % second, time, *boot->end ? boot->end : "unknown");
	return store_file(dir, "crash", text, strlen(text));
}
