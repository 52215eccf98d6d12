// SPDX-License-Identifier: GPL-2.0
/*
 * The reserved area in an image of memory: its banks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "area.h"

/* Banks begin at multiples of this, whatever the kernel's pages are. */
#define AREA_PAGE	4096

static int area_add(struct area *area, const struct image *image, uint64_t address,
		    uint64_t most)
{
	struct area_bank *bank = &area->bank[area->n_banks++];
	char headers[RELAY_FOUND_HEADERS] = "";
	struct relay_found_bank found;
	uint64_t missing;
	int err;

	*bank = (struct area_bank) { .address = address, .most = most };
	if (image_span(image, address) < most)
		bank->most = image_span(image, address);
	err = image_read(image, address, headers, sizeof(headers), &missing);
	if (err)
		return err;
	bank->verdict = relay_find_bank(headers, sizeof(headers), &found);
	/* There may have been a bank in the memory that is missing in the image. */
	if (bank->verdict == RELAY_NO_BANK && missing)
		bank->verdict = RELAY_TRUNCATED;
	if (bank->verdict)
		return 0;
	bank->head = found.head;
	bank->end_known = found.end_known;
	return 0;
}

/**
 * area_at - the banks of an area whose address and size are known
 * @area: filled in
 * @image: the image
 * @address: of the area
 * @size: bytes of the area, that is, of two banks
 *
 * Return: 0 or an error.
 */
int area_at(struct area *area, const struct image *image, uint64_t address,
	    uint64_t size)
{
	uint64_t half = size / 2 / RELAY_BANK_ALIGN * RELAY_BANK_ALIGN;
	int err;

	*area = (struct area) { 0 };
	err = area_add(area, image, address, half);
	return err ? err : area_add(area, image, address + half, half);
}

/**
 * area_from - the banks of an area whose size is not known
 * @area: filled in; with two banks, if the header of the first has its size
 * @image: the image
 * @address: of the area
 *
 * Return: 0 or an error.
 */
int area_from(struct area *area, const struct image *image, uint64_t address)
{
	struct area_bank *first = &area->bank[0];
	int err;

	*area = (struct area) { 0 };
	err = area_add(area, image, address, UINT64_MAX);
	if (err || first->verdict)
		return err;
	return area_add(area, image, address + first->head.size, first->head.size);
}

/**
 * area_file - the banks of a file that begins with a bank
 * @area: filled in; with no bank, if the file does not begin with one
 * @image: the file
 *
 * Return: 0 or an error.
 */
int area_file(struct area *area, const struct image *image)
{
	struct area_bank *first = &area->bank[0];
	int err;

	*area = (struct area) { 0 };
	err = area_add(area, image, 0, UINT64_MAX);
	if (err)
		return err;
	if (first->verdict == RELAY_NO_BANK || first->verdict == RELAY_TRUNCATED)
		area->n_banks = 0;
	else if (!first->verdict && image_span(image, first->head.size))
		err = area_add(area, image, first->head.size, first->head.size);
	return err;
}

/* Is it the copy of the header of the bank that was found before? */
static bool is_copy(const struct area *area, uint64_t address)
{
	return area->n_banks &&
	       area->bank[area->n_banks - 1].address + RELAY_BANK_COPY == address;
}

/*
 * Add the bank whose magic is at @address: that of its header, or of the copy if the header
 * is damaged. A magic alone is not a bank: a program that looks for the magic has it, too.
 */
static int scan_add(struct area *area, const struct image *image, uint64_t address)
{
	int err = area_add(area, image, address, UINT64_MAX);

	if (!err && area->bank[area->n_banks - 1].verdict == RELAY_BAD_CRC) {
		area->n_banks--;
		err = area_add(area, image, address - RELAY_BANK_COPY, UINT64_MAX);
		if (!err && area->bank[area->n_banks - 1].verdict)
			area->n_banks--;
	}
	return err;
}

