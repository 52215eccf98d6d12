/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_RECOVER_IMAGE_H
#define _RELAYCTL_RECOVER_IMAGE_H

#include "recovery.h"

/**
 * struct recover_where - what is wanted of a file
 * @address_given: @address is
 * @address:	where the area is
 * @size:	bytes of the area; 0: not known
 * @scan:	look everywhere
 * @bank:	number of the bank; -1: the newest that is not released
 * @all:	every bank
 * @number:	what to call the first bank of the file
 * @each:	every bank has an output directory of its own
 */
struct recover_where {
	bool		address_given;
	uint64_t	address;
	uint64_t	size;
	bool		scan;
	int		bank;
	bool		all;
	unsigned int	number;
	bool		each;
};

#define LIVE_BANKS	2

/**
 * struct live_bank - a line of the status
 * @number:	which bank
 * @state:	what it is
 */
struct live_bank {
	unsigned int	number;
	char		state[16];
};

/* recover-live.c */
int read_status(const char *reserved, struct live_bank bank[LIVE_BANKS]);
bool live_is_kept(const struct live_bank *bank);
int live_release(const char *reserved, unsigned int number);
int recover_live(struct recovery *recovery, const char *reserved,
		 const struct recover_where *where);
int release_live(const struct recovery *recovery, const char *reserved);

/* recover-image.c */
int recover_image(struct recovery *recovery, const char *path,
		  const struct recover_where *where);

#endif /* _RELAYCTL_RECOVER_IMAGE_H */
