// SPDX-License-Identifier: GPL-2.0
/*
 * The names of threads, from events.
 */
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "convert-text.h"

/* TASK_COMM_LEN of the kernel. */
#define THREAD_NAME	16

/* PID_MAX_LIMIT of the kernel. */
#define MOST_THREADS	(4 << 20)

/**
 * struct thread - a thread
 * @tid:	its number
 * @name:	its name
 */
struct thread {
	int64_t	tid;
	char	name[THREAD_NAME];
};

static void *threads;

static int compare(const void *a, const void *b)
{
	int64_t one = ((const struct thread *)a)->tid, other = ((const struct thread *)b)->tid;

	return (one > other) - (one < other);
}

/**
 * threads_name - store the name of a thread
 * @tid: the thread; an impossible number is ignored
 * @name: its name
 */
void threads_name(int64_t tid, const char *name)
{
	struct thread key = { .tid = tid }, **found;

	if (tid <= 0 || tid > MOST_THREADS)
		return;
	found = tfind(&key, &threads, compare);
	if (!found) {
		struct thread *thread = malloc(sizeof(*thread));

		if (!thread)
			return;
		*thread = key;
		found = tsearch(thread, &threads, compare);
		if (!found) {
			free(thread);
			return;
		}
	}
	snprintf((*found)->name, THREAD_NAME, "%s", name);
}

/**
 * threads_find - find the name of a thread
 * @tid: the thread
 *
 * Return: its name; as in ftrace, "<idle>" for the idle thread, and "<...>" if no name was
 * stored.
 */
const char *threads_find(int64_t tid)
{
	struct thread key = { .tid = tid }, **found = tfind(&key, &threads, compare);

	if (!tid)
		return "<idle>";
	return found ? (*found)->name : "<...>";
}

/**
 * threads_forget - free the names of all threads
 */
void threads_forget(void)
{
	tdestroy(threads, free);
	threads = NULL;
}
