/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_NOTIFY_H
#define _RELAYCTL_NOTIFY_H

void notify(const char *state);

#endif /* _RELAYCTL_NOTIFY_H */
