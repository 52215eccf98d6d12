// SPDX-License-Identifier: GPL-2.0
/*
 * Every file operation and ioctl of a buffer's file, with valid and invalid arguments.
 */
#include "../kselftest_harness.h"
#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "channel.h"

#define NAME		"selftest-abi"
#define SUBBUF		4096
#define N_SUBBUFS	4
#define RECORD		64
#define PER_SUBBUF	(SUBBUF / RECORD)

#ifndef MAP_FAILED
#define MAP_FAILED	((void *)-1)
#endif

#define EXPECT_ERROR(err, call)				\
	do {						\
		errno = 0;				\
		EXPECT_EQ(-1, (long)(call));		\
		EXPECT_EQ(err, errno);			\
	} while (0)

FIXTURE(relay) {
	int fd;
	long page;
};

FIXTURE_VARIANT(relay) {
	unsigned int flags;
	unsigned int subbuf;
};

FIXTURE_VARIANT_ADD(relay, no_overwrite) { .flags = 0, .subbuf = SUBBUF };
FIXTURE_VARIANT_ADD(relay, overwrite) { .flags = OVERWRITE, .subbuf = SUBBUF };
FIXTURE_VARIANT_ADD(relay, global) { .flags = GLOBAL, .subbuf = SUBBUF };

FIXTURE_SETUP(relay)
{
	control("close " NAME);
	ASSERT_EQ(0, control("open " NAME " %u %u %x 0", variant->subbuf,
			     N_SUBBUFS, variant->flags));
	pin(0);
	self->page = sysconf(_SC_PAGESIZE);
	self->fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(relay)
{
	close(self->fd);
	control("close " NAME);
}

/* Write and deliver @count whole sub-buffers. */
static void fill(struct __test_metadata *_metadata, unsigned int count)
{
	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, count * PER_SUBBUF));
	/* The last sub-buffer may stay open until the next record or a flush. */
	ASSERT_EQ(0, control("flush " NAME));
}

static struct relay_info info_of(struct __test_metadata *_metadata, int fd)
{
	struct relay_info info = { 0 };

	ASSERT_EQ(0, ioctl(fd, RELAY_GET_INFO, &info));
	return info;
}

static long long first_sequence(int fd)
{
	struct relay_subbuf_get get;

	return ioctl(fd, RELAY_GET_SUBBUF, &get) ? -1 : (long long)get.info.sequence;
}

static int put(int fd, unsigned long long sequence, unsigned int count)
{
	struct relay_subbuf_put put = { .sequence = sequence, .count = count };
	int err = ioctl(fd, RELAY_PUT_SUBBUF, &put);

	return err ? err : (int)put.count;
}

static short poll_for(int fd, short events, int timeout)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	poll(&poll_fd, 1, timeout);
	return poll_fd.revents;
}

static short polled(int fd, int timeout)
{
	return poll_for(fd, POLLIN, timeout);
}

TEST_F(relay, info)
{
	struct relay_info info = info_of(_metadata, self->fd);

	EXPECT_EQ(RELAY_ABI_VERSION, info.abi_version);
	EXPECT_EQ(0, info.cpu);
	EXPECT_EQ(N_SUBBUFS, info.n_subbufs);
	EXPECT_EQ(SUBBUF, info.subbuf_size);
	EXPECT_EQ(0, info.data_offset);
	EXPECT_EQ(SUBBUF * N_SUBBUFS, info.data_size);
	EXPECT_EQ(0, info.meta_offset % self->page);
	EXPECT_LE(sizeof(struct relay_meta), info.meta_size);
	EXPECT_EQ(!!(variant->flags & OVERWRITE), !!(info.flags & RELAY_CHAN_OVERWRITE));
	EXPECT_EQ(!!(variant->flags & GLOBAL), !!(info.flags & RELAY_CHAN_GLOBAL));
}

TEST_F(relay, bad_pointers)
{
	char *nowhere = (char *)-4096L;
	char data[SUBBUF];

	fill(_metadata, 1);
	EXPECT_ERROR(EFAULT, ioctl(self->fd, RELAY_GET_INFO, nowhere));
	EXPECT_ERROR(EFAULT, ioctl(self->fd, RELAY_GET_SUBBUF, nowhere));
	EXPECT_ERROR(EFAULT, ioctl(self->fd, RELAY_PUT_SUBBUF, nowhere));
	EXPECT_ERROR(EFAULT, ioctl(self->fd, RELAY_GET_COUNTERS, nowhere));
	EXPECT_ERROR(EFAULT, ioctl(self->fd, RELAY_SET_WATERMARK, nowhere));
	EXPECT_ERROR(EFAULT, ioctl(self->fd, RELAY_GET_TRIGGERS, nowhere));
	/* The failed calls consume nothing, and a failed read keeps the copy that it has made. */
	EXPECT_EQ(0, first_sequence(self->fd));
	EXPECT_ERROR(EFAULT, read(self->fd, nowhere, 64));
	EXPECT_EQ(SUBBUF, read(self->fd, data, SUBBUF));
}

/* Sub-buffers that another reader consumes count as missed, even if a get failed in between. */
TEST_F(relay, get_tells_what_was_missed)
{
	int fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);
	struct relay_subbuf_get get;

	ASSERT_LE(0, fd);
	fill(_metadata, 2);
	ASSERT_EQ(0, first_sequence(self->fd));
	ASSERT_EQ(2, put(self->fd, 0, 2));
	EXPECT_ERROR(EAGAIN, ioctl(fd, RELAY_GET_SUBBUF, &get));
	fill(_metadata, 1);
	ASSERT_EQ(0, ioctl(fd, RELAY_GET_SUBBUF, &get));
	EXPECT_EQ(2, get.info.sequence);
	EXPECT_EQ(2, get.missed);
	close(fd);
}

