// SPDX-License-Identifier: GPL-2.0
/*
 * Names of a kernel's functions, from a file as /proc/kallsyms.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "convert-text.h"

/* No function is longer: an address that far from the last symbol before it is none of it. */
#define LONGEST		(1 << 20)

/**
 * struct symbol - a function
 * @address:	where it begins
 * @order:	its place in the file: of several names the kernel says the first
 * @name:	its name
 */
struct symbol {
	unsigned long long	address;
	size_t			order;
	char			*name;
};

/**
 * struct symbols - functions
 * @list:	them, by address
 * @n:		how many
 * @room:	for how many there is memory
 */
struct symbols {
	struct symbol	*list;
	size_t		n;
	size_t		room;
};

static bool add_symbol(struct symbols *symbols, unsigned long long address, const char *name)
{
	if (symbols->n == symbols->room) {
		size_t room = symbols->room ? 2 * symbols->room : 1024;
		struct symbol *list = reallocarray(symbols->list, room, sizeof(*list));

		if (!list)
			return false;
		symbols->list = list;
		symbols->room = room;
	}
	symbols->list[symbols->n] = (struct symbol) { address, symbols->n, strdup(name) };
	return symbols->list[symbols->n++].name;
}

static int compare(const void *a, const void *b)
{
	const struct symbol *one = a, *other = b;

	if (one->address != other->address)
		return one->address > other->address ? 1 : -1;
	return (one->order > other->order) - (one->order < other->order);
}

/*
 * The kernel that traced can lie elsewhere than the one of the file. A module does not move
 * with it, so that nothing is known of its functions then.
 */
static void move(struct symbols *symbols, unsigned long long by)
{
	size_t n = 0;

	for (size_t i = 0; i < symbols->n; i++) {
		struct symbol *symbol = &symbols->list[i];

		if (strchr(symbol->name, '[')) {
			free(symbol->name);
			continue;
		}
		symbol->address += by;
		symbols->list[n++] = *symbol;
	}
	symbols->n = n;
}

/* Return: the address of _stext in the file; 0: it is not there. */
static unsigned long long read_symbols(struct symbols *symbols, FILE *file)
{
	unsigned long long stext = 0, address;
	char name[512], module[64], line[1024], type;

	while (fgets(line, sizeof(line), file)) {
		int got = sscanf(line, "%llx %c %511s %63s", &address, &type, name, module);

		/* Where the addresses are hidden from the user, they are 0. */
		if (got < 3 || !address || !strchr("tTwW", type))
			continue;
		if (!strcmp(name, "_stext"))
			stext = address;
		if (got == 4 && strlen(name) + strlen(module) + 2 < sizeof(name)) {
			strcat(name, " ");
			strcat(name, module);
		}
		if (!add_symbol(symbols, address, name))
			break;
	}
	return stext;
}

/**
 * symbols_load - read the functions of a kernel
 * @path: a file as /proc/kallsyms
 * @stext: where _stext was in the kernel that traced, in hexadecimal; NULL: as in the file
 *
 * Return: functions, to be freed by symbols_free(); none if the file cannot be read, or the
 * user may not see addresses; NULL without memory.
 */
struct symbols *symbols_load(const char *path, const char *stext)
{
	struct symbols *symbols = calloc(1, sizeof(*symbols));
	unsigned long long there = stext ? strtoull(stext, NULL, 16) : 0, here;
	FILE *file = fopen(path, "re");

	if (file && symbols) {
		here = read_symbols(symbols, file);
		if (here && there && here != there)
			move(symbols, there - here);
		qsort(symbols->list, symbols->n, sizeof(*symbols->list), compare);
	}
	if (file)
		fclose(file);
	return symbols;
}

/**
 * symbols_find - say which function an address is in
 * @symbols: functions, or NULL
 * @address: the address; set to where the function begins
 *
 * Return: its name, or NULL.
 */
char *symbols_find(const struct symbols *symbols, unsigned long long *address)
{
	size_t low = 0, high = symbols ? symbols->n : 0;
	const struct symbol *found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->list[middle].address <= *address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	found = &symbols->list[low - 1];
	if (*address - found->address > LONGEST)
		return NULL;
	while (found > symbols->list && found[-1].address == found->address)
		found--;
	*address = found->address;
	return found->name;
}

/**
 * symbols_free - free functions
 * @symbols: them, or NULL
 */
void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	for (size_t i = 0; i < symbols->n; i++)
		free(symbols->list[i].name);
	free(symbols->list);
	free(symbols);
}
