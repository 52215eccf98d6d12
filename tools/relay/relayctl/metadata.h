/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_METADATA_H
#define _RELAYCTL_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct metadata - the metadata of a trace
 * @text:	the text, in TSDL
 * @size:	bytes of @text
 * @uuid:	UUID of the trace
 * @context:	each event has a &struct ltt_context before its fields
 */
struct metadata {
	const char	*text;
	size_t		size;
	uint8_t		uuid[16];
	bool		context;
};

bool metadata_find(struct metadata *metadata, const void *area, size_t size);

#endif /* _RELAYCTL_METADATA_H */
