// SPDX-License-Identifier: GPL-2.0
/*
 * Instances whose events go to relay: the bridge from the kernel's trace events to LTT.
 *
 * The probe of an event reserves memory, fills it, and commits. In such an instance the
 * memory is a reservation in the trace. An event is staged in the instance's ring buffer and
 * then copied to the trace if a filter or a trigger has to see it first, or if its size is
 * known only after the probe has filled it.
 *
 * A probe stores its fields after a &struct trace_entry. A trace without contexts does not
 * record the trace_entry: the entry that the probe gets begins before the reservation.
 */
#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/ltt.h>
#include <linux/ltt_mark.h>
#include <linux/namei.h>
#include <linux/seq_file.h>
#include <linux/tracefs.h>
#include <linux/user_events.h>
#include "trace.h"
#include "trace_output.h"

/* &trace_event_buffer.relay_size: the event is staged. */
#define TRACE_LTT_STAGED	BIT(31)
/* An event must have fewer fields than this. */
#define TRACE_LTT_FIELDS	128
/* Metadata for events that are created after the trace: modules, kprobes and the like. */
#define TRACE_LTT_METADATA_MORE	SZ_64K

static_assert(sizeof(struct ltt_context) == sizeof(struct trace_entry));
static_assert(offsetof(struct ltt_context, id) == offsetof(struct trace_entry, type));
static_assert(offsetof(struct ltt_context, flags) == offsetof(struct trace_entry, flags));
static_assert(offsetof(struct ltt_context, preempt_count) ==
	      offsetof(struct trace_entry, preempt_count));
static_assert(offsetof(struct ltt_context, tid) == offsetof(struct trace_entry, pid));

/**
 * struct trace_ltt_dynamic - a dynamic field
 * @offset:	offset of its &struct trace_dynamic_info from the start of the entry
 * @base:	offset from the start of the entry that &trace_dynamic_info.offset counts from
 * @element:	bytes of an element
 */
struct trace_ltt_dynamic {
	u16	offset;
	u16	base;
	u16	element;
};

/**
 * struct trace_ltt_layout - layout of an event's fields
 * @fixed:	bytes from the start of the entry to the dynamic elements
 * @tail:	bytes after the dynamic elements
 * @n_dynamic:	number of dynamic fields
 * @dynamic:	the dynamic fields, in the order of their elements
 */
struct trace_ltt_layout {
	u16				fixed;
	u16				tail;
	unsigned int			n_dynamic;
	struct trace_ltt_dynamic	dynamic[] __counted_by(n_dynamic);
};

enum {
	TRACE_LTT_ERR_OPTION, TRACE_LTT_ERR_NUMBER, TRACE_LTT_ERR_BUSY, TRACE_LTT_ERR_ENABLED,
	TRACE_LTT_ERR_NOT_YET, TRACE_LTT_ERR_MEMORY, TRACE_LTT_ERR_NO_AREA, TRACE_LTT_ERR_CRASH,
	TRACE_LTT_ERR_NO_ROOM, TRACE_LTT_ERR_NAME_TAKEN, TRACE_LTT_ERR_NAME, TRACE_LTT_ERR_SIZES,
	TRACE_LTT_ERR_BOTH, TRACE_LTT_ERR_METADATA, TRACE_LTT_ERR_FIELDS, TRACE_LTT_ERR_LONG,
	TRACE_LTT_ERR_BYTE, TRACE_LTT_ERR_TWICE, TRACE_LTT_ERR_NAMES, TRACE_LTT_ERRORS
};

static const char *trace_ltt_errors[TRACE_LTT_ERRORS] = {
	[TRACE_LTT_ERR_OPTION]	=
	"Not one of size=, n=, metadata=, timer=, overwrite, reserved, memory, nocontext",
	[TRACE_LTT_ERR_NUMBER]	= "Not a number, with K, M or G after it",
	[TRACE_LTT_ERR_BUSY]	= "The events of this instance go to relay already",
	[TRACE_LTT_ERR_ENABLED]	=
	"An event of this instance is enabled or has a trigger, or a tracer is set",
	[TRACE_LTT_ERR_NOT_YET]	= "The events of this instance do not go to relay",
	[TRACE_LTT_ERR_MEMORY]	= "Not enough memory for size= times n= on each CPU",
	[TRACE_LTT_ERR_NO_AREA]	= "There is no reserved area: boot with relayres=",
	[TRACE_LTT_ERR_CRASH]	= "In a crash kernel the reserved area is only read",
	[TRACE_LTT_ERR_NO_ROOM]	= "No room in the reserved area: lower size=, n= or metadata=",
	[TRACE_LTT_ERR_NAME_TAKEN] = "There is a relay channel with the name of this instance",
	[TRACE_LTT_ERR_NAME]	= "The name of this instance is no name for a relay channel",
	[TRACE_LTT_ERR_SIZES]	=
	"Sizes: size= a multiple of 4, with room for a header; metadata= at least 4K; a CPU at most 4G; timer= below 50 days",
	[TRACE_LTT_ERR_BOTH]	= "Either reserved or memory",
	[TRACE_LTT_ERR_METADATA] = "The metadata are full: metadata= when the instance is set up",
	[TRACE_LTT_ERR_FIELDS]	= "The event has more than 127 fields, or more than 64K",
	[TRACE_LTT_ERR_NAMES]	= "Two fields of the event have names that CTF cannot tell apart",
	[TRACE_LTT_ERR_LONG]	= "The command is longer than a page",
	[TRACE_LTT_ERR_BYTE]	= "There is a byte of 0 in the command",
	[TRACE_LTT_ERR_TWICE]	= "An option is there twice",
};

