// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stddef.h>
#include "step.h"

long relay_step_left = 1L << 30;

void trap_flag_set(void);
void trap_flag_clear(void);

asm(".text\n"
#ifdef __x86_64__
	"trap_flag_set:\n"
	"	pushfq\n"
	"	orl $0x100, (%rsp)\n"
	"	popfq\n"
	"	ret\n"
	"trap_flag_clear:\n"
	"	pushfq\n"
	"	andl $~0x100, (%rsp)\n"
	"	popfq\n"
	"	ret\n"
#else
	"trap_flag_set:\n"
	"	pushfl\n"
	"	orl $0x100, (%esp)\n"
	"	popfl\n"
	"	ret\n"
	"trap_flag_clear:\n"
	"	pushfl\n"
	"	andl $~0x100, (%esp)\n"
	"	popfl\n"
	"	ret\n"
#endif
	);

/* Runs without the trap flag; the return from the signal sets it again. */
static void on_trap(int signal)
{
	if (!--relay_step_left)
		relay_step_hit();
}

static void __attribute__((constructor)) install(void)
{
	struct sigaction action = {
		.sa_handler = on_trap,
		.sa_flags = SA_NODEFER,
	};

	sigaction(SIGTRAP, &action, NULL);
}

void step_trap(bool on)
{
	if (on)
		trap_flag_set();
	else
		trap_flag_clear();
}
