/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_IMAGE_H
#define _RELAYCTL_IMAGE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct image_segment - a segment of memory in an image
 * @address:	its physical address
 * @offset:	its offset in the file
 * @size:	its bytes
 * @zeroes:	the file leaves it out, because it is all zeroes
 */
struct image_segment {
	uint64_t	address;
	uint64_t	offset;
	uint64_t	size;
	bool		zeroes;
};

/**
 * struct image - the memory of a machine that died
 * @path:	path of the file
 * @fd:		descriptor of the file
 * @size:	size of the file
 * @dump:	context of libkdumpfile for a compressed dump; else NULL
 * @page_size:	page size of a compressed dump
 * @elf:	the file is a vmcore, compressed or not; else it is a raw image of memory
 * @mappable:	the file is on relayfs, so that it can be mapped
 * @segment:	its segments, by address; they do not overlap
 * @n_segments:	number of segments
 * @area:	address of the reserved area, from VMCOREINFO
 * @area_size:	bytes of the reserved area; 0 if not known
 */
struct image {
	const char		*path;
	int			fd;
	uint64_t		size;
	struct _kdump_ctx	*dump;
	uint64_t		page_size;
	bool			elf;
	bool			mappable;
	struct image_segment	*segment;
	size_t			n_segments;
	uint64_t		area;
	uint64_t		area_size;
};

/* Errors of image_open(): formats that cannot be read. */
#define IMAGE_COMPRESSED	(-ENOTSUP)
#define IMAGE_FLAT		(-EPROTO)
#define IMAGE_FLAT_COMPRESSED	(-EPROTONOSUPPORT)

int image_open(struct image *image, const char *path);
void image_close(struct image *image);
int image_read(const struct image *image, uint64_t address, void *to, size_t size,
	       uint64_t *missing);
uint64_t image_left_out(const struct image *image, uint64_t address, uint64_t size);
uint64_t image_span(const struct image *image, uint64_t address);

/* vmcore.c */
void vmcore_read_area(struct image *image, const char *text);
int vmcore_open(struct image *image);
bool vmcore_reason(const char *path, char *reason, size_t size);

#endif /* _RELAYCTL_IMAGE_H */
