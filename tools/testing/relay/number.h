/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RELAY_TEST_NUMBER_H
#define RELAY_TEST_NUMBER_H

#include <stdlib.h>
#include <linux/types.h>

/* Return: the number in the environment variable @name, or @otherwise. */
static inline u64 number(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

#endif /* RELAY_TEST_NUMBER_H */
