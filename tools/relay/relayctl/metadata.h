/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_METADATA_H
#define _RELAYCTL_METADATA_H

#include <stddef.h>

const char *metadata_find(const void *area, size_t size, size_t *used);

#endif /* _RELAYCTL_METADATA_H */
