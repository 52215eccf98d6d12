// SPDX-License-Identifier: GPL-2.0
/*
 * The files as ordinary programs and io_uring use them, several at a time; their sizes,
 * memory and counters.
 */
#include "../kselftest_harness.h"
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "channel.h"

#define NAME		"selftest-files"
#define SUBBUF		4096
#define N_SUBBUFS	4
#define RECORD		64
#define PER_SUBBUF	(SUBBUF / RECORD)

#define CPU0		CHANNELS "/" NAME "/cpu0"
#define MAP0		CHANNELS "/" NAME "/map0"
#define RESULT		"/tmp/relay-files"

#define EXPECT_ERROR(err, call)				\
	do {						\
		errno = 0;				\
		EXPECT_EQ(-1, (long)(call));		\
		EXPECT_EQ(err, errno);			\
	} while (0)

FIXTURE(files) {
	int unused;
};

FIXTURE_SETUP(files)
{
	control("close " NAME);
	unlink(RESULT);
	ASSERT_EQ(0, control("open " NAME " %u %u 0 0", SUBBUF, N_SUBBUFS));
	pin(0);
}

FIXTURE_TEARDOWN(files)
{
	control("close " NAME);
}

/* Write and deliver @count whole sub-buffers. */
static void fill(struct __test_metadata *_metadata, unsigned int count)
{
	ASSERT_EQ(0, control("write " NAME " %u %u", RECORD, count * PER_SUBBUF));
	ASSERT_EQ(0, control("flush " NAME));
}

/* Fork a child that reads from a descriptor that it shares with its parent. */
static pid_t read_in_child(int fd)
{
	char data[SUBBUF];
	pid_t pid = fork();

	if (pid)
		return pid;
	unpin();
	_exit(read(fd, data, sizeof(data)) == sizeof(data) ? 7 : 8);
}

/* Two readers wait on one descriptor: each can be killed, and gets its data. */
static void shared_descriptor(struct __test_metadata *_metadata, const char *file)
{
	int fd = open_file(NAME, file, O_RDONLY);
	pid_t first, second;

	ASSERT_LE(0, fd);
	first = read_in_child(fd);
	wait_asleep(first);
	second = read_in_child(fd);
	wait_asleep(second);
	kill(second, SIGKILL);
	EXPECT_EQ(100 + SIGKILL, child_status(second));
	fill(_metadata, 1);
	EXPECT_EQ(7, child_status(first));
	close(fd);
}

TEST_F_TIMEOUT(files, shared_descriptor_of_cpu, 60) { shared_descriptor(_metadata, "cpu0"); }

static ssize_t read_nowait(int fd, void *data, size_t size)
{
	struct iovec to = { .iov_base = data, .iov_len = size };

	return preadv2(fd, &to, 1, -1, RWF_NOWAIT);
}

/* RWF_NOWAIT does not wait, although the descriptor is blocking. */
TEST_F(files, nowait)
{
	char data[sizeof(struct relay_all_header) + SUBBUF];
	int cpu = open_cpu(NAME, 0, O_RDONLY), all = open_file(NAME, "all", O_RDONLY);

	ASSERT_LE(0, cpu);
	ASSERT_LE(0, all);
	EXPECT_ERROR(EAGAIN, read_nowait(cpu, data, sizeof(data)));
	EXPECT_ERROR(EAGAIN, read_nowait(all, data, sizeof(data)));
	fill(_metadata, 1);
	EXPECT_EQ(SUBBUF, read_nowait(cpu, data, sizeof(data)));
	fill(_metadata, 1);
	EXPECT_EQ(sizeof(data), read_nowait(all, data, sizeof(data)));
	close(cpu);
	close(all);
}

/* An io_uring with room for one request at a time. */
struct uring {
	int fd;
	struct io_uring_params params;
	struct io_uring_sqe *sqe;
	char *rings;
};

