// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer: its memory, on the node of its CPU; references to channels; waking readers;
 * mapping pages.
 *
 * Copyright (C) 2002-2005 - Tom Zanussi (zanussi@us.ibm.com), IBM Corp
 * Copyright (C) 1999-2005 - Karim Yaghmour (karim@opersys.com)
 */
#include <kunit/static_stub.h>
#include <linux/mm.h>
#include <linux/sched/isolation.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "internal.h"

/*
 * Fail rather than invoke the out-of-memory killer, because a trace buffer that large is
 * a mistake.
 */
#define RELAY_GFP	(GFP_KERNEL | __GFP_ZERO | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN)

/**
 * relay_pages_alloc - memory for the sub-buffers of one buffer
 * @pages: zeroed; filled in
 * @size: bytes, a multiple of the page size
 * @node: the NUMA node to prefer, or NUMA_NO_NODE
 *
 * Freed by vfree() of @pages->start. A page that user space still maps, or that is in a
 * pipe, is freed when its last reference is dropped.
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM with nothing allocated.
 */
int relay_pages_alloc(struct relay_pages *pages, size_t size, int node)
{
	KUNIT_STATIC_STUB_REDIRECT(relay_pages_alloc, pages, size, node);
	/* Without an MMU vmalloc() has no array of pages. */
	if (!IS_ENABLED(CONFIG_MMU))
		return -ENOMEM;
	pages->start = __vmalloc_node(size, PAGE_SIZE, RELAY_GFP, node,
				      __builtin_return_address(0));
	if (!pages->start)
		return -ENOMEM;
	pages->page = find_vm_area(pages->start)->pages;
	pages->n_pages = size >> PAGE_SHIFT;
	return 0;
}

static int relay_buf_alloc_pages(struct relay_buf *buf, int node)
{
	const struct relay_chan *chan = relay_buf_chan(buf);

	buf->ring.control = kvzalloc_node(relay_ring_control_size(chan->n_subbufs),
					  GFP_KERNEL | __GFP_NOWARN, node);
	if (!buf->ring.control)
		return -ENOMEM;
	/* The meta pages follow the data, so that one mapping can show both. */
	return relay_pages_alloc(&buf->pages, relay_chan_map_size(chan), node);
}

static void relay_buf_free_pages(struct relay_buf *buf)
{
	vfree(buf->pages.start);
	kvfree(buf->ring.control);
}

static void relay_chan_free_private(struct relay_chan *chan)
{
	vfree(chan->private_area);
}

const struct relay_memory relay_page_memory = {
	.alloc	= relay_buf_alloc_pages,
	.free	= relay_buf_free_pages,
	.close	= relay_chan_free_private,
};

/*
 * Life
 */

/**
 * relay_buf_free - free a buffer
 * @buf: the buffer, which no file and no writer uses
 *
 * Context: May sleep.
 */
void relay_buf_free(struct relay_buf *buf)
{
	irq_work_sync(&buf->wakeup_work);
	cancel_work_sync(&buf->wakeup_worker);
	cancel_delayed_work_sync(&buf->reclaim);
	relay_buf_chan(buf)->memory->free(buf);
	kvfree(buf->reader.copy.data);
	kfree(buf);
}

static void relay_destroy_channel(struct kref *kref)
{
	struct relay_chan *chan = container_of(kref, struct relay_chan, kref);
	struct relay_buf *buf, *next;

	list_for_each_entry_safe(buf, next, &chan->bufs, list)
		relay_buf_free(buf);
	chan->memory->close(chan);
	free_percpu(chan->buf);
	kfree(chan);
}

/**
 * relay_chan_put - drop a channel
 * @chan: the channel; frees it with its buffers once no file is open
 *
 * Context: May sleep.
 */
void relay_chan_put(struct relay_chan *chan)
{
	kref_put(&chan->kref, relay_destroy_channel);
}

/*
 * Waking readers
 */

/*
 * CPUs that run the handlers of relay_queue_work(). Looked up once, because a writer
 * must not call a function that the function tracer can trace.
 */
static const struct cpumask *relay_wake_cpus __ro_after_init = cpu_possible_mask;

static int __init relay_wake_init(void)
{
	relay_wake_cpus = housekeeping_cpumask(HK_TYPE_KERNEL_NOISE);
	return 0;
}
early_initcall(relay_wake_init);

/**
 * relay_queue_work - run work in an interrupt, which a writer or trigger must not do
 * @work: the work; on PREEMPT_RT a hard one
 *
 * An isolated CPU queues it on a CPU that is not isolated, because a wake-up would
 * disturb it. An NMI queues it on its own CPU, because it cannot send the interrupt.
 *
 * Does nothing on a CPU that is offline on its way down, because that takes no more
 * interrupts and would keep the work. relay_dead_cpu() does the wake-ups and seals left
 * out here.
 *
 * Context: Any, preemption off.
 */
notrace void relay_queue_work(struct irq_work *work)
{
	unsigned int this = smp_processor_id(), cpu = this;

	if (unlikely(!cpu_online(cpu) && cpu_dying(cpu)))
		return;
	if (unlikely(!cpumask_test_cpu(cpu, relay_wake_cpus)) && !in_nmi())
		cpu = cpumask_any_and(relay_wake_cpus, cpu_online_mask);
	if (likely(cpu == this || cpu >= nr_cpu_ids))
		irq_work_queue(work);
	else
		irq_work_queue_on(work, cpu);
}

