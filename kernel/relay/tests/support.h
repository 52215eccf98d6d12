/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit tests of relay share.
 */
#ifndef _KERNEL_RELAY_KUNIT_TEST_H
#define _KERNEL_RELAY_KUNIT_TEST_H

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/prandom.h>
#include "../internal.h"

/* A sequence of the case's own, which the seed repeats. */
void relay_test_random(struct kunit *test, struct rnd_state *random);

unsigned long relay_test_lost(const struct relay_counters *stats);

/* P3, in one place: where did @attempts writes go? */
void relay_test_conserved(struct kunit *test,
			  const struct relay_counters *stats,
			  unsigned long attempts, unsigned long received,
			  unsigned long left);

/* One ring by itself, without memory of a channel. */
struct relay_test_geometry {
	size_t		subbuf_size;
	size_t		n_subbufs;
	unsigned int	header_size;
	bool		overwrite;
	bool		global;
	unsigned long	first_lap;
};

struct relay_ring *relay_test_ring(struct kunit *test,
				   const struct relay_test_geometry *geometry,
				   const struct relay_ring_ops *ops);

/* Channels: closed at the end of the case, if not before. */
struct rchan *relay_test_open(struct kunit *test, const struct relay_params *params);
void relay_test_close(struct kunit *test, struct rchan *chan);

/* From here on the case runs on one CPU. */
void relay_test_pin(struct kunit *test, unsigned int cpu);

static inline struct relay_buf *relay_test_buf(struct rchan *chan, unsigned int cpu)
{
	return relay_buf_of(*per_cpu_ptr(chan->buf, cpu));
}

/*
 * As if @cpu had not been up since @chan was opened, and then as if it came. No writer
 * runs on it in between.
 */
void relay_test_never_up(struct rchan *chan, unsigned int cpu);
void relay_test_comes_up(struct kunit *test, unsigned int cpu);

/* Skips the case where only CPU 0 is up. Return: another one. */
unsigned int relay_test_other_cpu(struct kunit *test);

/* A file of relayfs, without blocking: put at the end of the case, if not before. */
struct file *relay_test_open_relayfs(struct kunit *test, struct dentry *dir,
				     const char *name);
void relay_test_put_file(struct kunit *test, struct file *file);

/* As read(2), to kernel memory. */
ssize_t relay_test_read(struct relay_buf *buf, void *to, size_t len);

/* Run @func on @cpu, in a thread, to its end. */
void relay_test_on_cpu(struct kunit *test, unsigned int cpu,
		       long (*func)(void *arg), void *arg);

#endif /* _KERNEL_RELAY_KUNIT_TEST_H */
