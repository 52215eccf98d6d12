// SPDX-License-Identifier: GPL-2.0
/*
 * What a crashed kernel says of its area: a line in its VMCOREINFO note, which
 * the core header that elfcorehdr= points to leads to. All this is the old
 * kernel's memory, and may be damaged: every length is checked against what
 * was read, and what it gives is checked like a boot parameter.
 */
#define pr_fmt(fmt) "relayres: " fmt

#include <linux/align.h>
#include <linux/crash_dump.h>
#include <linux/elf.h>
#include <linux/init.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/vmcore_info.h>
#include "internal.h"

/* No note is longer: vmcoreinfo is a page, of up to 64 KiB. */
#define NOTES_MAX	SZ_128K

union relay_ehdr {
	Elf32_Ehdr	e32;
	Elf64_Ehdr	e64;
};

union relay_phdr {
	Elf32_Phdr	p32;
	Elf64_Phdr	p64;
};

struct relay_notes {
	u64	offset;
	u64	size;
};

/* Parse "START:SIZE", both in hex, up to the end of the line. */
static bool relay_note_range(const char *line, const char *end, u64 *start,
			     u64 *size)
{
	char text[40];
	size_t len = end - line;
	char *p;

	if (len >= sizeof(text))
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	p = strchr(text, ':');
	if (!p)
		return false;
	*p = '\0';
	return !kstrtou64(text, 16, start) && !kstrtou64(p + 1, 16, size);
}

/* Look for the line in the text of one VMCOREINFO note. */
static bool relay_note_lines(const char *text, size_t len, u64 *start, u64 *size)
{
	const size_t key = strlen(RELAY_AREA_NOTE);
	const char *stop = text + len, *end;

	for (; text < stop; text = end + 1) {
		end = memchr(text, '\n', stop - text);
		if (!end)
			return false;
		if (end - text > key && !memcmp(text, RELAY_AREA_NOTE, key))
			return relay_note_range(text + key, end, start, size);
	}
	return false;
}

/**
 * relay_note_find() - look for the area in a segment of notes
 * @notes: the notes
 * @len: their length
 * @start: where to put the area's address
 * @size: where to put its size
 *
 * Context: Any.
 * Return: true if there is a well-formed line.
 */
bool relay_note_find(const void *notes, size_t len, u64 *start, u64 *size)
{
	const struct elf_note *note;
	size_t name, desc, at = 0;

	/* Both lengths are 32 bits wide: three of them do not wrap 64. */
	while (len - at >= sizeof(*note)) {
		u64 left = len - at - sizeof(*note);

		note = notes + at;
		if (!note->n_namesz)
			return false;
		name = ALIGN(note->n_namesz, 4);
		desc = ALIGN(note->n_descsz, 4);
		if (note->n_namesz > left || note->n_descsz > left ||
		    (u64)name + desc > left)
			return false;
		if (note->n_namesz == sizeof(VMCOREINFO_NOTE_NAME) &&
		    !memcmp(note + 1, VMCOREINFO_NOTE_NAME, note->n_namesz) &&
		    relay_note_lines((void *)(note + 1) + name, note->n_descsz,
				     start, size))
			return true;
		at += sizeof(*note) + name + desc;
	}
	return false;
}

static bool __init relay_read_ehdr(union relay_ehdr *ehdr)
{
	u64 pos = elfcorehdr_addr;

	if (elfcorehdr_read((char *)ehdr, sizeof(*ehdr), &pos) != sizeof(*ehdr))
		return false;
	/* Up to e_version both classes are the same. */
	return !memcmp(ehdr->e64.e_ident, ELFMAG, SELFMAG) &&
	       ehdr->e64.e_ident[EI_DATA] == ELF_DATA &&
	       ehdr->e64.e_type == ET_CORE;
}

/* Segment @i: false if it cannot be read or is none of notes. */
static bool __init relay_read_phdr(const union relay_ehdr *ehdr, unsigned int i,
				   struct relay_notes *notes)
{
	bool is64 = ehdr->e64.e_ident[EI_CLASS] == ELFCLASS64;
	u64 off = is64 ? ehdr->e64.e_phoff : ehdr->e32.e_phoff;
	size_t size = is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	union relay_phdr phdr;
	u64 pos;

	if (check_add_overflow(elfcorehdr_addr, off, &pos) ||
	    check_add_overflow(pos, (u64)i * size, &pos) ||
	    elfcorehdr_read((char *)&phdr, size, &pos) != size)
		return false;
	notes->offset = is64 ? phdr.p64.p_offset : phdr.p32.p_offset;
	notes->size = is64 ? phdr.p64.p_memsz : phdr.p32.p_memsz;
	return phdr.p32.p_type == PT_NOTE && notes->size &&
	       notes->size <= NOTES_MAX;
}

static bool __init relay_read_notes(const struct relay_notes *notes, u64 *start,
				    u64 *size)
{
	void *buf = kvmalloc(notes->size, GFP_KERNEL);
	u64 pos = notes->offset;
	bool found;

	if (!buf)
		return false;
	found = elfcorehdr_read_notes(buf, notes->size, &pos) == notes->size &&
		relay_note_find(buf, notes->size, start, size);
	kvfree(buf);
	return found;
}

/**
 * relay_area_from_note() - find the area of the kernel that crashed
 * @found: where to put its place
 *
 * Context: Task context, in a crash kernel. May sleep.
 * Return: true if the old kernel tells of an area, and it can be one.
 */
bool __init relay_area_from_note(struct relay_area *found)
{
	union relay_ehdr ehdr;
	struct relay_notes notes;
	unsigned int i, n;
	u64 start, size;

	if (!is_vmcore_usable() || !relay_read_ehdr(&ehdr))
		return false;
	n = ehdr.e64.e_ident[EI_CLASS] == ELFCLASS64 ? ehdr.e64.e_phnum :
						       ehdr.e32.e_phnum;
	for (i = 0; i < n; i++) {
		if (!relay_read_phdr(&ehdr, i, &notes) ||
		    !relay_read_notes(&notes, &start, &size))
			continue;
		found->start = start;
		found->size = size;
		/* The old kernel's pages may have been smaller. */
		return relay_area_sane(start, size, SZ_4K);
	}
	return false;
}
