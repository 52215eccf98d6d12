// SPDX-License-Identifier: GPL-2.0
/*
 * Measure the cost of a write to this relay, to the relay of the pristine tree
 * (stock_relay.ko), to ftrace's ring buffer and to BPF's.
 *
 * All sides run in one boot and take turns round by round, every other round in
 * reverse, so that other load hits them alike. A figure is the median of a side's
 * rounds. A ratio is the median of the ratios of two sides in each round, because a
 * host can be slower for a time, and the sides' medians may come from different
 * times. All buffers have the same geometry. Prints one line per figure,
 * "relay_bench: figure ...", which boot/bench.sh turns into a table.
 *
 * With count=1 it counts instructions instead, under an emulator whose cycle
 * counter counts them (QEMU's -icount).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bpf.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/relay.h>
#include <linux/ring_buffer.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "median.h"
#include "stock_relay.h"

static bool count;
module_param(count, bool, 0444);
MODULE_PARM_DESC(count, "Count instructions instead of time");

static bool reader;
module_param(reader, bool, 0444);
MODULE_PARM_DESC(reader, "Wait for a program that reads the files");

static bool quick;
module_param(quick, bool, 0444);
MODULE_PARM_DESC(quick, "32 bytes only");

static uint rounds = 101;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Rounds of each figure");

static int bpf_ring = -1;
module_param(bpf_ring, int, 0444);
MODULE_PARM_DESC(bpf_ring, "Descriptor of a BPF ring buffer of 1 MiB, in the process that loads this");

static ulong bpf_consumer;
module_param(bpf_consumer, ulong, 0444);
MODULE_PARM_DESC(bpf_consumer, "Where that process has mapped the consumer's position");

#define BENCH_SUBBUF	SZ_64K
#define BENCH_SUBBUFS	16
#define BENCH_BYTES	(BENCH_SUBBUF * BENCH_SUBBUFS)
/*
 * A round fits into an empty ring, and is no multiple of a sub-buffer, so that over
 * the rounds each side writes at all places of its ring.
 */
#define BENCH_ROUND	(BENCH_BYTES * 7 / 10)
#define BENCH_RECORD	4096
#define BENCH_MAX_N	7000
/* So few writes that the end of a sub-buffer falls into one round of many. */
#define BENCH_COUNT_N	64
#define BENCH_CPU	0
#define BENCH_SIDES	10

enum bench_target {
	BENCH_CHAN,		/* this relay, a buffer for each CPU */
	BENCH_GLOBAL,		/* this relay, a global buffer */
	BENCH_RESERVED,		/* this relay, in the reserved area */
	BENCH_STOCK,
	BENCH_FTRACE,
	BENCH_BPF,		/* global; never overwrites */
	BENCH_COPY,		/* plain memory */
	BENCH_TARGETS
};

/**
 * struct bench_mode - the targets of writes in one mode
 * @name:	name of the mode
 * @overwrite:	whether the rings overwrite
 * @target:	targets by enum bench_target; NULL for none
 */
struct bench_mode {
	const char	*name;
	bool		overwrite;
	void		*target[BENCH_TARGETS];
};

static struct bench_mode bench_modes[] = {
	{ .name = "overwrite", .overwrite = true },
	{ .name = "keep" },
};

/**
 * struct bench_copy - memory of a CPU that is written like a ring
 * @pos:	offset of the next write
 * @data:	the memory
 */
struct bench_copy {
	unsigned long	pos;
	void		*data;
};

/**
 * struct bench_round - one round of one side
 * @target:	target of the writes
 * @n:		number of writes
 * @len:	bytes of a record
 * @constant:	the compiler knows @len
 */
struct bench_round {
	void		*target;
	unsigned int	n;
	unsigned int	len;
	bool		constant;
};

static DEFINE_PER_CPU(struct bench_copy, bench_copy);
static struct dentry *bench_dir;
static void *bench_record;
static u32 bench_reading;	/* the program that reads sets it */
static u64 *bench_samples[BENCH_SIDES];
static u64 *bench_ratios;

/*
 * BPF's ring buffer, by the helpers that a BPF program calls. The process that
 * loads this module has created the map, and is its consumer.
 */

typedef u64 (*bench_bpf_helper)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);

