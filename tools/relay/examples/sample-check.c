// SPDX-License-Identifier: GPL-2.0
/*
 * A consumer of the relay sample: reads its records from the channel, checks
 * every one of them, and says what it got.
 *
 *	sample-check CHANNEL		sub-buffers, until it is interrupted
 *	sample-check -n CHANNEL		the same of what is written from now on
 *	sample-check -m CHANNEL		records of all CPUs, merged; what is there
 *	sample-check -			bytes from stdin
 *	sample-check -w WITNESS -	the same, held against what a witness saw:
 *					a line for each CPU
 *
 * An interrupt is not the end: what was written until then is read first.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <relay/librelay.h>
#include "relay-sample.h"

#define MAX_CPUS	4096
#define MAX_RECORD	(sizeof(struct sample_record) + SAMPLE_MAX_PAYLOAD)

static struct {
	unsigned long long received;
	unsigned long long torn;	/* or out of order */
	unsigned long long lost;
	unsigned long long missed;
} sum;

static __u32 next[MAX_CPUS][SAMPLE_CONTEXTS];

/* What the witness saw, and what was received of each CPU. */
static struct sample_seen seen[MAX_CPUS][SAMPLE_CONTEXTS];
static unsigned long long received[MAX_CPUS];
/* Of those, which the witness had not seen return when it was stopped. */
static unsigned long long unseen[MAX_CPUS];

/*
 * Records
 */

static __u32 crc32c(const unsigned char *p, size_t len)
{
	__u32 crc = ~0;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

/* Return: the number of the last record whose commit returned; 0: none did. */
static __u32 returned(const struct sample_seen *one)
{
	return one->returned >> 32;
}

static bool is_whole(const struct sample_record *record)
{
	const size_t start = offsetof(struct sample_record, sequence);

	return record->checksum == crc32c((const unsigned char *)record + start,
					  record->length - start) &&
	       record->cpu < MAX_CPUS && record->context < SAMPLE_CONTEXTS;
}

static void check(const struct sample_record *record)
{
	__u32 *expected;

	if (!is_whole(record)) {
		sum.torn++;
		return;
	}
	/* Some are missing: lost. Never twice, or in another order. */
	expected = &next[record->cpu][record->context];
	if ((__s32)(record->sequence - *expected) < 0) {
		sum.torn++;
		return;
	}
	*expected = record->sequence + 1;
	sum.received++;
	received[record->cpu]++;
	unseen[record->cpu] +=
		record->sequence >=
		returned(&seen[record->cpu][record->context]);
}

/* Return: bytes of the record; 0 if it is none, and @skip bytes are to be left out. */
static size_t measure(const struct sample_record *record, size_t left, size_t *skip)
{
	if (left < sizeof(*record) || !record->length) {
		/* Where one was discarded there are zeroes. */
		*skip = 4;
		return 0;
	}
	if (record->length < sizeof(*record) || record->length > MAX_RECORD ||
	    record->length % 4 || record->length > left) {
		sum.torn++;
		*skip = 4;
		return 0;
	}
	return record->length;
}

static void check_all(const char *data, size_t size)
{
	size_t at = 0, length, skip;

	while (at < size) {
		length = measure((const void *)(data + at), size - at, &skip);
		if (length)
			check((const void *)(data + at));
		at += length ? length : skip;
	}
}

/*
 * Where they come from
 */

static int check_stdin(void)
{
	char *data = NULL;
	size_t size = 0, room = 0;
	ssize_t got;

	do {
		if (size == room) {
			room = room ? 2 * room : 1 << 20;
			data = realloc(data, room);
			if (!data)
				return -ENOMEM;
		}
		got = read(STDIN_FILENO, data + size, room - size);
		if (got < 0)
			return -errno;
		size += got;
	} while (got);
	check_all(data, size);
	free(data);
	return 0;
}

static struct relay_reader *reader;

static void interrupt(int sig)
{
	(void)sig;
	relay_stop(reader);
}

static int check_subbufs(void)
{
	const struct relay_subbuf *subbuf;
	int err;

	while ((err = relay_next(reader, &subbuf)) > 0 || err == -EINTR) {
		if (err == -EINTR)
			continue;
		check_all(subbuf->data, subbuf->used);
		sum.lost += subbuf->lost;
		sum.missed += subbuf->missed;
		relay_release(reader, subbuf);
	}
	return err;
}

/*
 * The witness
 */

static int read_witness(const char *path)
{
	FILE *file = fopen(path, "rb");
	int err;

	if (!file)
		return -errno;
	fread(seen, sizeof(seen[0]), MAX_CPUS, file);
	err = ferror(file) ? -EIO : 0;
	fclose(file);
	return err;
}

/*
 * Commits that were begun, of which neither the witness nor a record tells
 * whether they came about: what they wrote may be overwritten already.
 */
static unsigned int count_undecided(unsigned int cpu)
{
	unsigned int undecided = 0;

	for (unsigned int i = 0; i < SAMPLE_CONTEXTS; i++)
		undecided += seen[cpu][i].begun != returned(&seen[cpu][i]) &&
			     seen[cpu][i].begun != next[cpu][i];
	return undecided;
}

static void print_witness(void)
{
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
		unsigned long long committed = 0;

		for (unsigned int i = 0; i < SAMPLE_CONTEXTS; i++)
			committed += (__u32)seen[cpu][i].returned;
		if (committed || received[cpu])
			printf("cpu %u committed %llu unseen %llu undecided %u recovered %llu\n",
			       cpu, committed, unseen[cpu],
			       count_undecided(cpu), received[cpu]);
	}
}

