// SPDX-License-Identifier: GPL-2.0
/*
 * The two banks of the boot-reserved area: recording into one of them, and the
 * files through which user space reads both. <uapi/linux/relay.h> has the format.
 *
 * DOC: life of a bank
 *
 * At boot the kernel reads the headers of each bank, and trusts a header if its check
 * sum is right. It parses nothing else that an earlier boot recorded: user space reads
 * the banks as files, and parses them.
 *
 * The first channel that finds a place in the area starts this boot's bank. That
 * overwrites what the bank held, so relay_bank_before() chooses the bank that is needed
 * least. User space releases a bank that it does not need at all.
 *
 * The recording bank is valid at every instruction, because the kernel writes an object
 * before the entry that points to it, and clears the entry before it reuses the object.
 * So no notifier has to run for a recording to be found; a notifier only adds how the
 * boot ended.
 */
#include <linux/kexec.h>
#include <linux/kstrtox.h>
#include <linux/libnvdimm.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>
#include <linux/relayfs_fs.h>
#include <linux/seq_file.h>
#include <linux/suspend.h>
#include <linux/timekeeping.h>
#include <linux/uio.h>
#include <linux/utsname.h>
#include "../internal.h"

#define RELAY_BANKS		2
#define RELAY_BANK_CHANNELS	16
#define RELAY_BANK_TABLE	sizeof(struct relay_bank)

/* Offset of the first channel. */
#define RELAY_BANK_HEADERS	(RELAY_BANK_COPY + sizeof(struct relay_bank))

static_assert(RELAY_BANK_TABLE + RELAY_BANK_CHANNELS * sizeof(struct relay_bank_channel) <=
	      RELAY_BANK_COPY);

/**
 * enum relay_bank_state - what a bank is to this boot
 * @RELAY_BANK_IS_EMPTY:	neither header has the magic of a bank
 * @RELAY_BANK_IS_RELEASED:	its recording is not needed any more
 * @RELAY_BANK_IS_ENDED:	it holds a recording of an earlier boot, which ended cleanly
 * @RELAY_BANK_IS_UNREADABLE:	its headers are poisoned or damaged, which a crash can
 *				cause, or of another format
 * @RELAY_BANK_IS_CRASHED:	it holds a recording of an earlier boot, which crashed
 * @RELAY_BANK_IS_RECORDING:	this boot records there
 *
 * This boot records over a bank whose state is smaller rather than over another.
 */
enum relay_bank_state {
	RELAY_BANK_IS_EMPTY,
	RELAY_BANK_IS_RELEASED,
	RELAY_BANK_IS_ENDED,
	RELAY_BANK_IS_UNREADABLE,
	RELAY_BANK_IS_CRASHED,
	RELAY_BANK_IS_RECORDING,
};

/**
 * struct relay_bank_found - a bank
 * @mem:	address of the bank
 * @state:	changes under relay_bank_lock
 * @head:	its header; all zero if empty or unreadable. Its strings need not be
 *		terminated
 */
struct relay_bank_found {
	void			*mem;
	enum relay_bank_state	state;
	struct relay_bank	head;
};

/**
 * struct relay_place - where a channel is in the bank
 * @entry:	its entry in the bank's table
 * @head:	copy of the entry, outside of the area
 * @end:	offset after the last byte of the place; 0 while it is free
 * @open:	the channel is open, or has not been freed
 * @closed:	in relay_closed while the place holds data of a closed channel
 */
struct relay_place {
	struct relay_bank_channel	*entry;
	struct relay_bank_channel	head;
	u64				end;
	bool				open;
	struct list_head		closed;
};

static struct relay_bank_found relay_banks[RELAY_BANKS];

/* Bytes of a bank; set at boot. */
static u64 relay_bank_size __ro_after_init;

/* Protects the state of both banks, relay_recording, relay_places and relay_closed. */
static DEFINE_MUTEX(relay_bank_lock);

/*
 * The bank of this boot; NULL before the first channel has a place. Written once, so
 * that it can be read without the lock.
 */
static struct relay_bank_found *relay_recording;
static struct relay_place relay_places[RELAY_BANK_CHANNELS];