static bench_bpf_helper bench_bpf_output;
static bench_bpf_helper bench_bpf_query;

#ifdef CONFIG_BPF_SYSCALL

static int bench_bpf_open(void **target)
{
	struct bpf_map *map;

	if (bpf_ring < 0)
		return 0;
	map = bpf_map_get(bpf_ring);
	if (IS_ERR(map))
		return PTR_ERR(map);
	if (map->map_type != BPF_MAP_TYPE_RINGBUF || map->max_entries != BENCH_BYTES) {
		bpf_map_put(map);
		return -EINVAL;
	}
	bench_bpf_output = bpf_base_func_proto(BPF_FUNC_ringbuf_output, NULL)->func;
	bench_bpf_query = bpf_base_func_proto(BPF_FUNC_ringbuf_query, NULL)->func;
	*target = map;
	return 0;
}

static void bench_bpf_close(void *target)
{
	if (target)
		bpf_map_put(target);
}

#else

static int bench_bpf_open(void **target)
{
	return bpf_ring < 0 ? 0 : -EOPNOTSUPP;
}

static void bench_bpf_close(void *target)
{
}

#endif

/*
 * The sides
 */

typedef void (*bench_op)(void *target, const void *record, size_t len);

static __always_inline void bench_op_write(void *target, const void *record,
					   size_t len)
{
	relay_write(target, record, len);
}

static __always_inline void bench_op_slot(void *target, const void *record,
					  size_t len)
{
	struct relay_slot slot;

	if (relay_slot_reserve(target, &slot, len))
		return;
	memcpy(slot.data, record, len);
	relay_slot_commit(&slot);
}

static __always_inline void bench_op_stock(void *target, const void *record,
					   size_t len)
{
	__stock_relay_write(target, record, len);
}

static __always_inline void bench_op_stock_irq(void *target,
					       const void *record, size_t len)
{
	stock_relay_write(target, record, len);
}

static __always_inline void bench_op_ftrace(void *target, const void *record,
					    size_t len)
{
	struct ring_buffer_event *event = ring_buffer_lock_reserve(target, len);

	if (!event)
		return;
	memcpy(ring_buffer_event_data(event), record, len);
	ring_buffer_unlock_commit(target);
}

/* Calls the helper by its address, as a BPF program does. */
static __always_inline void bench_op_bpf(void *target, const void *record,
					 size_t len)
{
	bench_bpf_output((unsigned long)target, (unsigned long)record, len,
			 BPF_RB_NO_WAKEUP, 0);
}

static __always_inline void bench_op_copy(void *target, const void *record,
					  size_t len)
{
	struct bench_copy *copy = raw_cpu_ptr((struct bench_copy __percpu *)target);

	memcpy(copy->data + copy->pos, record, len);
	copy->pos = (copy->pos + len) % BENCH_BYTES;
}

static __always_inline void bench_op_empty(void *target, const void *record,
					   size_t len)
{
	asm volatile("" : : "r" (target), "r" (record), "r" (len) : "memory");
}

static u64 bench_clock(void)
{
	return count ? get_cycles() : ktime_get_ns();
}

static __always_inline u64 bench_loop(const struct bench_round *round,
				      size_t len, bench_op op)
{
	void *target = round->target;
	void *record = bench_record;
	unsigned int n = round->n;
	u64 start = bench_clock();

	do {
		op(target, record, len);
	} while (--n);
	return bench_clock() - start;
}

/* Most clients write structs, whose size the compiler knows. */
static __always_inline u64 bench_run(const struct bench_round *round,
				     bench_op op)
{
	switch (round->constant ? round->len : 0) {
	case 8:
		return bench_loop(round, 8, op);
	case 32:
		return bench_loop(round, 32, op);
	case 64:
		return bench_loop(round, 64, op);
	case 256:
		return bench_loop(round, 256, op);
	case 1024:
		return bench_loop(round, 1024, op);
	case 4096:
		return bench_loop(round, 4096, op);
	default:
		return bench_loop(round, round->len, op);
	}
}

