// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a machine that died, in a file. Only the needed parts are read. Only banks on
 * relayfs are mapped, because not every kernel can map /proc/vmcore.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "dump.h"
#include "uapi/linux/relay.h"

/* The magic of a compressed dump. */
#define DUMP_MAGIC	"KDUMP   "

/*
 * A flattened dump, as makedumpfile -F and QEMU write to a pipe: a header of a page, then
 * pieces, each after its offset in the dump and its size, in big-endian order.
 */
#define FLAT_MAGIC	"makedumpfile\0\0\0\0"
#define FLAT_HEADER	4096

struct flat_piece {
	uint64_t	offset;
	uint64_t	size;
	char		data[sizeof(DUMP_MAGIC) - 1];
};

static int raw_open(struct image *image)
{
	image->segment = malloc(sizeof(*image->segment));
	if (!image->segment)
		return -ENOMEM;
	*image->segment = (struct image_segment) { .size = image->size };
	image->n_segments = 1;
	return 0;
}

static bool is_dump(const char *data)
{
	return !memcmp(data, DUMP_MAGIC, sizeof(DUMP_MAGIC) - 1);
}

/* Return: the error for a flattened dump, whose first piece has the magic; or 0. */
static int check_format(const struct image *image, const char *magic)
{
	struct flat_piece piece = { .offset = 1 };

	if (memcmp(magic, FLAT_MAGIC, sizeof(FLAT_MAGIC) - 1))
		return 0;
	if (pread(image->fd, &piece, sizeof(piece), FLAT_HEADER) < 0)
		return -errno;
	return !piece.offset && is_dump(piece.data) ? IMAGE_FLAT_COMPRESSED : IMAGE_FLAT;
}

static int image_begin(struct image *image)
{
	off_t size = lseek(image->fd, 0, SEEK_END);
	char magic[sizeof(FLAT_MAGIC) - 1] = "";
	struct statfs fs;
	int err;

	if (size < 0 || pread(image->fd, magic, sizeof(magic), 0) < 0)
		return -errno;
	err = check_format(image, magic);
	if (err)
		return err;
	image->size = size;
	image->mappable = !fstatfs(image->fd, &fs) && fs.f_type == RELAYFS_MAGIC;
	image->elf = is_dump(magic) || !memcmp(magic, ELFMAG, SELFMAG);
	if (is_dump(magic))
		return dump_open(image);
	return image->elf ? vmcore_open(image) : raw_open(image);
}

/**
 * image_open - open a vmcore, or an image of memory
 * @image: filled in
 * @path: its file
 *
 * Return: 0 or an error; -EBADMSG for a damaged vmcore; IMAGE_COMPRESSED, IMAGE_FLAT or
 * IMAGE_FLAT_COMPRESSED for a format that cannot be read.
 */
int image_open(struct image *image, const char *path)
{
	int err;

	*image = (struct image) { .path = path };
	image->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (image->fd < 0)
		return -errno;
	err = image_begin(image);
	if (err)
		image_close(image);
	return err;
}

/**
 * image_close - close an image
 * @image: the image
 */
void image_close(struct image *image)
{
	free(image->segment);
	dump_close(image);
	close(image->fd);
}

/* If a page cannot be read, skip it. */
#define IMAGE_PAGE	4096

/* Read at most this much with one call. */
#define IMAGE_PIECE	(16 * IMAGE_PAGE)

/*
 * @to is zero already. Do not write zeroes to it, so that the pages of an unused part of a
 * bank are not allocated.
 */
static void copy_used(char *to, const char *from, size_t size)
{
	static const char zeroes[IMAGE_PAGE];

	while (size) {
		size_t piece = size < sizeof(zeroes) ? size : sizeof(zeroes);

		if (memcmp(from, zeroes, piece))
			memcpy(to, from, piece);
		to += piece;
		from += piece;
		size -= piece;
	}
}