/* Places of closed channels, in the order in which the channels were closed. */
static LIST_HEAD(relay_closed);

/*
 * Banks of earlier boots
 */

static u32 relay_end_crc(const struct relay_bank *head)
{
	return relay_crc(0, &head->end_time,
			 sizeof(*head) - offsetof(struct relay_bank, end_time));
}

/* Copy the part of a header that says how the boot ended, with its check sum. */
static void relay_end_copy(void *to, const struct relay_bank *head)
{
	const size_t at = offsetof(struct relay_bank, end_crc);

	memcpy(to + at, (void *)head + at, sizeof(*head) - at);
}

static bool relay_header_good(const struct relay_bank *head, u32 offset)
{
	return !memcmp(head->magic, RELAY_BANK_MAGIC, sizeof(head->magic)) &&
	       head->byte_order == RELAY_BANK_BYTE_ORDER &&
	       head->format == RELAY_BANK_FORMAT && head->offset == offset &&
	       head->crc == relay_crc(0, head, offsetof(struct relay_bank, crc));
}

/*
 * Read the headers of a bank. They are untrusted: copy each before checking it, so that
 * the bytes used are the bytes checked. Reading poisoned memory must not stop this
 * kernel. Use the first good header; if its end is damaged, use the end of the other.
 */
static enum relay_bank_state relay_bank_read(const void *mem, struct relay_bank *head)
{
	enum relay_bank_state state = RELAY_BANK_IS_EMPTY;
	struct relay_bank one;
	u32 at;

	memset(head, 0, sizeof(*head));
	for (at = 0; at <= RELAY_BANK_COPY; at += RELAY_BANK_COPY) {
		bool poisoned = copy_mc_to_kernel(&one, mem + at, sizeof(one));

		if (!poisoned && relay_header_good(&one, at)) {
			if (!head->format)
				*head = one;
			else if (head->end_crc != relay_end_crc(head))
				relay_end_copy(head, &one);
			if (one.state == RELAY_BANK_RELEASED)
				head->state = one.state;
		}
		if (poisoned || !memcmp(one.magic, RELAY_BANK_MAGIC, sizeof(one.magic)))
			state = RELAY_BANK_IS_UNREADABLE;
	}
	if (!head->format)
		return state;
	if (head->end_crc != relay_end_crc(head) || head->end >= RELAY_ENDS)
		memset_startat(head, 0, end_time);
	if (head->state == RELAY_BANK_RELEASED)
		return RELAY_BANK_IS_RELEASED;
	return head->end <= RELAY_END_OOPS ? RELAY_BANK_IS_CRASHED : RELAY_BANK_IS_ENDED;
}

static const char * const relay_end_words[RELAY_ENDS] = {
	[RELAY_END_UNKNOWN]	= "unknown",
	[RELAY_END_PANIC]	= "panic",
	[RELAY_END_OOPS]	= "oops",
	[RELAY_END_RESTART]	= "restart",
	[RELAY_END_HALT]	= "halt",
	[RELAY_END_POWER_OFF]	= "poweroff",
	[RELAY_END_KEXEC]	= "kexec",
};

/* Log what a bank holds, if anything, before @what. */
static void relay_bank_log(const struct relay_bank_found *bank, const char *what)
{
	unsigned int number = bank - relay_banks;

	if (bank->state == RELAY_BANK_IS_UNREADABLE)
		pr_warn("relay: bank %u of the reserved area is damaged, or of another format%s\n",
			number, what);
	else if (bank->state >= RELAY_BANK_IS_ENDED)
		pr_info("relay: bank %u of the reserved area holds boot generation %llu (end: %s)%s\n",
			number, bank->head.generation, relay_end_words[bank->head.end], what);
}

/*
 * This boot's bank
 */

/*
 * Should this boot record over @one rather than over @other? Of two boots that ended
 * cleanly keep the newer one. Of two crashes keep the older one, because the first crash
 * of a machine that crashes again and again tells most. Keep a bank that can be read
 * rather than one that cannot, unless the boot of the former ended cleanly.
 */
