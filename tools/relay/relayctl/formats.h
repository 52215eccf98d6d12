/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_FORMATS_H
#define _RELAYCTL_FORMATS_H

/*
 * The file of a trace that has the formats of its events. A reader of CTF takes each file for
 * a stream whose name does not begin with a dot.
 */
#define FORMATS_NAME	".formats"

/* Each format begins with this. */
#define FORMAT_BEGIN	"name: "
/* The line after the last one: then come the strings that events have the address of. */
#define FORMATS_STRINGS	"printk_formats:\n"

int formats_store(const char *trace);

#endif /* _RELAYCTL_FORMATS_H */
