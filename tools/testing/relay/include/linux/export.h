/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_EXPORT_H
#define _LINUX_EXPORT_H

#define EXPORT_SYMBOL_GPL(sym)	extern __typeof__(sym) sym

#endif /* _LINUX_EXPORT_H */
