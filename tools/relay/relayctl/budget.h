/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_BUDGET_H
#define _RELAYCTL_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct budget - the size that a recording, or several together, may have
 * @most:	limit of bytes of data and index; 0 for no limit
 * @bytes:	bytes that are used
 * @spent:	a recording has ended because there was no room
 */
struct budget {
	uint64_t	most;
	uint64_t	bytes;
	bool		spent;
};

#endif /* _RELAYCTL_BUDGET_H */
