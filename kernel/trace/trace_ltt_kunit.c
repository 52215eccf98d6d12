// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: each event of the kernel has the size that a reader of its description computes.
 * trace_ltt.c includes this file, because the cases test static functions.
 *
 * The reader parses the subset of TSDL that ltt_ctf_event() writes, and uses nothing else.
 */
#include <kunit/test.h>
#include <linux/ctype.h>
#include <trace/syscall.h>
#include "../ltt/internal.h"
#include "../ltt/tests/sizes.h"

#define TRACE_LTT_TEST_TEXT	SZ_64K

/**
 * struct trace_ltt_read - result of reading a description
 * @at:		the rest of the text
 * @bits:	bits of the fields read so far
 * @fixed:	bytes before the dynamic elements
 * @tail:	bytes after the dynamic elements
 * @n_offsets:	number of dynamic fields, by their offsets
 * @n_elements:	number of dynamic fields, by their elements
 * @offset:	offset of the offset of each dynamic field
 * @wrong:	reason why the text could not be parsed
 */
struct trace_ltt_read {
	const char	*at;
	unsigned int	bits;
	unsigned int	fixed;
	unsigned int	tail;
	unsigned int	n_offsets;
	unsigned int	n_elements;
	unsigned int	offset[TRACE_LTT_FIELDS];
	const char	*wrong;
};

/* Skip spaces, and @token if it follows them. Return: whether it did. */
static bool trace_ltt_read_token(struct trace_ltt_read *read, const char *token)
{
	size_t len = strlen(token);

	read->at = skip_spaces(read->at);
	if (strncmp(read->at, token, len))
		return false;
	read->at += len;
	return true;
}

static unsigned int trace_ltt_read_number(struct trace_ltt_read *read)
{
	unsigned int value = 0;

	for (read->at = skip_spaces(read->at); isdigit(*read->at); read->at++)
		value = 10 * value + *read->at - '0';
	return value;
}

/* Skip the braces of an enumeration, and the quoted texts between them. */
static void trace_ltt_read_names(struct trace_ltt_read *read)
{
	bool quoted = false;

	for (; *read->at && (quoted || *read->at != '}'); read->at++) {
		if (*read->at == '\\' && read->at[1])
			read->at++;
		else if (*read->at == '"')
			quoted = !quoted;
	}
	if (!trace_ltt_read_token(read, "}"))
		read->wrong = "an enumeration without an end";
}

/* Read a type. Return: its bits; *@align is set to its alignment. */
static unsigned int trace_ltt_read_type(struct trace_ltt_read *read, unsigned int *align)
{
	bool names = trace_ltt_read_token(read, "enum :");
	unsigned int bits = 0;

	*align = BITS_PER_BYTE;
	if (trace_ltt_read_token(read, "u16 "))
		return 16;
	if (trace_ltt_read_token(read, "u8 "))
		return 8;
	if (!trace_ltt_read_token(read, "integer {")) {
		read->wrong = "no type";
		return 0;
	}
	while (*read->at && !trace_ltt_read_token(read, "}")) {
		if (trace_ltt_read_token(read, "size ="))
			bits = trace_ltt_read_number(read);
		else if (trace_ltt_read_token(read, "align ="))
			*align = trace_ltt_read_number(read);
		else
			read->at++;
	}
	if (names && trace_ltt_read_token(read, "{"))
		trace_ltt_read_names(read);
	return bits;
}

