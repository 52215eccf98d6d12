// SPDX-License-Identifier: GPL-2.0
/*
 * Writers in every context on every CPU, a reader and a flusher, all at once.
 *
 * Each CPU has a thread, an hrtimer (hard interrupt), an irq_work and a BH
 * work that write to the same buffer. Now and then the thread waits for an
 * interrupt while its reservation is open, or writes as an interrupt would, so
 * that writes nest in every run, on a slow machine, too.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "support.h"

static unsigned int stress_writes = 3000;
module_param(stress_writes, uint, 0444);
MODULE_PARM_DESC(stress_writes, "records that each thread writes");

enum stress_context { STRESS_TASK, STRESS_SOFTIRQ, STRESS_HARDIRQ, STRESS_IRQ_WORK,
		      STRESS_CONTEXTS };

#define STRESS_MAGIC	0x7e1a7e1a
#define STRESS_PAYLOAD	160		/* at most, besides struct stress_record */
#define STRESS_READ	65536

/* Sizes are multiples of 8, as those of sub-buffers are: a discarded record is zero words. */
struct stress_header {
	u32	size;
	u32	magic;
	u64	time;
};

struct stress_record {
	u32	cpu;
	u32	context;
	u64	number;
	u8	fill[];
};

struct stress_mode {
	const char	*name;
	struct relay_params params;
	bool		legacy;		/* relay_open(), with a subbuf_start */
	bool		reset;		/* no reader, but resets */
};

struct stress_cpu {
	struct stress		*stress;
	unsigned int		cpu;
	unsigned long		attempts[STRESS_CONTEXTS];
	struct rnd_state	random[STRESS_CONTEXTS];
	unsigned int		interrupts;
	unsigned int		nested;
	struct hrtimer		timer;
	struct irq_work		irq_work;
	struct work_struct	bh_work;
	struct task_struct	*thread;
};

/* State of the reader of one buffer. */
struct stress_reader {
	char		*data;
	size_t		left;		/* bytes of @data not yet checked */
	u64		time;
	u64		number[NR_CPUS][STRESS_CONTEXTS];
};

struct stress {
	struct kunit		*test;
	const struct stress_mode *mode;
	struct rchan		*chan;
	struct stress_cpu	*cpu;
	struct stress_reader	*reader;
	atomic_t		running;	/* threads that write */
	atomic_t		steps;		/* of these threads */
	atomic_t		looked;		/* steps up to which the reader has read */
	wait_queue_head_t	step;
	struct completion	flushed;
	unsigned long		received;
	bool			bad;
};

/*
 * Writing
 */

static atomic64_t stress_time;

static u64 stress_clock(void)
{
	return atomic64_inc_return(&stress_time);
}

static size_t stress_header_size(const struct relay_slot *slot, size_t offset)
{
	return sizeof(struct stress_header);
}

static void stress_header(const struct relay_slot *slot, void *at)
{
	struct stress_header *header = at;

	header->size = slot->size;
	header->magic = STRESS_MAGIC;
	header->time = slot->time;
}

static const struct relay_record_ops stress_ops = {
	.clock		= stress_clock,
	.header_size	= stress_header_size,
	.header		= stress_header,
};

static void stress_fill(struct stress_record *record, struct stress_cpu *this,
			enum stress_context context, size_t fill)
{
	record->cpu = this->cpu;
	record->context = context;
	record->number = this->attempts[context];
	memset(record->fill, record->number, fill);
}

static void stress_write(struct stress_cpu *this, enum stress_context context);

/* Called with an open reservation: write as an interrupt would, or wait a while for one. */
static void stress_linger(struct stress_cpu *this, u32 random)
{
	unsigned int seen = READ_ONCE(this->interrupts);
	unsigned long flags;
	int i;

	if (random & 1) {
		local_irq_save(flags);
		stress_write(this, STRESS_HARDIRQ);
		stress_write(this, STRESS_HARDIRQ);
		local_irq_restore(flags);
		return;
	}
	for (i = 0; i < 3000 && READ_ONCE(this->interrupts) == seen; i++)
		cpu_relax();
}

static void stress_write_slot(struct stress_cpu *this, enum stress_context context,
			      size_t fill, u32 random)
{
	struct relay_slot slot;

	if (relay_slot_reserve_ops(this->stress->chan, &slot,
				   sizeof(struct stress_record) + fill, &stress_ops))
		return;
	this->nested += relay_slot_interrupts(&slot);
	stress_fill(slot.data, this, context, fill / 2);
	if (context == STRESS_TASK && !(random >> 16 & 63))
		stress_linger(this, random >> 24);
	stress_fill(slot.data, this, context, fill);
	if (random >> 25 & 15)
		relay_slot_commit(&slot);
	else
		relay_slot_discard(&slot);
}

