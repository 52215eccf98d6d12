// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the index of a recording: see format.h. Checks each field before it is used.
 */
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "crc32c.h"
#include "recording.h"

static int index_open(const char *path, const char **name)
{
	static const char *const names[] = { INDEX_NAME_CTF, INDEX_NAME };
	char index[4096];
	int fd = -1;

	for (unsigned int i = 0; i < 2 && fd < 0; i++) {
		*name = names[i];
		snprintf(index, sizeof(index), "%s/%s", path, *name);
		fd = open(index, O_RDONLY | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

static int read_header(struct index_header *header, int fd)
{
	ssize_t got = pread(fd, header, sizeof(*header), 0);

	if (got < 0)
		return -errno;
	header->version = le32toh(header->version);
	header->header_size = le32toh(header->header_size);
	header->entry_size = le32toh(header->entry_size);
	header->flags = le32toh(header->flags);
	header->subbuf_size = le32toh(header->subbuf_size);
	if (got != sizeof(*header) ||
	    memcmp(header->magic, INDEX_MAGIC, sizeof(header->magic)) ||
	    !header->version ||
	    header->header_size < sizeof(*header) ||
	    header->entry_size < (header->version < 2 ? INDEX_ENTRY_V1 :
				  sizeof(struct index_entry)))
		return -EBADMSG;
	return 0;
}

static void convert_entry(struct index_entry *entry)
{
	entry->cpu = le32toh(entry->cpu);
	entry->flags = le32toh(entry->flags);
	entry->sequence = le64toh(entry->sequence);
	entry->offset = le64toh(entry->offset);
	entry->used = le32toh(entry->used);
	entry->records = le32toh(entry->records);
	entry->begin_time = le64toh(entry->begin_time);
	entry->end_time = le64toh(entry->end_time);
	entry->lost = le64toh(entry->lost);
	entry->missed = le64toh(entry->missed);
	entry->stored = le32toh(entry->stored);
	entry->crc = le32toh(entry->crc);
	entry->entry_crc = le32toh(entry->entry_crc);
}

/* Return: false at the end of the index. */
static bool read_entry(struct recorded *recorded, const struct index_header *header, int fd)
{
	struct index_entry *entry = &recorded->entry;
	size_t size = header->version < 2 ? INDEX_ENTRY_V1 : sizeof(*entry);
	uint32_t crc;

	if (pread(fd, entry, size, recorded->at) != (ssize_t)size)
		return false;
	crc = crc32c_checksum(entry, offsetof(struct index_entry, entry_crc));
	convert_entry(entry);
	if (header->version < 2) {
		entry->flags &= INDEX_END;
		entry->stored = entry->used;
	} else {
		recorded->damaged = entry->entry_crc != crc;
	}
	return true;
}

/* Entries of a later version are longer. */
static int read_entries(struct recording *recording, int fd)
{
	const struct index_header *header = &recording->header;
	struct stat stat;
	uint64_t n;

	if (fstat(fd, &stat))
		return -errno;
	n = stat.st_size < (off_t)header->header_size ? 0 :
	    (stat.st_size - header->header_size) / header->entry_size;
	/* On a 32-bit machine, a file can be larger than the address space. */
	if (n > SIZE_MAX / sizeof(*recording->entries))
		return -EFBIG;
	recording->entries = calloc(n ? n : 1, sizeof(*recording->entries));
	if (!recording->entries)
		return -ENOMEM;
	for (uint64_t i = 0; i < n; i++) {
		struct recorded *recorded = &recording->entries[i];

		recorded->at = header->header_size + i * header->entry_size;
		if (!read_entry(recorded, header, fd))
			break;
		recording->n_entries = i + 1;
	}
	return 0;
}

/**
 * recording_open - read a recording's index
 * @recording: filled in
 * @path: its directory; the caller keeps the string until recording_close()
 *
 * Return: 0 or an error; -EBADMSG if it is not a valid index, -EFBIG if it is larger than
 * the address space.
 */
int recording_open(struct recording *recording, const char *path)
{
	const char *name;
	int fd = index_open(path, &name);
	int err;

	*recording = (struct recording) { .path = path, .index = name };
	if (fd < 0)
		return fd;
	err = read_header(&recording->header, fd);
	if (!err)
		err = read_entries(recording, fd);
	close(fd);
	return err;
}

/**
 * recording_close - free the entries
 * @recording: the recording
 */
void recording_close(struct recording *recording)
{
	free(recording->entries);
}

/* An entry of losses after the last sub-buffer has no time, nor has a damaged entry. */
static bool has_time(const struct recorded *recorded)
{
	return !recorded->damaged && !(recorded->entry.flags & INDEX_END);
}

/* Entries without a time come last. */
static uint64_t entry_time(const struct recorded *recorded)
{
	return has_time(recorded) ? recorded->entry.begin_time : UINT64_MAX;
}

static int by_time(const void *a, const void *b)
{
	const struct recorded *one = a, *other = b;

	if (entry_time(one) != entry_time(other))
		return entry_time(one) < entry_time(other) ? -1 : 1;
	if (one->entry.cpu != other->entry.cpu)
		return one->entry.cpu < other->entry.cpu ? -1 : 1;
	if (one->entry.sequence != other->entry.sequence)
		return one->entry.sequence < other->entry.sequence ? -1 : 1;
	return one->at < other->at ? -1 : one->at > other->at;
}

/**
 * recording_sort - sort the entries by time, unless a time is 0: the channel has no clock
 * @recording: the recording
 */
void recording_sort(struct recording *recording)
{
	for (size_t i = 0; i < recording->n_entries; i++)
		if (has_time(&recording->entries[i]) && !recording->entries[i].entry.begin_time)
			return;
	qsort(recording->entries, recording->n_entries,
	      sizeof(*recording->entries), by_time);
}

static int is_part(const struct dirent *entry)
{
	return strspn(entry->d_name, "0123456789") >= 6 &&
	       !entry->d_name[strspn(entry->d_name, "0123456789")];
}

static int is_index_or_part(const struct dirent *entry)
{
	return is_part(entry) || is_index_name(entry->d_name);
}

/**
 * recording_is_data - is a file the data of a CPU?
 * @entry: the file
 *
 * Return: not 0 if it is.
 */
int recording_is_data(const struct dirent *entry)
{
	unsigned int cpu;
	int end = 0;

	return sscanf(entry->d_name, "cpu%u%n", &cpu, &end) == 1 && !entry->d_name[end];
}

static int is_snapshot(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "dump-", 5) &&
	       entry->d_name[5 + strspn(entry->d_name + 5, "0123456789")] == 0;
}

/* Set @name to the last directory entry of a kind. Return: whether there is one. */
static bool find_entry(const char *path, int (*is_kind)(const struct dirent *entry),
		       char name[NAME_MAX + 1])
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_kind, versionsort);

	if (n > 0)
		snprintf(name, NAME_MAX + 1, "%s", entries[n - 1]->d_name);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	if (n >= 0)
		free(entries);
	return n > 0;
}