static int uring_open(struct uring *uring)
{
	size_t page = sysconf(_SC_PAGESIZE);

	memset(uring, 0, sizeof(*uring));
	uring->fd = syscall(SYS_io_uring_setup, 1, &uring->params);
	if (uring->fd < 0)
		return -1;
	uring->rings = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
			    uring->fd, IORING_OFF_SQ_RING);
	uring->sqe = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
			  uring->fd, IORING_OFF_SQES);
	return uring->rings == (void *)-1 || (void *)uring->sqe == (void *)-1 ? -1 : 0;
}

static unsigned int *uring_word(struct uring *uring, unsigned int offset)
{
	return (unsigned int *)(uring->rings + offset);
}

/* Submit a read. Return: number of requests that the kernel has accepted. */
static int uring_read(struct uring *uring, int fd, void *data, size_t size)
{
	unsigned int *tail = uring_word(uring, uring->params.sq_off.tail);

	memset(uring->sqe, 0, sizeof(*uring->sqe));
	uring->sqe->opcode = IORING_OP_READ;
	uring->sqe->fd = fd;
	uring->sqe->addr = (unsigned long)data;
	uring->sqe->len = size;
	uring->sqe->off = -1;
	*uring_word(uring, uring->params.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, uring->fd, 1, 0, 0, NULL, 0);
}

static int uring_ready(struct uring *uring)
{
	return __atomic_load_n(uring_word(uring, uring->params.cq_off.tail), __ATOMIC_ACQUIRE) -
	       *uring_word(uring, uring->params.cq_off.head);
}

/* Wait for the request. Return: its result. */
static int uring_result(struct uring *uring)
{
	unsigned int *head = uring_word(uring, uring->params.cq_off.head);
	struct io_uring_cqe *cqe = (void *)(uring->rings + uring->params.cq_off.cqes);
	int result;

	if (syscall(SYS_io_uring_enter, uring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0))
		return -errno;
	result = cqe[*head & *uring_word(uring, uring->params.cq_off.ring_mask)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

static void by_uring(struct __test_metadata *_metadata, const char *file, size_t size)
{
	int fd = open_file(NAME, file, O_RDONLY);
	struct checker checker = { 0 };
	char data[2 * SUBBUF];
	struct uring uring;

	ASSERT_LE(0, fd);
	if (uring_open(&uring))
		SKIP(return, "a kernel without io_uring");
	/*
	 * Without data the request waits, and the submitter goes on. A regular file would
	 * be read until the request is satisfied.
	 */
	ASSERT_EQ(1, uring_read(&uring, fd, data, size));
	EXPECT_EQ(0, uring_ready(&uring));
	fill(_metadata, 1);
	EXPECT_EQ(size, uring_result(&uring));
	check_records(&checker, data + size - SUBBUF, SUBBUF);
	EXPECT_EQ(PER_SUBBUF, checker.received);
	/* With data, the submission itself reads it. */
	fill(_metadata, 1);
	ASSERT_EQ(1, uring_read(&uring, fd, data, size));
	EXPECT_EQ(1, uring_ready(&uring));
	EXPECT_EQ(size, uring_result(&uring));
	/* The close of the channel ends a waiting read. */
	ASSERT_EQ(1, uring_read(&uring, fd, data, size));
	ASSERT_EQ(0, control("close " NAME));
	EXPECT_EQ(0, uring_result(&uring));
	close(uring.fd);
	close(fd);
}

TEST_F_TIMEOUT(files, uring_of_cpu, 60) { by_uring(_metadata, "cpu0", SUBBUF); }

TEST_F_TIMEOUT(files, uring_of_all, 60)
{
	by_uring(_metadata, "all", sizeof(struct relay_all_header) + SUBBUF);
}

/*
 * Sizes
 */

static long long size_of(const char *file)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), CHANNELS "/" NAME "/%s", file);
	return stat(path, &st) ? -1 : (long long)st.st_size;
}