#define BENCH_RUN(op)							\
static u64 bench_run_##op(const struct bench_round *round)		\
{									\
	return bench_run(round, bench_op_##op);				\
}

BENCH_RUN(write)
BENCH_RUN(slot)
BENCH_RUN(stock)
BENCH_RUN(stock_irq)
BENCH_RUN(ftrace)
BENCH_RUN(bpf)
BENCH_RUN(copy)
BENCH_RUN(empty)

/*
 * Making room for a round, outside of the measured time
 */

static bool bench_chan_drained(struct rchan *chan)
{
	struct relay_ring *ring = &(*per_cpu_ptr(chan->buf, BENCH_CPU))->ring;
	unsigned long pos = relay_word_read(&ring->control->reserve);
	unsigned long start = relay_pos_start(ring, pos);
	bool full = relay_pos_offset(ring, pos) == ring->subbuf_size;

	/* If a round has filled the last sub-buffer exactly, that one is consumed, too. */
	return (atomic_long_read(&ring->control->consumed) == start) != full;
}

static bool bench_chan_room(void *target)
{
	if (reader)
		return bench_chan_drained(target);
	relay_subbufs_consumed(target, BENCH_CPU, BENCH_SUBBUFS);
	return true;
}

static bool bench_stock_room(void *target)
{
	struct stock_rchan *chan = target;
	struct stock_rchan_buf *buf = *per_cpu_ptr(chan->buf, BENCH_CPU);

	if (reader)
		return READ_ONCE(buf->subbufs_consumed) == buf->subbufs_produced;
	stock_relay_subbufs_consumed(target, BENCH_CPU, BENCH_SUBBUFS);
	return true;
}

/* Consume all records, as the consumer of the map does. */
static bool bench_bpf_room(void *target)
{
	unsigned long pos = bench_bpf_query((unsigned long)target, BPF_RB_PROD_POS, 0, 0, 0);

	return !put_user(pos, (unsigned long __user *)bpf_consumer);
}

/**
 * struct bench_side - a side of the comparison
 * @name:	its name in the figures
 * @target:	target of its writes
 * @run:	writes a round, returns the time
 * @room:	makes room in a ring that does not overwrite; returns false to be
 *		called again
 */
struct bench_side {
	const char		*name;
	enum bench_target	target;
	u64 (*run)(const struct bench_round *round);
	bool (*room)(void *target);
};

static const struct bench_side bench_sides[] = {
	{ "write", BENCH_CHAN, bench_run_write, bench_chan_room },
	{ "stock", BENCH_STOCK, bench_run_stock, bench_stock_room },
	{ "slot", BENCH_CHAN, bench_run_slot, bench_chan_room },
	{ "global", BENCH_GLOBAL, bench_run_write, bench_chan_room },
	{ "ftrace", BENCH_FTRACE, bench_run_ftrace },
	{ "copy", BENCH_COPY, bench_run_copy },
	{ "bpf", BENCH_BPF, bench_run_bpf, bench_bpf_room },
	{ "stock_irq", BENCH_STOCK, bench_run_stock_irq },
	{ "reserved", BENCH_RESERVED, bench_run_write, bench_chan_room },
	{ "empty", BENCH_COPY, bench_run_empty },
};

/* The last three sides are only measured where instructions are counted. */
#define BENCH_TIMED_SIDES	7

static_assert(ARRAY_SIZE(bench_sides) == BENCH_SIDES);

static int bench_make_room(const struct bench_mode *mode,
			   const struct bench_side *side, void *target)
{
	int i;

	if (!side->room || (mode->overwrite && side->target != BENCH_BPF))
		return 0;
	for (i = 0; i < 1000; i++) {
		if (side->room(target))
			return 0;
		usleep_range(200, 400);
	}
	pr_err("%s: not drained\n", side->name);
	return -ETIMEDOUT;
}

/*
 * Figures
 */

/* Return: median of the ratios of @samples to @others in the same rounds, in thousandths. */
static u64 bench_ratio(const u64 *samples, const u64 *others)
{
	unsigned int i;

	for (i = 0; i < rounds; i++)
		bench_ratios[i] = div64_u64(samples[i] * 1000, max(others[i], 1));
	return bench_median(bench_ratios, rounds);
}

/* Print a figure: thousandths of a nanosecond, or of an instruction, per write. */
static void bench_print(const char *what, const char *side, u64 *samples,
			unsigned int n)
{
	u64 median = bench_median(samples, rounds), sum = 0;
	unsigned int i;

	for (i = 0; i < rounds; i++)
		sum += samples[i];
	pr_info("figure %s side=%s median=%llu mean=%llu min=%llu\n", what, side,
		div_u64(median * 1000, n),
		div64_u64(sum * 1000, (u64)n * rounds),
		div_u64(samples[0] * 1000, n));
}

/* Must be called before bench_print(), which sorts the samples. */
static void bench_print_ratio(const char *what, unsigned int i, unsigned int k)
{
	pr_info("ratio %s side=%s other=%s ratio=%llu\n", what,
		bench_sides[i].name, bench_sides[k].name,
		bench_ratio(bench_samples[i], bench_samples[k]));
}

static u64 bench_timed(const struct bench_side *side,
		       const struct bench_round *round)
{
	unsigned long flags;
	u64 time;

	/*
	 * Interrupts off, so that only instructions of the loop are counted. On User-mode
	 * Linux, where interrupts are signals, disabling them takes hundreds of nanoseconds.
	 * BPF's ring buffer disables them for each record; if they are off already, that
	 * costs about as much as on hardware.
	 */
	local_irq_save(flags);
	time = side->run(round);
	local_irq_restore(flags);
	return time;
}

static bool bench_applies(const struct bench_mode *mode, unsigned int side)
{
	if (side >= BENCH_TIMED_SIDES)
		return count;
	/* ftrace's buffer exists in one mode only, BPF's only if its map was created. */
	return mode->target[bench_sides[side].target];
}

static bool bench_is_ours(unsigned int side)
{
	return bench_sides[side].target < BENCH_STOCK;
}

static bool bench_is_rival(unsigned int side)
{
	return !bench_is_ours(side) && bench_sides[side].target != BENCH_COPY;
}

static int bench_set_round(const struct bench_mode *mode,
			   struct bench_round *round, unsigned int r)
{
	const struct bench_side *side;
	unsigned int i, k;
	int err;

	for (k = 0; k < BENCH_SIDES; k++) {
		i = r % 2 ? BENCH_SIDES - 1 - k : k;
		if (!bench_applies(mode, i))
			continue;
		side = &bench_sides[i];
		round->target = mode->target[side->target];
		err = bench_make_room(mode, side, round->target);
		if (err)
			return err;
		bench_samples[i][r] = bench_timed(side, round);
	}
	cond_resched();
	return 0;
}

static void bench_print_ratios(const struct bench_mode *mode, const char *what)
{
	unsigned int i, k;

	for (i = 0; i < BENCH_TIMED_SIDES; i++)
		for (k = 0; k < BENCH_TIMED_SIDES; k++)
			if (bench_is_ours(i) && bench_is_rival(k) &&
			    bench_applies(mode, k))
				bench_print_ratio(what, i, k);
}

/* Measure all sides with one length in one mode. */
static int bench_set(const struct bench_mode *mode, unsigned int len,
		     bool constant)
{
	struct bench_round round = { .len = len, .constant = constant };
	unsigned int i;
	char what[80];
	int err;

	round.n = count ? BENCH_COUNT_N : min(BENCH_ROUND / len, BENCH_MAX_N);
	/* The first round warms the caches, and does not count. */
	err = bench_set_round(mode, &round, 0);
	for (i = 0; i < rounds && !err; i++)
		err = bench_set_round(mode, &round, i);
	if (err)
		return err;

	snprintf(what, sizeof(what), "mode=%s reader=%d len=%u constant=%d",
		 mode->name, reader, len, constant);
	bench_print_ratios(mode, what);
	for (i = 0; i < BENCH_SIDES; i++)
		if (bench_applies(mode, i))
			bench_print(what, bench_sides[i].name, bench_samples[i],
				    round.n);
	return 0;
}

/*
 * Two CPUs
 */

/**
 * struct bench_pair - a round on several CPUs at once
 * @side:	the side
 * @round:	the round
 * @cpus:	number of CPUs
 * @ready:	number of CPUs that are ready to write
 * @done:	number of CPUs that have written
 * @time:	sum of the times of the CPUs
 */
struct bench_pair {
	const struct bench_side		*side;
	const struct bench_round	*round;
	int				cpus;
	atomic_t			ready;
	atomic_t			done;
	atomic64_t			time;
};

static struct bench_pair *bench_job;	/* for the other CPU */

static void bench_pair_run(struct bench_pair *pair)
{
	atomic_inc(&pair->ready);
	while (atomic_read(&pair->ready) < pair->cpus)
		cpu_relax();
	atomic64_add(bench_timed(pair->side, pair->round), &pair->time);
	atomic_inc(&pair->done);
}

/* The thread of the other CPU; it spins, so that it need not be woken. */
static int bench_helper(void *unused)
{
	struct bench_pair *pair;

	while (!kthread_should_stop()) {
		cpu_relax();
		pair = xchg(&bench_job, NULL);
		if (!pair)
			continue;
		preempt_disable();
		bench_pair_run(pair);
		preempt_enable();
	}
	return 0;
}

/* Return: time of a round, on average of the @cpus CPUs that write at once. */
static u64 bench_pair_round(const struct bench_side *side,
			    const struct bench_round *round, int cpus)
{
	struct bench_pair pair = { .side = side, .round = round, .cpus = cpus };

	preempt_disable();
	if (cpus > 1)
		smp_store_release(&bench_job, &pair); /* bench_helper() */
	bench_pair_run(&pair);
	while (atomic_read(&pair.done) < cpus)
		cpu_relax();
	preempt_enable();
	return div_u64(atomic64_read(&pair.time), cpus);
}

static const struct {
	unsigned int	side;
	int		cpus;
} bench_pairs[] = {
	{ 0, 1 }, { 0, 2 }, { 5, 1 }, { 5, 2 }, { 3, 1 }, { 3, 2 }, { 4, 1 }, { 4, 2 },
	{ 6, 1 }, { 6, 2 },
};

static_assert(ARRAY_SIZE(bench_pairs) <= BENCH_SIDES);

/* Return: the gain of writes from a second CPU, divided by that of memcpy, in thousandths. */
static u64 bench_gain_ratio(void)
{
	u64 **took = bench_samples;
	unsigned int i;

	for (i = 0; i < rounds; i++)
		bench_ratios[i] = div64_u64(took[0][i] * took[3][i] * 1000,
					    max(took[1][i] * took[2][i], 1));
	return bench_median(bench_ratios, rounds);
}

static int bench_pair_rounds(const struct bench_mode *mode,
			     struct bench_round *round, unsigned int r)
{
	const struct bench_side *side;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(bench_pairs); i++) {
		if (!bench_applies(mode, bench_pairs[i].side))
			continue;
		side = &bench_sides[bench_pairs[i].side];
		round->target = mode->target[side->target];
		err = bench_make_room(mode, side, round->target);
		if (err)
			return err;
		bench_samples[i][r] = bench_pair_round(side, round,
						       bench_pairs[i].cpus);
	}
	cond_resched();
	return 0;
}

