// SPDX-License-Identifier: GPL-2.0
/*
 * Read and check the data of a recording, entry by entry.
 *
 * Before memory is allocated, the sizes of an entry are checked against the size of a
 * sub-buffer and of the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "crc32c.h"
#include "data.h"

/**
 * data_open - prepare to read the data of a recording
 * @data: filled in
 * @recording: the recording; the caller keeps it until data_close()
 */
void data_open(struct data *data, const struct recording *recording)
{
	*data = (struct data) { .recording = recording, .fd = -1 };
}

/**
 * data_close - free what data_open() and data_read() allocated
 * @data: the data
 */
void data_close(struct data *data)
{
	if (data->fd >= 0)
		close(data->fd);
	free(data->stored.bytes);
	free(data->plain.bytes);
	decompressor_close(data->decompressor);
}

/* Return: 0 or an error. */
static int data_open_cpu(struct data *data, unsigned int cpu)
{
	char path[4096];

	if (data->fd >= 0 && data->cpu == cpu)
		return 0;
	if (data->fd >= 0)
		close(data->fd);
	snprintf(path, sizeof(path), "%s/cpu%u", data->recording->path, cpu);
	data->fd = open(path, O_RDONLY | O_CLOEXEC);
	data->cpu = cpu;
	return data->fd < 0 ? -errno : 0;
}

/* Grow the memory, without its contents. Return: 0 or an error. */
static int data_grow(struct data_memory *memory, size_t size)
{
	if (size <= memory->size)
		return 0;
	free(memory->bytes);
	memory->bytes = malloc(size);
	memory->size = memory->bytes ? size : 0;
	return memory->bytes ? 0 : -ENOMEM;
}

static bool data_is_there(const struct data *data, const struct index_entry *entry)
{
	struct stat stat;

	return !fstat(data->fd, &stat) && entry->offset <= (uint64_t)stat.st_size &&
	       entry->stored <= stat.st_size - entry->offset;
}

/* Return: 0 or an error; -ENODATA at the end of the file. */
static int data_read_all(const struct data *data, const struct index_entry *entry)
{
	size_t done = 0;

	while (done < entry->stored) {
		ssize_t got = pread(data->fd, data->stored.bytes + done, entry->stored - done,
				    entry->offset + done);

		if (got <= 0 && !(got && errno == EINTR))
			return got ? -errno : -ENODATA;
		done += got > 0 ? got : 0;
	}
	return 0;
}

static enum data_verdict judge_entry(const struct data *data, const struct recorded *recorded)
{
	const struct index_entry *entry = &recorded->entry;

	if (recorded->damaged)
		return DATA_BAD_ENTRY;
	if (entry->flags & INDEX_END)
		return DATA_LOSSES;
	if (entry->flags & ~(INDEX_CRC | INDEX_ZSTD))
		return DATA_BAD_FLAGS;
	if (entry->used > data->recording->header.subbuf_size ||
	    entry->stored > entry->used ||
	    (entry->stored < entry->used && !(entry->flags & INDEX_ZSTD)))
		return DATA_BAD_SIZE;
	return entry->flags & INDEX_CRC ? DATA_MATCHES : DATA_UNCHECKED;
}

/* Return: an enum data_verdict, or an error. */
static int data_read_stored(struct data *data, const struct index_entry *entry)
{
	int err = data_open_cpu(data, entry->cpu);

	if (err)
		return err == -ENOENT ? DATA_ABSENT : DATA_UNREADABLE;
	if (!data_is_there(data, entry))
		return DATA_CUT;
	err = data_grow(&data->stored, entry->stored);
	if (err)
		return err;
	err = data_read_all(data, entry);
	if (err)
		return err == -ENODATA ? DATA_CUT : DATA_UNREADABLE;
	if (!(entry->flags & INDEX_CRC))
		return DATA_UNCHECKED;
	return crc32c_checksum(data->stored.bytes, entry->stored) == entry->crc ? DATA_MATCHES :
										  DATA_MISMATCH;
}

/* Return: whether the data is a frame of the size that the entry says, or an error. */
static int data_decompress(struct data *data, const struct index_entry *entry)
{
	if (!compress_supported())
		return -EOPNOTSUPP;
	if (!frame_holds(data->stored.bytes, entry->stored, entry->used))
		return false;
	if (!data->decompressor)
		data->decompressor = decompressor_open();
	if (!data->decompressor || data_grow(&data->plain, entry->used))
		return -ENOMEM;
	data->bytes = data->plain.bytes;
	return decompress_frame(data->decompressor, data->stored.bytes, entry->stored,
				data->plain.bytes, entry->used);
}

/**
 * data_read - read and check the data of an entry
 * @data: the data; its @bytes are set
 * @recorded: the entry
 *
 * Return: an enum data_verdict; -ENOMEM; -EOPNOTSUPP if it is compressed, and relayctl was
 * built without libzstd.
 */
int data_read(struct data *data, const struct recorded *recorded)
{
	const struct index_entry *entry = &recorded->entry;
	int verdict = judge_entry(data, recorded), whole;

	if (verdict != DATA_MATCHES && verdict != DATA_UNCHECKED)
		return verdict;
	verdict = data_read_stored(data, entry);
	data->bytes = data->stored.bytes;
	if ((verdict != DATA_MATCHES && verdict != DATA_UNCHECKED) ||
	    !(entry->flags & INDEX_ZSTD))
		return verdict;
	whole = data_decompress(data, entry);
	return whole < 0 ? whole : whole ? verdict : DATA_BAD_FRAME;
}

/**
 * data_damaged - does a verdict say that the entry or its data is damaged?
 * @verdict: the verdict
 *
 * Return: whether it is.
 */
bool data_damaged(enum data_verdict verdict)
{
	return verdict >= DATA_BAD_ENTRY;
}

/**
 * data_say - print on stderr what is wrong with an entry
 * @data: the data
 * @recorded: the entry
 * @verdict: what data_read() returned
 */
void data_say(const struct data *data, const struct recorded *recorded,
	      enum data_verdict verdict)
{
	static const char *const causes[] = {
		[DATA_BAD_SIZE]		= "the index says more than a sub-buffer has",
		[DATA_BAD_FLAGS]	= "the index says what a later version of relayctl knows",
		[DATA_ABSENT]		= "the file is not there",
		[DATA_CUT]		= "the file ends before the end of it",
		[DATA_MISMATCH]		= "it does not match its check sum",
		[DATA_BAD_FRAME]	= "it is not a whole frame of zstd",
		[DATA_UNREADABLE]	= "the file cannot be read",
	};
	const struct index_entry *entry = &recorded->entry;

	if (verdict == DATA_BAD_ENTRY)
		say("%s/%s: the entry at %llu does not match its check sum",
		    data->recording->path, data->recording->index,
		    (unsigned long long)recorded->at);
	else
		say("%s/cpu%u: sub-buffer %llu, %u bytes at %llu: %s", data->recording->path,
		    entry->cpu, (unsigned long long)entry->sequence, entry->stored,
		    (unsigned long long)entry->offset, causes[verdict]);
}

/**
 * data_say_unsupported - print why data_read() returned -EOPNOTSUPP
 * @path: the recording
 */
void data_say_unsupported(const char *path)
{
	say("relayctl: %s is compressed with zstd; this relayctl was built without libzstd", path);
}
