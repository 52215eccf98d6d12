// SPDX-License-Identifier: GPL-2.0
/*
 * Print a line for each event, in the form of the file "trace" of tracefs.
 *
 * Each kind of event has its own handle of libtraceevent, so that its format cannot change
 * how another event is printed.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include "convert-text.h"
#include "relayctl.h"
#include "uapi/linux/ltt.h"

/* Most names in the message about events that are printed with their fields only. */
#define MOST_NAMED	10

/**
 * enum kind_of - how an event is printed
 * @KIND_FORMATTED: by its format
 * @KIND_OWN:	an event that each trace has: with its fields
 * @KIND_PRINT:	the event "print" that each trace has: as text
 * @KIND_STACK:	the event "kernel_stack" that each trace has: as a stack
 * @KIND_MISSING: with its fields, because there is no format
 * @KIND_UNFIT:	with its fields, because no format fits the payload, or libtraceevent cannot
 *		parse it
 */
enum kind_of {
	KIND_FORMATTED, KIND_OWN, KIND_PRINT, KIND_STACK, KIND_MISSING, KIND_UNFIT,
};

/**
 * struct kind - a kind of event
 * @class:	its class in the trace
 * @name:	its name
 * @of:		how it is printed
 * @tep:	the handle with its format
 * @shape:	how to make a record of it
 * @next:	the kind that was added before
 */
struct kind {
	const bt_event_class	*class;
	const char		*name;
	enum kind_of		of;
	struct tep_handle	*tep;
	struct record_shape	shape;
	struct kind		*next;
};

/**
 * struct event_printer - prints events
 * @formats:	the formats
 * @symbols:	the kernel's symbols, or NULL
 * @kinds:	the kinds, a tree of tsearch()
 * @last:	the kind that was added last
 * @text:	buffer for the text of an event
 */
struct event_printer {
	struct formats		*formats;
	const struct symbols	*symbols;
	void			*kinds;
	struct kind		*last;
	struct trace_seq	text;
};

/*
 * Kinds
 */

static int compare(const void *a, const void *b)
{
	const struct kind *one = a, *other = b;

	return (one->class > other->class) - (one->class < other->class);
}

static char *resolve(void *priv, unsigned long long *address, char **module)
{
	const struct event_printer *printer = priv;

	*module = NULL;
	return symbols_find(printer->symbols, address);
}

static bool is_big_endian(void)
{
	return *(const uint8_t *)&(const uint16_t) { 1 } == 0;
}

/* Return: bytes of an address of the kernel that traced, by the field "ip" of "print". */
static unsigned int long_size(const bt_event_class *class)
{
	const bt_stream_class *stream = bt_event_class_borrow_stream_class_const(class);
	const bt_event_class *print =
		bt_stream_class_borrow_event_class_by_id_const(stream, LTT_EVENT_PRINT);
	const bt_field_class *payload =
		print ? bt_event_class_borrow_payload_field_class_const(print) : NULL;

	return payload && values_class_size(payload, "ip") == 4 ? 4 : 8;
}

/*
 * Instead of tep_parse_printk_formats(), which reads before the start of a string that has
 * less than two characters.
 */
static void add_strings(struct tep_handle *tep, const char *strings)
{
	unsigned long long address;
	char text[1024];

	for (const char *line = strings; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "0x%llx : %1023[^\n]", &address, text) == 2 &&
		    *text == '"' && strlen(text) > 3)
			tep_register_print_string(tep, text, address);
	}
}

/* Return: a handle; or NULL without memory. */
static struct tep_handle *open_tep(struct event_printer *printer, const bt_event_class *class)
{
	enum tep_endian endian = is_big_endian() ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN;
	struct tep_handle *tep = tep_alloc();

	if (!tep)
		return NULL;
	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_local_bigendian(tep, endian);
	tep_set_file_bigendian(tep, endian);
	tep_set_long_size(tep, long_size(class));
	tep_set_function_resolver(tep, resolve, printer);
	add_strings(tep, formats_strings(printer->formats));
	return tep;
}

static void free_shape(struct kind *kind)
{
	free(kind->shape.fields);
	kind->shape.fields = NULL;
	tep_free(kind->tep);
	kind->tep = NULL;
}

static bool try_format(struct event_printer *printer, struct kind *kind, const char *text)
{
	const bt_field_class *payload =
		bt_event_class_borrow_payload_field_class_const(kind->class);
	struct tep_event *event = NULL;
	char *repaired = repair_format(text);
	bool fits = false;

	kind->tep = open_tep(printer, kind->class);
	if (kind->tep && repaired && payload &&
	    !tep_parse_format(kind->tep, &event, repaired, strlen(repaired), "relay"))
		fits = event && !(event->flags & TEP_EVENT_FL_FAILED) &&
		       record_shape_fit(&kind->shape, event, payload);
	free(repaired);
	if (!fits)
		free_shape(kind);
	return fits;
}

static enum kind_of find_format(struct event_printer *printer, struct kind *kind)
{
	enum kind_of of = KIND_MISSING;
	bool fits = false;
	char *text;

