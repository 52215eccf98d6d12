// SPDX-License-Identifier: GPL-2.0
/*
 * Recovers what the kernel that runs offers of an earlier boot: its channels are
 * read as any other, and stay as they are.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "entry.h"
#include "recovery.h"

/*
 * What is known of the crash: lines of a name, a colon and a value
 */

/* Seconds, with a fraction, in nanoseconds. */
static uint64_t parse_time(const char *value)
{
	unsigned long long seconds = 0, rest = 0;

	if (sscanf(value, "%llu.%9llu", &seconds, &rest) != 2)
		return 0;
	return seconds * 1000000000 + rest;
}

static void set_fact(struct recovered_boot *boot, const char *name, const char *value)
{
	if (!strcmp(name, "generation"))
		boot->generation = strtoull(value, NULL, 10);
	else if (!strcmp(name, "cpus"))
		boot->n_cpus = strtoul(value, NULL, 10);
	else if (!strcmp(name, "boot_time"))
		boot->boot_time = parse_time(value);
	else if (!strcmp(name, "end_time"))
		boot->end_time = parse_time(value);
	else if (!strcmp(name, "release"))
		copy_printable(boot->release, sizeof(boot->release), value);
	else if (!strcmp(name, "version"))
		copy_printable(boot->version, sizeof(boot->version), value);
	else if (!strcmp(name, "machine"))
		copy_printable(boot->machine, sizeof(boot->machine), value);
	else if (!strcmp(name, "end") && strcmp(value, "unknown"))
		copy_printable(boot->end, sizeof(boot->end), value);
}

static int read_crash(struct recovered_boot *boot, const char *previous)
{
	char path[4096], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/crash", previous);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		char *value = strstr(line, ": ");

		line[strcspn(line, "\n")] = 0;
		if (!value)
			continue;
		*value = 0;
		set_fact(boot, line, value + 2);
	}
	fclose(file);
	return 0;
}

/*
 * A channel
 */

struct salvage {
	struct recovery			*recovery;
	struct recovered_channel	*channel;
	struct relay_reader		*reader;
	struct part			*part;
	char				path[4096];
};

static int add_buffers(struct salvage *salvage)
{
	struct recovered_buffer *buffer;
	struct relay_counts counts;
	int cpu, err;

	for (unsigned int i = 0; (cpu = relay_cpu(salvage->reader, i)) >= 0; i++) {
		err = relay_counts(salvage->reader, cpu, &counts);
		if (err)
			return err;
		buffer = recovery_add_buffer(salvage->channel, cpu);
		if (!buffer)
			return -ENOMEM;
		buffer->committed = counts.committed;
		buffer->overwritten = counts.overwritten;
		buffer->erased = counts.erased;
		buffer->discarded = counts.discarded;
		buffer->lost = counts.lost_full + counts.lost_nested +
			       counts.lost_too_big + counts.lost_disabled;
	}
	return 0;
}

/* Return: the buffer of a CPU, or NULL. */
static struct recovered_buffer *find_buffer(const struct recovered_channel *channel,
					    unsigned int cpu)
{
	for (unsigned int i = 0; i < channel->n_buffers; i++)
		if (channel->buffer[i].cpu == cpu)
			return &channel->buffer[i];
	return NULL;
}

static void count_subbuf(struct recovered_channel *channel,
			 const struct relay_subbuf *subbuf)
{
	struct recovered_buffer *buffer = find_buffer(channel, subbuf->cpu);

	if (!buffer)
		return;
	buffer->subbufs++;
	buffer->records += subbuf->records;
	buffer->bytes += subbuf->used;
}

static int read_subbufs(struct salvage *salvage)
{
	struct relay_subbuf subbuf;
	struct mover mover;
	int got, err;

	mover_init(&mover, salvage->reader);
	while ((got = relay_next(salvage->reader, &subbuf)) > 0) {
		count_subbuf(salvage->channel, &subbuf);
		if (salvage->part) {
			err = part_put(salvage->part, &mover, &subbuf);
			recovery_stored_subbuf(salvage->recovery, subbuf.records, err);
			continue;
		}
		err = relay_release(salvage->reader, &subbuf);
		recovery_stored(salvage->recovery, err);
	}
	mover_close(&mover);
	return got;
}

static void store_end(struct salvage *salvage)
{
	struct relay_subbuf last = { 0 };
	struct relay_counts counts;
	int err, cpu;

	for (unsigned int i = 0; (cpu = relay_cpu(salvage->reader, i)) >= 0; i++) {
		err = relay_counts(salvage->reader, cpu, &counts);
		last.cpu = cpu;
		last.lost = counts.lost_since;
		if (!err && last.lost)
			err = part_end_cpu(salvage->part, &last);
		recovery_stored(salvage->recovery, err);
	}
}

/*
 * What the kernel says of the sub-buffers: a line for each CPU, and one for each
 * sub-buffer that is damaged
 */

static void set_account(const struct recovered_channel *channel, const char *line)
{
	unsigned long long sealed, open, consumed, taken;
	struct recovered_buffer *buffer;
	unsigned int cpu;

	if (sscanf(line, "%u %*u %llu %llu %llu %llu", &cpu, &sealed, &open, &consumed,
		   &taken) != 5)
		return;
	buffer = find_buffer(channel, cpu);
	if (!buffer)
		return;
	buffer->sealed = sealed;
	buffer->open = open;
	buffer->consumed = consumed;
	buffer->taken = taken;
}

