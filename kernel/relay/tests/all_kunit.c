// SPDX-License-Identifier: GPL-2.0
/*
 * The file "all" of a channel that gets CPUs, that is closed, or whose open fails.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/wait.h>
#include <uapi/linux/relay.h>
#include "support.h"

static const struct relay_params all_params = {
	.name = "relay_kunit_all", .subbuf_size = 64, .n_subbufs = 4,
};

static struct file *all_open(struct kunit *test, struct rchan *chan)
{
	return relay_test_open_relayfs(test, relay_chan_of(chan)->dir, "all");
}

static ssize_t all_read(struct file *file, void *to, size_t len)
{
	loff_t pos = 0;

	return kernel_read(file, to, len, &pos);
}

static long all_write(void *chan)
{
	relay_write(chan, "here", 4);
	return 0;
}

static void expect_sub_buffer(struct kunit *test, struct file *file, unsigned int cpu)
{
	struct {
		struct relay_all_header	header;
		char			data[4];
	} got;
	size_t size = offsetofend(typeof(got), data);

	KUNIT_ASSERT_EQ(test, size, all_read(file, &got, sizeof(got)));
	KUNIT_EXPECT_EQ(test, cpu, got.header.cpu);
	KUNIT_EXPECT_EQ(test, sizeof(got.data), got.header.info.used);
	KUNIT_EXPECT_MEMEQ(test, got.data, "here", sizeof(got.data));
}

/* A read returns @err: -EAGAIN, or 0 at the end. */
static void expect_nothing(struct kunit *test, struct file *file, int err)
{
	char byte;

	KUNIT_EXPECT_EQ(test, err, all_read(file, &byte, 1));
}

/* The file has the data of a CPU that came up after the last read before the close. */
static void relay_test_all_new_cpu(struct kunit *test)
{
	unsigned int cpu = relay_test_other_cpu(test);
	struct rchan *chan = relay_test_open(test, &all_params);
	struct file *file;

	relay_test_never_up(chan, cpu);
	file = all_open(test, chan);
	expect_nothing(test, file, -EAGAIN);
	relay_test_comes_up(test, cpu);
	relay_test_on_cpu(test, cpu, all_write, chan);
	relay_test_close(test, chan);
	expect_sub_buffer(test, file, cpu);
	expect_nothing(test, file, 0);
}

/* Closing one file does not keep another one from getting the buffer of a new CPU. */
static void relay_test_all_files(struct kunit *test)
{
	unsigned int cpu = relay_test_other_cpu(test);
	struct rchan *chan = relay_test_open(test, &all_params);
	struct file *stays, *goes;

	relay_test_never_up(chan, cpu);
	stays = all_open(test, chan);
	goes = all_open(test, chan);
	relay_test_put_file(test, goes);
	relay_test_comes_up(test, cpu);
	relay_test_on_cpu(test, cpu, all_write, chan);
	relay_flush(chan);
	expect_sub_buffer(test, stays, cpu);
	relay_test_close(test, chan);
	expect_nothing(test, stays, 0);
}

/* A CPU that always has a sub-buffer does not keep those of another CPU from the reader. */
static void relay_test_all_turns(struct kunit *test)
{
	unsigned int cpu = relay_test_other_cpu(test), i;
	struct rchan *chan = relay_test_open(test, &all_params);
	struct file *file = all_open(test, chan);

	for (i = 0; i < 2; i++) {
		relay_test_on_cpu(test, 0, all_write, chan);
		relay_test_on_cpu(test, cpu, all_write, chan);
		relay_flush(chan);
	}
	for (i = 0; i < 2; i++) {
		expect_sub_buffer(test, file, 0);
		expect_sub_buffer(test, file, cpu);
	}
	expect_nothing(test, file, -EAGAIN);
}

static void expect_header(struct kunit *test, struct file *file, u64 sequence,
			  u32 used, u64 missed)
{
	struct relay_all_header header;

	KUNIT_ASSERT_EQ(test, sizeof(header), all_read(file, &header, sizeof(header)));
	KUNIT_EXPECT_EQ(test, sequence, header.info.sequence);
	KUNIT_EXPECT_EQ(test, used, header.info.used);
	KUNIT_EXPECT_EQ(test, missed, header.missed);
}

