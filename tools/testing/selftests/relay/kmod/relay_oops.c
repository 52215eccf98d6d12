// SPDX-License-Identifier: GPL-2.0
/*
 * An oops that costs the task which loads this module, and not the machine.
 */
#include <linux/compiler.h>
#include <linux/module.h>

static int __init relay_oops_init(void)
{
	/* BUG() is not there in every configuration; the first page never is. */
	return READ_ONCE(*(int *)8);
}
module_init(relay_oops_init);

MODULE_DESCRIPTION("An oops");
MODULE_LICENSE("GPL");
