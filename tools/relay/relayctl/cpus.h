/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_CPUS_H
#define _RELAYCTL_CPUS_H

#include <stdbool.h>

#define WANT_CPUS	"numbers of CPUs, such as 0,2-3"

bool parse_cpus(const char *text, const unsigned int **cpus, unsigned int *n);

#endif /* _RELAYCTL_CPUS_H */
