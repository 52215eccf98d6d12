// SPDX-License-Identifier: GPL-2.0
/*
 * The description of a trace and of its events in TSDL, the language of the metadata of
 * the Common Trace Format, version 1.8.2 (diamon.org/ctf).
 *
 * All fields of events are aligned to bytes, because their offsets are those of the C
 * structure that the writer fills; gaps between fields are declared as fields. A dynamic
 * field has its offset and length in the fixed part. Its elements follow the fixed part, in
 * the order of the fields.
 */
#include <linux/ctype.h>
#include <linux/log2.h>
#include <linux/utsname.h>
#include <asm/sections.h>
#include "internal.h"

static const char ltt_ctf_types[] =
"/* CTF 1.8 */\n"
"typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
"typealias integer { size = 16; align = 8; signed = false; } := u16;\n"
"typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
"typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
"typealias integer { size = 32; align = 8; signed = true; } := s32;\n"
"typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := text;\n"
"typealias integer { size = %u; align = 8; signed = false; base = 16; } := address;\n";

static const char ltt_ctf_head[] =
"trace {\n"
"    major = 1; minor = 8; uuid = \"%pUb\"; byte_order = %s;\n"
"    packet.header := struct { u32 magic; u8 uuid[16]; u32 stream_id; };\n"
"};\n"
"env {\n"
"    domain = \"kernel\"; tracer_name = \"ltt\"; tracer_major = 1; tracer_minor = 0;\n"
"    sysname = \"Linux\"; kernel_release = \"";

static const char ltt_ctf_clock[] =
"\";\n    kernel_stext = \"%px\";\n"
"};\n"
"clock {\n"
"    name = \"ltt\"; description = \"%s\"; freq = %llu; offset_s = %lld; offset = %llu;\n"
"};\n";

/*
 * CTF aligns a struct as its most aligned member, and the form of an event's header ends within
 * a byte. So the members that follow the form are aligned to a bit.
 */
static const char ltt_ctf_stream[] =
"typealias integer { size = 64; align = 8; signed = false; map = clock.ltt.value; } := u64_clock;\n"
"typealias integer { size = %u; align = 1; signed = false; map = clock.ltt.value; } := low_clock;\n"
"typealias integer { size = %u; align = 1; signed = false; map = clock.ltt.value; } := short_clock;\n"
"typealias integer { size = 64; align = 1; signed = false; map = clock.ltt.value; } := long_clock;\n"
"typealias integer { size = %u; align = 1; signed = false; } := short_id;\n"
"typealias integer { size = %u; align = 1; signed = false; } := long_id;\n"
"typealias integer { size = 16; align = 1; signed = false; } := half;\n"
"typealias integer { size = 32; align = 1; signed = false; } := word;\n"
"stream {\n"
"    id = 0;\n"
"    packet.context := struct {\n"
"        u64_clock timestamp_begin; u64_clock timestamp_end; u64 content_size; u64 packet_size;\n"
"        u64 packet_seq_num; u64 events_discarded; u32 cpu_id; u32 _pad;\n"
"    };\n"
"    event.header := struct {\n"
"        enum : integer { size = %u; align = 1; signed = false; }\n"
"            { compact = 0 ... %u, brief = %u, medium = %u, extended = %u } id;\n"
"        variant <id> {\n"
"            struct { low_clock timestamp;%s } compact;\n"
"            struct { short_id id; short_clock timestamp; } brief;\n"
"            struct { low_clock timestamp; %s id; } medium;\n"
"            struct { long_id id; long_clock timestamp;%s } extended;\n"
"        } v;\n"
"    } align(32);\n"
"%s};\n";

/* struct ltt_context without @id, which the header declares. */
static const char ltt_ctf_context[] =
"    event.context := struct {\n"
"        integer { size = 8; align = 8; base = 16; } _flags; u8 _preempt_count; s32 _tid;\n"
"    };\n";

static const char ltt_ctf_own[] =
"event { name = \"ltt_void\"; id = %u; stream_id = 0;\n"
"    fields := struct { u16 __length; u8 _bytes[__length]; };\n};\n"
"event { name = \"ltt_void\"; id = %u; stream_id = 0;\n    fields := struct { u8 _byte; };\n};\n"
"event { name = \"ltt_void\"; id = %u; stream_id = 0;\n    fields := struct { };\n};\n"
"event { name = \"ltt_stop\"; id = %u; stream_id = 0;\n"
"    fields := struct { u16 __reason_length; text _reason[__reason_length]; };\n};\n"
"event { name = \"ltt_end\"; id = %u; stream_id = 0;\n"
"    fields := struct { u16 __reason_length; text _reason[__reason_length]; };\n};\n"
"event { name = \"kernel_stack\"; id = %u; stream_id = 0;\n"
"    fields := struct { u16 __caller_length; address _caller[__caller_length]; };\n};\n"
"event { name = \"print\"; id = %u; stream_id = 0;\n"
"    fields := struct { address _ip; u16 __buf_length; text _buf[__buf_length]; };\n};\n"
"event { name = \"ltt_thread\"; id = %u; stream_id = 0;\n"
"    fields := struct { s32 _tid; s32 _pid; s32 _ppid; u16 __name_length; text _name[__name_length]; };\n};\n"
"event { name = \"ltt_interrupt\"; id = %u; stream_id = 0;\n"
"    fields := struct { u32 _irq; u16 __name_length; text _name[__name_length]; };\n};\n"
"event { name = \"ltt_module\"; id = %u; stream_id = 0;\n"
"    fields := struct { address _base; u16 __name_length; text _name[__name_length]; };\n};\n"
"event { name = \"ltt_cpu\"; id = %u; stream_id = 0;\n"
"    fields := struct { u32 _cpu; u16 __state_length; text _state[__state_length]; };\n};\n";