TEST_F(files, sizes)
{
	struct relay_info info;
	int fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK), waiting;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, RELAY_GET_INFO, &info));
	fill(_metadata, 2);
	/* The size of a stream is 0, whatever it holds; FIONREAD depends on the size. */
	EXPECT_EQ(0, size_of("cpu0"));
	EXPECT_EQ(0, size_of("all"));
	EXPECT_EQ(0, ioctl(fd, FIONREAD, &waiting));
	EXPECT_EQ(0, waiting);
	EXPECT_EQ(info.data_size + info.meta_size, size_of("map0"));
	EXPECT_EQ(info.meta_offset, info.data_size);
	close(fd);
}

/* One mapping of mapN has data and meta pages, and its descriptor has every ioctl. */
TEST_F(files, map_file)
{
	int fd = open_file(NAME, "map0", O_RDONLY | O_NONBLOCK);
	struct relay_subbuf_put put = { .count = 1 };
	struct checker checker = { 0 };
	const struct relay_meta *meta;
	struct relay_subbuf_get get;
	struct relay_info info;
	char *map, *copy;
	size_t size;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, RELAY_GET_INFO, &info));
	size = info.data_size + info.meta_size;
	map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE((void *)-1, map);
	meta = (const void *)(map + info.meta_offset);
	EXPECT_EQ(0, meta->produced);
	EXPECT_ERROR(EAGAIN, ioctl(fd, RELAY_GET_SUBBUF, &get));
	fill(_metadata, 1);
	EXPECT_EQ(1, meta->produced);
	ASSERT_EQ(0, ioctl(fd, RELAY_GET_SUBBUF, &get));
	EXPECT_EQ(SUBBUF, check_records(&checker, map + get.offset, get.info.used));
	EXPECT_EQ(PER_SUBBUF, checker.received);
	EXPECT_EQ(0, meta->consumed);
	put.sequence = get.info.sequence;
	EXPECT_EQ(0, ioctl(fd, RELAY_PUT_SUBBUF, &put));
	EXPECT_EQ(1, meta->consumed);
	/* read() copies the memory that the mapping shows, and consumes nothing. */
	copy = malloc(size + 1);
	fill(_metadata, 1);
	EXPECT_EQ(100, read(fd, copy, 100));
	EXPECT_EQ(size - 100, read(fd, copy + 100, size + 1));
	EXPECT_EQ(0, read(fd, copy, 1));
	EXPECT_EQ(0, memcmp(copy, map, size));
	EXPECT_EQ(info.meta_size - 8, pread(fd, copy, size, info.meta_offset + 8));
	EXPECT_EQ(0, memcmp(copy, map + info.meta_offset + 8, info.meta_size - 8));
	EXPECT_EQ(size, lseek(fd, 0, SEEK_END));
	EXPECT_EQ(1, meta->consumed);
	free(copy);
	munmap(map, size);
	close(fd);
}

static unsigned long long ready(int fd)
{
	struct relay_counters c = { 0 };

	return ioctl(fd, RELAY_GET_COUNTERS, &c) ? ~0ULL : c.ready;
}

/*
 * Run a program that reads the stream until the channel is closed. Return: its exit
 * status.
 */
static int run_to_end(struct __test_metadata *_metadata, const char *command)
{
	int fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK), status;
	pid_t pid;

	fill(_metadata, 2);
	pid = fork();
	if (!pid) {
		unpin();
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	while (ready(fd))
		sched_yield();
	EXPECT_EQ(0, control("close " NAME));
	status = child_status(pid);
	close(fd);
	return status;
}

static long long result_size(void)
{
	struct stat st;

	return stat(RESULT, &st) ? -1 : (long long)st.st_size;
}

TEST_F_TIMEOUT(files, cat, 30)
{
	EXPECT_EQ(0, run_to_end(_metadata, "exec cat " CPU0 " >" RESULT));
	EXPECT_EQ(2 * SUBBUF, result_size());
}

TEST_F_TIMEOUT(files, cp, 30)
{
	EXPECT_EQ(0, run_to_end(_metadata, "exec cp " CPU0 " " RESULT));
	EXPECT_EQ(2 * SUBBUF, result_size());
}

TEST_F_TIMEOUT(files, wc, 30)
{
	EXPECT_EQ(0, run_to_end(_metadata, "test $(wc -c <" CPU0 ") = 8192"));
}

