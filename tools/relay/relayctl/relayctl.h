/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the subcommands of relayctl.
 */
#ifndef _RELAYCTL_H
#define _RELAYCTL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <relay/librelay.h>

/* Exit codes. */
#define EXIT_OK		0
#define EXIT_FAILED	1	/* could not start, or go on */
#define EXIT_USAGE	2
#define EXIT_NOT_STORED	3	/* some of the data is damaged, or not in the output */

/**
 * struct command - a subcommand
 * @name:	its name
 * @run:	its main(); returns an exit code
 * @stores:	it does not only print: it reports a broken pipe instead of ending by SIGPIPE
 * @usage:	its options and arguments
 * @summary:	one line that says what it does
 * @help:	its options, a line or more for each
 */
struct command {
	const char	*name;
	int		(*run)(int argc, char **argv);
	bool		stores;
	const char	*usage;
	const char	*summary;
	const char	*help;
};

/* The directory of the running kernel's reserved area. */
#define RESERVED	RELAY_ROOT "/reserved"

extern const struct command record_command, cat_command, verify_command, stat_command,
			    list_command, recover_command, archive_command, trace_command,
			    convert_command;

/* main.c */
int say_usage(const struct command *command);
int say_help(const struct command *command);
int complain(const char *what, int err);
const char *why_no_channels(void);
int complain_channel(const char *channel, int err);
int flush_stdout(void);

/* text.c */
struct json_object;
bool is_utf8(const char *text);
const char *printable(const char *text);
void print_line_of(const char *text, size_t size);
void print_line(const char *text);
void say_to_log(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void add_channel_name(struct json_object *object, const char *name);
void add_number(struct json_object *object, const char *key, uint64_t value);

/* units.c */
bool parse_number(const char *text, uint64_t *number);
bool parse_bytes(const char *text, uint64_t *bytes);
bool parse_size(const char *text, uint64_t *size);
const char *format_bytes(uint64_t bytes, char buf[16]);
uint64_t milliseconds(void);

/* io.c */
int write_all(int fd, const void *data, size_t size);
int write_all_at(int fd, const void *data, size_t size, uint64_t offset);
int make_dir(const char *path);
int sync_dir(int dir);
int sync_path(const char *path);

#endif /* _RELAYCTL_H */
