// SPDX-License-Identifier: GPL-2.0
/*
 * Recovers banks of the running kernel, whose state is in the file "status".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "recover-image.h"

/**
 * read_status - read the states of the running kernel's banks
 * @reserved: the directory
 * @bank: filled in
 *
 * Return: the number of banks, or an error.
 */
int read_status(const char *reserved, struct live_bank bank[LIVE_BANKS])
{
	char path[4096], line[2048];
	FILE *file;
	int n = 0;

	snprintf(path, sizeof(path), "%s/status", reserved);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (n < LIVE_BANKS && fgets(line, sizeof(line), file))
		if (sscanf(line, "bank=%u state=%15s", &bank[n].number, bank[n].state) == 2)
			n++;
	fclose(file);
	return n;
}

/**
 * live_is_kept - does a bank hold the unreleased recording of an earlier boot?
 * @bank: the bank
 *
 * Return: whether it does; also for an unreadable bank.
 */
bool live_is_kept(const struct live_bank *bank)
{
	return !strcmp(bank->state, "ended") || !strcmp(bank->state, "unreadable");
}

static bool is_wanted(const struct live_bank *bank, const struct recover_where *where)
{
	if (where->bank >= 0)
		return bank->number == (unsigned int)where->bank;
	if (where->all)
		return strcmp(bank->state, "empty");
	return live_is_kept(bank);
}

static int take_live(struct recovery *recovery, const char *reserved, unsigned int number,
		     bool each)
{
	struct recover_where where = { .bank = 0, .number = number, .each = each };
	char path[4096];

	snprintf(path, sizeof(path), "%s/bank%u", reserved, number);
	return recover_image(recovery, path, &where);
}

/**
 * recover_live - recover banks of the running kernel
 * @recovery: filled in
 * @reserved: the directory
 * @where: which banks; by default those for which live_is_kept()
 *
 * Return: 0 or an error; -ENOENT if the kernel has no reserved area, -ENODATA if
 * none of the banks is usable.
 */
int recover_live(struct recovery *recovery, const char *reserved,
		 const struct recover_where *where)
{
	struct live_bank bank[LIVE_BANKS];
	int n = read_status(reserved, bank), wanted = 0, ret = -ENODATA, err;

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		wanted += is_wanted(&bank[i], where);
	for (int i = 0; i < n; i++) {
		if (!is_wanted(&bank[i], where))
			continue;
		err = take_live(recovery, reserved, bank[i].number, where->all || wanted > 1);
		/* -ENODATA only if no bank is usable. */
		if (ret == -ENODATA || (!ret && err != -ENODATA))
			ret = err;
	}
	return ret;
}

/**
 * live_release - release a bank, so that the kernel may record over it
 * @reserved: the directory
 * @number: number of the bank
 *
 * Return: 0 or an error; -EROFS in a crash kernel.
 */
int live_release(const char *reserved, unsigned int number)
{
	char path[4096], text[16];
	int fd, err;

	snprintf(path, sizeof(path), "%s/release", reserved);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%u\n", number);
	err = write_all(fd, text, strlen(text));
	close(fd);
	return err;
}

/**
 * release_live - release the recovered banks that are not damaged
 * @recovery: the recovery
 * @reserved: the directory
 *
 * Return: an exit code, after a message for each bank.
 */
int release_live(const struct recovery *recovery, const char *reserved)
{
	for (unsigned int i = 0; i < recovery->n_boots; i++) {
		const struct recovered_boot *boot = &recovery->boot[i];
		bool whole = boot->recovered && !recovery_damaged(boot);
		int err = whole ? live_release(reserved, boot->number) : 0;

		if (err)
			return complain(reserved, err);
		say("relayctl: bank %u is %s", boot->number,
		    whole ? "released" : "damaged: archive it, it is not released");
	}
	return EXIT_OK;
}
