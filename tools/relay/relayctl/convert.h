/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_CONVERT_H
#define _RELAYCTL_CONVERT_H

/**
 * struct convert - what "relayctl convert" was told
 * @trace:	directory of the trace
 * @formats:	a directory of events as tracefs has it, or a file of formats; NULL: the
 *		trace's own, or those of the kernel that runs
 * @kallsyms:	a file as /proc/kallsyms; NULL: that one, if the trace is of this kernel
 */
struct convert {
	const char	*trace;
	const char	*formats;
	const char	*kallsyms;
};

int convert_text(const struct convert *convert);

#endif /* _RELAYCTL_CONVERT_H */
