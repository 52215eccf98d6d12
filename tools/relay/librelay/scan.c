// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Directories on relayfs: find channels, and the CPUs that have a buffer.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "entry.h"
#include "internal.h"

/* Without inotify, look for new CPUs this often. */
#define RELAY_SCAN_SECONDS	2

/**
 * relay_channel_path - path of a channel's directory
 * @channel: a name, or a path: see relay_is_path()
 *
 * Return: the path, to be freed; NULL without memory.
 */
char *relay_channel_path(const char *channel)
{
	char *path;

	if (relay_is_path(channel))
		return strdup(channel);
	return asprintf(&path, "%s/%s", RELAY_ROOT, channel) < 0 ? NULL : path;
}

/*
 * New CPUs
 */

static int watch_by_inotify(const char *path, uint32_t what)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && inotify_add_watch(fd, path, what) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * The timers of all readers expire at the same multiples of the period, so that a process
 * with many readers wakes up once for all of them.
 */
static int watch_by_timer(void)
{
	struct itimerspec period = { .it_interval.tv_sec = RELAY_SCAN_SECONDS };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	struct timespec now;

	if (fd < 0)
		return fd;
	clock_gettime(CLOCK_MONOTONIC, &now);
	period.it_value.tv_sec = now.tv_sec - now.tv_sec % RELAY_SCAN_SECONDS + RELAY_SCAN_SECONDS;
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &period, NULL);
	return fd;
}

/**
 * relay_watch_open - watch for new files of the channel
 * @reader: the reader; its @watch and @timer are set
 *
 * For a flight recorder, which does not wait for sub-buffers, also watch for the removal of
 * files, which comes with the end of the channel.
 *
 * Return: 0 or an error.
 */
int relay_watch_open(struct relay_reader *reader)
{
	bool flight = reader->flags & RELAY_FLIGHT;

	if (reader->info.flags & RELAY_CHAN_GLOBAL && !flight)
		return 0;
	reader->watch = watch_by_inotify(reader->path,
					 IN_CREATE | (flight ? IN_DELETE : 0));
	if (reader->watch >= 0)
		return 0;
	reader->timer = true;
	reader->watch = watch_by_timer();
	return reader->watch < 0 ? -errno : 0;
}

/*
 * Close the watch when the reader has the buffers of all wanted CPUs. A timer would go on to
 * wake the reader, so close it also when the reader has the buffers of all CPUs.
 */
static void watch_settle(struct relay_reader *reader)
{
	long most = reader->n_cpus ? : reader->timer ? sysconf(_SC_NPROCESSORS_CONF) : LONG_MAX;

	if (reader->watch < 0 || reader->flags & RELAY_FLIGHT || (long)reader->n_bufs < most)
		return;
	close(reader->watch);
	reader->watch = -1;
}

/**
 * relay_watch_read - read the events of the watch: may there be new files?
 * @reader: the reader, which has a watch
 *
 * Return: whether it is.
 */
int relay_watch_read(struct relay_reader *reader)
{
	/* Room for one event, or the expirations of a timer. Their contents do not matter. */
	uint64_t events[(sizeof(struct inotify_event) + NAME_MAX + 8) / 8];
	bool any = false;

	while (read(reader->watch, events, sizeof(events)) > 0)
		any = true;
	return any;
}

static int is_cpu(const struct dirent *entry)
{
	unsigned int cpu;
	int end = 0;

	return sscanf(entry->d_name, "cpu%u%n", &cpu, &end) == 1 &&
	       !entry->d_name[end];
}

/**
 * relay_scan - find the buffers of a channel
 * @reader: the reader
 * @found: called with each CPU that has a buffer, the lowest first
 *
 * Return: 0, or the error of @found or of the directory.
 */
int relay_scan(struct relay_reader *reader,
	       int (*found)(struct relay_reader *reader, unsigned int cpu))
{
	struct dirent **entries;
	int n = scandir(reader->path, &entries, is_cpu, versionsort);
	int err = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		if (!err)
			err = found(reader, strtoul(entries[i]->d_name + 3, NULL, 10));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	watch_settle(reader);
	return err;
}

/*
 * Channels
 */

struct walk {
	const char	*root;
	int	(*found)(const char *name, void *arg);
	void	*arg;
};

/* A channel has a file "all". A directory "all" is a channel of that name. */
static bool is_channel(const char *path)
{
	struct stat buf;
	char *all;
	bool is;

	if (asprintf(&all, "%s/all", path) < 0)
		return false;
	is = !stat(all, &buf) && S_ISREG(buf.st_mode);
	free(all);
	return is;
}

static int walk_dir(const struct walk *walk, const char *path);

static int walk_entry(const struct walk *walk, const char *dir,
		      const struct dirent *entry)
{
	char *path;
	int err;

	if (entry->d_type != DT_DIR)
		return 0;
	if (asprintf(&path, "%s/%s", dir, entry->d_name) < 0)
		return -ENOMEM;
	if (is_channel(path))
		err = walk->found(path + strlen(walk->root) + 1, walk->arg);
	else
		err = walk_dir(walk, path);
	free(path);
	return err;
}

static int walk_dir(const struct walk *walk, const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, relay_entry_below, alphasort);
	int err = n < 0 ? -errno : 0;

	/* A directory that was removed meanwhile does not end the search. */
	if (err == -ENOENT && strcmp(path, walk->root))
		return 0;
	for (int i = 0; i < n; i++) {
		if (!err)
			err = walk_entry(walk, path, entries[i]);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return err;
}

/**
 * relay_channels - find all channels
 * @root: directory below which to look; NULL for RELAY_ROOT
 * @found: called with the name of each channel below @root, which relay_open() takes if
 *	@root is NULL; a return value other than 0 ends the search
 * @arg: passed to @found
 *
 * Return: 0, what @found returned, or an error.
 */
EXPORT int relay_channels(const char *root, int (*found)(const char *name, void *arg),
			  void *arg)
{
	struct walk walk = { .root = root ? root : RELAY_ROOT, .found = found, .arg = arg };

	return walk_dir(&walk, walk.root);
}
