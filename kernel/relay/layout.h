/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_RELAY_LAYOUT_H
#define _KERNEL_RELAY_LAYOUT_H

#include <uapi/linux/relay.h>

extern const struct relay_ring_layout relay_ring_layout;

#endif /* _KERNEL_RELAY_LAYOUT_H */