TEST_F(relay, struct_sizes)
{
	struct {
		struct relay_subbuf_put put;
		__u64 more;
	} longer = { .put = { .count = 1 } };
	const unsigned long cmd = _IOC(_IOC_READ | _IOC_WRITE, RELAY_IOC_MAGIC, 2,
				       sizeof(longer));
	struct {
		struct relay_info info;
		__u64 more;
	} info = { .more = ~0ULL };

	fill(_metadata, 1);
	/* Bytes that the kernel does not know must be zero. */
	longer.more = 1;
	EXPECT_ERROR(E2BIG, ioctl(self->fd, cmd, &longer));
	longer.more = 0;
	EXPECT_EQ(0, ioctl(self->fd, cmd, &longer));
	EXPECT_EQ(1, longer.put.count);
	/* The kernel zeroes fields that it does not know. */
	EXPECT_EQ(0, ioctl(self->fd, _IOC(_IOC_READ, RELAY_IOC_MAGIC, 0, sizeof(info)), &info));
	EXPECT_EQ(0, info.more);
	EXPECT_EQ(N_SUBBUFS, info.info.n_subbufs);
	/* Shorter than the first version of the structure. */
	EXPECT_ERROR(ENOTTY, ioctl(self->fd, _IOC(_IOC_READ, RELAY_IOC_MAGIC, 0, 8), &info));
	EXPECT_ERROR(ENOTTY, ioctl(self->fd, _IOC(_IOC_READ, RELAY_IOC_MAGIC, 99, 8), &info));
	EXPECT_ERROR(ENOTTY, ioctl(self->fd, _IOC(_IOC_WRITE, RELAY_IOC_MAGIC, 0,
						  sizeof(info.info)), &info));
}

TEST_F(relay, get_and_put)
{
	struct relay_subbuf_get get;
	unsigned int i;

	fill(_metadata, 3);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_SUBBUF, &get));
		EXPECT_EQ(i, get.info.sequence);
		EXPECT_EQ(i * SUBBUF, get.offset);
		EXPECT_EQ(SUBBUF, get.info.used);
		EXPECT_EQ(0, get.info.padding);
		EXPECT_EQ(PER_SUBBUF, get.info.records);
		EXPECT_EQ(0, get.missed);
		EXPECT_EQ(0, get.info.lost);
		EXPECT_LE(get.info.begin_time, get.info.end_time);
	}
	EXPECT_ERROR(EAGAIN, ioctl(self->fd, RELAY_GET_SUBBUF, &get));
	EXPECT_EQ(2, put(self->fd, 0, 2));
	EXPECT_ERROR(ESTALE, put(self->fd, 1, 1));
	EXPECT_EQ(1, put(self->fd, 2, 1));
	EXPECT_ERROR(EINVAL, put(self->fd, 3, 1));
}

TEST_F(relay, put_nonsense)
{
	struct relay_subbuf_put padded = { .count = 1, .pad = 1 };

	fill(_metadata, 2);
	EXPECT_ERROR(EINVAL, put(self->fd, 0, 0));
	EXPECT_ERROR(EINVAL, put(self->fd, 0, N_SUBBUFS + 1));
	EXPECT_ERROR(EINVAL, put(self->fd, 0, ~0U));
	EXPECT_ERROR(EINVAL, put(self->fd, 2, 1));
	EXPECT_ERROR(EINVAL, put(self->fd, ~0ULL - 1, 2));
	EXPECT_ERROR(EINVAL, ioctl(self->fd, RELAY_PUT_SUBBUF, &padded));
	/* A number of the same slot in a much later lap. */
	EXPECT_ERROR(EINVAL, put(self->fd, 1ULL << 40, 1));
	EXPECT_EQ(2, put(self->fd, 0, 2));
}

TEST_F(relay, put_in_order)
{
	fill(_metadata, 2);
	if (variant->flags & OVERWRITE) {
		/* A reader may consume the newest only, and leave older ones to be overwritten. */
		EXPECT_EQ(1, put(self->fd, 1, 1));
		return;
	}
	EXPECT_ERROR(EINVAL, put(self->fd, 1, 1));
	EXPECT_EQ(1, put(self->fd, 0, 1));
	EXPECT_EQ(1, put(self->fd, 1, 1));
}

/* A put of sub-buffers of which one is consumed already counts the rest. */
TEST_F(relay, put_counts)
{
	struct relay_subbuf_put some = { .sequence = 0, .count = 3 };

	fill(_metadata, 3);
	EXPECT_EQ(1, put(self->fd, 0, 1));
	EXPECT_ERROR(ESTALE, ioctl(self->fd, RELAY_PUT_SUBBUF, &some));
	EXPECT_EQ(2, some.count);
}

TEST_F(relay, two_descriptors_get_the_same)
{
	int other = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, other);
	fill(_metadata, 2);
	EXPECT_EQ(0, first_sequence(self->fd));
	EXPECT_EQ(0, first_sequence(other));
	EXPECT_EQ(1, put(self->fd, 0, 1));
	EXPECT_ERROR(ESTALE, put(other, 0, 1));
	close(other);
}

TEST_F(relay, read_gives_what_was_written)
{
	char data[SUBBUF * 2];
	struct checker checker = { 0 };

	EXPECT_ERROR(EAGAIN, read(self->fd, data, sizeof(data)));
	fill(_metadata, 2);
	EXPECT_EQ(0, read(self->fd, data, 0));
	EXPECT_EQ(100, read(self->fd, data, 100));
	EXPECT_EQ(sizeof(data) - 100, read(self->fd, data + 100, sizeof(data)));
	EXPECT_EQ(sizeof(data), check_records(&checker, data, sizeof(data)));
	EXPECT_EQ(2 * PER_SUBBUF, checker.received);
	EXPECT_EQ(0, checker.missing + checker.torn);
	EXPECT_ERROR(EAGAIN, read(self->fd, data, sizeof(data)));
	EXPECT_ERROR(ESPIPE, lseek(self->fd, 0, SEEK_SET));
	EXPECT_ERROR(ESPIPE, pread(self->fd, data, 1, 0));
	EXPECT_ERROR(EBADF, write(self->fd, data, 1));
}

TEST_F(relay, no_write)
{
	int fd = open_cpu(NAME, 0, O_RDWR);

	/* Root may open the file for writing, but no write is possible. */
	if (fd >= 0) {
		EXPECT_ERROR(EINVAL, write(fd, "x", 1));
		EXPECT_EQ(MAP_FAILED, mmap(NULL, SUBBUF, PROT_READ | PROT_WRITE,
					   MAP_SHARED, fd, 0));
		close(fd);
	}
	EXPECT_ERROR(EINVAL, ftruncate(self->fd, 0));
}