static int trace_ltt_log(struct trace_array *tr, const char *command, unsigned int cause,
			 int err)
{
	tracing_log_err(tr, "relay", command, trace_ltt_errors, cause, 0);
	return err;
}

/*
 * Events
 */

/*
 * Count an event of @len bytes that could not be staged: it is too large for the instance's
 * ring buffer, or nested too deep. It counts even if a filter would have rejected it.
 */
static void trace_ltt_lose(struct trace_event_file *file, struct trace_buffer *buffer,
			   unsigned long len)
{
	if (file->flags & EVENT_FILE_FL_SOFT_DISABLED || READ_ONCE(file->tr->ltt->stopped) ||
	    !tracer_tracing_is_on(file->tr))
		return;
	relay_lose(file->tr->ltt->chan, len > ring_buffer_max_event_size(buffer) ?
		   RELAY_LOST_TOO_BIG : RELAY_LOST_NESTED);
}

/*
 * tracing_gen_ctx_dec(), with an inline fast path for a thread outside of interrupts that has
 * not disabled migration and need not be rescheduled.
 */
static __always_inline unsigned int trace_ltt_gen_ctx(void)
{
	unsigned int context = preempt_count();

	/* On PREEMPT_RT that soft interrupts are off is no part of the count. */
	if (unlikely(context > 0xf || current->migration_disabled ||
		     (IS_ENABLED(CONFIG_PREEMPT_RT) && softirq_count()) ||
		     read_thread_flags() & (_TIF_NEED_RESCHED | _TIF_NEED_RESCHED_LAZY) ||
		     test_preempt_need_resched()))
		return tracing_gen_ctx_dec();
	if (irqs_disabled())
		context |= TRACE_FLAG_IRQS_OFF << 16;
	return IS_ENABLED(CONFIG_PREEMPTION) ? context - 1 : context;
}

/* Reserve memory for an event in the instance's ring buffer. */
static noinline void *trace_ltt_stage(struct trace_event_buffer *fbuffer,
				      struct trace_event_file *file, unsigned long len)
{
	fbuffer->trace_ctx = trace_ltt_gen_ctx();
	fbuffer->event = trace_event_buffer_lock_reserve(&fbuffer->buffer, file,
							 file->event_call->event.type,
							 len, fbuffer->trace_ctx);
	if (!fbuffer->event) {
		trace_ltt_lose(file, fbuffer->buffer, len);
		return NULL;
	}
	fbuffer->relay_size = len | TRACE_LTT_STAGED;
	fbuffer->entry = ring_buffer_event_data(fbuffer->event);
	return fbuffer->entry;
}

static noinline void *trace_ltt_reserve_slot(struct trace_event_buffer *fbuffer,
					     struct trace_event_file *file, unsigned long len)
{
	struct ltt_trace *trace = file->tr->ltt;
	/* Not initialized, because clearing it costs as much as a commit. */
	struct ltt_slot s __uninitialized;

	if (unlikely(READ_ONCE(trace->stopped)))
		return NULL;
	if (trace->context)
		fbuffer->trace_ctx = trace_ltt_gen_ctx();
	else
		len -= sizeof(struct trace_entry);
	if (ltt_reserve(trace, &s, file->relay_id, len))
		return NULL;
	fbuffer->relay_ring = s.slot.ring;
	fbuffer->relay_sub = s.slot.sub;
	fbuffer->relay_begin = s.slot.begin;
	fbuffer->relay_size = s.slot.size;
	fbuffer->relay_expected = s.slot.expected;
	fbuffer->entry = s.slot.data;
	if (trace->context)
		tracing_generic_entry_update(fbuffer->entry, file->relay_id, fbuffer->trace_ctx);
	else
		fbuffer->entry -= sizeof(struct trace_entry);
	return fbuffer->entry;
}

/**
 * trace_ltt_reserve - trace_event_buffer_reserve() for an event that goes to relay
 * @fbuffer:	filled in
 * @file:	the event
 * @len:	bytes of its entry
 *
 * Context: Any, NMI included.
 * Return: the entry, or NULL.
 */
void *trace_ltt_reserve(struct trace_event_buffer *fbuffer,
			struct trace_event_file *file, unsigned long len)
{
	fbuffer->trace_file = file;
	fbuffer->regs = NULL;
	if (unlikely(file->flags & (EVENT_FILE_FL_SOFT_DISABLED | EVENT_FILE_FL_FILTERED |
				    EVENT_FILE_FL_TRIGGER_COND | EVENT_FILE_FL_RELAY_STAGE)))
		return trace_ltt_stage(fbuffer, file, len);
	return trace_ltt_reserve_slot(fbuffer, file, len);
}

static struct trace_dynamic_info
trace_ltt_dynamic_info(const void *entry, const struct trace_ltt_dynamic *dynamic)
{
	struct trace_dynamic_info info;

	memcpy(&info, entry + dynamic->offset, sizeof(info));
	return info;
}

/* Return: bytes of a dynamic field's whole elements, from *@at on; 0 if it exceeds the entry. */
static unsigned int trace_ltt_dynamic_size(const void *entry, size_t len,
					   const struct trace_ltt_dynamic *dynamic,
					   unsigned int *at)
{
	struct trace_dynamic_info info = trace_ltt_dynamic_info(entry, dynamic);

	*at = info.offset + dynamic->base;
	return *at + info.len <= len ? info.len & -dynamic->element : 0;
}

/*
 * Return: the event's size as a reader computes it. The probe reserved @len bytes, but may have
 * filled fewer, because a string in user space became shorter. The entry is untrusted: of a user
 * event, a program has written the bytes.
 */
