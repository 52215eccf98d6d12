/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_METADATA_LIVE_H
#define _RELAYCTL_METADATA_LIVE_H

#include "metadata.h"
#include "uapi/linux/ltt.h"

/**
 * struct live_metadata - the metadata of a trace that is being recorded
 * @fd:		the private area of its channel; -1: the channel is no trace
 * @head:	the start of the area at the last look
 * @area:	the area as it was when @head had changed
 * @metadata:	the metadata in @area
 * @err:	0, or why the last look found none that are whole
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
