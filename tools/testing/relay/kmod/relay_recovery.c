// SPDX-License-Identifier: GPL-2.0
/*
 * The figures that recovery is compared with: the time of a memcpy of a bank of the
 * reserved area, and the bytes that the bank's format takes.
 */
#include <linux/align.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/relay_ring.h>
#include <linux/vmalloc.h>
#include <uapi/linux/relay.h>

static unsigned long start = 0x10000000;
module_param(start, ulong, 0444);
MODULE_PARM_DESC(start, "physical address of the bank");

/* Return: the best time of several copies. */
static u64 recovery_copy(void *to, const void *from, size_t size)
{
	u64 best = U64_MAX;
	int i;

	for (i = 0; i < 5; i++) {
		u64 begin = ktime_get_ns();

		memcpy(to, from, size);
		best = min(best, ktime_get_ns() - begin);
	}
	return best;
}

/* Return: bytes before the data of a channel with 8 sub-buffers on each of 4 CPUs. */
static size_t recovery_format(const struct relay_bank *bank)
{
	size_t headers = RELAY_BANK_COPY + sizeof(*bank);
	size_t control = ALIGN(bank->layout.control_size + 8 * bank->layout.subbuf_stride,
			       SMP_CACHE_BYTES);
	size_t seals = 8 * sizeof(struct relay_bank_seal);

	return PAGE_ALIGN(ALIGN(headers, SMP_CACHE_BYTES) + 4 * (control + seals)) + PAGE_SIZE;
}

static int __init recovery_init(void)
{
	struct relay_bank *bank = memremap(start, PAGE_SIZE, MEMREMAP_WB);
	size_t size = bank ? bank->size : 0;
	void *copy = vmalloc(size);
	void *all = memremap(start, size, MEMREMAP_WB);

	if (bank && copy && all)
		pr_info("memcpy_us=%llu format=%zu\n",
			recovery_copy(copy, all, size) / NSEC_PER_USEC, recovery_format(bank));
	memunmap(all);
	vfree(copy);
	memunmap(bank);
	return 0;
}

static void __exit recovery_exit(void)
{
}

module_init(recovery_init);
module_exit(recovery_exit);
MODULE_DESCRIPTION("What recovery is held against");
MODULE_LICENSE("GPL");
