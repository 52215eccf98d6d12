// SPDX-License-Identifier: GPL-2.0
/*
 * Opens, writes and closes relay channels as a test in user space says.
 *
 * One command is one write to /sys/kernel/debug/relay-selftest; what it does
 * is done when the write returns, and its error is the write's:
 *
 *	open NAME SUBBUF_SIZE N_SUBBUFS FLAGS HEADER_SIZE
 *	close NAME
 *	write NAME LENGTH COUNT		on the CPU of the caller
 *	discard NAME LENGTH		a reservation, given up
 *	flush NAME
 *	reset NAME
 *	trigger NAME			in an interrupt
 *
 * A read gives, for each channel, its name and how many records of how many
 * bytes were attempted on each CPU.
 */
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/relay.h>
#include <linux/rwsem.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "../record.h"

struct test_channel {
	struct list_head	list;
	struct rchan		*chan;
	u64 __percpu		*attempts;
	char			name[32];
};

/* Writers run side by side; who does anything else is alone. */
static DECLARE_RWSEM(test_rwsem);
static LIST_HEAD(test_channels);
static struct dentry *test_file;

#define TEST_BLANKS	" \t\n"

/* What a channel's clients would have: a clock, and a header if asked for. */
static u64 test_clock(void)
{
	return ktime_get_mono_fast_ns();
}

static void test_begin(struct rchan_buf *buf, void *subbuf, u64 time)
{
	memset(subbuf, TEST_HEADER_BYTE, buf->ring.header_size);
}

static const struct relay_channel_ops test_ops = {
	.clock		= test_clock,
	.subbuf_begin	= test_begin,
};

static struct test_channel *test_find(const char *name)
{
	struct test_channel *test;

	list_for_each_entry(test, &test_channels, list)
		if (!strcmp(test->name, name))
			return test;
	return NULL;
}

static void test_free(struct test_channel *test)
{
	free_percpu(test->attempts);
	kfree(test);
}

static int test_open(const char *name, const char *arguments)
{
	struct relay_params params = { .name = name, .ops = &test_ops };
	struct test_channel *test;
	int err = -ENOMEM;

	if (sscanf(arguments, "%zu %zu %x %u", &params.subbuf_size,
		   &params.n_subbufs, &params.flags, &params.header_size) != 4)
		return -EINVAL;
	test = kzalloc_obj(*test);
	if (!test)
		return -ENOMEM;
	strscpy(test->name, name);
	test->attempts = alloc_percpu(u64);
	if (!test->attempts)
		goto free;
	test->chan = relay_open_params(&params);
	err = PTR_ERR_OR_ZERO(test->chan);
	if (err)
		goto free;
	list_add(&test->list, &test_channels);
	return 0;
free:
	test_free(test);
	return err;
}

static void test_close(struct test_channel *test)
{
	list_del(&test->list);
	relay_close(test->chan);
	test_free(test);
}

/* Records follow each other on a CPU: nobody writes between number and commit. */
static int test_write_one(struct test_channel *test, size_t length)
{
	struct test_record *record;
	struct relay_slot slot;
	u64 *attempts;
	size_t i;
	int err;

	preempt_disable();
	attempts = this_cpu_ptr(test->attempts);
	err = relay_slot_reserve(test->chan, &slot, length);
	if (!err) {
		record = slot.data;
		record->length = length;
		record->cpu = smp_processor_id();
		record->sequence = *attempts;
		for (i = 0; i < length - sizeof(*record); i++)
			record->payload[i] = test_byte(*attempts, i);
		relay_slot_commit(&slot);
	}
	++*attempts;
	preempt_enable();
	return err;
}

static int test_write(struct test_channel *test, const char *arguments)
{
	unsigned int length, count;

	if (sscanf(arguments, "%u %u", &length, &count) != 2 ||
	    length < sizeof(struct test_record))
		return -EINVAL;
	while (count--) {
		/* A record that is lost is no error: that is what is tested. */
		test_write_one(test, length);
		cond_resched();
	}
	return 0;
}

