/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the files of LTT, lowest layer first: clock, record, packet; metadata, ctf_names,
 * ctf; tracer. A file calls only files before it.
 */
#ifndef _LTT_INTERNAL_H
#define _LTT_INTERNAL_H

#include <linux/ltt.h>

/**
 * struct ltt_clock_source - a counter that can be a clock
 * @name:	its name, for ltt_clock= and the metadata
 * @read:	its value; any context, NMI included
 * @hz:		its frequency, never 0 if @is_reliable
 * @is_reliable: can it be the clock? Asked once, at boot; NULL if it always can
 */
struct ltt_clock_source {
	const char	*name;
	u64		(*read)(void);
	u64		(*hz)(void);
	bool		(*is_reliable)(void);
};

#if defined(CONFIG_LTT_CLOCK_TSC) || defined(CONFIG_LTT_CLOCK_ARM64)
extern const struct ltt_clock_source ltt_clock_cycles;
#define LTT_CLOCK_CYCLES	(&ltt_clock_cycles)
#else
#define LTT_CLOCK_CYCLES	NULL
#endif

/**
 * struct ltt_clock_relation - relation of the clock to wall time
 * @hz:		ticks per second
 * @seconds:	wall time at which the clock was 0, in whole seconds
 * @ticks:	rest of that wall time, in ticks
 */
struct ltt_clock_relation {
	u64	hz;
	s64	seconds;
	u64	ticks;
};

void ltt_clock_relate(struct ltt_clock_relation *relation);

extern const struct relay_channel_ops ltt_packet_ops;

/**
 * struct ltt_text - text that grows
 * @to:		memory for the text; NULL to only count its bytes
 * @size:	bytes of the memory
 * @used:	bytes of the text, including those that did not fit
 */
struct ltt_text {
	char	*to;
	size_t	size;
	size_t	used;
};

void ltt_text_add(struct ltt_text *text, const char *fmt, ...) __printf(2, 3);

void ltt_metadata_init(struct ltt_trace *trace);
void ltt_metadata_begin(struct ltt_trace *trace, struct ltt_text *text);
int ltt_metadata_end(struct ltt_trace *trace, const struct ltt_text *text);

bool ltt_names_find(const struct ltt_event *event, const struct ltt_field *field,
		    const char **names);
void ltt_names_add(struct ltt_text *text, const char *names, const struct ltt_field *field);

void ltt_ctf_trace(struct ltt_text *text, const struct ltt_trace *trace);
bool ltt_ctf_is_ambiguous(const struct ltt_event *event);
void ltt_ctf_event(struct ltt_text *text, const struct ltt_event *event, unsigned int id);

#endif /* _LTT_INTERNAL_H */
