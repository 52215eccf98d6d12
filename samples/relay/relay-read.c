// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of the relay sample: collects the records of all CPUs, checks each
 * record, and checks that every record written is accounted for.
 *
 *	relay-read [-n RECORDS] [-j FILE] [CHANNEL]
 *
 * Tells every context of every CPU to write RECORDS records (10000), and reads them
 * meanwhile. SIGINT and SIGTERM stop the writers. With -n 0, reads the records written
 * since the module was loaded. -j writes the counters to a file, as JSON.
 */
#define _GNU_SOURCE		/* ppoll() */
#include <dirent.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "relay-sample.h"

#define MAX_CPUS	4096
#define MAX_RECORD	(sizeof(struct sample_record) + SAMPLE_MAX_PAYLOAD)
#define BUFFER_SIZE	(256 * 1024)

enum { FULL, NESTED, TOO_BIG, DISABLED, REASONS };

static const char *const context_name[] = SAMPLE_CONTEXT_NAMES;

/* Counters of a context on a CPU, or of a relay buffer. */
struct counters {
	unsigned long written;
	unsigned long committed;
	unsigned long overwritten;
	unsigned long discarded;
	unsigned long lost[REASONS];
};

struct stats {
	struct counters writer[MAX_CPUS][SAMPLE_CONTEXTS];
	struct counters buffer[MAX_CPUS];
};

/* The records read of a context on a CPU. */
struct source {
	__u32 next;			/* sequence expected */
	unsigned long received;
	unsigned long torn;
};

/* The file of a buffer. */
struct trace {
	unsigned int cpu;
	size_t used;
	unsigned char data[BUFFER_SIZE];
};

static const char *channel = "/sys/kernel/relay/relay-sample";
static const char *directory = "/sys/kernel/debug/relay-sample";
static struct stats before, after;
static struct source sources[MAX_CPUS][SAMPLE_CONTEXTS];
static struct trace *traces[MAX_CPUS];
static struct pollfd polls[MAX_CPUS + 1];	/* the last: control */
static sigset_t waiting;			/* signals blocked in ppoll() */
static unsigned int n_traces;
static unsigned int n_cpus;			/* CPUs in the file "stats" */
static unsigned long garbage;			/* torn records of unknown source */

static void interrupt(int sig)
{
	/* ppoll() returns EINTR. */
}

