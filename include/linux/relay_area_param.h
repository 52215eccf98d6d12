/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parser of relayres= for the kernel, its decompressor and the EFI stub. Each of
 * them has a memparse() of its own, which must be declared before this header.
 */
#ifndef _LINUX_RELAY_AREA_PARAM_H
#define _LINUX_RELAY_AREA_PARAM_H

#include <linux/types.h>

/**
 * relay_area_parse() - read SIZE@ADDR
 * @arg: the value of relayres=
 * @start: where to put the address
 * @size: where to put the size
 *
 * Context: Any.
 * Return: true if @arg is SIZE@ADDR and nothing else.
 */
static inline bool relay_area_parse(char *arg, u64 *start, u64 *size)
{
	char *at, *end;

	*size = memparse(arg, &at);
	if (at == arg || *at != '@')
		return false;
	*start = memparse(at + 1, &end);
	return end != at + 1 && !*end;
}

#endif /* _LINUX_RELAY_AREA_PARAM_H */
