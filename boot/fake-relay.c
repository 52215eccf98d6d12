// SPDX-License-Identifier: GPL-2.0
/*
 * A librelay without a kernel, for what relayctl makes of what seldom happens: a channel
 * does what its name says. See boot/tests/relay-tools.sh.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <relay/librelay.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "crc32c.h"
#include "uapi/linux/ltt.h"

#define SUBBUFS	3
#define LONG	200

struct relay_reader {
	bool		idle;		/* "idle...": nothing comes before it is drained */
	unsigned int	subbufs;	/* "long": many */
	bool		nonblock;
	bool		splice;
	bool		flight;		/* and no snapshot yet */
	int		triggers;	/* "triggers": twice, at once, and then it is closed */
	unsigned int	next;		/* sub-buffer */
	unsigned int	first;		/* that is not released */
	bool		moved;		/* by splice */
	bool		asked;
	unsigned int	opened;		/* how often the channel was before */
	int		fd;
};

static char channel[64];

static bool is(const char *name)
{
	return !strcmp(channel, name);
}

/*
 * "trace...": its private area has metadata, a line for each sub-buffer, which is added when
 * that is delivered. "trace-torn": a length is seen half written. "trace-bad": it stays so;
 * "trace-goes-bad": from the third sub-buffer on.
 */
#define LINE	5

static struct {
	int			fd;
	unsigned int		lines;
	bool			torn;
	struct ltt_metadata	head;
	char			text[LINE * LONG + 1];
} area = {
	.fd = -1,
	.head = {
		.magic = LTT_METADATA_MAGIC, .version = LTT_METADATA_VERSION,
		.offset = sizeof(struct ltt_metadata) + 16,
	},
};

static bool is_trace(const char *name)
{
	return !strncmp(name, "trace", 5);
}

static void put_area(const void *data, size_t size, off_t offset)
{
	syscall(SYS_pwrite64, area.fd, data, size, offset);
}

static void add_line(void)
{
	struct ltt_metadata_length *next = &area.head.length[area.lines % 2];

	sprintf(area.text + LINE * area.lines, "%04u\n", area.lines);
	area.lines++;
	put_area(area.text, LINE * area.lines, area.head.offset);
	next->used = LINE * area.lines;
	next->crc = crc32c_checksum(area.text, next->used);
	area.torn = is("trace-torn");
	next->crc ^= area.torn || is("trace-bad") || (is("trace-goes-bad") && area.lines > 2);
	put_area(&area.head, sizeof(area.head), 0);
}

/* The file "private" of a channel; that of another one than "trace..." is not there. */
static int open_private(const char *name)
{
	if (!is_trace(name)) {
		errno = ENOENT;
		return -1;
	}
	if (!strncmp(name, "trace-secret/", 13)) {
		errno = EACCES;
		return -1;
	}
	if (area.fd < 0) {
		/* It may be opened before the channel is. */
		snprintf(channel, sizeof(channel), "%.*s", (int)(strlen(name) - strlen("/private")), name);
		area.fd = memfd_create("private", MFD_CLOEXEC);
		add_line();
		return area.fd;
	}
	return dup(area.fd);
}

