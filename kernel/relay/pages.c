// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer's memory: single pages near its CPU, mapped to one range.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "internal.h"

/*
 * No retry until the out-of-memory killer helps: a trace buffer that large is
 * a mistake.
 */
#define RELAY_GFP	(GFP_KERNEL | __GFP_ZERO | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN)

static int relay_pages_populate(struct relay_pages *pages, unsigned int n_pages,
				int node)
{
	while (pages->n_pages < n_pages) {
		struct page *page = alloc_pages_node(node, RELAY_GFP, 0);

		if (!page)
			return -ENOMEM;
		pages->page[pages->n_pages++] = page;
	}
	pages->start = vmap(pages->page, n_pages, VM_MAP, PAGE_KERNEL);
	return pages->start ? 0 : -ENOMEM;
}

/**
 * relay_pages_alloc - memory for the sub-buffers of one buffer
 * @pages: zeroed; filled in
 * @size: bytes, a multiple of the page size
 * @node: the NUMA node to prefer, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM with nothing allocated.
 */
int relay_pages_alloc(struct relay_pages *pages, size_t size, int node)
{
	unsigned int n_pages = size >> PAGE_SHIFT;
	int err;

	KUNIT_STATIC_STUB_REDIRECT(relay_pages_alloc, pages, size, node);
	pages->page = kvcalloc(n_pages, sizeof(*pages->page), GFP_KERNEL);
	if (!pages->page)
		return -ENOMEM;
	err = relay_pages_populate(pages, n_pages, node);
	if (err)
		relay_pages_free(pages);
	return err;
}

/**
 * relay_pages_free - free what relay_pages_alloc() gave
 * @pages: the memory
 *
 * Pages that are still mapped by user space, or in a pipe, live on until they
 * are dropped there.
 *
 * Context: May sleep.
 */
void relay_pages_free(struct relay_pages *pages)
{
	/* Pages of the reserved area are not freed. */
	if (!pages->page)
		return;
	vunmap(pages->start);
	while (pages->n_pages)
		__free_page(pages->page[--pages->n_pages]);
	kvfree(pages->page);
	memset(pages, 0, sizeof(*pages));
}
