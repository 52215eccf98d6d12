// SPDX-License-Identifier: GPL-2.0
/*
 * Writers on every CPU, and a reader for each buffer: received + lost = written, no
 * record is torn, each CPU's are in order; in both modes, by every way to read.
 *
 * $SEED fixes the records' sizes, $RECORDS is the number that each CPU writes.
 */
#include "../kselftest_harness.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "channel.h"

#define NAME		"selftest-stream"
#define ALL		MAX_CPUS

struct reader {
	unsigned int cpu;		/* or ALL */
	int fd;
	size_t subbuf_size;
	struct checker checker;
	char *data;			/* bytes read, from the start of a record */
	size_t used;
	const char *failure;
	pthread_t thread;
};

/* Check the complete records in @reader->data; keep the rest. */
static void digest(struct reader *reader)
{
	size_t whole = check_records(&reader->checker, reader->data, reader->used);

	reader->used -= whole;
	memmove(reader->data, reader->data + whole, reader->used);
}

static ssize_t take(struct reader *reader, int fd)
{
	ssize_t got = read(fd, reader->data + reader->used,
			   2 * reader->subbuf_size - reader->used);

	if (got < 0)
		reader->failure = "read";
	if (got > 0)
		reader->used += got;
	digest(reader);
	return got;
}

static void by_read(struct reader *reader)
{
	while (take(reader, reader->fd) > 0)
		;
}

static void by_splice(struct reader *reader)
{
	ssize_t got;
	int pipes[2];

	if (pipe(pipes)) {
		reader->failure = "pipe";
		return;
	}
	while ((got = splice(reader->fd, NULL, pipes[1], NULL, reader->subbuf_size, 0)) > 0)
		for (; got > 0; got -= take(reader, pipes[0]))
			if (reader->failure)
				return;
	if (got < 0)
		reader->failure = "splice";
}

/* Copy a sub-buffer; check the copy only if the put succeeds. */
static void get_one(struct reader *reader, const char *map,
		    const struct relay_subbuf_get *get)
{
	struct relay_subbuf_put put = { .sequence = get->info.sequence, .count = 1 };
	int err;

	memcpy(reader->data, map + get->offset, get->info.used);
	err = ioctl(reader->fd, RELAY_PUT_SUBBUF, &put);
	if (err && errno != ESTALE)
		reader->failure = "put";
	if (err)
		return;
	reader->used = get->info.used;
	digest(reader);
}

static void by_map(struct reader *reader)
{
	struct relay_subbuf_get get;
	struct relay_info info;
	char *map;

	if (ioctl(reader->fd, RELAY_GET_INFO, &info)) {
		reader->failure = "info";
		return;
	}
	map = mmap(NULL, info.data_size, PROT_READ, MAP_SHARED, reader->fd, 0);
	if (map == (void *)-1) {
		reader->failure = "mmap";
		return;
	}
	while (!reader->failure && !ioctl(reader->fd, RELAY_GET_SUBBUF, &get))
		get_one(reader, map, &get);
	if (!reader->failure && errno != ENODATA)
		reader->failure = "get";
	munmap(map, info.data_size);
}

static ssize_t read_all(int fd, void *data, size_t size)
{
	size_t done = 0;
	ssize_t got = 1;

	while (done < size && got > 0) {
		got = read(fd, (char *)data + done, size - done);
		if (got > 0)
			done += got;
	}
	return got < 0 ? -1 : (ssize_t)done;
}

static void by_all(struct reader *reader)
{
	struct relay_all_header header;
	ssize_t got;

	while ((got = read_all(reader->fd, &header, sizeof(header))) == sizeof(header)) {
		if (header.magic != RELAY_ALL_MAGIC || header.info.used > reader->subbuf_size ||
		    read_all(reader->fd, reader->data, header.info.used) != header.info.used) {
			reader->failure = "header";
			return;
		}
		reader->used = header.info.used;
		digest(reader);
	}
	if (got)
		reader->failure = "read of all";
}

