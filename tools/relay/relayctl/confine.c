// SPDX-License-Identifier: GPL-2.0
/*
 * A separate process for libraries that read files which may be hostile. Its memory is
 * limited, and if it crashes, relayctl says so.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "confine.h"
#include "relayctl.h"

/* Bytes of memory that the process may allocate. */
#define CONFINE_BYTES	(512ULL << 20)

/* Memory that is allocated already, for instance the tables of a sanitizer. */
static uint64_t bytes_of_data(void)
{
	unsigned long long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	if (!statm)
		return 0;
	if (fscanf(statm, "%*u %*u %*u %*u %*u %llu", &pages) != 1)
		pages = 0;
	fclose(statm);
	return pages * sysconf(_SC_PAGESIZE);
}

static void limit_memory(void)
{
	struct rlimit limit;
	uint64_t most = bytes_of_data() + CONFINE_BYTES;

	if (getrlimit(RLIMIT_DATA, &limit))
		return;
	if (limit.rlim_max > most)
		limit.rlim_max = most;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_DATA, &limit);
	limit = (struct rlimit) { 0 };
	setrlimit(RLIMIT_CORE, &limit);
}

static int say_killed(const char *input, int number)
{
	/* SIGPIPE ends a command that only prints, so it ends this process, too. */
	if (number == SIGPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	say("relayctl: %s: it is damaged, or a format of its events: a library ended with \"%s\"",
	    input, strsignal(number));
	return EXIT_FAILED;
}

/**
 * confine - fork, and continue in the child
 * @input: name of the file that the child reads, for the message
 *
 * Return: -1 in the child; in the parent, the exit code for which it has waited.
 */
int confine(const char *input)
{
	pid_t self = getpid(), pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return complain("fork", -errno);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(EXIT_FAILED);
		limit_memory();
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return complain("wait", -errno);
	return WIFSIGNALED(status) ? say_killed(input, WTERMSIG(status)) : WEXITSTATUS(status);
}