TEST_F_TIMEOUT(files, tail, 30)
{
	int fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK), status;
	pid_t pid;

	fill(_metadata, 2);
	pid = fork();
	if (!pid) {
		unpin();
		execl("/bin/sh", "sh", "-c",
		      "tail -n +1 -f " CPU0 " | head -c 8192 >" RESULT, NULL);
		_exit(127);
	}
	while (ready(fd))
		sched_yield();
	while (result_size() != 2 * SUBBUF)
		sched_yield();
	/* tail notices the closed pipe only when it has enough data to write. */
	while (!waitpid(pid, &status, WNOHANG))
		fill(_metadata, 1);
	EXPECT_EQ(0, status);
	close(fd);
}

/* An archive of the directory does not wait, and consumes nothing. */
TEST_F_TIMEOUT(files, tar, 30)
{
	int fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);
	int status;

	fill(_metadata, 2);
	status = system("cd " CHANNELS " && tar cf " RESULT " " NAME "");
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_LT(size_of("map0"), result_size());
	EXPECT_EQ(2, ready(fd));
	close(fd);
}

/* A consumer in Python that uses mmap, fcntl.ioctl and struct of the standard library. */
TEST_F_TIMEOUT(files, python, 60)
{
	char script[256] = "";
	int status;
	pid_t pid;

	if (access("/usr/bin/python3", X_OK))
		SKIP(return, "no Python");
	if (readlink("/proc/self/exe", script, sizeof(script) - 32) < 0)
		SKIP(return, "no /proc");
	sprintf(strrchr(script, '/') + 1, "map_consumer.py");
	fill(_metadata, 3);
	pid = fork();
	if (!pid) {
		execl("/usr/bin/python3", "python3", script, MAP0, RESULT, NULL);
		_exit(127);
	}
	while (result_size() < 3 * SUBBUF)
		sched_yield();
	fill(_metadata, 3);
	EXPECT_EQ(0, control("close " NAME));
	status = child_status(pid);
	EXPECT_EQ(0, status);
	EXPECT_EQ(6 * SUBBUF, result_size());
}

/*
 * Memory
 */

#define GROUP	"/tmp/relay-cgroup/reader"

static long long group_memory(void)
{
	long long bytes = -1;
	FILE *file = fopen(GROUP "/memory.current", "r");

	if (file && fscanf(file, "%lld", &bytes) != 1)
		bytes = -1;
	if (file)
		fclose(file);
	return bytes;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	err = fd < 0 || write(fd, text, strlen(text)) < 0;
	close(fd);
	return err;
}

#define LARGE	(4 << 20)

/* Open "all" without a read, which charges the group little; then read, which charges it. */
static void read_in_group(void)
{
	static char data[100];
	int fd[16], i;
	long long before, opened;

	if (write_text(GROUP "/cgroup.procs", "0"))
		_exit(1);
	before = group_memory();
	for (i = 0; i < 16; i++) {
		fd[i] = open_file("selftest-large", "all", O_RDONLY);
		if (fd[i] < 0)
			_exit(2);
	}
	opened = group_memory();
	if (opened - before > LARGE)
		_exit(3);
	if (read(fd[0], data, sizeof(data)) != sizeof(data))
		_exit(4);
	/* The group may have been charged up to a quarter in advance. */
	if (group_memory() - opened < LARGE / 4 * 3)
		_exit(5);
	_exit(0);
}

TEST_F(files, memory)
{
	pid_t pid;

	mkdir("/tmp/relay-cgroup", 0700);
	if (mount("none", "/tmp/relay-cgroup", "cgroup2", 0, NULL) ||
	    write_text("/tmp/relay-cgroup/cgroup.subtree_control", "+memory"))
		SKIP(return, "a kernel without memory cgroups");
	mkdir(GROUP, 0700);
	control("close selftest-large");
	ASSERT_EQ(0, control("open selftest-large %u 2 2 0", LARGE));
	ASSERT_EQ(0, control("write selftest-large %u 1", LARGE));
	ASSERT_EQ(0, control("flush selftest-large"));
	pid = fork();
	if (!pid)
		read_in_group();
	EXPECT_EQ(0, child_status(pid));
	EXPECT_EQ(0, control("close selftest-large"));
	rmdir(GROUP);
	umount("/tmp/relay-cgroup");
}

