// SPDX-License-Identifier: GPL-2.0
/*
 * The results of a recovery, as JSON.
 */
#include <json.h>
#include <printbuf.h>
#include <stdio.h>
#include "recovery.h"

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, *text ? json_object_new_string(text) : NULL);
}

static void add_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

/* Add an array, for add_object(). */
static struct json_object *add_array(struct json_object *object, const char *key)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(object, key, array);
	return array;
}

static struct json_object *add_object(struct json_object *array)
{
	struct json_object *object = json_object_new_object();

	json_object_array_add(array, object);
	return object;
}

static void add_verdict(struct json_object *object, enum relay_verdict verdict)
{
	if (verdict)
		add_text(object, "discarded_because", relay_verdict_text(verdict));
}

/* Print the array as json-c would, but without the memory of a json-c object for each. */
static int print_bad(struct json_object *object, struct printbuf *to, int level, int flags)
{
	const struct recovered_buffer *buffer = json_object_get_userdata(object);
	int indent = 2 * level;

	(void)flags;
	sprintbuf(to, "[");
	for (size_t i = 0; i < buffer->n_bad; i++)
		sprintbuf(to, "%s\n%*s{\n%*s\"subbuf\":%u,\n%*s\"discarded_because\":\"%s\"\n%*s}",
			  i ? "," : "", indent + 2, "", indent + 4, "", buffer->bad[i].index,
			  indent + 4, "", relay_verdict_text(buffer->bad[i].verdict),
			  indent + 2, "");
	return sprintbuf(to, "\n%*s]", indent, "");
}

static void add_bad(struct json_object *object, const struct recovered_buffer *buffer)
{
	json_object_set_serializer(add_array(object, "damaged"), print_bad, (void *)buffer, NULL);
}

static void add_buffer(struct json_object *object, const struct recovered_buffer *buffer)
{
	add_number(object, "cpu", buffer->cpu);
	add_verdict(object, buffer->verdict);
	add_number(object, "subbufs", buffer->subbufs);
	add_number(object, "records", buffer->records);
	add_number(object, "bytes", buffer->bytes);
	add_number(object, "committed", buffer->counters.committed);
	add_number(object, "overwritten", buffer->counters.overwritten);
	add_number(object, "erased", buffer->counters.erased);
	add_number(object, "discarded", buffer->counters.discarded);
	add_number(object, "lost", buffer->lost);
	add_number(object, "sealed", buffer->sealed);
	add_number(object, "unsealed", buffer->subbufs - buffer->sealed);
	add_number(object, "open", buffer->open);
	add_number(object, "read", buffer->consumed);
	add_number(object, "about_to_be_overwritten", buffer->taken);
	add_number(object, "in_doubt", buffer->doubted);
	add_number(object, "untimed_bytes", buffer->untimed);
	if (buffer->doubt)
		add_text(object, "in_doubt_because", buffer->doubt);
	add_bad(object, buffer);
}

static void add_channel(struct json_object *object,
			const struct recovered_channel *channel)
{
	struct json_object *cpus;

	add_number(object, "slot", channel->slot);
	add_verdict(object, channel->verdict);
	if (channel->verdict)
		return;
	add_text(object, "channel", channel->name);
	add_bool(object, "overwrite", channel->geometry.overwrite);
	add_bool(object, "global", channel->geometry.global);
	add_number(object, "n_subbufs", channel->geometry.n_subbufs);
	add_number(object, "subbuf_size", channel->geometry.subbuf_size);
	add_number(object, "header_size", channel->geometry.header_size);
	add_number(object, "private_size", channel->private_size);
	add_number(object, "metadata_size", channel->metadata);
	cpus = add_array(object, "cpus");
	for (unsigned int i = 0; i < channel->n_buffers; i++)
		add_buffer(add_object(cpus), &channel->buffer[i]);
}

static void add_facts(struct json_object *object, const struct recovered_boot *boot)
{
	add_number(object, "generation", boot->generation);
	add_text(object, "release", boot->release);
	add_text(object, "version", boot->version);
	add_text(object, "machine", boot->machine);
	add_number(object, "n_cpus", boot->n_cpus);
	add_number(object, "boot_time", boot->boot_time);
	add_number(object, "end_time", boot->end_time);
	add_text(object, "end", boot->end);
}

static void add_boot(struct json_object *object, const struct recovered_boot *boot)
{
	struct json_object *channels;

	add_number(object, "bank", boot->number);
	add_number(object, "address", boot->address);
	add_bool(object, "released", boot->released);
	add_number(object, "missing_bytes", boot->missing);
	add_number(object, "left_out_bytes", boot->left_out);
	add_verdict(object, boot->verdict);
	if (boot->verdict)
		return;
	add_facts(object, boot);
	add_bool(object, "recovered", boot->recovered);
	if (boot->failed)
		add_text(object, "failed_because", relay_strerror(boot->failed));
	channels = add_array(object, "channels");
	for (unsigned int i = 0; i < boot->n_channels; i++)
		add_channel(add_object(channels), &boot->channel[i]);
}

/**
 * recovery_print_json - print the results as JSON
 * @recovery: the recovery
 */
void recovery_print_json(const struct recovery *recovery)
{
	struct json_object *boots = json_object_new_array();

	for (unsigned int i = 0; i < recovery->n_boots; i++)
		add_boot(add_object(boots), &recovery->boot[i]);
	puts(json_object_to_json_string_ext(boots, JSON_C_TO_STRING_PRETTY));
	json_object_put(boots);
}