static size_t trace_ltt_size(const struct trace_ltt_layout *layout, const void *entry,
			     size_t len)
{
	size_t size = layout->fixed + layout->tail;
	unsigned int at;

	for (unsigned int i = 0; i < layout->n_dynamic; i++)
		size += trace_ltt_dynamic_size(entry, len, &layout->dynamic[i], &at);
	return size;
}

/* Copy the fields, with the dynamic elements packed in the order in which a reader expects them. */
static void trace_ltt_pack(void *to, const void *entry, size_t len, const void *end,
			   const struct trace_ltt_layout *layout)
{
	void *fields = to;
	unsigned int used = layout->fixed, from;

	memcpy(to, entry + sizeof(struct trace_entry),
	       layout->fixed - sizeof(struct trace_entry));
	for (unsigned int i = 0; i < layout->n_dynamic; i++) {
		const struct trace_ltt_dynamic *dynamic = &layout->dynamic[i];
		struct trace_dynamic_info info = {
			.len = trace_ltt_dynamic_size(entry, len, dynamic, &from),
			.offset = used - dynamic->base,
		};

		memcpy(fields + dynamic->offset - sizeof(struct trace_entry), &info, sizeof(info));
		memcpy(fields + used - sizeof(struct trace_entry), entry + from, info.len);
		used += info.len;
	}
	fields += used - sizeof(struct trace_entry);
	memset(fields, 0, end - fields);
}

/* Copy a staged event to the trace. Return: whether the trace has it. */
static bool trace_ltt_copy(struct trace_event_file *file, const void *entry, size_t len)
{
	const struct trace_ltt_layout *layout = file->relay_layout;
	struct ltt_trace *trace = file->tr->ltt;
	size_t size = trace_ltt_size(layout, entry, len);
	struct ltt_slot s __uninitialized;
	void *to, *end;

	if (READ_ONCE(trace->stopped) || WARN_ON_ONCE(len < layout->fixed))
		return false;
	if (!trace->context)
		size -= sizeof(struct trace_entry);
	if (ltt_reserve(trace, &s, file->relay_id, size))
		return false;
	to = s.slot.data;
	end = to + size;
	if (trace->context) {
		struct ltt_context *context = to;

		memcpy(to, entry, sizeof(struct trace_entry));
		context->id = file->relay_id;
		to += sizeof(struct trace_entry);
	}
	trace_ltt_pack(to, entry, len, end, layout);
	relay_slot_commit(&s.slot);
	return true;
}

/* Copy a staged event to the trace; if that does not get it, set @fbuffer->entry to NULL. */
static noinline enum event_trigger_type
trace_ltt_commit_staged(struct trace_event_buffer *fbuffer)
{
	struct trace_event_file *file = fbuffer->trace_file;
	size_t len = fbuffer->relay_size & ~TRACE_LTT_STAGED;
	enum event_trigger_type tt = ETT_NONE;

	if (__event_trigger_test_discard(file, fbuffer->buffer, fbuffer->event,
					 fbuffer->entry, &tt)) {
		fbuffer->entry = NULL;
		return tt;
	}
	if (!trace_ltt_copy(file, fbuffer->entry, len))
		fbuffer->entry = NULL;
	__trace_event_discard_commit(fbuffer->buffer, fbuffer->event);
	return tt;
}

static DEFINE_STATIC_KEY_TRUE(trace_ltt_checks);

static int __init trace_ltt_set_checks(char *value)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (!err && !on)
		static_branch_disable(&trace_ltt_checks);
	return err;
}
early_param("ltt_debug", trace_ltt_set_checks);

/* Warn if a reader would compute another size than that of the reservation. */
static noinline void trace_ltt_check(const struct trace_event_buffer *fbuffer)
{
	const struct trace_event_file *file = fbuffer->trace_file;
	void *end = relay_pos_address(fbuffer->relay_ring, fbuffer->relay_begin) +
		    fbuffer->relay_size;
	size_t len = end - fbuffer->entry;

	WARN_ONCE(len != trace_ltt_size(file->relay_layout, fbuffer->entry, len),
		  "ltt: %s has %zu bytes, %zu were reserved\n",
		  trace_event_name(file->event_call),
		  trace_ltt_size(file->relay_layout, fbuffer->entry, len), len);
}

static __always_inline void trace_ltt_commit_slot(struct trace_event_buffer *fbuffer)
{
	struct relay_slot slot;

	/* Call before the loads below, so that no register has to be saved over the call. */
	if (IS_ENABLED(CONFIG_LTT_DEBUG) && static_branch_unlikely(&trace_ltt_checks))
		trace_ltt_check(fbuffer);
	slot = (struct relay_slot) {
		.ring = fbuffer->relay_ring, .sub = fbuffer->relay_sub,
		.begin = fbuffer->relay_begin, .size = fbuffer->relay_size,
		.expected = fbuffer->relay_expected,
	};
	relay_slot_commit(&slot);
}

/**
 * trace_ltt_commit - trace_event_buffer_commit() for an event that goes to relay
 * @fbuffer:	by trace_ltt_reserve()
 *
 * Context: That of trace_ltt_reserve().
 * Return: the event's triggers, for event_triggers_post_call().
 */
enum event_trigger_type trace_ltt_commit(struct trace_event_buffer *fbuffer)
{
	enum event_trigger_type tt = ETT_NONE;

	if (unlikely(fbuffer->relay_size & TRACE_LTT_STAGED)) {
		tt = trace_ltt_commit_staged(fbuffer);
		if (!fbuffer->entry)
			return tt;
	} else {
		trace_ltt_commit_slot(fbuffer);
	}
	/* Leave this function, its caller, and the probe out of the stack. */
	if (unlikely(fbuffer->trace_file->tr->trace_flags & TRACE_ITER(STACKTRACE)))
		__ftrace_trace_stack(fbuffer->trace_file->tr, NULL, fbuffer->trace_ctx,
				     fbuffer->regs ? 0 : 3, fbuffer->regs);
	return tt;
}

