/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_RECORDING_H
#define _RELAYCTL_RECORDING_H

#include <dirent.h>
#include <limits.h>
#include "format.h"
#include "relayctl.h"

/**
 * struct recorded - an entry that was read
 * @entry:	the entry, in the machine's byte order
 * @at:		its offset in the index
 * @damaged:	it does not match its check sum
 */
struct recorded {
	struct index_entry	entry;
	uint64_t		at;
	bool			damaged;
};

/**
 * struct recording - a recording, or part of one, that is read
 * @path:	its directory
 * @index:	name of its index
 * @header:	its header, in the machine's byte order
 * @entries:	its entries
 * @n_entries:	number of @entries
 */
struct recording {
	const char		*path;
	const char		*index;
	struct index_header	header;
	struct recorded		*entries;
	size_t			n_entries;
};

int recording_open(struct recording *recording, const char *path);
void recording_close(struct recording *recording);
int recording_is_data(const struct dirent *entry);
bool recording_exists(const char *path);
bool recording_snapshots(const char *path, char name[NAME_MAX + 1]);
const char *recording_below(const char *path);
bool recording_leftover(const char *path, char name[NAME_MAX + 1]);
void recording_sort(struct recording *recording);
int recording_parts(const char *path, int (*found)(const char *path, void *arg),
		    void *arg);

#endif /* _RELAYCTL_RECORDING_H */
