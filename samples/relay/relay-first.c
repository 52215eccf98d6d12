// SPDX-License-Identifier: GPL-2.0
/* A first channel: a timer records its time and CPU a hundred times a second. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/relay.h>
#include <linux/sched/clock.h>
#include <linux/timer.h>

struct first_record {
	u64	time;		/* nanoseconds since boot */
	u32	cpu;
	u32	count;
};

/* Relay calls the clock in the reserve, so that no record is older than the previous one. */
static const struct relay_record_ops first_ops = {
	.clock	= local_clock,
};

static struct rchan *first_chan;
static u32 first_count;

static void first_tick(struct timer_list *timer)
{
	struct first_record *record;
	struct relay_slot slot;

	mod_timer(timer, jiffies + max(HZ / 100, 1));
	first_count++;
	if (relay_slot_reserve_ops(first_chan, &slot, sizeof(*record), &first_ops))
		return;	/* counted in "stats" */
	record = slot.data;
	record->time = slot.time;
	record->cpu = smp_processor_id();
	record->count = first_count;
	relay_slot_commit(&slot);
}

static DEFINE_TIMER(first_timer, first_tick);

static int __init first_init(void)
{
	struct relay_params params = {
		.name		= "relay-first",
		.subbuf_size	= 4096,
		.n_subbufs	= 8,
		.flags		= RELAY_TIMER_SWITCH,	/* a reader need not wait */
		.timer_ms	= 100,			/* for a full sub-buffer */
	};

	first_chan = relay_open_params(&params);
	if (IS_ERR(first_chan))
		return PTR_ERR(first_chan);
	first_timer.expires = jiffies + 1;
	add_timer_on(&first_timer, 0);
	return 0;
}

static void __exit first_exit(void)
{
	timer_shutdown_sync(&first_timer);
	relay_close(first_chan);
}

module_init(first_init);
module_exit(first_exit);
MODULE_DESCRIPTION("A first relay channel");
MODULE_LICENSE("GPL");
