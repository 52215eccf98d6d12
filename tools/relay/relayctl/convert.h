/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_CONVERT_H
#define _RELAYCTL_CONVERT_H

/**
 * struct convert - options and arguments of "relayctl convert"
 * @trace:	directory of the trace
 * @formats:	a directory like events/ of tracefs, or a file of formats; NULL for those of
 *		the trace, or of the running kernel
 * @kallsyms:	a file like /proc/kallsyms; NULL for that file, if the trace is of the
 *		running kernel
 */
struct convert {
	const char	*trace;
	const char	*formats;
	const char	*kallsyms;
};

int convert_text(const struct convert *convert);

#endif /* _RELAYCTL_CONVERT_H */
