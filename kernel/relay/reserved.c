// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer's memory: the boot-reserved area.
 *
 * The area is two banks. One keeps what an earlier boot left, until that is
 * released; this boot records in the other one. <uapi/linux/relay.h> has the
 * format.
 *
 * What a bank says is true at every instruction: a thing is written before what
 * points to it, and taken back after. No notifier has to run.
 */
#include <linux/align.h>
#include <linux/cleanup.h>
#include <linux/init.h>
#include <linux/libnvdimm.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pfn.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include "internal.h"
#include "layout.h"
#include "reserved.h"

#define RELAY_BANKS		2
#define RELAY_BANK_CHANNELS	16

static_assert(sizeof(struct relay_bank) == 408);
static_assert(sizeof(struct relay_bank_channel) == 168);
static_assert(sizeof(struct relay_bank_seal) == 16);

/**
 * struct relay_place - where a channel is in the bank
 * @entry:	its entry in the bank's table
 * @head:	what the entry says, in memory that nobody else knows
 * @end:	offset behind the last byte of it; 0 while nobody has it
 * @open:	there is a channel; else only what one left
 * @closed:	when it was closed: a count of such
 */
struct relay_place {
	struct relay_bank_channel	*entry;
	struct relay_bank_channel	head;
	u64				end;
	bool				open;
	u64				closed;
};

/**
 * struct relay_recording - what this boot records
 * @lock:	all that follows
 * @which:	the bank to use, found at boot
 * @generation:	of this boot
 * @bank:	the bank; NULL before the first channel is opened. It and @size do
 *		not change any more then, and are read without the lock, too
 * @size:	its bytes
 * @n_closed:	channels that were closed
 * @place:	places in it
 */
struct relay_recording {
	struct mutex		lock;	/* all that follows */
	unsigned int		which;
	u64			generation;
	struct relay_bank	*bank;
	u64			size;
	u64			n_closed;
	struct relay_place	place[RELAY_BANK_CHANNELS];
};

static struct relay_recording relay_recording = {
	.lock = __MUTEX_INITIALIZER(relay_recording.lock),
};

/* The one that an earlier boot left; its @mem is NULL when there is none. */
static struct relay_found_bank relay_kept;

static u64 relay_bank_size(const struct relay_area *area)
{
	/* Not of pages: the kernel that finds it may have others. */
	return round_down(area->size / RELAY_BANKS, RELAY_BANK_UNIT);
}

static void *relay_bank_mem(const struct relay_area *area, unsigned int which)
{
	return area->base + which * relay_bank_size(area);
}

/*
 * What earlier boots left
 */

static bool __init relay_bank_holds(const struct relay_found_bank *bank)
{
	struct relay_found_channel chan;
	unsigned int slot;

	if (bank->head.state == RELAY_BANK_RELEASED)
		return false;
	for (slot = 0; slot < bank->head.n_channels; slot++)
		if (relay_find_channel(bank, slot, &chan) != RELAY_EMPTY)
			return true;
	return false;
}

/*
 * The oldest that nobody has released: of a machine that crashes again and again
 * the first time says most. In a crash kernel it is the newest: why that is here.
 */
static bool __init relay_bank_preferred(const struct relay_area *area,
					const struct relay_found_bank *bank)
{
	bool older;

	if (!relay_bank_holds(bank))
		return false;
	older = bank->head.generation < relay_kept.head.generation;
	return !relay_kept.mem || older != area->frozen;
}

static void __init relay_look_at_bank(const struct relay_area *area,
				      unsigned int which)
{
	static struct relay_found_bank bank __initdata;
	enum relay_verdict verdict;

	verdict = relay_find_bank(relay_bank_mem(area, which),
				  relay_bank_size(area), &bank);
	if (verdict != RELAY_FOUND) {
		if (verdict != RELAY_NO_BANK)
			pr_warn("relay: what lies in bank %u of the reserved area is of no use: %s\n",
				which, relay_verdict_text(verdict));
		return;
	}
	relay_recording.generation = max(relay_recording.generation,
					 bank.head.generation);
	if (!relay_bank_preferred(area, &bank))
		return;
	relay_kept = bank;
	relay_recording.which = !which;
}

static int __init relay_reserved_init(void)
{
	const struct relay_area *area = relay_area();
	unsigned int which;

	if (!area)
		return 0;
	for (which = 0; which < RELAY_BANKS; which++)
		relay_look_at_bank(area, which);
	relay_recording.generation++;
	return 0;
}
subsys_initcall(relay_reserved_init);

/**
 * relay_reserved_kept - what an earlier boot left
 *
 * Context: After subsys_initcall.
 * Return: the bank, or NULL.
 */
