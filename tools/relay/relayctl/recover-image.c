// SPDX-License-Identifier: GPL-2.0
/*
 * Recovers from a file: a bank, a vmcore, or an image of memory. Finds the banks, and
 * recovers those that the options ask for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "area.h"
#include "recover-image.h"

/*
 * Find the banks
 */

/* Return: @ret, an error or an exit code. */
static int say_where(const char *what, int ret)
{
	say("relayctl: %s", what);
	return ret;
}

/* Find one or two banks at the start of the file; any other file is an image of memory. */
static int find_banks(struct area *area, const struct image *image)
{
	int err = area_file(area, image);

	if (err || area->n_banks)
		return err;
	return say_where("an image of memory needs --address, or --scan", EXIT_USAGE);
}

static int find_area(struct area *area, const struct image *image,
		     const struct recover_where *where)
{
	if (where->scan)
		return area_scan(area, image);
	if (where->address_given && where->size)
		return area_at(area, image, where->address, where->size);
	if (where->address_given)
		return area_from(area, image, where->address);
	if (image->area_size)
		return area_at(area, image, image->area, image->area_size);
	if (image->elf)
		return say_where("the vmcore does not say where a reserved area is; try --scan",
				 -ENODATA);
	return find_banks(area, image);
}

/*
 * Choose banks
 */

static int add_boot(struct recovery *recovery, const struct area_bank *bank,
		    unsigned int number)
{
	struct recovered_boot *boot = recovery_add(recovery);
	const struct relay_bank *head = &bank->head;

	if (!boot)
		return -ENOMEM;
	boot->number = number;
	boot->address = bank->address;
	boot->verdict = bank->verdict;
	if (bank->verdict)
		return 0;
	boot->released = head->state == RELAY_BANK_RELEASED;
	boot->generation = head->generation;
	boot->n_cpus = head->n_cpus;
	boot->boot_time = head->boot_time;
	copy_printable(boot->machine, sizeof(boot->machine), head->machine);
	copy_printable(boot->release, sizeof(boot->release), head->release);
	copy_printable(boot->version, sizeof(boot->version), head->version);
	if (bank->end_known) {
		boot->end_time = head->end_time;
		copy_printable(boot->end, sizeof(boot->end), head->end_reason);
	}
	return 0;
}

/* Return: index of the newest boot that is not released, or -1. */
static int newest_kept(const struct recovered_boot *boots, unsigned int n)
{
	int newest = -1;

	for (unsigned int i = 0; i < n; i++) {
		/* The only bank of a file is wanted even if it is released. */
		if (boots[i].verdict || (boots[i].released && n > 1))
			continue;
		if (newest < 0 || boots[i].generation > boots[newest].generation)
			newest = i;
	}
	return newest;
}

/*
 * Take the end of the newest boot from the vmcore's log, which is that of the boot that died
 * last. If the bank has noted an end, keep that, because the last boot may not have recorded.
 */
static void add_reason(struct recovered_boot *boots, const struct image *image,
		       const struct area *area)
{
	int newest = newest_kept(boots, area->n_banks);
	char reason[256];

	if (newest < 0 || !image->elf || area->bank[newest].end_known ||
	    !vmcore_reason(image->path, reason, sizeof(reason)))
		return;
	copy_printable(boots[newest].end, sizeof(boots[newest].end), reason);
}

/*
 * Recover
 */

/* @each: the bank has its own directory below the output. */
static int open_output(struct recovery *recovery, const struct recovered_boot *boot,
		       bool each, char *dir, size_t size)
{
	int err = make_dir(recovery->output);

	if (each)
		snprintf(dir, size, "%s/bank%u", recovery->output, boot->number);
	else
		snprintf(dir, size, "%s", recovery->output);
	if (!err)
		err = make_dir(dir);
	return err ? err : store_crash(dir, boot);
}

static int load_bank(struct recovery *recovery, struct recovered_boot *boot,
		     const struct image *image, const struct area_bank *bank,
		     const char *dir)
{
	struct area_memory memory;
	int err = area_load(&memory, image, bank);

	if (err)
		return err;
	err = recover_bank(recovery, boot, &memory, dir);
	area_unload(&memory);
	return err;
}

static int take_bank(struct recovery *recovery, struct recovered_boot *boot,
		     const struct image *image, const struct area_bank *bank, bool each)
{
	char dir[4096];
	int err;

	if (recovery->output) {
		err = open_output(recovery, boot, each, dir, sizeof(dir));
		if (err) {
			recovery_stored(recovery, err);
			return 0;
		}
	}
	boot->failed = load_bank(recovery, boot, image, bank,
				 recovery->output ? dir : NULL);
	return boot->failed;
}

/* Recover all banks, even if one fails. Return: the first error. */
static int take_all(struct recovery *recovery, struct recovered_boot *boots,
		    const struct image *image, const struct area *area)
{
	int ret = -ENODATA, err;

	for (unsigned int i = 0; i < area->n_banks; i++) {
		if (boots[i].verdict)
			continue;
		err = take_bank(recovery, &boots[i], image, &area->bank[i], true);
		if (!ret || ret == -ENODATA)
			ret = err;
	}
	return ret;
}

static int take_wanted(struct recovery *recovery, struct recovered_boot *boots,
		       const struct image *image, const struct area *area,
		       const struct recover_where *where)
{
	int number = where->bank;

	if (where->all)
		return take_all(recovery, boots, image, area);
	if (number < 0)
		number = newest_kept(boots, area->n_banks);
	if (number < 0 || (unsigned int)number >= area->n_banks || boots[number].verdict)
		return -ENODATA;
	return take_bank(recovery, &boots[number], image, &area->bank[number], where->each);
}

static int recover_area(struct recovery *recovery, const struct image *image,
			const struct recover_where *where)
{
	unsigned int first = recovery->n_boots;
	struct recovered_boot *boots;
	struct area area;
	int err = find_area(&area, image, where);

	for (unsigned int i = 0; !err && i < area.n_banks; i++)
		err = add_boot(recovery, &area.bank[i], where->number + i);
	if (err)
		return err;
	if (area.more)
		say("relayctl: more than %u banks; the others are not looked at",
		    AREA_BANKS);
	boots = &recovery->boot[first];
	add_reason(boots, image, &area);
	return take_wanted(recovery, boots, image, &area, where);
}

/**
 * recover_image - recover from a file
 * @recovery: filled in
 * @path: the file
 * @where: where in the file, and which banks
 *
 * Return: 0 or an error; -ENODATA if no bank is usable. An exit code, if the error was
 * printed already.
 */
int recover_image(struct recovery *recovery, const char *path,
		  const struct recover_where *where)
{
	struct image image;
	int err = image_open(&image, path);

	if (err)
		return err;
	err = recover_area(recovery, &image, where);
	image_close(&image);
	return err;
}