int open(const char *path, int flags, ...)
{
	size_t root = strlen(RELAY_ROOT "/"), length = strlen(path);
	va_list list;
	int mode;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	if (!strncmp(path, RELAY_ROOT "/", root) && !strcmp(path + length - 8, "/private"))
		return open_private(path + root);
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/*
 * A reader sees this when @fd is written to: metadata that are whole, not less than
 * before, and of a stream, with the line of @data, the sub-buffer that comes next.
 */
static void look_like_a_reader(int fd, const char *data)
{
	static char last[PATH_MAX];
	static ssize_t most;
	char link[32], path[PATH_MAX] = "", text[sizeof(area.text)];
	ssize_t size = 0;
	char *name;
	int seen;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (!is_trace(channel) || readlink(link, path, sizeof(path) - 16) < 0 || !strchr(path, '/'))
		return;
	name = strrchr(path, '/') + 1;
	data = strncmp(name, "cpu", 3) ? NULL : data;
	strcpy(name, ".index");
	if (access(path, F_OK))
		return;
	strcpy(name, "metadata");
	seen = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	if (seen >= 0)
		size = read(seen, text, sizeof(text));
	close(seen);
	most = strcmp(last, path) ? 0 : most;
	strcpy(last, path);
	if (size % LINE || memcmp(text, area.text, size) || size < most ||
	    (data && size < LINE * (1 + strtol(data, NULL, 10)))) {
		fprintf(stderr, "%s has %zd bytes, of %zd; sub-buffer %.4s comes\n", path, size,
			most, data ? : "none");
		abort();
	}
	most = size;
}

int relay_open_cpus(struct relay_reader **to, const char *name, const unsigned int *cpus, unsigned int n,
		    unsigned int flags)
{
	static unsigned int opened;
	struct relay_reader *reader;

	/* As under lockdown. */
	if (getenv("LOCKED"))
		return -EPERM;
	if (n && cpus[0])
		return -ENXIO;
	/* "deadly": the process that opens it dies. */
	if (!strcmp(name, "deadly"))
		raise(SIGKILL);
	/* "ends": it is closed as soon as somebody waits for it. */
	if (!strncmp(name, "absent", 6) || (!strcmp(name, "ends") && opened))
		return -ENOENT;
	reader = calloc(1, sizeof(*reader));
	strncpy(channel, name, sizeof(channel) - 1);
	/* What is recovered, by its path, has an end. */
	reader->nonblock = flags & RELAY_NONBLOCK && *name != '.';
	reader->splice = flags & RELAY_SPLICE;
	reader->flight = flags & RELAY_FLIGHT;
	reader->triggers = is("triggers") || is("trace-triggers") ? 2 : 0;
	reader->opened = opened++;
	reader->idle = !strncmp(name, "idle", 4);
	reader->subbufs = is("long") || is("trace-long") ? LONG : SUBBUFS;
	reader->fd = eventfd(reader->flight ? is("ends") || is("triggers") || is("trace-triggers") : !is("undrained") && !reader->idle,
			     EFD_CLOEXEC);
	*to = reader;
	return 0;
}

int relay_open(struct relay_reader **to, const char *name, unsigned int flags)
{
	return relay_open_cpus(to, name, NULL, 0, flags);
}

void relay_close(struct relay_reader *reader)
{
	if (!reader)
		return;
	close(reader->fd);
	free(reader);
}

int relay_fd(const struct relay_reader *reader)
{
	return reader->fd;
}

int relay_cpu(const struct relay_reader *reader, unsigned int i)
{
	(void)reader;
	return i ? -ENOENT : 0;
}

/* "grows": another channel of that name has larger sub-buffers. "wide": it can be compressed. */
static unsigned int size_of(const struct relay_reader *reader)
{
	return is("grows") ? 4 << reader->opened : is("wide") ? 2000 : 4;
}

const struct relay_geometry *relay_get_geometry(struct relay_reader *reader)
{
	static struct relay_geometry geometry;

	geometry = (struct relay_geometry) {
		.n_subbufs = is("trace-long") ? 64 : 4, .subbuf_size = size_of(reader), .n_cpus = 1,
	};
	return &geometry;
}

/*
 * The file "stats". "returns": another channel of that name has counted less. "hotplug": a
 * CPU comes, and others have higher numbers. "starved": there is no descriptor for it.
 */
static FILE *open_stats(const char *name)
{
	static unsigned int opened;
	static char text[1024];
	unsigned int div = strcmp(name, "returns") ? 1 : opened + 1;
	unsigned int n_cpus = strcmp(name, "hotplug") ? 1 : 3;
	int size;

	if (!strncmp(name, "absent", 6) || !strncmp(name, "starved", 7)) {
		errno = *name == 'a' ? ENOENT : EMFILE;
		return NULL;
	}
	size = sprintf(text, "cpu committed overwritten erased discarded lost_full bytes produced ready later\n");
	for (unsigned int cpu = 0; cpu < n_cpus; cpu++) {
		unsigned int n = 1000000 * (cpu + 1) / div;

		if (cpu != 1 || opened)
			size += sprintf(text + size, "%u %u 0 0 0 %u %u 7 5 3\n", cpu, n, n, n);
	}
	opened++;
	return fmemopen(text, size, "r");
}

FILE *fopen(const char *path, const char *mode)
{
	size_t root = strlen(RELAY_ROOT "/"), length = strlen(path);
	char name[256];
	int fd;

	if (strncmp(path, RELAY_ROOT "/", root) || strcmp(path + length - 6, "/stats")) {
		fd = open(path, O_RDONLY);
		return fd < 0 ? NULL : fdopen(fd, mode);
	}
	snprintf(name, sizeof(name), "%.*s", (int)(length - root - 6), path + root);
	return open_stats(name);
}

int relay_get_counts(struct relay_reader *reader, unsigned int cpu, const struct relay_counts **counts)
{
	static struct relay_counts all;

	(void)reader;
	(void)cpu;
	all = (struct relay_counts) { .committed = SUBBUFS, .lost_since = is("long") };
	*counts = &all;
	return 0;
}

/* Sub-buffers with their number in decimal, and now and then none. */
int relay_next(struct relay_reader *reader, const struct relay_subbuf **to)
{
	static struct relay_subbuf subbuf;
	static char all[16][2001];
	char *data = all[reader->next % 16];

	if (reader->flight)
		return (is("ends") || is("triggers") || is("trace-triggers")) && !(reader->asked ^= true) ? 0 : -EAGAIN;
	if (reader->idle)
		return reader->nonblock ? -EAGAIN : 0;
	if (reader->nonblock && is("trace-long") && reader->next % 8)
		reader->asked = true;
	if (reader->nonblock && (is("undrained") || (reader->asked ^= true)))
		return -EAGAIN;
	if (reader->next == reader->subbufs)
		return 0;
	sprintf(data, "%0*u", (int)size_of(reader), reader->next);
	while (is_trace(channel) && area.lines <= reader->next)
		add_line();
	subbuf = (struct relay_subbuf) {
		.data = reader->splice ? NULL : data, .used = size_of(reader), .records = 1, .sequence = reader->next++,
	};
	*to = &subbuf;
	return 1;
}

int relay_copying(const struct relay_reader *reader)
{
	(void)reader;
	return 0;
}

int relay_release(struct relay_reader *reader, const struct relay_subbuf *subbuf)
{
	reader->first = subbuf->sequence + 1;
	return 0;
}

/* As the kernel: from the first that it has not got back. */
ssize_t relay_splice(struct relay_reader *reader, const struct relay_subbuf *subbuf, int fd)
{
	reader->moved = !reader->moved;
	if (reader->moved)
		return dprintf(fd, "%0*u", (int)subbuf->used, reader->first);
	reader->first++;
	return 0;
}

/* "pipeless": no descriptor at first. */
int pipe2(int pipes[2], int flags)
{
	static bool failed;

	if (!is("pipeless") || failed)
		return syscall(SYS_pipe2, pipes, flags);
	failed = true;
	errno = EMFILE;
	return -1;
}

/*
 * "cramped": there is no space for one of its sub-buffers. "homeless": for none of them.
 * "trace-cramped": for the metadata that one of them needs.
 */
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	look_like_a_reader(fd, data);
	if (!(is("cramped") && size == 4 && !memcmp(data, "0001", 4)) && !is("homeless") &&
	    !(is("trace-cramped") && size == 2 * LINE))
		return syscall(SYS_pwrite64, fd, data, size, offset);
	errno = ENOSPC;
	return -1;
}