TEST_F(relay, flush)
{
	struct relay_subbuf_get get;

	ASSERT_EQ(0, control("write " NAME " %u 3", RECORD));
	EXPECT_ERROR(EAGAIN, ioctl(self->fd, RELAY_GET_SUBBUF, &get));
	EXPECT_EQ(0, ioctl(self->fd, RELAY_FLUSH));
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_SUBBUF, &get));
	EXPECT_EQ(3 * RECORD, get.info.used);
	EXPECT_EQ(SUBBUF - 3 * RECORD, get.info.padding);
	EXPECT_EQ(3, get.info.records);
	/* A flush of an empty buffer delivers nothing. */
	EXPECT_EQ(0, ioctl(self->fd, RELAY_FLUSH));
	EXPECT_ERROR(EAGAIN, ioctl(self->fd, RELAY_GET_SUBBUF, &get));
}

TEST_F(relay, snapshot)
{
	char data[SUBBUF * N_SUBBUFS];
	struct checker checker = { 0 };
	unsigned int i;

	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, 2 * PER_SUBBUF + 3));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ioctl(self->fd, RELAY_SNAPSHOT));
		memset(&checker, 0, sizeof(checker));
		size_t at = 0;
		ssize_t got;

		while ((got = read(self->fd, data + at, sizeof(data) - at)) > 0)
			at += got;
		EXPECT_EQ(0, got);
		EXPECT_EQ((2 * PER_SUBBUF + 3) * RECORD, at);
		check_records(&checker, data, at);
		EXPECT_EQ(2 * PER_SUBBUF + 3, checker.received);
		EXPECT_EQ(0, checker.missing + checker.torn);
	}
	/* The first snapshot consumed nothing. Later records are not part of the second one. */
	ASSERT_EQ(0, ioctl(self->fd, RELAY_SNAPSHOT));
	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, PER_SUBBUF));
	EXPECT_EQ(0, first_sequence(self->fd));
	EXPECT_EQ(1, first_sequence(self->fd));
	EXPECT_EQ(2, first_sequence(self->fd));
	EXPECT_ERROR(ENODATA, first_sequence(self->fd));
	EXPECT_EQ(3, put(self->fd, 0, 3));
	EXPECT_EQ(3, put(self->fd, 0, 3));
}

TEST_F(relay, counters)
{
	struct relay_counters c;

	fill(_metadata, 2);
	ASSERT_EQ(0, control("discard " NAME " %u", RECORD));
	EXPECT_EQ(-1, control("discard " NAME " %u", SUBBUF + 1));
	EXPECT_EQ(E2BIG, errno);
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(2 * PER_SUBBUF, c.committed);
	EXPECT_EQ(1, c.discarded);
	EXPECT_EQ(1, c.lost[RELAY_LOST_TOO_BIG]);
	EXPECT_EQ(0, c.lost[RELAY_LOST_FULL] + c.lost[RELAY_LOST_NESTED]);
	EXPECT_EQ(0, c.overwritten + c.erased);
	EXPECT_EQ(2 * SUBBUF, c.bytes);
	EXPECT_EQ(2, c.produced);
	EXPECT_EQ(2, c.ready);

	/* More records than the buffer holds: some are lost, or overwritten. */
	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, (N_SUBBUFS - 1) * PER_SUBBUF));
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_LE(PER_SUBBUF, variant->flags & OVERWRITE ? c.overwritten :
							   c.lost[RELAY_LOST_FULL]);
}

TEST_F(relay, reset_erases)
{
	struct relay_counters c;
	char data[SUBBUF];

	fill(_metadata, 2);
	ASSERT_EQ(0, control("reset " NAME));
	EXPECT_ERROR(EAGAIN, read(self->fd, data, sizeof(data)));
	EXPECT_ERROR(EAGAIN, first_sequence(self->fd));
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(2 * PER_SUBBUF, c.erased);
	fill(_metadata, 1);
	EXPECT_EQ(SUBBUF, read(self->fd, data, sizeof(data)));
}

/* A reset consumes in the meta page, too, so that a reader needs no call to learn of it. */
TEST_F(relay, reset_is_published)
{
	struct relay_info info = info_of(_metadata, self->fd);
	const struct relay_meta *meta;
	int i;

	meta = mmap(NULL, info.meta_size, PROT_READ, MAP_SHARED, self->fd, info.meta_offset);
	ASSERT_NE(MAP_FAILED, (void *)meta);
	/* A reset before the first record changes nothing. */
	ASSERT_EQ(0, control("reset " NAME));
	EXPECT_EQ(0, meta->produced);
	EXPECT_EQ(0, meta->consumed);
	fill(_metadata, 2);
	EXPECT_EQ(2, meta->produced);
	EXPECT_EQ(0, meta->consumed);
	ASSERT_EQ(0, control("reset " NAME));
	/* The empty sub-buffer that the flush has entered counts, too. */
	EXPECT_EQ(3, meta->produced);
	EXPECT_EQ(3, meta->consumed);
	/* More than a lap, so that each slot has been used before. */
	for (i = 0; i < 2 * N_SUBBUFS; i++) {
		fill(_metadata, 1);
		EXPECT_EQ(1, meta->produced - meta->consumed);
		ASSERT_EQ(0, control("reset " NAME));
		EXPECT_EQ(meta->produced, meta->consumed);
	}
	fill(_metadata, 1);
	EXPECT_EQ(meta->produced, meta->consumed + 1);
	EXPECT_EQ(meta->consumed, first_sequence(self->fd));
	EXPECT_EQ(1, put(self->fd, meta->consumed, 1));
	EXPECT_EQ(meta->produced, meta->consumed);
	munmap((void *)meta, info.meta_size);
}

TEST_F(relay, watermark)
{
	__u32 watermark = 2;

	EXPECT_EQ(0, polled(self->fd, 0));
	EXPECT_EQ(0, ioctl(self->fd, RELAY_SET_WATERMARK, &watermark));
	fill(_metadata, 1);
	EXPECT_EQ(0, polled(self->fd, 0));
	fill(_metadata, 1);
	EXPECT_EQ(POLLIN, polled(self->fd, 0));
	/* After the close poll does not wait for the watermark. */
	EXPECT_EQ(1, put(self->fd, 0, 1));
	EXPECT_EQ(0, polled(self->fd, 0));
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(POLLIN, polled(self->fd, 0));
	EXPECT_EQ(1, put(self->fd, 1, 1));
	EXPECT_EQ(POLLHUP, polled(self->fd, 0));
}

