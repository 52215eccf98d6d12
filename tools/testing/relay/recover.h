/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a crash reader makes of a ring whose machine died: it looks at the
 * control and the geometry, and at nothing else.
 */
#ifndef RELAY_TEST_RECOVER_H
#define RELAY_TEST_RECOVER_H

#include <linux/relay_ring.h>

/* Bytes from @begin to @end are committed, and begin and end with a record. */
typedef void recover_fn(void *data, unsigned long begin, unsigned long end);

/* Return: bytes of all extents, padding included. */
unsigned long recover_subbuf(const struct relay_ring *ring, unsigned int index,
			     recover_fn *fn, void *data);

#endif /* RELAY_TEST_RECOVER_H */
