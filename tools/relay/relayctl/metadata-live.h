/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_METADATA_LIVE_H
#define _RELAYCTL_METADATA_LIVE_H

#include "metadata.h"
#include "uapi/linux/ltt.h"

/**
 * struct live_metadata - the metadata of a trace that is being recorded
 * @fd:		the file "private" of its channel; -1 if the channel is not a trace
 * @head:	the start of the private area when it was read last
 * @area:	copy of the private area
 * @metadata:	the metadata in @area
 * @err:	0, or why the last read found no complete metadata
 */
struct live_metadata {
	int			fd;
	struct ltt_metadata	head;
	char			*area;
	struct metadata		metadata;
	int			err;
};

int live_metadata_open(struct live_metadata *live, const char *channel);
int live_metadata_look(struct live_metadata *live);
void live_metadata_close(struct live_metadata *live);

#endif /* _RELAYCTL_METADATA_LIVE_H */