/* Block signals except in ppoll(), so that none is missed between two calls. */
static void catch_signals(void)
{
	static const struct sigaction action = { .sa_handler = interrupt };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/*
 * Checking records
 */

static __u32 crc_table[256];

static void crc32c_init(void)
{
	for (__u32 i = 0; i < 256; i++) {
		__u32 crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
		crc_table[i] = crc;
	}
}

static __u32 crc32c(const unsigned char *p, size_t len)
{
	__u32 crc = ~0;

	while (len--)
		crc = crc >> 8 ^ crc_table[(crc ^ *p++) & 0xff];
	return crc;
}

static bool whole(const struct sample_record *record)
{
	const size_t start = offsetof(struct sample_record, sequence);

	return record->checksum == crc32c((const unsigned char *)record + start,
					  record->length - start) &&
	       record->cpu < n_cpus && record->context < SAMPLE_CONTEXTS;
}

static void check(const struct sample_record *record)
{
	struct source *source;

	if (!whole(record)) {
		garbage++;
		return;
	}
	source = &sources[record->cpu][record->context];
	/* Older than the last record read: the record came twice, or out of order. */
	if ((__s32)(record->sequence - source->next) < 0) {
		source->torn++;
		return;
	}
	source->next = record->sequence + 1;
	source->received++;
}

/* Check the complete records in @trace->data; keep the rest for the next read. */
static void check_all(struct trace *trace)
{
	size_t at = 0;

	while (trace->used - at >= sizeof(struct sample_record)) {
		const void *p = trace->data + at;
		const struct sample_record *record = p;

		if (!record->length) {		/* zeroes of a discarded record */
			at += 4;
			continue;
		}
		if (record->length < sizeof(*record) ||
		    record->length > MAX_RECORD || record->length % 4) {
			garbage++;
			at += 4;
			continue;
		}
		if (trace->used - at < record->length)
			break;
		check(record);
		at += record->length;
	}
	trace->used -= at;
	memmove(trace->data, trace->data + at, trace->used);
}

/*
 * Reading
 */

static FILE *open_file(const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	if (!file)
		error(2, errno, "%s", path);
	return file;
}

static void seen_cpu(unsigned int cpu)
{
	if (cpu >= MAX_CPUS)
		error(2, 0, "CPU %u is too many", cpu);
	if (n_cpus <= cpu)
		n_cpus = cpu + 1;
}

static void read_line(struct stats *stats, const char *line)
{
	struct counters c = { 0 };
	char name[16];
	unsigned int cpu, context;

	if (sscanf(line, "writer %u %15s %lu %lu %lu %lu %lu %lu %lu", &cpu, name,
		   &c.written, &c.committed, &c.discarded, &c.lost[FULL],
		   &c.lost[NESTED], &c.lost[TOO_BIG], &c.lost[DISABLED]) == 9) {
		seen_cpu(cpu);
		for (context = 0; context < SAMPLE_CONTEXTS; context++)
			if (!strcmp(name, context_name[context]))
				stats->writer[cpu][context] = c;
	} else if (sscanf(line, "buffer %u %lu %lu %lu %lu %lu %lu %lu", &cpu,
			  &c.committed, &c.overwritten, &c.discarded,
			  &c.lost[FULL], &c.lost[NESTED], &c.lost[TOO_BIG],
			  &c.lost[DISABLED]) == 8) {
		seen_cpu(cpu);
		stats->buffer[cpu] = c;
	}
}

static void read_stats(struct stats *stats)
{
	FILE *file = open_file("stats");
	char line[256];

	while (fgets(line, sizeof(line), file))
		read_line(stats, line);
	fclose(file);
}

static void open_trace(const char *name, unsigned int cpu)
{
	struct trace *trace = calloc(1, sizeof(*trace));
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", channel, name);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0 || !trace || n_traces == MAX_CPUS)
		error(2, errno, "%s", path);
	trace->cpu = cpu;
	traces[n_traces] = trace;
	polls[n_traces++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void open_traces(void)
{
	DIR *dir = opendir(channel);
	struct dirent *entry;
	unsigned int cpu;

	if (!dir)
		error(2, errno, "%s (is the module loaded, relayfs mounted?)", channel);
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "cpu%u", &cpu) == 1)
			open_trace(entry->d_name, cpu);
	closedir(dir);
}

/* Return: bytes, 0 when the buffer is empty. */
static size_t read_trace(unsigned int i)
{
	struct trace *trace = traces[i];
	ssize_t got = read(polls[i].fd, trace->data + trace->used,
			   sizeof(trace->data) - trace->used);

	if (got < 0 && errno == EAGAIN)
		got = 0;
	if (got < 0)
		error(2, errno, "%s/cpu%u", channel, trace->cpu);
	trace->used += got;
	check_all(trace);
	return got;
}

static void drain(void)
{
	for (unsigned int i = 0; i < n_traces; i++)
		while (read_trace(i))
			;
}

/* Begin the account: with @all since the module was loaded, else from now on. */
static void begin(bool all)
{
	if (!all)
		drain();
	garbage = 0;
	read_stats(&before);
	if (all)
		memset(&before, 0, sizeof(before));
	for (unsigned int cpu = 0; cpu < n_cpus; cpu++)
		for (unsigned int i = 0; i < SAMPLE_CONTEXTS; i++)
			sources[cpu][i] = (struct source){
				.next = before.writer[cpu][i].written,
			};
}

static void write_control(const char *records)
{
	if (write(polls[n_traces].fd, records, strlen(records)) < 0)
		error(2, errno, "%s/control", directory);
}

static void start(const char *records)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/control", directory);
	fd = open(path, O_RDWR);
	if (fd < 0)
		error(2, errno, "%s", path);
	polls[n_traces] = (struct pollfd){ .fd = fd, .events = POLLIN };
	write_control(records);
}