static int bench_scale(const struct bench_mode *mode, unsigned int len)
{
	struct bench_round round = { .len = len, .constant = true };
	struct task_struct *helper;
	unsigned int i;
	char what[80];
	int err = 0;

	/* Both CPUs write to a global ring, and BPF's must hold the records of both. */
	round.n = min(BENCH_ROUND / len, BENCH_MAX_N);
	helper = kthread_run_on_cpu(bench_helper, NULL,
				    cpumask_next(BENCH_CPU, cpu_online_mask),
				    "relay_bench/%u");
	if (IS_ERR(helper))
		return PTR_ERR(helper);
	for (i = 0; i < rounds && !err; i++)
		err = bench_pair_rounds(mode, &round, i);
	kthread_stop(helper);
	if (err)
		return err;

	pr_info("ratio mode=%s len=%u side=write other=copy gain=2 ratio=%llu\n",
		mode->name, len, bench_gain_ratio());
	if (mode->target[BENCH_BPF])
		pr_info("ratio mode=%s len=%u side=global other=bpf cpus=2 ratio=%llu\n",
			mode->name, len, bench_ratio(bench_samples[5], bench_samples[9]));
	for (i = 0; i < ARRAY_SIZE(bench_pairs); i++) {
		if (!bench_applies(mode, bench_pairs[i].side))
			continue;
		snprintf(what, sizeof(what), "mode=%s len=%u cpus=%d", mode->name,
			 len, bench_pairs[i].cpus);
		bench_print(what, bench_sides[bench_pairs[i].side].name,
			    bench_samples[i], round.n);
	}
	return 0;
}

