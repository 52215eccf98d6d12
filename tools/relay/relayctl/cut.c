// SPDX-License-Identifier: GPL-2.0
/*
 * Cut off an incomplete packet at the end of a stream. A recorder that is killed while it
 * writes can leave one, and readers of CTF then refuse the stream.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cut.h"
#include "recording.h"
#include "uapi/linux/ltt.h"

/* What is at an offset: a packet, the first bytes of a packet, or something else. */
enum start { PACKET, CUT_OFF, UNKNOWN };

static enum start look(int fd, off_t at, off_t size, off_t *next)
{
	static const uint32_t magic = LTT_CTF_MAGIC;
	struct ltt_packet packet;
	ssize_t got = pread(fd, &packet, sizeof(packet), at);

	if (got <= 0 || memcmp(&packet, &magic, got < 4 ? got : 4))
		return UNKNOWN;
	if (got < (ssize_t)sizeof(packet))
		return CUT_OFF;
	if (packet.size < 8 * sizeof(packet) || packet.size % 8)
		return UNKNOWN;
	*next = at + packet.size / 8;
	return packet.size / 8 > (uint64_t)(size - at) ? CUT_OFF : PACKET;
}

/* Return: bytes that were cut off, or an error. */
static int64_t cut_stream(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	enum start start = PACKET;
	off_t at = 0, next = 0;
	struct stat stat;
	int64_t cut = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat))
		cut = -errno;
	while (!cut && start == PACKET) {
		at = next;
		start = look(fd, at, stat.st_size, &next);
	}
	if (start == CUT_OFF)
		cut = ftruncate(fd, at) ? -errno : stat.st_size - at;
	close(fd);
	return cut;
}

/**
 * cut_streams - cut off an incomplete packet at the end of each stream
 * @path: the directory of a trace
 * @bytes: the bytes that were cut off are added to it
 *
 * Return: 0, or the first error.
 */
int cut_streams(const char *path, uint64_t *bytes)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int64_t cut;
	int err = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) && !err) {
		if (!recording_is_data(entry))
			continue;
		cut = cut_stream(dirfd(dir), entry->d_name);
		if (cut < 0)
			err = cut;
		else
			*bytes += cut;
	}
	closedir(dir);
	return err;
}