/**
 * relay_buf_wake - queue a wake-up of the readers that wait, from a writer
 * @buf: the buffer; one of its sub-buffers was delivered
 *
 * Context: Any, preemption off.
 */
notrace void relay_buf_wake(struct relay_buf *buf)
{
	/*
	 * Guarantee that either the reader that goes to sleep sees the
	 * delivery, or this sees the reader in the queue. Pairs with the
	 * barriers in poll_wait() and prepare_to_wait_event().
	 */
	smp_mb(); /* LMM(relay_buf_wake:A) */
	if (waitqueue_active(&buf->read_wait) ||
	    /* This check, too, is after the barrier. */
	    waitqueue_active(&relay_buf_chan(buf)->read_wait))
		/* Do not wake readers here: the writer may be the scheduler, or an NMI. */
		relay_queue_work(&buf->wakeup_work);
}

/**
 * relay_buf_wake_now - wake the readers that wait
 * @buf: the buffer
 *
 * With a key, because a task that waits for EPOLLPRI alone waits in the same queues; after a
 * relay_trigger() without one.
 *
 * Context: That of wake_up().
 */
void relay_buf_wake_now(struct relay_buf *buf)
{
	int triggers = atomic_read(&relay_buf_chan(buf)->triggers);
	void *key = poll_to_key(EPOLLIN | EPOLLRDNORM);

	if (xchg(&buf->triggers, triggers) != triggers)
		key = NULL;
	__wake_up(&buf->read_wait, TASK_INTERRUPTIBLE, 1, key);
	__wake_up(&relay_buf_chan(buf)->read_wait, TASK_INTERRUPTIBLE, 1, key);
}

/*
 * PREEMPT_RT: the lock of a wait queue sleeps, so a worker takes it. The irq_work is a
 * hard one, because any other needs a thread of its CPU: if that CPU went down first,
 * the work would stay pending, and no CPU could queue it again.
 */
static void relay_wakeup_worker(struct work_struct *work)
{
	relay_buf_wake_now(container_of(work, struct relay_buf, wakeup_worker));
}

static void relay_wakeup(struct irq_work *work)
{
	struct relay_buf *buf = container_of(work, struct relay_buf, wakeup_work);

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		queue_work(system_dfl_wq, &buf->wakeup_worker);
	else
		relay_buf_wake_now(buf);
}

/**
 * relay_buf_alloc - allocate a buffer, without its ring
 * @chan: the channel
 * @cpu: the CPU that writes to it; for a global buffer the first possible one
 * @node: the NUMA node to prefer, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: the buffer, for relay_buf_free(); NULL without memory.
 */
struct relay_buf *relay_buf_alloc(struct relay_chan *chan, unsigned int cpu, int node)
{
	struct relay_buf *buf = kzalloc_node(sizeof(*buf), GFP_KERNEL, node);

	if (!buf)
		return NULL;
	buf->chan = &chan->client;
	buf->cpu = cpu;
	buf->restart = true;
	init_waitqueue_head(&buf->read_wait);
	buf->wakeup_work = IS_ENABLED(CONFIG_PREEMPT_RT) ?
			   IRQ_WORK_INIT_HARD(relay_wakeup) : IRQ_WORK_INIT(relay_wakeup);
	INIT_WORK(&buf->wakeup_worker, relay_wakeup_worker);
	INIT_LIST_HEAD(&buf->list);
	return buf;
}

/**
 * relay_simple_open - open() of a file that shows recorded data
 * @inode: the file's inode
 * @filp: the file; its private_data is set to i_private of @inode
 *
 * Return: 0, or -EPERM where lockdown keeps the kernel's data confidential.
 */
int relay_simple_open(struct inode *inode, struct file *filp)
{
	int err = security_locked_down(LOCKDOWN_TRACEFS);

	return err ? err : simple_open(inode, filp);
}

/**
 * relay_mmap - map pages, shared and read-only
 * @desc: the mapping; its range is untrusted. Loses the flags to become writable or
 *	executable, to grow, to be dumped and to be copied on fork
 * @pages: the pages that it may show
 * @first: index of the first page to show
 *
 * Return: 0; -EINVAL for a private mapping, or one that goes beyond @pages; -EPERM for a
 * writable or executable one.
 */
int relay_mmap(struct vm_area_desc *desc, const struct relay_pages *pages, pgoff_t first)
{
	if (first >= pages->n_pages || vma_desc_pages(desc) > pages->n_pages - first)
		return -EINVAL;
	/* Not VMA_SHARED_BIT, which a shared mapping of a file opened read-only lacks. */
	if (!vma_desc_test(desc, VMA_MAYSHARE_BIT))
		return -EINVAL;
	if (vma_desc_test_any(desc, VMA_WRITE_BIT, VMA_EXEC_BIT))
		return -EPERM;

	vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT);
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT, VMA_DONTCOPY_BIT);
	if (pages->page)
		mmap_action_map_kernel_pages_full(desc, pages->page + first);
	else
		mmap_action_remap_full(desc, pages->pfn + first);
	return 0;
}