/*
 * Channels
 */

static struct dentry *bench_create_file(const char *name, struct dentry *parent,
					umode_t mode, struct rchan_buf *buf,
					int *is_global)
{
	return debugfs_create_file(name, mode, parent, buf,
				   &relay_file_operations);
}

static struct dentry *bench_stock_create_file(const char *name,
					      struct dentry *parent,
					      umode_t mode,
					      struct stock_rchan_buf *buf,
					      int *is_global)
{
	return debugfs_create_file(name, mode, parent, buf,
				   &stock_relay_file_operations);
}

static int bench_remove_file(struct dentry *dentry)
{
	debugfs_remove(dentry);
	return 0;
}

static int bench_stock_continue(struct stock_rchan_buf *buf, void *subbuf,
				void *prev_subbuf)
{
	return 1;
}

static const struct rchan_callbacks bench_callbacks = {
	.create_buf_file	= bench_create_file,
	.remove_buf_file	= bench_remove_file,
};

static const struct stock_rchan_callbacks bench_stock_keep = {
	.create_buf_file	= bench_stock_create_file,
	.remove_buf_file	= bench_remove_file,
};

static const struct stock_rchan_callbacks bench_stock_overwrite = {
	.create_buf_file	= bench_stock_create_file,
	.remove_buf_file	= bench_remove_file,
	.subbuf_start		= bench_stock_continue,
};

