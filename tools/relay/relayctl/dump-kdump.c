// SPDX-License-Identifier: GPL-2.0
/*
 * Compressed dumps, with libkdumpfile.
 *
 * One bitmap says which pages the machine had, another one which pages the file has.
 * makedumpfile leaves out pages by their use, which it does not know of the reserved area: of
 * that it leaves out only pages of zeroes.
 */
#include <errno.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdlib.h>
#include "dump.h"
#include "relayctl.h"

/* Kept until the process ends, because kdump_free() of 0.5.1 crashes after a refusal. */
static kdump_ctx_t *volatile refused;

/* Return: the first page from @from on that is in the map if @there, else not; or @end. */
static kdump_addr_t find_page(kdump_bmp_t *map, kdump_addr_t from, kdump_addr_t end, bool there)
{
	kdump_status status = there ? kdump_bmp_find_set(map, &from) :
				      kdump_bmp_find_clear(map, &from);

	return status == KDUMP_OK && from < end ? from : end;
}

/* Add a segment; the memory for segments doubles when it is full. Return: 0 or an error. */
static int add_pages(struct image *image, kdump_addr_t from, kdump_addr_t end, bool zeroes)
{
	size_t n = image->n_segments;
	void *more;

	if (from == end)
		return 0;
	if (!(n & (n - 1))) {
		more = reallocarray(image->segment, n ? 2 * n : 1, sizeof(*image->segment));
		if (!more)
			return -ENOMEM;
		image->segment = more;
	}
	image->segment[image->n_segments++] = (struct image_segment) {
		.address	= from * image->page_size,
		.offset		= from * image->page_size,
		.size		= (end - from) * image->page_size,
		.zeroes		= zeroes,
	};
	return 0;
}

/* Add contiguous memory: segments of pages that the file has, and of those it leaves out. */
static int add_memory(struct image *image, kdump_bmp_t *in_file, kdump_addr_t from,
		      kdump_addr_t end)
{
	kdump_addr_t stored, left_out;
	int err = 0;

	for (; from < end && !err; from = left_out) {
		stored = find_page(in_file, from, end, true);
		left_out = find_page(in_file, stored, end, false);
		err = add_pages(image, from, stored, true);
		if (!err)
			err = add_pages(image, stored, left_out, false);
	}
	return err;
}

static int add_segments(struct image *image, kdump_bmp_t *memory, kdump_bmp_t *in_file)
{
	kdump_addr_t most = UINT64_MAX / image->page_size, from, end = 0;
	int err = 0;

	while (!err) {
		from = find_page(memory, end, most, true);
		if (from == most)
			return 0;
		end = find_page(memory, from, most, false);
		err = add_memory(image, in_file, from, end);
	}
	return err;
}

static int read_maps(struct image *image)
{
	kdump_attr_t memory = { .type = KDUMP_BITMAP }, in_file = { .type = KDUMP_BITMAP };
	kdump_num_t page_size;
	int err = -EBADMSG;

	if (kdump_get_number_attr(image->dump, KDUMP_ATTR_PAGE_SIZE, &page_size) != KDUMP_OK ||
	    !page_size ||
	    kdump_get_typed_attr(image->dump, KDUMP_ATTR_FILE_PAGEMAP, &in_file) != KDUMP_OK)
		return -EBADMSG;
	image->page_size = page_size;
	if (kdump_get_typed_attr(image->dump, KDUMP_ATTR_MEMORY_PAGEMAP, &memory) == KDUMP_OK)
		err = add_segments(image, memory.val.bitmap, in_file.val.bitmap);
	return err;
}

static void read_notes(struct image *image)
{
	char *text;

	/* libkdumpfile must know that VMCOREINFO is that of Linux. */
	kdump_set_string_attr(image->dump, KDUMP_ATTR_OSTYPE, "linux");
	if (kdump_vmcoreinfo_raw(image->dump, &text) != KDUMP_OK)
		return;
	vmcore_read_area(image, text);
	free(text);
}

/**
 * dump_open - find the segments of a compressed dump
 * @image: filled in; its file is open
 *
 * Return: 0 or an error; IMAGE_COMPRESSED, after a message with the reason, if libkdumpfile
 * cannot read the dump.
 */
int dump_open(struct image *image)
{
	kdump_ctx_t *context = kdump_new();
	int err;

	if (!context)
		return -ENOMEM;
	/* Do not map: reading a mapping after the end of a truncated file raises SIGBUS. */
	kdump_set_number_attr(context, KDUMP_ATTR_FILE_MMAP_POLICY, KDUMP_MMAP_NEVER);
	if (kdump_open_fd(context, image->fd) != KDUMP_OK) {
		refused = context;
		say("relayctl: %s: %s", image->path, kdump_get_err(context));
		return IMAGE_COMPRESSED;
	}
	image->dump = context;
	err = read_maps(image);
	if (!err)
		read_notes(image);
	return err;
}

/**
 * dump_close - close a dump
 * @image: the dump
 */
void dump_close(struct image *image)
{
	if (image->dump)
		kdump_free(image->dump);
	image->dump = NULL;
}

/**
 * dump_read - read memory from a compressed dump
 * @image: the dump
 * @to: where to
 * @size: number of bytes
 * @address: its physical address
 *
 * Return: bytes that were read; -1 with errno EIO for a page that is damaged.
 */
ssize_t dump_read(const struct image *image, void *to, size_t size, uint64_t address)
{
	size_t got = size;

	if (kdump_read(image->dump, KDUMP_MACHPHYSADDR, address, to, &got) == KDUMP_OK || got)
		return got;
	errno = EIO;
	return -1;
}