	for (unsigned int turn = 0; !fits; turn++) {
		text = formats_next(printer->formats, kind->name, turn);
		if (!text)
			return of;
		of = KIND_UNFIT;
		fits = try_format(printer, kind, text);
		free(text);
	}
	return KIND_FORMATTED;
}

static enum kind_of which(struct event_printer *printer, struct kind *kind)
{
	bool own = bt_event_class_get_id(kind->class) < LTT_EVENT_FIRST;

	if (own && !strcmp(kind->name, "print"))
		return KIND_PRINT;
	if (own && !strcmp(kind->name, "kernel_stack"))
		return KIND_STACK;
	return own ? KIND_OWN : find_format(printer, kind);
}

/* Return: the kind of an event; NULL without memory. */
static struct kind *find_kind(struct event_printer *printer, const bt_event_class *class)
{
	struct kind key = { .class = class }, **found, *kind;

	found = tfind(&key, &printer->kinds, compare);
	if (found)
		return *found;
	kind = malloc(sizeof(*kind));
	if (!kind)
		return NULL;
	*kind = key;
	kind->name = bt_event_class_get_name(class) ? : "";
	if (!tsearch(kind, &printer->kinds, compare)) {
		free(kind);
		return NULL;
	}
	kind->next = printer->last;
	printer->last = kind;
	kind->of = which(printer, kind);
	return kind;
}

/*
 * The start of a line
 */

static struct event_context context_of(const bt_event *event)
{
	const bt_field *fields = bt_event_borrow_common_context_field_const(event);
	const bt_stream *stream = bt_event_borrow_stream_const(event);
	const bt_packet *packet = NULL;
	int64_t flags = 0, preempt_count = 0, tid = 0, cpu = 0;
	bool known = values_integer(fields, "flags", &flags) &&
		     values_integer(fields, "preempt_count", &preempt_count) &&
		     values_integer(fields, "tid", &tid);

	if (bt_stream_class_supports_packets(bt_stream_borrow_class_const(stream)))
		packet = bt_event_borrow_packet_const(event);
	if (packet)
		values_integer(bt_packet_borrow_context_field_const(packet), "cpu_id", &cpu);
	return (struct event_context) {
		.known = known, .flags = flags, .preempt_count = preempt_count, .tid = tid,
		.cpu = cpu,
	};
}

/* As trace_print_lat_fmt() of the kernel. */
static void print_state(const struct event_context *context)
{
	/* Index bits: need resched lazily 1, need resched 2, by preemption 4. */
	static const char resched[8] = { '.', 'l', 'n', 'b', 'p', 'L', 'N', 'B' };
	unsigned int flags = context->flags;
	bool off = flags & 1, bh_off = flags & 0x80, nmi = flags & 0x40;
	bool hard = flags & 8, soft = flags & 0x10;
	char depth[2] = { '.', '.' };

	for (unsigned int i = 0; i < 2; i++) {
		unsigned int n = context->preempt_count >> (4 * i) & 0xf;

		if (n)
			depth[i] = "0123456789abcdef"[n];
	}
	printf("%c%c%c%c%c", off && bh_off ? 'D' : off ? 'd' : bh_off ? 'b' : '.',
	       resched[(flags >> 1 & 1) | (flags >> 2 & 1) << 1 | (flags >> 5 & 1) << 2],
	       nmi ? (hard ? 'Z' : 'z') : hard ? (soft ? 'H' : 'h') : soft ? 's' : '.',
	       depth[0], depth[1]);
}

static void print_time(const bt_clock_snapshot *time)
{
	const bt_clock_class *clock = bt_clock_snapshot_borrow_clock_class_const(time);
	uint64_t hz = bt_clock_class_get_frequency(clock);
	uint64_t ticks = bt_clock_snapshot_get_value(time);
	uint64_t rest = (__uint128_t)(ticks % hz) * 1000000 / hz;

	printf(" %5llu.%06llu: ", (unsigned long long)(ticks / hz), (unsigned long long)rest);
}

static void print_begin(const struct event_context *context, const bt_clock_snapshot *time)
{
	if (context->known)
		printf("%16s-%-7d", printable(threads_find(context->tid)), context->tid);
	else
		printf("%16s-%-7s", "<...>", "?");
	printf(" [%03u] ", context->cpu);
	print_state(context);
	print_time(time);
}

/*
 * Events
 */

/* Events with the name of a thread, and their fields. */
static const struct { const char *event, *tid, *name; } namings[] = {
	{ "sched_switch", "prev_pid", "prev_comm" }, { "sched_switch", "next_pid", "next_comm" },
	{ "sched_waking", "pid", "comm" }, { "sched_wakeup", "pid", "comm" },
	{ "sched_process_fork", "child_pid", "child_comm" }, { "task_rename", "pid", "newcomm" },
	{ "ltt_thread", "tid", "name" },
};

