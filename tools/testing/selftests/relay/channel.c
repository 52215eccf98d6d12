// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "channel.h"

#define CONTROL	"/sys/kernel/debug/relay-selftest"

int control(const char *format, ...)
{
	char line[256];
	va_list arguments;
	int fd, length, saved;
	ssize_t written;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	fd = open(CONTROL, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	written = write(fd, line, length);
	saved = errno;
	close(fd);
	errno = saved;
	return written == length ? 0 : -1;
}

unsigned int attempts(const char *name, unsigned long long *count)
{
	FILE *file = fopen(CONTROL, "r");
	char line[4096], *at, *end;
	unsigned int cpus = 0;

	while (file && fgets(line, sizeof(line), file)) {
		at = strchr(line, ' ');
		if (!at || strncmp(line, name, at - line) ||
		    name[at - line])
			continue;
		for (; cpus < MAX_CPUS; cpus++, at = end) {
			count[cpus] = strtoull(at, &end, 10);
			if (end == at)
				break;
		}
	}
	if (file)
		fclose(file);
	return cpus;
}

int open_file(const char *name, const char *file, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), CHANNELS "/%s/%s", name, file);
	return open(path, flags | O_CLOEXEC);
}

int open_cpu(const char *name, unsigned int cpu, int flags)
{
	char file[16];

	snprintf(file, sizeof(file), "cpu%u", cpu);
	return open_file(name, file, flags);
}

void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		exit(1);
	}
}

void unpin(void)
{
	cpu_set_t set;
	unsigned int cpu;

	CPU_ZERO(&set);
	for (cpu = 0; cpu < online_cpus(); cpu++)
		CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

unsigned int online_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

static int record_is_whole(const struct test_record *record)
{
	unsigned long i;

	for (i = 0; i < record->length - sizeof(*record); i++)
		if (record->payload[i] != test_byte(record->sequence, i))
			return 0;
	return record->cpu < MAX_CPUS;
}

static void check_record(struct checker *checker, const struct test_record *record)
{
	unsigned long long *next;

	if (!record_is_whole(record)) {
		checker->torn++;
		return;
	}
	next = &checker->next[record->cpu];
	if (record->sequence < *next) {
		checker->torn++;
		return;
	}
	checker->missing += record->sequence - *next;
	checker->received++;
	*next = record->sequence + 1;
}

size_t check_records(struct checker *checker, const void *data, size_t size)
{
	struct test_record record;
	size_t at = 0;

	while (size - at >= sizeof(record)) {
		memcpy(&record, (const char *)data + at, sizeof(record));
		if (record.length < sizeof(record)) {
			checker->torn++;
			return size;
		}
		if (size - at < record.length)
			break;
		check_record(checker, (const void *)((const char *)data + at));
		at += record.length;
	}
	return at;
}

unsigned int test_seed(void)
{
	const char *given = getenv("SEED");
	unsigned int seed = given ? strtoul(given, NULL, 0) : (unsigned int)time(NULL);

	printf("# SEED=%u\n", seed);
	return seed;
}

int child_status(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

void wait_asleep(pid_t pid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (state != 'S' && state != 'D') {
		sched_yield();
		file = fopen(path, "r");
		if (!file || fscanf(file, "%*d %*s %c", &state) != 1)
			state = 'S';
		if (file)
			fclose(file);
	}
}
