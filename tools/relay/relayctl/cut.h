/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_CUT_H
#define _RELAYCTL_CUT_H

#include <stdint.h>

int cut_streams(const char *path, uint64_t *bytes);

#endif /* _RELAYCTL_CUT_H */
