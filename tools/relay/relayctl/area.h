/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_AREA_H
#define _RELAYCTL_AREA_H

#include "image.h"
#include "parse_bank.h"

/* More banks than this are not looked for in an image. */
#define AREA_BANKS	64

/**
 * struct area_bank - where a bank is, or should be
 * @address:	its physical address
 * @most:	bytes that it can have there
 * @verdict:	is there one?
 * @head:	its header, if there is
 * @end_known:	the end in that is known
 */
struct area_bank {
	uint64_t		address;
	uint64_t		most;
	enum relay_verdict	verdict;
	struct relay_bank	head;
	bool			end_known;
};

/**
 * struct area - the banks of an image
 * @bank:	the banks
 * @n_banks:	how many
 * @more:	a scan found more than there is room for
 */
struct area {
	struct area_bank	bank[AREA_BANKS];
	unsigned int		n_banks;
	bool			more;
};

/**
 * struct area_memory - a bank that is in our memory
 * @mem:	its bytes
 * @mapped:	they are the image's own, of so many bytes; 0: they are a copy
 * @image:	where it is from
 * @address:	its physical address there
 * @missing:	how many were not in the image, and are zero
 * @left_out:	how many the image leaves out, as zeroes
 * @found:	what it is
 */
struct area_memory {
	void			*mem;
	size_t			mapped;
	const struct image	*image;
	uint64_t		address;
	uint64_t		missing;
	uint64_t		left_out;
	struct relay_found_bank	found;
};

int area_at(struct area *area, const struct image *image, uint64_t address,
	    uint64_t size);
int area_from(struct area *area, const struct image *image, uint64_t address);
int area_file(struct area *area, const struct image *image);
int area_scan(struct area *area, const struct image *image);
int area_load(struct area_memory *memory, const struct image *image,
	      const struct area_bank *bank);
uint64_t area_left_out(const struct area_memory *memory, const void *at, uint64_t size);
void area_unload(struct area_memory *memory);

#endif /* _RELAYCTL_AREA_H */
