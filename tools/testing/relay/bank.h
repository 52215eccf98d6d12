/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes a bank as include/uapi/linux/relay.h describes it, independently of
 * kernel/relay/reserved/bank.c.
 */
#ifndef RELAY_TEST_BANK_H
#define RELAY_TEST_BANK_H

#include "ring.h"
#include "uapi/linux/relay.h"

struct bank_spec {
	const char *name;
	u32 subbuf_size;
	u32 n_subbufs;
	u32 header_size;
	u32 private_size;
	bool global;
	bool overwrite;
};

struct bank {
	u8 *mem;
	size_t size;
	size_t used;
	struct relay_bank *head;
};

void bank_init(struct bank *bank, void *mem, size_t size, u32 n_cpus,
	       u32 n_channels, u64 generation);
struct relay_bank_channel *bank_channel(const struct bank *bank, u32 slot);
void bank_add(struct bank *bank, u32 slot, const struct bank_spec *spec);

/* Set up the ring of a buffer in the bank; the caller has filled in @ring->ops. */
void bank_ring(const struct bank *bank, u32 slot, u32 cpu, struct relay_ring *ring,
	       unsigned long first_lap);

/* Seal a delivered sub-buffer, as the kernel's worker does. Return: whether it was sealed. */
bool bank_seal(const struct bank *bank, u32 slot, u32 cpu,
	       const struct relay_ring *ring, u32 index);

/* Compute the check sums of static parts anew, after a change. */
void bank_sign(const struct bank *bank);
void bank_sign_channel(struct relay_bank_channel *channel);

/* Make the bank at @mem larger than its content needs. */
void bank_resize(void *mem, size_t size);

/* Called where the kernel would write @size bytes at @at back from the caches; may be NULL. */
extern void (*bank_write_back)(const void *at, size_t size);

void bank_end(const struct bank *bank, u64 time, const char *reason);

#endif /* RELAY_TEST_BANK_H */
