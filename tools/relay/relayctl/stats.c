// SPDX-License-Identifier: GPL-2.0
/*
 * The file "stats" of a channel. It has no data, so it can be opened under lockdown, and the
 * channel's owner does not take the program for a reader.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "entry.h"
#include "stats.h"

#define STATS_HEAD	"cpu "

static const struct {
	const char	*name;
	size_t		offset;
} columns[] = {
	{ "committed",		offsetof(struct relay_counts, committed) },
	{ "overwritten",	offsetof(struct relay_counts, overwritten) },
	{ "erased",		offsetof(struct relay_counts, erased) },
	{ "discarded",		offsetof(struct relay_counts, discarded) },
	{ "lost_full",		offsetof(struct relay_counts, lost_full) },
	{ "lost_nested",	offsetof(struct relay_counts, lost_nested) },
	{ "lost_too_big",	offsetof(struct relay_counts, lost_too_big) },
	{ "lost_disabled",	offsetof(struct relay_counts, lost_disabled) },
	{ "bytes",		offsetof(struct relay_counts, bytes) },
	{ "produced",		offsetof(struct relay_counts, produced) },
	{ "ready",		offsetof(struct relay_counts, ready) },
};

#define N_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static uint64_t *count_at(struct relay_counts *counts, unsigned int column)
{
	return (uint64_t *)((char *)counts + columns[column].offset);
}

/* Ignore columns that are not known: a later kernel may have more. */
static void set_count(struct relay_counts *counts, const char *name, uint64_t value)
{
	for (unsigned int i = 0; i < N_COLUMNS; i++)
		if (!strcmp(columns[i].name, name))
			*count_at(counts, i) = value;
}

static void add_counts(struct relay_counts *sum, struct relay_counts *counts)
{
	for (unsigned int i = 0; i < N_COLUMNS; i++)
		*count_at(sum, i) += *count_at(counts, i);
}

/* The words of the first line are the names of the columns. */
static int parse_row(struct cpu_stats *cpu, const char *head, char *row)
{
	static const char between[] = { ' ', '\n', 0 };
	char *names = strdup(head), *name, *word, *rest = names, *end;
	bool valid = names;
	uint64_t value;

	*cpu = (struct cpu_stats) { 0 };
	while (valid && (name = strsep(&rest, between)) && *name) {
		word = strsep(&row, between);
		value = word ? strtoull(word, &end, 10) : 0;
		valid = word && *word && !*end;
		if (!strcmp(name, "cpu"))
			cpu->cpu = value;
		else
			set_count(&cpu->counts, name, value);
	}
	free(names);
	return valid ? 0 : -EBADMSG;
}

static int add_row(struct stats *stats, const char *head, char *row)
{
	struct cpu_stats *cpus = reallocarray(stats->cpu, stats->n_cpus + 1, sizeof(*cpus));
	int err;

	if (!cpus)
		return -ENOMEM;
	stats->cpu = cpus;
	err = parse_row(&cpus[stats->n_cpus], head, row);
	if (!err)
		add_counts(&stats->sum, &cpus[stats->n_cpus++].counts);
	return err;
}

static int read_rows(struct stats *stats, FILE *file)
{
	char *head = NULL, *row = NULL;
	size_t head_size = 0, row_size = 0;
	int err = 0;

	errno = 0;
	if (getline(&head, &head_size, file) < 0)
		err = errno ? -errno : -ENOTTY;
	else if (strncmp(head, STATS_HEAD, strlen(STATS_HEAD)))
		err = -ENOTTY;
	while (!err && getline(&row, &row_size, file) > 0)
		err = add_row(stats, head, row);
	if (!err && ferror(file))
		err = -EIO;
	free(head);
	free(row);
	return err;
}

/**
 * stats_read - read the counts of a channel
 * @stats: filled in; stats_free() is to be called in any case
 * @channel: the channel, as relay_open() takes it
 *
 * Return: 0 or an error.
 */
int stats_read(struct stats *stats, const char *channel)
{
	const char *root = relay_is_path(channel) ? "" : RELAY_ROOT "/";
	FILE *file;
	char *path;
	int err;

	*stats = (struct stats) { 0 };
	if (asprintf(&path, "%s%s/stats", root, channel) < 0)
		return -ENOMEM;
	file = fopen(path, "re");
	err = file ? read_rows(stats, file) : -errno;
	if (file)
		fclose(file);
	free(path);
	return err;
}

/**
 * stats_free - free counts
 * @stats: the counts
 */
void stats_free(struct stats *stats)
{
	free(stats->cpu);
}

/**
 * stats_lost - sum of lost records
 * @counts: the counts
 *
 * Return: records lost, for any reason.
 */
uint64_t stats_lost(const struct relay_counts *counts)
{
	return counts->lost_full + counts->lost_nested + counts->lost_too_big +
	       counts->lost_disabled;
}
