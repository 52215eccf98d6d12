// SPDX-License-Identifier: GPL-2.0
/*
 * Traces as text: libbabeltrace2 reads the streams of a trace and merges them by time,
 * libtraceevent prints each event by its format.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "convert.h"
#include "convert-text.h"
#include "formats.h"
#include "instance.h"
#include "relayctl.h"

#define KALLSYMS	"/proc/kallsyms"

/**
 * struct conversion - a trace that is printed
 * @convert:	options and arguments
 * @printer:	the printer of its events
 * @symbols:	symbols of the kernel that traced; or NULL
 * @begun:	an event was printed
 */
struct conversion {
	const struct convert	*convert;
	struct event_printer	*printer;
	struct symbols		*symbols;
	bool			begun;
};

/*
 * Messages
 */

static const char *environment(const bt_trace *trace, const char *name)
{
	const bt_value *value =
		bt_trace_borrow_environment_entry_value_by_name_const(trace, name);

	return value && bt_value_is_string(value) ? bt_value_string_get(value) : NULL;
}

/* Load the symbols of --kallsyms, or of the running kernel if the trace is of its release. */
static void load_symbols(struct conversion *conversion, const bt_trace *trace)
{
	const char *release = environment(trace, "kernel_release");
	const char *path = conversion->convert->kallsyms;
	struct utsname running;

	if (!path && release && !uname(&running) && !strcmp(release, running.release))
		path = KALLSYMS;
	if (!path)
		return;
	conversion->symbols = symbols_load(path, environment(trace, "kernel_stext"));
	event_printer_resolve(conversion->printer, conversion->symbols);
}

static void print_event(struct conversion *conversion, const bt_message *message)
{
	const bt_event *event = bt_message_event_borrow_event_const(message);
	const bt_stream *stream = bt_event_borrow_stream_const(event);
	const bt_stream_class *class = bt_stream_borrow_class_const(stream);

	if (!conversion->begun)
		load_symbols(conversion, bt_stream_borrow_trace_const(stream));
	conversion->begun = true;
	if (!bt_stream_class_borrow_default_clock_class_const(class))
		return;
	event_printer_print(conversion->printer, event,
			    bt_message_event_borrow_default_clock_snapshot_const(message));
}

/*
 * Print losses as ftrace prints lost events. The name of a stream is the path of its file.
 * @known: @n is their number
 */
static void print_lost(const bt_stream *stream, const char *what, bool known, uint64_t n)
{
	const char *name = bt_stream_get_name(stream), *cpu = name ? strrchr(name, '/') : NULL;

	if (cpu && !strncmp(cpu, "/cpu", 4))
		printf("CPU:%s ", printable(cpu + 4));
	if (known)
		printf("[LOST %llu %s]\n", (unsigned long long)n, what);
	else
		printf("[LOST %s]\n", what);
}

static void print_lost_events(const bt_message *message)
{
	uint64_t n = 0;
	bool known = bt_message_discarded_events_get_count(message, &n);

	print_lost(bt_message_discarded_events_borrow_stream_const(message), "EVENTS", known, n);
}

/* Packets that were overwritten, that another reader consumed, or that are damaged. */
static void print_lost_packets(const bt_message *message)
{
	uint64_t n = 0;
	bool known = bt_message_discarded_packets_get_count(message, &n);

	print_lost(bt_message_discarded_packets_borrow_stream_const(message), "PACKETS", known, n);
}

static bt_graph_simple_sink_component_consume_func_status
consume(bt_message_iterator *messages, void *user_data)
{
	bt_message_array_const batch;
	bt_message_iterator_next_status status;
	uint64_t n;

	status = bt_message_iterator_next(messages, &batch, &n);
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return (bt_graph_simple_sink_component_consume_func_status)status;
	for (uint64_t i = 0; i < n; i++) {
		bt_message_type type = bt_message_get_type(batch[i]);

		if (type == BT_MESSAGE_TYPE_EVENT)
			print_event(user_data, batch[i]);
		else if (type == BT_MESSAGE_TYPE_DISCARDED_EVENTS)
			print_lost_events(batch[i]);
		else if (type == BT_MESSAGE_TYPE_DISCARDED_PACKETS)
			print_lost_packets(batch[i]);
		bt_message_put_ref(batch[i]);
	}
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
}

/*
 * The graph
 */

/* Return: a plugin of babeltrace2; NULL after a message. */
static const bt_plugin *find_plugin(const char *name)
{
	const bt_plugin *plugin = NULL;

	if (bt_plugin_find(name, BT_TRUE, BT_FALSE, BT_TRUE, BT_TRUE, BT_FALSE, &plugin) ==
	    BT_PLUGIN_FIND_STATUS_OK)
		return plugin;
	say("relayctl convert: babeltrace2 has no plugin \"%s\"", name);
	return NULL;
}

