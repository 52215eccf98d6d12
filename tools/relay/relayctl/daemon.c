// SPDX-License-Identifier: GPL-2.0
/*
 * Going into the background, when nothing is in the way any more: until then a process
 * waits in the foreground, has the terminal, and ends with the error if there is one.
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

/* Return: an exit code: that of @child, unless it said that all is well. */
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
	/* A descriptor that closes without a word is that of a process that ends. */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	say("relayctl record: signal %d ended it before it was in the background",
	    WTERMSIG(status));
	return EXIT_FAILED;
}

/**
 * daemon_fork - go on in a process of its own
 * @daemon: the daemon, if it is wanted; before anything is open that is of one process
 *
 * The process that called this waits for daemon_detach() in the other one, and ends.
 *
 * Return: 0, in the other process, or an error.
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
 * daemon_write_pidfile - tell which process it is
 * @daemon: the daemon, or what stays in the foreground
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
	/* Unlike a recording, it is for everybody. */
	if (!err && fchmod(fd, 0644))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(daemon->pidfile);
	return err;
}

/**
 * daemon_detach - leave the terminal, and let the process that waits end
 * @daemon: the daemon, if it is wanted
 *
 * Messages of say() go to the system's log from here on.
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
 * daemon_end - take back what daemon_write_pidfile() wrote
 * @daemon: the daemon
 */
void daemon_end(const struct daemon *daemon)
{
	if (daemon->pidfile)
		unlink(daemon->pidfile);
}
