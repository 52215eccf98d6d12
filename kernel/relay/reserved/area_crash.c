// SPDX-License-Identifier: GPL-2.0
/*
 * Find the area of the kernel that crashed, in the crash kernel: elfcorehdr=
 * points to the core header, the core header to the notes, and the VMCOREINFO
 * note tells where the area is. None of it is trusted further than it can be
 * checked, and what it gives the caller checks like a boot parameter.
 */
#define pr_fmt(fmt) "relayres: " fmt

#include <linux/cleanup.h>
#include <linux/crash_dump.h>
#include <linux/elf.h>
#include <linux/init.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include "../internal.h"

/* No note is longer: vmcoreinfo is a page, of up to 64 KiB. */
#define NOTES_MAX	SZ_128K

union relay_ehdr {
	struct elf32_hdr	e32;
	struct elf64_hdr	e64;
};

union relay_phdr {
	struct elf32_phdr	p32;
	struct elf64_phdr	p64;
};

struct relay_notes {
	u64	offset;
	u64	size;
};

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
	size_t size = is64 ? sizeof(struct elf64_phdr) :
			     sizeof(struct elf32_phdr);
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
	void *buf __free(kvfree) = kvmalloc(notes->size, GFP_KERNEL);
	u64 pos = notes->offset;

	return buf &&
	       elfcorehdr_read_notes(buf, notes->size, &pos) == notes->size &&
	       relay_note_find(buf, notes->size, start, size);
}

/**
 * relay_area_from_note() - find the area of the kernel that crashed
 * @found: where to put its place
 *
 * Context: Task context, in a crash kernel. May sleep.
 * Return: true if the old kernel tells of an area. Whether it can be one is for the
 * caller to check.
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
		return true;
	}
	return false;
}
