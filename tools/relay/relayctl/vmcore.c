// SPDX-License-Identifier: GPL-2.0
/*
 * A vmcore: its segments, the place of the reserved area, and the panic message in its log.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "image.h"

#define NOTE_NAME	"VMCOREINFO"
#define NOTE_AREA	"RELAYRES="

/* Limits, beyond which notes are ignored and a vmcore is refused. */
#define NOTES_MAX	(16 << 20)
#define SEGMENTS_MAX	65536

/* vmcore-dmesg(8) is killed after so many seconds. */
#define LOG_SECONDS	20
#define LOG_PANIC	"Kernel panic - not syncing: "

/*
 * Segments
 */

static bool segment_good(const struct image *image, const GElf_Phdr *header)
{
	return header->p_offset <= image->size &&
	       header->p_filesz <= image->size - header->p_offset &&
	       header->p_paddr + header->p_filesz >= header->p_paddr;
}

/*
 * makedumpfile leaves out pages of zeroes at the end of a segment, as ELF allows. But a
 * segment whose offset is after the end of the file is missing, not zero.
 */
static void add_zeroes(struct image *image, const GElf_Phdr *header)
{
	if (!header->p_filesz && header->p_offset > image->size)
		return;
	if (header->p_memsz <= header->p_filesz ||
	    header->p_paddr + header->p_memsz < header->p_paddr)
		return;
	image->segment[image->n_segments++] = (struct image_segment) {
		.address	= header->p_paddr + header->p_filesz,
		.size		= header->p_memsz - header->p_filesz,
		.zeroes		= true,
	};
}

/* Add a segment, and of an incomplete vmcore the part that the file has. */
static void add_segment(struct image *image, GElf_Phdr *header)
{
	add_zeroes(image, header);
	if (header->p_offset < image->size &&
	    header->p_filesz > image->size - header->p_offset)
		header->p_filesz = image->size - header->p_offset;
	if (!header->p_filesz || !segment_good(image, header))
		return;
	image->segment[image->n_segments++] = (struct image_segment) {
		.address	= header->p_paddr,
		.offset		= header->p_offset,
		.size		= header->p_filesz,
	};
}

/*
 * Notes
 */

/**
 * vmcore_read_area - find the place of the reserved area in VMCOREINFO
 * @image: its @area and @area_size are set, if they are found
 * @text: VMCOREINFO, with a line "RELAYRES=start:size", hexadecimal
 */
void vmcore_read_area(struct image *image, const char *text)
{
	const char *line = strstr(text, NOTE_AREA);
	unsigned long long start, size;

	if (line && sscanf(line, NOTE_AREA "%llx:%llx", &start, &size) == 2) {
		image->area = start;
		image->area_size = size;
	}
}

static int read_info(struct image *image, const char *info, size_t size)
{
	char *text = strndup(info, size);

	if (!text)
		return -ENOMEM;
	vmcore_read_area(image, text);
	free(text);
	return 0;
}

/* libelf keeps the notes that it has read in memory: @left limits their sum. */
static int read_notes(struct image *image, Elf *elf, const GElf_Phdr *header, size_t *left)
{
	size_t next = 0, name, desc;
	GElf_Nhdr note;
	Elf_Data *data;
	int err = 0;

	if (!header->p_filesz || header->p_filesz > *left || !segment_good(image, header))
		return 0;
	*left -= header->p_filesz;
	data = elf_getdata_rawchunk(elf, header->p_offset, header->p_filesz, ELF_T_NHDR);
	while (data && !err && (next = gelf_getnote(data, next, &note, &name, &desc)) > 0)
		if (note.n_namesz >= sizeof(NOTE_NAME) &&
		    !memcmp((char *)data->d_buf + name, NOTE_NAME, sizeof(NOTE_NAME)))
			err = read_info(image, (char *)data->d_buf + desc, note.n_descsz);
	return err;
}

static int read_headers(struct image *image, Elf *elf, size_t n)
{
	size_t left = NOTES_MAX;
	GElf_Phdr header;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		if (!gelf_getphdr(elf, i, &header))
			return -EBADMSG;
		if (header.p_type == PT_LOAD)
			add_segment(image, &header);
		else if (header.p_type == PT_NOTE)
			err = read_notes(image, elf, &header, &left);
	}
	return err;
}

