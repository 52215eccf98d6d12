/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_PROGRESS_H
#define _RELAYCTL_PROGRESS_H

#include "recorder.h"

/**
 * struct progress - the line that shows how a recording goes
 * @on:		there is a terminal to show it on
 * @shown:	when it was shown last, milliseconds()
 * @before:	bytes that there were then
 */
struct progress {
	bool		on;
	uint64_t	shown;
	uint64_t	before;
};

void progress_init(struct progress *progress, bool quiet);
int progress_timeout(const struct progress *progress, const struct totals *totals);
void progress_show(struct progress *progress, const struct totals *totals);
void progress_end(const struct progress *progress);

#endif /* _RELAYCTL_PROGRESS_H */
