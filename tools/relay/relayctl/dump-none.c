// SPDX-License-Identifier: GPL-2.0
/*
 * Stubs for a relayctl that is built without libkdumpfile.
 */
#include "dump.h"

int dump_open(struct image *image)
{
	(void)image;
	return IMAGE_COMPRESSED;
}

void dump_close(struct image *image)
{
	(void)image;
}

ssize_t dump_read(const struct image *image, void *to, size_t size, uint64_t address)
{
	(void)image, (void)to, (void)size, (void)address;
	return 0;
}
