/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where this build of the ring has its words.
 */
#ifndef RELAY_TEST_LAYOUT_H
#define RELAY_TEST_LAYOUT_H

#include <linux/relay_ring.h>
#include "uapi/linux/relay.h"

extern const struct relay_ring_layout ring_layout;

#endif /* RELAY_TEST_LAYOUT_H */
