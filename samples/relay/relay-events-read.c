// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of the event stream: prints the events of all CPUs as they are
 * delivered, and the number of lost events.
 *
 *	relay-events-read [-n EVENTS] [CHANNEL]
 *
 * Ends after EVENTS events, or when the channel is closed.
 */
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/relay.h>
#include "relay-events.h"

#define MAX_CPUS	4096

static unsigned long long lost[MAX_CPUS];
static unsigned long left;

/* Return: @size, or 0 if the stream ended before. */
static size_t read_all(int fd, void *data, size_t size)
{
	size_t done = 0;
	ssize_t got = 1;

	while (done < size && got > 0) {
		got = read(fd, (char *)data + done, size - done);
		if (got < 0)
			error(2, errno, "read");
		done += got;
	}
	return done == size ? size : 0;
}

static void print_events(const char *at, const char *end)
{
	const struct event *event;

	while (left && end - at >= (ssize_t)sizeof(*event)) {
		event = (const void *)at;
		if (event->length > (size_t)(end - at) - sizeof(*event))
			error(2, 0, "an event of %u bytes in %td", event->length, end - at);
		printf("%16llu [%u] %.*s\n", (unsigned long long)event->cycles,
		       event->cpu, (int)event->length, event->text);
		at += sizeof(*event) + (event->length + 7) / 8 * 8;
		left--;
	}
}

static void print_subbuf(unsigned int cpu, const char *data, size_t size)
{
	const struct events_header *header = (const void *)data;

	if (size < sizeof(*header) || header->magic != EVENTS_MAGIC ||
	    header->size != size - sizeof(*header))
		error(2, 0, "not a sub-buffer of events");
	print_events(data + sizeof(*header), data + size);
	/* header->lost counts since the channel was opened, over all sub-buffers of the CPU. */
	if (cpu < MAX_CPUS && header->lost > lost[cpu]) {
		printf("%16s [%u] %llu events were lost\n", "", cpu,
		       (unsigned long long)header->lost - lost[cpu]);
		lost[cpu] = header->lost;
	}
	fflush(stdout);
}

static void watch(int fd)
{
	struct relay_all_header header;
	char *data;

	while (left && read_all(fd, &header, sizeof(header))) {
		data = malloc(header.info.used);
		if (!data || !read_all(fd, data, header.info.used))
			error(2, errno, "a sub-buffer of %u bytes", header.info.used);
		print_subbuf(header.cpu, data, header.info.used);
		free(data);
	}
}

int main(int argc, char **argv)
{
	const char *channel = "/sys/kernel/relay/relay-events/stream";
	char path[4096];
	int fd, opt;

	left = ~0UL;
	while ((opt = getopt(argc, argv, "n:")) != -1) {
		if (opt != 'n')
			return 2;
		left = strtoul(optarg, NULL, 0);
	}
	if (optind < argc)
		channel = argv[optind];
	snprintf(path, sizeof(path), "%s/all", channel);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		error(2, errno, "%s", path);
	watch(fd);
	return 0;
}
