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
 * struct part_data - the data of a sub-buffer, as it is stored
 * @bytes:	the data: that of the sub-buffer, or a frame; NULL if it is to be spliced
 * @size:	how much
 * @flags:	of its entry
 * @crc:	check sum, with INDEX_CRC
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
 * @index:	its index; -1 when it is not open
 * @index_name:	name of that
 * @index_size:	bytes of that
 * @index_reserved: bytes that the disk has room for
 * @cpus:	files of the CPUs, by number
 * @n_cpus:	how many numbers there is room for
 * @pending:	entries that are not in the index yet
 * @n_pending:	how many
 * @compressor:	makes frames; NULL: data is stored as it is
 * @frames:	memory for those
 * @frames_size: bytes of it
 * @metadata:	of a trace: those that describe its data, to which more may be added; NULL
 * @described:	bytes of those that are stored
 * @metadata_fd: the file that has those; -1 before it is there
 * @ahead:	data that was written, and has no entry yet
 * @sync:	entries go to the disk as soon as they are written
 * @unsynced:	something was written that nobody has seen to the disk
 * @failed:	the first error of that: the kernel tells it once, and may have dropped
 *		what it could not write
 * @bytes:	bytes of data
 * @began:	when its first sub-buffer came, milliseconds()
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
 * struct part_info - what the header says
 * @channel:	name of the channel
 * @geometry:	its geometry
 * @snapshot:	it is one
 * @metadata:	its data is a trace of the Common Trace Format, and these describe it; they
 *		stay, and may be added to, until part_close(); NULL for other data
 * @compressor:	makes frames; NULL: data is stored as it is
 * @sync:	see data and entries to the disk whenever entries are written
 * @number:	which part
 * @time:	when it was begun, in nanoseconds since 1970; 0: now
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
int part_end_cpu(struct part *part, const struct relay_subbuf *last);
uint64_t part_size(const struct part *part);
int part_flush(struct part *part);
int part_close(struct part *part, bool sync, unsigned int *unwritten);

#endif /* _RELAYCTL_PART_H */