/* Scan a segment at multiples of AREA_PAGE. */
static int scan_segment(struct area *area, const struct image *image,
			const struct image_segment *segment)
{
	char magic[sizeof(RELAY_BANK_MAGIC) - 1] = "";
	uint64_t at = -segment->address % AREA_PAGE, missing;
	int err = 0;

	for (; at < segment->size && !err && !area->more; at += AREA_PAGE) {
		uint64_t address = segment->address + at;

		err = image_read(image, address, magic, sizeof(magic), &missing);
		if (err || memcmp(magic, RELAY_BANK_MAGIC, sizeof(magic)) ||
		    is_copy(area, address))
			continue;
		area->more = area->n_banks == AREA_BANKS;
		if (!area->more)
			err = scan_add(area, image, address);
	}
	return err;
}

static int by_address(const void *a, const void *b)
{
	const struct area_bank *one = a, *other = b;

	return one->address < other->address ? -1 : one->address > other->address;
}

/**
 * area_scan - search the whole image for banks
 * @area: filled in
 * @image: the image
 *
 * Return: 0 or an error.
 */
int area_scan(struct area *area, const struct image *image)
{
	int err = 0;

	*area = (struct area) { 0 };
	for (size_t i = 0; i < image->n_segments && !err; i++)
		if (!image->segment[i].zeroes)
			err = scan_segment(area, image, &image->segment[i]);
	qsort(area->bank, area->n_banks, sizeof(*area->bank), by_address);
	return err;
}

/* Map the bank from the image, which takes no memory. Return: whether that worked. */
static bool area_map(struct area_memory *memory, size_t size)
{
	void *mem;

	if (!memory->image->mappable || !size)
		return false;
	mem = mmap(NULL, size, PROT_READ, MAP_SHARED, memory->image->fd, memory->address);
	if (mem == MAP_FAILED)
		return false;
	memory->mem = mem;
	memory->mapped = size;
	return true;
}

static int area_copy(struct area_memory *memory, size_t size)
{
	uint64_t missing;
	int err;

	memory->mem = calloc(1, size ? size : 1);
	if (!memory->mem)
		return -ENOMEM;
	err = image_read(memory->image, memory->address, memory->mem, size, &missing);
	memory->missing += err ? 0 : missing;
	return err;
}

/**
 * area_load - map a bank, or copy it to memory
 * @memory: filled in, if there is no error
 * @image: the image
 * @bank: the bank
 *
 * Return: 0 or an error; -EFBIG if the bank is larger than the address space.
 */
int area_load(struct area_memory *memory, const struct image *image,
	      const struct area_bank *bank)
{
	uint64_t size = bank->head.size < bank->most ? bank->head.size : bank->most;
	int err;

	/* On a 32-bit machine, the bank can be larger than the address space. */
	if (size != (size_t)size)
		return -EFBIG;
	*memory = (struct area_memory) {
		.image		= image,
		.address	= bank->address,
		.left_out	= image_left_out(image, bank->address, size),
		.missing	= bank->head.size - size,
	};
	err = area_map(memory, size) ? 0 : area_copy(memory, size);
	if (!err && relay_find_bank(memory->mem, size, &memory->found))
		err = -EBADMSG;
	if (err)
		area_unload(memory);
	return err;
}

/**
 * area_left_out - how many bytes of a bank does the image leave out, as zeroes?
 * @memory: the bank
 * @at: first byte, in @memory->mem
 * @size: number of bytes
 *
 * Return: bytes.
 */
uint64_t area_left_out(const struct area_memory *memory, const void *at, uint64_t size)
{
	uint64_t offset = (const char *)at - (const char *)memory->mem;

	return image_left_out(memory->image, memory->address + offset, size);
}

/**
 * area_unload - undo area_load()
 * @memory: filled in by area_load()
 */
void area_unload(struct area_memory *memory)
{
	if (memory->mapped)
		munmap(memory->mem, memory->mapped);
	else
		free(memory->mem);
}
