// SPDX-License-Identifier: GPL-2.0
/*
 * A recording as a stream, in the format of the kernel's file "all": each sub-buffer follows a
 * header.
 */
#include <unistd.h>
#include "uapi/linux/relay.h"
#include "recorder.h"

/**
 * stream_put - write a sub-buffer to stdout
 * @mover: the mover, which has taken its data
 * @subbuf: the sub-buffer
 * @lost: records that its CPU has lost, in all
 * @missed: sub-buffers of its CPU that were missed, in all
 *
 * Return: 0, or an error, after which nothing more can be written to the stream.
 */
int stream_put(struct mover *mover, const struct relay_subbuf *subbuf,
	       uint64_t lost, uint64_t missed)
{
	struct relay_all_header header = {
		.magic		= RELAY_ALL_MAGIC,
		.header_size	= sizeof(header),
		.cpu		= subbuf->cpu,
		.missed		= missed,
		.info		= {
			.sequence	= subbuf->sequence,
			.begin_time	= subbuf->begin_time,
			.end_time	= subbuf->end_time,
			.lost		= lost,
			.used		= subbuf->used,
			.records	= subbuf->records,
		},
	};
	int err = write_all(STDOUT_FILENO, &header, sizeof(header));

	return err ? err : mover_give(mover, STDOUT_FILENO);
}
