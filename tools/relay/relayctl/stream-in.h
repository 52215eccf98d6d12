/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_STREAM_IN_H
#define _RELAYCTL_STREAM_IN_H

#include <stddef.h>
#include "uapi/linux/relay.h"

/**
 * struct stream - a stream that is read
 * @fd:		the file
 * @header:	header of the sub-buffer that was read last
 * @data:	its data
 * @size:	bytes that @data has room for
 */
struct stream {
	int			fd;
	struct relay_all_header	header;
	unsigned char		*data;
	size_t			size;
};

void stream_open(struct stream *stream, int fd);
void stream_close(struct stream *stream);
int stream_next(struct stream *stream);

#endif /* _RELAYCTL_STREAM_IN_H */
