// SPDX-License-Identifier: GPL-2.0
/*
 * Metadata: text that is only added to, in the private area of the trace's channel. A
 * reader, of this kernel or of the next, takes what @length says and no more.
 */
#include <linux/crc32.h>
#include <linux/lockdep.h>
#include <linux/sprintf.h>
#include "internal.h"

/**
 * ltt_text_add - add formatted text
 * @text:	the text
 * @fmt:	as for printf()
 *
 * Text that does not fit is counted, and lost.
 */
void ltt_text_add(struct ltt_text *text, const char *fmt, ...)
{
	size_t used = min(text->used, text->size);
	va_list args;

	va_start(args, fmt);
	text->used += vsnprintf(text->to ? text->to + used : NULL, text->size - used, fmt, args);
	va_end(args);
}

/* The last one that was written. */
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
	/* Guarantee that a reader that sees the magic sees the rest, and a length of 0. */
	smp_wmb();
	WRITE_ONCE(metadata->magic, LTT_METADATA_MAGIC);
}

/**
 * ltt_metadata_begin - where the next text goes
 * @trace:	the trace; its lock is held until ltt_metadata_end()
 * @text:	filled in
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
 * ltt_metadata_end - publish what was added
 * @trace:	the trace
 * @text:	the text, from ltt_metadata_begin()
 *
 * Return: 0; -ENOSPC where there was no room for all of it: then nothing is published.
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
	 * Guarantee that the text is there before its length says so. Pairs with the
	 * load of the length in a reader of the file, or of the memory after a crash.
	 */
	smp_wmb();
	WRITE_ONCE(next->crc, ~crc32c(~now->crc, text->to, text->used));
	WRITE_ONCE(next->used, now->used + text->used);
	return 0;
}
