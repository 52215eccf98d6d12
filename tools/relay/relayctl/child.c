// SPDX-License-Identifier: GPL-2.0
/*
 * The command that runs while a channel is recorded.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.h"
#include "relayctl.h"

/* The exit codes of env(1) and of shells. */
#define EXIT_NO_PERMISSION	126
#define EXIT_NO_COMMAND		127
#define EXIT_SIGNAL		128

/**
 * child_prepare - save the signal mask, the umask and the limits for the command
 * @child: filled in, before this process changes these
 * @command: the command and its arguments, ended by NULL
 */
void child_prepare(struct child *child, char **command)
{
	*child = (struct child) { .command = command, .gate = -1 };
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
	say("relayctl: %s: %s", child->command[0], strerror(err));
	_exit(err == ENOENT ? EXIT_NO_COMMAND : EXIT_NO_PERMISSION);
}

/* The parent writes a byte to start the command, or closes the pipe to abandon it. */
static void wait_at_gate(int gate)
{
	char go;

	if (read(gate, &go, 1) != 1)
		_exit(EXIT_FAILED);
}

/**
 * child_fork - create the process of the command, which waits for child_start()
 * @child: the command
 *
 * Return: 0 or an error.
 */
int child_fork(struct child *child)
{
	int gate[2], err = 0;

	if (pipe2(gate, O_CLOEXEC))
		return -errno;
	child->pid = fork();
	if (!child->pid) {
		close(gate[1]);
		wait_at_gate(gate[0]);
		become_command(child);
	}
	if (child->pid < 0) {
		err = -errno;
		child->pid = 0;
		close(gate[1]);
	} else {
		child->gate = gate[1];
	}
	close(gate[0]);
	return err;
}

/**
 * child_start - run the command
 * @child: the command, if there is one
 *
 * Return: 0 or an error.
 */
int child_start(struct child *child)
{
	int err = child->command && !child->pid ? child_fork(child) : 0;

	if (err || !child->pid)
		return err;
	/* Fails if the process was killed meanwhile. */
	err = write_all(child->gate, "", 1);
	close(child->gate);
	child->gate = -1;
	return err;
}

/**
 * child_abandon - end the process of a command that child_start() has not started
 * @child: the command
 */
void child_abandon(struct child *child)
{
	if (!child->command || child->gate < 0)
		return;
	close(child->gate);
	child->gate = -1;
	waitpid(child->pid, NULL, 0);
	child->pid = 0;
}

/**
 * child_running - does the command run?
 * @child: the command
 *
 * Return: whether it does.
 */
bool child_running(const struct child *child)
{
	return child->pid > 0;
}

/**
 * child_reap - has the command ended? Then set its exit code
 * @child: the command, which was running
 *
 * Return: whether it has ended.
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