static int test_discard(struct test_channel *test, const char *arguments)
{
	struct relay_slot slot;
	unsigned int length;
	int err = kstrtouint(arguments, 0, &length);

	if (!err)
		err = relay_slot_reserve(test->chan, &slot, length);
	if (!err)
		relay_slot_discard(&slot);
	return err;
}

struct test_trigger {
	struct irq_work	work;
	struct rchan	*chan;
};

static void test_trigger_work(struct irq_work *work)
{
	relay_trigger(container_of(work, struct test_trigger, work)->chan);
}

static void test_trigger(struct test_channel *test)
{
	struct test_trigger trigger = {
		.work	= IRQ_WORK_INIT_HARD(test_trigger_work),
		.chan	= test->chan,
	};

	irq_work_queue(&trigger.work);
	irq_work_sync(&trigger.work);
}

static int test_command(struct test_channel *test, const char *verb,
			const char *arguments)
{
	if (!strcmp(verb, "write"))
		return test_write(test, arguments);
	if (!strcmp(verb, "discard"))
		return test_discard(test, arguments);
	if (!strcmp(verb, "flush"))
		relay_flush(test->chan);
	else if (!strcmp(verb, "reset"))
		relay_reset(test->chan);
	else if (!strcmp(verb, "trigger"))
		test_trigger(test);
	else if (!strcmp(verb, "close"))
		test_close(test);
	else
		return -EINVAL;
	return 0;
}

static int test_execute(char *line)
{
	char *verb = strsep(&line, TEST_BLANKS);
	char *name = strsep(&line, TEST_BLANKS);
	char *arguments = line ? strim(line) : "";
	struct test_channel *test;

	if (!name)
		return -EINVAL;
	test = test_find(name);
	if (!strcmp(verb, "open"))
		return test ? -EEXIST : test_open(name, arguments);
	return test ? test_command(test, verb, arguments) : -ENOENT;
}

static ssize_t test_file_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *ppos)
{
	char *line = memdup_user_nul(buf, min_t(size_t, count, 256));
	bool shared;
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	shared = !strncmp(line, "write ", 6);
	if (shared)
		down_read(&test_rwsem);
	else
		down_write(&test_rwsem);
	err = test_execute(line);
	if (shared)
		up_read(&test_rwsem);
	else
		up_write(&test_rwsem);
	kfree(line);
	return err ? err : count;
}

static void test_show(struct seq_file *m, struct test_channel *test)
{
	unsigned int cpu;

	seq_printf(m, "%s", test->name);
	for_each_possible_cpu(cpu)
		seq_printf(m, " %llu", *per_cpu_ptr(test->attempts, cpu));
	seq_putc(m, '\n');
}

static int test_file_show(struct seq_file *m, void *unused)
{
	struct test_channel *test;

	down_read(&test_rwsem);
	list_for_each_entry(test, &test_channels, list)
		test_show(m, test);
	up_read(&test_rwsem);
	return 0;
}

static int test_file_open(struct inode *inode, struct file *filp)
{
	return single_open(filp, test_file_show, NULL);
}

static const struct file_operations test_fops = {
	.owner		= THIS_MODULE,
	.open		= test_file_open,
	.read		= seq_read,
	.write		= test_file_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static int __init test_init(void)
{
	test_file = debugfs_create_file("relay-selftest", 0600, NULL, NULL,
					&test_fops);
	return PTR_ERR_OR_ZERO(test_file);
}

static void __exit test_exit(void)
{
	struct test_channel *test, *next;

	debugfs_remove(test_file);
	list_for_each_entry_safe(test, next, &test_channels, list)
		test_close(test);
}

module_init(test_init);
module_exit(test_exit);
MODULE_DESCRIPTION("Relay channels for tests in user space");
MODULE_LICENSE("GPL");
