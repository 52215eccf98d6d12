// SPDX-License-Identifier: GPL-2.0
/*
 * Enable events of an instance that match a pattern, and create probes for it.
 *
 * Write the filter of an event before enabling the event, so that no event is recorded that
 * the filter excludes. So do not write set_event, which enables events without a filter.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "instance.h"
#include "relayctl.h"
#include "trace-events.h"

#define KPROBE		"kprobe:"

/* Truncate the name of a probe, because the kernel takes at most 63 bytes. */
#define PROBE_NAME	60

/**
 * struct search - a search for events
 * @instance:	the instance
 * @wanted:	the events to find
 * @system:	pattern of the system
 * @event:	pattern of the event
 * @either:	an event matches if @system or @event matches, else if both match
 * @found:	number of events found
 */
struct search {
	const char		*instance;
	struct wanted_events	*wanted;
	char			system[256];
	const char		*event;
	bool			either;
	unsigned int		found;
};

static bool matches(const struct search *search, const char *system, const char *event)
{
	bool in_system = !fnmatch(search->system, system, 0);
	bool is_event = !fnmatch(search->event, event, 0);

	return search->either ? in_system || is_event : in_system && is_event;
}

/* Return: an exit code. */
static int enable_event(struct search *search, const char *system, const char *event)
{
	const char *filter = search->wanted->filter;
	char file[PATH_MAX];
	int code = EXIT_OK;

	if (!matches(search, system, event))
		return EXIT_OK;
	search->found++;
	snprintf(file, sizeof(file), "events/%s/%s/filter", system, event);
	if (filter)
		code = instance_put(search->instance, file, filter, 0);
	snprintf(file, sizeof(file), "events/%s/%s/enable", system, event);
	return code ? code : instance_put(search->instance, file, "1", 0);
}

/* Return: an exit code. */
static int enable_matching(struct search *search)
{
	char path[PATH_MAX], line[512];
	int code = EXIT_OK;
	FILE *events;

	/* From the top-level instance, because all instances have the same events. */
	instance_path(path, NULL, "available_events");
	events = fopen(path, "re");
	if (!events)
		return instance_complain(NULL, "available_events", -errno);
	while (!code && fgets(line, sizeof(line), events)) {
		char *colon = strchr(line, ':');

		line[strcspn(line, "\n")] = 0;
		if (!colon)
			continue;
		*colon = 0;
		code = enable_event(search, line, colon + 1);
	}
	fclose(events);
	if (code || search->found)
		return code;
	say("relayctl: no event is called %s: see %s/available_events",
	    printable(search->wanted->pattern), TRACEFS);
	return EXIT_FAILED;
}

/*
 * Probes
 */

static const char *probed(const struct wanted_events *wanted)
{
	bool is_probe = !strncmp(wanted->pattern, KPROBE, strlen(KPROBE));

	return is_probe ? wanted->pattern + strlen(KPROBE) : NULL;
}

/* Name the system of the probe after the instance, so that no other instance uses it. */
static void name_probe(struct search *search, const char *symbol, char name[PROBE_NAME])
{
	snprintf(search->system, sizeof(search->system), "%s", search->instance);
	for (char *at = search->system; *at; at++)
		*at = isalnum((unsigned char)*at) ? *at : '_';
	snprintf(name, PROBE_NAME, "%s", symbol);
	for (char *at = name; *at; at++)
		*at = isalnum((unsigned char)*at) ? *at : '_';
	search->event = name;
	search->either = false;
}

/* Return: an exit code. */
static int put_probe(const char *text)
{
	return instance_put(NULL, "dynamic_events", text, O_APPEND);
}

/* Return: an exit code. */
static int enable_probe(struct search *search, const char *symbol)
{
	char name[PROBE_NAME], text[1024];
	int code;

	name_probe(search, symbol, name);
	snprintf(text, sizeof(text), "p:%s/%s %s", search->system, name, symbol);
	code = put_probe(text);
	search->wanted->has_probe = !code;
	return code ? code : enable_matching(search);
}

/**
 * trace_events_remove_probe - remove the probe that trace_events_enable() created, if any
 * @instance: the instance, which was removed, so that the probe is not enabled
 * @wanted: the events
 *
 * Return: an exit code; an error was printed.
 */
int trace_events_remove_probe(const char *instance, const struct wanted_events *wanted)
{
	struct search search = { .instance = instance };
	char name[PROBE_NAME], text[1024];

	if (!wanted->has_probe)
		return EXIT_OK;
	name_probe(&search, probed(wanted), name);
	snprintf(text, sizeof(text), "-:%s/%s", search.system, name);
	return put_probe(text);
}

/**
 * trace_events_enable - enable events
 * @instance: the instance
 * @wanted: the events
 *
 * Return: an exit code; an error was printed.
 */
int trace_events_enable(const char *instance, struct wanted_events *wanted)
{
	struct search search = { .instance = instance, .wanted = wanted };
	const char *colon = strchr(wanted->pattern, ':');

	if (probed(wanted))
		return enable_probe(&search, probed(wanted));
	search.either = !colon;
	snprintf(search.system, sizeof(search.system), "%s", wanted->pattern);
	search.system[strcspn(search.system, ":")] = 0;
	search.event = colon ? colon + 1 : wanted->pattern;
	return enable_matching(&search);
}
