/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ring, and checks of its properties: the position and fate of each record ever
 * written is kept, independently of the ring's own counts.
 */
#ifndef RELAY_TEST_WORLD_H
#define RELAY_TEST_WORLD_H

#include "ring.h"

enum fate {
	FATE_OPEN,		/* reserved; its commit has not begun */
	FATE_WHOLE,		/* filled; its commit is under way */
	FATE_COMMITTED,
	FATE_DISCARDED,
};

struct witness {
	unsigned long pos;	/* of the record, after any alignment */
	unsigned long begin;	/* of the reservation */
	unsigned long len;
	u64 time;
	u64 last_time;
	enum fate fate;
	bool timed;
	bool seen;		/* a crash reader has found it at least once */
	unsigned int found;	/* number of the last look that found it */
	unsigned int level;
	unsigned int window;	/* looks since its commit began, without finding it */
	unsigned int read;
};

#define WORLD_RECORDS	512
#define WORLD_LAPS	512
#define WORLD_SLOTS	40
#define WORLD_SUBBUFS	8

/* The description of a sub-buffer at its delivery. */
struct delivery {
	unsigned int times;
	unsigned long lost;
	u64 begin_time;
	u64 end_time;
};

/* An open reservation of another CPU, or of an interrupted writer. */
struct held {
	struct relay_slot slot;
	struct witness *witness;	/* NULL when it is not held */
};

struct world {
	struct relay_ring ring;
	size_t data_size;
	unsigned long first;
	unsigned long cursor;
	unsigned int level;	/* of nesting; the test keeps it */
	unsigned int looks;
	unsigned long counted;	/* records, by the statistics, at the last look */
	unsigned int found;	/* records found in the sub-buffer being looked at */
	unsigned int n_records;
	unsigned int n_whole;	/* records whose commit is under way */
	unsigned long attempts;
	unsigned long committed;
	unsigned long discarded;
	unsigned long lost[RELAY_LOST_REASONS];
	unsigned long read;
	unsigned int max_window;
	bool doubted[WORLD_SUBBUFS];	/* by the last look at each sub-buffer */
	struct held held[WORLD_SLOTS];
	struct delivery delivered[WORLD_LAPS];
	struct witness witness[WORLD_RECORDS];
};

struct geometry {
	unsigned int subbuf_size;
	unsigned int n_subbufs;
	unsigned int header_size;
};

enum action {
	ACT_WRITE,
	ACT_TIMED,
	ACT_EXACT,
	ACT_DISCARD,
	ACT_FLUSH,
	ACT_RESET,
	ACT_READ,
	ACT_TOO_BIG,
	ACT_MANY,
	ACT_TIMED_DISCARD,
	ACT_PARTIAL,
	ACT_HOLD,
	ACT_DISABLE,
	ACTIONS
};

extern const char * const action_name[ACTIONS];
extern struct world world;

/* Called around every call into the ring, and in the middle of a fill. */
extern void (*world_trace)(bool on);
extern void (*world_pause)(void);

/* Called for an error; does not return. */
extern void (*world_fail)(const char *what, unsigned long a, unsigned long b);

void world_init(const struct geometry *geometry, bool global, bool overwrite,
		unsigned long first_lap);
void world_act(enum action action);
int world_write(unsigned long len, bool timed, bool discard);
unsigned long world_left(void);

/* Reserve and fill a record in slot @number, and commit it later. */
void world_hold(unsigned int number);
void world_release(unsigned int number);

/* Check that @contiguous of each sub-buffer is at its lowest held reservation. */
void world_check_held(void);

bool world_read(void);
void world_partial(void);

/* Check what a crash reader would recover at this moment (P6). */
void world_look(void);

/* Check the ring when no writer is active (P2, P3, P9). */
void world_finish(void);

#endif /* RELAY_TEST_WORLD_H */
