// SPDX-License-Identifier: GPL-2.0
/*
 * In the crash kernel, find the area of the kernel that crashed: elfcorehdr=
 * points to the core header, the core header to the notes, and the VMCOREINFO
 * note tells where the area is. All of that is untrusted; the caller checks the
 * result like a boot parameter.
 */
#include <linux/crash_dump.h>
#include <linux/elf.h>
#include <linux/slab.h>
#include "../internal.h"

/* Longer segments of notes are skipped: vmcoreinfo is one page, of up to 64 KiB. */
#define NOTES_MAX	SZ_128K

union relay_ehdr {
	struct elf32_hdr	e32;
	struct elf64_hdr	e64;
};

union relay_phdr {
	struct elf32_phdr	p32;
	struct elf64_phdr	p64;
};

static bool __init relay_read_ehdr(union relay_ehdr *ehdr)
{
	u64 pos = elfcorehdr_addr;

	if (elfcorehdr_read((char *)ehdr, sizeof(*ehdr), &pos) != sizeof(*ehdr))
		return false;
	/* Up to e_version the headers of both classes have the same layout. */
	return !memcmp(ehdr->e64.e_ident, ELFMAG, SELFMAG) &&
	       ehdr->e64.e_ident[EI_DATA] == ELF_DATA &&
	       ehdr->e64.e_type == ET_CORE;
}

static bool __init relay_read_notes(u64 pos, u64 size, struct relay_area *found)
{
	void *buf __free(kvfree) = kvmalloc(size, GFP_KERNEL);

	return buf && elfcorehdr_read_notes(buf, size, &pos) == size &&
	       relay_note_find(buf, size, &found->start, &found->size);
}

/**
 * relay_area_from_note() - find the area of the kernel that crashed
 * @found: its start and size are set
 *
 * Context: Task context, in a crash kernel. May sleep.
 * Return: true if the old kernel's note names an area, which the caller must check.
 */
bool __init relay_area_from_note(struct relay_area *found)
{
	union relay_ehdr ehdr;
	union relay_phdr phdr;
	unsigned int left;
	u64 pos, size;
	bool is64;

	if (!is_vmcore_usable() || !relay_read_ehdr(&ehdr))
		return false;
	is64 = ehdr.e64.e_ident[EI_CLASS] == ELFCLASS64;
	left = is64 ? ehdr.e64.e_phnum : ehdr.e32.e_phnum;
	pos = elfcorehdr_addr + (is64 ? ehdr.e64.e_phoff : ehdr.e32.e_phoff);
	size = is64 ? sizeof(phdr.p64) : sizeof(phdr.p32);
	/* Each read moves @pos to the next program header. */
	for (; left && elfcorehdr_read((char *)&phdr, size, &pos) == size; left--) {
		u64 notes = is64 ? phdr.p64.p_memsz : phdr.p32.p_memsz;

		if (phdr.p32.p_type == PT_NOTE && notes && notes <= NOTES_MAX &&
		    relay_read_notes(is64 ? phdr.p64.p_offset : phdr.p32.p_offset, notes, found))
			return true;
	}
	return false;
}