static struct rchan *bench_open(const struct bench_mode *mode, const char *name,
				unsigned int flags)
{
	struct relay_params params = {
		.name		= name,
		.parent		= flags & RELAY_RESERVED ? NULL : bench_dir,
		.subbuf_size	= BENCH_SUBBUF,
		.n_subbufs	= BENCH_SUBBUFS,
		.flags		= flags | (mode->overwrite ? RELAY_OVERWRITE : 0),
		.cb		= flags & RELAY_RESERVED ? NULL : &bench_callbacks,
	};
	struct rchan *chan = relay_open_params(&params);

	return IS_ERR(chan) ? NULL : chan;
}

static struct trace_buffer *bench_open_ftrace(void)
{
	struct trace_buffer *buffer = ring_buffer_alloc(BENCH_BYTES, RB_FL_OVERWRITE);

	if (buffer && ring_buffer_subbuf_order_set(buffer, get_order(BENCH_SUBBUF))) {
		ring_buffer_free(buffer);
		return NULL;
	}
	return buffer;
}

static int bench_mode_open(struct bench_mode *mode)
{
	char name[32];
	int err;

	snprintf(name, sizeof(name), "%s-chan", mode->name);
	mode->target[BENCH_CHAN] = bench_open(mode, name, 0);
	snprintf(name, sizeof(name), "%s-global", mode->name);
	mode->target[BENCH_GLOBAL] = bench_open(mode, name, RELAY_GLOBAL);
	snprintf(name, sizeof(name), "%s-stock", mode->name);
	mode->target[BENCH_STOCK] =
		stock_relay_open(name, bench_dir, BENCH_SUBBUF, BENCH_SUBBUFS,
				 mode->overwrite ? &bench_stock_overwrite :
						   &bench_stock_keep, NULL);
	mode->target[BENCH_COPY] = (void __force *)&bench_copy;
	if (mode->overwrite)
		mode->target[BENCH_FTRACE] = bench_open_ftrace();
	err = bench_bpf_open(&mode->target[BENCH_BPF]);
	if (err)
		return err;

	if (!mode->target[BENCH_CHAN] || !mode->target[BENCH_GLOBAL] ||
	    !mode->target[BENCH_STOCK])
		return -ENOMEM;
	/* The kernel in which instructions are counted has a reserved area. */
	snprintf(name, sizeof(name), "%s-reserved", mode->name);
	mode->target[BENCH_RESERVED] = count ? bench_open(mode, name, RELAY_RESERVED) : NULL;
	if (count && !mode->target[BENCH_RESERVED])
		return -ENODEV;
	return mode->overwrite && !mode->target[BENCH_FTRACE] ? -ENOMEM : 0;
}

