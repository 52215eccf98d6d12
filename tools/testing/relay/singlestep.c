// SPDX-License-Identifier: GPL-2.0
/*
 * Every placement of an NMI: run one operation under the trap flag, and at
 * each of its instructions let a nested one run to its end, or stop there as a
 * crash would and look at what is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/bitops.h>
#include "step.h"
#include "world.h"

#define LEVELS	3

struct scenario {
	struct geometry geometry;
	bool global;
	bool overwrite;
	bool wrap;
	unsigned int prefill;
	unsigned long ordinal;
	enum action action[LEVELS];
};

static const struct geometry geometries[] = {
	{ 64, 1, 0 }, { 64, 2, 0 }, { 100, 3, 16 }, { 75, 2, 0 }, { 96, 5, 0 },
	{ 90, 1, 16 },
};

#define GEOMETRIES	(sizeof(geometries) / sizeof(geometries[0]))
#define PREFILLS	7

static const enum action outer_actions[] = {
	ACT_WRITE, ACT_TIMED, ACT_EXACT, ACT_DISCARD, ACT_TIMED_DISCARD,
	ACT_FLUSH, ACT_RESET, ACT_READ, ACT_PARTIAL,
};

static const enum action nested_actions[] = {
	ACT_WRITE, ACT_TIMED, ACT_EXACT, ACT_DISCARD, ACT_TIMED_DISCARD,
	ACT_FLUSH, ACT_RESET, ACT_READ, ACT_MANY, ACT_TOO_BIG, ACT_PARTIAL,
};

#define OUTER	(sizeof(outer_actions) / sizeof(outer_actions[0]))
#define NESTED	(sizeof(nested_actions) / sizeof(nested_actions[0]))

static struct scenario current;
static unsigned long step[LEVELS];
static unsigned long target[LEVELS];
static bool looking, running;
static unsigned long seed = 1;
static unsigned long max_places = ~0UL;

static unsigned long total_steps, total_runs, total_places, total_looks;
static unsigned int max_window, max_steps;

/*
 * Stepping
 *
 * The engine calls relay_step_hit() when relay_step_left instructions have
 * been executed.
 */

#define NEVER	(1L << 30)

static long armed;

static void arm(void)
{
	unsigned int level = world.level;

	armed = NEVER;
	if (looking)
		armed = 1;
	else if (target[level] > step[level])
		armed = min(target[level] - step[level], (unsigned long)NEVER);
	relay_step_left = armed;
}

/* Count what was executed since arm(). */
static void disarm(void)
{
	step[world.level] += armed - relay_step_left;
	total_steps += armed - relay_step_left;
	relay_step_left = NEVER;
	armed = NEVER;
}

static void nest(void)
{
	world.level++;
	world_act(current.action[world.level]);
	world.level--;
	looking = true;
}

/* One place at which an NMI, or the end, may come. */
static void place(void)
{
	if (looking)
		world_look();
	if (step[world.level] == target[world.level])
		nest();
}

void relay_step_hit(void)
{
	disarm();
	place();
	arm();
}

static void trace(bool on)
{
	if (!running)
		return;
	/* Counting is not itself to be stepped. */
	if (on) {
		arm();
		step_trap(armed != NEVER);
	} else {
		step_trap(false);
		disarm();
	}
}

static void pause_here(void)
{
	if (!running)
		return;
	step[world.level]++;
	place();
}

/*
 * Scenarios
 */

static void fill_up(unsigned int leave)
{
	while (world_left() && world_left() >= leave)
		if (world_write(24, false, false))
			break;
}

static void prefill(unsigned int how)
{
	unsigned int i, n = world.ring.n_subbufs;

	switch (how) {
	case 0:				/* fresh */
		break;
	case 1:				/* room for the next */
		world_act(ACT_TIMED);
		break;
	case 2:				/* the next must close */
		world_act(ACT_WRITE);
		fill_up(24);
		break;
	case 3:				/* the next must enter */
		world_act(ACT_EXACT);
		break;
	case 4:				/* full, and closed */
		for (i = 0; i < n; i++)
			world_act(ACT_EXACT);
		break;
	case 5:				/* full, but not closed */
		for (i = 0; i + 1 < n; i++)
			world_act(ACT_EXACT);
		world_act(ACT_WRITE);
		fill_up(24);
		break;
	case 6:				/* second lap */
		for (i = 0; i < n; i++)
			world_act(ACT_EXACT);
		world_read();
		world_act(ACT_TIMED);
		break;
	}
}