static struct ltt_context trace_ltt_context(unsigned int trace_ctx)
{
	struct trace_entry entry;

	tracing_generic_entry_update(&entry, 0, trace_ctx);
	return (struct ltt_context) {
		.flags = entry.flags, .preempt_count = entry.preempt_count, .tid = entry.pid,
	};
}

/**
 * trace_ltt_stack - record a kernel stack
 * @tr:		an instance whose events go to relay
 * @trace_ctx:	context in which the stack was taken
 * @calls:	the addresses
 * @n:		number of addresses
 *
 * Context: Any.
 */
void trace_ltt_stack(struct trace_array *tr, unsigned int trace_ctx,
		     const unsigned long *calls, unsigned int n)
{
	struct ltt_context context = trace_ltt_context(trace_ctx);
	struct ltt_trace *trace = READ_ONCE(tr->ltt);
	u16 number = n;
	const struct ltt_part parts[] = {
		{ &number, sizeof(number) }, { calls, n * sizeof(*calls) },
	};

	if (trace)
		ltt_write(trace, LTT_EVENT_STACK, &context, parts, ARRAY_SIZE(parts));
}

/**
 * trace_ltt_print - record a text
 * @tr:		an instance whose events go to relay
 * @trace_ctx:	context of the caller
 * @ip:		address of the caller
 * @text:	the text
 * @len:	bytes of the text
 *
 * Context: Any.
 */
void trace_ltt_print(struct trace_array *tr, unsigned int trace_ctx, unsigned long ip,
		     const char *text, size_t len)
{
	struct ltt_context context = trace_ltt_context(trace_ctx);
	struct ltt_trace *trace = READ_ONCE(tr->ltt);

	if (trace)
		ltt_write_text(trace, LTT_EVENT_PRINT, &context,
			       (struct ltt_part) { &ip, sizeof(ip) }, text, len);
}

/*
 * Descriptions
 */

static const struct { const char *name; unsigned int size; } trace_ltt_types[] = {
	{ "char", 1 }, { "bool", 1 }, { "u8", 1 }, { "s8", 1 }, { "__u8", 1 }, { "uint8_t", 1 },
	{ "short", 2 }, { "u16", 2 }, { "s16", 2 }, { "__u16", 2 }, { "__le16", 2 },
	{ "__be16", 2 }, { "uint16_t", 2 },
	{ "int", 4 }, { "unsigned", 4 }, { "u32", 4 }, { "s32", 4 }, { "__u32", 4 },
	{ "__le32", 4 }, { "__be32", 4 }, { "uint32_t", 4 },
	{ "long long", 8 }, { "u64", 8 }, { "s64", 8 }, { "__u64", 8 }, { "__le64", 8 },
	{ "__be64", 8 }, { "uint64_t", 8 },
	{ "long", sizeof(long) }, { "cpumask_t", sizeof(long) },
};

/* Return: bytes of an element by the name of its type; 1 if the type is not in the table. */
static unsigned int trace_ltt_element(const char *type, size_t len)
{
	static const char * const qualifiers[] = { "const ", "unsigned ", "signed " };

	for (unsigned int i = 0; i < ARRAY_SIZE(qualifiers); i++) {
		size_t q = strlen(qualifiers[i]);

		if (len > q && !strncmp(type, qualifiers[i], q)) {
			type += q;
			len -= q;
		}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(trace_ltt_types); i++)
		if (strlen(trace_ltt_types[i].name) == len &&
		    !strncmp(type, trace_ltt_types[i].name, len))
			return trace_ltt_types[i].size;
	return 1;
}

static bool trace_ltt_is_hex(const struct ftrace_event_field *field)
{
	static const char * const names[] = { "ip", "flags", "pfn", "function", "func", "ret_ip" };
	size_t len = strlen(field->name);

	if (strchr(field->type, '*') || (len >= 4 && !strcmp(field->name + len - 4, "addr")))
		return true;
	return match_string(names, ARRAY_SIZE(names), field->name) >= 0;
}

