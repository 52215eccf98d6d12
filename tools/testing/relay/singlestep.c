// SPDX-License-Identifier: GPL-2.0
/*
 * Every placement of an NMI: run one operation with single-stepping, and at each of
 * its instructions run a nested operation, or recover the ring as after a crash at
 * that instruction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bitops.h>
#include "calls.h"
#include "step.h"
#include "world.h"
#include "number.h"

#define LEVELS	3
#define NESTS	2

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
	ACT_FLUSH, ACT_RESET, ACT_READ, ACT_PARTIAL, ACT_HOLD, ACT_DISABLE,
};

static const enum action nested_actions[] = {
	ACT_WRITE, ACT_TIMED, ACT_EXACT, ACT_DISCARD, ACT_TIMED_DISCARD,
	ACT_FLUSH, ACT_RESET, ACT_READ, ACT_MANY, ACT_TOO_BIG, ACT_PARTIAL,
};

#define OUTER	(sizeof(outer_actions) / sizeof(outer_actions[0]))
#define NESTED	(sizeof(nested_actions) / sizeof(nested_actions[0]))

/*
 * Situations that one nested operation does not create: a sequence of acts, some on
 * other CPUs. An act is a letter: "w" writes, "f" flushes, "g" reads, "r0" reserves
 * and "c0" commits slot 0; "s" stores a time, "l" loads it; "o" checks that a
 * sub-buffer entered meanwhile is open, "x" recovers as after a crash. If the outer
 * operation is interrupted twice, all pairs of places are tried.
 */
struct script {
	const char *name;
	struct geometry geometry;
	bool global;
	const char *before;
	const char *outer;
	const char *nested[NESTS];
};

/* Reserve 35 slots, and commit those of odd numbers, which are more than there are notes. */
#define MANY_OPEN \
	"r0r1r2r3r4r5r6r7r8r9r:r;r<r=r>r?r@rArBrCrDrErFrGrHrIrJrKrLrMrNrOrPrQrR" MANY_ODD
#define MANY_ODD	"c1c3c5c7c9c;c=c?cAcCcEcGcIcKcMcOcQ"

static const struct script scripts[] = {
	{ "interrupted again while it settles", { 200, 2, 0 }, false,
	  "", "w", { "w", "w" } },
	{ "extends a note that is being taken", { 200, 2, 0 }, true,
	  "r0w", "w", { "c0w" } },
	{ "takes a note of the next sub-buffer", { 100, 3, 0 }, true,
	  "r0r1r2fr3wc3", "c1", { "c0" } },
	{ "absorbs notes in whatever order", { 200, 2, 0 }, true,
	  "r0r1r2r3r4c3c1c2", "c0", { "" } },
	{ "absorbs a note that was extended", { 200, 2, 0 }, true,
	  "r0w", "w", { "c0", "wr1" } },
	{ "absorbs a note that is taken meanwhile", { 400, 2, 0 }, false,
	  "r0", "w", { "r1wc1" } },
	{ "absorbs a note that another CPU takes", { 400, 2, 0 }, true,
	  "r0", "w", { "r1wc1" } },
	{ "takes a note that was just made empty", { 200, 1, 0 }, true,
	  "wfg", "w", { "r0w" } },
	{ "a note between sub-buffers", { 100, 3, 0 }, true,
	  "r0r1r2r3r4r5c5c4", "c0", { "c2c1" } },
	{ "a note between laps", { 100, 4, 0 }, true,
	  "r0r1r2r3r4r5r6fr8r9c9c8", "c2", { "c5c4" } },
	{ "an extent that found no note, and one that is just noted", { 840, 2, 0 }, true,
	  MANY_OPEN, "c2", { "" } },
	{ "a flush leaves the next sub-buffer open", { 64, 3, 0 }, true,
	  "w", "fo", { "ww" } },
	{ "loads a time that is stored meanwhile", { 64, 2, 0 }, true,
	  "s", "l", { "s" } },
	{ "stores a time that is loaded meanwhile", { 64, 2, 0 }, true,
	  "s", "s", { "l", "s" } },
	{ "closed by a flush on another CPU", { 64, 2, 0 }, true,
	  "w", "f", { "w", "w" } },
};

