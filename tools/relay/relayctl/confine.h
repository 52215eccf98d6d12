/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_CONFINE_H
#define _RELAYCTL_CONFINE_H

int confine(const char *input);

#endif /* _RELAYCTL_CONFINE_H */
