// SPDX-License-Identifier: GPL-2.0
/*
 * The progress line of a recording: on a terminal, at most once a second, while the number of
 * recorded bytes changes.
 */
#include <stdio.h>
#include <unistd.h>
#include "progress.h"

#define PROGRESS_MS	1000

/**
 * progress_init - set the progress line up
 * @progress: filled in
 * @quiet: print nothing
 */
void progress_init(struct progress *progress, bool quiet)
{
	*progress = (struct progress) {
		.on	= !quiet && isatty(STDERR_FILENO),
		.shown	= milliseconds(),
	};
}

/**
 * progress_timeout - how long a wait may last before the line must be printed
 * @progress: the line
 * @totals: totals of the recording
 *
 * Return: milliseconds; -1 for no limit, because the line is off or up to date.
 */
int progress_timeout(const struct progress *progress, const struct totals *totals)
{
	uint64_t since = milliseconds() - progress->shown;

	if (!progress->on || totals->bytes == progress->before)
		return -1;
	return since < PROGRESS_MS ? PROGRESS_MS - since : 0;
}

/**
 * progress_show - print the line, if a second has passed
 * @progress: the line
 * @totals: totals of the recording
 */
void progress_show(struct progress *progress, const struct totals *totals)
{
	uint64_t now = milliseconds(), since = now - progress->shown;
	char rate[16], bytes[16];

	if (!progress->on || since < PROGRESS_MS)
		return;
	format_bytes((totals->bytes - progress->before) * 1000 / since, rate);
	fprintf(stderr, "\r%s/s, %s, %llu records, ", rate,
		format_bytes(totals->bytes, bytes),
		(unsigned long long)totals->records);
	fprintf(stderr, "lost %llu, missed %llu sub-buffers, not stored %llu\033[K",
		(unsigned long long)totals->lost,
		(unsigned long long)totals->missed,
		(unsigned long long)totals->unstored);
	progress->shown = now;
	progress->before = totals->bytes;
}

/**
 * progress_end - clear the line
 * @progress: the line
 */
void progress_end(const struct progress *progress)
{
	if (progress->before)
		fprintf(stderr, "\r\033[K");
}
