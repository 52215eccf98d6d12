// SPDX-License-Identifier: GPL-2.0
/*
 * How a boot that records in the reserved area ends: a panic, a restart, or a
 * hibernation, after which it goes on.
 *
 * Only adds to what a bank says. A boot that ends without any of this running is
 * recovered all the same.
 */
#include <linux/init.h>
#include <linux/panic_notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/suspend.h>
#include "internal.h"
#include "reserved.h"

static int relay_panic(struct notifier_block *nb, unsigned long event, void *message)
{
	relay_reserved_end(message);
	return NOTIFY_DONE;
}

static int relay_reboot(struct notifier_block *nb, unsigned long event, void *command)
{
	static const char * const reason[] = {
		[SYS_RESTART]	= "restart",
		[SYS_HALT]	= "halt",
		[SYS_POWER_OFF]	= "power off",
	};

	if (event < ARRAY_SIZE(reason) && reason[event])
		relay_reserved_end(reason[event]);
	return NOTIFY_DONE;
}

/*
 * Memory outside of the memory map is not in the image: it keeps what the kernel
 * that reads the image in has put there, and how this one has ended.
 */
static void relay_resume(void)
{
	if (relay_reserved_valid()) {
		relay_reserved_goes_on();
		relay_hold_reserved(false);
	} else {
		pr_err("relay: the reserved area is not as it was before hibernation, nothing more is recorded there\n");
	}
}

static int relay_suspend(struct notifier_block *nb, unsigned long event, void *unused)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		relay_hold_reserved(true);
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		relay_resume();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block relay_panic_block = {
	.notifier_call	= relay_panic,
	.priority	= INT_MAX,
};

static struct notifier_block relay_reboot_block = {
	.notifier_call	= relay_reboot,
};

static struct notifier_block relay_suspend_block = {
	.notifier_call	= relay_suspend,
};

static int __init relay_end_init(void)
{
	const struct relay_area *area = relay_area();

	if (!area || area->frozen)
		return 0;
	atomic_notifier_chain_register(&panic_notifier_list, &relay_panic_block);
	register_reboot_notifier(&relay_reboot_block);
	register_pm_notifier(&relay_suspend_block);
	return 0;
}
subsys_initcall(relay_end_init);