/**
 * recording_exists - is there a recording in a directory?
 * @path: the directory
 *
 * Return: true if it has a recording, or a part of one.
 */
bool recording_exists(const char *path)
{
	char name[NAME_MAX + 1];

	return find_entry(path, is_index_or_part, name);
}

/**
 * recording_leftover - find a data file, because of which a new recording would fail
 * @path: a directory without an index
 * @name: set to the name of the file
 *
 * Return: whether there is one.
 */
bool recording_leftover(const char *path, char name[NAME_MAX + 1])
{
	return find_entry(path, recording_is_data, name);
}

/**
 * recording_snapshots - find the newest of the snapshots in a directory
 * @path: a directory
 * @name: set to the name of the snapshot
 *
 * Return: whether there is one.
 */
bool recording_snapshots(const char *path, char name[NAME_MAX + 1])
{
	return find_entry(path, is_snapshot, name);
}

static char below[PATH_MAX];

static int find_below(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	if (type != FTW_F || ftw->level < 2 || !is_index_name(path + ftw->base))
		return 0;
	snprintf(below, sizeof(below), "%.*s", ftw->base - 1, path);
	return 1;
}

/**
 * recording_below - find a recording below a directory
 * @path: the directory, which is not a recording itself
 *
 * Return: the path of a recording, valid until the next call; NULL if there is none.
 */
const char *recording_below(const char *path)
{
	return nftw(path, find_below, 16, FTW_PHYS) == 1 ? below : NULL;
}

/**
 * recording_parts - call a function for each part of a recording
 * @path: its directory
 * @found: called with the path of each part, the oldest first; with @path itself
 *	if there are no parts
 * @arg: passed to @found
 *
 * Return: 0, what @found returned if it was not 0, or an error. A part for which @found
 * returns -ENOENT is skipped; if all are, there is no recording: -ENOENT.
 */
int recording_parts(const char *path, int (*found)(const char *path, void *arg),
		    void *arg)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_part, versionsort);
	char part[4096];
	int err, ret;

	if (n < 0)
		return -errno;
	ret = n ? -ENOENT : found(path, arg);
	for (int i = 0; i < n; i++) {
		snprintf(part, sizeof(part), "%s/%s", path, entries[i]->d_name);
		err = !ret || ret == -ENOENT ? found(part, arg) : -ENOENT;
		if (err != -ENOENT)
			ret = err;
		free(entries[i]);
	}
	free(entries);
	return ret;
}
