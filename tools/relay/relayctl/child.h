/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_CHILD_H
#define _RELAYCTL_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/**
 * struct child - the command that runs while a channel is recorded
 * @command:	the command and its arguments; NULL if there is none
 * @mask:	its signal mask
 * @umask:	its umask
 * @files:	its limit of open files
 * @pid:	its process; 0 when it does not run
 * @gate:	write end of the pipe for which the process waits before exec; or -1
 * @exit_code:	its exit code; 128 plus the number of the signal that killed it
 */
struct child {
	char		**command;
	sigset_t	mask;
	mode_t		umask;
	struct rlimit	files;
	pid_t		pid;
	int		gate;
	int		exit_code;
};

void child_prepare(struct child *child, char **command);
int child_fork(struct child *child);
int child_start(struct child *child);
void child_abandon(struct child *child);
bool child_running(const struct child *child);
bool child_reap(struct child *child);

#endif /* _RELAYCTL_CHILD_H */
