// SPDX-License-Identifier: GPL-2.0
/*
 * Recovers from a vmcore, or an image of memory: finds the banks, and takes the
 * one that is wanted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "area.h"
#include "recover-image.h"

/*
 * Where
 */

/* Return: @ret, an error or an exit code. */
static int say_where(const char *what, int ret)
{
	fprintf(stderr, "relayctl: %s\n", what);
	return ret;
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
	return say_where("an image of memory needs --address, or --scan", EXIT_USAGE);
}

/*
 * What
 */

static int add_boot(struct recovery *recovery, const struct area_bank *bank)
{
	struct recovered_boot *boot = recovery_add(recovery);
	const struct relay_bank *head = &bank->head;

	if (!boot)
		return -ENOMEM;
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

/* Return: number of the newest that is wanted, or -1. */
static int newest_kept(const struct recovery *recovery)
{
	int newest = -1;

	for (unsigned int i = 0; i < recovery->n_boots; i++) {
		const struct recovered_boot *boot = &recovery->boot[i];

		if (boot->verdict || boot->released)
			continue;
		if (newest < 0 || boot->generation > recovery->boot[newest].generation)
			newest = i;
	}
	return newest;
}

/*
 * The vmcore's log is that of the boot that died last. It may have recorded
 * nothing: a bank that knows its end is not told another one.
 */
static void add_reason(struct recovery *recovery, const struct image *image,
		       const struct area *area)
{
	int newest = newest_kept(recovery);
	char reason[256];

	if (newest < 0 || !image->elf || area->bank[newest].end_known ||
	    !vmcore_reason(image->path, reason, sizeof(reason)))
		return;
	copy_printable(recovery->boot[newest].end, sizeof(recovery->boot[newest].end),
		       reason);
}

/*
 * Recover
 */

/* Several banks have a directory each. */
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

static int take_bank(struct recovery *recovery, const struct image *image,
		     const struct area *area, unsigned int number, bool each)
{
	struct recovered_boot *boot = &recovery->boot[number];
	char dir[4096];
	int err;

	if (recovery->output) {
		err = open_output(recovery, boot, each, dir, sizeof(dir));
		if (err) {
			recovery_stored(recovery, err);
			return 0;
		}
	}
	boot->failed = load_bank(recovery, boot, image, &area->bank[number],
				 recovery->output ? dir : NULL);
	return boot->failed;
}

/* Return: the first error; one that cannot be had keeps no others back. */
static int take_all(struct recovery *recovery, const struct image *image,
		    const struct area *area)
{
	int ret = -ENODATA, err;

	for (unsigned int i = 0; i < recovery->n_boots; i++) {
		if (recovery->boot[i].verdict)
			continue;
		err = take_bank(recovery, image, area, i, true);
		if (!ret || ret == -ENODATA)
			ret = err;
	}
	return ret;
}

static int take_wanted(struct recovery *recovery, const struct image *image,
		       const struct area *area, const struct recover_where *where)
{
	int number = where->bank;

	if (where->all)
		return take_all(recovery, image, area);
	if (number < 0)
		number = newest_kept(recovery);
	if (number < 0 || (unsigned int)number >= recovery->n_boots ||
	    recovery->boot[number].verdict)
		return -ENODATA;
	return take_bank(recovery, image, area, number, false);
}

static int recover_area(struct recovery *recovery, const struct image *image,
			const struct recover_where *where)
{
	struct area area;
	int err = find_area(&area, image, where);

	for (unsigned int i = 0; !err && i < area.n_banks; i++)
		err = add_boot(recovery, &area.bank[i]);
	if (err)
		return err;
	if (area.more)
		fprintf(stderr, "relayctl: more than %u banks; the others are not looked at\n",
			AREA_BANKS);
	add_reason(recovery, image, &area);
	return take_wanted(recovery, image, &area, where);
}

/**
 * recover_image - recover from a file
 * @recovery: told what is found, and what is not stored
 * @path: the file
 * @where: where in it, and which bank
 *
 * Return: 0 or an error; -ENODATA if nothing of it is usable. An exit code if it is
 * said what is wrong.
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