ssize_t pwritev(int fd, const struct iovec *data, int n, off_t offset)
{
	look_like_a_reader(fd, data[n - 1].iov_base);
	return syscall(SYS_pwritev, fd, data, n, offset, 0);
}

/* The bytes in the pipe are not looked at: a sub-buffer that was delivered. */
ssize_t splice(int from, off_t *at, int to, off_t *to_at, size_t size, unsigned int flags)
{
	char data[8];

	snprintf(data, sizeof(data), "%04u", area.lines - 1);
	look_like_a_reader(to, data);
	return syscall(SYS_splice, from, at, to, to_at, size, flags);
}

/* "sick": a disk that fails once, and then says that all is well, as disks do. */
int fdatasync(int fd)
{
	static bool failed;

	if (!is("sick") || failed)
		return syscall(SYS_fdatasync, fd);
	failed = true;
	errno = EIO;
	return -1;
}

/* "undrained": it cannot be. */
int relay_drain(struct relay_reader *reader)
{
	reader->nonblock = false;
	return is("undrained") ? -EMFILE : 0;
}

int relay_wait_trigger(struct relay_reader *reader)
{
	int triggers = reader->triggers;

	reader->triggers = 0;
	return triggers;
}

int relay_snapshot(struct relay_reader *reader)
{
	reader->nonblock = false;
	reader->flight = false;
	return 0;
}

/* A file with a page that the disk does not give, at $BAD. */
ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
	const char *given = getenv("BAD");
	off_t bad = given ? strtoll(given, NULL, 0) : -4096;

	if (fd == area.fd && size > sizeof(area.head) && !offset && area.torn) {
		ssize_t got = syscall(SYS_pread64, fd, to, size, offset);

		area.torn = false;
		area.head.length[(area.lines - 1) % 2].crc ^= 1;
		put_area(&area.head, sizeof(area.head), 0);
		return got;
	}
	if (offset < bad && offset + (off_t)size > bad)
		size = bad - offset;
	if (offset < bad || offset >= bad + 4096)
		return syscall(SYS_pread64, fd, to, size, offset);
	errno = EIO;
	return -1;
}

/* What is where relayfs should be: the number of a file system, in $RELAYFS, or nothing. */
int statfs(const char *path, struct statfs *fs)
{
	const char *type = getenv("RELAYFS");

	(void)path;
	if (type)
		fs->f_type = strtoul(type, NULL, 16);
	errno = ENOENT;
	return type ? 0 : -1;
}

/* Those that $CHANNELS names, with colons between them. */
int relay_channels(const char *root, int (*found)(const char *name, void *arg), void *arg)
{
	char *names = strdup(getenv("CHANNELS") ? : ""), *name;
	int err = 0;

	(void)root;
	for (char *rest = names; !err && (name = strsep(&rest, ":"));)
		err = *name ? found(name, arg) : 0;
	free(names);
	return err;
}
