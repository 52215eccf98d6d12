/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's atomics on the compiler's. Operations that return a value are
 * full barriers, the others have no order, as in the kernel.
 */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>

typedef struct {
	long counter;
} atomic_long_t;

static __always_inline long atomic_long_read(const atomic_long_t *v)
{
	relay_shim_load(&v->counter);
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static __always_inline long atomic_long_read_acquire(const atomic_long_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);
}

static __always_inline void atomic_long_set(atomic_long_t *v, long value)
{
	relay_shim_set(&v->counter);
	__atomic_store_n(&v->counter, value, __ATOMIC_RELAXED);
}

static __always_inline void atomic_long_set_release(atomic_long_t *v, long value)
{
	__atomic_store_n(&v->counter, value, __ATOMIC_RELEASE);
}

static __always_inline bool
atomic_long_try_cmpxchg(atomic_long_t *v, long *old, long new)
{
	relay_shim_full();
	return __atomic_compare_exchange_n(&v->counter, old, new, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* For who takes the barriers out. */
static __always_inline bool
atomic_long_try_cmpxchg_relaxed(atomic_long_t *v, long *old, long new)
{
	return __atomic_compare_exchange_n(&v->counter, old, new, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static __always_inline long atomic_long_add_return(long value, atomic_long_t *v)
{
	relay_shim_full();
	relay_shim_added();
	return __atomic_add_fetch(&v->counter, value, __ATOMIC_SEQ_CST);
}

static __always_inline void atomic_long_add(long value, atomic_long_t *v)
{
	__atomic_fetch_add(&v->counter, value, __ATOMIC_RELAXED);
}

#endif /* _LINUX_ATOMIC_H */
