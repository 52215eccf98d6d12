/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_DATA_H
#define _RELAYCTL_DATA_H

#include "compress.h"
#include "recording.h"

/**
 * enum data_verdict - what is known of an entry, and of its data
 * @DATA_MATCHES: both have a check sum that fits
 * @DATA_UNCHECKED: the data is there, and has no check sum
 * @DATA_LOSSES: the entry has no data, only losses
 * @DATA_BAD_ENTRY: the entry's own check sum does not fit: nothing in it can be believed
 * @DATA_BAD_SIZE: it says more than a sub-buffer has
 * @DATA_BAD_FLAGS: it says something that this version does not know
 * @DATA_ABSENT: there is no file of that CPU
 * @DATA_CUT: the file ends before the end of the data
 * @DATA_MISMATCH: the check sum of the data does not fit
 * @DATA_BAD_FRAME: the data is no frame of zstd, or not one of what the entry says
 * @DATA_UNREADABLE: the disk does not give it
 */
enum data_verdict {
	DATA_MATCHES,
	DATA_UNCHECKED,
	DATA_LOSSES,
	DATA_BAD_ENTRY,
	DATA_BAD_SIZE,
	DATA_BAD_FLAGS,
	DATA_ABSENT,
	DATA_CUT,
	DATA_MISMATCH,
	DATA_BAD_FRAME,
	DATA_UNREADABLE,
};

/**
 * struct data_memory - memory that grows
 * @bytes:	the memory
 * @size:	bytes of it
 */
struct data_memory {
	unsigned char	*bytes;
	size_t		size;
};

/**
 * struct data - reads the data of a recording
 * @recording:	the recording
 * @cpu:	whose file @fd is
 * @fd:		the file that was read last, because entries of a CPU mostly come
 *		together; -1: none
 * @bytes:	what was read last, as the channel's owner wrote it
 * @stored:	memory for it as it is in the file
 * @plain:	memory for it when it is decompressed
 * @decompressor: decompresses it; NULL until it is needed
 */
struct data {
	const struct recording	*recording;
	unsigned int		cpu;
	int			fd;
	const void		*bytes;
	struct data_memory	stored;
	struct data_memory	plain;
	struct decompressor	*decompressor;
};

void data_open(struct data *data, const struct recording *recording);
void data_close(struct data *data);
int data_read(struct data *data, const struct recorded *recorded);
bool data_damaged(enum data_verdict verdict);
void data_say(const struct data *data, const struct recorded *recorded,
	      enum data_verdict verdict);
void data_say_unsupported(const char *path);

#endif /* _RELAYCTL_DATA_H */
