// SPDX-License-Identifier: GPL-2.0
/*
 * The messages of record at its end.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "record.h"

/**
 * record_sum - add up the totals of all channels
 * @record: the command
 * @sum: what they are added to
 */
void record_sum(const struct record *record, struct totals *sum)
{
	for (unsigned int i = 0; i < record->n_channels; i++) {
		const struct totals *totals = &record->channels[i].recorder.totals;

		sum->subbufs += totals->subbufs;
		sum->records += totals->records;
		sum->bytes += totals->bytes;
		sum->stored += totals->stored;
		sum->lost += totals->lost;
		sum->missed += totals->missed;
		sum->unstored += totals->unstored;
		sum->unstored_records += totals->unstored_records;
	}
}

/**
 * report_totals - say how much is not stored, and why
 * @totals: the totals
 * @to: the output
 *
 * Return: an exit code.
 */
int report_totals(const struct totals *totals, const char *to)
{
	if (!totals->error)
		return EXIT_OK;
	if (totals->error == -EBADMSG)
		say("relayctl: %s: the metadata of the trace are damaged", to);
	else
		complain(to, totals->error);
	/* After an error of fsync() it is not known how much is not stored. */
	if (totals->unstored)
		say("%llu sub-buffers with %llu records are not stored",
		    (unsigned long long)totals->unstored,
		    (unsigned long long)totals->unstored_records);
	return EXIT_NOT_STORED;
}

/* Clear a "^C" or the progress line from a terminal. */
static void begin_line(const struct record *record)
{
	if (!record->daemon.wanted && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/**
 * format_losses - the losses of a recording or a snapshot, as text to append
 * @totals: its totals
 * @trace: use the terms of CTF: events and packets
 * @to: memory for the text
 *
 * Return: @to.
 */
const char *format_losses(const struct totals *totals, bool trace, char to[LOSSES_SIZE])
{
	snprintf(to, LOSSES_SIZE, "; %llu %s lost, %llu %s missed",
		 (unsigned long long)totals->lost, trace ? "events" : "records",
		 (unsigned long long)totals->missed, trace ? "packets" : "sub-buffers");
	return to;
}

static void summarize_trace(const struct totals *totals, const char *name, uint64_t ms)
{
	char bytes[16], losses[LOSSES_SIZE];

	say("%s: %llu events in %llu packets, %s, in %.1f s%s", name,
	    (unsigned long long)totals->records, (unsigned long long)totals->subbufs,
	    format_bytes(totals->bytes, bytes), ms / 1000.0, format_losses(totals, true, losses));
}

static void summarize_totals(const struct totals *totals, const char *name, bool compressed,
			     uint64_t ms)
{
	char bytes[16], stored[16], losses[LOSSES_SIZE], size[64];

	format_bytes(totals->bytes, bytes);
	if (compressed)
		snprintf(size, sizeof(size), "%s in %s", bytes,
			 format_bytes(totals->stored, stored));
	else
		snprintf(size, sizeof(size), "%s", bytes);
	say("%s: %llu records in %llu sub-buffers, %s, in %.1f s%s", name,
	    (unsigned long long)totals->records, (unsigned long long)totals->subbufs,
	    size, ms / 1000.0, format_losses(totals, false, losses));
}

static void summarize_flight(const struct record *record, uint64_t ms)
{
	char name[64];

	snprintf(name, sizeof(name), "%u channels", record->n_channels);
	say("%s: %u snapshot%s in %s, in %.1f s",
	    record->n_channels == 1 ? record->names[0] : name, record->taken,
	    record->taken == 1 ? "" : "s", record->options.output, ms / 1000.0);
}

/* Of several channels, print only those with data or losses. */
static void summarize_channels(const struct record *record, uint64_t ms)
{
	bool compressed = record->options.compress;
	struct totals sum = { 0 };
	char name[64];

	for (unsigned int i = 0; i < record->n_channels; i++) {
		const struct record_channel *channel = &record->channels[i];
		const struct totals *totals = &channel->recorder.totals;

		if (record->n_channels == 1 || totals->subbufs || totals->lost || totals->missed)
			summarize_totals(totals, channel->options.channel, compressed, ms);
	}
	if (record->n_channels == 1)
		return;
	record_sum(record, &sum);
	snprintf(name, sizeof(name), "in all, %u channels", record->n_channels);
	summarize_totals(&sum, name, compressed, ms);
}

static void say_full(const struct record *record)
{
	for (unsigned int i = 0; i < record->n_channels; i++) {
		const struct recorder *recorder = &record->channels[i].recorder;

		if (recorder->full)
			say("relayctl: %s ended: --max-size has no room for another sub-buffer",
			    record->channels[i].options.channel);
	}
}

/**
 * record_summarize - print what was recorded
 * @record: the command, whose recordings are closed
 * @ms: duration of the recording
 */
void record_summarize(const struct record *record, uint64_t ms)
{
	if (record->quiet)
		return;
	begin_line(record);
	say_full(record);
	if (record->instance)
		summarize_trace(&record->channels->recorder.totals, record->options.output, ms);
	else if (record->options.flight)
		summarize_flight(record, ms);
	else
		summarize_channels(record, ms);
	if (record->verbose)
		say("relayctl: woke up %llu times", (unsigned long long)record->turns);
}

/**
 * record_report - print errors
 * @record: the command, whose recordings are closed
 *
 * Return: an exit code: the highest of all channels, or if that is 0, that of a failed
 * snapshot or of the command that was run.
 */
int record_report(const struct record *record)
{
	int exit_code = EXIT_OK, got;

	for (unsigned int i = 0; i < record->n_channels; i++) {
		const struct record_channel *channel = &record->channels[i];

		got = report_totals(&channel->recorder.totals,
				    channel->options.output ? : "stdout");
		if (!got && channel->error)
			got = complain(channel->options.channel, channel->error);
		exit_code = got > exit_code ? got : exit_code;
	}
	if (exit_code)
		return exit_code;
	return record->failed ? record->failed : record->child.exit_code;
}
