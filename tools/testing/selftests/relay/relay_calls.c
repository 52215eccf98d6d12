// SPDX-License-Identifier: GPL-2.0
/*
 * Several processes make random calls while channels are opened and closed: each call
 * returns a value or an errno, and none hangs. $CALLS is the number of calls (a million),
 * $SEED fixes them. The reports of a kernel with sanitizers are in its log.
 */
#include "../kselftest_harness.h"
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "channel.h"

#define NAME		"selftest-calls"
#define PROCESSES	4
#define FILES		16
#define MAPS		8

static struct {
	int fd[FILES];
	int pipes[2];
	void *map[MAPS];
	size_t map_size[MAPS];
	char data[65536];
} my;

static unsigned long pick(unsigned long n)
{
	return random() % n;
}

/* Return: a number that is small, at an edge, or random. */
static unsigned long long number(void)
{
	switch (pick(6)) {
	case 0: return pick(8);
	case 1: return pick(64);
	case 2: return 4096 * pick(32);
	case 3: return -(unsigned long long)pick(16);
	case 4: return 1ULL << pick(64);
	default: return (unsigned long long)random() << 32 | random();
	}
}

static int *any_fd(void)
{
	return &my.fd[pick(FILES)];
}

/* Return: a valid or invalid pointer, but none to memory that the harness shares. */
static void *any_pointer(void)
{
	switch (pick(8)) {
	case 0: return (void *)-(1 + pick(1 << 20));
	case 1: return my.map[pick(MAPS)];
	default: return my.data + pick(1024);
	}
}

static void call_open(void)
{
	static const char *const names[] = { "cpu0", "cpu1", "all", "stats", "cpu9" };
	int *fd = any_fd();

	if (*fd >= 0)
		close(*fd);
	*fd = open_file(NAME, names[pick(5)], O_RDONLY | O_NONBLOCK);
}

static void call_read(void)
{
	ssize_t got = read(*any_fd(), any_pointer(), pick(65536));

	(void)got;
}

static void call_splice(void)
{
	ssize_t got;

	splice(*any_fd(), NULL, my.pipes[1], NULL, pick(65536),
	       pick(2) ? SPLICE_F_NONBLOCK : SPLICE_F_MOVE);
	got = read(my.pipes[0], my.data, pick(sizeof(my.data)));
	(void)got;
}

static void call_mmap(void)
{
	unsigned int i = pick(MAPS);
	int prot = pick(4) ? PROT_READ : (int)pick(8);

	if (my.map[i])
		munmap(my.map[i], my.map_size[i]);
	my.map_size[i] = pick(2) ? 4096 * (1 + pick(16)) : number() % (1 << 20);
	my.map[i] = mmap(NULL, my.map_size[i], prot, pick(8) ? MAP_SHARED : MAP_PRIVATE,
			 *any_fd(), pick(2) ? 0 : 4096 * (number() % 64));
	if (my.map[i] == (void *)-1)
		my.map[i] = NULL;
}

/* Write bytes of a mapping to a pipe, and drop the bytes that the pipe holds. */
static void call_look(void)
{
	unsigned int i = pick(MAPS);

	if (my.map[i] && my.map_size[i])
		(void)write(my.pipes[1], (char *)my.map[i] + number() % my.map_size[i],
			    pick(64));
	(void)!read(my.pipes[0], my.data, sizeof(my.data));
}

static void call_get(void)
{
	struct relay_subbuf_get get;

	ioctl(*any_fd(), RELAY_GET_SUBBUF, &get);
}

static void call_put(void)
{
	struct relay_subbuf_put put = {
		.sequence = pick(2) ? pick(1000) : number(),
		.count = pick(2) ? 1 : number(),
		.pad = !pick(20),
	};

	ioctl(*any_fd(), RELAY_PUT_SUBBUF, &put);
}

static void call_get_put(void)
{
	struct relay_subbuf_get get;
	struct relay_subbuf_put put = { .count = 1 };
	int fd = *any_fd();

	if (ioctl(fd, RELAY_GET_SUBBUF, &get))
		return;
	put.sequence = get.info.sequence;
	ioctl(fd, RELAY_PUT_SUBBUF, &put);
}

static void call_ioctl(void)
{
	static const unsigned long known[] = {
		RELAY_GET_INFO, RELAY_GET_SUBBUF, RELAY_PUT_SUBBUF, RELAY_FLUSH,
		RELAY_SNAPSHOT, RELAY_GET_COUNTERS, RELAY_SET_WATERMARK,
		RELAY_GET_TRIGGERS,
	};

	if (pick(4))
		ioctl(*any_fd(), known[pick(7)], any_pointer());
	else
		ioctl(*any_fd(), _IOC(pick(4), RELAY_IOC_MAGIC, pick(10), pick(256)),
		      any_pointer());
}

static void call_poll(void)
{
	struct pollfd fds[FILES];
	int i;

	for (i = 0; i < FILES; i++)
		fds[i] = (struct pollfd){ .fd = my.fd[i], .events = pick(256) };
	poll(fds, FILES, 0);
}

static void call_write(void)
{
	control("write " NAME " %lu %lu", 16 + pick(5000), pick(20));
}

static void call_channel(void)
{
	static const char *const verbs[] = { "flush", "reset", "close" };
	unsigned long dice = pick(60);

	if (dice < 3)
		control("%s " NAME, verbs[dice]);
	else if (dice < 5)
		control("open " NAME " %lu %lu %lx %lu", 1 + pick(9000), 1 + pick(10),
			pick(4), pick(20));
}

static void (*const calls[])(void) = {
	call_open, call_read, call_read, call_splice, call_mmap, call_look,
	call_get, call_put, call_get_put, call_get_put, call_ioctl, call_ioctl,
	call_poll, call_write, call_channel,
};

static void run(unsigned int seed, unsigned long n)
{
	unsigned long i;

	srandom(seed);
	for (i = 0; i < FILES; i++)
		my.fd[i] = -1;
	if (pipe2(my.pipes, O_NONBLOCK))
		_exit(1);
	for (i = 0; i < n; i++)
		calls[pick(sizeof(calls) / sizeof(calls[0]))]();
	_exit(0);
}

FIXTURE(calls) {
	int unused;
};

FIXTURE_SETUP(calls)
{
}

FIXTURE_TEARDOWN(calls)
{
}

TEST_F_TIMEOUT(calls, any_call, 2400)
{
	const char *given = getenv("CALLS");
	unsigned long n = given ? strtoul(given, NULL, 0) : 1000000;
	unsigned int seed = test_seed(), i;
	pid_t pid[PROCESSES];
	int status;

	for (i = 0; i < PROCESSES; i++) {
		pid[i] = fork();
		if (!pid[i])
			run(seed + i, n / PROCESSES);
	}
	for (i = 0; i < PROCESSES; i++) {
		ASSERT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	control("close " NAME);
	/* A channel can be opened and written after all the calls. */
	EXPECT_EQ(0, control("open " NAME " 4096 4 0 0"));
	EXPECT_EQ(0, control("write " NAME " 64 100"));
	EXPECT_EQ(0, control("close " NAME));
}

TEST_HARNESS_MAIN
