// SPDX-License-Identifier: GPL-2.0
/*
 * Packets: callbacks that write the header of a CTF packet into each sub-buffer.
 */
#include "internal.h"

static u64 ltt_packet_clock(void)
{
	return ltt_clock_read();
}

static void ltt_packet_begin(struct rchan_buf *buf, void *subbuf, u64 time)
{
	const struct ltt_trace *trace = buf->chan->private_data;
	struct ltt_packet packet = {
		.magic = LTT_CTF_MAGIC, .begin = time, .cpu = buf->cpu,
	};

	memcpy(packet.uuid, trace->uuid, sizeof(packet.uuid));
	memcpy(subbuf, &packet, sizeof(packet));
}

static void ltt_packet_end(struct rchan_buf *buf, void *subbuf,
			   const struct relay_subbuf_info *info)
{
	struct ltt_packet *packet = subbuf;

	packet->end = info->end_time;
	packet->content = (u64)info->used * BITS_PER_BYTE;
	packet->size = packet->content;
	packet->sequence = info->sequence;
	packet->discarded = info->lost;
}

const struct relay_channel_ops ltt_packet_ops = {
	.clock		= ltt_packet_clock,
	.subbuf_begin	= ltt_packet_begin,
	.subbuf_end	= ltt_packet_end,
};
