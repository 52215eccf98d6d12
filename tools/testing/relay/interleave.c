// SPDX-License-Identifier: GPL-2.0
/*
 * Several CPUs simulated on one: the program switches between tasks that write, read
 * and flush a ring after any instruction, in an order that a seed fixes. At each
 * switch it recovers the ring as after a crash.
 */
#include <stdio.h>
#include <stdlib.h>
#include "step.h"
#include "world.h"
#include "number.h"

#define WRITERS	7
#define TASKS	(WRITERS + 2)
#define STACK	(1 << 16)

struct task {
	void *stack_pointer;
	const enum action *actions;
	unsigned int n_actions;
	unsigned int left;
	unsigned int level;
	bool nests;
	unsigned char stack[STACK] __attribute__((__aligned__(16)));
};

static const enum action writes[] = {
	ACT_WRITE, ACT_TIMED, ACT_EXACT, ACT_WRITE, ACT_TIMED, ACT_DISCARD,
	ACT_TIMED_DISCARD, ACT_TOO_BIG,
};

static const enum action reads[] = { ACT_READ, ACT_READ, ACT_PARTIAL };
static const enum action flushes[] = {
	ACT_FLUSH, ACT_FLUSH, ACT_RESET, ACT_HOLD, ACT_DISABLE,
};

static const enum action nested[] = {
	ACT_WRITE, ACT_TIMED, ACT_EXACT, ACT_DISCARD, ACT_FLUSH,
	ACT_TIMED_DISCARD, ACT_MANY,
};

#define SET(task, set)	\
	((task)->actions = (set), (task)->n_actions = sizeof(set) / sizeof((set)[0]))

static const struct geometry geometries[] = {
	{ 64, 1, 0 }, { 64, 2, 0 }, { 100, 3, 16 }, { 75, 2, 0 }, { 200, 2, 0 },
	{ 100, 4, 0 }, { 150, 4, 0 }, { 100, 5, 16 }, { 120, 3, 0 }, { 200, 3, 0 },
};

#define GEOMETRIES	(sizeof(geometries) / sizeof(geometries[0]))

static struct task task[TASKS];
static unsigned int n_tasks, now_running;
static void *main_stack_pointer;
static unsigned long seed, round_number, switches, nestings;
static unsigned int patience, interrupts_left;

void task_switch(void **save, void *load);

asm(".text\n"
	"task_switch:\n"
#ifdef __x86_64__
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	ret\n"
#else
	"	mov 4(%esp), %eax\n"
	"	mov 8(%esp), %ecx\n"
	"	push %ebx; push %ebp; push %esi; push %edi\n"
	"	mov %esp, (%eax)\n"
	"	mov %ecx, %esp\n"
	"	pop %edi; pop %esi; pop %ebp; pop %ebx\n"
	"	ret\n"
#endif
	);

static void fail(const char *what, unsigned long a, unsigned long b)
{
	relay_step_left = 1L << 30;
	printf("not ok interleaving\n# %s: %#lx %#lx\n", what, a, b);
	printf("# %lux%u header %u%s%s; ROUND=%lu SEED=%lu\n",
	       world.ring.subbuf_size, world.ring.n_subbufs,
	       world.ring.header_size, world.ring.global ? " global" : "",
	       world.ring.overwrite ? " overwrite" : "", round_number, seed);
	fflush(stdout);
	exit(1);
}

static void arm(void)
{
	relay_step_left = 1 + random() % patience;
}

static void disarm(void)
{
	relay_step_left = 1L << 30;
}

/* Switch to a random task that has not ended; it may be the current one. */
static void switch_task(void)
{
	struct task *from = &task[now_running];
	unsigned int i, next = random() % n_tasks;

	for (i = 0; i < n_tasks && !task[next].left; i++)
		next = (next + 1) % n_tasks;
	if (!task[next].left) {
		task_switch(&from->stack_pointer, main_stack_pointer);
		return;
	}
	if (next == now_running)
		return;
	switches++;
	from->level = world.level;
	now_running = next;
	world.level = task[next].level;
	task_switch(&from->stack_pointer, task[next].stack_pointer);
}

static void interrupt(void)
{
	/* Limit the interrupts, because with one at each instruction no task makes progress. */
	if (!task[now_running].nests || world.level > 2 || random() % 3 ||
	    !interrupts_left)
		return;
	interrupts_left--;
	nestings++;
	world.level++;
	world_act(nested[random() % (sizeof(nested) / sizeof(nested[0]))]);
	world.level--;
}

static bool room(void)
{
	return world.n_records < WORLD_RECORDS - 100;
}

void relay_step_hit(void)
{
	disarm();
	world_look();
	if (room())
		interrupt();
	switch_task();
	arm();
}

static void trace(bool on)
{
	if (on)
		arm();
	else
		disarm();
}

static void pause_here(void)
{
	if (random() % 4)
		return;
	world_look();
	switch_task();
}

static void task_main(void)
{
	struct task *me = &task[now_running];

	while (me->left) {
		if (room())
			world_act(me->actions[random() % me->n_actions]);
		me->left--;
	}
	switch_task();
	abort();
}

static struct task *add_task(unsigned int acts)
{
	struct task *t = &task[n_tasks++];
	void **top = (void **)(t->stack + STACK);

	/* The return address, aligned as by a call. */
	top[-2] = task_main;
	t->stack_pointer = top - 2 - (sizeof(long) == 8 ? 6 : 4);
	t->left = acts;
	t->nests = false;
	t->level = 1;
	return t;
}

static void run_tasks(void)
{
	world_trace = trace;
	world_pause = pause_here;
	now_running = 0;
	world.level = task[0].level;
	task_switch(&main_stack_pointer, task[0].stack_pointer);
	world.level = 1;
	world_trace = (void (*)(bool))disarm;
	world_pause = disarm;
}

/* A global ring: several tasks write, one reads, and one flushes. */
static void global_tasks(void)
{
	struct task *t;
	unsigned int i;

	for (i = 0; i < WRITERS; i++) {
		t = add_task(3 + random() % 8);
		SET(t, writes);
		t->nests = random() % 2;
	}
	t = add_task(random() % 12);
	SET(t, reads);
	t = add_task(random() % 4);
	SET(t, flushes);
}

/* A CPU's ring: one task writes, with interrupts; another one reads. */
static void local_tasks(void)
{
	struct task *t = add_task(5 + random() % 15);

	SET(t, writes);
	t->nests = true;
	t->level = 0;
	t = add_task(5 + random() % 15);
	SET(t, reads);
}

static void run_round(unsigned long number)
{
	bool global;

	round_number = number;
	srandom(seed * 1000003 + number);
	global = random() % 3;
	patience = 1 + random() % 100;
	world_init(&geometries[random() % GEOMETRIES], global, random() % 2,
		   random() % 2 ? ~0UL : 0);
	n_tasks = 0;
	interrupts_left = 50;
	if (global)
		global_tasks();
	else
		local_tasks();
	run_tasks();
	world_finish();
}

int main(void)
{
	unsigned long rounds = number("ROUNDS", 1) * 1000;
	unsigned long only = number("ROUND", ~0UL), i;

	world_fail = fail;
	seed = number("SEED", 1);
	printf("# SEED=%lu\n", seed);
	for (i = 0; i < rounds; i++)
		if (only == ~0UL || only == i)
			run_round(i);
	printf("# %lu rounds, %lu switches, %lu interrupts\n", rounds, switches,
	       nestings);
	printf("ok interleaving\n");
	return 0;
}
