/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_STATS_H
#define _RELAYCTL_STATS_H

#include "relayctl.h"

/**
 * struct cpu_stats - where the records of a buffer have gone
 * @cpu:	whose buffer it is
 * @counts:	the counts, but for @lost_since, which is a reader's
 */
struct cpu_stats {
	unsigned int		cpu;
	struct relay_counts	counts;
};

/**
 * struct stats - where the records of a channel have gone
 * @sum:	of all buffers
 * @cpu:	each buffer
 * @n_cpus:	how many
 */
struct stats {
	struct relay_counts	sum;
	struct cpu_stats	*cpu;
	unsigned int		n_cpus;
};

int stats_read(struct stats *stats, const char *channel);
void stats_free(struct stats *stats);
uint64_t stats_lost(const struct relay_counts *counts);

#endif /* _RELAYCTL_STATS_H */
