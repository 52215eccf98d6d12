/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_OPTIONS_H
#define _RELAYCTL_OPTIONS_H

#include <limits.h>
#include "relayctl.h"

/* Descriptions of what options take. */
#define WANT_NUMBER	"a number, 1 or more"
#define WANT_SIZE	"bytes, 1 or more; K, M, G or T for powers of 1024"
#define WANT_SECONDS	"seconds, 1 or more"
#define WANT_DIR	"the name of a directory"

struct option;

int say_bad_value(const struct command *command, const struct option *options, int option,
		  const char *wanted);
int check_arguments(const struct command *command, int argc, char **argv, int least, int most);
int check_pairs(const struct command *command, const char *const pairs[][2], unsigned int n);

#endif /* _RELAYCTL_OPTIONS_H */