static bool relay_bank_before(const struct relay_bank_found *one,
			      const struct relay_bank_found *other)
{
	if (one->state != other->state)
		return one->state < other->state;
	return one->state <= RELAY_BANK_IS_ENDED ?
	       one->head.generation < other->head.generation :
	       one->head.generation >= other->head.generation;
}

static void relay_bank_describe(struct relay_bank *head)
{
	const struct new_utsname *name = init_utsname();

	*head = (struct relay_bank) {
		.magic		= RELAY_BANK_MAGIC,
		.byte_order	= RELAY_BANK_BYTE_ORDER,
		.format		= RELAY_BANK_FORMAT,
		.size		= relay_bank_size,
		.generation	= max(relay_banks[0].head.generation,
				      relay_banks[1].head.generation) + 1,
		.boot_time	= ktime_get_real_ns(),
		.page_size	= PAGE_SIZE,
		.n_cpus		= nr_cpu_ids,
		.channels	= RELAY_BANK_TABLE,
		.n_channels	= RELAY_BANK_CHANNELS,
		.layout		= relay_ring_layout,
		.state		= RELAY_BANK_RECORDED,
	};
	strscpy(head->machine, name->machine);
	strscpy(head->release, name->release);
	strscpy(head->version, name->version);
}

/* Without its magic a header is not valid. So the magic is cleared first and written last. */
static void relay_header_write(struct relay_bank_found *bank, u32 offset)
{
	struct relay_bank *head = &bank->head;
	const size_t magic = sizeof(head->magic);
	void *to = bank->mem + offset;

	head->offset = offset;
	head->crc = relay_crc(0, head, offsetof(struct relay_bank, crc));
	memcpy(to + magic, (void *)head + magic, sizeof(*head) - magic);
	smp_wmb(); /* The next kernel sees it in this order. */
	memcpy(to, head->magic, magic);
}

static void relay_bank_start(void)
{
	bool second = relay_bank_before(&relay_banks[1], &relay_banks[0]);
	struct relay_bank_found *bank = &relay_banks[second];
	struct relay_bank_channel *entry = bank->mem + RELAY_BANK_TABLE;
	unsigned int i;

	relay_bank_log(bank, ", not released, and is recorded over");
	memset(bank->mem, 0, sizeof(bank->head.magic));
	memset(bank->mem + RELAY_BANK_COPY, 0, sizeof(bank->head.magic));
	smp_wmb(); /* The next kernel sees it in this order. */
	memset(entry, 0, RELAY_BANK_CHANNELS * sizeof(*entry));
	relay_bank_describe(&bank->head);
	/* Write the copy first, so that a good header at the start has a good copy. */
	relay_header_write(bank, RELAY_BANK_COPY);
	relay_header_write(bank, 0);
	arch_wb_cache_pmem(bank->mem, RELAY_BANK_HEADERS);
	for (i = 0; i < RELAY_BANK_CHANNELS; i++)
		relay_places[i].entry = &entry[i];
	bank->state = RELAY_BANK_IS_RECORDING;
	/*
	 * Guarantee that the headers are written before another CPU stores the
	 * end in them. Pairs with the acquire in relay_end_write().
	 */
	smp_store_release(&relay_recording, bank);
	pr_info("relay: boot generation %llu records in bank %u of the reserved area\n",
		bank->head.generation, second);
}

/* Copy the end from @head into both headers. Return: this boot's bank, or NULL. */
static const struct relay_bank_found *relay_end_write(const struct relay_bank *head)
{
	/* Not under the lock: this CPU may hold it in a panic. Pairs with relay_bank_start(). */
	const struct relay_bank_found *bank = smp_load_acquire(&relay_recording);

	if (bank) {
		relay_end_copy(bank->mem, head);
		relay_end_copy(bank->mem + RELAY_BANK_COPY, head);
	}
	return bank;
}

/**
 * relay_reserved_end - write to the bank how this boot ends
 * @end: RELAY_END_*
 * @reason: the same in words
 *
 * Context: Any.
 */
