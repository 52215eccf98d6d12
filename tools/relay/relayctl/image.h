/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_IMAGE_H
#define _RELAYCTL_IMAGE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct image_segment - memory that is in the file
 * @address:	its physical address
 * @offset:	where in the file
 * @size:	how much
 * @zeroes:	it is left out of the file, which says that it is nothing but zeroes
 */
struct image_segment {
	uint64_t	address;
	uint64_t	offset;
	uint64_t	size;
	bool		zeroes;
};

/**
 * struct image - the memory of a machine that died
 * @path:	the file
 * @fd:		the file, open
 * @size:	its size
 * @dump:	a compressed dump, as libkdumpfile reads it; NULL: it is none
 * @page_size:	bytes of its pages
 * @elf:	it is a vmcore, compressed or not; otherwise the memory and nothing else
 * @mappable:	it is memory that a kernel shows, which can always be mapped
 * @segment:	what is in it, by address; none meets another
 * @n_segments:	how many
 * @area:	where the kernel that died said its reserved area is
 * @area_size:	bytes of that; 0: it did not say
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

/* Errors of image_open(): what a file is that cannot be read as it is. */
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