/*
 * Losses, and lent sub-buffers
 */

static struct relay_counters counters_of(int fd)
{
	struct relay_counters c = { 0 };

	ioctl(fd, RELAY_GET_COUNTERS, &c);
	return c;
}

/* A reader is not told of records that were lost before it opened the file. */
TEST_F(files, lost_since_open)
{
	size_t header = sizeof(struct relay_all_header);
	char data[sizeof(struct relay_all_header) + SUBBUF];
	struct relay_subbuf_put put = { .count = 1 };
	struct relay_all_header first;
	struct relay_subbuf_get get;
	int fd, all, i;

	/* The buffer is full, and ten records are lost. */
	fill(_metadata, N_SUBBUFS);
	ASSERT_EQ(0, control("write " NAME " %u 10", RECORD));
	fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);
	all = open_file(NAME, "all", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, all);
	ASSERT_EQ(10, counters_of(fd).lost[RELAY_LOST_FULL]);
	for (i = 0; i < N_SUBBUFS; i++) {
		ASSERT_EQ(0, ioctl(fd, RELAY_GET_SUBBUF, &get));
		EXPECT_EQ(0, get.info.lost);
		put.sequence = get.info.sequence;
		ASSERT_EQ(0, ioctl(fd, RELAY_PUT_SUBBUF, &put));
	}
	/* The next sub-buffer counts these ten, so this reader gets 0. */
	fill(_metadata, 1);
	ASSERT_EQ(0, ioctl(fd, RELAY_GET_SUBBUF, &get));
	EXPECT_EQ(0, get.info.lost);
	ASSERT_EQ(sizeof(data), read(all, data, sizeof(data)));
	memcpy(&first, data, header);
	EXPECT_EQ(0, first.info.lost);
	fill(_metadata, N_SUBBUFS);
	ASSERT_EQ(0, control("write " NAME " %u 5", RECORD));
	ASSERT_EQ(sizeof(data), read(all, data, sizeof(data)));
	fill(_metadata, 1);
	for (i = 0; i < N_SUBBUFS; i++)
		ASSERT_EQ(sizeof(data), read(all, data, sizeof(data)));
	memcpy(&first, data, header);
	EXPECT_EQ(5, first.info.lost);
	ASSERT_EQ(0, ioctl(fd, RELAY_GET_SUBBUF, &get) && errno != EAGAIN);
	close(fd);
	close(all);
}

/* Every reader can see the number of lent sub-buffers; the first version of the structure works. */
TEST_F(files, lent)
{
	const unsigned long first = _IOC(_IOC_READ, RELAY_IOC_MAGIC, 5,
					 offsetof(struct relay_counters, unnoted));
	int fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK), pipes[2], stats;
	struct relay_counters c = { .lent = 99 };
	char data[SUBBUF], text[4096] = "";

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(0, counters_of(fd).lent);
	fill(_metadata, 3);
	/* Splice one sub-buffer, then the next one. */
	ASSERT_EQ(SUBBUF, splice(fd, NULL, pipes[1], NULL, SUBBUF, 0));
	EXPECT_EQ(1, counters_of(fd).lent);
	ASSERT_EQ(SUBBUF, splice(fd, NULL, pipes[1], NULL, SUBBUF, 0));
	EXPECT_EQ(2, counters_of(fd).lent);
	EXPECT_EQ(1, counters_of(fd).ready);
	EXPECT_EQ(0, ioctl(fd, first, &c));
	EXPECT_EQ(3 * PER_SUBBUF, c.committed);
	EXPECT_EQ(99, c.lent);
	stats = open_file(NAME, "stats", O_RDONLY);
	ASSERT_LT(0, read(stats, text, sizeof(text) - 1));
	EXPECT_NE(NULL, strstr(text, " unnoted lent\n"));
	EXPECT_NE(NULL, strstr(text, " 1 0 2\n"));
	close(stats);
	ASSERT_EQ(SUBBUF, read(pipes[0], data, SUBBUF));
	ASSERT_EQ(SUBBUF, read(pipes[0], data, SUBBUF));
	/* A use of the file finds them given back. */
	ASSERT_EQ(SUBBUF, read(fd, data, SUBBUF));
	EXPECT_EQ(0, counters_of(fd).lent);
	/* A single byte in a pipe keeps its sub-buffer lent. */
	fill(_metadata, 1);
	ASSERT_EQ(1, splice(fd, NULL, pipes[1], NULL, 1, 0));
	EXPECT_EQ(1, counters_of(fd).lent);
	close(fd);
}