static const bt_component_source *add_source(bt_graph *graph, const bt_plugin *ctf,
					     const char *trace)
{
	const bt_component_class_source *class =
		bt_plugin_borrow_source_component_class_by_name_const(ctf, "fs");
	const bt_component_source *source = NULL;
	bt_value *params = bt_value_map_create(), *inputs;

	if (class && params &&
	    !bt_value_map_insert_empty_array_entry(params, "inputs", &inputs) &&
	    !bt_value_array_append_string_element(inputs, trace))
		bt_graph_add_source_component(graph, class, "trace", params,
					      BT_LOGGING_LEVEL_NONE, &source);
	bt_value_put_ref(params);
	return source;
}

static const bt_component_filter *add_muxer(bt_graph *graph, const bt_plugin *utils)
{
	const bt_component_class_filter *class =
		bt_plugin_borrow_filter_component_class_by_name_const(utils, "muxer");
	const bt_component_filter *muxer = NULL;

	if (class)
		bt_graph_add_filter_component(graph, class, "muxer", NULL, BT_LOGGING_LEVEL_NONE,
					      &muxer);
	return muxer;
}

/* The muxer adds a free port after each connection. Return: whether all are connected. */
static bool connect_streams(bt_graph *graph, const bt_component_source *source,
			    const bt_component_filter *muxer)
{
	uint64_t n = bt_component_source_get_output_port_count(source);

	for (uint64_t i = 0; i < n; i++) {
		const bt_port_output *from =
			bt_component_source_borrow_output_port_by_index_const(source, i);
		const bt_port_input *to =
			bt_component_filter_borrow_input_port_by_index_const(muxer, i);

		if (bt_graph_connect_ports(graph, from, to, NULL))
			return false;
	}
	return true;
}

/* Build the graph: source, muxer, sink. Return: whether that succeeded. */
static bool build(bt_graph *graph, struct conversion *conversion, const bt_plugin *ctf,
		  const bt_plugin *utils)
{
	const bt_component_source *source = add_source(graph, ctf, conversion->convert->trace);
	const bt_component_filter *muxer = source ? add_muxer(graph, utils) : NULL;
	const bt_component_sink *sink;
	const bt_port_output *from;
	const bt_port_input *to;

	if (!muxer || !connect_streams(graph, source, muxer) ||
	    bt_graph_add_simple_sink_component(graph, "text", NULL, consume, NULL, conversion,
					       &sink))
		return false;
	from = bt_component_filter_borrow_output_port_by_index_const(muxer, 0);
	to = bt_component_sink_borrow_input_port_by_index_const(sink, 0);
	return !bt_graph_connect_ports(graph, from, to, NULL);
}

/* Print the first cause, which led to the others, without the addresses at its end. */
static void say_error(const char *trace)
{
	const bt_error *error = bt_current_thread_take_error();
	const char *cause = "it cannot be read", *end;

	if (error && bt_error_get_cause_count(error))
		cause = bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0));
	end = strstr(cause, ": msg-it-addr=");
	say("relayctl: %s: babeltrace2: %.*s", trace,
	    (int)(end ? end - cause : (long)strlen(cause)), cause);
	if (error)
		bt_error_release(error);
}

/* Return: an exit code. */
static int run(struct conversion *conversion, const bt_plugin *ctf, const bt_plugin *utils)
{
	bt_graph *graph = bt_graph_create(0);
	int code = EXIT_OK;

	if (!graph || !build(graph, conversion, ctf, utils) ||
	    bt_graph_run(graph) != BT_GRAPH_RUN_STATUS_OK) {
		flush_stdout();
		say_error(conversion->convert->trace);
		say("relayctl: babeltrace2 %s says more", conversion->convert->trace);
		code = conversion->begun ? EXIT_NOT_STORED : EXIT_FAILED;
	}
	event_printer_say_missing(conversion->printer);
	bt_graph_put_ref(graph);
	return code;
}

static int run_with_plugins(struct conversion *conversion)
{
	const bt_plugin *ctf = find_plugin("ctf");
	const bt_plugin *utils = ctf ? find_plugin("utils") : NULL;
	int code = utils ? run(conversion, ctf, utils) : EXIT_FAILED;

	bt_plugin_put_ref(utils);
	bt_plugin_put_ref(ctf);
	return code;
}

/**
 * convert_text - print a trace
 * @convert: options and arguments
 *
 * Return: an exit code; an error was printed.
 */
int convert_text(const struct convert *convert)
{
	struct conversion conversion = { .convert = convert };
	char formats[PATH_MAX];
	int code;

	snprintf(formats, sizeof(formats), "%s/%s", convert->trace, FORMATS_NAME);
	if (convert->formats || access(formats, F_OK))
		snprintf(formats, sizeof(formats), "%s", convert->formats ? : TRACEFS "/events");
	conversion.printer = event_printer_open(formats);
	if (!conversion.printer)
		return complain(formats, -ENOMEM);
	code = run_with_plugins(&conversion);
	event_printer_close(conversion.printer);
	symbols_free(conversion.symbols);
	return code;
}
