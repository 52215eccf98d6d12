/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels in the boot-reserved area.
 */
#ifndef _KERNEL_RELAY_RESERVED_H
#define _KERNEL_RELAY_RESERVED_H

#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/relay.h>
#include <uapi/linux/relay.h>

/* reserved/seal.c: &relay_chan.memory of a channel with a place in the area */
extern const struct relay_memory relay_reserved_memory;

#ifdef CONFIG_RELAY_RESERVED

/* The check sum of the format: CRC32C of @data, after bytes of which it is @crc. */
static inline u32 relay_crc(u32 crc, const void *data, size_t size)
{
	return ~crc32c(~crc, data, size);
}

/* reserved/bank.c */
int relay_reserved_open(struct relay_chan *chan, size_t private_size);
void relay_reserved_publish(struct relay_chan *chan);
void relay_reserved_close(struct relay_chan *chan);
void relay_reserved_buf(struct relay_buf *buf);
void relay_reserved_end(u32 end, const char *reason);
void relay_reserved_goes_on(void);
bool relay_reserved_valid(void);

/* reserved/seal.c */
void relay_seal_start(struct relay_buf *buf);

#else

static inline int relay_reserved_open(struct relay_chan *chan, size_t private_size)
{
	return -ENODEV;
}

static inline void relay_reserved_publish(struct relay_chan *chan)
{
}

static inline void relay_seal_start(struct relay_buf *buf)
{
}

#endif /* CONFIG_RELAY_RESERVED */

#endif /* _KERNEL_RELAY_RESERVED_H */
