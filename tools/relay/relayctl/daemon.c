// SPDX-License-Identifier: GPL-2.0
/*
 * Going into the background after everything has been opened. Until then the parent process
 * waits in the foreground; if the child fails, the parent ends with its exit code.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "daemon.h"
#include "relayctl.h"

/* Return: EXIT_OK after daemon_detach() in @child, or else the exit code of @child. */
static int wait_for_daemon(pid_t child, int from_child)
{
	ssize_t got;
	char ready;
	int status;

	do
		got = read(from_child, &ready, 1);
	while (got < 0 && errno == EINTR);
	if (got == 1)
		return EXIT_OK;
	/* The child closed the pipe without a byte, because it ended. */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	say("relayctl record: signal %d ended it before it was in the background",
	    WTERMSIG(status));
	return EXIT_FAILED;
}

/**
 * daemon_fork - fork for --daemon, and continue in the child
 * @daemon: the daemon; called before opening descriptors that a fork would share
 *
 * The parent waits for daemon_detach() in the child, and ends.
 *
 * Return: 0 in the child, or without --daemon; or an error.
 */
int daemon_fork(struct daemon *daemon)
{
	int ends[2];
	pid_t child;

	if (!daemon->wanted)
		return 0;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (child) {
		close(ends[1]);
		_exit(wait_for_daemon(child, ends[0]));
	}
	close(ends[0]);
	daemon->to_parent = ends[1];
	return 0;
}

/**
 * daemon_write_pidfile - write the PID to the file of --pidfile
 * @daemon: the daemon; also without --daemon
 *
 * Return: 0 or an error.
 */
int daemon_write_pidfile(const struct daemon *daemon)
{
	char text[16];
	int fd, err;

	if (!daemon->pidfile)
		return 0;
	fd = open(daemon->pidfile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text, snprintf(text, sizeof(text), "%d\n", getpid()));
	/* Unlike a recording, all users may read it. */
	if (!err && fchmod(fd, 0644))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(daemon->pidfile);
	return err;
}

/**
 * daemon_detach - leave the terminal, and let the waiting parent end
 * @daemon: the daemon; does nothing without --daemon
 *
 * From here on say() writes to syslog(3).
 *
 * Return: 0 or an error.
 */
int daemon_detach(struct daemon *daemon)
{
	int null, err = 0;

	if (!daemon->wanted)
		return 0;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -errno;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !err; fd++)
		if (dup2(null, fd) < 0)
			err = -errno;
	close(null);
	if (err)
		return err;
	setsid();
	say_to_log();
	err = write_all(daemon->to_parent, "", 1);
	close(daemon->to_parent);
	return err;
}

/**
 * daemon_end - remove the file of --pidfile
 * @daemon: the daemon
 */
void daemon_end(const struct daemon *daemon)
{
	if (daemon->pidfile)
		unlink(daemon->pidfile);
}
