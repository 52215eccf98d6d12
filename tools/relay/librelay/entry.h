/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Helpers for names and directory entries, shared by librelay and relayctl; not installed.
 */
#ifndef _LIBRELAY_ENTRY_H
#define _LIBRELAY_ENTRY_H

#include <dirent.h>
#include <stdbool.h>
#include <string.h>

/* For scandir(): leave out "." and "..". */
static inline int relay_entry_below(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/*
 * Is the argument a path of a channel: does it begin with "/", "./" or "../", or is it "." or
 * ".."? A name below RELAY_ROOT can begin with a dot, too.
 */
static inline bool relay_is_path(const char *channel)
{
	size_t dots = strspn(channel, ".");

	return dots <= 2 && (channel[dots] == '/' || (dots && !channel[dots]));
}

#endif /* _LIBRELAY_ENTRY_H */
