// SPDX-License-Identifier: GPL-2.0
/*
 * Traces as text, in a relayctl without the libraries for it. A separate program,
 * relayctl-convert, has these; it is in the directory of this program, or in RELAY_LIBEXEC.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "convert.h"
#include "relayctl.h"

/* Returns only if the program is not in @dir. */
static void run_in(const char *dir, const struct convert *convert)
{
	char path[PATH_MAX + 32], formats[PATH_MAX + 16], kallsyms[PATH_MAX + 16];
	const char *args[8];
	unsigned int n = 0;

	args[n++] = "relayctl";
	args[n++] = "convert";
	args[n++] = "--to=text";
	snprintf(path, sizeof(path), "%s/relayctl-convert", dir);
	if (convert->formats) {
		snprintf(formats, sizeof(formats), "--formats=%s", convert->formats);
		args[n++] = formats;
	}
	if (convert->kallsyms) {
		snprintf(kallsyms, sizeof(kallsyms), "--kallsyms=%s", convert->kallsyms);
		args[n++] = kallsyms;
	}
	args[n++] = "--";
	args[n++] = convert->trace;
	args[n] = NULL;
	execv(path, (char *const *)args);
}

/**
 * convert_text - run the program that prints a trace
 * @convert: options and arguments
 *
 * Return: EXIT_USAGE if the program is not found; else it does not return.
 */
int convert_text(const struct convert *convert)
{
	char exe[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *end;

	if (length > 0) {
		exe[length] = 0;
		end = strrchr(exe, '/');
		if (end) {
			*end = 0;
			run_in(exe, convert);
		}
	}
	run_in(RELAY_LIBEXEC, convert);
	say("relayctl convert: this relayctl was built without libbabeltrace2 or libtraceevent");
	return EXIT_USAGE;
}
