// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include "bank.h"
#include "crc32c.h"

static u32 bank_crc(u32 crc, const void *data, size_t size)
{
	return ~crc32c(~crc, data, size);
}

void (*bank_write_back)(const void *at, size_t size);

static void bank_clean(const void *at, size_t size)
{
	if (bank_write_back)
		bank_write_back(at, size);
}

/* Allocate @size bytes of the bank. Return: their offset. */
static u64 bank_take(struct bank *bank, size_t size)
{
	size_t at = (bank->used + 63) & ~63UL;

	if (size > bank->size || at > bank->size - size) {
		printf("# a bank of %zu bytes is too small\n", bank->size);
		exit(1);
	}
	bank->used = at + size;
	return at;
}

void bank_sign(const struct bank *bank)
{
	struct relay_bank *head = bank->head, *copy = (void *)(bank->mem + RELAY_BANK_COPY);

	head->offset = 0;
	head->crc = bank_crc(0, head, offsetof(struct relay_bank, crc));
	bank_clean(head, sizeof(*head));
	if (bank->size < RELAY_BANK_COPY + sizeof(*copy))
		return;
	*copy = *head;
	copy->offset = RELAY_BANK_COPY;
	copy->crc = bank_crc(0, copy, offsetof(struct relay_bank, crc));
	bank_clean(copy, sizeof(*copy));
}

void bank_sign_channel(struct relay_bank_channel *channel)
{
	size_t covered = offsetof(struct relay_bank_channel, flags);

	channel->crc = bank_crc(0, (u8 *)channel + covered, sizeof(*channel) - covered);
}

void bank_init(struct bank *bank, void *mem, size_t size, u32 n_cpus,
	       u32 n_channels, u64 generation)
{
	struct relay_bank *head = mem;

	memset(mem, 0, size);
	*bank = (struct bank) { .mem = mem, .size = size, .head = head };
	bank_take(bank, sizeof(*head));
	*head = (struct relay_bank) {
		.byte_order	= RELAY_BANK_BYTE_ORDER,
		.format		= RELAY_BANK_FORMAT,
		.size		= size,
		.generation	= generation,
		.boot_time	= 1700000000000000000ULL + generation,
		.page_size	= 4096,
		.n_cpus		= n_cpus,
		.n_channels	= n_channels,
		.channels	= bank_take(bank, n_channels *
					    sizeof(struct relay_bank_channel)),
		.layout		= relay_ring_layout,
		.machine	= "test",
		.release	= "7.3.0-test",
		.version	= "#1",
		.state		= RELAY_BANK_RECORDED,
	};
	memcpy(head->magic, RELAY_BANK_MAGIC, sizeof(head->magic));
	bank->used = RELAY_BANK_COPY + sizeof(*head);
	bank_sign(bank);
}

struct relay_bank_channel *bank_channel(const struct bank *bank, u32 slot)
{
	return (struct relay_bank_channel *)(bank->mem + bank->head->channels) + slot;
}

void bank_add(struct bank *bank, u32 slot, const struct bank_spec *spec)
{
	struct relay_bank_channel *channel = bank_channel(bank, slot);
	u32 n_buffers = spec->global ? 1 : bank->head->n_cpus;
	size_t control = relay_ring_control_size(spec->n_subbufs);
	size_t data = (size_t)spec->subbuf_size * spec->n_subbufs;
	size_t seals = n_buffers * spec->n_subbufs * sizeof(struct relay_bank_seal);

	control = (control + 63) & ~63UL;
	*channel = (struct relay_bank_channel) {
		.state		= RELAY_BANK_CHANNEL_USED,
		.flags		= (spec->overwrite ? RELAY_CHAN_OVERWRITE : 0) |
				  (spec->global ? RELAY_CHAN_GLOBAL : 0),
		.n_buffers	= n_buffers,
		.subbuf_size	= spec->subbuf_size,
		.n_subbufs	= spec->n_subbufs,
		.header_size	= spec->header_size,
		.clock		= 1,
		.time		= bank->head->boot_time + 1,
		.control_stride	= control,
		.data_stride	= data,
		.private_size	= spec->private_size,
	};
	channel->control = bank_take(bank, n_buffers * control);
	channel->seal = bank_take(bank, seals);
	channel->data = bank_take(bank, n_buffers * data);
	channel->private_area = bank_take(bank, spec->private_size);
	memset(bank->mem + channel->private_area, 'p', spec->private_size);
	snprintf(channel->name, sizeof(channel->name), "%s", spec->name);
	bank_sign_channel(channel);
	bank_clean(channel, sizeof(*channel));
	bank_clean(bank->mem + channel->control, bank->used - channel->control);
}

void bank_ring(const struct bank *bank, u32 slot, u32 cpu, struct relay_ring *ring,
	       unsigned long first_lap)
{
	const struct relay_bank_channel *channel = bank_channel(bank, slot);
	const struct relay_ring_ops *ops = ring->ops;

	*ring = (struct relay_ring) {
		.control	= (void *)(bank->mem + channel->control +
					   cpu * channel->control_stride),
		.data		= bank->mem + channel->data + cpu * channel->data_stride,
		.header_size	= channel->header_size,
		.global		= channel->flags & RELAY_CHAN_GLOBAL,
		.overwrite	= channel->flags & RELAY_CHAN_OVERWRITE,
		.ops		= ops,
	};
	if (relay_ring_init(ring, channel->subbuf_size, channel->n_subbufs, first_lap)) {
		printf("# no ring of %u bytes by %u\n", channel->subbuf_size,
		       channel->n_subbufs);
		exit(1);
	}
	bank_clean(ring->control, channel->control_stride);
}

bool bank_seal(const struct bank *bank, u32 slot, u32 cpu,
	       const struct relay_ring *ring, u32 index)
{
	const struct relay_bank_channel *channel = bank_channel(bank, slot);
	const struct relay_subbuf *sub = &ring->sub[index];
	struct relay_bank_seal *seal = (void *)(bank->mem + channel->seal);
	unsigned long state = atomic_long_read(&sub->state);
	struct relay_subbuf_info info;
	u32 crc, used = ring->subbuf_size;

	if ((state & 3) != RELAY_DELIVERED)
		return false;
	if (relay_pos_start(ring, sub->closed) == relay_pos_start(ring, state))
		used = relay_pos_offset(ring, sub->closed);
	relay_subbuf_describe(ring, relay_pos_start(ring, state), used, &info);
	crc = bank_crc(0, ring->data + index * ring->subbuf_size, used);
	bank_clean(ring->data + index * ring->subbuf_size, used);
	bank_clean(sub, sizeof(*sub));
	seal += cpu * ring->n_subbufs + index;
	seal->crc = bank_crc(crc, &info, sizeof(info));
	seal->state = state;
	bank_clean(seal, sizeof(*seal));
	return true;
}

void bank_resize(void *mem, size_t size)
{
	struct bank bank = { .mem = mem, .size = size, .head = mem };

	bank.head->size = size;
	bank_sign(&bank);
}

void bank_end(const struct bank *bank, u64 time, const char *reason)
{
	struct relay_bank *head = bank->head;
	size_t covered = offsetof(struct relay_bank, end_time);

	head->end_time = time;
	head->end = RELAY_END_PANIC;
	snprintf(head->end_reason, sizeof(head->end_reason), "%s", reason);
	head->end_crc = bank_crc(0, &head->end_time, sizeof(*head) - covered);
	bank_sign(bank);
}
