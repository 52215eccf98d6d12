// SPDX-License-Identifier: GPL-2.0
/*
 * ltt-change SEED N: opens a path N times while a thread rewrites it, so that a tracer which
 * reads the path twice may see two different ones. A path is one letter, repeated a random
 * number of times. ltt_change() is a function for a uprobe.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[201];
static int done;

__attribute__((noinline)) void ltt_change(const char *text)
{
	asm volatile("" : : "r" (text) : "memory");
}

static void *change(void *seed)
{
	unsigned int random = *(unsigned int *)seed;

	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		unsigned int length = rand_r(&random) % sizeof(path);
		char letter = 'a' + rand_r(&random) % 26;

		for (unsigned int i = 0; i < sizeof(path) - 1; i++)
			__atomic_store_n(&path[i], i < length ? letter : 0, __ATOMIC_RELAXED);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? atoi(argv[1]) : 1;
	int n = argc > 2 ? atoi(argv[2]) : 1000;
	pthread_t thread;

	printf("seed %u\n", seed);
	if (pthread_create(&thread, NULL, change, &seed))
		return 1;
	for (int i = 0; i < n; i++) {
		int fd = open(path, O_RDONLY);

		ltt_change(path);
		if (fd >= 0)
			close(fd);
	}
	__atomic_store_n(&done, 1, __ATOMIC_RELAXED);
	return pthread_join(thread, NULL);
}
