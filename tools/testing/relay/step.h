/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ways to stop between any two instructions. step-trap.c uses the
 * processor's trap flag and stops in whatever is executed. step-call.c stops
 * in code into which instrument.awk has put a call before each instruction,
 * and is a thousand times faster.
 */
#ifndef RELAY_TEST_STEP_H
#define RELAY_TEST_STEP_H

#include <stdbool.h>

/* Counted down once an instruction; the one that makes it 0 is a hit. */
extern long relay_step_left;

/* By the test. */
void relay_step_hit(void);

/* Start or stop counting. */
void step_trap(bool on);

#endif /* RELAY_TEST_STEP_H */
