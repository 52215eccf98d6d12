/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_MOVER_H
#define _RELAYCTL_MOVER_H

#include "relayctl.h"

/**
 * struct mover - moves the data of sub-buffers into a file or a stream
 * @reader:	the reader of the sub-buffers; NULL if their data is in memory of relayctl
 * @pipe:	both ends of a pipe for spliced pages; -1 until it is needed
 * @copy:	memory for data on its way to a stream
 * @copy_size:	bytes that @copy has room for
 * @copied:	bytes in @copy
 * @piped:	bytes in @pipe, which come after those in @copy
 */
struct mover {
	struct relay_reader	*reader;
	int			pipe[2];
	unsigned char		*copy;
	size_t			copy_size;
	size_t			copied;
	size_t			piped;
};

void mover_init(struct mover *mover, struct relay_reader *reader);
void mover_close(struct mover *mover);
int mover_release(struct mover *mover, const struct relay_subbuf *subbuf);
int move_to_file(struct mover *mover, const struct relay_subbuf *subbuf, int fd,
		 uint64_t offset);
int mover_take(struct mover *mover, const struct relay_subbuf *subbuf);
int mover_give(struct mover *mover, int fd);

#endif /* _RELAYCTL_MOVER_H */
