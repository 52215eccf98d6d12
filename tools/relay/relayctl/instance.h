/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_INSTANCE_H
#define _RELAYCTL_INSTANCE_H

#include <limits.h>
#include <stddef.h>

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCES	TRACEFS "/instances"

void instance_path(char path[PATH_MAX], const char *name, const char *file);
int instance_complain(const char *name, const char *file, int err);
int instance_put(const char *name, const char *file, const char *text, int flags);
int instance_get_state(const char *name, char *state, size_t size);
int instance_check(const char *name);
int instance_create(const char *name, char **options, int n);
int instance_destroy(const char *name);

#endif /* _RELAYCTL_INSTANCE_H */