FIXTURE(stream) {
	unsigned int cpus;
	unsigned int seed;
	struct reader reader[MAX_CPUS + 1];
};

FIXTURE_VARIANT(stream) {
	void (*read)(struct reader *reader);
	unsigned int flags;
	unsigned int subbuf_size;
	unsigned int n_subbufs;
};

#define WAY(way, name, flag, size, n)						\
	FIXTURE_VARIANT_ADD(stream, way##_##name)				\
		{ .read = by_##way, .flags = flag, .subbuf_size = size, .n_subbufs = n }

WAY(read, no_overwrite, 0, 4096, 8);
WAY(splice, no_overwrite, 0, 4096, 8);
WAY(map, no_overwrite, 0, 4096, 8);
WAY(all, no_overwrite, 0, 4096, 8);
WAY(read, odd, 0, 1140, 25);
WAY(splice, odd, 0, 1140, 25);
WAY(map, odd, 0, 1140, 25);
WAY(all, odd, 0, 1140, 25);
WAY(read, overwrite, OVERWRITE, 4096, 8);
WAY(splice, overwrite, OVERWRITE, 4096, 8);
WAY(map, overwrite, OVERWRITE, 4096, 8);
WAY(all, overwrite, OVERWRITE, 4096, 8);
WAY(read, odd_overwrite, OVERWRITE, 1140, 25);
WAY(splice, odd_overwrite, OVERWRITE, 1140, 25);
WAY(map, odd_overwrite, OVERWRITE, 1140, 25);
WAY(all, odd_overwrite, OVERWRITE, 1140, 25);
WAY(read, global, GLOBAL, 4096, 8);
WAY(splice, global, GLOBAL, 4096, 8);
WAY(map, global, GLOBAL, 4096, 8);
WAY(all, global, GLOBAL, 4096, 8);
WAY(read, global_overwrite, GLOBAL | OVERWRITE, 1500, 16);
WAY(splice, global_overwrite, GLOBAL | OVERWRITE, 1500, 16);
WAY(map, global_overwrite, GLOBAL | OVERWRITE, 1500, 16);
WAY(all, global_overwrite, GLOBAL | OVERWRITE, 1500, 16);

static unsigned int records(void)
{
	const char *given = getenv("RECORDS");

	return given ? strtoul(given, NULL, 0) : 5000;
}

FIXTURE_SETUP(stream)
{
	self->cpus = online_cpus();
	self->seed = test_seed();
	control("close " NAME);
	ASSERT_EQ(0, control("open " NAME " %u %u %x 0", variant->subbuf_size,
			     variant->n_subbufs, variant->flags));
}

FIXTURE_TEARDOWN(stream)
{
	control("close " NAME);
}

static void *run_reader(void *arg)
{
	struct reader *reader = arg;
	void (*way)(struct reader *reader) = *(void (**)(struct reader *))reader->data;

	way(reader);
	return NULL;
}

static void start_reader(struct __test_metadata *_metadata, struct reader *reader,
			 unsigned int cpu, void (*way)(struct reader *reader),
			 size_t subbuf_size)
{
	reader->cpu = cpu;
	reader->subbuf_size = subbuf_size;
	reader->data = malloc(2 * subbuf_size);
	ASSERT_NE(NULL, reader->data);
	memcpy(reader->data, &way, sizeof(way));
	reader->fd = cpu == ALL ? open_file(NAME, "all", O_RDONLY) :
				  open_cpu(NAME, cpu, O_RDONLY);
	ASSERT_LE(0, reader->fd);
	ASSERT_EQ(0, pthread_create(&reader->thread, NULL, run_reader, reader));
}

static pid_t start_writer(unsigned int cpu, unsigned int seed)
{
	unsigned int left = records(), burst;
	pid_t pid = fork();

	if (pid)
		return pid;
	pin(cpu);
	srandom(seed + cpu);
	while (left) {
		burst = 1 + random() % 100;
		burst = burst < left ? burst : left;
		if (control("write " NAME " %u %u",
			    (unsigned int)(sizeof(struct test_record) + random() % 200), burst))
			_exit(1);
		left -= burst;
	}
	_exit(0);
}

static unsigned long long lost(const struct relay_counters *c)
{
	unsigned long long sum = 0;
	unsigned int i;

	for (i = 0; i < RELAY_LOST_REASONS; i++)
		sum += c->lost[i];
	return sum;
}

TEST_F_TIMEOUT(stream, conservation, 300)
{
	const int one = variant->read == by_all || (variant->flags & GLOBAL);
	unsigned int readers = one ? 1 : self->cpus, i;
	unsigned long long written[MAX_CPUS] = { 0 }, attempted = 0, received = 0;
	struct relay_counters c, sum = { 0 };
	pid_t writer[MAX_CPUS];
	int status;

	for (i = 0; i < readers; i++)
		start_reader(_metadata, &self->reader[i],
			     variant->read == by_all ? ALL : i, variant->read,
			     variant->subbuf_size);
	for (i = 0; i < self->cpus; i++)
		writer[i] = start_writer(i, self->seed);
	for (i = 0; i < self->cpus; i++) {
		waitpid(writer[i], &status, 0);
		EXPECT_EQ(0, status);
	}
	EXPECT_LE(self->cpus, attempts(NAME, written));
	ASSERT_EQ(0, control("close " NAME));

	for (i = 0; i < readers; i++) {
		struct reader *reader = &self->reader[i];

		pthread_join(reader->thread, NULL);
		EXPECT_EQ(NULL, reader->failure)
			TH_LOG("%s failed", reader->failure);
		EXPECT_EQ(0, reader->checker.torn);
		EXPECT_EQ(0, reader->used);
		received += reader->checker.received;
		ASSERT_EQ(0, ioctl(reader->fd, RELAY_GET_COUNTERS, &c));
		sum.committed += c.committed;
		sum.overwritten += c.overwritten;
		sum.lost[0] += lost(&c);
	}
	for (i = 0; i < self->cpus; i++)
		attempted += written[i];
	EXPECT_EQ((unsigned long long)records() * self->cpus, attempted);
	EXPECT_EQ(attempted, sum.committed + sum.lost[0]);
	EXPECT_EQ(attempted, received + sum.overwritten + sum.lost[0]);
	EXPECT_LT(0, received);
	TH_LOG("written %llu received %llu overwritten %llu lost %llu", attempted,
	       received, (unsigned long long)sum.overwritten,
	       (unsigned long long)sum.lost[0]);
}

/* Readers compete for the sub-buffers of all CPUs: each sub-buffer goes to one of them. */
TEST(many_readers)
{
	static struct reader reader[4];
	unsigned long long received = 0;
	struct relay_counters c;
	pid_t writer;
	int status;
	unsigned int i;

	control("close " NAME);
	ASSERT_EQ(0, control("open " NAME " 4096 16 0 0"));
	for (i = 0; i < 4; i++)
		start_reader(_metadata, &reader[i], ALL, by_all, 4096);
	writer = start_writer(0, test_seed());
	waitpid(writer, &status, 0);
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, control("close " NAME));
	for (i = 0; i < 4; i++) {
		pthread_join(reader[i].thread, NULL);
		EXPECT_EQ(NULL, reader[i].failure);
		EXPECT_EQ(0, reader[i].checker.torn);
		received += reader[i].checker.received;
	}
	ASSERT_EQ(0, ioctl(reader[0].fd, RELAY_GET_COUNTERS, &c));
	EXPECT_LT(0, received);
	EXPECT_EQ(records(), received + lost(&c));
}

TEST_HARNESS_MAIN
