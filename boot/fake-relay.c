// SPDX-License-Identifier: GPL-2.0
/*
 * A librelay without a kernel, for what relayctl makes of what seldom happens: a channel
 * does what its name says. See boot/tests/relay-tools.sh.
 */
#include <errno.h>
#include <relay/librelay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SUBBUFS	3

struct relay_reader {
	bool		nonblock;
	bool		splice;
	bool		flight;		/* and no snapshot yet */
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

int relay_open(struct relay_reader **to, const char *name, unsigned int flags)
{
	static unsigned int opened;
	struct relay_reader *reader;

	/* "ends": it is closed as soon as somebody waits for it. */
	if (!strcmp(name, "absent") || (!strcmp(name, "ends") && opened))
		return -ENOENT;
	reader = calloc(1, sizeof(*reader));
	strncpy(channel, name, sizeof(channel) - 1);
	/* What is recovered, by its path, has an end. */
	reader->nonblock = flags & RELAY_NONBLOCK && *name != '.';
	reader->splice = flags & RELAY_SPLICE;
	reader->flight = flags & RELAY_FLIGHT;
	reader->opened = opened++;
	reader->fd = eventfd(reader->flight ? is("ends") : !is("undrained"), EFD_CLOEXEC);
	*to = reader;
	return 0;
}

void relay_close(struct relay_reader *reader)
{
	close(reader->fd);
	free(reader);
}

int relay_fd(const struct relay_reader *reader)
{
	return reader->fd;
}

/* "hotplug": a CPU comes, and others have higher numbers. */
int relay_cpu(const struct relay_reader *reader, unsigned int i)
{
	if (!is("hotplug"))
		return i ? -ENOENT : 0;
	if (!reader->opened)
		return i < 2 ? (int)(2 * i) : -ENOENT;
	return i < 3 ? (int)i : -ENOENT;
}

/* "grows": another channel of that name has larger sub-buffers. */
static unsigned int size_of(const struct relay_reader *reader)
{
	return is("grows") ? 4 << reader->opened : 4;
}

void relay_geometry(const struct relay_reader *reader, struct relay_geometry *geometry)
{
	*geometry = (struct relay_geometry) {
		.n_subbufs = 4, .subbuf_size = size_of(reader), .n_cpus = 1,
	};
}

/* "returns": another channel of that name has counted less. */
int relay_counts(struct relay_reader *reader, unsigned int cpu, struct relay_counts *counts)
{
	uint64_t n = 1000000 * (cpu == RELAY_ALL_CPUS ? 4 : cpu + 1);

	if (is("returns"))
		n /= reader->opened + 1;
	*counts = (struct relay_counts) { .committed = n, .bytes = n, .lost_full = n };
	return 0;
}

int relay_select(struct relay_reader *reader, unsigned int cpu)
{
	(void)reader;
	return cpu ? -ENOENT : 0;
}

/* Sub-buffers with their number in decimal, and now and then none. */
int relay_next(struct relay_reader *reader, struct relay_subbuf *subbuf)
{
	static char data[64];

	if (reader->flight)
		return is("ends") && !(reader->asked ^= true) ? 0 : -EAGAIN;
	if (reader->nonblock && (is("undrained") || (reader->asked ^= true)))
		return -EAGAIN;
	if (reader->next == SUBBUFS)
		return 0;
	snprintf(data, sizeof(data), "%0*u", (int)size_of(reader), reader->next);
	*subbuf = (struct relay_subbuf) {
		.data = reader->splice ? NULL : data, .used = size_of(reader), .records = 1, .sequence = reader->next++,
	};
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

/* "cramped": there is no space for one of its sub-buffers. "homeless": for none of them. */
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	if (!(is("cramped") && size == 4 && !memcmp(data, "0001", 4)) && !is("homeless"))
		return syscall(SYS_pwrite64, fd, data, size, offset);
	errno = ENOSPC;
	return -1;
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

int relay_channels(int (*found)(const char *name, void *arg), void *arg)
{
	(void)found;
	(void)arg;
	return 0;
}
