// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <linux/types.h>
#include "crc32c.h"
#include "hostile.h"
#include "parse_bank.h"

unsigned long crc32c_bytes;

/* Work of a recovery, and its result. */
struct work {
	size_t size;
	unsigned long looks;		/* at sub-buffers */
	unsigned long found;
	unsigned long sum;
};

static void wrong(const char *what, unsigned long a, unsigned long b)
{
	printf("not ok hostile banks\n# %s: %lu, %lu\n", what, a, b);
	fflush(stdout);
	abort();
}

static void read_all(struct work *work, const void *data, u64 size)
{
	const u8 *byte = data;

	while (size--)
		work->sum += *byte++;
}

static void check_subbuf(struct work *work, const struct relay_found_buffer *buf,
			 const struct relay_found_subbuf *sub)
{
	u32 end = 0, i;

	if (sub->n_extents > RELAY_FOUND_EXTENTS || !sub->n_extents)
		wrong("extents", sub->n_extents, 0);
	for (i = 0; i < sub->n_extents; i++) {
		if (sub->extent[i].begin < end || sub->extent[i].end < sub->extent[i].begin)
			wrong("extents out of order", sub->extent[i].begin, end);
		end = sub->extent[i].end;
	}
	if (end != sub->info.used || end > buf->chan->head.subbuf_size)
		wrong("beyond its sub-buffer", end, sub->info.used);
	read_all(work, sub->data, sub->info.used);
	work->sum += relay_found_behind(buf, sub->info.sequence);
	work->found++;
}

static void check_buffer(struct work *work, const struct relay_found_buffer *buf)
{
	struct relay_counters counters = { 0 };
	struct relay_found_subbuf sub;
	enum relay_verdict verdict;
	u32 i;

	relay_find_counters(buf, &counters);
	work->sum += counters.committed;
	for (i = 0; i < buf->chan->head.n_subbufs; i++) {
		work->looks++;
		verdict = relay_find_subbuf(buf, i, &sub);
		if (verdict == RELAY_FOUND)
			check_subbuf(work, buf, &sub);
		else
			work->sum += *relay_verdict_text(verdict);
	}
}

static void check_channel(struct work *work, const struct relay_found_channel *chan)
{
	struct relay_found_buffer buf;
	__u64 size;
	const void *private = relay_find_private(chan, &size);
	u32 cpu;

	if (private)
		read_all(work, private, size);
	for (cpu = 0; cpu < chan->head.n_buffers; cpu++)
		if (relay_find_buffer(chan, cpu, &buf) == RELAY_FOUND)
			check_buffer(work, &buf);
}

/* Least bytes of a sub-buffer's control: 7 words of 4 bytes, and two times. */
#define LEAST_PER_SUBBUF	44

static void check_work(const struct work *work, u32 n_channels)
{
	unsigned long table = n_channels * (n_channels + 1) / 2 *
			      sizeof(struct relay_bank_channel);
	unsigned long bytes = 4 * sizeof(struct relay_bank) + table + work->size +
			      work->looks * sizeof(struct relay_subbuf_info);

	if (work->looks > work->size / LEAST_PER_SUBBUF)
		wrong("looks at sub-buffers", work->looks, work->size);
	if (crc32c_bytes > bytes)
		wrong("bytes that were checked", crc32c_bytes, bytes);
}

unsigned long hostile_check(const void *mem, size_t size)
{
	struct work work = { .size = size };
	struct relay_found_channel chan;
	struct relay_found_bank bank;
	u32 slot;

	crc32c_bytes = 0;
	if (relay_find_bank(mem, size, &bank))
		return 0;
	work.sum += bank.end_known;
	for (slot = 0; slot < bank.head.n_channels; slot++)
		if (relay_find_channel(&bank, slot, &chan) == RELAY_FOUND)
			check_channel(&work, &chan);
	check_work(&work, bank.head.n_channels);
	/* Use the sum, so that the compiler does not drop the reads. */
	return work.found + (work.sum == 1);
}