static bool trace_ltt_is_integer(unsigned int size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static const char *trace_ltt_dynamic_type(const char *type)
{
	if (str_has_prefix(type, "__data_loc "))
		return type + strlen("__data_loc ");
	if (str_has_prefix(type, "__rel_loc "))
		return type + strlen("__rel_loc ");
	return NULL;
}

/* Were the probe and its structure generated from TRACE_EVENT()? */
static bool trace_ltt_is_generated(const struct trace_event_call *call)
{
	const struct trace_event_fields *field = call->class->fields_array;

	/* A class with get_fields() has other fields: system calls, user events. */
	if (!field || call->class->get_fields)
		return false;
	for (; field->type; field++)
		if (field->type == TRACE_FUNCTION_TYPE)
			return false;
	return true;
}

static void trace_ltt_field(const struct trace_event_call *call,
			    const struct ftrace_event_field *field, struct ltt_field *to)
{
	const char *type = trace_ltt_dynamic_type(field->type);
	size_t len;

	*to = (struct ltt_field) {
		.name = field->name, .offset = field->offset - sizeof(struct trace_entry),
		.size = field->size, .is_signed = field->is_signed, .is_dynamic = type,
		.is_relative = str_has_prefix(field->type, "__rel_loc "),
	};
	if (!type)
		type = field->type;
	len = strcspn(type, "[");
	to->is_text = type[len] && len >= 4 && !strncmp(type + len - 4, "char", 4);
	if (to->is_dynamic || type[len])
		to->element = trace_ltt_element(type, len);
	else
		to->element = field->size;
	/* Other events do not set @len. */
	if (!to->is_dynamic && trace_ltt_is_generated(call) && field->len > 0 &&
	    field->size % field->len == 0)
		to->element = field->size / field->len;
	if (!trace_ltt_is_integer(to->element) || (!to->is_dynamic && field->size % to->element))
		to->element = 1;
	to->is_hex = !to->is_text && (trace_ltt_is_hex(field) ||
				      str_has_prefix(type, "cpumask_t") ||
				      (to->element == 1 && to->size > 1));
	to->is_signed &= to->element > 1 || to->size == 1;
}

/*
 * Return: bytes that a probe reserves after the fields. It reserves the size of a structure
 * plus the dynamic elements, which begin at the end of the last field, before the structure's
 * padding.
 */
static unsigned int trace_ltt_tail(const struct trace_event_call *call, unsigned int fixed)
{
	const struct trace_event_fields *field = call->class->fields_array;
	unsigned int align = __alignof__(struct trace_entry);

	if (trace_ltt_is_generated(call)) {
		for (; field->type; field++)
			align = max_t(unsigned int, align, field->align);
		return -fixed % align;
	}
	if (!strcmp(call->class->system, "syscalls"))
		return fixed < sizeof(struct syscall_trace_enter) ?
		       sizeof(struct syscall_trace_enter) - fixed : 0;
	return 0;
}

/*
 * Add a field to an event, an array of dynamic fields as several. Return: whether there is room
 * in &event.fields, and the event is not too large. A program chooses the sizes of user events.
 */
static bool trace_ltt_add_field(struct ltt_event *event, struct ltt_field *fields,
				const struct trace_event_call *call,
				const struct ftrace_event_field *field)
{
	const size_t dynamic = sizeof(struct trace_dynamic_info);
	struct ltt_field one;
	unsigned int n = 1;

	if ((u64)field->offset + field->size > U16_MAX)
		return false;
	trace_ltt_field(call, field, &one);
	if (one.is_dynamic) {
		/* A synthetic event's has more bytes, which are not used. */
		one.size = dynamic;
		if (strstr(field->type, "][")) {
			n = field->size / dynamic;
			one.part = 1;
		}
	}
	for (; n--; one.offset += dynamic, one.part++) {
		if (event->n_fields == TRACE_LTT_FIELDS)
			return false;
		fields[event->n_fields++] = one;
	}
	return true;
}

/*
 * The names of a user event's values are not known, because a program can write anything that
 * looks like them into its print_fmt.
 */
static const char *trace_ltt_print_fmt(const struct trace_event_call *call)
{
	return str_has_prefix(call->class->system, USER_EVENTS_SYSTEM) ? NULL : call->print_fmt;
}

/* Return: an event with its fields, in @fields; with TRACE_LTT_FIELDS if it cannot be recorded. */
static struct ltt_event trace_ltt_event(struct trace_event_call *call, struct ltt_field *fields)
{
	struct ltt_event event = {
		.name = trace_event_name(call), .fields = fields,
		.print_fmt = trace_ltt_print_fmt(call),
	};
	struct ftrace_event_field *field;
	unsigned int end = 0;

	/* The list has the last field first. */
	list_for_each_entry_reverse(field, trace_get_fields(call), link) {
		if (field->offset < sizeof(struct trace_entry) + end || !field->size)
			continue;
		if (!trace_ltt_add_field(&event, fields, call, field)) {
			event.n_fields = TRACE_LTT_FIELDS;
			break;
		}
		end = field->offset + field->size - sizeof(struct trace_entry);
	}
	event.fixed = end;
	event.tail = trace_ltt_tail(call, end + sizeof(struct trace_entry));
	return event;
}

static struct trace_ltt_layout *trace_ltt_layout(const struct ltt_event *event)
{
	struct trace_ltt_layout *layout;
	unsigned int n = 0;

	for (unsigned int i = 0; i < event->n_fields; i++)
		n += event->fields[i].is_dynamic;
	layout = kzalloc_flex(*layout, dynamic, n);
	if (!layout)
		return NULL;
	layout->n_dynamic = n;
	layout->fixed = event->fixed + sizeof(struct trace_entry);
	layout->tail = event->tail;
	n = 0;
	for (unsigned int i = 0; i < event->n_fields; i++) {
		const struct ltt_field *field = &event->fields[i];
		unsigned int offset = field->offset + sizeof(struct trace_entry);

		if (!field->is_dynamic)
			continue;
		layout->dynamic[n].offset = offset;
		layout->dynamic[n].element = field->element;
		layout->dynamic[n++].base = field->is_relative ? offset + field->size : 0;
	}
	return layout;
}

/* Does the event's probe always fill as many bytes as it reserves? */
static bool trace_ltt_is_exact(const struct trace_event_call *call,
			       const struct trace_ltt_layout *layout)
{
	if (trace_ltt_is_generated(call) || call->class->reg == ltt_mark_reg)
		return true;
	/* A string in user space can become shorter after the probe has measured it. */
	if (layout->n_dynamic)
		return false;
	/* The size of other events depends on their source, as of user and synthetic events. */
	return !strcmp(call->class->system, "syscalls") ||
	       call->flags & (TRACE_EVENT_FL_KPROBE | TRACE_EVENT_FL_UPROBE |
			      TRACE_EVENT_FL_EPROBE | TRACE_EVENT_FL_FPROBE);
}

/**
 * trace_ltt_describe - add an event to the metadata of its instance's trace
 * @file:	the event, which is not enabled
 *
 * Does nothing if the event has been added before.
 *
 * Context: Task, under event_mutex.
 * Return: 0; -ENOSPC if the metadata are full, -E2BIG for too many or too large fields, -EINVAL
 * for names of fields that CTF cannot tell apart, -ENOMEM.
 */
int trace_ltt_describe(struct trace_event_file *file)
{
	struct trace_event_call *call = file->event_call;
	struct trace_ltt_layout *layout;
	struct ltt_event event;
	int id;
	struct ltt_field *fields __free(kfree) = NULL;

	lockdep_assert_held(&event_mutex);
	if (file->relay_id)
		return 0;
	fields = kzalloc_objs(*fields, TRACE_LTT_FIELDS);
	if (!fields)
		return -ENOMEM;
	event = trace_ltt_event(call, fields);
	if (event.n_fields == TRACE_LTT_FIELDS)
		return trace_ltt_log(file->tr, event.name, TRACE_LTT_ERR_FIELDS, -E2BIG);
	layout = trace_ltt_layout(&event);
	if (!layout)
		return -ENOMEM;
	id = ltt_trace_describe(file->tr->ltt, &event);
	if (id < 0) {
		kfree(layout);
		return trace_ltt_log(file->tr, event.name, id == -EINVAL ?
				     TRACE_LTT_ERR_NAMES : TRACE_LTT_ERR_METADATA, id);
	}
	file->relay_layout = layout;
	file->relay_id = id;
	if (!trace_ltt_is_exact(call, layout))
		set_bit(EVENT_FILE_FL_RELAY_STAGE_BIT, &file->flags);
	return 0;
}

/* Return: bytes of metadata for the instance's events, and TRACE_LTT_METADATA_MORE. */
static size_t trace_ltt_metadata_size(struct trace_array *tr)
{
	struct ltt_field *fields __free(kfree) = kzalloc_objs(*fields, TRACE_LTT_FIELDS);
	size_t size = TRACE_LTT_METADATA_MORE;
	struct trace_event_file *file;

	if (!fields)
		return size;
	guard(mutex)(&event_mutex);
	list_for_each_entry(file, &tr->events, list) {
		struct ltt_event event = trace_ltt_event(file->event_call, fields);

		if (event.n_fields < TRACE_LTT_FIELDS)
			size += ltt_event_text_size(&event);
	}
	return size;
}

/*
 * The instance
 */

/* Files that show or change the ring buffer, which has no events in such an instance. */
static const char * const trace_ltt_no_files[] = {
	"trace", "trace_pipe", "snapshot", "per_cpu", "buffer_size_kb", "buffer_total_size_kb",
	"buffer_subbuf_size_kb", "buffer_percent", "free_buffer", "trace_marker_raw",
	"trace_clock", "timestamp_mode", "tracing_cpumask", "available_tracers",
	"current_tracer", "tracing_max_latency", "last_boot_info", "set_ftrace_filter",
	"set_ftrace_notrace", "set_ftrace_pid", "set_ftrace_notrace_pid",
};

static void trace_ltt_remove_files(struct trace_array *tr)
{
	if (!tr->dir)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(trace_ltt_no_files); i++) {
		struct dentry *file;

		file = lookup_noperm_positive_unlocked(&QSTR(trace_ltt_no_files[i]), tr->dir);
		if (IS_ERR(file))
			continue;
		tracefs_remove(file);
		dput(file);
	}
	tr->percpu_dir = NULL;
}