const struct relay_found_bank *relay_reserved_kept(void)
{
	return relay_kept.mem ? &relay_kept : NULL;
}

/**
 * relay_reserved_release - what an earlier boot left is not wanted any more
 *
 * Its memory stays as it is in this boot: some of it may be mapped.
 *
 * Return: 0, or -EROFS in a crash kernel.
 */
int relay_reserved_release(void)
{
	struct relay_bank *bank = (struct relay_bank *)relay_kept.mem;

	if (relay_area()->frozen)
		return -EROFS;
	WRITE_ONCE(bank->state, RELAY_BANK_RELEASED);
	/* Forgotten by a warm reset, it would be kept in place of a newer one. */
	arch_wb_cache_pmem(&bank->state, sizeof(bank->state));
	return 0;
}

/*
 * This boot's bank
 */

static void relay_bank_describe(struct relay_bank *bank, u64 size)
{
	const struct new_utsname *name = init_utsname();

	bank->byte_order = RELAY_BANK_BYTE_ORDER;
	bank->format = RELAY_BANK_FORMAT;
	bank->size = size;
	bank->generation = relay_recording.generation;
	bank->boot_time = ktime_get_real_ns();
	bank->page_size = PAGE_SIZE;
	bank->n_cpus = nr_cpu_ids;
	bank->channels = sizeof(*bank);
	bank->n_channels = RELAY_BANK_CHANNELS;
	bank->layout = relay_ring_layout;
	strscpy(bank->machine, name->machine);
	strscpy(bank->release, name->release);
	strscpy(bank->version, name->version);
	bank->state = RELAY_BANK_RECORDED;
}

static void relay_bank_start(const struct relay_area *area)
{
	struct relay_bank *bank = relay_bank_mem(area, relay_recording.which);
	struct relay_bank_channel *entry = (void *)(bank + 1);
	struct relay_bank head = {};
	unsigned int i;

	/* While the magic is gone there is no bank. */
	memset(bank, 0, sizeof(bank->magic));
	smp_wmb(); /* The next kernel sees it in this order. */
	relay_bank_describe(&head, relay_bank_size(area));
	memcpy(head.magic, RELAY_BANK_MAGIC, sizeof(head.magic));
	head.crc = relay_crc(0, &head, offsetof(struct relay_bank, crc));
	memset(entry, 0, RELAY_BANK_CHANNELS * sizeof(*entry));
	memcpy((void *)bank + sizeof(head.magic), (void *)&head + sizeof(head.magic),
	       sizeof(head) - sizeof(head.magic));
	smp_wmb(); /* The same. */
	memcpy(bank->magic, head.magic, sizeof(head.magic));

	for (i = 0; i < RELAY_BANK_CHANNELS; i++)
		relay_recording.place[i].entry = &entry[i];
	relay_recording.size = head.size;
	/*
	 * Guarantee that who says how this boot ends, whenever that is, finds
	 * the bank whole. Pairs with the acquires in relay_reserved_end() and
	 * relay_reserved_goes_on().
	 */
	smp_store_release(&relay_recording.bank, bank);
	pr_info("relay: boot generation %llu records in bank %u of the reserved area\n",
		head.generation, relay_recording.which);
}

/**
 * relay_reserved_end - say how this boot ends
 * @reason: why
 *
 * Context: Any; nobody else runs, or whoever runs says the same.
 */
void relay_reserved_end(const char *reason)
{
	/* Without the lock. Pairs with the release in relay_bank_start(). */
	struct relay_bank *bank = smp_load_acquire(&relay_recording.bank);
	struct relay_bank end = {};

	if (!bank)
		return;
	end.end_time = ktime_get_real_fast_ns();
	strscpy(end.end_reason, reason);
	memcpy(&bank->end_time, &end.end_time,
	       sizeof(end) - offsetof(struct relay_bank, end_time));
	bank->end_crc = relay_crc(0, &end.end_time, sizeof(end) -
				  offsetof(struct relay_bank, end_time));
	/* A warm reset may lose dirty lines, where the architecture keeps them. */
	arch_wb_cache_pmem(bank, relay_recording.size);
}

/**
 * relay_reserved_goes_on - what was said of this boot's end is not true any more
 *
 * Context: Nobody says it meanwhile.
 */
void relay_reserved_goes_on(void)
{
	/* As in relay_reserved_end(). */
	struct relay_bank *bank = smp_load_acquire(&relay_recording.bank);

	if (bank)
		memset(&bank->end_crc, 0,
		       sizeof(*bank) - offsetof(struct relay_bank, end_crc));
}

/*
 * Places
 */

