// SPDX-License-Identifier: GPL-2.0
/*
 * Markers: a marker's format defines the fields of its trace event, and the marker's arguments
 * fill them.
 */
#include <linux/ctype.h>
#include <linux/ltt_mark.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/trace_seq.h>
#include <linux/unaligned.h>

/* Bytes of a string, or of %*ph, that are recorded at most. */
#define LTT_MARK_DYNAMIC	1024
#define LTT_MARK_FIELDS		12

enum ltt_mark_kind { LTT_MARK_INTEGER, LTT_MARK_STRING, LTT_MARK_BYTES };

/**
 * struct ltt_mark_field - a field
 * @name:	its name
 * @type:	its type, as ftrace shows it
 * @conversion:	printf() conversion of an integer in the print_fmt
 * @kind:	integer, string, bytes
 * @size:	its bytes in the fixed part
 * @offset:	bytes from the start of the entry
 * @is_signed:	an integer is signed
 */
struct ltt_mark_field {
	const char		*name;
	const char		*type;
	const char		*conversion;
	enum ltt_mark_kind	kind;
	unsigned int		size;
	unsigned int		offset;
	bool			is_signed;
};

/**
 * struct ltt_mark_fields - the fields parsed from a marker's format
 * @n:		number of fields
 * @fixed:	bytes of the entry before its dynamic parts
 * @field:	the fields
 * @text:	the format, with a 0 after each name; then the print_fmt
 */
struct ltt_mark_fields {
	unsigned int		n;
	unsigned int		fixed;
	struct ltt_mark_field	field[LTT_MARK_FIELDS];
	char			text[];
};

/**
 * struct ltt_mark_file - an instance that has enabled a marker
 * @list:	entry in &ltt_mark.files
 * @file:	the event in the instance
 */
struct ltt_mark_file {
	struct list_head	list;
	struct trace_event_file	*file;
};

/*
 * Formats
 */

static const struct ltt_mark_field ltt_mark_integers[] = {
	{ .type = "signed char", .conversion = "%d", .size = 1, .is_signed = true },
	{ .type = "short", .conversion = "%d", .size = 2, .is_signed = true },
	{ .type = "int", .conversion = "%d", .size = 4, .is_signed = true },
	{ .type = "s64", .conversion = "%lld", .size = 8, .is_signed = true },
	{ .type = "u8", .conversion = "%u", .size = 1 },
	{ .type = "u16", .conversion = "%u", .size = 2 },
	{ .type = "u32", .conversion = "%u", .size = 4 },
	{ .type = "u64", .conversion = "%llu", .size = 8 },
	{ .type = "u8", .conversion = "0x%x", .size = 1 },
	{ .type = "u16", .conversion = "0x%x", .size = 2 },
	{ .type = "u32", .conversion = "0x%x", .size = 4 },
	{ .type = "u64", .conversion = "0x%llx", .size = 8 },
};

/* Parse an integer conversion from its length modifier on. Return: where it ends, or NULL. */
static const char *ltt_mark_integer(const char *at, struct ltt_mark_field *field)
{
	unsigned int size = 2, kind;

	if (str_has_prefix(at, "hh"))
		size = 0;
	else if (*at == 'h')
		size = 1;
	else if (str_has_prefix(at, "ll") || (sizeof(long) == 8 && (*at == 'l' || *at == 'z')))
		size = 3;
	at += strspn(at, "hlz");
	switch (*at) {
	case 'd':
	case 'i':
		kind = 0;
		break;
	case 'u':
		kind = 1;
		break;
	case 'x':
	case 'X':
		kind = 2;
		break;
	case 'c':
		kind = 1;
		size = 0;
		break;
	default:
		return NULL;
	}
	*field = ltt_mark_integers[4 * kind + size];
	return at + 1;
}

/* Parse the conversion after a percent sign. Return: where it ends, or NULL. */
static const char *ltt_mark_conversion(const char *at, struct ltt_mark_field *field)
{
	if (*at == 's') {
		*field = (struct ltt_mark_field) {
			.type = "__data_loc char[]", .kind = LTT_MARK_STRING, .size = 4,
		};
		return at + 1;
	}
	if (str_has_prefix(at, "*ph")) {
		*field = (struct ltt_mark_field) {
			.type = "__data_loc u8[]", .kind = LTT_MARK_BYTES, .size = 4,
		};
		at += strlen("*ph");
		return at + strspn(at, "CDN");
	}
	if (*at == 'p') {
		*field = (struct ltt_mark_field) {
			.type = "void *", .conversion = sizeof(long) == 8 ? "0x%llx" : "0x%x",
			.size = sizeof(long),
		};
		for (at++; isalnum(*at); at++)
			;
		return at;
	}
	return ltt_mark_integer(at + strspn(at, "#0 -+123456789"), field);
}

