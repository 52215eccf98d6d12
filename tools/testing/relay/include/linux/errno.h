/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_ERRNO_H
#define _LINUX_ERRNO_H

#include_next <linux/errno.h>

#endif /* _LINUX_ERRNO_H */
