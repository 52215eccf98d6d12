// SPDX-License-Identifier: GPL-2.0
/*
 * The results of a recovery, as text.
 */
#include <stdio.h>
#include <string.h>
#include "recovery.h"

static void print_time(const char *what, uint64_t ns)
{
	time_t seconds = ns / 1000000000;
	char text[64] = "at a time that cannot be";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	printf("  %s %s\n", what, text);
}

static void print_boot(const struct recovered_boot *boot)
{
	printf("boot generation %llu, Linux %s %s, %u CPUs%s\n",
	       (unsigned long long)boot->generation, boot->release, boot->machine,
	       boot->n_cpus, boot->released ? ", released" : "");
	print_time("recorded from", boot->boot_time);
	if (boot->end_time)
		print_time("ended", boot->end_time);
	printf("  end: %s\n", *boot->end ? boot->end : "not known");
	if (boot->missing)
		printf("  %llu bytes of it are not in the image, and taken for zeroes\n",
		       (unsigned long long)boot->missing);
	if (boot->left_out)
		printf("  %llu bytes of it the dump leaves out, as pages of zeroes\n",
		       (unsigned long long)boot->left_out);
	if (boot->failed)
		printf("  %s recovered: %s\n", boot->n_channels ? "not all of it is" : "not",
		       relay_strerror(boot->failed));
}

/* Print adjacent sub-buffers with the same verdict in one line. */
static void print_bad(const struct recovered_buffer *buffer)
{
	for (size_t i = 0, from; i < buffer->n_bad; i++) {
		const struct recovered_bad *bad = buffer->bad;

		from = i;
		while (i + 1 < buffer->n_bad && bad[i + 1].verdict == bad[i].verdict &&
		       bad[i + 1].index == bad[i].index + 1)
			i++;
		printf("  cpu %u, discarded: sub-buffer %u", buffer->cpu, bad[from].index);
		if (i > from)
			printf(" to %u", bad[i].index);
		printf(": %s\n", relay_verdict_text(bad[i].verdict));
	}
}

static void print_head(void)
{
	printf("  %-4s %11s %12s %9s", "cpu", "sub-buffers", "records", "bytes");
	printf(" %8s %8s %6s %6s", "sealed", "unsealed", "open", "read");
	printf(" %11s %8s %9s\n", "overwritten", "lost", "discarded");
}

static void print_buffer(const struct recovered_buffer *buffer)
{
	char bytes[16];

	if (buffer->verdict) {
		printf("  %-4u discarded: %s\n", buffer->cpu,
		       relay_verdict_text(buffer->verdict));
		return;
	}
	printf("  %-4u %11llu %12llu %9s", buffer->cpu,
	       (unsigned long long)buffer->subbufs, (unsigned long long)buffer->records,
	       format_bytes(buffer->bytes, bytes));
	printf(" %8llu %8llu %6llu %6llu", (unsigned long long)buffer->sealed,
	       (unsigned long long)(buffer->subbufs - buffer->sealed),
	       (unsigned long long)buffer->open, (unsigned long long)buffer->consumed);
	printf(" %11llu %8llu %9llu\n", (unsigned long long)buffer->counters.overwritten,
	       (unsigned long long)buffer->lost, (unsigned long long)buffer->counters.discarded);
}

static void print_taken(const struct recovered_buffer *buffer)
{
	if (buffer->taken)
		printf("  cpu %u: one was about to be overwritten, and may be counted so, too\n",
		       buffer->cpu);
}

static void print_doubt(const struct recovered_buffer *buffer)
{
	if (buffer->doubt)
		printf("  cpu %u, in doubt: %s\n", buffer->cpu, buffer->doubt);
	if (buffer->doubted)
		printf("  cpu %u, in doubt: %llu, a commit was under way or a bit is wrong\n",
		       buffer->cpu, (unsigned long long)buffer->doubted);
	if (buffer->untimed)
		printf("  cpu %u, left out: %llu bytes of events without a time\n",
		       buffer->cpu, (unsigned long long)buffer->untimed);
}

static void print_channel(const struct recovered_channel *channel)
{
	if (channel->verdict) {
		printf("channel %u, discarded: %s\n", channel->slot,
		       relay_verdict_text(channel->verdict));
		return;
	}
	printf("%s: %s%s%s, %u sub-buffers of %u bytes, %llu bytes private\n", channel->name,
	       channel->metadata ? "a trace, " : "",
	       channel->geometry.overwrite ? "overwrite" : "no-overwrite",
	       channel->geometry.global ? ", one buffer for all CPUs" : "",
	       channel->geometry.n_subbufs, channel->geometry.subbuf_size,
	       (unsigned long long)channel->private_size);
	print_head();
	for (unsigned int i = 0; i < channel->n_buffers; i++) {
		print_buffer(&channel->buffer[i]);
		print_taken(&channel->buffer[i]);
		print_doubt(&channel->buffer[i]);
		print_bad(&channel->buffer[i]);
	}
}

/**
 * recovery_print - print the results as text
 * @recovery: the recovery
 */
void recovery_print(const struct recovery *recovery)
{
	for (unsigned int i = 0; i < recovery->n_boots; i++) {
		const struct recovered_boot *boot = &recovery->boot[i];

		printf("bank %u at 0x%llx: ", boot->number, (unsigned long long)boot->address);
		if (boot->verdict) {
			puts(relay_verdict_text(boot->verdict));
			continue;
		}
		print_boot(boot);
		for (unsigned int j = 0; j < boot->n_channels; j++)
			print_channel(&boot->channel[j]);
	}
}
