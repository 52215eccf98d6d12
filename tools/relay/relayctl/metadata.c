// SPDX-License-Identifier: GPL-2.0
/*
 * The metadata of a trace, in the private area of its channel: live, or from before a
 * crash. Nothing of it is believed that its check sum does not vouch for.
 */
#include <string.h>
#include "crc32c.h"
#include "metadata.h"
#include "uapi/linux/ltt.h"

/**
 * metadata_find - find the metadata of a trace
 * @area: a private area
 * @size: its bytes
 * @used: set to the bytes of the text
 *
 * Return: the text; NULL where there is none, or where it is damaged.
 */
const char *metadata_find(const void *area, size_t size, size_t *used)
{
	struct ltt_metadata head;
	const char *found = NULL;

	*used = 0;
	if (size < sizeof(head))
		return NULL;
	memcpy(&head, area, sizeof(head));
	if (head.magic != LTT_METADATA_MAGIC || head.version != LTT_METADATA_VERSION ||
	    head.offset < sizeof(head) || head.offset > size)
		return NULL;
	for (unsigned int i = 0; i < 2; i++) {
		const struct ltt_metadata_length *length = &head.length[i];
		const char *text = (const char *)area + head.offset;

		if (length->used > size - head.offset || length->used <= *used ||
		    ~crc32c(~0U, text, length->used) != length->crc)
			continue;
		found = text;
		*used = length->used;
	}
	return found;
}
