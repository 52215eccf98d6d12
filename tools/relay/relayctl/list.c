// SPDX-License-Identifier: GPL-2.0
/*
 * relayctl list: the channels that there are.
 */
#include <errno.h>
#include <getopt.h>
#include <json.h>
#include <stdio.h>
#include "relayctl.h"

static const struct option long_options[] = {
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
	relay_geometry(reader, geometry);
	relay_close(reader);
	return 0;
}

/* One that has just gone, or is somebody else's, hides no others. */
static bool skip(const char *name, int err)
{
	if (err && err != -ENOENT && err != -ENODEV)
		complain(name, err);
	return err;
}

static int print_channel(const char *name, void *arg)
{
	struct relay_geometry geometry;
	unsigned int *n = arg;

	if (skip(name, get_geometry(name, &geometry)))
		return 0;
	if (!(*n)++)
		printf("%-24s %-13s %8s %12s %13s %8s\n", "channel", "mode",
		       "buffers", "sub-buffers", "bytes of each", "header");
	printf("%-24s %-13s %8u %12u %13u %8u\n", printable(name),
	       geometry.overwrite ? "overwrite" : "no-overwrite",
	       geometry.n_cpus, geometry.n_subbufs, geometry.subbuf_size,
	       geometry.header_size);
	return 0;
}

static int add_channel(const char *name, void *arg)
{
	struct json_object *object;
	struct relay_geometry geometry;

	if (skip(name, get_geometry(name, &geometry)))
		return 0;
	object = json_object_new_object();
	add_channel_name(object, name);
	json_object_object_add(object, "overwrite",
			       json_object_new_boolean(geometry.overwrite));
	json_object_object_add(object, "global",
			       json_object_new_boolean(geometry.global));
	json_object_object_add(object, "buffers",
			       json_object_new_uint64(geometry.n_cpus));
	json_object_object_add(object, "n_subbufs",
			       json_object_new_uint64(geometry.n_subbufs));
	json_object_object_add(object, "subbuf_size",
			       json_object_new_uint64(geometry.subbuf_size));
	json_object_object_add(object, "header_size",
			       json_object_new_uint64(geometry.header_size));
	json_object_array_add(arg, object);
	return 0;
}

static int list_json(void)
{
	struct json_object *channels = json_object_new_array();
	int err = relay_channels(add_channel, channels);

	if (!err)
		puts(json_object_to_json_string_ext(channels, JSON_C_TO_STRING_PRETTY));
	json_object_put(channels);
	return err;
}

static int list_main(int argc, char **argv)
{
	bool json = false;
	unsigned int n = 0;
	int option, err;

	while ((option = getopt_long(argc, argv, "jh", long_options, NULL)) != -1) {
		if (option == 'h')
			return say_help(&list_command);
		if (option != 'j')
			return say_usage(&list_command);
		json = true;
	}
	if (optind != argc)
		return say_usage(&list_command);
	if (*why_no_channels()) {
		say("relayctl: no channels on %s%s", RELAY_ROOT, why_no_channels());
		return EXIT_FAILED;
	}
	err = json ? list_json() : relay_channels(print_channel, &n);
	return err ? complain(RELAY_ROOT, err) : EXIT_OK;
}

const struct command list_command = {
	.name		= "list",
	.run		= list_main,
	.usage		= "[OPTION]...",
	.summary	= "List the channels that there are",
	.help		=
"  -j, --json             as JSON\n"
"  -h, --help             this\n"
"\n"
"Exit status: 0; 1, relayfs is not mounted; 2, usage; 3, it could not be written.\n",
};
