// SPDX-License-Identifier: GPL-2.0
/*
 * Traces: create, describe, start, stop, clear, destroy.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/uuid.h>
#include "internal.h"

/* Room for the description of the trace itself, without that of any event. */
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

/* Memory that survives a crash, where there is any. */
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
 * @params:	what it shall be
 *
 * It records from the start. With neither LTT_RESERVED nor LTT_MEMORY it lies in the
 * reserved area where there is one with room for it.
 *
 * Context: May sleep.
 * Return: the trace; ERR_PTR() of what relay_open_params() returns, -EINVAL also for both
 * of those flags, and for less than 4 KiB of metadata.
 */
struct ltt_trace *ltt_trace_create(const struct ltt_params *params)
{
	struct ltt_trace *trace;
	int err;

	if (params->metadata_size < LTT_METADATA_LEAST ||
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
 * @trace:	the trace; no event of it is being written
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
 * ltt_trace_describe - give an event a number in a trace, and describe it there
 * @trace:	the trace
 * @event:	the event
 *
 * Before its first record. A number is never used again.
 *
 * Context: May sleep.
 * Return: the number; -ENOSPC where the metadata are full, or there are no more numbers.
 */
int ltt_trace_describe(struct ltt_trace *trace, const struct ltt_event *event)
{
	struct ltt_text text;
	int err;

	guard(mutex)(&trace->lock);
	if (trace->next_id > LTT_ID_MAX)
		return -ENOSPC;
	ltt_metadata_begin(trace, &text);
	ltt_ctf_event(&text, event, trace->next_id);
	err = ltt_metadata_end(trace, &text);
	return err ? err : trace->next_id++;
}
EXPORT_SYMBOL_GPL(ltt_trace_describe);

/**
 * ltt_trace_start - record again
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
 * ltt_trace_stop - record no more
 * @trace:	the trace
 * @reason:	why; the last event of this CPU tells it
 *
 * An event that is being written when this is called is still recorded.
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
 * ltt_trace_clear - throw away what was recorded
 * @trace:	the trace
 *
 * The metadata stay.
 *
 * Context: May sleep.
 */
void ltt_trace_clear(struct ltt_trace *trace)
{
	relay_reset(trace->chan);
}
EXPORT_SYMBOL_GPL(ltt_trace_clear);
