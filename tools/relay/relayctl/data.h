/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_DATA_H
#define _RELAYCTL_DATA_H

#include "compress.h"
#include "recording.h"

/**
 * enum data_verdict - result of the check of an entry and its data
 * @DATA_MATCHES: the check sums of the entry and of the data match
 * @DATA_UNCHECKED: the data is in the file, and has no check sum
 * @DATA_LOSSES: the entry has no data, only losses
 * @DATA_BAD_ENTRY: the entry does not match its check sum, so no field of it is used
 * @DATA_BAD_SIZE: a size is larger than a sub-buffer, or the sizes do not agree
 * @DATA_BAD_FLAGS: the entry has flags that this version does not support
 * @DATA_ABSENT: there is no file of that CPU
 * @DATA_CUT: the file ends before the end of the data
 * @DATA_MISMATCH: the data does not match its check sum
 * @DATA_BAD_FRAME: the data is not a frame of zstd of the size that the entry says
 * @DATA_UNREADABLE: the file cannot be read
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
 * @size:	its size
 */
struct data_memory {
	unsigned char	*bytes;
	size_t		size;
};

/**
 * struct data - reads the data of a recording
 * @recording:	the recording
 * @cpu:	the CPU of @fd
 * @fd:		the file that was read last, kept open because entries of a CPU mostly come
 *		together; -1 if none
 * @bytes:	the data that was read last, decompressed
 * @stored:	memory for the data as it is in the file
 * @plain:	memory for decompressed data
 * @decompressor: the decompressor; NULL until it is needed
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
