/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was found of an earlier boot, and what became of it.
 */
#ifndef _RELAYCTL_RECOVERY_H
#define _RELAYCTL_RECOVERY_H

#include "part.h"
#include "parse_bank.h"

/**
 * struct recovered_bad - a sub-buffer that is discarded
 * @index:	which
 * @verdict:	why
 */
struct recovered_bad {
	uint32_t		index;
	enum relay_verdict	verdict;
};

/**
 * struct recovered_buffer - the buffer of a CPU
 * @cpu:	whose
 * @verdict:	is it there?
 * @subbufs:	sub-buffers that came back
 * @records:	records in them, as the writers counted
 * @bytes:	bytes of them
 * @sealed:	of the sub-buffers, those with a seal that fits
 * @open:	those that were being filled
 * @consumed:	those that a reader had consumed
 * @taken:	those that a writer was about to overwrite
 * @counters:	where every record has gone, as far as its control says
 * @lost:	records that were not taken, for whatever reason
 * @doubted:	sub-buffers whose control does not agree with itself: what their marks
 *		say is recovered
 * @untimed:	bytes of events, in a trace, that have no time because the event before is
 *		not there: they are left out
 * @doubt:	what is wrong with its control as a whole; NULL: nothing
 * @bad:	sub-buffers that are discarded
 * @n_bad:	how many
 */
struct recovered_buffer {
	unsigned int		cpu;
	enum relay_verdict	verdict;
	uint64_t		subbufs;
	uint64_t		records;
	uint64_t		bytes;
	uint64_t		sealed;
	uint64_t		open;
	uint64_t		consumed;
	uint64_t		taken;
	struct relay_counters	counters;
	uint64_t		lost;
	uint64_t		doubted;
	uint64_t		untimed;
	const char		*doubt;
	struct recovered_bad	*bad;
	size_t			n_bad;
};

/**
 * struct recovered_channel - a channel
 * @name:	its name, as it is shown and stored
 * @slot:	its place in the bank's table
 * @verdict:	is it there?
 * @geometry:	its geometry
 * @time:	when it was opened, in nanoseconds since 1970; 0: not known
 * @private_size: bytes of the private area
 * @metadata:	bytes of the metadata, if it is a trace
 * @buffer:	its buffers
 * @n_buffers:	how many
 */
struct recovered_channel {
	char			name[96];
	unsigned int		slot;
	enum relay_verdict	verdict;
	struct relay_geometry	geometry;
	uint64_t		time;
	uint64_t		private_size;
	uint64_t		metadata;
	struct recovered_buffer	*buffer;
	unsigned int		n_buffers;
};

/**
 * struct recovered_boot - what a boot recorded
 * @number:	of the bank
 * @address:	of the bank in the image
 * @verdict:	is it there?
 * @recovered:	the following channels are
 * @failed:	0, or an error with which that ended too early
 * @released:	it is not wanted any more
 * @missing:	bytes that were not in the image, and should have been
 * @left_out:	bytes that the image leaves out, as zeroes
 * @generation:	which boot
 * @n_cpus:	buffers of a channel
 * @boot_time:	nanoseconds since 1970
 * @end_time:	the same; 0: not known
 * @machine:	as uname -m
 * @release:	as uname -r
 * @version:	as uname -v
 * @end:	how it ended; empty: not known
 * @channel:	the channels
 * @n_channels:	how many
 */
struct recovered_boot {
	unsigned int		number;
	uint64_t		address;
	enum relay_verdict	verdict;
	bool			recovered;
	int			failed;
	bool			released;
	uint64_t		missing;
	uint64_t		left_out;
	uint64_t		generation;
	unsigned int		n_cpus;
	uint64_t		boot_time;
	uint64_t		end_time;
	char			machine[16];
	char			release[64];
	char			version[64];
	char			end[256];
	struct recovered_channel *channel;
	unsigned int		n_channels;
};

/**
 * struct recovery - all of it
 * @output:	directory for it; NULL: it is only told
 * @stored:	0, or the first error of what is not stored
 * @unstored:	sub-buffers that are not
 * @unstored_records: records in those
 * @boot:	the boots, by bank
 * @n_boots:	how many
 */
struct recovery {
	const char		*output;
	int			stored;
	uint64_t		unstored;
	uint64_t		unstored_records;
	struct recovered_boot	*boot;
	unsigned int		n_boots;
};

/* recovery.c */
struct recovered_boot *recovery_add(struct recovery *recovery);
struct recovered_channel *recovery_add_channel(struct recovered_boot *boot,
					       const char *name, unsigned int slot);
struct recovered_buffer *recovery_add_buffer(struct recovered_channel *channel,
					     unsigned int cpu);
int recovery_add_bad(struct recovered_buffer *buffer, uint32_t index,
		     enum relay_verdict verdict);
void recovery_stored(struct recovery *recovery, int err);
void recovery_stored_subbuf(struct recovery *recovery, uint32_t records, int err);
uint64_t recovery_damaged(const struct recovered_boot *boot);
void recovery_free(struct recovery *recovery);
void copy_printable(char *to, size_t size, const char *from);

/* store.c */
int store_open(struct part *part, const char *dir,
	       const struct recovered_channel *channel, const struct metadata *metadata);
void store_close(struct recovery *recovery, struct part *part);
int store_close_file(const char *dir, int fd, int err);
int store_create_file(const char *dir, const char *name);
int store_file(const char *dir, const char *name, const void *data, size_t size);
int store_crash(const char *dir, const struct recovered_boot *boot);

/* recover-bank.c */
struct area_memory;
int recover_bank(struct recovery *recovery, struct recovered_boot *boot,
		 const struct area_memory *memory, const char *dir);

/* recover-print.c */
void recovery_print(const struct recovery *recovery);

/* recover-json.c */
void recovery_print_json(const struct recovery *recovery);

#endif /* _RELAYCTL_RECOVERY_H */