/* The case concerns the first of 16 notes, so only the first instructions are interrupted. */
static const struct script aged = {
	"a note is taken while it is aged", { 200, 1, 0 }, true,
	"wfg", "wx", { "r0wc0", "r1w" }
};

#define AGED	400

static struct scenario current;
static const struct script *script;
static unsigned int nests;
static unsigned long next_target;
static unsigned long step[LEVELS];
static unsigned long nested_at;
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

/* Count the instructions executed since arm(). */
static void disarm(void)
{
	step[world.level] += armed - relay_step_left;
	total_steps += armed - relay_step_left;
	relay_step_left = NEVER;
	armed = NEVER;
}

/*
 * Times: multiples of a number whose two halves are not zero, so that a torn one is noticed.
 */
#define TIME_UNIT	0xa0000001ULL

static struct relay_time shared_time;
static u64 stored_time;

static void store_time(void)
{
	u64 time = stored_time += TIME_UNIT;

	world_trace(true);
	call_time_set(&shared_time, time);
	world_trace(false);
}

static u64 load_time(void)
{
	u64 time;

	world_trace(true);
	time = call_time_read(&shared_time);
	world_trace(false);
	if (time % TIME_UNIT || time > stored_time)
		world_fail("a time that nobody stored", time >> 32,
			   time & 0xffffffff);
	return time;
}

/* After so many instructions a flush has read which sub-buffer is open. */
#define FLUSH_LOOKS	16

/* If a writer has entered the second sub-buffer meanwhile, a flush must leave it open. */
static void check_open(void)
{
	const struct relay_ring *ring = &world.ring;
	unsigned long pos = relay_word_read(&ring->control->reserve);

	if (nested_at > FLUSH_LOOKS && relay_pos_start(ring, pos) != world.first &&
	    relay_pos_offset(ring, pos) == ring->subbuf_size)
		world_fail("closed what was entered meanwhile", world.first, pos);
}

static void play(const char *acts)
{
	for (; *acts; acts++) {
		switch (*acts) {
		case 'w':
			world_act(ACT_WRITE);
			break;
		case 'f':
			world_act(ACT_FLUSH);
			break;
		case 'g':
			world_act(ACT_READ);
			break;
		case 'o':
			check_open();
			break;
		case 'x':
			world_look();
			break;
		case 's':
			store_time();
			break;
		case 'l':
			load_time();
			break;
		case 'r':
			world_hold(*++acts - '0');
			break;
		case 'c':
			world_release(*++acts - '0');
			break;
		}
	}
}

static void nest(void)
{
	world.level++;
	if (script)
		play(script->nested[nests++]);
	else
		world_act(current.action[world.level]);
	world.level--;
	looking = !script || !script->nested[1];
	if (script)
		target[world.level] = next_target;
}

/* A place for a nested operation or a crash. */
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
	/* Arm before stepping starts, so that these functions are not counted. */
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
	if (script) {
		printf("# %s: %s | %s\n", script->name, script->before,
		       script->outer);
		printf("# at %ld, nested at %lu\n", step[0], nested_at);
		fflush(stdout);
		exit(1);
	}
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
 * Run the scenario once, with nested operations at the given instructions. With a
 * target beyond the last instruction nothing nests.
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

/*
 * First pass: nest at each instruction of the operation, or at up to max_places of them.
 * Return: number of instructions.
 */
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

/* Second pass: nest at a random instruction, and again at each of the nested operation. */
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

/* Enumerate the actions and the prefill, and draw the rest from seed and ordinal. */
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

/*
 * Scripts
 */