/* With RELAY_WHOLE every way to read returns complete sub-buffers only. */
TEST(whole)
{
	size_t header = sizeof(struct relay_all_header);
	char data[sizeof(struct relay_all_header) + SUBBUF];
	struct relay_info info;
	int fd, all, pipes[2];
	unsigned int flags;

	pin(0);
	ASSERT_EQ(0, pipe(pipes));
	for (flags = 0; flags <= OVERWRITE; flags += OVERWRITE) {
		control("close " NAME);
		ASSERT_EQ(0, control("open " NAME " %u %u %x 0", SUBBUF, N_SUBBUFS,
				     WHOLE | flags));
		fd = open_cpu(NAME, 0, O_RDONLY | O_NONBLOCK);
		all = open_file(NAME, "all", O_RDONLY | O_NONBLOCK);
		ASSERT_LE(0, fd);
		ASSERT_LE(0, all);
		ASSERT_EQ(0, ioctl(fd, RELAY_GET_INFO, &info));
		EXPECT_EQ(RELAY_CHAN_WHOLE, info.flags & RELAY_CHAN_WHOLE);
		ASSERT_EQ(0, control("write " NAME " %u 3", RECORD));
		EXPECT_ERROR(EAGAIN, read(fd, data, sizeof(data)));
		EXPECT_ERROR(EAGAIN, splice(fd, NULL, pipes[1], NULL, SUBBUF, 0));
		EXPECT_ERROR(EAGAIN, read(all, data, sizeof(data)));
		ASSERT_EQ(0, control("write " NAME " %u 1", RECORD));
		EXPECT_EQ(0, ioctl(fd, RELAY_FLUSH));
		EXPECT_EQ(4 * RECORD, read(fd, data, sizeof(data)));
		ASSERT_EQ(0, control("write " NAME " %u 1", RECORD));
		EXPECT_EQ(0, ioctl(all, RELAY_FLUSH));
		EXPECT_EQ(header + RECORD, read(all, data, sizeof(data)));
		/* A snapshot flushes, so its sub-buffers are complete. */
		ASSERT_EQ(0, control("write " NAME " %u 2", RECORD));
		EXPECT_EQ(0, ioctl(fd, RELAY_SNAPSHOT));
		EXPECT_EQ(2 * RECORD, read(fd, data, sizeof(data)));
		EXPECT_EQ(0, read(fd, data, sizeof(data)));
		close(fd);
		close(all);
	}
	control("close " NAME);
}

/* A module whose init fails is freed while a file of its channel is open. */
TEST(init_fails)
{
	const char *modules = getenv("MODULES");
	char path[256];
	int module, fd;
	pid_t pid;

	if (!modules)
		SKIP(return, "MODULES does not say where relay_initfail.ko is");
	snprintf(path, sizeof(path), "%s/relay_initfail.ko", modules);
	module = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, module);
	pid = fork();
	if (!pid)
		_exit(syscall(SYS_finit_module, module, "", 0) ? errno : 0);
	do {
		sched_yield();
		fd = open_cpu("selftest-initfail", 0, O_RDONLY);
	} while (fd < 0 && errno == ENOENT);
	ASSERT_LE(0, fd);
	EXPECT_EQ(EIO, child_status(pid));
	EXPECT_EQ(0, close(fd));
	close(module);
}

TEST_HARNESS_MAIN