/* Control, seals and private area in front, whole pages of data behind. */
static u64 relay_place_lay_out(struct relay_bank_channel *head, u64 at)
{
	u64 seals = (u64)head->n_buffers * head->n_subbufs *
		    sizeof(struct relay_bank_seal);

	head->control = ALIGN(at, SMP_CACHE_BYTES);
	head->control_stride = ALIGN(relay_ring_control_size(head->n_subbufs),
				     SMP_CACHE_BYTES);
	head->seal = head->control + head->n_buffers * head->control_stride;
	head->private_area = PAGE_ALIGN(head->seal + seals);
	head->data = PAGE_ALIGN(head->private_area + head->private_size);
	head->data_stride = PAGE_ALIGN((u64)head->subbuf_size * head->n_subbufs);
	return head->data + head->n_buffers * head->data_stride;
}

/*
 * Return: the first place that has a byte between @from and @to, or NULL; of an
 * @open channel, or whichever.
 */
static const struct relay_place *relay_place_between(u64 from, u64 to, bool open)
{
	struct relay_place *place = relay_recording.place;
	unsigned int i;

	for (i = 0; i < RELAY_BANK_CHANNELS; i++)
		if ((place[i].open || !open) && place[i].head.control < to &&
		    place[i].end > from)
			return &place[i];
	return NULL;
}

/*
 * First fit, beside the places of @open channels, or of all.
 * Return: offset behind the place, or 0.
 */
static u64 relay_place_fit(struct relay_bank_channel *head, bool open)
{
	u64 at = sizeof(struct relay_bank) +
		 RELAY_BANK_CHANNELS * sizeof(struct relay_bank_channel);
	const struct relay_place *other;
	u64 end;

	for (;;) {
		end = relay_place_lay_out(head, at);
		if (end > relay_recording.size)
			return 0;
		other = relay_place_between(head->control, end, open);
		if (!other)
			return end;
		at = other->end;
	}
}

static struct relay_place *relay_place_free(void)
{
	unsigned int i;

	for (i = 0; i < RELAY_BANK_CHANNELS; i++)
		if (!relay_recording.place[i].end)
			return &relay_recording.place[i];
	return NULL;
}

/* What the channel there had left is gone with this. */
static void relay_place_clear(struct relay_place *place)
{
	WRITE_ONCE(place->entry->state, 0);
	/* Before anything of it is written again. */
	smp_wmb();
	place->end = 0;
}

static bool relay_place_left(const struct relay_place *place, const char *name)
{
	return place->end && !place->open &&
	       (!name || !strcmp(place->head.name, name));
}

/* Make room: what a closed channel left, that of @name or else the oldest. */
static bool relay_place_reclaim(const char *name)
{
	struct relay_place *place = relay_recording.place, *oldest = NULL;
	unsigned int i;

	for (i = 0; i < RELAY_BANK_CHANNELS; i++)
		if (relay_place_left(&place[i], name) &&
		    (!oldest || place[i].closed < oldest->closed))
			oldest = &place[i];
	if (oldest)
		relay_place_clear(oldest);
	return oldest;
}

static struct relay_place *relay_place_find(struct relay_bank_channel *head)
{
	struct relay_place *place;
	u64 end;

	/* Nothing is given up for what finds no room without all of it either. */
	if (!relay_place_fit(head, true))
		return NULL;
	relay_place_reclaim(head->name);
	do {
		place = relay_place_free();
		end = place ? relay_place_fit(head, false) : 0;
		if (end) {
			place->head = *head;
			place->end = end;
			return place;
		}
	} while (relay_place_reclaim(NULL));
	return NULL;
}

static void relay_place_describe(const struct rchan *chan, size_t private_size,
				 struct relay_bank_channel *head)
{
	head->flags = relay_chan_abi_flags(chan);
	head->n_buffers = chan->is_global ? 1 : nr_cpu_ids;
	head->subbuf_size = chan->subbuf_size;
	head->n_subbufs = chan->n_subbufs;
	head->header_size = chan->header_size;
	head->private_size = PAGE_ALIGN(private_size ? private_size : 1);
	head->clock = chan->ring_ops.clock ? chan->ring_ops.clock() : 0;
	head->time = ktime_get_real_ns();
	strscpy(head->name, chan->base_filename);
}

static int relay_reserved_take(struct rchan *chan, size_t private_size)
{
	struct relay_bank_channel head = {};
	void *bank = relay_recording.bank;
	struct relay_place *place;

	relay_place_describe(chan, private_size, &head);
	place = relay_place_find(&head);
	if (!place)
		return -ENOSPC;
	/* Nothing of what was there before is shown, or found. */
	memset(bank + place->head.control, 0, place->end - place->head.control);
	place->open = true;
	chan->place = place;
	chan->private_area = bank + place->head.private_area;
	chan->private_size = place->head.private_size;
	return 0;
}