static bool trace_ltt_is_idle(struct trace_array *tr)
{
	struct trace_event_file *file;

	list_for_each_entry(file, &tr->events, list)
		if (file->flags & (EVENT_FILE_FL_ENABLED | EVENT_FILE_FL_TRIGGER_MODE) ||
		    !list_empty(&file->triggers))
			return false;
	return !tr->current_trace || tr->current_trace == &nop_trace;
}

/* Return: 0, or an error, with its cause in *@cause. */
static int trace_ltt_attach(struct trace_array *tr, struct ltt_trace *trace,
			    unsigned int *cause)
{
	struct trace_event_file *file;

	guard(mutex)(&event_mutex);
	guard(mutex)(&trace_types_lock);
	*cause = TRACE_LTT_ERR_BUSY;
	if (tr->ltt)
		return -EBUSY;
	*cause = TRACE_LTT_ERR_ENABLED;
	if (!trace_ltt_is_idle(tr))
		return -EBUSY;
	/* Wait for probes that still run of events that were enabled before. */
	tracepoint_synchronize_unregister();
	/* Staging leaves padding, which nothing consumes. */
	tr->trace_flags |= TRACE_ITER(OVERWRITE);
	ring_buffer_change_overwrite(tr->array_buffer.buffer, true);
	tr->trace_flags &= ~TRACE_ITER(USERSTACKTRACE);
	if (READ_ONCE(tr->buffer_disabled))
		ltt_trace_stop(trace, "tracing_on");
	/*
	 * trace_ltt_print() and trace_ltt_stack() read @tr without a lock. They may see the
	 * flag but not yet the trace, and then record nothing.
	 */
	WRITE_ONCE(tr->ltt, trace);
	tr->flags |= TRACE_ARRAY_FL_LTT;
	list_for_each_entry(file, &tr->events, list)
		set_bit(EVENT_FILE_FL_RELAY_BIT, &file->flags);
	return 0;
}

static unsigned int trace_ltt_cause(int err)
{
	switch (err) {
	case -ENODEV:
		return TRACE_LTT_ERR_NO_AREA;
	case -EROFS:
		return TRACE_LTT_ERR_CRASH;
	case -ENOSPC:
		return TRACE_LTT_ERR_NO_ROOM;
	case -EEXIST:
		return TRACE_LTT_ERR_NAME_TAKEN;
	case -EACCES:
	case -ENAMETOOLONG:
		return TRACE_LTT_ERR_NAME;
	case -EINVAL:
	case -E2BIG:
		return TRACE_LTT_ERR_SIZES;
	}
	return TRACE_LTT_ERR_MEMORY;
}