/* A full flight recorder has one sub-buffer open; a watermark of n_subbufs is still reached. */
TEST_F(relay, watermark_full)
{
	__u32 watermark = N_SUBBUFS;
	int i;

	ASSERT_EQ(0, ioctl(self->fd, RELAY_SET_WATERMARK, &watermark));
	for (i = 1; i < N_SUBBUFS; i++) {
		EXPECT_EQ(0, polled(self->fd, 0));
		fill(_metadata, 1);
	}
	EXPECT_EQ(variant->flags & OVERWRITE ? POLLIN : 0, polled(self->fd, 0));
	fill(_metadata, 1);
	EXPECT_EQ(POLLIN, polled(self->fd, 0));
	ASSERT_EQ(0, control("write " NAME " %u 1", RECORD));
	EXPECT_EQ(POLLIN, polled(self->fd, 0));
}

TEST_F(relay, watermark_nonsense)
{
	__u32 watermark = 0;

	EXPECT_ERROR(EINVAL, ioctl(self->fd, RELAY_SET_WATERMARK, &watermark));
	watermark = N_SUBBUFS + 1;
	EXPECT_ERROR(EINVAL, ioctl(self->fd, RELAY_SET_WATERMARK, &watermark));
}

/* Fork a child that waits in @call until the parent writes, and exits with the result. */
static pid_t in_child(int (*call)(int fd), unsigned int flags)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	unpin();
	fd = open_cpu(NAME, 0, O_RDONLY | flags);
	_exit(fd < 0 ? 99 : call(fd));
}

static int read_blocks(int fd)
{
	char data[SUBBUF];

	return read(fd, data, sizeof(data)) == sizeof(data) ? 7 : 8;
}

static int get_blocks(int fd)
{
	return first_sequence(fd) == 0 ? 7 : 8;
}

static int splice_blocks(int fd)
{
	int pipes[2];

	if (pipe(pipes))
		return 9;
	return splice(fd, NULL, pipes[1], NULL, SUBBUF, 0) == SUBBUF ? 7 : 8;
}

static int poll_blocks(int fd)
{
	return polled(fd, -1) == POLLIN ? 7 : 8;
}

static void blocks(struct __test_metadata *_metadata, int (*call)(int fd))
{
	pid_t pid = in_child(call, 0);

	wait_asleep(pid);
	fill(_metadata, 1);
	EXPECT_EQ(7, child_status(pid));
}

TEST_F(relay, read_waits) { blocks(_metadata, read_blocks); }
TEST_F(relay, get_waits) { blocks(_metadata, get_blocks); }
TEST_F(relay, splice_waits) { blocks(_metadata, splice_blocks); }
TEST_F(relay, poll_waits) { blocks(_metadata, poll_blocks); }

static int read_to_end(int fd)
{
	char data[SUBBUF];

	return read(fd, data, sizeof(data)) == 0 ? 7 : 8;
}

static int get_to_end(int fd)
{
	return first_sequence(fd) == -1 && errno == ENODATA ? 7 : 8;
}

static int poll_to_end(int fd)
{
	return polled(fd, -1) == POLLHUP ? 7 : 8;
}

static void ends(struct __test_metadata *_metadata, int (*call)(int fd))
{
	pid_t pid = in_child(call, 0);

	wait_asleep(pid);
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(7, child_status(pid));
}

TEST_F(relay, close_ends_read) { ends(_metadata, read_to_end); }
TEST_F(relay, close_ends_get) { ends(_metadata, get_to_end); }
TEST_F(relay, close_ends_poll) { ends(_metadata, poll_to_end); }

TEST_F(relay, signal_interrupts)
{
	pid_t pid = in_child(read_blocks, 0);

	wait_asleep(pid);
	kill(pid, SIGTERM);
	EXPECT_EQ(100 + SIGTERM, child_status(pid));
	/* A reader that was killed while it waited has consumed nothing. */
	fill(_metadata, 1);
	EXPECT_EQ(7, read_blocks(self->fd));
}

TEST_F(relay, drains_after_close)
{
	char data[SUBBUF];

	fill(_metadata, 1);
	ASSERT_EQ(0, control("write " NAME " %u 1", RECORD));
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(POLLIN, polled(self->fd, 0));
	EXPECT_EQ(SUBBUF, read(self->fd, data, SUBBUF));
	EXPECT_EQ(RECORD, read(self->fd, data, SUBBUF));
	EXPECT_EQ(0, read(self->fd, data, SUBBUF));
	EXPECT_EQ(POLLHUP, polled(self->fd, 0));
	EXPECT_ERROR(ENODATA, first_sequence(self->fd));
	EXPECT_EQ(0, ioctl(self->fd, RELAY_FLUSH));
	EXPECT_ERROR(ENOENT, open_cpu(NAME, 0, O_RDONLY));
}

TEST_F(relay, map_refuses)
{
	struct relay_info info = info_of(_metadata, self->fd);
	const size_t data = info.data_size;

	EXPECT_EQ(MAP_FAILED, mmap(NULL, data, PROT_READ, MAP_PRIVATE, self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, data, PROT_READ | PROT_EXEC, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, data, PROT_WRITE, MAP_SHARED, self->fd, 0));
	/* A mapping beyond the meta pages, which follow the data. */
	EXPECT_EQ(MAP_FAILED, mmap(NULL, data + info.meta_size + self->page, PROT_READ,
				   MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, info.meta_size + self->page, PROT_READ, MAP_SHARED,
				   self->fd, info.meta_offset));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ, MAP_SHARED, self->fd,
				   info.meta_offset + info.meta_size));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ, MAP_SHARED, self->fd,
				   0x7ffff000));
}

TEST_F(relay, map_shows_the_data)
{
	struct relay_info info = info_of(_metadata, self->fd);
	struct checker checker = { 0 };
	char *data, *second;

	data = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, data);
	second = mmap(NULL, SUBBUF, PROT_READ, MAP_SHARED, self->fd, SUBBUF);
	ASSERT_NE(MAP_FAILED, second);
	fill(_metadata, 2);
	EXPECT_EQ(2 * SUBBUF, check_records(&checker, data, 2 * SUBBUF));
	EXPECT_EQ(2 * PER_SUBBUF, checker.received);
	EXPECT_EQ(0, memcmp(data + SUBBUF, second, SUBBUF));
	/* Memory that no record was written to is zero. */
	for (size_t i = 2 * SUBBUF; i < info.data_size; i++)
		ASSERT_EQ(0, data[i]);
	munmap(second, SUBBUF);
	EXPECT_ERROR(EACCES, mprotect(data, self->page, PROT_READ | PROT_WRITE));
	EXPECT_ERROR(EACCES, mprotect(data, self->page, PROT_EXEC));
	EXPECT_EQ(MAP_FAILED, mremap(data, info.data_size, info.data_size * 2, MREMAP_MAYMOVE));
	EXPECT_EQ(0, munmap(data + self->page, self->page));
	EXPECT_EQ(0, memcmp(data, data, SUBBUF));
	munmap(data, info.data_size);
}

