/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_LIMITS_H
#define _LINUX_LIMITS_H

#define LONG_MAX	((long)(~0UL >> 1))
#define ULONG_MAX	(~0UL)

#define U32_MAX		((u32)~0U)
#endif /* _LINUX_LIMITS_H */