static void stress_write_legacy(struct stress_cpu *this, enum stress_context context,
				size_t fill)
{
	struct {
		struct stress_header	header;
		struct stress_record	record;
		u8			fill[STRESS_PAYLOAD];
	} all = { .header.magic = STRESS_MAGIC };

	all.header.size = sizeof(all.header) + sizeof(all.record) + fill;
	stress_fill(&all.record, this, context, fill);
	relay_write(this->stress->chan, &all, all.header.size);
}

static void stress_write(struct stress_cpu *this, enum stress_context context)
{
	u32 random = prandom_u32_state(&this->random[context]);
	size_t fill = (random & 255) % STRESS_PAYLOAD & ~7;

	this->attempts[context]++;
	if (this->stress->mode->legacy)
		stress_write_legacy(this, context, fill);
	else
		stress_write_slot(this, context, fill, random);
}

static enum hrtimer_restart stress_timer(struct hrtimer *timer)
{
	struct stress_cpu *this = container_of(timer, struct stress_cpu, timer);

	stress_write(this, STRESS_HARDIRQ);
	stress_write(this, STRESS_HARDIRQ);
	WRITE_ONCE(this->interrupts, this->interrupts + 1);
	irq_work_queue(&this->irq_work);
	queue_work_on(this->cpu, system_bh_wq, &this->bh_work);
	hrtimer_forward_now(timer, us_to_ktime(50));
	return HRTIMER_RESTART;
}

static void stress_irq_work(struct irq_work *work)
{
	stress_write(container_of(work, struct stress_cpu, irq_work), STRESS_IRQ_WORK);
}

static void stress_bh_work(struct work_struct *work)
{
	struct stress_cpu *this = container_of(work, struct stress_cpu, bh_work);
	int i;

	for (i = 0; i < 3; i++)
		stress_write(this, STRESS_SOFTIRQ);
}

/*
 * Reader and flusher keep pace with the writers, which wait for the reader: a thread must
 * not rely on preemption, because User-mode Linux can lose a tick.
 */
static void stress_step(struct stress *stress, bool wait)
{
	int step = atomic_inc_return(&stress->steps);

	wake_up_all(&stress->step);
	if (wait)
		wait_event(stress->step, atomic_read(&stress->looked) - step >= 0);
}

static bool stress_next(struct stress *stress, int *seen)
{
	wait_event(stress->step, atomic_read(&stress->steps) != *seen ||
		   !atomic_read(&stress->running));
	*seen = atomic_read(&stress->steps);
	return atomic_read(&stress->running);
}

static int stress_thread(void *arg)
{
	struct stress_cpu *this = arg;
	unsigned int i;

	hrtimer_start(&this->timer, us_to_ktime(50), HRTIMER_MODE_REL_PINNED_HARD);
	for (i = 1; i <= stress_writes; i++) {
		stress_write(this, STRESS_TASK);
		if (!(i & 31))
			stress_step(this->stress, i & 32);
	}
	hrtimer_cancel(&this->timer);
	irq_work_sync(&this->irq_work);
	flush_work(&this->bh_work);
	atomic_dec(&this->stress->running);
	stress_step(this->stress, false);
	return 0;
}

static int stress_flusher(void *arg)
{
	struct stress *stress = arg;
	int seen = 0;

	while (stress_next(stress, &seen)) {
		relay_flush(stress->chan);
		if (stress->mode->reset)
			relay_reset(stress->chan);
	}
	complete(&stress->flushed);
	return 0;
}

/*
 * Reading
 */

/* Return: the error in a record, or NULL. */
static const char *stress_record_error(struct stress *stress, struct relay_buf *buf,
				       struct stress_reader *reader,
				       const struct stress_header *header)
{
	const struct stress_record *record = (void *)(header + 1);
	size_t fill = header->size - sizeof(*header) - sizeof(*record);
	u64 *number;

	if (header->magic != STRESS_MAGIC || header->size % 8 || fill >= STRESS_PAYLOAD)
		return "header";
	if (record->cpu >= nr_cpu_ids || record->context >= STRESS_CONTEXTS)
		return "writer";
	if (!buf->ring.global && record->cpu != buf->cpu)
		return "CPU";
	if (memchr_inv(record->fill, (u8)record->number, fill))
		return "torn";
	number = &reader->number[record->cpu][record->context];
	if (record->number <= *number ||
	    record->number > stress->cpu[record->cpu].attempts[record->context])
		return "order";
	*number = record->number;
	if (!stress->mode->legacy && header->time <= reader->time)
		return "time";
	reader->time = header->time;
	return NULL;
}