static void ltt_ctf_quote(struct ltt_text *text, const char *name)
{
	for (; *name; name++)
		ltt_text_add(text, *name == '"' || *name == '\\' ? "\\%c" : "%c",
			     iscntrl(*name) ? '_' : *name);
}

/**
 * ltt_ctf_trace - describe a trace, and the events that each trace has
 * @text:	text to append to
 * @trace:	the trace
 */
void ltt_ctf_trace(struct ltt_text *text, const struct ltt_trace *trace)
{
	struct ltt_clock_relation relation;

	ltt_clock_relate(&relation);
	ltt_text_add(text, ltt_ctf_types, BITS_PER_LONG);
	ltt_text_add(text, ltt_ctf_head, trace->uuid,
		     IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? "be" : "le");
	ltt_ctf_quote(text, utsname()->release);
	ltt_text_add(text, "\"; hostname = \"");
	ltt_ctf_quote(text, utsname()->nodename);
	ltt_text_add(text, ltt_ctf_clock, _stext, ltt_clock_name(), relation.hz,
		     relation.seconds, relation.ticks);
	ltt_text_add(text, ltt_ctf_stream, LTT_TIME_BITS, LTT_SHORT_TIME_BITS, LTT_SHORT_ID_BITS,
		     LTT_TIME_BITS, LTT_ID_BITS, LTT_ID_SHORT - 1, LTT_ID_SHORT, LTT_ID_MEDIUM,
		     LTT_ID_EXTENDED,
		     trace->context ? " half _id;" : "", trace->context ? "half" : "word",
		     trace->context ? " half _id;" : "", trace->context ? ltt_ctf_context : "");
	ltt_text_add(text, ltt_ctf_own, LTT_EVENT_VOID, LTT_EVENT_VOID_BYTE,
		     LTT_EVENT_VOID_EMPTY, LTT_EVENT_STOP, LTT_EVENT_END, LTT_EVENT_STACK,
		     LTT_EVENT_PRINT, LTT_EVENT_THREAD, LTT_EVENT_INTERRUPT, LTT_EVENT_MODULE,
		     LTT_EVENT_CPU);
}

static char ltt_ctf_letter(char c)
{
	return isascii(c) && isalnum(c) ? c : '_';
}

/* @prefix keeps a name distinct from TSDL's keywords; readers strip one leading "_". */
static void ltt_ctf_name(struct ltt_text *text, const char *prefix,
			 const struct ltt_field *field)
{
	ltt_text_add(text, "%s", prefix);
	for (const char *name = field->name; *name; name++)
		ltt_text_add(text, "%c", ltt_ctf_letter(*name));
	if (field->part)
		ltt_text_add(text, "_%u", field->part - 1);
}

/* Would @field and the length, offset or zero bits of @other, or itself, have one name? */
static bool ltt_ctf_collide(const struct ltt_field *field, const struct ltt_field *other,
			    const char *prefix, const char *suffix)
{
	char name[256], other_name[256];
	struct ltt_text text = { name, sizeof(name) };
	struct ltt_text other_text = { other_name, sizeof(other_name) };

	/* Most differ in the first letter. */
	if (ltt_ctf_letter(*field->name) != (*prefix ? : ltt_ctf_letter(*other->name)))
		return false;
	ltt_ctf_name(&text, "", field);
	ltt_ctf_name(&other_text, prefix, other);
	ltt_text_add(&other_text, "%s", suffix);
	return !strcmp(name, other_name);
}

/**
 * ltt_ctf_is_ambiguous - would two members of an event have one name?
 * @event:	the event
 *
 * In C they never have, but a program may give the fields of a user event any names.
 *
 * Return: whether there are two such members.
 */