/* A sub-buffer that is delivered empty does not count as missed. */
static void relay_test_all_empty(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &all_params);
	struct relay_ring *ring = &relay_test_buf(chan, 0)->ring;
	struct file *file = all_open(test, chan);
	struct relay_slot slot;
	char data[4];

	relay_test_pin(test, 0);
	KUNIT_ASSERT_EQ(test, 0, relay_slot_reserve(chan, &slot, sizeof(data)));
	relay_slot_discard(&slot);
	scoped_guard(preempt)
		relay_ring_hold(ring);
	WRITE_ONCE(ring->disabled, false);
	KUNIT_EXPECT_TRUE(test, vfs_poll(file, NULL) == (EPOLLIN | EPOLLRDNORM));
	expect_header(test, file, 0, 0, 0);
	relay_write(chan, "here", sizeof(data));
	relay_flush(chan);
	expect_header(test, file, 1, sizeof(data), 0);
	KUNIT_EXPECT_EQ(test, sizeof(data), all_read(file, data, sizeof(data)));
	expect_nothing(test, file, -EAGAIN);
}

/* Another reader read all of a sub-buffer before its delivery, so nothing is left. */
static void relay_test_all_was_read(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &all_params);
	struct file *file = all_open(test, chan);
	char data[4];

	relay_test_pin(test, 0);
	relay_write(chan, "gone", sizeof(data));
	KUNIT_EXPECT_EQ(test, sizeof(data),
			relay_test_read(relay_test_buf(chan, 0), data, sizeof(data)));
	relay_flush(chan);
	expect_nothing(test, file, -EAGAIN);
	relay_write(chan, "here", sizeof(data));
	relay_flush(chan);
	expect_header(test, file, 1, sizeof(data), 1);
}

/* A sub-buffer is larger than kvmalloc() gives: read(2) fails, not open(2). */
static void relay_test_all_too_large(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &all_params);
	size_t size = chan->subbuf_size;
	struct file *file;

	relay_test_pin(test, 0);
	chan->subbuf_size = (size_t)INT_MAX + 1;
	relay_write(chan, "here", 4);
	relay_flush(chan);
	file = all_open(test, chan);
	KUNIT_EXPECT_TRUE(test, vfs_poll(file, NULL) == (EPOLLIN | EPOLLRDNORM));
	expect_nothing(test, file, -EFBIG);
	chan->subbuf_size = size;
	expect_sub_buffer(test, file, 0);
}

struct all_poll {
	poll_table		table;
	struct {
		wait_queue_entry_t	entry;
		wait_queue_head_t	*head;
	}			at[2];
	unsigned int		n;
	struct completion	woken;
};

static int all_woken(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	struct all_poll *poll = entry->private;

	/* As the kernel's own functions do. */
	if (!key || key_to_poll(key) & poll->table._key)
		complete(&poll->woken);
	return 0;
}

static void all_queue(struct file *file, wait_queue_head_t *head, poll_table *table)
{
	struct all_poll *poll = container_of(table, struct all_poll, table);
	wait_queue_entry_t *entry = &poll->at[poll->n].entry;

	init_waitqueue_func_entry(entry, all_woken);
	entry->private = poll;
	poll->at[poll->n++].head = head;
	add_wait_queue(head, entry);
}

/* Return: the result of a poll that waits for @events. */
static __poll_t all_poll_for(struct file *file, struct all_poll *poll, __poll_t events)
{
	init_poll_funcptr(&poll->table, all_queue);
	poll->table._key = events;
	init_completion(&poll->woken);
	return vfs_poll(file, &poll->table);
}

static void all_poll_end(struct all_poll *poll)
{
	while (poll->n--)
		remove_wait_queue(poll->at[poll->n].head, &poll->at[poll->n].entry);
}

/* An open fails after it has created "all", without a buffer: it wakes a waiting reader. */
static void relay_test_all_open_fails(struct kunit *test)
{
	struct relay_chan *chan = relay_chan_alloc(&all_params);
	struct all_poll poll = {};
	struct file *file;

	KUNIT_ASSERT_NOT_NULL(test, chan);
	KUNIT_ASSERT_EQ(test, 0, relay_dir_create(chan));
	file = all_open(test, &chan->client);
	KUNIT_EXPECT_TRUE(test, all_poll_for(file, &poll, EPOLLIN) == 0);
	relay_chan_remove(chan);
	KUNIT_EXPECT_TRUE(test, completion_done(&poll.woken));
	KUNIT_EXPECT_TRUE(test, vfs_poll(file, NULL) == EPOLLHUP);
	all_poll_end(&poll);
	expect_nothing(test, file, 0);
}

