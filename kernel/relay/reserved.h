/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels in the boot-reserved area: this boot's, and those of an earlier one.
 */
#ifndef _KERNEL_RELAY_RESERVED_H
#define _KERNEL_RELAY_RESERVED_H

#include <linux/err.h>
#include <linux/relay.h>
#include "recover.h"

struct relay_place;

#ifdef CONFIG_RELAY_RESERVED

/* reserved.c */
int relay_reserved_open(struct rchan *chan, size_t private_size);
void relay_reserved_publish(struct rchan *chan);
void relay_reserved_close(struct rchan *chan);
void relay_reserved_buf(struct rchan_buf *buf);
struct relay_bank_seal *relay_reserved_seals(const struct rchan_buf *buf);
void relay_reserved_end(const char *reason);
void relay_reserved_goes_on(void);
bool relay_reserved_valid(void);
void relay_area_pages(struct relay_pages *pages, void *start, size_t size);
const struct relay_found_bank *relay_reserved_kept(void);
int relay_reserved_release(void);

/* seal.c */
int relay_seal_start(struct rchan_buf *buf);
void relay_seal_stop(struct rchan_buf *buf);
void relay_seal_later(struct rchan_buf *buf);

/* past.c */
int relay_past_set_memory(struct rchan_buf *buf, const struct relay_found_buffer *from);
int relay_past_recover(struct rchan_buf *buf);
int relay_past_recover_all(struct rchan *chan);
extern const struct file_operations relay_recovered_file_operations;

/* previous.c */
struct rchan *relay_past_open(const struct relay_found_channel *from, const char *name);

#else

static inline int relay_reserved_open(struct rchan *chan, size_t private_size)
{
	return -ENODEV;
}

static inline void relay_reserved_publish(struct rchan *chan)
{
}

static inline void relay_reserved_close(struct rchan *chan)
{
}

static inline void relay_reserved_buf(struct rchan_buf *buf)
{
}

static inline int relay_past_recover(struct rchan_buf *buf)
{
	return 0;
}

static inline int relay_past_recover_all(struct rchan *chan)
{
	return 0;
}

static inline int relay_seal_start(struct rchan_buf *buf)
{
	return 0;
}

static inline void relay_seal_stop(struct rchan_buf *buf)
{
}

static inline void relay_seal_later(struct rchan_buf *buf)
{
}

#endif /* CONFIG_RELAY_RESERVED */

#endif /* _KERNEL_RELAY_RESERVED_H */