void relay_reserved_end(u32 end, const char *reason)
{
	struct relay_bank head = { .end_time = ktime_get_real_fast_ns(), .end = end };
	const struct relay_bank_found *bank;

	strscpy(head.end_reason, reason);
	head.end_crc = relay_end_crc(&head);
	bank = relay_end_write(&head);
	/* A warm reset may lose dirty cache lines. */
	if (bank)
		arch_wb_cache_pmem(bank->mem, relay_bank_size);
}

/**
 * relay_reserved_goes_on - take back what relay_reserved_end() has written
 *
 * Context: No CPU is in relay_reserved_end().
 */
void relay_reserved_goes_on(void)
{
	relay_end_write(&(struct relay_bank) {});
}

/**
 * relay_reserved_valid - does the bank still have the headers of this boot?
 *
 * To be called after hibernation, which may have restored other memory there.
 *
 * Context: May sleep.
 * Return: whether it has; true if this boot has no bank.
 */
bool relay_reserved_valid(void)
{
	struct relay_bank head;

	guard(mutex)(&relay_bank_lock);
	return !relay_recording ||
	       (relay_bank_read(relay_recording->mem, &head) >= RELAY_BANK_IS_ENDED &&
		head.generation == relay_recording->head.generation);
}

/*
 * Notifiers for the end of this boot: panic and reboot; and for hibernation, after which
 * it goes on. A recording can be recovered even if none of them has run.
 */

static int relay_panic(struct notifier_block *nb, unsigned long event, void *message)
{
	relay_reserved_end(RELAY_END_PANIC, message);
	return NOTIFY_DONE;
}

static int relay_reboot(struct notifier_block *nb, unsigned long event, void *command)
{
	static const u32 ends[] = {
		RELAY_END_KEXEC,
		[SYS_RESTART]	= RELAY_END_RESTART,
		[SYS_HALT]	= RELAY_END_HALT,
		[SYS_POWER_OFF]	= RELAY_END_POWER_OFF,
	};

	if (kexec_in_progress)
		event = 0;
	if (event < ARRAY_SIZE(ends))
		relay_reserved_end(test_taint(TAINT_DIE) ? RELAY_END_OOPS : ends[event],
				   relay_end_words[ends[event]]);
	return NOTIFY_DONE;
}

static int relay_suspend(struct notifier_block *nb, unsigned long event, void *unused)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		relay_hold_reserved(true);
		break;
	/*
	 * Memory outside of the memory map is not in the hibernation image: the bank there
	 * keeps how this kernel ended, and what the kernel that restores the image wrote.
	 */
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		if (relay_reserved_valid()) {
			relay_reserved_goes_on();
			relay_hold_reserved(false);
		} else {
			pr_err("relay: the reserved area changed during hibernation, no more is recorded there\n");
		}
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block relay_panic_block = {
	.notifier_call	= relay_panic,
	.priority	= INT_MAX,
};

static struct notifier_block relay_reboot_block = { .notifier_call = relay_reboot };

/*
 * Places
 */

/* Lay out control and seals, then the private area and the data, both page aligned. */
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
 * Find the first gap for a place: between the places of open channels if @open, else
 * between those of all channels.
 * Return: offset after the last byte of the place, or 0.
 */
static u64 relay_place_fit(struct relay_bank_channel *head, bool open)
{
	u64 end, at = RELAY_BANK_HEADERS;
	const struct relay_place *place;

again:
	end = relay_place_lay_out(head, at);
	if (end > relay_bank_size)
		return 0;
	for (place = relay_places; place < ARRAY_END(relay_places); place++)
		if ((place->open || !open) && place->head.control < end &&
		    place->end > head->control) {
			at = place->end;
			goto again;
		}
	return end;
}

/* Give up the data of a closed channel. */
static void relay_place_clear(struct relay_place *place)
{
	WRITE_ONCE(place->entry->state, 0);
	/* Clear the entry before the memory of the place is used again. */
	smp_wmb();
	place->end = 0;
	list_del(&place->closed);
}

/* Give up the data of the closed channel @name; without @name, of the one closed first. */
static bool relay_place_reclaim(const char *name)
{
	struct relay_place *place;

	list_for_each_entry(place, &relay_closed, closed)
		if (!name || !strcmp(place->head.name, name)) {
			relay_place_clear(place);
			return true;
		}
	return false;
}