/* Return: instructions of the outer operation. */
static unsigned long run_script(const struct script *s, unsigned long first,
				unsigned long second)
{
	/* Start in the last lap, so that positions wrap with the next one. */
	world_init(&s->geometry, s->global, false, ~0UL);
	script = s;
	nests = 0;
	stored_time = 0;
	memset(&shared_time, 0, sizeof(shared_time));
	play(s->before);
	step[0] = 0;
	target[0] = first;
	nested_at = first;
	next_target = second;
	looking = first == ~0UL;
	running = true;
	play(s->outer);
	running = false;
	looking = false;
	world_check_held();
	world_finish();
	if (stored_time && !load_time())
		world_fail("no time at rest", 0, stored_time);
	script = NULL;
	total_runs++;
	total_places++;
	total_looks += world.looks;
	return step[0];
}

/* Interrupt the outer operation at its instructions up to @last. */
static void run_pairs(const struct script *s, unsigned long last)
{
	unsigned long first, second, steps, stride;

	steps = min(run_script(s, ~0UL, ~0UL), last);
	stride = 1 + steps / max_places;
	for (first = 1; first <= steps && s->nested[0]; first += stride) {
		if (!s->nested[1]) {
			run_script(s, first, ~0UL);
			continue;
		}
		for (second = first + 1; second <= last; second += stride)
			if (run_script(s, first, second) < second)
				break;
	}
}

/* Commit every other reservation, then the remaining ones, the lowest last. */
static void run_many_extents(unsigned int room)
{
	const unsigned int n = 2 * RELAY_NOTES + 4;
	char before[4 * n + 1], *at = before;
	const struct script s = {
		"more extents than notes", { n * 24 + room, 2, 0 }, true,
		before, "c0", {}
	};
	unsigned int i;

	for (i = 0; i < n; i++)
		at += sprintf(at, "r%c", '0' + i);
	for (i = 1; i < n; i += 2)
		at += sprintf(at, "c%c", '0' + i);
	for (i = 2; i < n; i += 2)
		at += sprintf(at, "c%c", '0' + i);
	run_pairs(&s, ~0UL);
}

/* An NMI writes before the commit of each of many reservations. */
static void run_many_hits(void)
{
	const unsigned int n = RELAY_NOTES + 2;
	char outer[5 * n + 1], *at = outer;
	const struct script s = {
		"many records that are interrupted by one", { 1400, 2, 0 }, false,
		"r0", outer, {}
	};
	unsigned int i;

	for (i = 0; i < n; i++)
		at += sprintf(at, "r1wc1");
	run_pairs(&s, ~0UL);
}

static unsigned long steps_to(enum action action, const struct geometry *geometry,
			      unsigned int unread)
{
	world_init(geometry, false, true, 0);
	while (unread--)
		world_act(ACT_EXACT);
	step[0] = 0;
	target[0] = ~0UL;
	running = true;
	world_act(action);
	running = false;
	world_finish();
	return step[0];
}

/* A reader that has missed many laps does not step through them. */
static void run_far_behind(void)
{
	unsigned long few = steps_to(ACT_READ, &geometries[1], 4);
	unsigned long many = steps_to(ACT_READ, &geometries[1], 200);

	if (many != few)
		fail("instructions to read after many laps", many, few);
}

/* The cost of a reset, which runs with interrupts off, does not depend on n_subbufs. */
static void run_many_subbufs(void)
{
	static const struct geometry small = { 64, 2, 0 }, large = { 64, 8, 0 };
	unsigned long few = steps_to(ACT_RESET, &small, 2);
	unsigned long many = steps_to(ACT_RESET, &large, 8);

	if (many != few)
		fail("instructions to reset many sub-buffers", many, few);
}

static void run_scripts(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		run_pairs(&scripts[i], ~0UL);
	run_pairs(&aged, AGED);
	run_many_extents(0);
	run_many_extents(30);
	run_many_hits();
	run_far_behind();
	run_many_subbufs();
	printf("ok scripts\n");
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
	if (only == ~0UL)
		run_scripts();
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
