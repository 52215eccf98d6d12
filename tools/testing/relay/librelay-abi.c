// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The ABI of librelay.so.1: functions and structures that programs compiled with an earlier
 * header use. The test "relay-tools" compares the library with this file by abidiff.
 *
 * A change here breaks such programs, except for a new member at the end of a structure that
 * the library fills. Additions are copied here when their version is released.
 *
 * The file is in C, because the XML of abidw is 300 lines that cannot be reviewed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct relay_reader;
struct relay_merge;

struct relay_subbuf {
	const void	*data;
	size_t		used;
	unsigned int	cpu;
	uint32_t	records;
	uint64_t	sequence;
	uint64_t	begin_time;
	uint64_t	end_time;
	uint64_t	lost;
	uint64_t	missed;
};

struct relay_stale {
	uint64_t	sequence;
	uint64_t	count;
	unsigned int	cpu;
};

struct relay_geometry {
	bool		overwrite;
	bool		global;
	uint32_t	n_subbufs;
	uint32_t	subbuf_size;
	uint32_t	header_size;
	unsigned int	n_cpus;
};

struct relay_counts {
	uint64_t	committed;
	uint64_t	overwritten;
	uint64_t	erased;
	uint64_t	discarded;
	uint64_t	lost_full;
	uint64_t	lost_nested;
	uint64_t	lost_too_big;
	uint64_t	lost_disabled;
	uint64_t	lost_since;
	uint64_t	bytes;
	uint64_t	produced;
	uint64_t	ready;
	uint64_t	missed_since;
};

struct relay_record {
	const void	*data;
	size_t		size;
	unsigned int	cpu;
	uint64_t	time;
	uint64_t	lost;
	uint64_t	missed;
};

typedef size_t (*relay_time_fn)(const void *data, size_t left, uint64_t *time,
				size_t *skip, void *arg);
typedef int (*found_fn)(const char *name, void *arg);

int relay_open(struct relay_reader **r, const char *c, unsigned int f) { return 0; }
int relay_open_cpus(struct relay_reader **r, const char *c, const unsigned int *s, unsigned int n,
		    unsigned int f)
{
	return 0;
}

void relay_close(struct relay_reader *r) { }
int relay_fd(const struct relay_reader *r) { return 0; }
const struct relay_geometry *relay_get_geometry(struct relay_reader *r) { return NULL; }
int relay_cpu(const struct relay_reader *r, unsigned int i) { return 0; }
int relay_next(struct relay_reader *r, const struct relay_subbuf **s) { return 0; }
int relay_release(struct relay_reader *r, const struct relay_subbuf *s) { return 0; }
ssize_t relay_splice(struct relay_reader *r, const struct relay_subbuf *s, int p) { return 0; }
int relay_copying(const struct relay_reader *r) { return 0; }
const struct relay_stale *relay_get_stale(const struct relay_reader *r) { return NULL; }
int relay_flush(struct relay_reader *r) { return 0; }
int relay_drain(struct relay_reader *r) { return 0; }
int relay_snapshot(struct relay_reader *r) { return 0; }
int relay_wait_trigger(struct relay_reader *r) { return 0; }
void relay_stop(struct relay_reader *r) { }
int relay_merge_open(struct relay_merge **m, struct relay_reader *r, relay_time_fn t, void *a)
{
	return 0;
}

int relay_merge_next(struct relay_merge *m, const struct relay_record **r) { return 0; }
void relay_merge_close(struct relay_merge *m) { }
int relay_get_counts(struct relay_reader *r, unsigned int n, const struct relay_counts **c)
{
	return 0;
}

int relay_channels(const char *r, found_fn f, void *a) { return 0; }
const char *relay_strerror(int e) { return NULL; }
unsigned int relay_version(void) { return 0; }