/* Read until the writers are done. */
static void collect(void)
{
	do {
		if (ppoll(polls, n_traces + 1, NULL, &waiting) < 0) {
			if (errno != EINTR)
				error(2, errno, "poll");
			write_control("0");
			continue;
		}
		for (unsigned int i = 0; i < n_traces; i++)
			if (polls[i].revents & POLLIN)
				read_trace(i);
	} while (!polls[n_traces].revents);
	drain();
}

/*
 * The account
 */

static void add(struct counters *sum, const struct counters *c)
{
	sum->written += c->written;
	sum->committed += c->committed;
	sum->overwritten += c->overwritten;
	sum->discarded += c->discarded;
	for (int i = 0; i < REASONS; i++)
		sum->lost[i] += c->lost[i];
}

static void subtract(struct counters *c, const struct counters *start)
{
	c->written -= start->written;
	c->committed -= start->committed;
	c->overwritten -= start->overwritten;
	c->discarded -= start->discarded;
	for (int i = 0; i < REASONS; i++)
		c->lost[i] -= start->lost[i];
}

static void finish(void)
{
	read_stats(&after);
	for (unsigned int cpu = 0; cpu < n_cpus; cpu++) {
		subtract(&after.buffer[cpu], &before.buffer[cpu]);
		for (unsigned int i = 0; i < SAMPLE_CONTEXTS; i++)
			subtract(&after.writer[cpu][i], &before.writer[cpu][i]);
	}
}

static unsigned long sum_lost(const struct counters *c)
{
	return c->lost[FULL] + c->lost[NESTED] + c->lost[TOO_BIG] + c->lost[DISABLED];
}

/* One line of the account: a context of one CPU, or a sum. */
struct line {
	struct counters c;
	unsigned long received;
	unsigned long torn;
};

static struct line account(unsigned int cpu, unsigned int context)
{
	struct source *source = &sources[cpu][context];
	struct line line = {
		.c = after.writer[cpu][context],
		.received = source->received,
		.torn = source->torn,
	};

	return line;
}

static void add_line(struct line *sum, const struct line *line)
{
	add(&sum->c, &line->c);
	sum->received += line->received;
	sum->torn += line->torn;
}

static void print_line(const char *name, const struct line *line)
{
	const struct counters *c = &line->c;

	printf("%-8s %10lu %10lu %10lu %12lu %8lu %8lu %9lu %8lu\n", name,
	       c->written, line->received, c->discarded, c->lost[FULL],
	       c->lost[NESTED], c->lost[TOO_BIG], c->lost[DISABLED], line->torn);
}

static struct line print_table(void)
{
	struct line all = { .torn = garbage };

	printf("%-8s %10s %10s %10s %12s %8s %8s %9s %8s\n", "", "written",
	       "received", "discarded", "lost: full", "nested", "too big",
	       "disabled", "torn");
	for (unsigned int i = 0; i < SAMPLE_CONTEXTS; i++) {
		struct line sum = { 0 };

		for (unsigned int cpu = 0; cpu < n_cpus; cpu++) {
			struct line line = account(cpu, i);

			add_line(&sum, &line);
		}
		if (sum.c.written)
			print_line(context_name[i], &sum);
		add_line(&all, &sum);
	}
	for (unsigned int cpu = 0; cpu < n_cpus; cpu++)
		all.c.overwritten += after.buffer[cpu].overwritten;
	print_line("all", &all);
	if (all.c.overwritten)
		printf("overwritten before they were read: %lu\n", all.c.overwritten);
	return all;
}

