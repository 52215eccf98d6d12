// SPDX-License-Identifier: GPL-2.0
/*
 * Store the formats of a trace's events beside the trace: events/SYSTEM/NAME/format of
 * tracefs, one after the other, and then printk_formats. With these the trace can be printed
 * on another machine, and after the module or the probe of an event was removed.
 *
 * Store them in one file, because babeltrace2 searches the directories below a trace for
 * traces, and would take the format of an event "metadata" for a trace.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "entry.h"
#include "format.h"
#include "formats.h"
#include "instance.h"
#include "relayctl.h"
#include "uapi/linux/ltt.h"

#define EVENTS		TRACEFS "/events"

/**
 * struct store - the state of formats_store()
 * @events:	the directory events/ of tracefs
 * @systems:	the entries of @events
 * @n:		number of @systems
 * @output:	the file that is written
 */
struct store {
	int		events;
	struct dirent	**systems;
	int		n;
	FILE		*output;
};

/* Return: 0, also if the file does not exist; or an error. */
static int store_file(const struct store *store, const char *path)
{
	char data[4096];
	ssize_t got;
	int fd;

	fd = openat(store->events, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while ((got = read(fd, data, sizeof(data))) > 0)
		if (fwrite(data, 1, got, store->output) != (size_t)got)
			got = -1;
	if (got < 0)
		got = -errno;
	close(fd);
	return got;
}

/* Several systems can have an event of that name: store all, because the fields will tell. */
static int store_event(const struct store *store, const char *name)
{
	char path[2 * NAME_MAX + 16];
	int err = 0;

	if (!*name || strchr(name, '/'))
		return 0;
	for (int i = 0; i < store->n && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s/format", store->systems[i]->d_name, name);
		err = store_file(store, path);
	}
	return err;
}

/* Parse a line that ltt_ctf_event() of the kernel wrote. Return: whether it begins an event. */
static bool parse_event(const char *line, char name[NAME_MAX + 1], unsigned int *id)
{
	return sscanf(line, "event { name = \"%255[^\"\\]\"; id = %u;", name, id) == 2;
}

static int store_events(const struct store *store, FILE *metadata)
{
	char *line = NULL, name[NAME_MAX + 1];
	size_t size = 0;
	unsigned int id;
	int err = 0;

	while (!err && getline(&line, &size, metadata) >= 0)
		if (parse_event(line, name, &id) && id >= LTT_EVENT_FIRST)
			err = store_event(store, name);
	free(line);
	return err;
}

static int store_all(struct store *store, const char *trace)
{
	char path[PATH_MAX];
	FILE *metadata;
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s", trace, METADATA_NAME);
	metadata = fopen(path, "re");
	if (!metadata)
		return -errno;
	snprintf(path, sizeof(path), "%s/%s", trace, FORMATS_NAME);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	store->output = fd < 0 ? NULL : fdopen(fd, "w");
	if (!store->output) {
		err = -errno;
		fclose(metadata);
		return err;
	}
	err = store_events(store, metadata);
	fclose(metadata);
	if (!err && fputs(FORMATS_STRINGS, store->output) == EOF)
		err = -errno;
	if (!err)
		err = store_file(store, "../printk_formats");
	if (fclose(store->output) && !err)
		err = -errno;
	return err;
}

/**
 * formats_store - store the formats of a trace's events
 * @trace: its directory, with its metadata
 *
 * Return: 0 or an error.
 */
int formats_store(const char *trace)
{
	struct store store = { .events = open(EVENTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	int err;

	if (store.events < 0)
		return -errno;
	store.n = scandirat(store.events, ".", &store.systems, relay_entry_below, alphasort);
	err = store.n < 0 ? -errno : store_all(&store, trace);
	for (int i = 0; i < store.n; i++)
		free(store.systems[i]);
	free(store.systems);
	close(store.events);
	return err;
}