/* Check the complete records of @reader's data. Return: their bytes. */
static size_t stress_look(struct stress *stress, struct relay_buf *buf,
			  struct stress_reader *reader)
{
	const struct stress_header *header;
	const char *error;
	size_t pos = 0;

	while (reader->left - pos >= sizeof(*header)) {
		header = (void *)reader->data + pos;
		if (!header->size) {	/* a discarded record */
			pos += 8;
			continue;
		}
		if (reader->left - pos < header->size)
			break;
		error = stress_record_error(stress, buf, reader, header);
		if (error) {
			KUNIT_FAIL(stress->test, "buffer %u, byte %zu of %zu: %s",
				   buf->cpu, pos, reader->left, error);
			stress->bad = true;
			return reader->left;
		}
		stress->received++;
		pos += header->size;
	}
	return pos;
}

static bool stress_read(struct stress *stress, unsigned int cpu)
{
	struct relay_buf *buf = relay_test_buf(stress->chan, cpu);
	struct stress_reader *reader = &stress->reader[cpu];
	ssize_t got;
	size_t seen;

	got = relay_test_read(buf, reader->data + reader->left, STRESS_READ - reader->left);
	if (got <= 0)
		return false;
	reader->left += got;
	seen = stress_look(stress, buf, reader);
	reader->left -= seen;
	memmove(reader->data, reader->data + seen, reader->left);
	return true;
}

static bool stress_read_all(struct stress *stress)
{
	bool any = false;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		any |= stress_read(stress, cpu);
		if (stress->chan->is_global)
			break;
	}
	return any;
}

/* The data that is left consists of zero words of discarded records. */
static void stress_expect_nothing_left(struct stress *stress)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		KUNIT_EXPECT_NULL(stress->test,
				  memchr_inv(stress->reader[cpu].data, 0,
					     stress->reader[cpu].left));
}

/*
 * Setting up
 */

static struct dentry *stress_create(const char *filename, struct dentry *parent,
				    umode_t mode, struct rchan_buf *buf, int *is_global)
{
	*is_global = !!buf->chan->private_data;
	/* A channel without a name has no files: any value but NULL is valid. */
	return (struct dentry *)buf;
}

static int stress_remove(struct dentry *dentry)
{
	return 0;
}

static int stress_start(struct rchan_buf *buf, void *subbuf, void *prev_subbuf)
{
	return !relay_buf_full(buf);
}

static const struct rchan_callbacks stress_cb = {
	.subbuf_start	= stress_start,
	.create_buf_file = stress_create,
	.remove_buf_file = stress_remove,
};

KUNIT_DEFINE_ACTION_WRAPPER(stress_vfree, vfree, const void *);
KUNIT_DEFINE_ACTION_WRAPPER(stress_close, relay_close, struct rchan *);

static void *stress_alloc(struct kunit *test, size_t size)
{
	void *memory = vzalloc(size);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stress_vfree, memory));
	return memory;
}

static void stress_open(struct stress *stress)
{
	const struct relay_params *params = &stress->mode->params;
	struct kunit *test = stress->test;

	if (!stress->mode->legacy) {
		stress->chan = relay_test_open(test, params);
		return;
	}
	stress->chan = relay_open(NULL, NULL, params->subbuf_size, params->n_subbufs,
				  &stress_cb, params->flags & RELAY_GLOBAL ? test : NULL);
	KUNIT_ASSERT_NOT_NULL(test, stress->chan);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stress_close, stress->chan));
}

static void stress_init_cpu(struct stress *stress, unsigned int cpu,
			    struct rnd_state *random)
{
	struct stress_cpu *this = &stress->cpu[cpu];
	int i;

