// SPDX-License-Identifier: GPL-2.0
/*
 * Collect the results of a recovery.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "recovery.h"

/* Grow an array by an element. Return: the new element, zeroed; or NULL. */
static void *grow(void *array, unsigned int n, size_t size)
{
	void **to = array;
	char *more = reallocarray(*to, n + 1, size);

	if (!more)
		return NULL;
	*to = more;
	return memset(more + n * size, 0, size);
}

/**
 * recovery_add - add a boot
 * @recovery: the recovery
 *
 * Return: the boot, zeroed; or NULL without memory.
 */
struct recovered_boot *recovery_add(struct recovery *recovery)
{
	struct recovered_boot *boot = grow(&recovery->boot, recovery->n_boots,
					   sizeof(*boot));

	if (boot)
		recovery->n_boots++;
	return boot;
}

/**
 * copy_printable - copy an untrusted text, with ? for unprintable characters
 * @to: the copy
 * @size: size of @to
 * @from: the text
 */
void copy_printable(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
	for (; *to; to++)
		if (*to < ' ' || *to > '~')
			*to = '?';
}

static bool name_taken(const struct recovered_boot *boot, const char *name)
{
	for (unsigned int i = 0; i < boot->n_channels; i++)
		if (!strcmp(boot->channel[i].name, name))
			return true;
	/* The file "crash" is in the same directory as the channels. */
	return !strcmp(name, "crash");
}

/* Set a name that can be that of a directory: no "/", no dot in front, and unique. */
static void set_name(const struct recovered_boot *boot, struct recovered_channel *channel,
		     const char *name, unsigned int slot)
{
	char *at = channel->name;
	unsigned int n;

	copy_printable(at, sizeof(channel->name) - 16, *name ? name : "unnamed");
	if (*at == '.')
		*at = '_';
	while ((at = strchr(at, '/')))
		*at = '_';
	at = channel->name + strlen(channel->name);
	/* Another channel may have the name with the suffix, too. */
	for (n = slot; name_taken(boot, channel->name); n += RELAY_FOUND_CHANNELS)
		snprintf(at, 16, ".%u", n);
}

/**
 * recovery_add_channel - add a channel
 * @boot: its boot
 * @name: its name, untrusted
 * @slot: its index in the bank's table
 *
 * Return: the channel, or NULL without memory.
 */
struct recovered_channel *recovery_add_channel(struct recovered_boot *boot,
					       const char *name, unsigned int slot)
{
	struct recovered_channel *channel = grow(&boot->channel, boot->n_channels,
						 sizeof(*channel));

	if (!channel)
		return NULL;
	set_name(boot, channel, name, slot);
	channel->slot = slot;
	boot->n_channels++;
	return channel;
}

/**
 * recovery_add_buffer - add the buffer of a CPU
 * @channel: its channel
 * @cpu: the CPU
 *
 * Return: the buffer, or NULL without memory.
 */
struct recovered_buffer *recovery_add_buffer(struct recovered_channel *channel,
					     unsigned int cpu)
{
	struct recovered_buffer *buffer = grow(&channel->buffer, channel->n_buffers,
					       sizeof(*buffer));

	if (!buffer)
		return NULL;
	buffer->cpu = cpu;
	channel->n_buffers++;
	return buffer;
}

/**
 * recovery_add_bad - add a sub-buffer that is discarded
 * @buffer: its buffer
 * @index: its index
 * @verdict: why it is discarded
 *
 * Return: 0 or an error.
 */
int recovery_add_bad(struct recovered_buffer *buffer, uint32_t index,
		     enum relay_verdict verdict)
{
	size_t n = buffer->n_bad;

	/* There can be many: double the memory when it is full. */
	if (!(n & (n - 1))) {
		void *more = reallocarray(buffer->bad, n ? 2 * n : 1, sizeof(*buffer->bad));

		if (!more)
			return -ENOMEM;
		buffer->bad = more;
	}
	buffer->bad[buffer->n_bad++] = (struct recovered_bad) { index, verdict };
	return 0;
}

/**
 * recovery_stored - note the result of storing something
 * @recovery: the recovery, which keeps the first error
 * @err: 0 or an error
 */
void recovery_stored(struct recovery *recovery, int err)
{
	if (!recovery->stored)
		recovery->stored = err;
}

/**
 * recovery_stored_subbuf - note the result of storing a sub-buffer
 * @recovery: the recovery
 * @records: records in it
 * @err: 0 or an error
 */
void recovery_stored_subbuf(struct recovery *recovery, uint32_t records, int err)
{
	recovery_stored(recovery, err);
	recovery->unstored += !!err;
	recovery->unstored_records += err ? records : 0;
}

static uint64_t buffer_damaged(const struct recovered_buffer *buffer)
{
	return buffer->n_bad + buffer->doubted + buffer->untimed + !!buffer->doubt +
	       !!buffer->verdict;
}

static uint64_t channel_damaged(const struct recovered_channel *channel)
{
	uint64_t n = !!channel->verdict;

	for (unsigned int i = 0; i < channel->n_buffers; i++)
		n += buffer_damaged(&channel->buffer[i]);
	return n;
}

/**
 * recovery_damaged - is something damaged, in doubt or missing?
 * @boot: the boot
 *
 * Return: 0 if not; else the sum of such sub-buffers, buffers, channels, headers and bytes.
 */
uint64_t recovery_damaged(const struct recovered_boot *boot)
{
	bool header = boot->verdict && boot->verdict != RELAY_NO_BANK;
	uint64_t n = header + boot->missing;

	for (unsigned int i = 0; i < boot->n_channels; i++)
		n += channel_damaged(&boot->channel[i]);
	return n;
}

static void free_channel(struct recovered_channel *channel)
{
	for (unsigned int i = 0; i < channel->n_buffers; i++)
		free(channel->buffer[i].bad);
	free(channel->buffer);
}

/**
 * recovery_free - free the results of a recovery
 * @recovery: the recovery
 */
void recovery_free(struct recovery *recovery)
{
	for (unsigned int i = 0; i < recovery->n_boots; i++) {
		struct recovered_boot *boot = &recovery->boot[i];

		for (unsigned int j = 0; j < boot->n_channels; j++)
			free_channel(&boot->channel[j]);
		free(boot->channel);
	}
	free(recovery->boot);
}