/* Return: 0, or an error, with its cause in *@cause. */
static int trace_ltt_set_up(struct trace_array *tr, struct ltt_params *params,
			    unsigned int *cause)
{
	struct ltt_trace *trace;
	int err;

	*cause = TRACE_LTT_ERR_BOTH;
	if (!(~params->flags & (LTT_RESERVED | LTT_MEMORY)))
		return -EINVAL;
	/* trace_ltt_attach() checks again, because event_mutex is not held here. */
	*cause = TRACE_LTT_ERR_BUSY;
	if (READ_ONCE(tr->ltt))
		return -EBUSY;
	params->name = tr->name;
	if (!params->metadata_size)
		params->metadata_size = trace_ltt_metadata_size(tr);
	trace = ltt_trace_create(params);
	if (IS_ERR(trace)) {
		*cause = trace_ltt_cause(PTR_ERR(trace));
		return PTR_ERR(trace);
	}
	/* Before the trace can be stopped, because tracing is off. */
	ltt_trace_dump_state(trace);
	err = trace_ltt_attach(tr, trace, cause);
	if (err) {
		ltt_trace_destroy(trace);
		return err;
	}
	/* Staged events need a ring buffer, but the smallest is enough. */
	tracing_resize_ring_buffer(tr, 1, RING_BUFFER_ALL_CPUS);
	trace_ltt_remove_files(tr);
	return 0;
}

static int trace_ltt_number(char *text, size_t *value)
{
	size_t length = strlen(text);
	unsigned int shift = 0, number;

	switch (length ? toupper(text[length - 1]) : 0) {
	case 'G':
		shift += 10;
		fallthrough;
	case 'M':
		shift += 10;
		fallthrough;
	case 'K':
		shift += 10;
		text[length - 1] = 0;
	}
	if (kstrtouint(text, 0, &number) || number > UINT_MAX >> shift)
		return -EINVAL;
	*value = number << shift;
	return 0;
}

/* Mark an option as seen. Return: 0; -EINVAL, with the cause, if it was seen before. */
static int trace_ltt_once(unsigned int *seen, unsigned int option, unsigned int *cause)
{
	*cause = TRACE_LTT_ERR_TWICE;
	if (*seen & BIT(option))
		return -EINVAL;
	*seen |= BIT(option);
	return 0;
}

/* Return: 0, or an error, with its cause in *@cause. */
static int trace_ltt_option(struct ltt_params *params, char *option, unsigned int *seen,
			    unsigned int *cause)
{
	static const struct { const char *name; unsigned int set, clear; } flags[] = {
		{ "overwrite", LTT_OVERWRITE, 0 }, { "reserved", LTT_RESERVED, 0 },
		{ "memory", LTT_MEMORY, 0 }, { "nocontext", 0, LTT_CONTEXT },
	};
	const struct { const char *name; size_t *value; } numbers[] = {
		{ "size=", &params->subbuf_size }, { "n=", &params->n_subbufs },
		{ "metadata=", &params->metadata_size }, { "timer=", &params->timer_ms },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++) {
		if (strcmp(option, flags[i].name))
			continue;
		params->flags |= flags[i].set;
		params->flags &= ~flags[i].clear;
		return trace_ltt_once(seen, i, cause);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++) {
		size_t length = str_has_prefix(option, numbers[i].name);
		int err;

		if (!length)
			continue;
		err = trace_ltt_once(seen, ARRAY_SIZE(flags) + i, cause);
		if (err)
			return err;
		*cause = TRACE_LTT_ERR_NUMBER;
		return trace_ltt_number(option + length, numbers[i].value);
	}
	*cause = TRACE_LTT_ERR_OPTION;
	return -EINVAL;
}

/* Return: 0, or an error, with its cause in *@cause. */
static int trace_ltt_divert(struct trace_array *tr, char *options, unsigned int *cause)
{
	struct ltt_params params = {
		.subbuf_size = SZ_64K, .n_subbufs = 16, .flags = LTT_CONTEXT,
	};
	unsigned int seen = 0;
	char *option;
	int err;

	while ((option = strsep(&options, " :\n\t"))) {
		err = *option ? trace_ltt_option(&params, option, &seen, cause) : 0;
		if (err)
			return err;
	}
	return trace_ltt_set_up(tr, &params, cause);
}

static int trace_ltt_command(struct trace_array *tr, char *command, unsigned int *cause)
{
	bool clear;

	command = strim(command);
	clear = !strcmp(command, "clear");
	if (!clear && strcmp(command, "dump"))
		return trace_ltt_divert(tr, command, cause);
	guard(mutex)(&event_mutex);
	*cause = TRACE_LTT_ERR_NOT_YET;
	if (!tr->ltt)
		return -EINVAL;
	if (clear)
		ltt_trace_clear(tr->ltt);
	else
		ltt_trace_dump_state(tr->ltt);
	return 0;
}