TEST_F(relay, meta_page)
{
	struct relay_info info = info_of(_metadata, self->fd);
	const struct relay_meta *meta;
	const struct relay_subbuf_desc *desc;
	const char *bytes;
	size_t end;

	meta = mmap(NULL, info.meta_size, PROT_READ, MAP_SHARED, self->fd, info.meta_offset);
	ASSERT_NE(MAP_FAILED, (void *)meta);
	EXPECT_EQ(RELAY_ABI_VERSION, meta->abi_version);
	EXPECT_EQ(N_SUBBUFS, meta->n_subbufs);
	EXPECT_EQ(SUBBUF, meta->subbuf_size);
	EXPECT_EQ(info.flags, meta->flags);
	EXPECT_EQ(0, meta->produced);
	fill(_metadata, 2);
	EXPECT_EQ(2, meta->produced);
	EXPECT_EQ(0, meta->consumed);
	bytes = (const char *)meta;
	desc = (const void *)(bytes + meta->header_size + meta->desc_size);
	EXPECT_EQ(2, desc->version);
	EXPECT_EQ(1, desc->info.sequence);
	EXPECT_EQ(SUBBUF, desc->info.used);
	EXPECT_EQ(PER_SUBBUF, desc->info.records);
	EXPECT_EQ(2, put(self->fd, 0, 2));
	EXPECT_EQ(2, meta->consumed);
	/* A lap later the same slot has the next sequence number. */
	fill(_metadata, 4);
	EXPECT_EQ(6, meta->produced);
	EXPECT_EQ(4, desc->version);
	EXPECT_EQ(5, desc->info.sequence);
	/* The bytes after the last descriptor are zero. */
	end = meta->header_size + N_SUBBUFS * meta->desc_size;
	for (; end < info.meta_size; end++)
		ASSERT_EQ(0, bytes[end]);
	EXPECT_EQ(0, meta->closed);
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(1, meta->closed);
	munmap((void *)meta, info.meta_size);
}

/* The file cannot be truncated, with or without a mapping. */
TEST_F(relay, no_truncation)
{
	struct relay_info info = info_of(_metadata, self->fd);
	char *data = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);
	const char *path = CHANNELS "/" NAME "/cpu0";
	struct stat stat;
	int pipes[2], fd;

	ASSERT_NE(MAP_FAILED, data);
	ASSERT_EQ(0, pipe(pipes));
	fill(_metadata, 2);
	/* O_TRUNC, as the shell opens "> file", has no effect. */
	fd = open(path, O_RDWR | O_TRUNC);
	ASSERT_LE(0, fd);
	EXPECT_ERROR(EINVAL, ftruncate(fd, 0));
	EXPECT_ERROR(EINVAL, ftruncate(fd, SUBBUF));
	EXPECT_ERROR(EINVAL, truncate(path, 0));
	ASSERT_EQ(0, fstat(fd, &stat));
	EXPECT_EQ(0, stat.st_size);
	/* The mapping is still there: no EFAULT. */
	EXPECT_EQ(SUBBUF, write(pipes[1], data, SUBBUF));
	/* Other attributes of the file can be changed. */
	EXPECT_EQ(0, fchmod(fd, 0440));
	EXPECT_EQ(0, futimens(fd, NULL));
	close(fd);
	munmap(data, info.data_size);
}

TEST_F(relay, map_outlives_the_channel)
{
	struct relay_info info = info_of(_metadata, self->fd);
	struct checker checker = { 0 };
	char *data = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);

	ASSERT_NE(MAP_FAILED, data);
	fill(_metadata, 1);
	ASSERT_EQ(0, control("close " NAME));
	close(self->fd);
	EXPECT_EQ(SUBBUF, check_records(&checker, data, SUBBUF));
	EXPECT_EQ(PER_SUBBUF, checker.received);
	munmap(data, info.data_size);
}

/* A child inherits the descriptor, but not the mapping. */
TEST_F(relay, map_is_not_inherited)
{
	struct relay_info info = info_of(_metadata, self->fd);
	char *data = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);
	int pipes[2];
	pid_t pid;

	ASSERT_NE(MAP_FAILED, data);
	pid = fork();
	if (!pid)
		_exit(pipe(pipes) || write(pipes[1], data, 1) != -1 || errno != EFAULT);
	EXPECT_EQ(0, child_status(pid));
	munmap(data, info.data_size);
}

/* Read the first sub-buffer by a snapshot, which does not consume it. */
static void see_first(struct __test_metadata *_metadata, char *plain)
{
	int fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, RELAY_SNAPSHOT));
	ASSERT_EQ(SUBBUF, read(fd, plain, SUBBUF));
	close(fd);
}

TEST_F(relay, splice_equals_read)
{
	char spliced[SUBBUF], plain[SUBBUF];
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	fill(_metadata, 1);
	see_first(_metadata, plain);
	ASSERT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	ASSERT_EQ(SUBBUF, read(pipes[0], spliced, SUBBUF));
	EXPECT_EQ(0, memcmp(spliced, plain, SUBBUF));
	EXPECT_ERROR(EAGAIN, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
}

/* Data in the pipe does not change, whatever is written to the channel. */
TEST_F(relay, splice_is_stable)
{
	char data[N_SUBBUFS * SUBBUF];
	struct checker checker = { 0 };
	struct relay_counters c;
	int pipes[2];
	ssize_t got;

	ASSERT_EQ(0, pipe(pipes));
	fill(_metadata, N_SUBBUFS);
	ASSERT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, 5 * PER_SUBBUF));
	ASSERT_EQ(SUBBUF, read(pipes[0], data, sizeof(data)));
	EXPECT_EQ(SUBBUF, check_records(&checker, data, SUBBUF));
	EXPECT_EQ(PER_SUBBUF, checker.received);
	EXPECT_EQ(0, checker.torn);
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(variant->flags & OVERWRITE ? 0 : 5 * PER_SUBBUF,
		  c.lost[RELAY_LOST_FULL]);
	/* The read from the pipe has given the sub-buffer back, so there is room again. */
	got = read(self->fd, data, sizeof(data));
	ASSERT_LT(0, got);
	check_records(&checker, data, got);
	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, PER_SUBBUF));
	fill(_metadata, 1);
	got = read(self->fd, data, sizeof(data));
	ASSERT_LT(0, got);
	check_records(&checker, data, got);
	EXPECT_EQ(0, checker.torn);
}

