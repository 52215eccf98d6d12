// SPDX-License-Identifier: GPL-2.0
/*
 * Metadata: an append-only text in the private area of the trace's channel. A reader, in
 * this boot or after a crash, uses no more of it than &ltt_metadata.length covers.
 */
#include <linux/crc32.h>
#include <linux/lockdep.h>
#include <linux/sprintf.h>
#include "internal.h"

/**
 * ltt_text_add - append formatted text
 * @text:	the text
 * @fmt:	as for printf()
 *
 * Text that does not fit is dropped, but counted in @text->used.
 */
void ltt_text_add(struct ltt_text *text, const char *fmt, ...)
{
	size_t used = min(text->used, text->size);
	va_list args;

	va_start(args, fmt);
	text->used += vsnprintf(text->to ? text->to + used : NULL, text->size - used, fmt, args);
	va_end(args);
}

/* Return: index of the length that was written last: the text never shrinks. */
static unsigned int ltt_metadata_latest(const struct ltt_metadata *metadata)
{
	return metadata->length[1].used > metadata->length[0].used;
}

/**
 * ltt_metadata_init - start the metadata of a trace
 * @trace:	the trace, with its UUID; @trace->metadata_size is the size of the area
 */
void ltt_metadata_init(struct ltt_trace *trace)
{
	struct ltt_metadata *metadata = trace->metadata;

	memcpy(metadata->uuid, trace->uuid, sizeof(metadata->uuid));
	metadata->version = LTT_METADATA_VERSION;
	metadata->offset = sizeof(*metadata);
	metadata->flags = trace->context ? LTT_METADATA_CONTEXT : 0;
	/* Guarantee that a reader that sees the magic also sees the fields above. */
	smp_wmb();
	WRITE_ONCE(metadata->magic, LTT_METADATA_MAGIC);
}

/**
 * ltt_metadata_begin - begin to append to the metadata
 * @trace:	the trace; the caller holds its lock until ltt_metadata_end()
 * @text:	set to the free memory after the published text
 */
void ltt_metadata_begin(struct ltt_trace *trace, struct ltt_text *text)
{
	const struct ltt_metadata *metadata = trace->metadata;
	size_t used = metadata->offset + metadata->length[ltt_metadata_latest(metadata)].used;

	lockdep_assert_held(&trace->lock);
	*text = (struct ltt_text) {
		.to = (char *)metadata + used, .size = trace->metadata_size - used,
	};
}

/**
 * ltt_metadata_end - publish the appended text
 * @trace:	the trace
 * @text:	the text, from ltt_metadata_begin()
 *
 * Return: 0; -ENOSPC if the text did not fit; then none of it is published.
 */
int ltt_metadata_end(struct ltt_trace *trace, const struct ltt_text *text)
{
	struct ltt_metadata *metadata = trace->metadata;
	unsigned int latest = ltt_metadata_latest(metadata);
	const struct ltt_metadata_length *now = &metadata->length[latest];
	struct ltt_metadata_length *next = &metadata->length[!latest];

	lockdep_assert_held(&trace->lock);
	/* The last byte is for the 0 of vsnprintf(). */
	if (text->used >= text->size)
		return -ENOSPC;
	/*
	 * Guarantee that the text is visible before the length that covers it. Pairs with
	 * the load of the length by a reader of the mapped file, or of memory after a crash.
	 */
	smp_wmb();
	WRITE_ONCE(next->crc, ~crc32c(~now->crc, text->to, text->used));
	WRITE_ONCE(next->used, now->used + text->used);
	return 0;
}
