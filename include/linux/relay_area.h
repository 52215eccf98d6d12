/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The boot-reserved area of relay (relayres=), for code that chooses places in memory
 * and must not place anything over the area.
 */
#ifndef _LINUX_RELAY_AREA_H
#define _LINUX_RELAY_AREA_H

#include <linux/types.h>

#ifdef CONFIG_RELAY_RESERVED
bool relay_area_overlaps(phys_addr_t start, phys_addr_t end);
void relay_area_vmcoreinfo(void);
#else
static inline bool relay_area_overlaps(phys_addr_t start, phys_addr_t end)
{
	return false;
}

static inline void relay_area_vmcoreinfo(void)
{
}
#endif

#endif /* _LINUX_RELAY_AREA_H */
