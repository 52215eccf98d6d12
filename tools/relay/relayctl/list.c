// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl list: list the channels.
 */
#include <errno.h>
#include <getopt.h>
#include <json.h>
#include <stdio.h>
#include "options.h"
#include "stats.h"

/**
 * struct list - the command
 * @geometry:	print mode and sizes, for which each channel is opened as a reader does
 * @json:	array of channels; NULL for a table
 * @n:		number of channels listed
 * @failed:	number of channels that could not be read
 */
struct list {
	bool			geometry;
	struct json_object	*json;
	unsigned int		n;
	unsigned int		failed;
};

static const struct option long_options[] = {
	{ "long",	no_argument,		NULL, 'l' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static int get_geometry(const char *name, struct relay_geometry *geometry)
{
	struct relay_reader *reader;
	int err = relay_open(&reader, name, RELAY_NONBLOCK);

	if (err)
		return err;
	*geometry = *relay_get_geometry(reader);
	relay_close(reader);
	return 0;
}

/*
 * The table
 */

static void print_counts(const struct list *list, const char *name, const struct stats *stats)
{
	char bytes[16];

	if (!list->n)
		printf("%-24s %8s %14s %12s %10s %8s\n", "channel", "buffers",
		       "committed", "lost", "bytes", "ready");
	printf("%-24s %8u %14llu %12llu %10s %8llu\n", printable(name), stats->n_cpus,
	       (unsigned long long)stats->sum.committed,
	       (unsigned long long)stats_lost(&stats->sum),
	       format_bytes(stats->sum.bytes, bytes), (unsigned long long)stats->sum.ready);
}

static void print_geometry(const struct list *list, const char *name,
			   const struct relay_geometry *geometry)
{
	if (!list->n)
		printf("%-24s %-13s %8s %12s %13s %8s\n", "channel", "mode",
		       "buffers", "sub-buffers", "bytes of each", "header");
	printf("%-24s %-13s %8u %12u %13u %8u\n", printable(name),
	       geometry->overwrite ? "overwrite" : "no-overwrite",
	       geometry->n_cpus, geometry->n_subbufs, geometry->subbuf_size,
	       geometry->header_size);
}

/*
 * JSON
 */

static void add_geometry(struct json_object *object, const struct relay_geometry *geometry)
{
	json_object_object_add(object, "overwrite",
			       json_object_new_boolean(geometry->overwrite));
	json_object_object_add(object, "global", json_object_new_boolean(geometry->global));
	add_number(object, "n_subbufs", geometry->n_subbufs);
	add_number(object, "subbuf_size", geometry->subbuf_size);
	add_number(object, "header_size", geometry->header_size);
}

static void add_channel(const struct list *list, const char *name, const struct stats *stats,
			const struct relay_geometry *geometry)
{
	struct json_object *object = json_object_new_object();

	add_channel_name(object, name);
	add_number(object, "buffers", stats->n_cpus);
	add_number(object, "committed", stats->sum.committed);
	add_number(object, "lost", stats_lost(&stats->sum));
	add_number(object, "bytes", stats->sum.bytes);
	add_number(object, "ready", stats->sum.ready);
	if (list->geometry)
		add_geometry(object, geometry);
	json_object_array_add(list->json, object);
}

/*
 * Channels
 */

/* Go on after a channel that was closed meanwhile, or that cannot be read. */
static void pass_over(struct list *list, const char *name, int err)
{
	if (err == -ENOENT || err == -ENODEV)
		return;
	complain(name, err);
	list->failed++;
}

static int list_channel(const char *name, void *arg)
{
	struct relay_geometry geometry = { 0 };
	struct list *list = arg;
	struct stats stats;
	int err = stats_read(&stats, name);

	if (!err && list->geometry)
		err = get_geometry(name, &geometry);
	if (err)
		pass_over(list, name, err);
	else if (list->json)
		add_channel(list, name, &stats, &geometry);
	else if (list->geometry)
		print_geometry(list, name, &geometry);
	else
		print_counts(list, name, &stats);
	list->n += !err;
	stats_free(&stats);
	return 0;
}

/* Return: an exit code. */
static int list_channels(struct list *list)
{
	int err = relay_channels(NULL, list_channel, list);

	if (err)
		return complain_channel(RELAY_ROOT, err);
	if (list->json)
		puts(json_object_to_json_string_ext(list->json, JSON_C_TO_STRING_PRETTY));
	return list->failed ? EXIT_FAILED : EXIT_OK;
}

static int list_main(int argc, char **argv)
{
	struct list list = { 0 };
	bool json = false;
	int option, exit_code;

	while ((option = getopt_long(argc, argv, "ljh", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&list_command);
		if (option == 'l')
			list.geometry = true;
		else if (option == 'j')
			json = true;
		else
			return say_usage(&list_command);
	}
	if (check_arguments(&list_command, argc, argv, 0, 0))
		return EXIT_USAGE;
	if (*why_no_channels()) {
		say("relayctl: no channels on %s%s", RELAY_ROOT, why_no_channels());
		return EXIT_FAILED;
	}
	list.json = json ? json_object_new_array() : NULL;
	exit_code = list_channels(&list);
	json_object_put(list.json);
	return exit_code;
}

const struct command list_command = {
	.name		= "list",
	.run		= list_main,
	.usage		= "[OPTION]...",
	.summary	= "List the channels that there are",
	.help		=
"  -l, --long             with mode and size of the buffers: opens each channel as a\n"
"                         reader of its data does, which its owner sees, and which is\n"
"                         not permitted under lockdown\n"
"  -j, --json             as JSON\n"
"  -h, --help             this\n"
"\n"
"Lost are records, ready are sub-buffers that are to be read.\n"
"\n"
"Exit status: 0; 1, relayfs is not mounted, or a channel could not be looked at;\n"
"2, usage; 3, it could not be written.\n",
};