static struct relay_place *relay_place_find(struct relay_bank_channel *head)
{
	struct relay_place *place;
	u64 end;

	/* Clear no closed channel if there is no room even without all of them. */
	if (!relay_place_fit(head, true))
		return NULL;
	relay_place_reclaim(head->name);
	do {
		end = relay_place_fit(head, false);
		for (place = relay_places; place < ARRAY_END(relay_places); place++)
			if (end && !place->end) {
				place->head = *head;
				place->end = end;
				return place;
			}
	} while (relay_place_reclaim(NULL));
	return NULL;
}

/**
 * relay_reserved_open - find a channel a place in the reserved area
 * @chan: the channel
 * @private_size: bytes that the private area of the channel needs
 *
 * A recovery does not find the channel before relay_reserved_publish().
 *
 * Context: May sleep.
 * Return: 0, and relay_reserved_close() must follow; -ENODEV without an area,
 * -EROFS in a crash kernel, -ENOSPC if the area has no room, -ENAMETOOLONG.
 */
int relay_reserved_open(struct relay_chan *chan, size_t private_size)
{
	const struct relay_area *area = relay_area();
	struct relay_bank_channel head = {
		.flags		= relay_chan_abi_flags(chan),
		.n_buffers	= chan->is_global ? 1 : nr_cpu_ids,
		.subbuf_size	= chan->subbuf_size,
		.n_subbufs	= chan->n_subbufs,
		.header_size	= chan->header_size,
		.clock		= chan->ring_ops.clock ? chan->ring_ops.clock() : 0,
		.time		= ktime_get_real_ns(),
		.private_size	= PAGE_ALIGN(private_size ?: 1),
	};
	struct relay_place *place;
	void *mem;

	if (!area)
		return -ENODEV;
	if (area->frozen)
		return -EROFS;
	if (strscpy(head.name, chan->base_filename) < 0)
		return -ENAMETOOLONG;
	/* A larger size could overflow the sums of relay_place_lay_out(). */
	if (private_size > area->size)
		return -ENOSPC;
	guard(mutex)(&relay_bank_lock);
	place = relay_place_find(&head);
	if (!place)
		return -ENOSPC;
	/* After the search, so that a channel without a place overwrites no bank. */
	if (!relay_recording)
		relay_bank_start();
	mem = relay_recording->mem;
	/* So that neither readers nor a recovery find old data in the place. */
	memset(mem + place->head.control, 0, place->end - place->head.control);
	place->open = true;
	chan->place = place;
	chan->private_area = mem + place->head.private_area;
	chan->private_size = place->head.private_size;
	return 0;
}

/**
 * relay_reserved_publish - enter a channel, whose rings are set up, in the bank's table
 * @chan: the channel; if it is not in the area this does nothing
 */
void relay_reserved_publish(struct relay_chan *chan)
{
	const size_t covered = offsetof(struct relay_bank_channel, flags);
	struct relay_bank_channel *head, *entry;

	if (!chan->place)
		return;
	head = &chan->place->head;
	entry = chan->place->entry;
	head->crc = relay_crc(0, (void *)head + covered, sizeof(*head) - covered);
	*entry = *head;
	smp_wmb(); /* The next kernel sees it in this order. */
	WRITE_ONCE(entry->state, RELAY_BANK_CHANNEL_USED);
	/* Write back the words by which a recovery finds a sealed sub-buffer. */
	arch_wb_cache_pmem(relay_recording->mem + head->control,
			   head->private_area - head->control);
	arch_wb_cache_pmem(entry, sizeof(*entry));
}

/**
 * relay_reserved_close - release the place of a channel that is gone
 * @chan: the channel, with a place in the area
 *
 * The data of a published channel stays until a new channel needs the room, or has the
 * same name.
 *
 * Context: May sleep. No file and no writer uses its memory any more.
 */
