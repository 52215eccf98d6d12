// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile recordings and streams, for libFuzzer, into the functions with which relayctl
 * cat and verify read them. It needs no corpus, because its first recordings are valid.
 *
 * An input is a struct input: a recording, or a stream. The files are in memory: the
 * linker replaces relayctl's system calls with the __wrap_ functions of this file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "compress.h"
#include "crc32c.h"
#include "data.h"
#include "stream-in.h"

/* The types that other tests get from their stand-ins for the kernel's headers. */
typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
#include "random.h"

/* Largest sub-buffer; libFuzzer reports an input for which more memory is allocated. */
#define SUBBUF_MAX	(64 << 10)

enum { INDEX_FD = 1000, DATA_FD, STREAM_FD };

/**
 * struct input - an input of the fuzzer
 * @kind:	a multiple of 4 for a stream, else a recording
 * @index_size:	bytes of the recording's index
 * @bytes:	the stream; or the index, and then the file of CPU 0
 */
struct input {
	u32	kind;
	u32	index_size;
	u8	bytes[];
};

static struct file {
	const u8	*bytes;
	size_t		size;
	size_t		at;
} files[3];

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);

/*
 * Files
 */

int __wrap_open64(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_fstat64(int fd, struct stat *stat);
ssize_t __wrap_pread64(int fd, void *to, size_t size, off_t offset);
ssize_t __wrap_read(int fd, void *to, size_t size);

int __wrap_open64(const char *path, int flags, ...)
{
	if (!strcmp(path, "recording/index"))
		return INDEX_FD;
	if (!strcmp(path, "recording/cpu0"))
		return DATA_FD;
	errno = ENOENT;
	return -1;
}

int __wrap_close(int fd)
{
	return 0;
}

int __wrap_fstat64(int fd, struct stat *stat)
{
	*stat = (struct stat) { .st_size = files[fd - INDEX_FD].size };
	return 0;
}

ssize_t __wrap_pread64(int fd, void *to, size_t size, off_t offset)
{
	const struct file *file = &files[fd - INDEX_FD];

	if (offset < 0 || (size_t)offset >= file->size)
		return 0;
	if (size > file->size - offset)
		size = file->size - offset;
	memcpy(to, file->bytes + offset, size);
	return size;
}

ssize_t __wrap_read(int fd, void *to, size_t size)
{
	struct file *file = &files[fd - INDEX_FD];
	ssize_t got = __wrap_pread64(fd, to, size, file->at);

	file->at += got;
	return got;
}

/*
 * Checks of the result
 */

static void check(bool right, const char *what)
{
	if (right)
		return;
	printf("not ok %s\n", what);
	fflush(stdout);
	abort();
}

/* Read every byte, as cat does, so that the sanitizer checks it. */
static void check_bytes(const void *bytes, size_t size)
{
	volatile const u8 *at = bytes;

	while (size--)
		(void)*at++;
}

static void check_entry(struct data *data, const struct recorded *recorded)
{
	const struct index_entry *entry = &recorded->entry;
	int verdict = data_read(data, recorded);

	check(verdict >= 0, "an error");
	if (data_damaged(verdict)) {
		data_say(data, recorded, verdict);
		return;
	}
	if (verdict == DATA_LOSSES)
		return;
	check(entry->used <= data->recording->header.subbuf_size, "more than a sub-buffer has");
	check(entry->stored <= entry->used, "it has grown");
	check(entry->offset + entry->stored <= files[1].size, "more than the file has");
	if (verdict == DATA_MATCHES)
		check(crc32c_checksum(files[1].bytes + entry->offset, entry->stored) ==
		      entry->crc, "the check sum does not fit");
	check_bytes(data->bytes, entry->used);
}

static void check_recording(void)
{
	struct recording recording;
	struct data data;

	if (!recording_open(&recording, "recording")) {
		recording_sort(&recording);
		data_open(&data, &recording);
		for (size_t i = 0; i < recording.n_entries; i++)
			check_entry(&data, &recording.entries[i]);
		data_close(&data);
	}
	recording_close(&recording);
}

static void check_stream(void)
{
	struct stream stream;

	stream_open(&stream, STREAM_FD);
	while (stream_next(&stream) > 0)
		check_bytes(stream.data, stream.header.info.used);
	check(stream.size <= 2 * files[2].size + (64 << 10), "memory for what is not there");
	stream_close(&stream);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct input *input = (const void *)data;
	size_t index_size;

	if (size < sizeof(*input))
		return 0;
	size -= sizeof(*input);
	index_size = input->index_size < size ? input->index_size : size;
	if (input->kind % 4) {
		files[0] = (struct file) { .bytes = input->bytes, .size = index_size };
		files[1] = (struct file) {
			.bytes	= input->bytes + index_size,
			.size	= size - index_size,
		};
		check_recording();
	} else {
		files[2] = (struct file) { .bytes = input->bytes, .size = size };
		check_stream();
	}
	return 0;
}

/*
 * Inputs
 */

#define ENTRIES	8
#define PLAIN_MAX	512

static struct compressor *compressor;

/* Write a sub-buffer of random kind. Return: its bytes. */
static size_t fill_data(struct random *random, u8 *to, struct index_entry *entry)
{
	static u8 plain[PLAIN_MAX];
	size_t used = random_below(random, sizeof(plain)), stored = 0;

	for (size_t i = 0; i < used; i++)
		plain[i] = random_below(random, 16) ? i / 16 : random_next(random);
	if (random_below(random, 2) && used)
		stored = compress_frame(compressor, plain, used, to, used - 1);
	if (!stored)
		memcpy(to, plain, used);
	entry->used = used;
	entry->stored = stored ? stored : used;
	entry->flags = stored ? INDEX_ZSTD | INDEX_CRC : random_below(random, 4) ? INDEX_CRC : 0;
	return entry->stored;
}

static size_t begin_recording(struct random *random, struct input *input)
{
	struct index_header *header = (void *)input->bytes;
	struct index_entry *entries = (void *)(header + 1);
	u8 *data = (u8 *)(entries + ENTRIES);
	size_t size = 0;

	memset(input, 0, sizeof(*input) + (data - input->bytes));
	*header = (struct index_header) {
		.magic		= INDEX_MAGIC,
		.version	= random_below(random, 8) ? INDEX_VERSION : 1,
		.header_size	= sizeof(*header),
		.entry_size	= sizeof(*entries),
		.subbuf_size	= PLAIN_MAX,
	};
	for (unsigned int i = 0; i < ENTRIES; i++) {
		entries[i].sequence = i;
		entries[i].begin_time = random_below(random, 100);
		entries[i].offset = size;
		size += fill_data(random, data + size, &entries[i]);
	}
	entries[ENTRIES - 1].flags |= random_below(random, 2) ? INDEX_END : 0;
	input->kind = 1;
	input->index_size = data - input->bytes;
	return data - (u8 *)input + size;
}

static size_t begin_stream(struct random *random, struct input *input)
{
	u8 *to = input->bytes;

	memset(input, 0, sizeof(*input));
	for (unsigned int i = 0; i < ENTRIES; i++) {
		struct relay_all_header header = {
			.magic		= RELAY_ALL_MAGIC,
			.header_size	= sizeof(header),
			.cpu		= i % 2,
			.info		= {
				.sequence	= i,
				.used		= random_below(random, PLAIN_MAX),
			},
		};

		memcpy(to, &header, sizeof(header));
		memset(to + sizeof(header), i, header.info.used);
		to += sizeof(header) + header.info.used;
	}
	return to - (u8 *)input;
}

/* Compute the check sums anew, so that the fuzzer reaches the code after their check. */
static void sign(u8 *data, size_t size)
{
	struct input *input = (void *)data;
	struct index_header *header = (void *)input->bytes;
	size_t index_size, data_size;
	const u8 *bytes;

	if (size < sizeof(*input) + sizeof(*header) || !(input->kind % 4))
		return;
	size -= sizeof(*input);
	index_size = input->index_size < size ? input->index_size : size;
	bytes = input->bytes + index_size;
	data_size = size - index_size;
	if (index_size < sizeof(*header))
		return;
	header->subbuf_size %= SUBBUF_MAX;
	for (size_t at = sizeof(*header); at + sizeof(struct index_entry) <= index_size;
	     at += sizeof(struct index_entry)) {
		struct index_entry entry;

		memcpy(&entry, input->bytes + at, sizeof(entry));
		if (entry.offset <= data_size && entry.stored <= data_size - entry.offset)
			entry.crc = crc32c_checksum(bytes + entry.offset, entry.stored);
		entry.entry_crc = crc32c_checksum(&entry, offsetof(struct index_entry, entry_crc));
		memcpy(input->bytes + at, &entry, sizeof(entry));
	}
}

/* Bytes of the largest input that is made from scratch. */
#define FRESH_MAX	(sizeof(struct input) + sizeof(struct index_header) + \
			 ENTRIES * (sizeof(struct index_entry) + PLAIN_MAX))

static u64 fresh[FRESH_MAX / sizeof(u64)];

static size_t begin_again(struct random *random, u8 *data, size_t size, size_t max)
{
	struct input *input = (void *)fresh;
	size_t begun = random_below(random, 4) ? begin_recording(random, input) :
						 begin_stream(random, input);

	if (begun > max)
		return size;
	memcpy(data, fresh, begun);
	return begun;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	struct random random;

	if (!compressor)
		compressor = compressor_open(1);
	random_seed(&random, seed);
	if (size < 200 || !random_below(&random, 100))
		size = begin_again(&random, data, size, max);
	else
		size = LLVMFuzzerMutate(data, size, max);
	if (random_below(&random, 8))
		sign(data, size);
	return size;
}
