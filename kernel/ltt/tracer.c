// SPDX-License-Identifier: GPL-2.0
/*
 * Traces: create, describe, start, stop, clear, destroy.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/uuid.h>
#include "internal.h"

/* Least bytes of metadata: room for the description of the trace, without any event's. */
#define LTT_METADATA_LEAST	SZ_4K

static int ltt_trace_open_channel(struct ltt_trace *trace, const struct ltt_params *params,
				  unsigned int flags)
{
	struct relay_params relay = {
		.name		= params->name,
		.subbuf_size	= params->subbuf_size,
		.n_subbufs	= params->n_subbufs,
		.header_size	= sizeof(struct ltt_packet),
		.flags		= flags | RELAY_WHOLE,
		.timer_ms	= params->timer_ms,
		.ops		= &ltt_packet_ops,
		.private_data	= trace,
		.private_size	= params->metadata_size,
	};

	if (params->timer_ms)
		relay.flags |= RELAY_TIMER_SWITCH;
	if (params->flags & LTT_OVERWRITE)
		relay.flags |= RELAY_OVERWRITE;
	trace->chan = relay_open_params(&relay);
	return PTR_ERR_OR_ZERO(trace->chan);
}

/* Try the reserved area first, unless LTT_MEMORY; then ordinary memory, unless LTT_RESERVED. */
static int ltt_trace_open(struct ltt_trace *trace, const struct ltt_params *params)
{
	int err;

	if (!(params->flags & LTT_MEMORY)) {
		trace->flags |= LTT_RESERVED;
		err = ltt_trace_open_channel(trace, params, RELAY_RESERVED);
		if (params->flags & LTT_RESERVED ||
		    (err != -ENODEV && err != -EROFS && err != -ENOSPC))
			return err;
	}
	trace->flags &= ~LTT_RESERVED;
	return ltt_trace_open_channel(trace, params, 0);
}

static int ltt_trace_describe_itself(struct ltt_trace *trace)
{
	struct ltt_text text;

	trace->metadata = relay_private_area(trace->chan, &trace->metadata_size);
	ltt_metadata_init(trace);
	guard(mutex)(&trace->lock);
	ltt_metadata_begin(trace, &text);
	ltt_ctf_trace(&text, trace);
	return ltt_metadata_end(trace, &text);
}

/**
 * ltt_trace_create - create a trace
 * @params:	its parameters
 *
 * The trace records at once. With neither LTT_RESERVED nor LTT_MEMORY its channel uses the
 * reserved area if there is one with room for it, else ordinary memory.
 *
 * Context: May sleep.
 * Return: the trace, or ERR_PTR(): -EINVAL for both of these flags, less than 4 KiB of
 * metadata, or a packet that is not a multiple of 4 bytes, -ENOSPC if the description of the
 * trace does not fit, -ENOMEM, or as relay_open_params().
 */
struct ltt_trace *ltt_trace_create(const struct ltt_params *params)
{
	struct ltt_trace *trace;
	int err;

	/* The headers of events are aligned in memory and in the packet. */
	if (params->metadata_size < LTT_METADATA_LEAST || !IS_ALIGNED(params->subbuf_size, 4) ||
	    !(~params->flags & (LTT_RESERVED | LTT_MEMORY)))
		return ERR_PTR(-EINVAL);
	trace = kzalloc_obj(*trace);
	if (!trace)
		return ERR_PTR(-ENOMEM);
	mutex_init(&trace->lock);
	trace->context = params->flags & LTT_CONTEXT;
	trace->flags = params->flags;
	trace->next_id = LTT_EVENT_FIRST;
	generate_random_uuid(trace->uuid);
	err = ltt_trace_open(trace, params);
	if (err) {
		kfree(trace);
		return ERR_PTR(err);
	}
	err = ltt_trace_describe_itself(trace);
	if (err) {
		ltt_trace_destroy(trace);
		return ERR_PTR(err);
	}
	return trace;
}
EXPORT_SYMBOL_GPL(ltt_trace_create);

/**
 * ltt_trace_destroy - end a trace
 * @trace:	the trace; the caller guarantees that no event is being written to it
 *
 * Context: May sleep.
 */
void ltt_trace_destroy(struct ltt_trace *trace)
{
	relay_close(trace->chan);
	kfree(trace);
}
EXPORT_SYMBOL_GPL(ltt_trace_destroy);

/**
 * ltt_trace_describe - assign an event a number in a trace, and add it to the metadata
 * @trace:	the trace
 * @event:	the event
 *
 * Call this before the event is recorded first. A number is assigned only once.
 *
 * Context: May sleep.
 * Return: the number; -ENOSPC if the metadata are full, or all numbers are assigned; -EINVAL
 * if two fields have names that differ in no letter or digit.
 */
int ltt_trace_describe(struct ltt_trace *trace, const struct ltt_event *event)
{
	struct ltt_text text;
	int err;

	guard(mutex)(&trace->lock);
	if (trace->next_id > LTT_ID_MAX)
		return -ENOSPC;
	if (ltt_ctf_is_ambiguous(event))
		return -EINVAL;
	ltt_metadata_begin(trace, &text);
	ltt_ctf_event(&text, event, trace->next_id);
	err = ltt_metadata_end(trace, &text);
	return err ? err : trace->next_id++;
}
EXPORT_SYMBOL_GPL(ltt_trace_describe);

/**
 * ltt_trace_start - resume recording
 * @trace:	the trace
 *
 * Context: Any.
 */
void ltt_trace_start(struct ltt_trace *trace)
{
	WRITE_ONCE(trace->stopped, false);
}
EXPORT_SYMBOL_GPL(ltt_trace_start);

/**
 * ltt_trace_stop - stop recording
 * @trace:	the trace
 * @reason:	the reason, recorded in an LTT_EVENT_STOP event on this CPU
 *
 * Events that other contexts are writing meanwhile are still recorded.
 *
 * Context: Any, NMI included.
 */
void ltt_trace_stop(struct ltt_trace *trace, const char *reason)
{
	const struct ltt_context context = { .tid = current->pid };

	ltt_write_text(trace, LTT_EVENT_STOP, &context, (struct ltt_part) { }, reason,
		       strlen(reason));
	WRITE_ONCE(trace->stopped, true);
}
EXPORT_SYMBOL_GPL(ltt_trace_stop);

/**
 * ltt_trace_clear - throw away the recorded events
 * @trace:	the trace
 *
 * The metadata are kept.
 *
 * Context: May sleep.
 */
void ltt_trace_clear(struct ltt_trace *trace)
{
	relay_reset(trace->chan);
}
EXPORT_SYMBOL_GPL(ltt_trace_clear);
