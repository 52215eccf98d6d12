// SPDX-License-Identifier: GPL-2.0
#include "step.h"

long relay_step_left = 1L << 30;

void step_trap(bool on)
{
	/* The instrumented code always counts. */
}

asm(".text\n"
	".globl relay_step\n"
	"relay_step:\n"
#ifdef __x86_64__
	"	pushfq\n"
	"	decq relay_step_left(%rip)\n"
	"	jz 1f\n"
	"	popfq\n"
	"	ret\n"
	"1:	push %rax; push %rcx; push %rdx; push %rsi; push %rdi\n"
	"	push %r8; push %r9; push %r10; push %r11; push %rbp\n"
	"	cld\n"
	"	mov %rsp, %rbp\n"
	"	and $-16, %rsp\n"
	"	call relay_step_hit\n"
	"	mov %rbp, %rsp\n"
	"	pop %rbp; pop %r11; pop %r10; pop %r9; pop %r8\n"
	"	pop %rdi; pop %rsi; pop %rdx; pop %rcx; pop %rax\n"
	"	popfq\n"
	"	ret\n"
#else
	"	pushfl\n"
	"	decl relay_step_left\n"
	"	jz 1f\n"
	"	popfl\n"
	"	ret\n"
	"1:	push %eax; push %ecx; push %edx; push %ebp\n"
	"	mov %esp, %ebp\n"
	"	and $-16, %esp\n"
	"	call relay_step_hit\n"
	"	mov %ebp, %esp\n"
	"	pop %ebp; pop %edx; pop %ecx; pop %eax\n"
	"	popfl\n"
	"	ret\n"
#endif
	);