/* There is a reader to be stopped. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/*
 * The sample's records have no time, but the sequence numbers of a CPU, as far
 * as they have come, do not go back.
 */
static uint64_t highest[MAX_CPUS];

static size_t get_time(const void *data, size_t left, uint64_t *time,
		       size_t *skip, void *arg)
{
	const struct sample_record *record = data;
	size_t length = measure(record, left, skip);
	uint64_t *calls = arg;

	++*calls;
	if (!length || record->cpu >= MAX_CPUS)
		return 0;
	if (highest[record->cpu] < record->sequence)
		highest[record->cpu] = record->sequence;
	*time = highest[record->cpu];
	return length;
}

static int check_merged(void)
{
	const struct relay_record *record;
	struct relay_merge *merge;
	uint64_t last = 0, calls = 0;
	int err = relay_merge_open(&merge, reader, get_time, &calls);

	if (!err)
		err = relay_drain(reader);
	if (err)
		return err;
	while ((err = relay_merge_next(merge, &record)) > 0) {
		check(record->data);
		if (record->time < last)
			sum.torn++;
		last = record->time;
		sum.lost += record->lost;
		sum.missed += record->missed;
	}
	relay_merge_close(merge);
	return err;
}

static int check_channel(const char *channel, bool merge, unsigned int flags)
{
	const struct relay_counts *counts;
	int err = relay_open(&reader, channel, flags);

	if (err)
		return err;
	catch_signals();
	err = merge ? check_merged() : check_subbufs();
	/* Those after the last sub-buffer. */
	if (!err)
		err = relay_get_counts(reader, RELAY_ALL_CPUS, &counts);
	if (!err) {
		sum.lost += counts->lost_since;
		sum.missed += counts->missed_since;
	}
	relay_close(reader);
	return err;
}

int main(int argc, char **argv)
{
	bool merge = argc > 1 && !strcmp(argv[1], "-m");
	bool from_now = argc > 1 && !strcmp(argv[1], "-n");
	bool witness = argc == 4 && !strcmp(argv[1], "-w");
	int err = 0;

	if (argc != 2 + merge + from_now + 2 * witness)
		return 2;
	if (witness)
		err = read_witness(argv[2]);
	if (err) {
		fprintf(stderr, "%s: %s\n", argv[2], relay_strerror(err));
		return 1;
	}
	if (!strcmp(argv[argc - 1], "-"))
		err = check_stdin();
	else
		err = check_channel(argv[argc - 1], merge, from_now ? RELAY_FROM_NOW : 0);
	if (err) {
		fprintf(stderr, "%s: %s\n", argv[argc - 1], relay_strerror(err));
		return 1;
	}
	if (witness)
		print_witness();
	printf("received %llu lost %llu missed %llu torn %llu\n", sum.received,
	       sum.lost, sum.missed, sum.torn);
	return sum.torn != 0;
}
