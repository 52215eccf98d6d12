/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU-local operations: atomic against what interrupts this CPU, and nothing
 * to any other.
 */
#ifndef _ASM_LOCAL_H
#define _ASM_LOCAL_H

#include <linux/atomic.h>

typedef struct {
	atomic_long_t a;
} local_t;

#ifdef RELAY_SHIM_STEP

/* The kernel's own instructions, so that single steps fall where an NMI may. */
static __always_inline bool local_try_cmpxchg(local_t *l, long *old, long new)
{
	bool done;

	asm volatile("cmpxchg %[new], %[word]"
		     : "=@ccz" (done), [word] "+m" (l->a.counter), "+a" (*old)
		     : [new] "r" (new)
		     : "memory");
	return done;
}

static __always_inline long local_add_return(long value, local_t *l)
{
	long old = value;

	asm volatile("xadd %0, %1"
		     : "+r" (old), "+m" (l->a.counter)
		     :
		     : "memory");
	return old + value;
}

static __always_inline void local_add(long value, local_t *l)
{
	asm volatile("add%z0 %1, %0"
		     : "+m" (l->a.counter)
		     : "er" (value)
		     : "memory");
}

#else

static __always_inline bool local_try_cmpxchg(local_t *l, long *old, long new)
{
	relay_shim_store(&l->a.counter);
	return __atomic_compare_exchange_n(&l->a.counter, old, new, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static __always_inline long local_add_return(long value, local_t *l)
{
	relay_shim_store(&l->a.counter);
	relay_shim_added();
	return __atomic_add_fetch(&l->a.counter, value, __ATOMIC_RELAXED);
}

static __always_inline void local_add(long value, local_t *l)
{
	atomic_long_add(value, &l->a);
}

#endif

#endif /* _ASM_LOCAL_H */
