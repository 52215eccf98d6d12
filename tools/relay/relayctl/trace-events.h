/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_TRACE_EVENTS_H
#define _RELAYCTL_TRACE_EVENTS_H

#include <stdbool.h>

/**
 * struct wanted_events - events to record
 * @pattern:	SYSTEM:EVENT, or the name of a system or event, with wildcards; or
 *		kprobe:SYMBOL
 * @filter:	their filter, or NULL
 * @has_probe:	the probe was created
 */
struct wanted_events {
	const char	*pattern;
	const char	*filter;
	bool		has_probe;
};

int trace_events_enable(const char *instance, struct wanted_events *wanted);
int trace_events_remove_probe(const char *instance, const struct wanted_events *wanted);

#endif /* _RELAYCTL_TRACE_EVENTS_H */
