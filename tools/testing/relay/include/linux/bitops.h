/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_BITOPS_H
#define _LINUX_BITOPS_H

#include <linux/minmax.h>

#define BITS_PER_LONG	__LONG_WIDTH__
#define BIT(n)		(1UL << (n))

static inline int fls_long(unsigned long word)
{
	return word ? BITS_PER_LONG - __builtin_clzl(word) : 0;
}

#endif /* _LINUX_BITOPS_H */
