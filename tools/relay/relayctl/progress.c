// SPDX-License-Identifier: GPL-2.0
/*
 * The line that shows how a recording goes: on a terminal, at most once a
 * second, and as long as something happens.
 */
#include <stdio.h>
#include <unistd.h>
#include "progress.h"

#define PROGRESS_MS	1000

/**
 * progress_init - begin
 * @progress: filled in
 * @quiet: show nothing
 */
void progress_init(struct progress *progress, bool quiet)
{
	*progress = (struct progress) {
		.on	= !quiet && isatty(STDERR_FILENO),
		.shown	= milliseconds(),
	};
}

/**
 * progress_timeout - how long a wait may last
 * @progress: the line
 * @totals: what became of it all
 *
 * Return: milliseconds; -1 for any time: what is shown is true.
 */
int progress_timeout(const struct progress *progress, const struct totals *totals)
{
	uint64_t since = milliseconds() - progress->shown;

	if (!progress->on || totals->bytes == progress->before)
		return -1;
	return since < PROGRESS_MS ? PROGRESS_MS - since : 0;
}

/**
 * progress_show - show it, if it is time
 * @progress: the line
 * @totals: what became of it all
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
 * progress_end - leave the line
 * @progress: the line
 */
void progress_end(const struct progress *progress)
{
	if (progress->before)
		fprintf(stderr, "\r\033[K");
}