/* A trigger and the close of the channel wake a task that waits for triggers; records do not. */
static void relay_test_all_trigger(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &all_params);
	struct file *cpu = relay_test_open_relayfs(test, relay_chan_of(chan)->dir, "cpu0");
	struct file *all = all_open(test, chan);
	struct all_poll poll = {}, end = {};

	KUNIT_EXPECT_TRUE(test, all_poll_for(all, &poll, EPOLLPRI | EPOLLHUP) == 0);
	relay_buf_wake_now(relay_test_buf(chan, 0));
	KUNIT_EXPECT_FALSE(test, completion_done(&poll.woken));
	relay_trigger(chan);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&poll.woken, 60 * HZ));
	KUNIT_EXPECT_TRUE(test, vfs_poll(all, NULL) == EPOLLPRI);
	KUNIT_EXPECT_TRUE(test, vfs_poll(cpu, NULL) == EPOLLPRI);
	all_poll_end(&poll);
	/* The trigger came before this open, so it does not count for the new file. */
	KUNIT_EXPECT_TRUE(test, vfs_poll(all_open(test, chan), NULL) == 0);
	KUNIT_EXPECT_TRUE(test, all_poll_for(cpu, &end, EPOLLHUP) == EPOLLPRI);
	relay_test_close(test, chan);
	KUNIT_EXPECT_TRUE(test, completion_done(&end.woken));
	KUNIT_EXPECT_TRUE(test, vfs_poll(cpu, NULL) == (EPOLLHUP | EPOLLPRI));
	all_poll_end(&end);
}

/**
 * struct all_end - a task that waits for the end of a buffer
 * @entry:	where it waits
 * @file:	of the buffer
 * @buf:	the buffer
 * @ended:	when it was woken poll() said that nothing is left
 * @closed:	and the meta page said so, too
 */
struct all_end {
	struct wait_queue_entry	entry;
	struct file		*file;
	struct relay_buf	*buf;
	bool			ended;
	bool			closed;
};

static int all_end_woken(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key)
{
	struct all_end *end = container_of(entry, struct all_end, entry);

	if (!end->ended) {
		end->ended = vfs_poll(end->file, NULL) & EPOLLHUP;
		end->closed = READ_ONCE(end->buf->meta->closed);
	}
	return 0;
}

/*
 * A program that poll() tells of the end finds it in the meta page. If it did not, it would
 * ask again at once, and the task that closes the channel might not run.
 */
static void relay_test_all_end(struct kunit *test)
{
	struct rchan *chan = relay_test_open(test, &all_params);
	struct all_end end = {
		.file = relay_test_open_relayfs(test, relay_chan_of(chan)->dir, "cpu0"),
		.buf = relay_test_buf(chan, 0),
	};

	init_waitqueue_func_entry(&end.entry, all_end_woken);
	add_wait_queue(&relay_chan_of(chan)->read_wait, &end.entry);
	relay_test_close(test, chan);
	/* The file keeps the channel. */
	remove_wait_queue(&relay_buf_chan(end.buf)->read_wait, &end.entry);
	KUNIT_EXPECT_TRUE(test, end.ended);
	KUNIT_EXPECT_TRUE(test, end.closed);
}

static struct kunit_case relay_all_cases[] = {
	KUNIT_CASE(relay_test_all_new_cpu),
	KUNIT_CASE(relay_test_all_files),
	KUNIT_CASE(relay_test_all_turns),
	KUNIT_CASE(relay_test_all_empty),
	KUNIT_CASE(relay_test_all_was_read),
	KUNIT_CASE(relay_test_all_too_large),
	KUNIT_CASE(relay_test_all_open_fails),
	KUNIT_CASE(relay_test_all_trigger),
	KUNIT_CASE(relay_test_all_end),
	{}
};

static struct kunit_suite relay_all_suite = {
	.name		= "relay-all",
	.test_cases	= relay_all_cases,
};

kunit_test_suite(relay_all_suite);
