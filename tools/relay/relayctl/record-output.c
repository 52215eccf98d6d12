// SPDX-License-Identifier: GPL-2.0
/*
 * The output of record: checked before the first sub-buffer is taken, so that a wrong output
 * costs no data.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record.h"
#include "recording.h"

/**
 * complain_of_output - say why a recording cannot be made
 * @path: its directory
 * @err: a negative error number
 *
 * Return: EXIT_FAILED.
 */
int complain_of_output(const char *path, int err)
{
	if (err == -EEXIST)
		say("relayctl: %s has a recording; choose another directory with --output",
		    path);
	else if (err == -ENODEV)
		say("relayctl: %s is not taken: the channel is closed", path);
	else
		complain(path, err);
	return EXIT_FAILED;
}

/* Return: an exit code. */
static int check_stream(void)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		return EXIT_OK;
	say("relayctl record: --output=-: stdout is not open for writing");
	return EXIT_FAILED;
}

/* Return: an exit code. */
static int check_dir(const char *path)
{
	char name[NAME_MAX + 1];

	if (recording_exists(path))
		return complain_of_output(path, -EEXIST);
	if (!recording_leftover(path, name))
		return EXIT_OK;
	say("relayctl: %s/%s has no index; remove it, or choose another --output",
	    path, name);
	return EXIT_FAILED;
}

/* Return: 0, or the error that creating a snapshot below @path would have. */
static int try_dir(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (dir < 0)
		return -errno;
	if (faccessat(dir, ".", W_OK | X_OK, AT_EACCESS))
		err = -errno;
	close(dir);
	return err;
}

/*
 * A flight recorder makes a directory for each snapshot below the output directory. Make the
 * output directory now, because at the first snapshot it may be too late to choose another.
 *
 * Return: an exit code.
 */
static int check_flight(struct record_channel *channel)
{
	const char *path = channel->options.output;
	int err;

	channel->made = !mkdir(path, 0777);
	err = channel->made || errno == EEXIST ? try_dir(path) : -errno;
	return err ? complain_of_output(path, err) : EXIT_OK;
}

/* Make the directories above @path, from @output on. Return: 0 or an error. */
static int make_parents(const char *output, const char *path)
{
	char parent[PATH_MAX];
	size_t length = strlen(output);
	int err = 0;

	for (; path[length] == '/' && !err; length += 1 + strcspn(path + length + 1, "/")) {
		if (length >= sizeof(parent))
			return -ENAMETOOLONG;
		memcpy(parent, path, length);
		parent[length] = 0;
		err = make_dir(parent);
	}
	return err;
}

/**
 * record_make_dirs - make the parent directories of the recordings of several channels
 * @record: the command
 *
 * Return: 0 or an error.
 */
int record_make_dirs(const struct record *record)
{
	int err = 0;

	for (unsigned int i = 0; i < record->n_channels && record->dirs && !err; i++)
		err = make_parents(record->options.output, record->channels[i].options.output);
	return err;
}

/**
 * record_check_output - check that the output can be written, and has no recording
 * @record: the command
 *
 * Return: an exit code.
 */
int record_check_output(struct record *record)
{
	const struct recorder_options *options = &record->options;
	int exit_code = EXIT_OK, err;

	if (!options->output)
		return check_stream();
	/* The output directory itself may have a recording of one channel. */
	if (record->dirs)
		exit_code = check_dir(options->output);
	if (exit_code)
		return exit_code;
	err = options->flight ? record_make_dirs(record) : 0;
	if (err)
		return complain_of_output(options->output, err);
	for (unsigned int i = 0; i < record->n_channels && !exit_code; i++) {
		struct record_channel *channel = &record->channels[i];

		exit_code = options->flight ? check_flight(channel) :
					      check_dir(channel->options.output);
	}
	return exit_code;
}
