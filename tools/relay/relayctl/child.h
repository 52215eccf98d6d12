/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_CHILD_H
#define _RELAYCTL_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/**
 * struct child - the command that runs while a channel is recorded
 * @command:	the command and its arguments; NULL: there is none
 * @mask:	signals that it is to find blocked
 * @umask:	its umask
 * @files:	how many files it may have open
 * @pid:	its process; 0 when it does not run
 * @gate:	a pipe from which the process reads before it becomes the command; -1
 * @exit_code:	how it ended, 128 and its number for a signal
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
