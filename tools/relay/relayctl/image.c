// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a machine that died, in a file: read where it is wanted, never
 * as a whole, and not mapped: /proc/vmcore cannot be, in all kernels.
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

/* What makedumpfile writes begins so, if it is not told to write ELF. */
#define DUMP_MAGIC	"KDUMP   "

/*
 * A dump that was written to a pipe: after a header of a page, pieces, each after its
 * place in the dump and its size, in big-endian order. (makedumpfile -F, and QEMU.)
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

/* Return: the error for what cannot be read as it is, or 0. The first piece is the begin. */
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
 * Return: 0 or an error; -EBADMSG for a damaged vmcore, IMAGE_COMPRESSED, IMAGE_FLAT or
 * IMAGE_FLAT_COMPRESSED for one that is written so.
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
 * image_close - the end of it
 * @image: the image
 */
void image_close(struct image *image)
{
	free(image->segment);
	dump_close(image);
	close(image->fd);
}

/* What a disk, or a machine, gives or does not give as a whole. */
#define IMAGE_PAGE	4096

/* So much is read at once. */
#define IMAGE_PIECE	(16 * IMAGE_PAGE)

/*
 * Memory that is all zero already, and a large one that was never used, has no pages: those
 * that stay zero are not written to, so that a mostly empty bank costs what is in it.
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
 * Return: bytes that were read, all unless the file ends, or an error. What cannot be
 * read is as it was, page by page, and counted in @bad.
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

/* Return: number of the first segment that reaches beyond an address. */
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
 * What a segment has of @size bytes from @address on. Return: how much of it is there, or
 * an error.
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
 * @to: where to; all zero, and what is not in the image stays so
 * @size: how much
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
 * image_left_out - how much of some memory is zero only because the file says so
 * @image: the image
 * @address: its physical address
 * @size: how much, not reaching around the end of all memory
 *
 * Return: bytes; those that are missing do not count.
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
 * image_span - how far memory goes
 * @image: the image
 * @address: from where
 *
 * Return: bytes to the end of the last that is there.
 */
uint64_t image_span(const struct image *image, uint64_t address)
{
	const struct image_segment *last;

	if (find_segment(image, address) == image->n_segments)
		return 0;
	last = &image->segment[image->n_segments - 1];
	return last->address + last->size - address;
}
