// SPDX-License-Identifier: GPL-2.0
/*
 * What a crashed kernel says of its area: a line in its VMCOREINFO note. That is the
 * old kernel's memory, and untrusted: every length is checked against what was read.
 */
#include <linux/align.h>
#include <linux/elf.h>
#include <linux/kstrtox.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>
#include "../internal.h"

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
