/* SPDX-License-Identifier: GPL-2.0 */
/* Channels of a test, which relay_selftest.ko opens, and their files. */
#ifndef _RELAY_SELFTEST_CHANNEL_H
#define _RELAY_SELFTEST_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>
#include <linux/relay.h>
#include "record.h"

#define CHANNELS	"/sys/kernel/relay"
#define MAX_CPUS	64

/* Flags of struct relay_params that have the same values as RELAY_CHAN_*. */
#define OVERWRITE	RELAY_CHAN_OVERWRITE
#define GLOBAL		RELAY_CHAN_GLOBAL
#define WHOLE		RELAY_CHAN_WHOLE

/* Give the module a command. Return: 0, or -1 with errno. */
int control(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Get the number of attempts to write on each CPU. Return: number of CPUs. */
unsigned int attempts(const char *name, unsigned long long *count);

/* Return: a descriptor of a channel's file, or -1 with errno. */
int open_file(const char *name, const char *file, int flags);
int open_cpu(const char *name, unsigned int cpu, int flags);

/* Pin the calling thread to a CPU; allow all CPUs again. */
void pin(unsigned int cpu);
void unpin(void);

unsigned int online_cpus(void);

/* Wait for a child's end. Return: its exit status, or 100 and the signal. */
int child_status(pid_t pid);

/* Wait until a child sleeps, or has ended. */
void wait_asleep(pid_t pid);

/* Result of checking records one by one. */
struct checker {
	unsigned long long next[MAX_CPUS];	/* sequence expected */
	unsigned long long received;
	unsigned long long missing;		/* gaps */
	unsigned long long torn;		/* torn, out of order, or twice */
};

/*
 * Check @size bytes of records. Return: bytes that are whole records; the rest
 * is the beginning of the next one.
 */
size_t check_records(struct checker *checker, const void *data, size_t size);

/* Return: seed of the random numbers, $SEED or the time. Prints it. */
unsigned int test_seed(void);

#endif /* _RELAY_SELFTEST_CHANNEL_H */
