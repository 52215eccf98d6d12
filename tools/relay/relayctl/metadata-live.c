// SPDX-License-Identifier: GPL-2.0
/*
 * The metadata of a trace while the kernel adds to them.
 *
 * The kernel describes an event before it records the first one. So a recorder that takes a
 * sub-buffer, then reads the metadata, and then stores both has all descriptions.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "entry.h"
#include "metadata-live.h"
#include "relayctl.h"

/* Read the area at most so often, because the kernel may be writing a length. */
#define LIVE_TRIES	3

/* Read to the end, because the file has no size. Return: the bytes, or NULL with errno. */
static char *read_area(int fd, size_t *size)
{
	size_t room = 1 << 16;
	char *area = NULL;
	ssize_t got;

	*size = 0;
	do {
		char *more = realloc(area, room);

		got = more ? pread(fd, more + *size, room - *size, *size) : -1;
		if (more)
			area = more;
		if (got < 0) {
			free(area);
			return NULL;
		}
		*size += got;
		room += *size == room ? room : 0;
	} while (got);
	return area;
}

static uint32_t newest_length(const struct ltt_metadata *head)
{
	uint32_t one = head->length[0].used, other = head->length[1].used;

	return one > other ? one : other;
}

/*
 * Return: 0 or an error; -EBADMSG also if the check sum of the larger length does not match,
 * because the smaller length may lack the description of the last event.
 */
static int read_once(struct live_metadata *live)
{
	size_t size;
	char *area = read_area(live->fd, &size);

	if (!area)
		return -errno;
	free(live->area);
	live->area = area;
	if (!metadata_find(&live->metadata, area, size))
		return -EBADMSG;
	memcpy(&live->head, area, sizeof(live->head));
	return live->metadata.size == newest_length(&live->head) ? 0 : -EBADMSG;
}

static int read_metadata(struct live_metadata *live)
{
	int err = -EBADMSG;

	for (unsigned int i = 0; i < LIVE_TRIES && err == -EBADMSG; i++)
		err = read_once(live);
	return err;
}

/**
 * live_metadata_open - find the metadata of a channel that may be a trace
 * @live: filled in
 * @channel: the channel
 *
 * Return: 0, also for a channel that is not a trace; or an error, -EBADMSG if the metadata
 * are damaged, or the kernel has not completed them yet.
 */
int live_metadata_open(struct live_metadata *live, const char *channel)
{
	char path[PATH_MAX];
	ssize_t got;

	*live = (struct live_metadata) { .fd = -1 };
	snprintf(path, sizeof(path), "%s%s/private",
		 relay_is_path(channel) ? "" : RELAY_ROOT "/", channel);
	live->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (live->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	got = live->fd < 0 ? -1 : pread(live->fd, &live->head, sizeof(live->head), 0);
	if (got < 0)
		live->err = -errno;
	else if (got == sizeof(live->head) && live->head.magic == LTT_METADATA_MAGIC)
		live->err = read_metadata(live);
	else
		live_metadata_close(live);
	return live->err;
}

/**
 * live_metadata_look - read the metadata again, if the kernel has added to them
 * @live: the metadata
 *
 * Return: 0 or an error, which @live->err keeps until a later call succeeds.
 */
int live_metadata_look(struct live_metadata *live)
{
	struct ltt_metadata head;
	ssize_t got;

	if (live->fd < 0)
		return 0;
	got = pread(live->fd, &head, sizeof(head), 0);
	if (got == sizeof(head) && !live->err && !memcmp(&head, &live->head, sizeof(head)))
		return 0;
	live->err = got < 0 ? -errno : read_metadata(live);
	return live->err;
}

/**
 * live_metadata_close - close and free the metadata
 * @live: the metadata
 */
void live_metadata_close(struct live_metadata *live)
{
	if (live->fd >= 0)
		close(live->fd);
	free(live->area);
	*live = (struct live_metadata) { .fd = -1, .err = live->err };
}
