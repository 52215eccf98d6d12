/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring's inline write path as functions in a file of their own, so that
 * their instructions can be instrumented, and none of the tests'.
 */
#ifndef RELAY_TEST_CALLS_H
#define RELAY_TEST_CALLS_H

#include <linux/relay_ring.h>

extern const struct relay_record_ops call_record_ops;

int call_reserve(struct relay_ring *ring, struct relay_slot *slot, size_t len);
int call_reserve_ops(struct relay_ring *ring, struct relay_slot *slot,
		     size_t len);
void call_commit(struct relay_slot *slot);
u64 call_time_read(const struct relay_time *time);
void call_time_set(struct relay_time *time, u64 value);
size_t call_pad(unsigned long offset);

/* The clock of the tests; each reading is later than the previous one. */
u64 call_clock(void);
u64 call_last(void);
extern unsigned long call_now;

#endif /* RELAY_TEST_CALLS_H */