/* A cause that is not known here is still one. */
static enum relay_verdict find_verdict(const char *text)
{
	enum relay_verdict verdict = RELAY_VERDICTS - 1;

	while (verdict > RELAY_FOUND && strcmp(text, relay_verdict_text(verdict)))
		verdict--;
	return verdict > RELAY_FOUND ? verdict : RELAY_BAD_STATE;
}

static int add_damage(const struct recovered_channel *channel, const char *line)
{
	struct recovered_buffer *buffer;
	unsigned int cpu, index;
	int text = 0;

	if (sscanf(line, "cpu %u sub-buffer %u: %n", &cpu, &index, &text) != 2 || !text)
		return 0;
	buffer = find_buffer(channel, cpu);
	return buffer ? recovery_add_bad(buffer, index, find_verdict(line + text)) : 0;
}

static int read_account(const struct salvage *salvage)
{
	char path[4200], line[512];
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), "%s/recovered", salvage->path);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!err && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		set_account(salvage->channel, line);
		err = add_damage(salvage->channel, line);
	}
	fclose(file);
	return err;
}

/*
 * Its private area
 */

/* Copies as it reads: it can be any size. */
static int copy_private(struct salvage *salvage, int from, int to)
{
	char piece[16384];
	ssize_t got;
	int err = 0;

	while (!err && (got = read(from, piece, sizeof(piece))) > 0) {
		salvage->channel->private_size += got;
		if (to >= 0)
			err = write_all(to, piece, got);
	}
	return err ? err : got < 0 ? -errno : 0;
}

static int read_private(struct salvage *salvage, const char *dir)
{
	char path[4200], channel[4200];
	int from, to = -1, err;

	snprintf(path, sizeof(path), "%s/private", salvage->path);
	from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return errno == ENOENT ? 0 : -errno;
	if (dir) {
		snprintf(channel, sizeof(channel), "%s/%s", dir, salvage->channel->name);
		to = store_create_file(channel, "private");
	}
	err = dir && to < 0 ? to : copy_private(salvage, from, to);
	if (to >= 0)
		err = store_close_file(channel, to, err);
	close(from);
	return err;
}

/*
 * All of it
 */

static int read_channel(struct salvage *salvage, const char *dir)
{
	struct part part;
	int err = dir ? store_open(&part, dir, salvage->channel) : 0;

	if (err) {
		recovery_stored(salvage->recovery, err);
		return 0;
	}
	salvage->part = dir ? &part : NULL;
	err = add_buffers(salvage);
	if (!err)
		err = read_account(salvage);
	if (!err)
		err = read_subbufs(salvage);
	if (dir) {
		store_end(salvage);
		store_close(salvage->recovery, &part);
	}
	if (!err)
		recovery_stored(salvage->recovery, read_private(salvage, dir));
	return err;
}

static int recover_channel(struct salvage *salvage, struct recovered_boot *boot,
			   const char *name, const char *dir)
{
	int err = relay_open(&salvage->reader, salvage->path, RELAY_NONBLOCK);

	/* What is no channel has no file that says so. */
	if (err == -ENOENT || err == -ENOTDIR)
		return 0;
	if (err)
		return err;
	salvage->channel = recovery_add_channel(boot, name, boot->n_channels);
	if (salvage->channel) {
		relay_geometry(salvage->reader, &salvage->channel->geometry);
		err = read_channel(salvage, dir);
	} else {
		err = -ENOMEM;
	}
	relay_close(salvage->reader);
	return err;
}

static int is_dir(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && relay_entry_below(entry);
}

static int recover_channels(struct recovery *recovery, struct recovered_boot *boot,
			    const char *previous)
{
	struct salvage salvage = { .recovery = recovery };
	struct dirent **entries;
	int n = scandir(previous, &entries, is_dir, alphasort);
	int err = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		/* A name alone would be one below where relayfs is mounted. */
		snprintf(salvage.path, sizeof(salvage.path), "%s%s/%s",
			 *previous == '/' ? "" : "./", previous, entries[i]->d_name);
		if (!err)
			err = recover_channel(&salvage, boot, entries[i]->d_name,
					      recovery->output);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return err;
}

/**
 * recover_live - recover what is offered by the kernel that runs
 * @recovery: told what is found, and what is not stored
 * @previous: the directory
 *
 * Return: 0 or an error; -ENOENT if nothing is offered.
 */
int recover_live(struct recovery *recovery, const char *previous)
{
	struct recovered_boot *boot = recovery_add(recovery);
	int err;

	if (!boot)
		return -ENOMEM;
	boot->live = true;
	err = read_crash(boot, previous);
	if (err)
		return err;
	boot->recovered = true;
	if (recovery->output) {
		err = make_dir(recovery->output);
		if (!err)
			err = store_crash(recovery->output, boot);
		if (err) {
			recovery_stored(recovery, err);
			return 0;
		}
	}
	boot->failed = recover_channels(recovery, boot, previous);
	return boot->failed;
}
