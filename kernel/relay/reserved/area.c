// SPDX-License-Identifier: GPL-2.0
/*
 * Where the boot-reserved area lies.
 *
 * DOC: life of the area's place
 *
 * relay_area_setup() parses relayres=SIZE@ADDR as an early parameter: before
 * memblock gives out memory, so that nothing is allocated there, but after
 * the kernel and, on most architectures, the initrd have been reserved. Not
 * every architecture knows its memory map at that time. So relay_area_init()
 * checks that the area is memory, when the resources are registered. An area
 * that fails the check stays reserved and unused.
 *
 * For relayres=NAME relay_area_init() takes the place of a reserve_mem= region.
 *
 * In a crash kernel the area is the old kernel's memory. It is not in the crash
 * kernel's memory map, so it is not reserved there.
 */
#define pr_fmt(fmt) "relayres: " fmt

#include <linux/cc_platform.h>
#include <linux/crash_dump.h>
#include <linux/crash_reserve.h>
#include <linux/ctype.h>
#include <linux/initrd.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/relay_area.h>
#include <linux/relay_area_param.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/vmcore_info.h>
#include <asm/sections.h>
#include "../internal.h"

#ifdef CONFIG_X86
#include <asm/e820/api.h>
#include <asm/setup.h>
#endif

/* What relayres= asks for, apart from the place. Used until relay_area_init(). */
struct relay_area_request {
	const char *given;	/* the value; NULL: no relayres= so far */
	char	name[16];	/* of a reserve_mem= region, which has this limit */
	bool	refused;
	bool	memory;		/* memblock had it as memory */
	bool	reserved;	/* by memblock_reserve(); never in a crash kernel */
};

struct relay_range {
	u64	start;
	u64	size;
};

static struct relay_area_request request __initdata;

/* @base is NULL until all checks have passed. */
static struct relay_area area __ro_after_init;
static struct resource area_resource = {
	.name	= "Relay",
	.flags	= IORESOURCE_MEM | IORESOURCE_BUSY,
};

