/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compressed dumps of makedumpfile and QEMU: dump-kdump.c, or dump-none.c if the Makefile
 * finds no libkdumpfile.
 */
#ifndef _RELAYCTL_DUMP_H
#define _RELAYCTL_DUMP_H

#include <sys/types.h>
#include "image.h"

int dump_open(struct image *image);
void dump_close(struct image *image);
ssize_t dump_read(const struct image *image, void *to, size_t size, uint64_t address);

#endif /* _RELAYCTL_DUMP_H */
