/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a directory is read for: used by librelay and relayctl, not installed.
 */
#ifndef _LIBRELAY_ENTRY_H
#define _LIBRELAY_ENTRY_H

#include <dirent.h>
#include <string.h>

/* For scandir(): is it in the directory, not the directory itself or the one above? */
static inline int relay_entry_below(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

#endif /* _LIBRELAY_ENTRY_H */