/*
 * Find the field's name before @at in @text, the copy of the format, and put a 0 after it.
 * Return: the name, or NULL if there is none.
 */
static const char *ltt_mark_name(char *text, char *at)
{
	char *end = at;

	if (end - text >= 2 && !strncmp(end - 2, "0x", 2))
		end -= 2;
	while (end > text && !isalnum(end[-1]) && end[-1] != '_')
		end--;
	for (at = end; at > text && (isalnum(at[-1]) || at[-1] == '_'); at--)
		;
	*end = 0;
	return at < end && !isdigit(*at) ? at : NULL;
}

/* Return: 0, or -EINVAL for a format that a marker cannot have. */
static int ltt_mark_parse(struct ltt_mark_fields *fields, const char *format)
{
	const char *at = format, *percent;

	fields->fixed = sizeof(struct trace_entry);
	while ((percent = strchr(at, '%'))) {
		struct ltt_mark_field *field = &fields->field[fields->n];

		if (fields->n == LTT_MARK_FIELDS)
			return -EINVAL;
		at = ltt_mark_conversion(percent + 1, field);
		if (!at)
			return -EINVAL;
		field->name = ltt_mark_name(fields->text, fields->text + (percent - format));
		if (!field->name)
			return -EINVAL;
		field->offset = ALIGN(fields->fixed, field->size);
		fields->fixed = field->offset + field->size;
		fields->n++;
	}
	return 0;
}

/* Write the print_fmt: a quoted format, then an argument for each field. Return: its length. */
static size_t ltt_mark_print_fmt(const struct ltt_mark_fields *fields, char *to, size_t size)
{
	size_t used = scnprintf(to, size, "\"");

	for (unsigned int i = 0; i < fields->n; i++) {
		const struct ltt_mark_field *field = &fields->field[i];

		used += scnprintf(to + used, size - used, "%s%s=%s", i ? " " : "", field->name,
				  field->conversion ? field->conversion : "%s");
	}
	used += scnprintf(to + used, size - used, "\"");
	for (unsigned int i = 0; i < fields->n; i++) {
		static const char * const forms[] = {
			[LTT_MARK_INTEGER] = ", REC->%s",
			[LTT_MARK_STRING] = ", __get_str(%s)",
			[LTT_MARK_BYTES] =
			", __print_array(__get_dynamic_array(%s), __get_dynamic_array_len(%s), 1)",
		};
		const struct ltt_mark_field *field = &fields->field[i];

		used += scnprintf(to + used, size - used, forms[field->kind], field->name,
				  field->name);
	}
	return used;
}

/**
 * ltt_mark_init - define the fields of a marker's event
 * @call:	the event
 *
 * Context: Boot, or the load of a module.
 * Return: 0; -EINVAL for a format that a marker cannot have, -ENOMEM; or the error of
 * trace_event_raw_init().
 */
int ltt_mark_init(struct trace_event_call *call)
{
	struct ltt_mark *mark = call->data;
	/* The print_fmt has each name up to three times, and at most 80 more bytes a field. */
	size_t copy = strlen(mark->format) + 1, print = 4 * copy + 80 * LTT_MARK_FIELDS;
	struct ltt_mark_fields *fields = kzalloc_flex(*fields, text, copy + print);
	int err;

	if (!fields)
		return -ENOMEM;
	memcpy(fields->text, mark->format, copy);
	err = ltt_mark_parse(fields, mark->format);
	if (err) {
		pr_err("ltt: %s:%s: no marker's format: %s\n", call->class->system, call->name,
		       mark->format);
		kfree(fields);
		return err;
	}
	ltt_mark_print_fmt(fields, fields->text + copy, print);
	call->print_fmt = fields->text + copy;
	mark->fields = fields;
	err = trace_event_raw_init(call);
	if (err < 0) {
		mark->fields = NULL;
		kfree(fields);
	}
	return err;
}
EXPORT_SYMBOL_GPL(ltt_mark_init);

static int ltt_mark_define_fields(struct trace_event_call *call)
{
	const struct ltt_mark_fields *fields = ((struct ltt_mark *)call->data)->fields;
	int err = 0;

	for (unsigned int i = 0; !err && i < fields->n; i++) {
		const struct ltt_mark_field *field = &fields->field[i];

		err = trace_define_field(call, field->type, field->name, field->offset,
					 field->size, field->is_signed, FILTER_OTHER);
	}
	return err;
}

