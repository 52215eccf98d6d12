/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_BUDGET_H
#define _RELAYCTL_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct budget - how large a recording may be, or several in all
 * @most:	so many bytes, data and index; 0 for any
 * @bytes:	what there is
 * @spent:	there is no more room, and a recording has ended for that
 */
struct budget {
	uint64_t	most;
	uint64_t	bytes;
	bool		spent;
};

#endif /* _RELAYCTL_BUDGET_H */
