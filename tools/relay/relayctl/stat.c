// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl stat: the counters of a channel.
 */
#include <errno.h>
#include <getopt.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "options.h"
#include "stats.h"

/**
 * struct stat_options - the command's options
 * @interval:	seconds between two tables
 * @count:	number of tables; 0 for no limit
 * @json:	print the counters once, as JSON
 */
struct stat_options {
	uint64_t	interval;
	uint64_t	count;
	bool		json;
};

static const struct option long_options[] = {
	{ "interval",	required_argument,	NULL, 'i' },
	{ "count",	required_argument,	NULL, 'n' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

/**
 * struct table - the counters of the previous table
 * @before:	counters, by CPU
 * @n_before:	CPUs that @before has room for
 * @sum_before:	sum of the counters
 * @ms:		milliseconds() of the previous table; 0 if there was none
 */
struct table {
	struct relay_counts	*before;
	unsigned int		n_before;
	struct relay_counts	sum_before;
	uint64_t		ms;
};

/*
 * JSON
 */

static void add_counts(struct json_object *object, const struct relay_counts *counts)
{
	struct json_object *lost = json_object_new_object();

	add_number(object, "committed", counts->committed);
	add_number(object, "overwritten", counts->overwritten);
	add_number(object, "erased", counts->erased);
	add_number(object, "discarded", counts->discarded);
	add_number(lost, "full", counts->lost_full);
	add_number(lost, "nested", counts->lost_nested);
	add_number(lost, "too_big", counts->lost_too_big);
	add_number(lost, "disabled", counts->lost_disabled);
	json_object_object_add(object, "lost", lost);
	add_number(object, "bytes", counts->bytes);
	add_number(object, "produced", counts->produced);
	add_number(object, "ready", counts->ready);
}

static void add_cpus(struct json_object *cpus, const struct stats *stats)
{
	for (unsigned int i = 0; i < stats->n_cpus; i++) {
		struct json_object *object = json_object_new_object();

		add_number(object, "cpu", stats->cpu[i].cpu);
		add_counts(object, &stats->cpu[i].counts);
		json_object_array_add(cpus, object);
	}
}

static void print_json(const char *channel, const struct stats *stats)
{
	struct json_object *object = json_object_new_object();
	struct json_object *total = json_object_new_object();
	struct json_object *cpus = json_object_new_array();

	add_channel_name(object, channel);
	json_object_object_add(object, "total", total);
	json_object_object_add(object, "cpus", cpus);
	add_counts(total, &stats->sum);
	add_cpus(cpus, stats);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

/*
 * The table
 */

static void print_head(void)
{
	printf("%-5s %12s %11s %10s %10s %8s %8s %8s %9s %9s %6s %10s %10s\n",
	       "cpu", "committed", "overwritten", "discarded", "lost: full",
	       "nested", "too big", "disabled", "bytes", "produced", "ready",
	       "records/s", "bytes/s");
}

/* Was the channel closed and opened again, or has a count of a 32-bit kernel wrapped? */
static bool started_anew(const struct relay_counts *counts,
			 const struct relay_counts *before)
{
	return counts->committed < before->committed || counts->bytes < before->bytes ||
	       stats_lost(counts) < stats_lost(before);
}

/* @ms: milliseconds since @before; 0 to print no rates */
static void print_row(const char *name, const struct relay_counts *counts,
		      const struct relay_counts *before, uint64_t ms)
{
	char bytes[16], rate[16] = "-", records[24] = "-";

	if (ms && !started_anew(counts, before)) {
		snprintf(records, sizeof(records), "%llu", (unsigned long long)
			 (counts->committed - before->committed) * 1000 / ms);
		format_bytes((counts->bytes - before->bytes) * 1000 / ms, rate);
	}
	printf("%-5s %12llu %11llu %10llu %10llu %8llu %8llu %8llu %9s %9llu %6llu %10s %10s\n",
	       name, (unsigned long long)counts->committed,
	       (unsigned long long)counts->overwritten,
	       (unsigned long long)counts->discarded,
	       (unsigned long long)counts->lost_full,
	       (unsigned long long)counts->lost_nested,
	       (unsigned long long)counts->lost_too_big,
	       (unsigned long long)counts->lost_disabled,
	       format_bytes(counts->bytes, bytes),
	       (unsigned long long)counts->produced,
	       (unsigned long long)counts->ready, records, rate);
}

static int grow(struct table *table, unsigned int n)
{
	struct relay_counts *before;

	if (n <= table->n_before)
		return 0;
	before = realloc(table->before, n * sizeof(*before));
	if (!before)
		return -ENOMEM;
	table->before = before;
	while (table->n_before < n)
		before[table->n_before++] = (struct relay_counts) { 0 };
	return 0;
}

static int print_cpus(struct table *table, const struct stats *stats, uint64_t ms)
{
	char name[16];

	for (unsigned int i = 0; i < stats->n_cpus; i++) {
		const struct cpu_stats *cpu = &stats->cpu[i];
		int err = grow(table, cpu->cpu + 1);

		if (err)
			return err;
		snprintf(name, sizeof(name), "%u", cpu->cpu);
		print_row(name, &cpu->counts, &table->before[cpu->cpu], ms);
		table->before[cpu->cpu] = cpu->counts;
	}
	return 0;
}

static int print_table(struct table *table, const struct stats *stats)
{
	uint64_t now = milliseconds(), ms = table->ms ? now - table->ms : 0;
	uint64_t lost = stats_lost(&stats->sum), before = stats_lost(&table->sum_before);
	int err;

	print_head();
	err = print_cpus(table, stats, ms);
	if (err)
		return err;
	print_row("all", &stats->sum, &table->sum_before, ms);
	if (lost > before && table->ms)
		printf("%llu records were lost since the last look\n",
		       (unsigned long long)(lost - before));
	table->sum_before = stats->sum;
	table->ms = now;
	return 0;
}

static int print_channel(struct table *table, const char *channel)
{
	struct stats stats;
	int err = stats_read(&stats, channel);

	if (!err)
		err = print_table(table, &stats);
	stats_free(&stats);
	return err;
}

static int print_tables(const char *channel, const struct stat_options *options)
{
	struct timespec pause = { .tv_sec = options->interval };
	bool terminal = isatty(STDOUT_FILENO);
	struct table table = { 0 };
	uint64_t i = 0;
	int err;

	for (;;) {
		/* On a terminal, replace the previous table. */
		if (terminal && i)
			printf("\033[H\033[J");
		err = print_channel(&table, channel);
		if (err || flush_stdout() || ++i == options->count)
			break;
		nanosleep(&pause, NULL);
	}
	free(table.before);
	return err;
}

static int stat_json(const char *channel)
{
	struct stats stats;
	int err = stats_read(&stats, channel);

	if (!err)
		print_json(channel, &stats);
	stats_free(&stats);
	return err;
}

/* Return: NULL, or what the option takes if its argument is wrong. */
static const char *parse_option(struct stat_options *options, int option)
{
	if (option == 'i')
		return parse_number(optarg, &options->interval) && options->interval ?
			NULL : WANT_SECONDS;
	if (option == 'n')
		return parse_number(optarg, &options->count) && options->count ?
			NULL : WANT_NUMBER;
	options->json = option == 'j';
	return options->json ? NULL : "";
}

static int stat_main(int argc, char **argv)
{
	struct stat_options options = { .interval = 1 };
	const char *wanted;
	int option, err;

	while ((option = getopt_long(argc, argv, "i:n:jh", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&stat_command);
		wanted = parse_option(&options, option);
		if (wanted)
			return say_bad_value(&stat_command, long_options, option, wanted);
	}
	if (check_arguments(&stat_command, argc, argv, 1, 1))
		return EXIT_USAGE;
	if (options.json)
		err = stat_json(argv[optind]);
	else
		err = print_tables(argv[optind], &options);
	return err ? complain_channel(argv[optind], err) : EXIT_OK;
}

const struct command stat_command = {
	.name		= "stat",
	.run		= stat_main,
	.usage		= "[OPTION]... CHANNEL",
	.summary	= "Show where every record of a channel has gone",
	.help		=
"  -i, --interval=N       seconds from one table to the next (1)\n"
"  -n, --count=N          so many tables; without it, until interrupted\n"
"  -j, --json             the counters, once, as JSON\n"
"  -h, --help             this\n"
"\n"
"The channel's data files are not opened: this works under lockdown.\n"
"\n"
"Exit status: 0; 1, there is no such channel; 2, usage; 3, it could not be written.\n",
};
