// SPDX-License-Identifier: GPL-2.0
/*
 * Formats of events: from a directory like events/ of tracefs, or from a file that
 * formats_store() has written.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "convert-text.h"
#include "formats.h"

/* Limits of what is read: of a file with all formats, and of the format of one event. */
#define MOST_FORMATS	(64 << 20)
#define MOST_FORMAT	(1 << 20)

/**
 * struct formats - formats
 * @dir:	the directory; -1 if it is a file
 * @systems:	the entries of @dir
 * @n:		number of @systems
 * @text:	contents of the file
 * @strings:	contents of printk_formats: strings at addresses that some events have; or ""
 * @own:	memory of @strings, if they are not in @text
 */
struct formats {
	int		dir;
	struct dirent	**systems;
	int		n;
	char		*text;
	const char	*strings;
	char		*own;
};

/* Return: the contents of a file, which the caller frees; or NULL. */
static char *read_text(int at, const char *path, size_t most)
{
	int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	size_t size = 0, room = 1 << 16;
	char *text = NULL, *more;
	ssize_t got = 1;

	if (fd < 0)
		return NULL;
	while (got > 0 && size < most) {
		more = realloc(text, room + 1);
		if (!more)
			break;
		text = more;
		got = read(fd, text + size, room - size);
		size += got > 0 ? got : 0;
		room += size == room ? room : 0;
	}
	close(fd);
	if (text)
		text[size] = 0;
	return text;
}

/* Split the contents of the file into formats and strings. */
static void split(struct formats *formats)
{
	char *at = formats->text;

	while (at && strncmp(at, FORMATS_STRINGS, strlen(FORMATS_STRINGS))) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return;
	*at = 0;
	formats->strings = at + strlen(FORMATS_STRINGS);
}

static int is_system(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/**
 * formats_open - open a directory of formats, or read a file of formats
 * @path: the directory or file
 *
 * Return: formats, without any if @path does not exist; NULL without memory.
 */
struct formats *formats_open(const char *path)
{
	struct formats *formats = calloc(1, sizeof(*formats));

	if (!formats)
		return NULL;
	formats->strings = "";
	formats->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (formats->dir < 0) {
		formats->text = read_text(AT_FDCWD, path, MOST_FORMATS);
		split(formats);
		return formats;
	}
	formats->n = scandirat(formats->dir, ".", &formats->systems, is_system, alphasort);
	formats->own = read_text(formats->dir, "../printk_formats", MOST_FORMAT);
	if (formats->own)
		formats->strings = formats->own;
	return formats;
}

/* Return: the first format that begins at or after @at; or NULL. */
static char *find_begin(char *at)
{
	while (at && strncmp(at, FORMAT_BEGIN, strlen(FORMAT_BEGIN))) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at;
}

static char *next_in_file(const struct formats *formats, const char *name, unsigned int turn)
{
	char *at = find_begin(formats->text), *end;
	size_t length = strlen(name);

	for (; at; at = end) {
		end = find_begin(at + 1);
		at += strlen(FORMAT_BEGIN);
		if (strncmp(at, name, length) || at[length] != '\n' || turn--)
			continue;
		at -= strlen(FORMAT_BEGIN);
		return end ? strndup(at, end - at) : strdup(at);
	}
	return NULL;
}

static char *next_in_dir(const struct formats *formats, const char *name, unsigned int turn)
{
	char path[1024], *text;

	for (int i = 0; i < formats->n; i++) {
		int length = snprintf(path, sizeof(path), "%s/%s/format",
				      formats->systems[i]->d_name, name);

		if (length >= (int)sizeof(path))
			continue;
		text = read_text(formats->dir, path, MOST_FORMAT);
		if (text && !turn--)
			return text;
		free(text);
	}
	return NULL;
}

/**
 * formats_next - find a format of an event
 * @formats: the formats
 * @name: name of the event
 * @turn: index among the systems that have an event of that name
 *
 * Return: the format, which the caller frees; NULL if there are not so many.
 */
char *formats_next(const struct formats *formats, const char *name, unsigned int turn)
{
	if (formats->dir < 0)
		return next_in_file(formats, name, turn);
	return strchr(name, '/') || name[0] == '.' ? NULL : next_in_dir(formats, name, turn);
}

/**
 * formats_strings - strings at addresses of the kernel that some events have
 * @formats: the formats
 *
 * Return: a text in the form of printk_formats of tracefs; "" if there is none.
 */
const char *formats_strings(const struct formats *formats)
{
	return formats->strings;
}

/**
 * formats_close - free formats
 * @formats: the formats
 */
void formats_close(struct formats *formats)
{
	for (int i = 0; i < formats->n; i++)
		free(formats->systems[i]);
	free(formats->systems);
	free(formats->text);
	free(formats->own);
	if (formats->dir >= 0)
		close(formats->dir);
	free(formats);
}