void relay_reserved_close(struct relay_chan *chan)
{
	struct relay_place *place = chan->place;

	guard(mutex)(&relay_bank_lock);
	place->open = false;
	list_add_tail(&place->closed, &relay_closed);
	if (READ_ONCE(place->entry->state) != RELAY_BANK_CHANNEL_USED)
		relay_place_clear(place);
}

static unsigned long relay_reserved_pfn(const void *mem)
{
	const struct relay_area *area = relay_area();

	return PHYS_PFN(area->start + (mem - area->base));
}

/**
 * relay_reserved_buf - give a buffer its memory
 * @buf: the buffer; @buf->pages, @buf->seals and @buf->ring.control, which is zero, are set
 */
void relay_reserved_buf(struct relay_buf *buf)
{
	const struct relay_bank_channel *head = &relay_buf_chan(buf)->place->head;
	unsigned int which = buf->chan->is_global ? 0 : buf->cpu;
	void *bank = relay_recording->mem;
	struct relay_bank_seal *seals = bank + head->seal;
	void *data = bank + head->data + which * head->data_stride;

	buf->seals = seals + which * head->n_subbufs;
	buf->ring.control = bank + head->control + which * head->control_stride;
	buf->pages = (struct relay_pages) {
		.start		= data,
		.pfn		= relay_reserved_pfn(data),
		.n_pages	= head->data_stride >> PAGE_SHIFT,
	};
}

/*
 * Files
 */

static ssize_t relay_bank_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	const struct relay_bank_found *bank = iocb->ki_filp->private_data;
	u64 left = relay_bank_size - min_t(u64, iocb->ki_pos, relay_bank_size);
	size_t len = min_t(u64, left, iov_iter_count(to)), done;

	if (!len)
		return 0;
	done = _copy_mc_to_iter(bank->mem + iocb->ki_pos, len, to);
	iocb->ki_pos += done;
	/* Either the bank is poisoned here, or the caller's memory faults. */
	return done ? done : -EFAULT;
}

static int relay_bank_mmap_prepare(struct vm_area_desc *desc)
{
	const struct relay_bank_found *bank = desc->file->private_data;
	const struct relay_pages pages = {
		.pfn		= relay_reserved_pfn(bank->mem),
		.n_pages	= relay_bank_size >> PAGE_SHIFT,
	};

	/* The crashed kernel may have had smaller pages than this kernel. */
	if (!PAGE_ALIGNED(relay_area()->start))
		return -EINVAL;
	return relay_mmap(desc, &pages, desc->pgoff);
}

static const struct file_operations relay_bank_fops = {
	.open		= relay_simple_open,
	.read_iter	= relay_bank_read_iter,
	.splice_read	= copy_splice_read,
	.llseek		= default_llseek,
	.mmap_prepare	= relay_bank_mmap_prepare,
};

static void relay_status_show_text(struct seq_file *m, const char *key, const char *text,
				   size_t size)
{
	seq_printf(m, " %s=\"", key);
	seq_escape_mem(m, text, strnlen(text, size),
		       ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_NAP | ESCAPE_APPEND | ESCAPE_OCTAL,
		       "\"\\");
	seq_putc(m, '"');
}

static void relay_status_show_head(struct seq_file *m, const struct relay_bank *head)
{
	seq_printf(m, " generation=%llu end=%s", head->generation,
		   relay_end_words[head->end]);
	relay_status_show_text(m, "reason", head->end_reason, sizeof(head->end_reason));
	relay_status_show_text(m, "kernel", head->release, sizeof(head->release));
	relay_status_show_text(m, "version", head->version, sizeof(head->version));
	relay_status_show_text(m, "machine", head->machine, sizeof(head->machine));
	seq_printf(m, " cpus=%u boot_time=%llu end_time=%llu", head->n_cpus, head->boot_time,
		   head->end_time);
}

