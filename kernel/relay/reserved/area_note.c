// SPDX-License-Identifier: GPL-2.0
/*
 * Parse the line in the VMCOREINFO note by which a crashed kernel names its area. The
 * note is the old kernel's memory and untrusted: check every length against @len.
 */
#include <linux/align.h>
#include <linux/elf.h>
#include <linux/kstrtox.h>
#include <linux/vmcore_info.h>
#include "../internal.h"

/* Parse "RELAYRES=START:SIZE", both in hex, in the text of a VMCOREINFO note. */
static bool relay_note_line(const char *text, size_t len, u64 *start, u64 *size)
{
	const char *line = strnstr(text, "\n" RELAY_AREA_NOTE, len), *end;
	char range[40], *rest = range;

	if (!line)
		return false;
	line += strlen("\n" RELAY_AREA_NOTE);
	end = memchr(line, '\n', text + len - line);
	if (!end || end - line >= sizeof(range))
		return false;
	memcpy(range, line, end - line);
	range[end - line] = '\0';
	return !kstrtou64(strsep(&rest, ":"), 16, start) && rest &&
	       !kstrtou64(rest, 16, size);
}

/**
 * relay_note_find() - look for the area in a segment of notes
 * @notes: the notes
 * @len: their length
 * @start: where to put the area's address
 * @size: where to put its size
 *
 * The line is never the first of its note, because that has the release of the kernel.
 *
 * Context: Any.
 * Return: true if there is a well-formed line.
 */
bool relay_note_find(const void *notes, size_t len, u64 *start, u64 *size)
{
	while (len >= sizeof(struct elf_note)) {
		const struct elf_note *note = notes;
		/* Both lengths are 32 bits wide, so their sum does not overflow 64 bits. */
		u64 name = ALIGN((u64)note->n_namesz, 4);
		u64 desc = ALIGN((u64)note->n_descsz, 4);

		len -= sizeof(*note);
		if (!name || name + desc > len)
			return false;
		notes += sizeof(*note) + name + desc;
		len -= name + desc;
		if (note->n_namesz == sizeof(VMCOREINFO_NOTE_NAME) &&
		    !memcmp(note + 1, VMCOREINFO_NOTE_NAME, note->n_namesz) &&
		    relay_note_line(notes - desc, note->n_descsz, start, size))
			return true;
	}
	return false;
}