static void trace_ltt_read_field(struct trace_ltt_read *read)
{
	unsigned int align, bits = trace_ltt_read_type(read, &align), number = 1;
	bool is_array = false;
	const char *name;
	size_t len;

	if (read->wrong)
		return;
	name = skip_spaces(read->at);
	len = strspn(name, "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	read->at = name + len;
	if (!len || !bits || !align) {
		read->wrong = "no name, or no size";
		return;
	}
	read->bits = ALIGN(read->bits, align);
	if (len > 7 && !strncmp(name + len - 7, "_offset", 7) && !strncmp(name, "__", 2))
		read->offset[read->n_offsets++ % TRACE_LTT_FIELDS] = read->bits / BITS_PER_BYTE;
	if (trace_ltt_read_token(read, "[__")) {
		if (!read->n_elements++)
			read->fixed = read->bits / BITS_PER_BYTE;
		read->at += strcspn(read->at, "];");
		is_array = true;
		number = 0;
	} else if (trace_ltt_read_token(read, "[")) {
		is_array = true;
		number = trace_ltt_read_number(read);
	}
	if (is_array && !trace_ltt_read_token(read, "]"))
		read->wrong = "an array without an end";
	if (!strncmp(name, "__tail", len) && len == strlen("__tail")) {
		if (!read->n_elements)
			read->fixed = read->bits / BITS_PER_BYTE;
		read->tail = number * bits / BITS_PER_BYTE;
	}
	read->bits += number * bits;
	if (!trace_ltt_read_token(read, ";"))
		read->wrong = "a field without an end";
}

/* Read @text, the description of an event. */
static void trace_ltt_read(struct trace_ltt_read *read, const char *text)
{
	memset(read, 0, sizeof(*read));
	read->at = strstr(text, "fields := struct {");
	if (!read->at) {
		read->wrong = "no fields";
		return;
	}
	read->at += strlen("fields := struct {");
	while (!read->wrong && !trace_ltt_read_token(read, "}"))
		trace_ltt_read_field(read);
	if (!read->n_elements && !read->tail)
		read->fixed = read->bits / BITS_PER_BYTE;
	if (!read->wrong && read->bits != (read->fixed + read->tail) * BITS_PER_BYTE)
		read->wrong = "something after the dynamic elements";
}

/**
 * struct trace_ltt_test - state of a case
 * @test:	the case
 * @text:	memory for a description
 * @fields:	memory for fields
 * @read:	the last description that was read
 * @n:		number of events compared
 */
struct trace_ltt_test {
	struct kunit		*test;
	char			*text;
	struct ltt_field	*fields;
	struct trace_ltt_read	read;
	unsigned int		n;
};

/* Describe the event, and read the description. Return: its layout, which the caller frees. */
static struct trace_ltt_layout *trace_ltt_test_read(struct trace_ltt_test *t,
						    struct trace_event_call *call)
{
	struct ltt_text text = { .to = t->text, .size = TRACE_LTT_TEST_TEXT };
	struct ltt_event event = trace_ltt_event(call, t->fields);

	ltt_ctf_event(&text, &event, LTT_EVENT_FIRST);
	KUNIT_EXPECT_LT(t->test, text.used, text.size);
	trace_ltt_read(&t->read, t->text);
	return trace_ltt_layout(&event);
}

static void trace_ltt_test_init(struct kunit *test, struct trace_ltt_test *t)
{
	memset(t, 0, sizeof(*t));
	t->test = test;
	t->text = kunit_kzalloc(test, TRACE_LTT_TEST_TEXT, GFP_KERNEL);
	t->fields = kunit_kcalloc(test, TRACE_LTT_FIELDS, sizeof(*t->fields), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->text);
	KUNIT_ASSERT_NOT_NULL(test, t->fields);
}

/* A reader of the description finds the same offsets as the kernel's layout. */
static void trace_ltt_test_event(struct trace_ltt_test *t, struct trace_event_call *call)
{
	struct trace_ltt_layout *layout = trace_ltt_test_read(t, call);
	const struct trace_ltt_read *read = &t->read;
	const char *name = trace_event_name(call);
	struct kunit *test = t->test;

	KUNIT_EXPECT_NOT_NULL(test, layout);
	if (!layout)
		return;
	KUNIT_EXPECT_NULL_MSG(test, read->wrong, "%s: %s, before \"%.30s\"", name, read->wrong,
			      read->at);
	KUNIT_EXPECT_EQ_MSG(test, layout->fixed, read->fixed + sizeof(struct trace_entry), "%s",
			    name);
	KUNIT_EXPECT_EQ_MSG(test, layout->tail, read->tail, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, layout->n_dynamic, read->n_offsets, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, layout->n_dynamic, read->n_elements, "%s", name);
	/* Without the low bits: in big endian the length comes before the offset. */
	for (unsigned int i = 0; i < min(layout->n_dynamic, read->n_offsets); i++)
		KUNIT_EXPECT_EQ_MSG(test, layout->dynamic[i].offset & ~3,
				    (read->offset[i] + sizeof(struct trace_entry)) & ~3,
				    "%s: dynamic field %u", name, i);
	kfree(layout);
	t->n++;
}

/* Return: bytes of the entry by the description, without dynamic elements. */
static unsigned int trace_ltt_test_size(const struct trace_ltt_test *t)
{
	return sizeof(struct trace_entry) + t->read.fixed + t->read.tail;
}

/*
 * Can an instance have the event, and has no event failed so far? (The callers hold event_mutex,
 * so they must not use an assertion, which would end the thread.)
 */
static bool trace_ltt_test_has(const struct trace_ltt_test *t, const struct trace_event_call *call)
{
	return t->test->status != KUNIT_FAILURE && call->class && call->class->reg &&
	       !(call->flags & TRACE_EVENT_FL_IGNORE_ENABLE);
}

static void trace_ltt_test_layouts(struct kunit *test)
{
	struct trace_event_call *call;
	struct trace_ltt_test t;

	trace_ltt_test_init(test, &t);
	scoped_guard(mutex, &event_mutex) {
		list_for_each_entry(call, &ftrace_events, list)
			if (trace_ltt_test_has(&t, call))
				trace_ltt_test_event(&t, call);
	}
	kunit_info(test, "%u events\n", t.n);
	KUNIT_EXPECT_GT(test, t.n, 100);
}

static void trace_ltt_test_sized(const struct ltt_test_size *size, void *data)
{
	struct trace_event_call *call;
	struct trace_ltt_test *t = data;

	guard(mutex)(&event_mutex);
	list_for_each_entry(call, &ftrace_events, list) {
		if (!trace_ltt_test_has(t, call) ||
		    strcmp(call->class->system, size->system) ||
		    strcmp(trace_event_name(call), size->name))
			continue;
		kfree(trace_ltt_test_read(t, call));
		KUNIT_EXPECT_EQ_MSG(t->test, size->size, trace_ltt_test_size(t), "%s:%s",
				    size->system, size->name);
		KUNIT_EXPECT_EQ_MSG(t->test, size->data,
				    t->read.fixed + sizeof(struct trace_entry), "%s:%s",
				    size->system, size->name);
		t->n++;
	}
}

/* The size by the description is the size of the structure that the probe reserves. */
static void trace_ltt_test_sizes(struct kunit *test)
{
	struct trace_ltt_test t;

	trace_ltt_test_init(test, &t);
	ltt_test_sizes(trace_ltt_test_sized, &t);
	kunit_info(test, "%u events\n", t.n);
	KUNIT_EXPECT_GT(test, t.n, 50);
}

/* Return: bytes of the structure of an event that was generated from TRACE_EVENT(). */
static unsigned int trace_ltt_test_generated(const struct trace_event_call *call)
{
	const struct trace_event_fields *field = call->class->fields_array;
	unsigned int size = sizeof(struct trace_entry), align = __alignof__(struct trace_entry);

	for (; field->type; field++) {
		size = ALIGN(size, field->align) + field->size;
		align = max_t(unsigned int, align, field->align);
	}
	return ALIGN(size, align);
}

/* The same for all generated events, those of modules too. */
static void trace_ltt_test_structures(struct kunit *test)
{
	struct trace_event_call *call;
	struct trace_ltt_test t;

	trace_ltt_test_init(test, &t);
	guard(mutex)(&event_mutex);
	list_for_each_entry(call, &ftrace_events, list) {
		if (!trace_ltt_test_has(&t, call) || !trace_ltt_is_generated(call))
			continue;
		kfree(trace_ltt_test_read(&t, call));
		KUNIT_EXPECT_EQ_MSG(test, trace_ltt_test_generated(call),
				    trace_ltt_test_size(&t), "%s", trace_event_name(call));
		t.n++;
	}
	kunit_info(test, "%u events\n", t.n);
	KUNIT_EXPECT_GT(test, t.n, 100);
}

#ifdef CONFIG_FTRACE_SYSCALLS
static void trace_ltt_test_syscalls(struct kunit *test)
{
	unsigned int without = 0, with_data = 0;
	struct trace_event_call *call;
	struct trace_ltt_test t;

	trace_ltt_test_init(test, &t);
	guard(mutex)(&event_mutex);
	list_for_each_entry(call, &ftrace_events, list) {
		const struct syscall_metadata *metadata = call->data;
		unsigned int size = sizeof(struct syscall_trace_exit);

		if (!trace_ltt_test_has(&t, call) || strcmp(call->class->system, "syscalls"))
			continue;
		kfree(trace_ltt_test_read(&t, call));
		if (call == metadata->enter_event) {
			size = sizeof(struct syscall_trace_enter) +
			       metadata->nb_args * sizeof(unsigned long) +
			       hweight16(metadata->user_mask) * sizeof(u32);
			without += !metadata->nb_args;
			with_data += !!metadata->user_mask;
		}
		KUNIT_EXPECT_EQ_MSG(test, size, trace_ltt_test_size(&t), "%s",
				    trace_event_name(call));
		t.n++;
	}
	kunit_info(test, "%u events, %u without an argument, %u with data of user space\n", t.n,
		   without, with_data);
	KUNIT_EXPECT_GT(test, without, 0);
	KUNIT_EXPECT_GT(test, with_data, 0);
}
#endif

/* Expected sizes of markers' entries, gaps between fields included. */
static const struct trace_ltt_test_marker {
	const char	*name;
	unsigned int	size;
	unsigned int	n_dynamic;
} trace_ltt_test_marker[] = {
	{ "gaps", sizeof(struct trace_entry) + 28, 1 },
	{ "words", sizeof(struct trace_entry) + 2 * sizeof(long) + 8, 2 },
	{ "nothing", sizeof(struct trace_entry), 0 },
};

static noinline void trace_ltt_test_mark(int n, const char *text)
{
	trace_mark(ltt_kunit, gaps, "one %hhu two %llu three %hd text %s last %u", (u8)n, (u64)n,
		   (s16)n, text, (u32)n);
	trace_mark(ltt_kunit, words, "long %ld pointer %p bytes %*ph text %s", (long)n, text, n,
		   text, text);
	trace_mark(ltt_kunit, nothing, "nothing");
}

static void trace_ltt_test_markers(struct kunit *test)
{
	struct trace_event_call *call;
	struct trace_ltt_test t;

	trace_ltt_test_init(test, &t);
	trace_ltt_test_mark(0, "");
	guard(mutex)(&event_mutex);
	list_for_each_entry(call, &ftrace_events, list) {
		if (!call->class || strcmp(call->class->system, "ltt_kunit"))
			continue;
		for (unsigned int i = 0; i < ARRAY_SIZE(trace_ltt_test_marker); i++) {
			const struct trace_ltt_test_marker *marker = &trace_ltt_test_marker[i];

			if (strcmp(trace_event_name(call), marker->name))
				continue;
			kfree(trace_ltt_test_read(&t, call));
			KUNIT_EXPECT_EQ_MSG(test, marker->size, trace_ltt_test_size(&t), "%s",
					    marker->name);
			KUNIT_EXPECT_EQ_MSG(test, marker->n_dynamic, t.read.n_elements, "%s",
					    marker->name);
			t.n++;
		}
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(trace_ltt_test_marker), t.n);
}

/**
 * struct trace_ltt_contexts - what is said of where an event happens
 * @where:	where it happens
 * @ours:	what the event says
 * @theirs:	what ftrace says
 */
struct trace_ltt_contexts {
	const char	*where;
	unsigned int	ours;
	unsigned int	theirs;
};

/* As in a probe. Where interrupts are on, one between the two may ask for another thread. */
static void trace_ltt_test_context(struct trace_ltt_contexts *c, const char *where)
{
	unsigned int tries = 100;

	guard(preempt_notrace)();
	c->where = where;
	do {
		c->ours = trace_ltt_gen_ctx();
		c->theirs = tracing_gen_ctx_dec();
	} while (c->ours != c->theirs && --tries);
}

/* trace_ltt_gen_ctx() is tracing_gen_ctx_dec(). */
static void trace_ltt_test_contexts(struct kunit *test)
{
	struct trace_ltt_contexts contexts[10], *c = contexts;

	trace_ltt_test_context(c++, "a thread");
	local_bh_disable();
	trace_ltt_test_context(c++, "soft interrupts off");
	local_bh_enable();
	migrate_disable();
	trace_ltt_test_context(c++, "migration off");
	migrate_enable();
	local_irq_disable();
	trace_ltt_test_context(c++, "interrupts off");
	set_tsk_need_resched(current);
	trace_ltt_test_context(c++, "another thread is to run");
	clear_tsk_need_resched(current);
	set_preempt_need_resched();
	trace_ltt_test_context(c++, "preemption is due");
	clear_preempt_need_resched();
	local_irq_enable();
	preempt_disable();
	trace_ltt_test_context(c++, "preemption off");
	local_bh_disable();
	trace_ltt_test_context(c++, "preemption off, then soft interrupts");
	local_bh_enable();
	local_irq_disable();
	trace_ltt_test_context(c++, "preemption off, then interrupts");
	local_irq_enable();
	for (unsigned int i = 0; i < 20; i++)
		preempt_disable();
	trace_ltt_test_context(c++, "preemption off 21 times");
	for (unsigned int i = 0; i < 21; i++)
		preempt_enable();

	KUNIT_ASSERT_PTR_EQ(test, c, contexts + ARRAY_SIZE(contexts));
	for (c = contexts; c < contexts + ARRAY_SIZE(contexts); c++)
		KUNIT_EXPECT_EQ_MSG(test, c->theirs, c->ours, "%s: %#x, not %#x", c->where, c->ours,
				    c->theirs);
}

static struct kunit_case trace_ltt_test_cases[] = {
	KUNIT_CASE(trace_ltt_test_layouts),
	KUNIT_CASE(trace_ltt_test_sizes),
	KUNIT_CASE(trace_ltt_test_structures),
#ifdef CONFIG_FTRACE_SYSCALLS
	KUNIT_CASE(trace_ltt_test_syscalls),
#endif
	KUNIT_CASE(trace_ltt_test_markers),
	KUNIT_CASE(trace_ltt_test_contexts),
	{}
};

static struct kunit_suite trace_ltt_test_suite = {
	.name		= "relay-ltt-events",
	.test_cases	= trace_ltt_test_cases,
};

kunit_test_suite(trace_ltt_test_suite);