/* A reset leaves the data in the pipe, and throws away the data that is not in it. */
TEST_F(relay, splice_survives_reset)
{
	char plain[SUBBUF], spliced[SUBBUF];
	struct relay_counters c;
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	fill(_metadata, 2);
	see_first(_metadata, plain);
	ASSERT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	ASSERT_EQ(0, control("reset " NAME));
	EXPECT_ERROR(EAGAIN, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, N_SUBBUFS * PER_SUBBUF));
	ASSERT_EQ(SUBBUF, read(pipes[0], spliced, SUBBUF));
	EXPECT_EQ(0, memcmp(spliced, plain, SUBBUF));
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(PER_SUBBUF, c.erased);
	/* The sub-buffer is given back, and writers use it and those after it again. */
	EXPECT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	fill(_metadata, 1);
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(variant->flags & OVERWRITE ? 0 : 2 * PER_SUBBUF, c.lost[RELAY_LOST_FULL]);
}

/* SPLICE_F_NONBLOCK does not wait although the file is blocking, also where splice copies. */
TEST_F(relay, splice_need_not_wait)
{
	struct relay_info info = info_of(_metadata, self->fd);
	int cpu = open_cpu(NAME, 0, O_RDONLY), all = open_file(NAME, "all", O_RDONLY);
	int pipes[2];
	void *map;

	ASSERT_LE(0, cpu);
	ASSERT_LE(0, all);
	ASSERT_EQ(0, pipe(pipes));
	EXPECT_ERROR(EAGAIN, splice(cpu, NULL, pipes[1], NULL, SUBBUF, SPLICE_F_NONBLOCK));
	EXPECT_ERROR(EAGAIN, splice(all, NULL, pipes[1], NULL, SUBBUF, SPLICE_F_NONBLOCK));
	map = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_ERROR(EAGAIN, splice(cpu, NULL, pipes[1], NULL, SUBBUF, SPLICE_F_NONBLOCK));
	munmap(map, info.data_size);
	/* After the close splice returns 0. */
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(0, splice(cpu, NULL, pipes[1], NULL, SUBBUF, SPLICE_F_NONBLOCK));
	EXPECT_EQ(0, splice(all, NULL, pipes[1], NULL, SUBBUF, 0));
	close(cpu);
	close(all);
}

/* A splice in pieces into a pipe that is too small loses no byte. */
TEST_F(relay, splice_a_copy)
{
	size_t header = sizeof(struct relay_all_header), at = 0;
	char data[2 * (sizeof(struct relay_all_header) + SUBBUF)];
	int fd = open_file(NAME, "all", O_RDONLY | O_NONBLOCK), pipes[2];
	struct checker checker = { 0 };
	ssize_t got;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(self->page, fcntl(pipes[1], F_SETPIPE_SZ, self->page));
	fill(_metadata, 2);
	while ((got = splice(fd, NULL, pipes[1], NULL, sizeof(data), 0)) > 0) {
		ASSERT_LE(got, sizeof(data) - at);
		ASSERT_EQ(got, read(pipes[0], data + at, got));
		at += got;
	}
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(sizeof(data), at);
	check_records(&checker, data + header, SUBBUF);
	check_records(&checker, data + header + SUBBUF + header, SUBBUF);
	EXPECT_EQ(2 * PER_SUBBUF, checker.received);
	EXPECT_EQ(0, checker.torn + checker.missing);
	close(fd);
}

/* The ends of a pipe that two children use. */
static int shared[2];

static int splice_on(int fd)
{
	while (splice(fd, NULL, shared[1], NULL, N_SUBBUFS * SUBBUF, 0) > 0)
		;
	return 8;
}

static int splice_all_on(int unused)
{
	return splice_on(open_file(NAME, "all", O_RDONLY));
}

static int read_shared(int unused)
{
	char data[N_SUBBUFS * SUBBUF];

	return read(shared[0], data, sizeof(data)) > 0 ? 7 : 8;
}

/* A task that waits in splice for more data does not keep a reader from data in the pipe. */
static void pipe_is_free(struct __test_metadata *_metadata, int (*call)(int fd))
{
	int splicer, reader, tries, done = 0, status = -1;

	ASSERT_EQ(0, pipe(shared));
	fill(_metadata, N_SUBBUFS);
	splicer = in_child(call, 0);
	wait_asleep(splicer);
	reader = in_child(read_shared, 0);
	/* A reader that has to wait would wait for ever; allow 20 seconds on a slow machine. */
	for (tries = 0; tries < 1000 && !done; tries++) {
		usleep(20000);
		done = waitpid(reader, &status, WNOHANG);
	}
	EXPECT_EQ(reader, done);
	EXPECT_EQ(7, WEXITSTATUS(status));
	kill(splicer, SIGKILL);
	EXPECT_EQ(100 + SIGKILL, child_status(splicer));
	if (!done)
		child_status(reader);
	close(shared[0]);
	close(shared[1]);
}

TEST_F_TIMEOUT(relay, splice_leaves_the_pipe, 60) { pipe_is_free(_metadata, splice_on); }
TEST_F_TIMEOUT(relay, splice_all_leaves_the_pipe, 60) { pipe_is_free(_metadata, splice_all_on); }

