// SPDX-License-Identifier: GPL-2.0
/*
 * A channel whose owner resets it while it writes. A record has its number, and bytes
 * that follow from the number, so that a reader can tell whether it is whole.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/relay.h>

#define RECORD_SIZE	100
#define BURST		64

static unsigned long resets;
module_param(resets, ulong, 0444);
MODULE_PARM_DESC(resets, "resets so far");

static struct rchan *chan;
static struct task_struct *writer, *resetter;

static void reset_fill(u8 *record, u32 number)
{
	unsigned int i;

	for (i = 0; i < RECORD_SIZE; i++)
		record[i] = i < sizeof(number) ? number >> (8 * i) : number + i;
}

static int reset_write(void *unused)
{
	u8 record[RECORD_SIZE];
	u32 number = 0;

	while (!kthread_should_stop()) {
		reset_fill(record, number++);
		relay_write(chan, record, sizeof(record));
		if (!(number % BURST))
			usleep_range(20, 60);
	}
	return 0;
}

static int reset_reset(void *unused)
{
	while (!kthread_should_stop()) {
		msleep_interruptible(5);
		relay_reset(chan);
		WRITE_ONCE(resets, resets + 1);
	}
	return 0;
}

static int __init reset_init(void)
{
	struct relay_params params = {
		.name		= "reset",
		.subbuf_size	= 16000,
		.n_subbufs	= 8,
	};

	chan = relay_open_params(&params);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	writer = kthread_run_on_cpu(reset_write, NULL, 0, "relay-write/%u");
	if (IS_ERR(writer)) {
		relay_close(chan);
		return PTR_ERR(writer);
	}
	resetter = kthread_run(reset_reset, NULL, "relay-reset");
	if (IS_ERR(resetter)) {
		kthread_stop(writer);
		relay_close(chan);
		return PTR_ERR(resetter);
	}
	return 0;
}

static void __exit reset_exit(void)
{
	kthread_stop(resetter);
	kthread_stop(writer);
	relay_close(chan);
}

module_init(reset_init);
module_exit(reset_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A relay channel that is reset while it is written and read");