/*
 * Pages that cannot be read stay zero, and are counted in @bad.
 *
 * Return: bytes that were read or skipped, all of them unless the file ends; or an error.
 */
static ssize_t read_at(const struct image *image, char *to, size_t size, uint64_t offset,
		       size_t *bad)
{
	char piece[IMAGE_PIECE];
	size_t done = 0;

	while (done < size) {
		size_t left = size - done < sizeof(piece) ? size - done : sizeof(piece);
		size_t page = IMAGE_PAGE - (offset + done) % IMAGE_PAGE;
		ssize_t got = image->dump ? dump_read(image, piece, left, offset + done) :
			      pread(image->fd, piece, left, offset + done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EIO && errno != EFAULT)
			return -errno;
		if (!got)
			break;
		if (got < 0) {
			got = page < left ? page : left;
			*bad += got;
		} else {
			copy_used(to + done, piece, got);
		}
		done += got;
	}
	return done;
}

/* Return: index of the first segment that ends after an address. */
static size_t find_segment(const struct image *image, uint64_t address)
{
	size_t from = 0, to = image->n_segments;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct image_segment *segment = &image->segment[middle];

		if (segment->address + segment->size > address)
			to = middle;
		else
			from = middle + 1;
	}
	return from;
}

/*
 * Read what a segment has of the @size bytes from @address on. Return: bytes that the segment
 * has, or an error.
 */
static ssize_t read_segment(const struct image *image, const struct image_segment *segment,
			    uint64_t address, void *to, size_t size)
{
	uint64_t skip = address > segment->address ? address - segment->address : 0;
	uint64_t into = segment->address > address ? segment->address - address : 0;
	uint64_t left = segment->size - skip;
	size_t bad = 0;
	ssize_t got;

	if (left > size - into)
		left = size - into;
	if (segment->zeroes)
		return left;
	got = read_at(image, (char *)to + into, left, segment->offset + skip, &bad);
	return got < 0 ? got : got - (ssize_t)bad;
}

/**
 * image_read - read memory
 * @image: the image
 * @address: its physical address
 * @to: where to; must be zero, and stays zero where the image has no memory
 * @size: number of bytes
 * @missing: set to the number of bytes that are not in the image
 *
 * Return: 0 or an error.
 */
int image_read(const struct image *image, uint64_t address, void *to, size_t size,
	       uint64_t *missing)
{
	*missing = size;
	for (size_t i = find_segment(image, address); i < image->n_segments; i++) {
		const struct image_segment *segment = &image->segment[i];
		ssize_t got;

		if (segment->address > address && segment->address - address >= size)
			break;
		got = read_segment(image, segment, address, to, size);
		if (got < 0)
			return got;
		*missing -= got;
	}
	return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/**
 * image_left_out - how many bytes of memory does the image leave out, as zeroes?
 * @image: the image
 * @address: physical address of the memory
 * @size: bytes of the memory; @address + @size must not wrap
 *
 * Return: number of bytes, without those that are missing in the image.
 */
uint64_t image_left_out(const struct image *image, uint64_t address, uint64_t size)
{
	uint64_t end = address + size, left_out = 0;

	for (size_t i = find_segment(image, address); i < image->n_segments; i++) {
		const struct image_segment *segment = &image->segment[i];
		uint64_t begin = segment->address > address ? segment->address : address;

		if (begin >= end)
			break;
		if (segment->zeroes)
			left_out += least(segment->address + segment->size, end) - begin;
	}
	return left_out;
}

/**
 * image_span - bytes from an address to the end of the last segment
 * @image: the image
 * @address: the physical address
 *
 * Return: number of bytes.
 */
uint64_t image_span(const struct image *image, uint64_t address)
{
	const struct image_segment *last;

	if (find_segment(image, address) == image->n_segments)
		return 0;
	last = &image->segment[image->n_segments - 1];
	return last->address + last->size - address;
}
