/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_RELAY_INTERNAL_H
#define _KERNEL_RELAY_INTERNAL_H

#include <linux/relay.h>
#include "ring.h"

struct iov_iter;

/* pages.c */
int relay_pages_alloc(struct relay_pages *pages, size_t size, int node);
void relay_pages_free(struct relay_pages *pages);

/* relay.c */
void relay_buf_get(struct rchan_buf *buf);
void relay_buf_put(struct rchan_buf *buf);
void relay_buf_deliver(struct rchan_buf *buf);

/* file.c */
ssize_t relay_buf_read(struct rchan_buf *buf, struct iov_iter *to);
__poll_t relay_buf_readable(struct rchan_buf *buf);

#endif /* _KERNEL_RELAY_INTERNAL_H */