/* Refuse segments that together are larger than the file: they would be read repeatedly. */
static bool segments_fit(const struct image *image)
{
	uint64_t left = image->size;

	for (size_t i = 0; i < image->n_segments; i++) {
		if (image->segment[i].zeroes)
			continue;
		if (image->segment[i].size > left)
			return false;
		left -= image->segment[i].size;
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct image_segment *one = a, *other = b;

	return one->address < other->address ? -1 : one->address > other->address;
}

/**
 * struct cut - state of cut_segments()
 * @segment:	segments without overlap
 * @n:		number of segments
 * @done:	address after the last of them
 * @zeroes:	highest end of a segment of zeroes so far
 */
struct cut {
	struct image_segment	*segment;
	size_t			n;
	uint64_t		done;
	uint64_t		zeroes;
};

/* Add zeroes before @address that no segment of the file covers. */
static void fill_zeroes(struct cut *cut, uint64_t address)
{
	uint64_t end = cut->zeroes < address ? cut->zeroes : address;

	if (end <= cut->done)
		return;
	cut->segment[cut->n++] = (struct image_segment) {
		.address	= cut->done,
		.size		= end - cut->done,
		.zeroes		= true,
	};
	cut->done = end;
}

static void take_zeroes(struct cut *cut, const struct image_segment *segment)
{
	uint64_t end = segment->address + segment->size;

	if (cut->zeroes <= cut->done && segment->address > cut->done)
		cut->done = segment->address;
	if (end > cut->zeroes)
		cut->zeroes = end;
}

static void take_segment(struct cut *cut, const struct image_segment *segment)
{
	uint64_t twice = cut->done > segment->address ? cut->done - segment->address : 0;

	if (twice >= segment->size)
		return;
	cut->segment[cut->n++] = (struct image_segment) {
		.address	= segment->address + twice,
		.offset		= segment->offset + twice,
		.size		= segment->size - twice,
	};
	cut->done = segment->address + segment->size;
}

/*
 * Remove overlaps. QEMU's dump-guest-memory -p writes a segment for each mapping of the guest,
 * so that several segments have the same memory and the same bytes of the file. /proc/vmcore
 * has the kernel's text twice.
 */
static int cut_segments(struct image *image)
{
	struct cut cut = { 0 };

	/* Each segment can have zeroes before it, and the last one zeroes after it. */
	cut.segment = calloc(2 * image->n_segments + 1, sizeof(*cut.segment));
	if (!cut.segment)
		return -ENOMEM;
	qsort(image->segment, image->n_segments, sizeof(*image->segment), by_address);
	for (size_t i = 0; i < image->n_segments; i++) {
		fill_zeroes(&cut, image->segment[i].address);
		if (image->segment[i].zeroes)
			take_zeroes(&cut, &image->segment[i]);
		else
			take_segment(&cut, &image->segment[i]);
	}
	fill_zeroes(&cut, UINT64_MAX);
	free(image->segment);
	image->segment = cut.segment;
	image->n_segments = cut.n;
	return 0;
}

static int read_elf(struct image *image, Elf *elf)
{
	size_t n;
	int err;

	if (elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &n) || n > SEGMENTS_MAX)
		return -EBADMSG;
	/* Each segment can have a part in the file and zeroes. */
	image->segment = calloc(2 * n + 1, sizeof(*image->segment));
	if (!image->segment)
		return -ENOMEM;
	err = read_headers(image, elf, n);
	if (!err)
		err = cut_segments(image);
	return err ? err : segments_fit(image) ? 0 : -EBADMSG;
}

/**
 * vmcore_open - find the segments and notes of a vmcore
 * @image: filled in; its file is open
 *
 * Return: 0 or an error; -EBADMSG for a damaged vmcore.
 */
int vmcore_open(struct image *image)
{
	int err = -EBADMSG;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(image->fd, ELF_C_READ, NULL);
	if (elf)
		err = read_elf(image, elf);
	elf_end(elf);
	return err;
}

/*
 * Panic message
 */

static FILE *open_log(const char *path, pid_t *child)
{
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC))
		return NULL;
	*child = fork();
	if (!*child) {
		dup2(pipe[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		alarm(LOG_SECONDS);
		execlp("vmcore-dmesg", "vmcore-dmesg", path, NULL);
		execl("/usr/sbin/vmcore-dmesg", "vmcore-dmesg", path, NULL);
		execl("/sbin/vmcore-dmesg", "vmcore-dmesg", path, NULL);
		_exit(127);
	}
	close(pipe[1]);
	if (*child < 0) {
		close(pipe[0]);
		return NULL;
	}
	return fdopen(pipe[0], "r");
}

static bool find_reason(FILE *log, char *reason, size_t size)
{
	char line[1024];
	bool found = false;

	while (fgets(line, sizeof(line), log)) {
		const char *at = strstr(line, LOG_PANIC);

		if (!at || found)
			continue;
		line[strcspn(line, "\n")] = 0;
		snprintf(reason, size, "%s", at);
		found = true;
	}
	return found;
}

/**
 * vmcore_reason - find the panic message in the log of a vmcore
 * @path: the vmcore
 * @reason: filled in
 * @size: size of @reason
 *
 * Return: whether vmcore-dmesg(8) is installed, and the log has a panic message.
 */
bool vmcore_reason(const char *path, char *reason, size_t size)
{
	pid_t child;
	FILE *log = open_log(path, &child);
	bool found;

	if (!log)
		return false;
	found = find_reason(log, reason, size);
	fclose(log);
	waitpid(child, NULL, 0);
	return found;
}
