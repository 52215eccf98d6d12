// SPDX-License-Identifier: GPL-2.0
/*
 * Measure how fast each way to read drains a full channel, against operations of user
 * space on ordinary memory and files. This is no test. The sides take turns for $ROUNDS
 * rounds. Prints a line for each side with the lower quartile, because other load on the
 * machine can only add time:
 *
 *	drain side=NAME ns=QUARTILE bytes=BYTES
 *
 * To be comparable, memcpy() reads bytes in the same state as a consumer of a mapping
 * does: the kernel wrote them last, and they are mapped read-only. User space can read
 * bytes that it has just written itself up to twice as fast.
 *
 * On User-mode Linux a system call costs as much as two sub-buffers, and ten times that
 * if the host runs its two processes on two CPUs, one of which it has to wake each time
 * (see um-run.sh). So the consumer of the mapping puts half the ring at once, and leaves
 * the other half to the writers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "channel.h"

#define NAME		"selftest-drain"
#define SUBBUF		65536
#define N_SUBBUFS	128
#define TOTAL		((size_t)SUBBUF * N_SUBBUFS)
#define RECORD		4096
#define BATCH		(N_SUBBUFS / 2)
#define MAX_ROUNDS	1001

static const char *plain;		/* as many bytes outside of a channel */
static char scratch[SUBBUF] __attribute__((aligned(4096)));
static int plain_fd, tmpfs, null, pipes[2];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void copy(const void *from, size_t size)
{
	memcpy(scratch, from, size);
	/* Keep the compiler from dropping the copy. */
	asm volatile("" : : "r" (scratch) : "memory");
}

static size_t by_copy(int fd)
{
	size_t at;

	(void)fd;
	for (at = 0; at < TOTAL; at += SUBBUF)
		copy(plain + at, SUBBUF);
	return at;
}

struct mapping {
	const char *data;
	const struct relay_meta *meta;
};

/* Return: the descriptor of sub-buffer @sequence, or NULL if it is not delivered. */
static const struct relay_subbuf_desc *ready(const struct relay_meta *meta,
					     unsigned long long sequence)
{
	const struct relay_subbuf_desc *desc = (const void *)((const char *)meta +
		meta->header_size + sequence % N_SUBBUFS * meta->desc_size);
	__u32 version = __atomic_load_n(&desc->version, __ATOMIC_ACQUIRE);

	return version && !(version & 1) && desc->info.sequence == sequence ? desc : NULL;
}

static size_t drain_map(int fd, const struct mapping *map, unsigned long long sequence)
{
	const struct relay_subbuf_desc *desc;
	struct relay_subbuf_put put;
	size_t done = 0;

	do {
		put = (struct relay_subbuf_put){ .sequence = sequence };
		while (put.count < BATCH && (desc = ready(map->meta, sequence))) {
			copy(map->data + sequence % N_SUBBUFS * SUBBUF, desc->info.used);
			done += desc->info.used;
			put.count++;
			sequence++;
		}
		if (put.count && ioctl(fd, RELAY_PUT_SUBBUF, &put))
			fail("put");
	} while (put.count);
	return done;
}

static struct mapping mapping;
static int map_fd;

static size_t by_map(int fd)
{
	(void)fd;
	return drain_map(map_fd, &mapping, mapping.meta->consumed);
}

/* Map the channel before the measurement, as a consumer maps it only once. */
static void map_channel(int fd)
{
	struct relay_info info;
	size_t at;

	if (ioctl(fd, RELAY_GET_INFO, &info))
		fail("info");
	map_fd = fd;
	mapping.data = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED | MAP_POPULATE,
			    fd, info.data_offset);
	mapping.meta = mmap(NULL, info.meta_size, PROT_READ, MAP_SHARED | MAP_POPULATE,
			    fd, info.meta_offset);
	if (mapping.data == (void *)-1 || mapping.meta == (void *)-1)
		fail("mmap");
	for (at = 0; at < TOTAL; at += SUBBUF)
		copy(mapping.data + at, SUBBUF);
}

static void unmap_channel(int fd)
{
	struct relay_info info;

	if (ioctl(fd, RELAY_GET_INFO, &info) ||
	    munmap((void *)mapping.data, info.data_size) ||
	    munmap((void *)mapping.meta, info.meta_size))
		fail("munmap");
}

