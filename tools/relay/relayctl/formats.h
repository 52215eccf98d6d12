/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_FORMATS_H
#define _RELAYCTL_FORMATS_H

/*
 * The file with the formats of a trace's events. Its name begins with a dot, because a reader
 * of CTF takes any other file for a stream.
 */
#define FORMATS_NAME	".formats"

/* Each format begins with this. */
#define FORMAT_BEGIN	"name: "
/* The line after the last format. The strings whose addresses are in events follow it. */
#define FORMATS_STRINGS	"printk_formats:\n"

int formats_store(const char *trace);

#endif /* _RELAYCTL_FORMATS_H */
