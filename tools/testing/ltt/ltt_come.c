// SPDX-License-Identifier: GPL-2.0
/*
 * A module that fires markers with number=N when it is loaded, and when it is unloaded.
 */
#include <linux/ltt_mark.h>
#include <linux/module.h>

static unsigned int number;
module_param(number, uint, 0444);
MODULE_PARM_DESC(number, "of this load, in the markers");

static int __init come_init(void)
{
	trace_mark(ltt_come, came, "number %u", number);
	trace_mark(ltt_come, text, "name %s number %u", KBUILD_MODNAME, number);
	return 0;
}

static void __exit come_exit(void)
{
	trace_mark(ltt_come, went, "long %llu number %u", (u64)number << 32, number);
}

module_init(come_init);
module_exit(come_exit);
MODULE_DESCRIPTION("LTT: markers that come and go");
MODULE_LICENSE("GPL");
