/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_PROGRESS_H
#define _RELAYCTL_PROGRESS_H

#include "recorder.h"

/**
 * struct progress - the progress line of a recording
 * @on:		the line is printed
 * @shown:	milliseconds() when it was printed last
 * @before:	bytes recorded when it was printed last
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