static int relay_status_show(struct seq_file *m, void *v)
{
	static const char * const state[] = {
		[RELAY_BANK_IS_EMPTY]		= "empty",
		[RELAY_BANK_IS_RELEASED]	= "released",
		[RELAY_BANK_IS_ENDED]		= "ended",
		[RELAY_BANK_IS_UNREADABLE]	= "unreadable",
		[RELAY_BANK_IS_CRASHED]		= "ended",
		[RELAY_BANK_IS_RECORDING]	= "recording",
	};
	unsigned int i;

	guard(mutex)(&relay_bank_lock);
	for (i = 0; i < RELAY_BANKS; i++) {
		const struct relay_bank_found *bank = &relay_banks[i];

		seq_printf(m, "bank=%u state=%s bytes=%llu", i, state[bank->state],
			   relay_bank_size);
		if (bank->head.generation)
			relay_status_show_head(m, &bank->head);
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(relay_status);

/* Mark a bank as released. An unreadable header cannot be marked: clear its magic. */
static void relay_bank_release(struct relay_bank_found *bank)
{
	bool unreadable = bank->state == RELAY_BANK_IS_UNREADABLE;
	struct relay_bank *head;
	u32 at;

	for (at = 0; at <= RELAY_BANK_COPY; at += RELAY_BANK_COPY) {
		head = bank->mem + at;
		if (unreadable)
			memset(head->magic, 0, sizeof(head->magic));
		else
			WRITE_ONCE(head->state, RELAY_BANK_RELEASED);
	}
	/* If a warm reset lost the release, the next boot would keep this bank. */
	arch_wb_cache_pmem(bank->mem, RELAY_BANK_HEADERS);
	bank->state = unreadable ? RELAY_BANK_IS_EMPTY : RELAY_BANK_IS_RELEASED;
}

static ssize_t relay_release_write(struct file *filp, const char __user *from, size_t len,
				   loff_t *ppos)
{
	struct relay_bank_found *bank;
	unsigned int number;

	if (kstrtouint_from_user(from, len, 10, &number) || number >= RELAY_BANKS)
		return -EINVAL;
	if (relay_area()->frozen)
		return -EROFS;
	bank = &relay_banks[number];
	guard(mutex)(&relay_bank_lock);
	if (bank->state == RELAY_BANK_IS_RECORDING)
		return -EBUSY;
	if (bank->state != RELAY_BANK_IS_EMPTY)
		relay_bank_release(bank);
	return len;
}

static const struct file_operations relay_release_fops = {
	.open	= nonseekable_open,
	.write	= relay_release_write,
};

static void __init relay_reserved_show(void)
{
	struct dentry *dir = relayfs_create_dir("reserved", NULL), *file;
	char name[] = "bank0";
	unsigned int i;

	file = relayfs_create_file("status", dir, 0444, 0, &relay_status_fops, NULL, NULL);
	if (!IS_ERR(file))
		file = relayfs_create_file("release", dir, 0200, 0, &relay_release_fops, NULL,
					   NULL);
	for (i = 0; i < RELAY_BANKS && !IS_ERR(file); i++) {
		name[4] = '0' + i;
		file = relayfs_create_file(name, dir, 0400, relay_bank_size, &relay_bank_fops,
					   &relay_banks[i], NULL);
	}
	if (IS_ERR(file))
		pr_err("relay: the reserved area cannot be shown (error %ld)\n", PTR_ERR(file));
}

/* Runs before trace_ltt_boot(), an initcall of the same level that is linked later. */
static int __init relay_reserved_init(void)
{
	const struct relay_area *area = relay_area();
	struct relay_bank_found *bank;

	if (!area)
		return 0;
	/* RELAY_BANK_UNIT, because the kernel that finds the bank may have larger pages. */
	relay_bank_size = round_down(area->size / RELAY_BANKS, RELAY_BANK_UNIT);
	for (bank = relay_banks; bank < ARRAY_END(relay_banks); bank++) {
		bank->mem = area->base + (bank - relay_banks) * relay_bank_size;
		bank->state = relay_bank_read(bank->mem, &bank->head);
		relay_bank_log(bank, "");
	}
	relay_reserved_show();
	if (area->frozen)
		return 0;
	atomic_notifier_chain_register(&panic_notifier_list, &relay_panic_block);
	register_reboot_notifier(&relay_reboot_block);
	pm_notifier(relay_suspend, 0);
	return 0;
}
core_initcall_sync(relay_reserved_init);
