/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Barriers. ThreadSanitizer ignores fences, so for it they are built from what
 * it does know: smp_wmb() makes the CPU-local stores that follow release, and the
 * others up to the next add; smp_rmb() makes the last unordered loads before it
 * acquire, as does every full barrier. Taking a barrier out of the ring then is a data race on the
 * bytes it protects.
 */
#ifndef _ASM_BARRIER_H
#define _ASM_BARRIER_H

#include <linux/compiler.h>

#ifdef RELAY_SHIM_TSAN

#include <sanitizer/tsan_interface.h>

#define RELAY_SHIM_LOADS	4

extern _Thread_local bool relay_shim_wmb;	/* since ever */
extern _Thread_local bool relay_shim_wmb_now;	/* since the last add */
extern _Thread_local void *relay_shim_loaded[RELAY_SHIM_LOADS];
extern _Thread_local unsigned int relay_shim_loads;

static __always_inline void relay_shim_load(const void *at)
{
	relay_shim_loaded[relay_shim_loads++ % RELAY_SHIM_LOADS] = (void *)at;
}

static __always_inline void relay_shim_store(void *at)
{
	if (relay_shim_wmb)
		__tsan_release(at);
}

static __always_inline void relay_shim_set(void *at)
{
	if (relay_shim_wmb_now)
		__tsan_release(at);
}

static __always_inline void relay_shim_added(void)
{
	relay_shim_wmb_now = false;
}

static __always_inline void smp_wmb(void)
{
	relay_shim_wmb = true;
	relay_shim_wmb_now = true;
}

static __always_inline void smp_rmb(void)
{
	int i;

	for (i = 0; i < RELAY_SHIM_LOADS; i++)
		if (relay_shim_loaded[i])
			__tsan_acquire(relay_shim_loaded[i]);
}

#define relay_shim_full()	smp_rmb()

#else

#define relay_shim_full()	do { } while (0)

static __always_inline void relay_shim_load(const void *at)
{
}

static __always_inline void relay_shim_store(void *at)
{
}

static __always_inline void relay_shim_set(void *at)
{
}

static __always_inline void relay_shim_added(void)
{
}

#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)

#endif

#define smp_store_release(at, value)	__atomic_store_n(at, value, __ATOMIC_RELEASE)
#define smp_load_acquire(at)		__atomic_load_n(at, __ATOMIC_ACQUIRE)

#endif /* _ASM_BARRIER_H */