#define relay_area_err(fmt, ...) \
	pr_err("%#llx@%#llx refused: " fmt, area.size, area.start, ##__VA_ARGS__)

#ifdef CONFIG_X86
/* BIOSes write to the first megabyte whenever they run. */
#define RELAY_AREA_LOWEST	SZ_1M

static u64 __init relay_ram_size(void)
{
	return (u64)e820__end_of_ram_pfn() << PAGE_SHIFT;
}

/*
 * @unpacked: the preferred address, where a boot loader puts the kernel's file, and where
 * the kernel is unpacked without KASLR.
 */
static void __init relay_loaded(struct relay_range *initrd, struct relay_range *unpacked)
{
	initrd->start = boot_params.hdr.ramdisk_image |
			(u64)boot_params.ext_ramdisk_image << 32;
	initrd->size = boot_params.hdr.ramdisk_size |
		       (u64)boot_params.ext_ramdisk_size << 32;
	unpacked->start = boot_params.hdr.pref_address;
	unpacked->size = boot_params.hdr.init_size;
}

/* The firmware's map includes the memory that mem= and memmap= hide. */
static bool __init relay_static_ram(void)
{
	u64 at;

	for (at = area.start; at < area.start + area.size; at += PAGE_SIZE)
		if (!e820__mapped_raw_any(at, at + PAGE_SIZE, E820_TYPE_RAM))
			return false;
	return true;
}

/* As /proc/vmcore does: if this kernel encrypts its memory, so did the crashed kernel. */
static void *__init relay_map_other(void)
{
	if (area.frozen && cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return (void __force *)ioremap_encrypted(area.start, area.size);
	return memremap(area.start, area.size, MEMREMAP_WB);
}
#else
#define RELAY_AREA_LOWEST	0

static u64 __init relay_ram_size(void)
{
	return memblock_phys_mem_size();
}

static void __init relay_loaded(struct relay_range *initrd, struct relay_range *unpacked)
{
	if (IS_ENABLED(CONFIG_BLK_DEV_INITRD)) {
		initrd->start = phys_initrd_start;
		initrd->size = phys_initrd_size;
	}
}

static void *__init relay_map_other(void)
{
	return IS_ENABLED(CONFIG_HAS_IOMEM) ?
	       memremap(area.start, area.size, MEMREMAP_WB) : NULL;
}

/* There is no firmware map: take a range that no resource claims for static RAM. */
static bool __init relay_static_ram(void)
{
	return region_intersects(area.start, area.size, 0, IORES_DESC_NONE) ==
	       REGION_DISJOINT;
}
#endif

static bool __init relay_area_meets(u64 start, u64 size)
{
	return size && area.start < start + size && start < area.start + area.size;
}

/* Check size and address. @align may be less than a page if another kernel chose them. */
static bool __init relay_area_sane(u64 align)
{
	u64 top = min_t(u64, iomem_resource.end, PHYS_ADDR_MAX);
	u64 last = area.start + area.size - 1;

	if (!IS_ALIGNED(area.start | area.size, align))
		relay_area_err("size and address must be multiples of %#llx\n", align);
	else if (area.size < RELAY_AREA_MIN)
		relay_area_err("too small, the least is %#lx\n", RELAY_AREA_MIN);
	else if (last < area.start || last > top)
		relay_area_err("too large or too high, the last address here is %#llx\n", top);
	else if (area.start < RELAY_AREA_LOWEST)
		relay_area_err("the firmware uses memory below %#x, choose a higher address\n",
			       (unsigned int)RELAY_AREA_LOWEST);
	else
		return true;
	return false;
}

/* Is the place of the area free? */
static bool __init relay_area_free(void)
{
	struct relay_range initrd = {}, unpacked = {}, crash = {};
	u64 ram = relay_ram_size();

	relay_loaded(&initrd, &unpacked);
	/*
	 * The crash kernel's fixed place, if it has one. The size of memory, which may not
	 * be known yet, only selects one of several sizes of the crash kernel. Assume much.
	 */
	if (IS_ENABLED(CONFIG_CRASH_RESERVE))
		parse_crashkernel(boot_command_line, 1ULL << 62, &crash.size, &crash.start,
				  NULL, NULL, NULL);
	if (relay_area_meets(__pa_symbol(_text), _end - _text))
		relay_area_err("the kernel lies there, choose another address\n");
	else if (relay_area_meets(unpacked.start, unpacked.size))
		relay_area_err("kernels are unpacked there (%#llx@%#llx), choose another address\n",
			       unpacked.size, unpacked.start);
	else if (relay_area_meets(initrd.start, initrd.size))
		relay_area_err("the initrd lies there (%#llx@%#llx), choose another address\n",
			       initrd.size, initrd.start);
	else if (crash.start && relay_area_meets(crash.start, crash.size))
		relay_area_err("crashkernel=%#llx@%#llx wants that place, move one of them\n",
			       crash.size, crash.start);
	else if (memblock_is_region_reserved(area.start, area.size))
		relay_area_err("reserved by the firmware or another parameter, choose another address\n");
	/* Rounded up, because the firmware keeps some MiB: half a machine is allowed. */
	else if (area.size > round_up(ram, SZ_64M) / 2 && area.start < ram)
		relay_area_err("more than half of the memory (%#llx)\n", ram);
	else
		return true;
	return false;
}

static bool __init relay_area_request(char *arg)
{
	if (isalpha(*arg) && !strchr(arg, '@')) {
		if (strscpy(request.name, arg) > 0)
			return true;
		pr_err("\"%s\" refused: no reserve_mem= region can have that name\n", arg);
		return false;
	}
	if (!relay_area_parse(arg, &area.start, &area.size)) {
		pr_err("\"%s\" refused: write relayres=SIZE@ADDR, as in relayres=16M@256M, or relayres=NAME of a reserve_mem= region\n",
		       arg);
		return false;
	}
	if (!relay_area_sane(PAGE_SIZE))
		return false;
	/* elfcorehdr= may follow relayres=. This is a guess; relay_area_find() checks it. */
	if (is_kdump_kernel() || strstr(boot_command_line, "elfcorehdr="))
		return true;
	if (!relay_area_free())
		return false;
	request.reserved = !memblock_reserve(area.start, area.size);
	if (!request.reserved)
		relay_area_err("it cannot be reserved, too many reservations\n");
	return request.reserved;
}

static int __init relay_area_setup(char *arg)
{
	arg = arg ?: "";
	/* kexec --reuse-cmdline with --append can give the same value twice. */
	if (request.given && !strcmp(request.given, arg))
		return 0;
	if (request.given) {
		pr_err("refused: given more than once\n");
		request.refused = true;
		return 0;
	}
	request.given = arg;
	request.refused = !relay_area_request(arg);
	return 0;
}
early_param("relayres", relay_area_setup);

/* Does trace_instance=NAME@REGION,EVENT or ramoops.mem_name=REGION name our region? */
static bool __init relay_region_used_by(const char *param, const char *val)
{
	if (parameq(param, "ramoops.mem_name"))
		return !strcmp(val, request.name);
	if (!parameq(param, "trace_instance"))
		return false;
	val = strpbrk(val, "@,=");
	return val && *val++ == '@' && strcspn(val, ",=") == strlen(request.name) &&
	       strstarts(val, request.name);
}

/*
 * Does a boot parameter give our region to another user? No other sign shows that,
 * because users find a region by its name, and do not claim it as a resource.
 */
static bool __init relay_region_shared(void)
{
	char *line __free(kfree) = kstrdup(saved_command_line, GFP_KERNEL);
	char *rest = line ? skip_spaces(line) : "", *param, *val;
	bool shared = false;

	while (*rest && !shared) {
		rest = next_arg(rest, &param, &val);
		shared = val && relay_region_used_by(param, val);
	}
	if (shared)
		pr_err("%s refused: %s=%s uses that region, too\n", request.name,
		       param, val);
	return shared;
}

static bool __init relay_area_named(void)
{
	phys_addr_t start, size;

	if (!reserve_mem_find_by_name(request.name, &start, &size)) {
		pr_err("%s refused: there is no such region, add reserve_mem=SIZE:ALIGN:%s\n",
		       request.name, request.name);
		return false;
	}
	area.start = start;
	area.size = size;
	area.ram = true;
	if (IS_ENABLED(CONFIG_RANDOMIZE_BASE) && !strstr(boot_command_line, "nokaslr"))
		pr_info("%s may lie elsewhere at the next boot because of KASLR: add nokaslr, or give SIZE@ADDR\n",
			request.name);
	return relay_area_sane(PAGE_SIZE) && !relay_region_shared();
}

static int __init relay_add_ram(struct resource *res, void *arg)
{
	*(u64 *)arg += resource_size(res);
	return 0;
}

/* Bytes of the area that are System RAM of this kernel. */
static u64 __init relay_area_ram(void)
{
	u64 ram = 0;

	walk_system_ram_res(area.start, area.start + area.size - 1, &ram, relay_add_ram);
	return ram;
}

/* Not earlier, because some architectures apply mem= after relayres= is parsed. */
static int __init relay_area_memory(void)
{
	request.memory = memblock_is_region_memory(area.start, area.size);
	return 0;
}
early_initcall(relay_area_memory);

/* Check that the area is memory of this kernel, or static RAM, but not a mixture. */
static bool __init relay_area_kind(void)
{
	u64 ram = relay_area_ram();

	if (ram == area.size || request.memory) {
		/* A 32-bit kernel may have no struct page for memory that it cannot address. */
		area.ram = pfn_valid(PHYS_PFN(area.start)) &&
			   pfn_valid(PHYS_PFN(area.start + area.size - 1));
		return true;
	}
	if (!ram && relay_static_ram())
		return true;
	relay_area_err("%s, choose an address inside the memory that /proc/iomem shows\n",
		       ram ? "only a part of it is memory" : "no memory is there");
	return false;
}

/* Find the crashed kernel's area: by its note, or else by this kernel's command line. */
static bool __init relay_area_crashed(void)
{
	const struct relay_area asked = area;

	/* The old kernel's pages may have been smaller. */
	if (!IS_ENABLED(CONFIG_PROC_VMCORE) || !relay_area_from_note(&area) ||
	    !relay_area_sane(SZ_4K)) {
		if (!asked.size || request.refused)
			return false;
		area = asked;
	}
	area.frozen = true;
	if (!relay_area_ram())
		return true;
	relay_area_err("the crash kernel's own memory is there\n");
	return false;
}

/* Find the area and check its memory. Return: whether there is one. */
static bool __init relay_area_find(void)
{
	if (is_kdump_kernel())
		return relay_area_crashed();
	if (!request.given || request.refused)
		return false;
	if (request.name[0])
		return relay_area_named();
	if (request.reserved)
		return relay_area_kind();
	relay_area_err("this is no crash kernel, but elfcorehdr= is on its command line\n");
	return false;
}

/* Add the resource of the area. Fails if another resource overlaps it or is inside. */
static bool __init relay_area_claim(void)
{
	struct resource *other;

	area_resource.start = area.start;
	area_resource.end = area.start + area.size - 1;
	other = insert_resource_conflict(&iomem_resource, &area_resource);
	if (!other && !area_resource.child)
		return true;
	relay_area_err("%pR is there\n", other ?: area_resource.child);
	if (!other)
		remove_resource(&area_resource);
	return false;
}

/* Map memory of which a part is not in the linear map of a 32-bit kernel. */
static void *__init relay_map_highmem(void)
{
	unsigned long n = area.size >> PAGE_SHIFT, i;
	struct page **pages __free(kvfree) = kvmalloc_objs(*pages, n);

	if (!pages)
		return NULL;
	for (i = 0; i < n; i++)
		pages[i] = pfn_to_page(PHYS_PFN(area.start) + i);
	return vmap(pages, n, VM_MAP, PAGE_KERNEL);
}

static void *__init relay_map(void)
{
	if (area.size > SIZE_MAX)
		return NULL;
	if (!area.ram)
		return relay_map_other();
	if (PageHighMem(pfn_to_page(PHYS_PFN(area.start + area.size - 1))))
		return relay_map_highmem();
	return __va(area.start);
}

static int __init relay_area_init(void)
{
	if (!relay_area_find() || !relay_area_claim())
		return 0;
	/* A confidential guest may not have accepted this memory from its host yet. */
	if (area.ram)
		accept_memory(area.start, area.size);
	area.base = relay_map();
	if (!area.base) {
		relay_area_err("it cannot be mapped write-back: not memory, or too large for this kernel\n");
		remove_resource(&area_resource);
		return 0;
	}
	pr_info("%#llx@%#llx, %s%s\n", area.size, area.start,
		area.ram ? "System RAM" : "outside of System RAM",
		area.frozen ? ", of the crashed kernel" : "");
	return 0;
}
core_initcall(relay_area_init);

/**
 * relay_area() - the boot-reserved area
 *
 * Context: Any, from the end of the core initcalls on.
 * Return: The area, or NULL if there is none.
 */
const struct relay_area *relay_area(void)
{
	return area.base ? &area : NULL;
}

/**
 * relay_area_overlaps() - does a range overlap the area?
 * @start: first byte of the range
 * @end: last byte of the range
 *
 * Context: Any.
 * Return: true if a byte of the range is in the area.
 */
bool relay_area_overlaps(phys_addr_t start, phys_addr_t end)
{
	return area.base && start <= area.start + (area.size - 1) &&
	       end >= area.start;
}

/**
 * relay_area_vmcoreinfo() - tell a crash kernel where the area is
 *
 * Context: Task context, once, while the vmcoreinfo note is made.
 */
void relay_area_vmcoreinfo(void)
{
	if (IS_ENABLED(CONFIG_VMCORE_INFO) && area.base && !area.frozen)
		vmcoreinfo_append_str(RELAY_AREA_NOTE "%llx:%llx\n", area.start, area.size);
}