/* Do relay's own statistics say the same as the writers' counters? */
static bool relay_agrees(const struct counters *writers)
{
	struct counters relay = { 0 };
	bool same;

	for (unsigned int cpu = 0; cpu < n_cpus; cpu++)
		add(&relay, &after.buffer[cpu]);
	same = relay.committed == writers->committed &&
	       relay.discarded == writers->discarded &&
	       !memcmp(relay.lost, writers->lost, sizeof(relay.lost));
	if (!same)
		printf("relay counted %lu committed, %lu discarded, %lu lost\n",
		       relay.committed, relay.discarded, sum_lost(&relay));
	return same;
}

static bool balanced(const char *name, const struct line *line)
{
	unsigned long known = line->received + line->c.discarded +
			      line->c.overwritten + sum_lost(&line->c);

	if (known != line->c.written)
		printf("%s: %lu records were written, of which %ld are not accounted for\n",
		       name, line->c.written, (long)(line->c.written - known));
	return known == line->c.written;
}

static bool accounted(const struct line *all)
{
	bool ok = balanced("all", all) && relay_agrees(&all->c);

	/* Overwritten records cannot be attributed to a context: skip the single accounts. */
	for (unsigned int cpu = 0; cpu < n_cpus && !all->c.overwritten; cpu++)
		for (unsigned int i = 0; i < SAMPLE_CONTEXTS; i++) {
			struct line line = account(cpu, i);

			ok &= balanced(context_name[i], &line);
		}
	if (all->torn)
		printf("%lu records are torn, or come twice or out of order\n", all->torn);
	return ok && !all->torn;
}

static void json_line(FILE *file, const struct line *line)
{
	const struct counters *c = &line->c;

	fprintf(file, "\"written\": %lu, \"received\": %lu, \"discarded\": %lu, ",
		c->written, line->received, c->discarded);
	fprintf(file, "\"lost\": {\"full\": %lu, \"nested\": %lu, ",
		c->lost[FULL], c->lost[NESTED]);
	fprintf(file, "\"too_big\": %lu, \"disabled\": %lu}, \"torn\": %lu",
		c->lost[TOO_BIG], c->lost[DISABLED], line->torn);
}

static void write_json(const char *name, const struct line *all, bool ok)
{
	FILE *file = fopen(name, "w");
	const char *comma = "";

	if (!file)
		error(2, errno, "%s", name);
	fprintf(file, "{");
	json_line(file, all);
	fprintf(file, ", \"overwritten\": %lu, \"ok\": %s, \"writers\": [",
		all->c.overwritten, ok ? "true" : "false");
	for (unsigned int cpu = 0; cpu < n_cpus; cpu++)
		for (unsigned int i = 0; i < SAMPLE_CONTEXTS; i++) {
			struct line line = account(cpu, i);

			if (!line.c.written)
				continue;
			fprintf(file, "%s\n  {\"cpu\": %u, \"context\": \"%s\", ",
				comma, cpu, context_name[i]);
			json_line(file, &line);
			fprintf(file, "}");
			comma = ",";
		}
	fprintf(file, "\n]}\n");
	if (fclose(file))
		error(2, errno, "%s", name);
}

int main(int argc, char **argv)
{
	const char *json = NULL, *records = "10000";
	struct line all;
	bool ok;
	int opt;

	while ((opt = getopt(argc, argv, "n:j:")) != -1) {
		if (opt == 'n')
			records = optarg;
		else if (opt == 'j')
			json = optarg;
		else
			return 2;
	}
	if (optind < argc)
		channel = argv[optind];
	catch_signals();
	crc32c_init();
	open_traces();
	begin(!strcmp(records, "0"));
	start(records);
	collect();
	finish();
	all = print_table();
	ok = accounted(&all);
	if (json)
		write_json(json, &all, ok);
	return !ok;
}
