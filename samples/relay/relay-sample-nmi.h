/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NMIs for the relay sample, where they can be sent.
 */
#ifndef _RELAY_SAMPLE_NMI_H
#define _RELAY_SAMPLE_NMI_H

#include <linux/kconfig.h>
#include "relay-sample.h"

bool sample_write(enum sample_context context);
void sample_trigger(void);

#if IS_ENABLED(CONFIG_SAMPLE_RELAY_NMI)
int sample_nmi_init(void);
void sample_nmi_exit(void);
void sample_nmi_send(unsigned int cpu);
void sample_nmi_trigger(unsigned int cpu);
void sample_nmi_die(void);
#else
static inline int sample_nmi_init(void)
{
	return 0;
}

static inline void sample_nmi_exit(void)
{
}

static inline void sample_nmi_send(unsigned int cpu)
{
}

static inline void sample_nmi_trigger(unsigned int cpu)
{
}

static inline void sample_nmi_die(void)
{
}
#endif

#endif /* _RELAY_SAMPLE_NMI_H */