struct trace_event_fields ltt_mark_fields_array[] = {
	{ .type = TRACE_FUNCTION_TYPE, .define_fields = ltt_mark_define_fields },
	{ }
};
EXPORT_SYMBOL_GPL(ltt_mark_fields_array);

/*
 * Events
 */

/**
 * struct ltt_mark_argument - an argument of a marker
 * @value:	value of an integer
 * @data:	a string, or bytes
 * @size:	bytes of @data, the 0 of a string included
 */
struct ltt_mark_argument {
	u64		value;
	const void	*data;
	unsigned int	size;
};

static u64 ltt_mark_argument_integer(const struct ltt_mark_field *field, va_list *args)
{
	if (field->size == 8)
		return va_arg(*args, u64);
	/* Smaller integers are promoted to int. */
	return va_arg(*args, unsigned int);
}

static void ltt_mark_argument(struct ltt_mark_argument *argument,
			      const struct ltt_mark_field *field, va_list *args)
{
	switch (field->kind) {
	case LTT_MARK_STRING:
		argument->data = va_arg(*args, const char *) ?: "(null)";
		argument->size = strnlen(argument->data, LTT_MARK_DYNAMIC - 1) + 1;
		break;
	case LTT_MARK_BYTES:
		argument->size = clamp(va_arg(*args, int), 0, LTT_MARK_DYNAMIC);
		argument->data = va_arg(*args, const void *);
		break;
	default:
		argument->value = ltt_mark_argument_integer(field, args);
	}
}

static void ltt_mark_store_integer(void *to, unsigned int size, u64 value)
{
	switch (size) {
	case 1:
		*(u8 *)to = value;
		break;
	case 2:
		put_unaligned((u16)value, (u16 *)to);
		break;
	case 4:
		put_unaligned((u32)value, (u32 *)to);
		break;
	default:
		put_unaligned(value, (u64 *)to);
	}
}

static void ltt_mark_fill(void *entry, const struct ltt_mark_fields *fields,
			  const struct ltt_mark_argument *arguments)
{
	unsigned int used = fields->fixed;

	for (unsigned int i = 0; i < fields->n; i++) {
		const struct ltt_mark_field *field = &fields->field[i];
		const struct ltt_mark_argument *argument = &arguments[i];
		struct trace_dynamic_info info = { .offset = used, .len = argument->size };

		if (field->kind == LTT_MARK_INTEGER) {
			ltt_mark_store_integer(entry + field->offset, field->size,
					       argument->value);
			continue;
		}
		memcpy(entry + field->offset, &info, sizeof(info));
		memcpy(entry + used, argument->data, argument->size);
		used += argument->size;
		/* The string may have grown since strnlen(). */
		if (field->kind == LTT_MARK_STRING)
			*(char *)(entry + used - 1) = 0;
	}
}

/**
 * ltt_mark_event - record a marker's event in each instance that has enabled it
 * @mark:	the marker
 *
 * Context: Any, NMI included.
 */
void ltt_mark_event(struct ltt_mark *mark, ...)
{
	const struct ltt_mark_fields *fields = mark->fields;
	struct ltt_mark_argument arguments[LTT_MARK_FIELDS] = { };
	size_t size = fields->fixed;
	struct ltt_mark_file *at;
	va_list args;

	va_start(args, mark);
	for (unsigned int i = 0; i < fields->n; i++) {
		ltt_mark_argument(&arguments[i], &fields->field[i], &args);
		size += arguments[i].size;
	}
	va_end(args);

	guard(preempt_notrace)();
	list_for_each_entry_rcu(at, &mark->files, list) {
		struct trace_event_buffer fbuffer;
		void *entry;

		if (trace_trigger_soft_disabled(at->file))
			continue;
		entry = trace_event_buffer_reserve(&fbuffer, at->file, size);
		if (!entry)
			continue;
		ltt_mark_fill(entry, fields, arguments);
		trace_event_buffer_commit(&fbuffer);
	}
}
EXPORT_SYMBOL_GPL(ltt_mark_event);

static int ltt_mark_enable(struct ltt_mark *mark, struct trace_event_file *file)
{
	struct ltt_mark_file *new = kmalloc_obj(*new);

	if (!new)
		return -ENOMEM;
	new->file = file;
	list_add_tail_rcu(&new->list, &mark->files);
	static_branch_inc(&mark->key);
	return 0;
}