static void fail(const char *what, unsigned long a, unsigned long b)
{
	const struct scenario *s = &current;

	step_trap(false);
	printf("not ok single-step\n# %s: %#lx %#lx\n", what, a, b);
	printf("# %ux%u header %u%s%s%s, prefill %u, %s > %s > %s\n",
	       s->geometry.subbuf_size, s->geometry.n_subbufs,
	       s->geometry.header_size, s->global ? " global" : "",
	       s->overwrite ? " overwrite" : "", s->wrap ? " wrap" : "",
	       s->prefill, action_name[s->action[0]],
	       action_name[s->action[1]], action_name[s->action[2]]);
	printf("# at %ld (nested at %ld), %ld (%ld); ONLY=%lu SEED=%lu\n",
	       step[0],
	       target[0], step[1], target[1], s->ordinal, seed);
	fflush(stdout);
	exit(1);
}

/*
 * Run the scenario once, nesting at the given instructions. A target that no
 * instruction has: the operation is stepped, and nothing nests.
 */
static void run(unsigned long first, unsigned long second, bool look)
{
	looking = false;
	world_init(&current.geometry, current.global, current.overwrite,
		   current.wrap ? ~0UL : 0);
	prefill(current.prefill);
	step[0] = 0;
	step[1] = 0;
	target[0] = first;
	target[1] = second;
	looking = look;
	running = true;
	world_act(current.action[0]);
	running = false;
	looking = false;
	world_finish();
	total_runs++;
	total_looks += world.looks;
	max_window = max(max_window, world.max_window);
	max_steps = max(max_steps, (unsigned int)step[0]);
}

/* First pass: nest at each instruction of the operation. */
static unsigned long run_single(void)
{
	unsigned long i, steps, stride;

	run(~0UL, 0, true);
	steps = step[0];
	stride = 1 + steps / max_places;
	for (i = 1 + random() % stride; i <= steps; i += stride) {
		run(i, 0, false);
		total_places++;
	}
	return steps;
}

/* Second pass: somewhere in it, nest at each instruction of what nests. */
static void run_double(unsigned long steps)
{
	unsigned long first = 1 + random() % steps, second, stride = 1;

	for (second = 1; ; second += stride) {
		run(first, second, false);
		total_places++;
		if (second > step[1])
			return;
		if (second == 1)
			stride = 1 + step[1] / max_places;
	}
}

static enum action any(const enum action *actions, unsigned int n)
{
	return actions[random() % n];
}

/* What is not enumerated is drawn, the same for the same seed and ordinal. */
static void choose(unsigned long ordinal)
{
	srandom(seed * 1000003 + ordinal);
	current.ordinal = ordinal;
	current.geometry = geometries[random() % GEOMETRIES];
	current.global = !(random() % 4);
	current.overwrite = random() % 2;
	current.wrap = random() % 2;
	current.prefill = ordinal % PREFILLS;
	ordinal /= PREFILLS;
	current.action[1] = nested_actions[ordinal % NESTED];
	ordinal /= NESTED;
	current.action[0] = outer_actions[ordinal % OUTER];
	current.action[2] = any(nested_actions, NESTED);
}

/* Every operation with every nested one, in every state of the ring. */
#define SCENARIOS	(OUTER * NESTED * PREFILLS)

static void explore(unsigned long ordinal, unsigned long doubles)
{
	unsigned long steps;

	choose(ordinal);
	steps = run_single();
	if (!(random() % doubles))
		run_double(steps);
}

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}

int main(void)
{
	unsigned long sparse = number("SPARSE", 1), only = number("ONLY", ~0UL);
	unsigned long doubles = number("DOUBLE", 8), rounds = number("ROUNDS", 1);
	unsigned long i;

	world_trace = trace;
	world_pause = pause_here;
	world_fail = fail;
	seed = number("SEED", 1);
	max_places = number("PLACES", ~0UL);
	printf("# SEED=%lu\n", seed);
	for (i = 0; i < SCENARIOS * rounds; i++)
		if (!(i % sparse) && (only == ~0UL || i == only))
			explore(i, doubles);
	printf("# %lu runs, %lu places, %lu instructions, %lu looks; "
	       "longest operation %u, longest window %u\n",
	       total_runs, total_places, total_steps, total_looks, max_steps,
	       max_window);
	printf("ok single-step nesting\n");
	return 0;
}