static ssize_t trace_ltt_write(struct file *filp, const char __user *from, size_t count,
			       loff_t *pos)
{
	struct seq_file *m = filp->private_data;
	struct trace_array *tr = m->private;
	char *text, *command;
	unsigned int cause;
	int err;

	if (count >= PAGE_SIZE)
		return trace_ltt_log(tr, "", TRACE_LTT_ERR_LONG, -E2BIG);
	text = memdup_user_nul(from, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (strlen(text) < count) {
		err = trace_ltt_log(tr, strim(text), TRACE_LTT_ERR_BYTE, -EINVAL);
		kfree(text);
		return err;
	}
	command = kstrdup(text, GFP_KERNEL);
	err = command ? trace_ltt_command(tr, command, &cause) : -ENOMEM;
	if (command && err)
		trace_ltt_log(tr, strim(text), cause, err);
	kfree(command);
	kfree(text);
	return err ? err : count;
}

static int trace_ltt_show(struct seq_file *m, void *v)
{
	struct trace_array *tr = m->private;
	const struct ltt_trace *trace;

	guard(mutex)(&event_mutex);
	trace = tr->ltt;
	if (!trace)
		return 0;
	seq_printf(m, "channel=%s size=%zu n=%zu metadata=%zu clock=%s%s%s%s\n", tr->name,
		   trace->chan->subbuf_size, trace->chan->n_subbufs, trace->metadata_size,
		   ltt_clock_name(), trace->flags & LTT_OVERWRITE ? " overwrite" : "",
		   trace->flags & LTT_RESERVED ? " reserved" : " memory",
		   trace->context ? "" : " nocontext");
	return 0;
}

static int trace_ltt_open(struct inode *inode, struct file *filp)
{
	struct trace_array *tr = inode->i_private;
	int err = tracing_check_open_get_tr(tr);

	if (err)
		return err;
	err = single_open(filp, trace_ltt_show, tr);
	if (err)
		trace_array_put(tr);
	return err;
}

static int trace_ltt_release(struct inode *inode, struct file *filp)
{
	trace_array_put(inode->i_private);
	return single_release(inode, filp);
}

static const struct file_operations trace_ltt_fops = {
	.open		= trace_ltt_open,
	.read		= seq_read,
	.write		= trace_ltt_write,
	.llseek		= seq_lseek,
	.release	= trace_ltt_release,
};

/**
 * trace_ltt_create_files - create an instance's file "relay"
 * @tr:	the instance; its other files exist already
 */
void trace_ltt_create_files(struct trace_array *tr)
{
	trace_create_file("relay", TRACE_MODE_WRITE, tr->dir, tr, &trace_ltt_fops);
	if (trace_array_is_ltt(tr))
		trace_ltt_remove_files(tr);
}

/**
 * trace_ltt_free - destroy the trace of an instance
 * @tr:	the instance, whose events are removed already
 */
void trace_ltt_free(struct trace_array *tr)
{
	ltt_trace_destroy(tr->ltt);
	tr->ltt = NULL;
}

/**
 * trace_ltt_on - tracer_tracing_on() for an instance whose events go to relay
 * @tr:	the instance
 */
void trace_ltt_on(struct trace_array *tr)
{
	struct ltt_trace *trace = READ_ONCE(tr->ltt);

	if (trace)
		ltt_trace_start(trace);
}

/**
 * trace_ltt_off - tracer_tracing_off() for an instance whose events go to relay
 * @tr:	the instance
 *
 * Context: Any.
 */
void trace_ltt_off(struct trace_array *tr)
{
	struct ltt_trace *trace = READ_ONCE(tr->ltt);

	if (trace && !READ_ONCE(trace->stopped))
		ltt_trace_stop(trace, "tracing_off");
}

/*
 * Boot: trace_instance=NAME^FLAG^relay:OPTIONS,EVENTS. ftrace creates the instance too early to
 * open a channel. trace_ltt_boot() opens it and enables the events after the core initcalls,
 * before all later ones.
 */
static struct {
	struct trace_array	*tr;
	char			*options;
	char			*events;
} trace_ltt_pending[4] __initdata;

/**
 * trace_ltt_boot_options - find the flag "relay" of an instance of the command line
 * @instance:	name and flags of the instance; the flag, with all that follows, is cut off
 *
 * Return: the options after the flag, which may be empty; NULL if there is no such flag.
 */
char * __init trace_ltt_boot_options(char *instance)
{
	char *flag = strstr(instance, "^relay");
	char *options;

	if (!flag)
		return NULL;
	options = flag + strlen("^relay");
	if (*options && *options != ':')
		return NULL;
	*flag = '\0';
	return options;
}

/**
 * trace_ltt_boot_instance - let the events of an instance of the command line go to relay
 * @tr:		the instance
 * @options:	options, as for its file "relay"; a colon may precede them
 * @events:	events to enable, separated by commas
 */
void __init trace_ltt_boot_instance(struct trace_array *tr, char *options, char *events)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(trace_ltt_pending); i++) {
		if (!trace_ltt_pending[i].tr) {
			trace_ltt_pending[i].tr = tr;
			trace_ltt_pending[i].options = options;
			trace_ltt_pending[i].events = events;
			return;
		}
	}
	pr_err("ltt: no more than %zu instances can go to relay from boot on: %s does not\n",
	       ARRAY_SIZE(trace_ltt_pending), tr->name);
}

static int __init trace_ltt_boot(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(trace_ltt_pending); i++) {
		struct trace_array *tr = trace_ltt_pending[i].tr;
		unsigned int cause;
		char *event;
		int err;

		if (!tr)
			continue;
		err = trace_ltt_divert(tr, trace_ltt_pending[i].options, &cause);
		if (err) {
			pr_err("ltt: %s does not go to relay (%d): %s\n", tr->name, err,
			       trace_ltt_errors[cause]);
			continue;
		}
		while ((event = strsep(&trace_ltt_pending[i].events, ",")))
			early_enable_events(tr, event, true);
	}
	return 0;
}
core_initcall_sync(trace_ltt_boot);

#ifdef CONFIG_RELAY_KUNIT_TEST
#include "trace_ltt_kunit.c"
#endif
