// SPDX-License-Identifier: GPL-2.0
/*
 * Find the metadata of a trace in the private area of its channel, which may be from before a
 * crash. Text is used only up to a length for which its check sum matches.
 */
#include <string.h>
#include "crc32c.h"
#include "metadata.h"
#include "uapi/linux/ltt.h"

/**
 * metadata_find - find the metadata of a trace
 * @metadata: filled in; its text is in @area
 * @area: a private area
 * @size: bytes of @area
 *
 * Return: whether @area has metadata whose check sum matches.
 */
bool metadata_find(struct metadata *metadata, const void *area, size_t size)
{
	struct ltt_metadata head;

	*metadata = (struct metadata) { 0 };
	if (size < sizeof(head))
		return false;
	memcpy(&head, area, sizeof(head));
	if (head.magic != LTT_METADATA_MAGIC || head.version != LTT_METADATA_VERSION ||
	    head.offset < sizeof(head) || head.offset > size)
		return false;
	metadata->context = head.flags & LTT_METADATA_CONTEXT;
	memcpy(metadata->uuid, head.uuid, sizeof(head.uuid));
	for (unsigned int i = 0; i < 2; i++) {
		const struct ltt_metadata_length *length = &head.length[i];
		const char *text = (const char *)area + head.offset;

		if (length->used > size - head.offset || length->used <= metadata->size ||
		    crc32c_checksum(text, length->used) != length->crc)
			continue;
		metadata->text = text;
		metadata->size = length->used;
	}
	return metadata->text;
}
