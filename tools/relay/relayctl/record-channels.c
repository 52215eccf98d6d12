// SPDX-License-Identifier: GPL-2.0
/*
 * Find the channels to record, and the directory for each.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "entry.h"
#include "record.h"

/* Callback of relay_channels(). */
static int add_channel(const char *name, void *arg)
{
	struct record *record = arg;
	char **names = reallocarray(record->names, record->n_channels + 1, sizeof(*names));

	if (!names)
		return -ENOMEM;
	record->names = names;
	names[record->n_channels] = strdup(name);
	return names[record->n_channels++] ? 0 : -ENOMEM;
}

/* Return: an exit code. */
static int find_all(struct record *record)
{
	int err = relay_channels(NULL, add_channel, record);

	if (!err && record->n_channels)
		return EXIT_OK;
	if (err && err != -ENOENT)
		return complain(RELAY_ROOT, err);
	say("relayctl: no channel on %s%s", RELAY_ROOT, why_no_channels());
	return EXIT_FAILED;
}

/*
 * Name the directory of a channel: its name below RELAY_ROOT, or the last component of
 * another path. Return: the length of the name, which begins at @from; 0 if it has no such
 * name, or a component "." or "..".
 */
static int channel_name(const char *channel, const char **from)
{
	const char *end = channel + strlen(channel);
	size_t root = strlen(RELAY_ROOT "/");

	while (end > channel && end[-1] == '/')
		end--;
	*from = channel;
	if (!strncmp(channel, RELAY_ROOT "/", root))
		*from += root;
	else if (relay_is_path(channel))
		for (*from = end; *from > channel && (*from)[-1] != '/'; --*from)
			;
	while (**from == '/' && *from < end)
		++*from;
	if (end <= *from || memmem(*from, end - *from, "//", 2))
		return 0;
	/* Refuse a name with a component "." or "..". */
	for (const char *part = *from; part < end; part += strcspn(part, "/") + 1) {
		size_t length = strcspn(part, "/");

		if (length <= 2 && !strncmp(part, "..", length))
			return 0;
	}
	return end - *from;
}

/* Return: an exit code. */
static int name_dir(const struct record *record, struct record_channel *channel)
{
	const char *name;
	int length = channel_name(channel->options.channel, &name);
	char *path;

	if (!length) {
		say("relayctl record: no directory can be called as %s", channel->options.channel);
		return EXIT_USAGE;
	}
	if (asprintf(&path, "%s/%.*s", record->options.output, length, name) < 0)
		return complain("record", -ENOMEM);
	channel->options.output = path;
	return EXIT_OK;
}

static int by_output(const void *a, const void *b)
{
	const struct record_channel *one = a, *other = b;

	int order = strcmp(one->options.output, other->options.output);

	return order ? order : strcmp(one->options.channel, other->options.channel);
}

/* Refuse two channels with the same directory. Return: an exit code. */
static int check_dirs(const struct record *record)
{
	for (unsigned int i = 1; i < record->n_channels; i++) {
		const struct recorder_options *one = &record->channels[i - 1].options;
		const struct recorder_options *other = &record->channels[i].options;

		if (strcmp(one->output, other->output))
			continue;
		say("relayctl record: %s and %s would both be recorded in %s", one->channel,
		    other->channel, one->output);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

/**
 * record_find_channels - find the channels, and their directories
 * @record: the command, with names, or with @all
 *
 * Return: an exit code.
 */
int record_find_channels(struct record *record)
{
	int exit_code = record->all ? find_all(record) : EXIT_OK;

	if (exit_code)
		return exit_code;
	record->channels = calloc(record->n_channels, sizeof(*record->channels));
	if (!record->channels)
		return complain("record", -ENOMEM);
	if (record->options.max_size && !rotates(&record->options)) {
		record->budget.most = record->options.max_size;
		record->options.max_size = 0;
		record->options.budget = &record->budget;
	}
	record->options.max_size /= record->n_channels;
	for (unsigned int i = 0; i < record->n_channels && !exit_code; i++) {
		struct record_channel *channel = &record->channels[i];

		channel->options = record->options;
		channel->options.channel = record->names[i];
		if (record->dirs)
			exit_code = name_dir(record, channel);
	}
	if (exit_code || !record->dirs)
		return exit_code;
	qsort(record->channels, record->n_channels, sizeof(*record->channels), by_output);
	return check_dirs(record);
}

/**
 * record_close_channels - free the channels
 * @record: the command; its recordings are closed
 */
void record_close_channels(struct record *record)
{
	for (unsigned int i = 0; i < record->n_channels && record->channels; i++) {
		struct record_channel *channel = &record->channels[i];

		/* Fails if a snapshot is in it. */
		if (channel->made)
			rmdir(channel->options.output);
		if (record->dirs && channel->options.output != record->options.output)
			free((char *)channel->options.output);
	}
	free(record->channels);
	if (!record->all)
		return;
	for (unsigned int i = 0; i < record->n_channels; i++)
		free(record->names[i]);
	free(record->names);
}