static void learn_names(const char *event, const bt_field *payload)
{
	const char *name;
	int64_t tid;

	for (unsigned int i = 0; i < sizeof(namings) / sizeof(namings[0]); i++) {
		if (strcmp(namings[i].event, event))
			continue;
		name = values_string(payload, namings[i].name);
		if (name && values_integer(payload, namings[i].tid, &tid))
			threads_name(tid, name);
	}
}

static void print_stack(const struct event_printer *printer, const bt_field *payload)
{
	const bt_field *calls =
		bt_field_structure_borrow_member_field_by_name_const(payload, "caller");
	uint64_t n = 0;

	if (calls && bt_field_class_type_is(bt_field_get_class_type(calls),
					    BT_FIELD_CLASS_TYPE_ARRAY))
		n = bt_field_array_get_length(calls);
	printf("<stack trace>");
	for (uint64_t i = 0; i < n; i++) {
		const bt_field *call = bt_field_array_borrow_element_field_by_index_const(calls, i);
		unsigned long long address = values_number(call);
		const char *name = symbols_find(printer->symbols, &address);

		if (name)
			printf("\n => %s", printable(name));
		else
			printf("\n => 0x%llx", address);
	}
}

/* Return: whether it was printed. */
static bool print_formatted(struct event_printer *printer, const struct kind *kind,
			    const bt_field *payload, const struct event_context *context)
{
	struct tep_record record;

	if (!record_make(&kind->shape, payload, context, &record))
		return false;
	trace_seq_reset(&printer->text);
	tep_print_event(kind->tep, &printer->text, &record, "%s", TEP_PRINT_INFO);
	trace_seq_terminate(&printer->text);
	putchar(' ');
	print_line(printer->text.buffer);
	return true;
}

static void print_text(const bt_field *payload)
{
	const char *text = values_string(payload, "buf") ? : "";
	size_t length = strlen(text);

	/* Leave out the newline at the end of a text from trace_marker. */
	if (length && text[length - 1] == '\n')
		length--;
	putchar(' ');
	print_line_of(text, length);
}

/**
 * event_printer_print - print an event
 * @printer: the printer
 * @event: the event
 * @time: its time
 */
void event_printer_print(struct event_printer *printer, const bt_event *event,
			 const bt_clock_snapshot *time)
{
	const bt_field *payload = bt_event_borrow_payload_field_const(event);
	struct kind *kind = find_kind(printer, bt_event_borrow_class_const(event));
	struct event_context context = context_of(event);

	if (!kind || !payload)
		return;
	learn_names(kind->name, payload);
	print_begin(&context, time);
	if (kind->of == KIND_STACK) {
		print_stack(printer, payload);
	} else {
		print_line(kind->name);
		putchar(':');
		if (kind->of == KIND_PRINT)
			print_text(payload);
		else if (kind->of != KIND_FORMATTED ||
			 !print_formatted(printer, kind, payload, &context))
			values_print(payload);
	}
	putchar('\n');
}

/*
 * The printer
 */

/**
 * event_printer_open - create a printer
 * @formats: path of the formats
 *
 * Return: a printer; NULL without memory.
 */
struct event_printer *event_printer_open(const char *formats)
{
	struct event_printer *printer = calloc(1, sizeof(*printer));

	if (!printer)
		return NULL;
	printer->formats = formats_open(formats);
	trace_seq_init(&printer->text);
	if (printer->formats)
		return printer;
	event_printer_close(printer);
	return NULL;
}

/**
 * event_printer_resolve - set the symbols for the kernel's addresses
 * @printer: the printer
 * @symbols: the symbols
 */
void event_printer_resolve(struct event_printer *printer, const struct symbols *symbols)
{
	printer->symbols = symbols;
}

static void say_kinds(const struct event_printer *printer, enum kind_of of, const char *why)
{
	char names[1024] = "";
	unsigned int n = 0;

	for (const struct kind *kind = printer->last; kind; kind = kind->next) {
		size_t used = strlen(names);

		if (kind->of != of || ++n > MOST_NAMED)
			continue;
		snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
			 printable(kind->name));
	}
	if (n)
		say("relayctl: %u kinds of event are printed with their fields, because %s: %s%s",
		    n, why, names, n > MOST_NAMED ? ", ..." : "");
}

/**
 * event_printer_say_missing - print which events were printed with their fields only
 * @printer: the printer
 */
void event_printer_say_missing(const struct event_printer *printer)
{
	say_kinds(printer, KIND_MISSING,
		  "their formats are not there (--formats=events/ of the kernel that traced)");
	say_kinds(printer, KIND_UNFIT,
		  "their formats are of another kernel, or not understood by libtraceevent");
}

static void free_kind(void *node)
{
	struct kind *kind = node;

	free_shape(kind);
	free(kind);
}

/**
 * event_printer_close - free a printer
 * @printer: the printer
 */
void event_printer_close(struct event_printer *printer)
{
	tdestroy(printer->kinds, free_kind);
	trace_seq_destroy(&printer->text);
	if (printer->formats)
		formats_close(printer->formats);
	threads_forget();
	free(printer);
}