static size_t by_read(int fd)
{
	size_t done = 0;
	ssize_t got;

	while ((got = read(fd, scratch, sizeof(scratch))) > 0) {
		if (write(tmpfs, scratch, got) != got)
			fail("write");
		done += got;
	}
	return done;
}

static size_t splice_to(int fd, int to)
{
	ssize_t got, gone;
	size_t done = 0;

	while ((got = splice(fd, NULL, pipes[1], NULL, 16 * SUBBUF, 0)) > 0)
		for (done += got; got > 0; got -= gone) {
			gone = splice(pipes[0], NULL, to, NULL, got, SPLICE_F_MOVE);
			if (gone <= 0)
				fail("splice to file");
		}
	if (errno != EAGAIN)
		fail("splice");
	return done;
}

static size_t by_splice(int fd) { return splice_to(fd, tmpfs); }
static size_t by_splice_null(int fd) { return splice_to(fd, null); }

struct side {
	const char *name;
	size_t (*drain)(int fd);
	void (*before)(int fd);
	void (*after)(int fd);
	unsigned long long ns[MAX_ROUNDS];
};

static struct side sides[] = {
	{ .name = "memcpy", .drain = by_copy },
	{ .name = "mmap", .drain = by_map, .before = map_channel, .after = unmap_channel },
	{ .name = "read_write", .drain = by_read },
	{ .name = "splice", .drain = by_splice },
	{ .name = "splice_null", .drain = by_splice_null },
};

#define N_SIDES	(sizeof(sides) / sizeof(sides[0]))

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void fill_plain(void)
{
	char record[RECORD] = "";
	size_t at;

	for (at = 0; at < TOTAL; at += RECORD)
		if (pwrite(plain_fd, record, RECORD, at) != RECORD)
			fail("fill");
}

static void refill(int own)
{
	if (control("write " NAME " %u %zu", RECORD, TOTAL / RECORD) ||
	    ftruncate(tmpfs, 0) || lseek(tmpfs, 0, SEEK_SET))
		fail("refill");
	if (own)
		fill_plain();
}

static void measure(struct side *side, unsigned int round, int fd)
{
	unsigned long long start;
	size_t done;

	if (side->before)
		side->before(fd);
	refill(side->drain == by_copy);
	start = now();
	done = side->drain(fd);
	side->ns[round] = now() - start;
	if (side->after)
		side->after(fd);
	if (done != TOTAL) {
		fprintf(stderr, "%s: %zu bytes instead of %zu\n", side->name, done, TOTAL);
		exit(1);
	}
	/* Empty the channel, which memcpy() does not. */
	by_read(fd);
}

static int compare(const void *a, const void *b)
{
	const unsigned long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(void)
{
	const char *given = getenv("ROUNDS");
	unsigned int rounds = given ? strtoul(given, NULL, 0) : 51, i, round;
	int fd;

	plain_fd = memfd_create("plain", 0);
	tmpfs = open("/tmp/relay-drain", O_RDWR | O_CREAT | O_TRUNC, 0600);
	null = open("/dev/null", O_WRONLY);
	pin(0);
	control("close " NAME);
	if (plain_fd < 0 || tmpfs < 0 || null < 0 || rounds > MAX_ROUNDS || pipe(pipes) ||
	    fcntl(pipes[1], F_SETPIPE_SZ, 16 * SUBBUF) < 0 ||
	    control("open " NAME " %u %u 0 0", SUBBUF, N_SUBBUFS))
		fail("set-up");
	fill_plain();
	plain = mmap(NULL, TOTAL, PROT_READ, MAP_SHARED | MAP_POPULATE, plain_fd, 0);
	fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);
	if (plain == (void *)-1 || fd < 0)
		fail("open");
	for (round = 0; round < rounds; round++)
		for (i = 0; i < N_SIDES; i++)
			measure(&sides[(round + i) % N_SIDES], round, fd);
	for (i = 0; i < N_SIDES; i++) {
		qsort(sides[i].ns, rounds, sizeof(sides[i].ns[0]), compare);
		printf("drain side=%s ns=%llu bytes=%zu\n", sides[i].name,
		       sides[i].ns[rounds / 4], TOTAL);
	}
	return control("close " NAME);
}