bool ltt_ctf_is_ambiguous(const struct ltt_event *event)
{
	const struct ltt_field *field, *other, *end = event->fields + event->n_fields;

	for (field = event->fields; field < end; field++) {
		/* ltt_ctf_gap() */
		if (str_has_prefix(field->name, "_gap_"))
			return true;
		for (other = event->fields; other < end; other++) {
			if (other != field && ltt_ctf_collide(field, other, "", ""))
				return true;
			if (other->is_dynamic &&
			    (ltt_ctf_collide(field, other, "_", "_length") ||
			     ltt_ctf_collide(field, other, "_", "_offset") ||
			     ltt_ctf_collide(field, other, "_", "_zero")))
				return true;
		}
	}
	return false;
}

static void ltt_ctf_integer(struct ltt_text *text, const struct ltt_field *field)
{
	ltt_text_add(text, "integer { size = %u; align = 8; signed = %d;%s%s }",
		     field->element * BITS_PER_BYTE, field->is_signed,
		     field->is_text ? " encoding = UTF8;" : "",
		     field->is_hex ? " base = 16;" : "");
}

static void ltt_ctf_bits(struct ltt_text *text, unsigned int bits,
			 const struct ltt_field *field, const char *suffix)
{
	ltt_text_add(text, " integer { size = %u; align = 1; }", bits);
	ltt_ctf_name(text, " __", field);
	ltt_text_add(text, "%s;", suffix);
}

/*
 * Declare the length of a dynamic field as its number of elements: the number of bytes without
 * the low bits, which are 0.
 */
static void ltt_ctf_length(struct ltt_text *text, const struct ltt_field *field)
{
	unsigned int low = ilog2(field->element);

	if (!low) {
		ltt_text_add(text, " u16");
		ltt_ctf_name(text, " __", field);
		ltt_text_add(text, "_length;");
		return;
	}
	if (!IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		ltt_ctf_bits(text, low, field, "_zero");
	ltt_ctf_bits(text, 16 - low, field, "_length");
	if (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		ltt_ctf_bits(text, low, field, "_zero");
}

/* Declare the &struct trace_dynamic_info of a dynamic field in the fixed part. */
static void ltt_ctf_dynamic(struct ltt_text *text, const struct ltt_field *field)
{
	if (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		ltt_ctf_length(text, field);
	ltt_text_add(text, " u16");
	ltt_ctf_name(text, " __", field);
	ltt_text_add(text, "_offset;");
	if (!IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		ltt_ctf_length(text, field);
}

static void ltt_ctf_fixed(struct ltt_text *text, const struct ltt_event *event,
			  const struct ltt_field *field)
{
	bool single = field->size == field->element;
	const char *names;

	ltt_text_add(text, " ");
	if (single && ltt_names_find(event, field, &names)) {
		ltt_text_add(text, "enum : ");
		ltt_ctf_integer(text, field);
		ltt_text_add(text, " {");
		ltt_names_add(text, names, field);
		ltt_text_add(text, " }");
	} else {
		ltt_ctf_integer(text, field);
	}
	ltt_ctf_name(text, " _", field);
	if (!single)
		ltt_text_add(text, "[%u]", field->size / field->element);
	ltt_text_add(text, ";");
}

static void ltt_ctf_gap(struct ltt_text *text, unsigned int from, unsigned int to)
{
	if (to > from)
		ltt_text_add(text, " u8 __gap_%u[%u];", from, to - from);
}

/**
 * ltt_ctf_event - describe an event
 * @text:	text to append to
 * @event:	the event
 * @id:		its number in the trace
 */
void ltt_ctf_event(struct ltt_text *text, const struct ltt_event *event, unsigned int id)
{
	const struct ltt_field *field, *end = event->fields + event->n_fields;
	unsigned int at = 0;

	ltt_text_add(text, "event { name = \"");
	ltt_ctf_quote(text, event->name);
	ltt_text_add(text, "\"; id = %u; stream_id = 0;\n    fields := struct {", id);
	for (field = event->fields; field < end; field++) {
		ltt_ctf_gap(text, at, field->offset);
		if (field->is_dynamic)
			ltt_ctf_dynamic(text, field);
		else
			ltt_ctf_fixed(text, event, field);
		at = field->offset + field->size;
	}
	ltt_ctf_gap(text, at, event->fixed);
	for (field = event->fields; field < end; field++) {
		if (!field->is_dynamic)
			continue;
		ltt_text_add(text, " ");
		ltt_ctf_integer(text, field);
		ltt_ctf_name(text, " _", field);
		ltt_ctf_name(text, "[__", field);
		ltt_text_add(text, "_length];");
	}
	if (event->tail)
		ltt_text_add(text, " u8 __tail[%u];", event->tail);
	ltt_text_add(text, " };\n};\n");
}

/**
 * ltt_event_text_size - bytes of an event's description
 * @event:	the event
 *
 * Return: upper limit of the bytes, with the longest number.
 */
size_t ltt_event_text_size(const struct ltt_event *event)
{
	struct ltt_text text = { };

	ltt_ctf_event(&text, event, INT_MAX);
	return text.used;
}
