// SPDX-License-Identifier: GPL-2.0
/*
 * Names of a kernel's functions, from a file like /proc/kallsyms.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "convert-text.h"

/* An address farther from the last symbol before it is not in that function. */
#define LONGEST		(1 << 20)

/**
 * struct symbol - a function
 * @address:	its start
 * @order:	its index in the file: of several names of an address, the kernel prints the first
 * @name:	its name
 */
struct symbol {
	unsigned long long	address;
	size_t			order;
	char			*name;
};

/**
 * struct symbols - functions
 * @list:	the functions, by address
 * @n:		number of functions
 * @room:	functions that @list has room for
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
 * Correct the addresses, because KASLR placed the kernel that traced elsewhere. Drop the
 * functions of modules, which do not move with the kernel.
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

/* Return: the address of _stext in the file; 0 if the file does not have it. */
static unsigned long long read_symbols(struct symbols *symbols, FILE *file)
{
	unsigned long long stext = 0, address;
	char name[512], module[64], line[1024], type;

	while (fgets(line, sizeof(line), file)) {
		int got = sscanf(line, "%llx %c %511s %63s", &address, &type, name, module);

		/* An address of 0 is hidden from the user. */
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
 * @path: a file like /proc/kallsyms
 * @stext: address of _stext in the kernel that traced, in hexadecimal; NULL if as in the file
 *
 * Return: functions, for symbols_free(); without any if the file cannot be read, or addresses
 * are hidden from the user; NULL without memory.
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
 * symbols_find - find the function of an address
 * @symbols: functions, or NULL
 * @address: the address; set to the start of the function
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
 * @symbols: the functions, or NULL
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
