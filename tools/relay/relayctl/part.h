/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_PART_H
#define _RELAYCTL_PART_H

#include "compress.h"
#include "format.h"
#include "metadata.h"
#include "mover.h"

#define PART_PENDING	64
#define PART_AHEAD	16

/**
 * struct part_data - the data of a sub-buffer, in the form in which it is stored
 * @bytes:	the data, or a frame; NULL if it is to be spliced
 * @size:	number of bytes
 * @flags:	flags of its entry
 * @crc:	check sum of @bytes, with INDEX_CRC
 */
struct part_data {
	const void	*bytes;
	uint32_t	size;
	uint32_t	flags;
	uint32_t	crc;
};

/**
 * struct part - a recording, or part of one, that is being written
 * @dir:	its directory
 * @index:	its index; -1 when the part is not open
 * @index_name:	name of the index
 * @index_size:	bytes of the index
 * @index_reserved: size of the index for which disk space is reserved
 * @cpus:	data files, by CPU
 * @n_cpus:	CPUs that @cpus has room for
 * @pending:	entries that are not in the index yet
 * @n_pending:	number of @pending
 * @compressor:	the compressor; NULL to store data uncompressed
 * @frames:	memory for frames
 * @frames_size: bytes of @frames
 * @metadata:	metadata of a trace, which may grow; or NULL
 * @described:	bytes of @metadata that are stored
 * @metadata_fd: the metadata file; -1 before it exists
 * @ahead:	data that was written, and has no entry yet
 * @sync:	part_flush() syncs data and entries
 * @unsynced:	data or entries were written since the last sync
 * @failed:	the first error of fdatasync(): the kernel reports an error once, and may
 *		have dropped what it could not write
 * @bytes:	bytes of data
 * @began:	milliseconds() when its first sub-buffer came
 */
struct part {
	int			dir;
	int			index;
	const char		*index_name;
	uint64_t		index_size;
	uint64_t		index_reserved;
	struct part_cpu		*cpus;
	unsigned int		n_cpus;
	struct index_entry	pending[PART_PENDING];
	unsigned int		n_pending;
	struct compressor	*compressor;
	unsigned char		*frames;
	size_t			frames_size;
	const struct metadata	*metadata;
	size_t			described;
	int			metadata_fd;
	struct part_data	ahead[PART_AHEAD];
	bool			sync;
	bool			unsynced;
	int			failed;
	uint64_t		bytes;
	uint64_t		began;
};

/**
 * struct part_info - how to begin a part
 * @channel:	name of the channel
 * @geometry:	its geometry
 * @snapshot:	the part is a snapshot
 * @metadata:	metadata of a trace, which may grow and which the caller keeps until
 *		part_close(); NULL for other data
 * @compressor:	the compressor; NULL to store data uncompressed
 * @sync:	sync data and entries whenever entries are written
 * @number:	number of the part
 * @time:	when the part was begun, in nanoseconds since 1970; 0 for now
 */
struct part_info {
	const char		*channel;
	struct relay_geometry	geometry;
	bool			snapshot;
	const struct metadata	*metadata;
	struct compressor	*compressor;
	bool			sync;
	unsigned int		number;
	uint64_t		time;
};

int part_open(struct part *part, const char *path, const struct part_info *info);
unsigned int part_write_ahead(struct part *part, const struct relay_subbuf *subbufs,
			      unsigned int n);
void part_enter(struct part *part, const struct relay_subbuf *subbuf, unsigned int ahead);
void part_drop_ahead(struct part *part, unsigned int cpu);
int part_put(struct part *part, struct mover *mover,
	     const struct relay_subbuf *subbuf);
int part_put_memory(struct part *part, const struct relay_subbuf *subbuf);
bool part_has_data(const struct part *part, unsigned int cpu);
void part_drop_data(struct part *part, unsigned int cpu);
int part_add_data(struct part *part, unsigned int cpu, const void *data, size_t size);
int part_end_cpu(struct part *part, const struct relay_subbuf *last);
uint64_t part_size(const struct part *part);
int part_flush(struct part *part);
int part_close(struct part *part, bool sync, unsigned int *unwritten);

#endif /* _RELAYCTL_PART_H */
