// SPDX-License-Identifier: GPL-2.0
/*
 * The files of an instance of tracefs, and the cause if the kernel refuses a write.
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
 * instance_path - the path of a file of an instance
 * @path: filled in
 * @name: the instance; NULL for the top-level one
 * @file: the file; "" for the instance's directory
 */
void instance_path(char path[PATH_MAX], const char *name, const char *file)
{
	snprintf(path, PATH_MAX, "%s%s%s%s%s", name ? INSTANCES : TRACEFS, name ? "/" : "",
		 name ? : "", *file ? "/" : "", file);
}

/* Read the last error of an instance's error_log, with its time. */
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

/* Print the last error of the error_log, if it is newer than @before. */
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
 * instance_complain - print the error of a file of an instance
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
 * @text: what to write, with one call of write()
 * @flags: of open()
 *
 * Return: an exit code; an error was printed.
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
 * instance_get_state - read an instance's file "relay"
 * @name: the instance
 * @state: set to its contents; "" if the instance's events do not go to relay
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
 * instance_check - do the events of an instance go to relay?
 * @name: the instance
 *
 * Return: EXIT_OK, or EXIT_FAILED after a message.
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
 * @options: options for its file "relay"
 * @n: number of @options
 *
 * Return: an exit code; after an error, which was printed, there is no instance.
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
 * Return: an exit code; an error was printed.
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
