/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A witness of what the relay sample commits, for those who crash it.
 */
#ifndef _RELAY_SAMPLE_WITNESS_H
#define _RELAY_SAMPLE_WITNESS_H

#include "relay-sample.h"

int sample_witness_init(void);
void sample_witness_exit(void);
void sample_witness_begins(enum sample_context context, u32 number);
void sample_witness_returned(enum sample_context context, u32 number,
			     u32 committed);

#endif /* _RELAY_SAMPLE_WITNESS_H */
