/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_RECOVER_IMAGE_H
#define _RELAYCTL_RECOVER_IMAGE_H

#include "recovery.h"

/**
 * struct recover_where - which banks of a file to recover
 * @address_given: @address is set
 * @address:	address of the area
 * @size:	bytes of the area; 0 if not known
 * @scan:	search the whole file
 * @bank:	number of the bank; -1 for the newest that is not released
 * @all:	recover all banks
 * @number:	number of the first bank of the file
 * @each:	each bank has its own output directory
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
 * struct live_bank - a line of the file "status"
 * @number:	number of the bank
 * @state:	its state
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
