// SPDX-License-Identifier: GPL-2.0
/*
 * The files of an instance of tracefs, with the kernel's cause where it refuses something.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "instance.h"
#include "relayctl.h"

/**
 * instance_path - where a file of an instance is
 * @path: filled in
 * @name: the instance; NULL: the one that the kernel has by itself
 * @file: the file; "": the instance's directory
 */
void instance_path(char path[PATH_MAX], const char *name, const char *file)
{
	snprintf(path, PATH_MAX, "%s%s%s%s%s", name ? INSTANCES : TRACEFS, name ? "/" : "",
		 name ? : "", *file ? "/" : "", file);
}

/* The last line of an instance's log that has the cause of an error, with its time. */
static void get_cause(const char *name, char cause[512])
{
	char path[PATH_MAX], line[512];
	FILE *log;

	cause[0] = 0;
	instance_path(path, name, "error_log");
	log = fopen(path, "re");
	if (!log)
		return;
	while (fgets(line, sizeof(line), log))
		if (strstr(line, "error: "))
			strcpy(cause, line);
	fclose(log);
	cause[strcspn(cause, "\n")] = 0;
}

/* Why the kernel refused something, if it has said so since @before. */
static void say_cause(const char *name, const char *before)
{
	char cause[512], *at = cause, *next;

	get_cause(name, cause);
	if (!strcmp(cause, before))
		return;
	while ((next = strstr(at, "error: ")))
		at = next + strlen("error: ");
	say("relayctl: %s", at);
}

static int complain_absent(const char *name, const char *file)
{
	char path[PATH_MAX];

	instance_path(path, name, "");
	if (access(INSTANCES, F_OK))
		say("relayctl: %s is not there: mount -t tracefs none %s", INSTANCES, TRACEFS);
	else if (access(path, F_OK))
		say("relayctl: there is no trace %s", printable(name));
	else if (!strcmp(file, "relay"))
		say("relayctl: the kernel has no CONFIG_LTT: events cannot go to relay");
	else
		say("relayctl: the kernel has no file %s/%s", path, file);
	return EXIT_FAILED;
}

/**
 * instance_complain - say what went wrong with a file of an instance
 * @name: the instance, or NULL
 * @file: the file
 * @err: a negative error number
 *
 * Return: EXIT_FAILED.
 */
int instance_complain(const char *name, const char *file, int err)
{
	char path[PATH_MAX];

	if (err == -ENOENT)
		return complain_absent(name, file);
	instance_path(path, name, file);
	say("relayctl: %s: %s", path, strerror(-err));
	return EXIT_FAILED;
}

/**
 * instance_put - write to a file of an instance
 * @name: the instance, or NULL
 * @file: the file
 * @text: what to write, at once: the kernel takes it whole
 * @flags: of open()
 *
 * Return: an exit code; what is wrong has been said.
 */
int instance_put(const char *name, const char *file, const char *text, int flags)
{
	char path[PATH_MAX], before[512];
	int fd, err = 0;

	get_cause(name, before);
	instance_path(path, name, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return instance_complain(name, file, -errno);
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	if (!err)
		return EXIT_OK;
	instance_complain(name, file, err);
	say_cause(name, before);
	return EXIT_FAILED;
}

/**
 * instance_get_state - read what an instance's file "relay" says
 * @name: the instance
 * @state: set to it; "" where its events do not go to relay
 * @size: size of @state
 *
 * Return: 0 or an error.
 */
int instance_get_state(const char *name, char *state, size_t size)
{
	char path[PATH_MAX];
	ssize_t got;
	int fd;

	instance_path(path, name, "relay");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, state, size - 1);
	if (got < 0)
		got = -errno;
	close(fd);
	state[got > 0 ? got : 0] = 0;
	return got < 0 ? got : 0;
}

/**
 * instance_check - see whether an instance is a trace
 * @name: the instance
 *
 * Return: an exit code; what is wrong has been said.
 */
int instance_check(const char *name)
{
	char state[512];
	int err = instance_get_state(name, state, sizeof(state));

	if (err)
		return instance_complain(name, "relay", err);
	if (*state)
		return EXIT_OK;
	say("relayctl: %s is an instance of tracefs, and no trace: its events do not go to relay",
	    printable(name));
	return EXIT_FAILED;
}

/**
 * instance_create - create an instance whose events go to relay
 * @name: the instance
 * @options: of its file "relay"
 * @n: how many
 *
 * Return: an exit code; what is wrong has been said, and then there is no instance.
 */
int instance_create(const char *name, char **options, int n)
{
	char path[PATH_MAX], text[PATH_MAX] = " ";
	size_t used = 0;
	int code;

	for (int i = 0; i < n && used < sizeof(text); i++)
		used += snprintf(text + used, sizeof(text) - used, " %s", options[i]);
	if (used >= sizeof(text))
		return complain("the options", -E2BIG);
	instance_path(path, name, "");
	if (mkdir(path, 0750))
		return instance_complain(name, "", -errno);
	code = instance_put(name, "relay", text, 0);
	if (code)
		rmdir(path);
	return code;
}

/**
 * instance_destroy - destroy an instance
 * @name: the instance
 *
 * Return: an exit code; what is wrong has been said.
 */
int instance_destroy(const char *name)
{
	char path[PATH_MAX];

	instance_path(path, name, "");
	if (!rmdir(path))
		return EXIT_OK;
	if (errno != EBUSY)
		return instance_complain(name, "", -errno);
	say("relayctl trace: %s is in use: a file of it is open, or a trigger has variables", name);
	return EXIT_FAILED;
}
