// SPDX-License-Identifier: GPL-2.0
/*
 * The command that runs while a channel is recorded.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.h"
#include "relayctl.h"

/* As env(1) and the shells say it. */
#define EXIT_NO_PERMISSION	126
#define EXIT_NO_COMMAND		127
#define EXIT_SIGNAL		128

/**
 * child_prepare - remember what the command is to find as it was
 * @child: filled in; before this process changes its signals, its umask and its limits
 * @command: the command and its arguments, ended by NULL
 */
void child_prepare(struct child *child, char **command)
{
	*child = (struct child) { .command = command };
	sigprocmask(SIG_BLOCK, NULL, &child->mask);
	getrlimit(RLIMIT_NOFILE, &child->files);
	child->umask = umask(0);
	umask(child->umask);
}

static void become_command(const struct child *child)
{
	int err;

	umask(child->umask);
	setrlimit(RLIMIT_NOFILE, &child->files);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &child->mask, NULL);
	execvp(child->command[0], child->command);
	err = errno;
	say("relayctl record: %s: %s", child->command[0], strerror(err));
	_exit(err == ENOENT ? EXIT_NO_COMMAND : EXIT_NO_PERMISSION);
}

/**
 * child_start - run the command
 * @child: the command, if there is one
 *
 * Return: 0 or an error.
 */
int child_start(struct child *child)
{
	if (!child->command)
		return 0;
	child->pid = fork();
	if (!child->pid)
		become_command(child);
	return child->pid < 0 ? -errno : 0;
}

/**
 * child_running - say whether the command runs
 * @child: the command
 *
 * Return: whether it does.
 */
bool child_running(const struct child *child)
{
	return child->pid > 0;
}

/**
 * child_reap - see whether the command has ended
 * @child: the command, which runs
 *
 * Return: whether it has; its exit code is known then.
 */
bool child_reap(struct child *child)
{
	int status;

	if (waitpid(child->pid, &status, WNOHANG) != child->pid)
		return false;
	child->pid = 0;
	child->exit_code = WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) :
			   WEXITSTATUS(status);
	return true;
}