/**
 * relay_reserved_open - find a channel a place in the reserved area
 * @chan: the channel
 * @private_size: bytes that its owner wants to keep there
 *
 * Whoever finds the area does not see the channel before
 * relay_reserved_publish().
 *
 * Context: May sleep.
 * Return: 0, and relay_reserved_close() must follow; -ENODEV without an area,
 * -EROFS in a crash kernel, -ENOSPC where it is too small, -ENAMETOOLONG.
 */
int relay_reserved_open(struct rchan *chan, size_t private_size)
{
	const struct relay_area *area = relay_area();

	if (!area)
		return -ENODEV;
	if (area->frozen)
		return -EROFS;
	if (strlen(chan->base_filename) >= sizeof_field(struct relay_bank_channel, name))
		return -ENAMETOOLONG;
	/* Of more than that the sums would wrap. */
	if (private_size > area->size)
		return -ENOSPC;
	guard(mutex)(&relay_recording.lock);
	if (!relay_recording.bank)
		relay_bank_start(area);
	return relay_reserved_take(chan, private_size);
}

/**
 * relay_reserved_publish - a channel's rings are set up
 * @chan: the channel; one that is not in the area is left alone
 */
void relay_reserved_publish(struct rchan *chan)
{
	struct relay_bank_channel *head;
	size_t covered = offsetof(struct relay_bank_channel, flags);

	if (!chan->place)
		return;
	head = &chan->place->head;
	head->crc = relay_crc(0, (void *)head + covered, sizeof(*head) - covered);
	*chan->place->entry = *head;
	smp_wmb(); /* The next kernel sees it in this order. */
	WRITE_ONCE(chan->place->entry->state, RELAY_BANK_CHANNEL_USED);
}

/**
 * relay_reserved_close - a channel is gone
 * @chan: the channel; one that is not in the area is left alone
 *
 * What it left stays until the room is needed, or the name. One that was never
 * published has left nothing.
 *
 * Context: May sleep. Nobody has its memory any more.
 */
void relay_reserved_close(struct rchan *chan)
{
	struct relay_place *place = chan->place;

	if (!place)
		return;
	guard(mutex)(&relay_recording.lock);
	place->open = false;
	place->closed = ++relay_recording.n_closed;
	if (READ_ONCE(place->entry->state) != RELAY_BANK_CHANNEL_USED)
		relay_place_clear(place);
}

/**
 * relay_area_pages - memory of a buffer that lies in the area
 * @pages: filled in
 * @start: its address, in the area's mapping
 * @size: bytes, a multiple of the page size
 */
void relay_area_pages(struct relay_pages *pages, void *start, size_t size)
{
	const struct relay_area *area = relay_area();

	pages->start = start;
	pages->page = NULL;
	pages->pfn = PHYS_PFN(area->start + (start - area->base));
	pages->n_pages = size >> PAGE_SHIFT;
}

/* Which of the channel's buffers it is, in the area. */
static unsigned int relay_reserved_which(const struct rchan_buf *buf)
{
	return buf->chan->is_global ? 0 : buf->cpu;
}

/**
 * relay_reserved_buf - give a buffer its memory
 * @buf: the buffer; @buf->pages and @buf->ring.control are set, the latter zero
 */
void relay_reserved_buf(struct rchan_buf *buf)
{
	const struct relay_bank_channel *head = &buf->chan->place->head;
	unsigned int which = relay_reserved_which(buf);
	void *bank = relay_recording.bank;

	buf->ring.control = bank + head->control + which * head->control_stride;
	relay_area_pages(&buf->pages, bank + head->data + which * head->data_stride,
			 head->data_stride);
}

/**
 * relay_reserved_seals - where a buffer's seals are
 * @buf: the buffer
 *
 * Return: that of sub-buffer 0.
 */
struct relay_bank_seal *relay_reserved_seals(const struct rchan_buf *buf)
{
	const struct relay_bank_channel *head = &buf->chan->place->head;
	unsigned int which = relay_reserved_which(buf);
	struct relay_bank_seal *seal = (void *)relay_recording.bank + head->seal;

	return &seal[which * head->n_subbufs];
}

/**
 * relay_reserved_valid - is this boot's bank what it was?
 *
 * Asked where another mechanism may have restored memory.
 *
 * Return: whether it is; true where nothing is recorded.
 */
bool relay_reserved_valid(void)
{
	static struct relay_found_bank found;

	guard(mutex)(&relay_recording.lock);
	if (!relay_recording.bank)
		return true;
	return relay_find_bank(relay_recording.bank, relay_recording.size,
			       &found) == RELAY_FOUND &&
	       found.head.generation == relay_recording.generation;
}
