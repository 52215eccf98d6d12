/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_STATS_H
#define _RELAYCTL_STATS_H

#include "relayctl.h"

/**
 * struct cpu_stats - the counts of a buffer
 * @cpu:	its CPU
 * @counts:	the counts; @counts.lost_since is not set, because it belongs to a reader
 */
struct cpu_stats {
	unsigned int		cpu;
	struct relay_counts	counts;
};

/**
 * struct stats - the counts of a channel
 * @sum:	sum over all buffers
 * @cpu:	counts of each buffer
 * @n_cpus:	number of buffers
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