TEST_F(relay, mapped_or_lent)
{
	struct relay_info info = info_of(_metadata, self->fd);
	struct relay_counters c;
	char data[SUBBUF];
	int pipes[2];
	void *map;

	if (variant->flags & OVERWRITE)
		SKIP(return, "nothing is lent");
	ASSERT_EQ(0, pipe(pipes));
	fill(_metadata, 2);
	ASSERT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EBUSY, errno);
	ASSERT_EQ(SUBBUF, read(pipes[0], data, SUBBUF));
	/* The next splice finds the sub-buffer given back. */
	ASSERT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	ASSERT_EQ(SUBBUF, read(pipes[0], data, SUBBUF));
	EXPECT_ERROR(EAGAIN, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	map = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	fill(_metadata, 1);
	/* While the data is mapped splice copies, so that all of the buffer is free. */
	EXPECT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	fill(_metadata, N_SUBBUFS);
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(0, c.lost[RELAY_LOST_FULL]);
	munmap(map, info.data_size);
	/* After the munmap splice lends pages again. */
	ASSERT_EQ(SUBBUF, read(pipes[0], data, SUBBUF));
	EXPECT_EQ(SUBBUF, splice(self->fd, NULL, pipes[1], NULL, SUBBUF, 0));
	fill(_metadata, 1);
	ASSERT_EQ(0, ioctl(self->fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(PER_SUBBUF, c.lost[RELAY_LOST_FULL]);
}

/* write(2) takes its bytes from the mapping. */
TEST_F(relay, write_from_the_map)
{
	struct relay_info info = info_of(_metadata, self->fd);
	char *data = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);
	char copy[SUBBUF];
	int fd = open("/tmp/relay-selftest", O_RDWR | O_CREAT | O_TRUNC, 0600);

	ASSERT_NE(MAP_FAILED, data);
	ASSERT_LE(0, fd);
	fill(_metadata, 1);
	EXPECT_EQ(SUBBUF, write(fd, data, SUBBUF));
	EXPECT_EQ(SUBBUF, pread(fd, copy, SUBBUF, 0));
	EXPECT_EQ(0, memcmp(copy, data, SUBBUF));
	close(fd);
	unlink("/tmp/relay-selftest");
	munmap(data, info.data_size);
}

/* Set up a loop device on a file in memory. Return: its number, or -1. */
static int loop_device(void)
{
	int control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int file = open("/tmp/relay-disk", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int number = ioctl(control_fd, LOOP_CTL_GET_FREE), fd;
	char path[32];

	snprintf(path, sizeof(path), "/dev/loop%d", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (ftruncate(file, 1 << 20) || fd < 0 || ioctl(fd, LOOP_SET_FD, file))
		number = -1;
	close(file);
	close(fd);
	close(control_fd);
	return number;
}

/* Direct I/O from the mapping: the block device reads the buffer's own pages. */
TEST_F(relay, direct_io_from_the_map)
{
	struct relay_info info = info_of(_metadata, self->fd);
	char *data = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, self->fd, 0);
	int number = loop_device(), fd;
	char path[32], copy[SUBBUF];

	ASSERT_NE(MAP_FAILED, data);
	if (number < 0)
		SKIP(return, "no loop device");
	snprintf(path, sizeof(path), "/dev/loop%d", number);
	fd = open(path, O_RDWR | O_DIRECT);
	ASSERT_LE(0, fd);
	fill(_metadata, 1);
	EXPECT_EQ(SUBBUF, write(fd, data, SUBBUF));
	EXPECT_EQ(0, ioctl(fd, LOOP_CLR_FD));
	close(fd);
	fd = open("/tmp/relay-disk", O_RDONLY);
	EXPECT_EQ(SUBBUF, read(fd, copy, SUBBUF));
	EXPECT_EQ(0, memcmp(copy, data, SUBBUF));
	close(fd);
	unlink("/tmp/relay-disk");
	munmap(data, info.data_size);
}

TEST_F(relay, all)
{
	char data[sizeof(struct relay_all_header) + SUBBUF];
	struct relay_all_header header;
	struct checker checker = { 0 };
	int fd = open_file(NAME, "all", O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, fd);
	EXPECT_ERROR(EAGAIN, read(fd, data, sizeof(data)));
	EXPECT_EQ(0, polled(fd, 0));
	fill(_metadata, 1);
	EXPECT_EQ(POLLIN, polled(fd, 0));
	EXPECT_ERROR(EFAULT, read(fd, (void *)-4096L, sizeof(data)));
	/* A sub-buffer can be read in pieces of any size. */
	EXPECT_EQ(10, read(fd, data, 10));
	EXPECT_EQ(sizeof(data) - 10, read(fd, data + 10, sizeof(data)));
	memcpy(&header, data, sizeof(header));
	EXPECT_EQ(RELAY_ALL_MAGIC, header.magic);
	EXPECT_EQ(sizeof(header), header.header_size);
	EXPECT_EQ(0, header.cpu);
	EXPECT_EQ(0, header.info.sequence);
	EXPECT_EQ(SUBBUF, header.info.used);
	EXPECT_EQ(PER_SUBBUF, header.info.records);
	check_records(&checker, data + sizeof(header), SUBBUF);
	EXPECT_EQ(PER_SUBBUF, checker.received);
	/* The read of "all" has consumed the sub-buffer. */
	EXPECT_ERROR(EAGAIN, first_sequence(self->fd));
	/* A partly filled sub-buffer is not read before a flush. */
	ASSERT_EQ(0, control("write " NAME " %u 1", RECORD));
	EXPECT_ERROR(EAGAIN, read(fd, data, sizeof(data)));
	EXPECT_EQ(0, ioctl(fd, RELAY_FLUSH));
	EXPECT_EQ(sizeof(header) + RECORD, read(fd, data, sizeof(data)));
	ASSERT_EQ(0, control("write " NAME " %u 1", RECORD));
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(POLLIN, polled(fd, 0));
	EXPECT_EQ(sizeof(header) + RECORD, read(fd, data, sizeof(data)));
	EXPECT_EQ(0, read(fd, data, sizeof(data)));
	EXPECT_EQ(POLLHUP, polled(fd, 0));
	close(fd);
}

/* Sub-buffers that other readers consume count as missed. */
TEST_F(relay, all_tells_what_was_missed)
{
	int fd = open_file(NAME, "all", O_RDONLY | O_NONBLOCK);
	struct relay_all_header header;
	char data[SUBBUF];
	unsigned int i;

	ASSERT_LE(0, fd);
	for (i = 1; i <= 2; i++) {
		fill(_metadata, 2);
		ASSERT_EQ(SUBBUF, read(self->fd, data, SUBBUF));
		ASSERT_EQ(sizeof(header), read(fd, &header, sizeof(header)));
		EXPECT_EQ(2 * i - 1, header.info.sequence);
		EXPECT_EQ(i, header.missed);
		ASSERT_EQ(SUBBUF, read(fd, data, SUBBUF));
	}
	close(fd);
	/* Sub-buffers that were gone before the open do not count. */
	fd = open_file(NAME, "all", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	fill(_metadata, 1);
	ASSERT_EQ(sizeof(header), read(fd, &header, sizeof(header)));
	EXPECT_EQ(4, header.info.sequence);
	EXPECT_EQ(0, header.missed);
	close(fd);
}

/* After the close a reader gets the delivered sub-buffers, even if this is its first read. */
TEST_F(relay, all_drains_after_close)
{
	char data[sizeof(struct relay_all_header) + SUBBUF];
	int fd = open_file(NAME, "all", O_RDONLY);

	ASSERT_LE(0, fd);
	fill(_metadata, 1);
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(sizeof(data), read(fd, data, sizeof(data)));
	EXPECT_EQ(0, read(fd, data, sizeof(data)));
	close(fd);
}

/* Each open file reports each trigger once, independently of other files. */
TEST_F(relay, triggers)
{
	int all = open_file(NAME, "all", O_RDONLY), map = open_file(NAME, "map0", O_RDONLY);
	int fds[] = { self->fd, all, map }, late, i;
	__u32 triggers;

	ASSERT_LE(0, all);
	ASSERT_LE(0, map);
	EXPECT_EQ(0, poll_for(all, POLLPRI, 0));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, control("trigger " NAME));
	late = open_cpu(NAME, 0, O_RDONLY);
	ASSERT_LE(0, late);
	EXPECT_EQ(0, poll_for(late, POLLPRI, 0));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(POLLPRI, poll_for(fds[i], POLLIN | POLLPRI, -1));
		/* The failed call loses no trigger. */
		EXPECT_ERROR(EFAULT, ioctl(fds[i], RELAY_GET_TRIGGERS, (void *)-4096L));
		EXPECT_EQ(0, ioctl(fds[i], RELAY_GET_TRIGGERS, &triggers));
		EXPECT_EQ(3, triggers);
		EXPECT_EQ(0, poll_for(fds[i], POLLIN | POLLPRI, 0));
		EXPECT_EQ(0, ioctl(fds[i], RELAY_GET_TRIGGERS, &triggers));
		EXPECT_EQ(0, triggers);
		close(i ? fds[i] : late);
	}
}

static int trigger_wakes(int fd)
{
	return poll_for(fd, POLLPRI, -1) == POLLPRI ? 7 : 8;
}

TEST_F(relay, trigger_wakes)
{
	pid_t pid = in_child(trigger_wakes, 0);

	wait_asleep(pid);
	ASSERT_EQ(0, control("trigger " NAME));
	EXPECT_EQ(7, child_status(pid));
}

/* EPOLL_CTL_MOD asks for other events, and adds the task to no queue. */
TEST_F(relay, epoll_mod)
{
	struct epoll_event event = { .events = EPOLLPRI };
	int epoll = epoll_create1(0);

	ASSERT_LE(0, epoll);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event));
	event.events = EPOLLIN;
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_MOD, self->fd, &event));
	fill(_metadata, 1);
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, -1));
	EXPECT_EQ(EPOLLIN, event.events);
	close(epoll);
}

