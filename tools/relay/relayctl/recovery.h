/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The results of a recovery.
 */
#ifndef _RELAYCTL_RECOVERY_H
#define _RELAYCTL_RECOVERY_H

#include "part.h"
#include "parse_bank.h"

/**
 * struct recovered_bad - a sub-buffer that is discarded
 * @index:	its index
 * @verdict:	why it is discarded
 */
struct recovered_bad {
	uint32_t		index;
	enum relay_verdict	verdict;
};

/**
 * struct recovered_buffer - the buffer of a CPU
 * @cpu:	the CPU
 * @verdict:	RELAY_FOUND, or why it is not recovered
 * @subbufs:	sub-buffers recovered
 * @records:	records in @subbufs, by the counts of the writers
 * @bytes:	bytes of @subbufs
 * @sealed:	number of @subbufs that match their seal
 * @open:	number of @subbufs that were being filled
 * @consumed:	number of @subbufs that a reader had consumed
 * @taken:	number of @subbufs that a writer was about to overwrite
 * @counters:	counters of its control
 * @lost:	records lost, for any reason
 * @doubted:	sub-buffers in doubt: words of their control do not agree
 * @untimed:	in a trace, bytes of events that are left out because the event from which
 *		their time counts is missing
 * @doubt:	what is wrong with its control as a whole; or NULL
 * @bad:	sub-buffers that are discarded
 * @n_bad:	number of @bad
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
 * @name:	its name in messages, and of its directory
 * @slot:	its index in the bank's table
 * @verdict:	RELAY_FOUND, or why it is not recovered
 * @geometry:	its geometry
 * @time:	when it was opened, in nanoseconds since 1970; 0 if not known
 * @private_size: bytes of the private area
 * @metadata:	bytes of the metadata, if it is a trace
 * @buffer:	its buffers
 * @n_buffers:	number of @buffer
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
 * struct recovered_boot - a bank, with the recording of a boot
 * @number:	number of the bank
 * @address:	address of the bank in the image
 * @verdict:	RELAY_FOUND, or why there is no valid bank
 * @recovered:	the recovery of its channels was begun
 * @failed:	0, or the error that ended the recovery
 * @released:	the bank is released
 * @missing:	bytes that are missing in the image
 * @left_out:	bytes that the image leaves out, as zeroes
 * @generation:	number of the boot
 * @n_cpus:	buffers of a channel
 * @boot_time:	when the recording began, in nanoseconds since 1970
 * @end_time:	when the boot ended, in nanoseconds since 1970; 0 if not known
 * @machine:	as uname -m
 * @release:	as uname -r
 * @version:	as uname -v
 * @end:	how the boot ended; empty if not known
 * @channel:	the channels
 * @n_channels:	number of @channel
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
 * struct recovery - a recovery
 * @output:	output directory; NULL to report only
 * @stored:	0, or the first error of storing
 * @unstored:	sub-buffers that could not be stored
 * @unstored_records: records in @unstored
 * @boot:	the boots, by bank
 * @n_boots:	number of @boot
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
