// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a recording: see format.h.
 *
 * The entry of a sub-buffer is written after its data. If the disk is full, the file is cut
 * back to its last whole sub-buffer, and the next sub-buffer tries again, because there may
 * be space then.
 *
 * A sub-buffer whose data was written gets an entry only if it could then be released.
 * Otherwise another reader or a reset may have let a writer in before the data was copied.
 *
 * The metadata of a trace are written before the data that they describe. A longer file
 * replaces the old one, so that a reader always finds complete descriptions.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "crc32c.h"
#include "part.h"

/* Reserve disk space for entries in pieces of this size. */
#define PART_RESERVE	(32 << 10)

/**
 * struct part_cpu - the data file of a CPU
 * @open:	@fd is open
 * @fd:		the file
 * @size:	bytes of the sub-buffers that have an entry
 */
struct part_cpu {
	bool		open;
	int		fd;
	uint64_t	size;
};

static int part_create(const struct part *part, const char *name)
{
	int fd = openat(part->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : fd;
}

static uint64_t part_time(const struct part_info *info)
{
	struct timespec now;

	if (info->time)
		return info->time;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void part_fill_header(struct index_header *header,
			     const struct part_info *info)
{
	const struct relay_geometry *geometry = &info->geometry;

	*header = (struct index_header) {
		.magic			= INDEX_MAGIC,
		.version		= htole32(INDEX_VERSION),
		.header_size		= htole32(sizeof(*header)),
		.entry_size		= htole32(sizeof(struct index_entry)),
		.flags			= htole32((geometry->overwrite ? INDEX_OVERWRITE : 0) |
						  (geometry->global ? INDEX_GLOBAL : 0) |
						  (info->snapshot ? INDEX_SNAPSHOT : 0)),
		.n_subbufs		= htole32(geometry->n_subbufs),
		.subbuf_size		= htole32(geometry->subbuf_size),
		.client_header_size	= htole32(geometry->header_size),
		.part			= htole32(info->number),
		.time			= htole64(part_time(info)),
	};
	snprintf(header->channel, sizeof(header->channel), "%s", info->channel);
}

/*
 * Reserve disk space for the next entries, so that data which took the last space does not
 * stay without an entry. If that fails, a write may still succeed.
 */
static void part_reserve_index(struct part *part)
{
	off_t sizes[] = { PART_RESERVE, sizeof(part->pending) };

	if (part->index_size + sizeof(part->pending) <= part->index_reserved)
		return;
	for (unsigned int i = 0; i < 2; i++)
		if (!fallocate(part->index, FALLOC_FL_KEEP_SIZE, part->index_size,
			       sizes[i])) {
			part->index_reserved = part->index_size + sizes[i];
			return;
		}
}

static int write_metadata(int fd, const struct metadata *metadata, bool sync)
{
	int err = write_all_at(fd, metadata->text, metadata->size, 0);

	return !err && sync && fdatasync(fd) ? -errno : err;
}

static void part_close_metadata(struct part *part)
{
	if (part->metadata_fd >= 0)
		close(part->metadata_fd);
	part->metadata_fd = -1;
}

/* Store new metadata, before the data that they describe. Return: 0 or an error. */
static int part_describe(struct part *part)
{
	const struct metadata *metadata = part->metadata;
	int fd, err;

	if (!metadata || metadata->size == part->described)
		return 0;
	fd = openat(part->dir, METADATA_NEW, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = write_metadata(fd, metadata, part->sync);
	if (!err && renameat(part->dir, METADATA_NEW, part->dir, METADATA_NAME))
		err = -errno;
	if (err) {
		close(fd);
		unlinkat(part->dir, METADATA_NEW, 0);
		return err;
	}
	part_close_metadata(part);
	part->metadata_fd = fd;
	part->described = metadata->size;
	part->unsynced = true;
	return 0;
}

/* Does the directory have the metadata of another trace? */
static bool part_has_metadata(const struct part *part)
{
	return !faccessat(part->dir, METADATA_NAME, F_OK, AT_SYMLINK_NOFOLLOW);
}

static int part_begin(struct part *part, const struct part_info *info)
{
	struct index_header header;
	int err;

	if (info->metadata && part_has_metadata(part))
		return -EEXIST;
	part->index = part_create(part, part->index_name);
	if (part->index < 0)
		return part->index;
	part_fill_header(&header, info);
	part->index_size = sizeof(header);
	err = write_all_at(part->index, &header, sizeof(header), 0);
	if (!err)
		err = part_describe(part);
	if (err) {
		close(part->index);
		unlinkat(part->dir, part->index_name, 0);
		part->index = -1;
		return err;
	}
	part->unsynced = true;
	part_reserve_index(part);
	return 0;
}

/**
 * part_open - begin a recording, or a part of one
 * @part: filled in
 * @path: its directory, which is created if it does not exist
 * @info: contents of its header
 *
 * Return: 0 or an error; -EEXIST if the directory has a recording.
 */
int part_open(struct part *part, const char *path, const struct part_info *info)
{
	int err = make_dir(path);

	*part = (struct part) {
		.index		= -1,
		.index_name	= info->metadata ? INDEX_NAME_CTF : INDEX_NAME,
		.compressor	= info->compressor,
		.metadata	= info->metadata,
		.metadata_fd	= -1,
		.sync		= info->sync,
	};
	if (err)
		return err;
	part->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (part->dir < 0)
		return -errno;
	err = part_begin(part, info);
	if (err)
		close(part->dir);
	return err;
}

static int part_grow(struct part *part, unsigned int n)
{
	struct part_cpu *cpus;

	if (n <= part->n_cpus)
		return 0;
	cpus = realloc(part->cpus, n * sizeof(*cpus));
	if (!cpus)
		return -ENOMEM;
	memset(cpus + part->n_cpus, 0, (n - part->n_cpus) * sizeof(*cpus));
	part->cpus = cpus;
	part->n_cpus = n;
	return 0;
}

static int part_open_cpu(struct part *part, unsigned int cpu)
{
	char name[16];
	int err = part_grow(part, cpu + 1);

	if (err || part->cpus[cpu].open)
		return err;
	snprintf(name, sizeof(name), "cpu%u", cpu);
	part->cpus[cpu].fd = part_create(part, name);
	if (part->cpus[cpu].fd < 0)
		return part->cpus[cpu].fd;
	part->cpus[cpu].open = true;
	return 0;
}

static void part_add_entry(struct part *part, const struct relay_subbuf *subbuf,
			   uint64_t offset, const struct part_data *data)
{
	struct index_entry *entry = &part->pending[part->n_pending++];

	part->unsynced = true;
	*entry = (struct index_entry) {
		.cpu		= htole32(subbuf->cpu),
		.flags		= htole32(data->flags),
		.sequence	= htole64(subbuf->sequence),
		.offset		= htole64(offset),
		.used		= htole32(subbuf->used),
		.records	= htole32(subbuf->records),
		.begin_time	= htole64(subbuf->begin_time),
		.end_time	= htole64(subbuf->end_time),
		.lost		= htole64(subbuf->lost),
		.missed		= htole64(subbuf->missed),
		.stored		= htole32(data->size),
		.crc		= htole32(data->crc),
	};
	entry->entry_crc = htole32(crc32c_checksum(entry, offsetof(struct index_entry, entry_crc)));
}

/* Allocate @size bytes for frames, if data is compressed. Return: whether there is room. */
static bool part_grow_frames(struct part *part, size_t size)
{
	if (!part->compressor)
		return false;
	if (size <= part->frames_size)
		return true;
	free(part->frames);
	part->frames = malloc(size);
	part->frames_size = part->frames ? size : 0;
	return part->frames;
}

/* Return: bytes of the frame; 0 if it would not be smaller than the data. */
static size_t part_compress(struct part *part, const struct relay_subbuf *subbuf,
			    unsigned char *frame)
{
	if (!frame || !subbuf->data || !subbuf->used)
		return 0;
	return compress_frame(part->compressor, subbuf->data, subbuf->used, frame,
			      subbuf->used - 1);
}

/*
 * Compress the data of a sub-buffer and compute its check sum, before the sub-buffer is
 * released, because after that a writer may enter it.
 *
 * @frame: room for a frame of @subbuf; NULL to store the data uncompressed
 */
static void part_prepare(struct part *part, const struct relay_subbuf *subbuf,
			 struct part_data *data, unsigned char *frame)
{
	size_t size = part_compress(part, subbuf, frame);

	*data = (struct part_data) {
		.bytes	= size ? frame : subbuf->data,
		.size	= size ? size : subbuf->used,
		.flags	= size ? INDEX_ZSTD : 0,
	};
	if (!data->bytes)
		return;
	data->flags |= INDEX_CRC;
	data->crc = crc32c_checksum(data->bytes, data->size);
}

/* part_prepare() for several sub-buffers. Without memory for frames, store uncompressed. */
static void part_prepare_ahead(struct part *part, const struct relay_subbuf *subbufs,
			       unsigned int n, struct iovec *data)
{
	size_t size = 0, done = 0;
	bool compress;

	for (unsigned int i = 0; i < n; i++)
		size += subbufs[i].used;
	compress = part_grow_frames(part, size);
	for (unsigned int i = 0; i < n; i++) {
		part_prepare(part, &subbufs[i], &part->ahead[i],
			     compress ? part->frames + done : NULL);
		data[i] = (struct iovec) { (void *)part->ahead[i].bytes, part->ahead[i].size };
		done += part->ahead[i].size;
	}
}

/*
 * Cut off data without an entry, to free its space. If that fails, the next data is written
 * over it, and a reader ignores it, because the index has no entry for it.
 */
static void part_cut_cpu(const struct part_cpu *cpu)
{
	if (ftruncate(cpu->fd, cpu->size))
		return;
}

/* Return: how many of the @n sub-buffers are complete in the first @done bytes. */
static unsigned int count_whole(const struct iovec *data, unsigned int n, ssize_t done)
{
	unsigned int whole = 0;

	while (whole < n && done >= (ssize_t)data[whole].iov_len)
		done -= data[whole++].iov_len;
	return whole;
}

/**
 * part_write_ahead - write the data of several sub-buffers with one call
 * @part: the part
 * @subbufs: sub-buffers of one CPU, with data
 * @n: number of @subbufs, at most PART_AHEAD
 *
 * The caller then releases the written sub-buffers, and calls part_enter() for each, in
 * order; or part_drop_ahead().
 *
 * Return: how many, from the first on, are written and have room for their entries;
 * part_put() finds the error of the next.
 */
unsigned int part_write_ahead(struct part *part, const struct relay_subbuf *subbufs,
			      unsigned int n)
{
	struct iovec data[PART_AHEAD];
	const struct part_cpu *cpu;
	unsigned int whole;

	if (part->n_pending + n > PART_PENDING && part_flush(part))
		return 0;
	if (part_describe(part) || part_open_cpu(part, subbufs->cpu))
		return 0;
	part_prepare_ahead(part, subbufs, n, data);
	cpu = &part->cpus[subbufs->cpu];
	whole = count_whole(data, n, pwritev(cpu->fd, data, n, cpu->size));
	if (!whole)
		part_cut_cpu(cpu);
	return whole;
}

static void part_enter_data(struct part *part, const struct relay_subbuf *subbuf,
			    const struct part_data *data)
{
	struct part_cpu *cpu = &part->cpus[subbuf->cpu];

	part_add_entry(part, subbuf, cpu->size, data);
	cpu->size += data->size;
	part->bytes += data->size;
}

/**
 * part_enter - add the entry of a sub-buffer whose data was written ahead
 * @part: the part
 * @subbuf: the sub-buffer
 * @ahead: its index among those that part_write_ahead() has written
 */
void part_enter(struct part *part, const struct relay_subbuf *subbuf, unsigned int ahead)
{
	part_enter_data(part, subbuf, &part->ahead[ahead]);
}

/**
 * part_drop_ahead - drop the data that part_write_ahead() wrote
 * @part: the part
 * @cpu: the CPU
 */
void part_drop_ahead(struct part *part, unsigned int cpu)
{
	part_cut_cpu(&part->cpus[cpu]);
}

static int part_store(struct part *part, struct mover *mover,
		      const struct relay_subbuf *subbuf)
{
	const struct part_cpu *cpu = &part->cpus[subbuf->cpu];
	struct relay_subbuf stored = *subbuf;
	struct part_data data;
	bool compress = part_grow_frames(part, subbuf->used);
	int err;

	part_prepare(part, subbuf, &data, compress ? part->frames : NULL);
	stored.data = data.bytes;
	stored.used = data.size;
	err = move_to_file(mover, &stored, cpu->fd, cpu->size);
	if (err)
		part_cut_cpu(cpu);
	else
		part_enter_data(part, subbuf, &data);
	return err;
}

/**
 * part_put - store a sub-buffer
 * @part: the part
 * @mover: writes or splices the data
 * @subbuf: the sub-buffer, which is released in any case
 *
 * Return: 0, or why it is not stored; -ESTALE if it was gone before its data was copied.
 */
int part_put(struct part *part, struct mover *mover,
	     const struct relay_subbuf *subbuf)
{
	int err = 0;

	/* Without room for an entry, do not write the data. */
	if (part->n_pending == PART_PENDING)
		err = part_flush(part);
	if (!err)
		err = part_describe(part);
	if (!err)
		err = part_open_cpu(part, subbuf->cpu);
	if (!err)
		return part_store(part, mover, subbuf);
	mover_release(mover, subbuf);
	return err;
}

/**
 * part_put_memory - store a sub-buffer whose data is in memory of relayctl
 * @part: the part
 * @subbuf: the sub-buffer
 *
 * Return: 0, or why it is not stored.
 */
int part_put_memory(struct part *part, const struct relay_subbuf *subbuf)
{
	struct mover mover;
	int err;

	mover_init(&mover, NULL);
	err = part_put(part, &mover, subbuf);
	mover_close(&mover);
	return err;
}

/**
 * part_has_data - does the part have data of a CPU?
 * @part: the part
 * @cpu: the CPU
 *
 * Return: whether it has.
 */
bool part_has_data(const struct part *part, unsigned int cpu)
{
	return cpu < part->n_cpus && part->cpus[cpu].size;
}

/**
 * part_drop_data - remove the data of a CPU, of which none has an entry
 * @part: the part
 * @cpu: the CPU
 */
void part_drop_data(struct part *part, unsigned int cpu)
{
	if (!part_has_data(part, cpu))
		return;
	part->bytes -= part->cpus[cpu].size;
	part->cpus[cpu].size = 0;
	part_cut_cpu(&part->cpus[cpu]);
}

/**
 * part_add_data - write data that has no entry, because no sub-buffer contained it
 * @part: the part
 * @cpu: the CPU
 * @data: the data
 * @size: bytes of @data
 *
 * Return: 0 or an error.
 */
int part_add_data(struct part *part, unsigned int cpu, const void *data, size_t size)
{
	int err = part_describe(part) ? : part_open_cpu(part, cpu);

	if (err)
		return err;
	err = write_all_at(part->cpus[cpu].fd, data, size, part->cpus[cpu].size);
	if (err) {
		part_cut_cpu(&part->cpus[cpu]);
		return err;
	}
	part->cpus[cpu].size += size;
	part->bytes += size;
	part->unsynced = true;
	return 0;
}

/**
 * part_end_cpu - store the losses after the last sub-buffer of a CPU
 * @part: the part
 * @last: the CPU, the number of its next sub-buffer, and the losses
 *
 * Return: 0 or an error.
 */
int part_end_cpu(struct part *part, const struct relay_subbuf *last)
{
	static const struct part_data none = { .flags = INDEX_END };
	int err = part->n_pending == PART_PENDING ? part_flush(part) : 0;
	uint64_t size = last->cpu < part->n_cpus ? part->cpus[last->cpu].size : 0;

	if (!err)
		part_add_entry(part, last, size, &none);
	return err;
}

static int part_sync_file(struct part *part, int fd)
{
	int err = fdatasync(fd) ? -errno : 0;

	if (!part->failed)
		part->failed = err;
	return err;
}

static int part_sync_data(struct part *part)
{
	int err = part->metadata_fd < 0 ? 0 : part_sync_file(part, part->metadata_fd);

	for (unsigned int i = 0; i < part->n_cpus && !err; i++)
		if (part->cpus[i].open)
			err = part_sync_file(part, part->cpus[i].fd);
	return err;
}

static int part_write_entries(struct part *part)
{
	size_t size = part->n_pending * sizeof(part->pending[0]);
	int err = write_all_at(part->index, part->pending, size, part->index_size);

	if (err || !size)
		return err;
	part->index_size += size;
	part->n_pending = 0;
	part_reserve_index(part);
	return 0;
}

/* Sync the data before the entries are written. */
static int part_write_synced(struct part *part)
{
	int err;

	if (!part->unsynced)
		return 0;
	err = part_sync_data(part);
	if (!err)
		err = part_write_entries(part);
	if (!err)
		err = part_sync_file(part, part->index);
	part->unsynced = err;
	return err;
}

/**
 * part_size - size of a part
 * @part: the part
 *
 * Return: bytes of data, index and metadata, including entries that are not written yet.
 */
uint64_t part_size(const struct part *part)
{
	return part->bytes + part->described + part->index_size +
	       part->n_pending * sizeof(part->pending[0]);
}

/**
 * part_flush - write the pending entries
 * @part: the part
 *
 * Return: 0 or an error.
 */
int part_flush(struct part *part)
{
	return part->sync ? part_write_synced(part) : part_write_entries(part);
}

/* Cut off an incomplete entry, and the reserved space. */
static int part_cut_index(const struct part *part)
{
	return ftruncate(part->index, part->index_size);
}

/* Return: @err, or if that is 0 the error of close(). */
static int part_close_cpu(struct part_cpu *cpu, int err)
{
	if (!cpu->open)
		return err;
	/* The file may have the first bytes of a sub-buffer for which there was no space. */
	part_cut_cpu(cpu);
	return close(cpu->fd) && !err ? -errno : err;
}

/**
 * part_close - end a part
 * @part: the part
 * @sync: sync it to the disk
 * @unwritten: set to the number of entries in @part->pending that could not be written
 *
 * Return: 0 or an error; also an earlier error of fdatasync().
 */
int part_close(struct part *part, bool sync, unsigned int *unwritten)
{
	int err;

	part->sync |= sync;
	err = part_flush(part);
	*unwritten = part->n_pending;
	part_cut_index(part);
	for (unsigned int i = 0; i < part->n_cpus; i++)
		err = part_close_cpu(&part->cpus[i], err);
	part_close_metadata(part);
	if (close(part->index) && !err)
		err = -errno;
	if (sync && !err)
		err = sync_dir(part->dir);
	close(part->dir);
	free(part->cpus);
	part->cpus = NULL;
	part->n_cpus = 0;
	free(part->frames);
	part->frames = NULL;
	part->frames_size = 0;
	part->index = -1;
	return err ? err : part->failed;
}
