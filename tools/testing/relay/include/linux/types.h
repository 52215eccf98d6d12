/* SPDX-License-Identifier: GPL-2.0 */
/* Not the name that the system's header, which is included below, goes by. */
#ifndef RELAY_SHIM_TYPES_H
#define RELAY_SHIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include_next <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#endif /* RELAY_SHIM_TYPES_H */
