/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ways to stop between any two instructions. step-trap.c uses the processor's
 * trap flag and stops in any code. step-call.c stops only in code into which
 * instrument.awk has put a call before each instruction; it is much faster.
 */
#ifndef RELAY_TEST_STEP_H
#define RELAY_TEST_STEP_H

#include <stdbool.h>

/* Counted down for each instruction; at 0 relay_step_hit() is called. */
extern long relay_step_left;

/* Defined by the test. */
void relay_step_hit(void);

/* Start or stop counting. */
void step_trap(bool on);

#endif /* RELAY_TEST_STEP_H */