TEST_F(relay, all_ioctls)
{
	struct relay_info info;
	struct relay_counters c;
	int fd = open_file(NAME, "all", O_RDONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ioctl(fd, RELAY_GET_INFO, &info));
	EXPECT_EQ(~0U, info.cpu);
	EXPECT_EQ(SUBBUF, info.subbuf_size);
	EXPECT_EQ(0, info.meta_size);
	fill(_metadata, 1);
	EXPECT_EQ(0, ioctl(fd, RELAY_GET_COUNTERS, &c));
	EXPECT_EQ(PER_SUBBUF, c.committed);
	EXPECT_ERROR(EFAULT, ioctl(fd, RELAY_GET_INFO, (void *)-4096L));
	EXPECT_ERROR(ENOTTY, ioctl(fd, RELAY_SNAPSHOT));
	EXPECT_ERROR(ENOTTY, ioctl(fd, RELAY_GET_SUBBUF, &info));
	EXPECT_ERROR(ENODEV, (long)mmap(NULL, SUBBUF, PROT_READ, MAP_SHARED, fd, 0));
	close(fd);
}

TEST_F(relay, stats)
{
	char text[4096] = "", expected[64];
	int fd = open_file(NAME, "stats", O_RDONLY);

	ASSERT_LE(0, fd);
	fill(_metadata, 1);
	EXPECT_LT(0, read(fd, text, sizeof(text) - 1));
	snprintf(expected, sizeof(expected), "\n0 %u 0 0 0 ", PER_SUBBUF);
	EXPECT_NE(NULL, strstr(text, expected));
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_ERROR(ENODEV, pread(fd, text, sizeof(text), 0));
	close(fd);
}

/* An open file of a channel keeps the client's module from being unloaded. */
TEST_F(relay, module_stays)
{
	EXPECT_ERROR(EWOULDBLOCK, syscall(SYS_delete_module, "relay_selftest", O_NONBLOCK));
}

/* The channel can be closed after very many opens. */
TEST_F(relay, many_opens)
{
	const char *given = getenv("OPENS");
	int i, fd, kept = 0, opens = given ? atoi(given) : 10000;

	for (i = 0; i < opens; i++) {
		fd = open_cpu(NAME, 0, O_RDONLY);
		ASSERT_LE(0, fd);
		if (i % 100 || dup2(fd, 500 + kept++) < 0)
			close(fd);
	}
	ASSERT_EQ(0, control("close " NAME));
}

/* As in the relayfs of 2005, data written without a reader is kept. */
TEST_F(relay, stays_without_a_reader)
{
	char data[SUBBUF];

	close(self->fd);
	fill(_metadata, 1);
	self->fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(SUBBUF, read(self->fd, data, SUBBUF));
}

/* As in the relayfs of 2005, a flight recorder keeps the newest data. */
TEST_F(relay, keeps_the_newest)
{
	char data[SUBBUF];
	struct test_record record;

	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, 10 * N_SUBBUFS * PER_SUBBUF));
	ASSERT_EQ(RECORD, read(self->fd, data, RECORD));
	memcpy(&record, data, sizeof(record));
	EXPECT_EQ(variant->flags & OVERWRITE ? 9 * N_SUBBUFS * PER_SUBBUF : 0,
		  record.sequence);
}

TEST_HARNESS_MAIN