static int ltt_mark_disable(struct ltt_mark *mark, struct trace_event_file *file)
{
	struct ltt_mark_file *at;

	list_for_each_entry(at, &mark->files, list) {
		if (at->file != file)
			continue;
		static_branch_dec(&mark->key);
		list_del_rcu(&at->list);
		/* Wait for ltt_mark_event(), which walks the list with preemption off. */
		synchronize_rcu();
		kfree(at);
		return 0;
	}
	return -ENOENT;
}

/**
 * ltt_mark_reg - enable or disable a marker's event in an instance
 * @call:	the event
 * @type:	TRACE_REG_REGISTER or TRACE_REG_UNREGISTER
 * @data:	the event's file in the instance
 *
 * Context: Task, under event_mutex.
 * Return: 0; -ENOMEM; -ENOENT if the event is not enabled there; -EOPNOTSUPP for any other
 * @type, such as perf's.
 */
int ltt_mark_reg(struct trace_event_call *call, enum trace_reg type, void *data)
{
	switch (type) {
	case TRACE_REG_REGISTER:
		return ltt_mark_enable(call->data, data);
	case TRACE_REG_UNREGISTER:
		return ltt_mark_disable(call->data, data);
	default:
		return -EOPNOTSUPP;
	}
}
EXPORT_SYMBOL_GPL(ltt_mark_reg);

/*
 * Text, for ftrace
 */

static u64 ltt_mark_load_integer(const void *from, const struct ltt_mark_field *field)
{
	switch (field->size) {
	case 1:
		return field->is_signed ? (s64)*(s8 *)from : *(u8 *)from;
	case 2:
		return field->is_signed ? (s64)get_unaligned((s16 *)from) :
					  get_unaligned((u16 *)from);
	case 4:
		return field->is_signed ? (s64)get_unaligned((s32 *)from) :
					  get_unaligned((u32 *)from);
	default:
		return get_unaligned((u64 *)from);
	}
}

static void ltt_mark_print_field(struct trace_seq *s, const struct ltt_mark_field *field,
				 const void *entry)
{
	struct trace_dynamic_info info;
	u64 value;

	if (field->kind == LTT_MARK_INTEGER) {
		value = ltt_mark_load_integer(entry + field->offset, field);
		if (field->conversion[0] == '0')
			trace_seq_printf(s, "0x%llx", value);
		else
			trace_seq_printf(s, field->is_signed ? "%lld" : "%llu", value);
		return;
	}
	memcpy(&info, entry + field->offset, sizeof(info));
	entry += info.offset;
	if (field->kind == LTT_MARK_STRING) {
		trace_seq_printf(s, "%.*s", info.len, (const char *)entry);
		return;
	}
	trace_seq_putc(s, '{');
	for (unsigned int i = 0; i < info.len; i++)
		trace_seq_printf(s, "%s0x%x", i ? "," : "", ((const u8 *)entry)[i]);
	trace_seq_putc(s, '}');
}

static enum print_line_t ltt_mark_print(struct trace_iterator *iter, int flags,
					struct trace_event *event)
{
	const struct trace_event_call *call = container_of(event, struct trace_event_call, event);
	const struct ltt_mark_fields *fields = ((struct ltt_mark *)call->data)->fields;
	struct trace_seq *s = &iter->seq;

	trace_seq_printf(s, "%s:", call->name);
	for (unsigned int i = 0; i < fields->n; i++) {
		trace_seq_printf(s, " %s=", fields->field[i].name);
		ltt_mark_print_field(s, &fields->field[i], iter->ent);
	}
	trace_seq_putc(s, '\n');
	return trace_handle_return(s);
}

struct trace_event_functions ltt_mark_functions = {
	.trace	= ltt_mark_print,
};
EXPORT_SYMBOL_GPL(ltt_mark_functions);

#ifdef CONFIG_MODULES
/* Runs after trace_module_notify(), which removes the module's events. */
static int ltt_mark_module(struct notifier_block *self, unsigned long state, void *data)
{
	struct module *module = data;

	if (state != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	for (unsigned int i = 0; i < module->num_trace_events; i++) {
		const struct trace_event_call *call = module->trace_events[i];
		struct ltt_mark *mark = call->data;

		if (call->class->reg != ltt_mark_reg)
			continue;
		kfree(mark->fields);
		mark->fields = NULL;
	}
	return NOTIFY_OK;
}

static struct notifier_block ltt_mark_module_nb = {
	.notifier_call = ltt_mark_module,
};

static int __init ltt_mark_module_init(void)
{
	return register_module_notifier(&ltt_mark_module_nb);
}
core_initcall(ltt_mark_module_init);
#endif