static void bench_mode_close(struct bench_mode *mode)
{
	relay_close(mode->target[BENCH_CHAN]);
	relay_close(mode->target[BENCH_GLOBAL]);
	relay_close(mode->target[BENCH_RESERVED]);
	stock_relay_close(mode->target[BENCH_STOCK]);
	if (mode->target[BENCH_FTRACE])
		ring_buffer_free(mode->target[BENCH_FTRACE]);
	bench_bpf_close(mode->target[BENCH_BPF]);
}

static int bench_alloc(void)
{
	unsigned int i;

	bench_record = kzalloc(BENCH_RECORD, GFP_KERNEL);
	if (!bench_record)
		return -ENOMEM;
	bench_ratios = kvcalloc(rounds, sizeof(u64), GFP_KERNEL);
	if (!bench_ratios)
		return -ENOMEM;
	for (i = 0; i < BENCH_SIDES; i++) {
		bench_samples[i] = kvcalloc(rounds, sizeof(u64), GFP_KERNEL);
		if (!bench_samples[i])
			return -ENOMEM;
	}
	for_each_possible_cpu(i) {
		/* The last record may begin just before the end. */
		per_cpu_ptr(&bench_copy, i)->data = vzalloc(BENCH_BYTES + BENCH_RECORD);
		if (!per_cpu_ptr(&bench_copy, i)->data)
			return -ENOMEM;
	}
	return 0;
}

static void bench_free(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bench_modes); i++)
		bench_mode_close(&bench_modes[i]);
	debugfs_remove(bench_dir);
	for_each_possible_cpu(i)
		vfree(per_cpu_ptr(&bench_copy, i)->data);
	for (i = 0; i < BENCH_SIDES; i++)
		kvfree(bench_samples[i]);
	kvfree(bench_ratios);
	kfree(bench_record);
}

static int bench_open_all(void)
{
	unsigned int i;
	int err = bench_alloc();

	bench_dir = debugfs_create_dir("relay_bench", NULL);
	debugfs_create_u32("reading", 0600, bench_dir, &bench_reading);
	for (i = 0; i < ARRAY_SIZE(bench_modes) && !err; i++)
		err = bench_mode_open(&bench_modes[i]);
	return err;
}

static int bench_wait_reader(void)
{
	int i;

	for (i = 0; i < 1000 && reader; i++) {
		if (READ_ONCE(bench_reading))
			return 0;
		msleep(20);
	}
	return reader ? -ETIMEDOUT : 0;
}

static int bench_lengths(const struct bench_mode *mode)
{
	static const unsigned int lens[] = { 8, 32, 64, 256, 1024, 4096 };
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(lens) && !err; i++)
		err = bench_set(mode, lens[i], true);
	return err;
}

static int bench_all(void)
{
	unsigned int i;
	int err = bench_wait_reader();

	if (err)
		return err;
	if (!reader) {
		err = bench_set(&bench_modes[0], 32, true);
		if (!err)
			err = bench_set(&bench_modes[0], 32, false);
	}
	if (err || count || quick)
		return err;
	for (i = 0; i < ARRAY_SIZE(bench_modes) && !err; i++)
		err = bench_lengths(&bench_modes[i]);
	if (!err && !reader && num_online_cpus() > 1)
		err = bench_scale(&bench_modes[0], 32);
	return err;
}

/* The loading thread runs pinned to one CPU. */
static int __init bench_init(void)
{
	cpumask_var_t allowed;
	int err = -ENOMEM;

	if (!rounds || (count && !get_cycles()))
		return -EINVAL;
	if (!zalloc_cpumask_var(&allowed, GFP_KERNEL))
		return err;
	cpumask_copy(allowed, current->cpus_ptr);
	set_cpus_allowed_ptr(current, cpumask_of(BENCH_CPU));

	err = bench_open_all();
	if (!err)
		err = bench_all();
	if (err)
		bench_free();

	set_cpus_allowed_ptr(current, allowed);
	free_cpumask_var(allowed);
	return err;
}

static void __exit bench_exit(void)
{
	bench_free();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("What a write to relay costs");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("BPF_INTERNAL");