	this->stress = stress;
	this->cpu = cpu;
	for (i = 0; i < STRESS_CONTEXTS; i++)
		prandom_seed_state(&this->random[i], prandom_u32_state(random));
	hrtimer_setup(&this->timer, stress_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	init_irq_work(&this->irq_work, stress_irq_work);
	INIT_WORK(&this->bh_work, stress_bh_work);
	stress->reader[cpu].data = stress_alloc(stress->test, STRESS_READ);
}

static void stress_start_threads(struct stress *stress)
{
	struct task_struct *thread;
	unsigned int cpu;

	atomic_set(&stress->running, num_online_cpus());
	for_each_online_cpu(cpu) {
		thread = kthread_run_on_cpu(stress_thread, &stress->cpu[cpu], cpu,
					    "relay_writer/%u");
		if (IS_ERR(thread)) {
			KUNIT_FAIL(stress->test, "no thread");
			atomic_dec(&stress->running);
		}
	}
	if (IS_ERR(kthread_run(stress_flusher, stress, "relay_flusher"))) {
		KUNIT_FAIL(stress->test, "no thread");
		complete(&stress->flushed);
	}
}

static void stress_run(struct stress *stress)
{
	int seen = 0;

	stress_start_threads(stress);
	while (stress_next(stress, &seen)) {
		if (!stress->mode->reset && !stress->bad)
			stress_read_all(stress);
		atomic_set(&stress->looked, seen);
		wake_up_all(&stress->step);
	}
	wait_for_completion(&stress->flushed);
}

static unsigned long stress_attempts(struct stress *stress)
{
	unsigned long attempts = 0;
	unsigned int cpu, context;

	for_each_online_cpu(cpu)
		for (context = 0; context < STRESS_CONTEXTS; context++)
			attempts += stress->cpu[cpu].attempts[context];
	return attempts;
}

/*
 * Nested writes in all modes so far. On a busy machine no timer may interrupt a write in
 * one mode, but one does so in another.
 */
static unsigned int stress_nested;

static void stress_report(struct stress *stress, const struct relay_counters *stats)
{
	unsigned int nested = 0, interrupts = 0, cpu;

	for_each_online_cpu(cpu) {
		nested += stress->cpu[cpu].nested;
		interrupts += stress->cpu[cpu].interrupts;
	}
	kunit_info(stress->test,
		   "%llu written, %lu read, %llu overwritten, %llu erased, %llu discarded, %llu full, %llu busy; %u interrupts, %u nested",
		   stats->committed, stress->received, stats->overwritten, stats->erased,
		   stats->discarded, stats->lost[RELAY_LOST_FULL],
		   stats->lost[RELAY_LOST_NESTED], interrupts, nested);
	stress_nested += nested;
	KUNIT_EXPECT_GT(stress->test, stress_nested, 0);
}

static void relay_test_stress(struct kunit *test)
{
	struct stress *stress = kunit_kzalloc(test, sizeof(*stress), GFP_KERNEL);
	struct relay_counters stats;
	struct rnd_state random;
	unsigned int cpu;

	KUNIT_ASSERT_NOT_NULL(test, stress);
	stress->test = test;
	stress->mode = test->param_value;
	init_waitqueue_head(&stress->step);
	init_completion(&stress->flushed);
	stress->cpu = stress_alloc(test, nr_cpu_ids * sizeof(*stress->cpu));
	stress->reader = stress_alloc(test, nr_cpu_ids * sizeof(*stress->reader));
	relay_test_random(test, &random);
	stress_open(stress);
	for_each_online_cpu(cpu)
		stress_init_cpu(stress, cpu, &random);
	stress_run(stress);

	relay_flush(stress->chan);
	while (!stress->bad && stress_read_all(stress))
		;
	stress_expect_nothing_left(stress);
	relay_chan_stats(stress->chan, &stats);
	relay_test_conserved(test, &stats, stress_attempts(stress), stress->received, 0);
	stress_report(stress, &stats);
}

#define LARGE	.subbuf_size = 65536, .n_subbufs = 8
#define SMALL	.subbuf_size = 344, .n_subbufs = 3

static const struct stress_mode stress_modes[] = {
	{ "large", { LARGE } },
	{ "small", { SMALL } },
	{ "large overwrite", { LARGE, .flags = RELAY_OVERWRITE } },
	{ "small overwrite", { SMALL, .flags = RELAY_OVERWRITE } },
	{ "large global", { LARGE, .flags = RELAY_GLOBAL } },
	{ "small global", { SMALL, .flags = RELAY_GLOBAL } },
	{ "large global overwrite", { LARGE, .flags = RELAY_OVERWRITE | RELAY_GLOBAL } },
	{ "small global overwrite", { SMALL, .flags = RELAY_OVERWRITE | RELAY_GLOBAL } },
	{ "timer", { LARGE, .flags = RELAY_TIMER_SWITCH | RELAY_TIMER_WAKE, .timer_ms = 1 } },
	{ "legacy", { LARGE }, .legacy = true },
	{ "legacy small", { SMALL }, .legacy = true },
	{ "legacy global", { LARGE, .flags = RELAY_GLOBAL }, .legacy = true },
	{ "legacy small global", { SMALL, .flags = RELAY_GLOBAL }, .legacy = true },
	{ "reset", { LARGE }, .reset = true },
	{ "reset overwrite", { SMALL, .flags = RELAY_OVERWRITE }, .reset = true },
	{ "reset global", { SMALL, .flags = RELAY_GLOBAL }, .reset = true },
};

KUNIT_ARRAY_PARAM_DESC(stress, stress_modes, name);

static struct kunit_case relay_stress_cases[] = {
	KUNIT_CASE_PARAM(relay_test_stress, stress_gen_params),
	{}
};

static struct kunit_suite relay_stress_suite = {
	.name		= "relay-stress",
	.test_cases	= relay_stress_cases,
};

kunit_test_suite(relay_stress_suite);
