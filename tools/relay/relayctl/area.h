/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_AREA_H
#define _RELAYCTL_AREA_H

#include "image.h"
#include "parse_bank.h"

/* A scan of an image finds at most so many banks. */
#define AREA_BANKS	64

/**
 * struct area_bank - a place of a bank in an image
 * @address:	its physical address
 * @most:	bytes that it can have there
 * @verdict:	RELAY_FOUND if there is a bank
 * @head:	its header, if @verdict is RELAY_FOUND
 * @end_known:	the end of the boot in @head is known
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
 * @n_banks:	number of banks
 * @more:	a scan found more than AREA_BANKS
 */
struct area {
	struct area_bank	bank[AREA_BANKS];
	unsigned int		n_banks;
	bool			more;
};

/**
 * struct area_memory - a bank that is mapped from an image, or copied to memory
 * @mem:	its bytes
 * @mapped:	bytes that are mapped from the image; 0 if @mem is a copy
 * @image:	the image
 * @address:	physical address of the bank
 * @missing:	bytes that were not in the image, and are zero
 * @left_out:	bytes that the image leaves out, as zeroes
 * @found:	the bank, parsed
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
