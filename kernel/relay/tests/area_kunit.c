// SPDX-License-Identifier: GPL-2.0
/*
 * The place of the boot-reserved area: the parameter, and a crashed kernel's
 * note, well-formed and damaged.
 */
#include <linux/elf.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>
#include <linux/relay_area_param.h>
#include "support.h"

struct area_param {
	char	*arg;
	bool	ok;
	u64	start;
	u64	size;
};

static const struct area_param area_params[] = {
	{ "16M@256M", true, SZ_256M, SZ_16M },
	{ "0x100000@0x6400000", true, 0x6400000, SZ_1M },
	{ "1G@4G", true, SZ_4G, SZ_1G },
	{ "65536@0", true, 0, SZ_64K },
	{ "" }, { "@" }, { "16M" }, { "16M@" }, { "@16M" }, { "16M@x" },
	{ "16Mx@16M" }, { "16M@16Mx" }, { "16M@16M@16M" }, { "16M @16M" },
	{ "crumbs" }, { "16M$16M" }, { "16M@16M," },
};

static void area_param_desc(const struct area_param *param, char *desc)
{
	strscpy(desc, param->arg, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(area_param, area_params, area_param_desc);

static void relay_test_area_param(struct kunit *test)
{
	const struct area_param *param = test->param_value;
	u64 start, size;

	KUNIT_ASSERT_EQ(test, relay_area_parse(param->arg, &start, &size),
			param->ok);
	if (!param->ok)
		return;
	KUNIT_EXPECT_EQ(test, start, param->start);
	KUNIT_EXPECT_EQ(test, size, param->size);
}

#define NOTE_LINE	"OSRELEASE=7.3\n" RELAY_AREA_NOTE "1000000:200000\n" \
			"SYMBOL(x)=1\n"

/* A copy in an allocation of exactly @len bytes, so that KASAN reports a byte too far. */
static void *area_copy(struct kunit *test, const void *from, size_t len)
{
	void *copy = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	return memcpy(copy, from, len);
}

static size_t area_note(void *to, const char *name, const char *desc)
{
	struct elf_note *note = to;
	size_t namesz = strlen(name) + 1, descsz = strlen(desc);

	note->n_namesz = namesz;
	note->n_descsz = descsz;
	note->n_type = 0;
	memcpy(to + sizeof(*note), name, namesz);
	memcpy(to + sizeof(*note) + ALIGN(namesz, 4), desc, descsz);
	return sizeof(*note) + ALIGN(namesz, 4) + ALIGN(descsz, 4);
}

static bool area_note_says(struct kunit *test, const void *notes, size_t len)
{
	void *copy = area_copy(test, notes, len);
	u64 start, size;
	bool found = relay_note_find(copy, len, &start, &size);

	kunit_kfree(test, copy);
	return found && start == 0x1000000 && size == 0x200000;
}

static void relay_test_area_note(struct kunit *test)
{
	char notes[512] = {};
	size_t len;

	len = area_note(notes, VMCOREINFO_NOTE_NAME, NOTE_LINE);
	KUNIT_EXPECT_TRUE(test, area_note_says(test, notes, len));
	len = area_note(notes, "CORE", NOTE_LINE);
	KUNIT_EXPECT_FALSE(test, area_note_says(test, notes, len));
	/* After another note. */
	len += area_note(notes + len, VMCOREINFO_NOTE_NAME, NOTE_LINE);
	KUNIT_EXPECT_TRUE(test, area_note_says(test, notes, len));
}

static char *const area_bad_notes[] = {
	"", "\n", "OSRELEASE=7.3\n",
	RELAY_AREA_NOTE, RELAY_AREA_NOTE "\n", RELAY_AREA_NOTE ":\n",
	RELAY_AREA_NOTE "1000000\n", RELAY_AREA_NOTE "1000000:\n",
	RELAY_AREA_NOTE ":200000\n", RELAY_AREA_NOTE "1000000:200000",
	RELAY_AREA_NOTE "1000000:200000:1\n", RELAY_AREA_NOTE "1000000:2000x0\n",
	RELAY_AREA_NOTE "100000000000000000000:200000\n",
	RELAY_AREA_NOTE "0000000000000000000000000000000001000000:200000\n",
	"X" RELAY_AREA_NOTE "1000000:200000\n",
};

static void area_bad_note_desc(char *const *line, char *desc)
{
	strscpy(desc, *line, KUNIT_PARAM_DESC_SIZE);
	strreplace(desc, '\n', '$');
}

KUNIT_ARRAY_PARAM(area_bad_note, area_bad_notes, area_bad_note_desc);

static void relay_test_area_bad_note(struct kunit *test)
{
	char *const *line = test->param_value;
	char notes[256] = {};
	size_t len = area_note(notes, VMCOREINFO_NOTE_NAME, *line);

	KUNIT_EXPECT_FALSE(test, area_note_says(test, notes, len));
}

/* With wrong lengths, or notes that end too early, nothing after the notes is read. */
static void relay_test_area_damaged_note(struct kunit *test)
{
	static const u32 lengths[] = { 0, 1, 4, 0x7fffffff, 0x80000000,
				       0xfffffff0, 0xfffffffd, 0xffffffff };
	struct rnd_state random;
	char good[256] = {}, notes[256];
	size_t len = area_note(good, VMCOREINFO_NOTE_NAME, NOTE_LINE), i;
	u64 start, size;

	for (i = 0; i < len - 16; i++)
		KUNIT_EXPECT_FALSE(test, area_note_says(test, good, i));
	for (i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
		memcpy(notes, good, len);
		((u32 *)notes)[i % 2] = lengths[i / 2];
		KUNIT_EXPECT_FALSE(test, area_note_says(test, notes, len));
	}
	relay_test_random(test, &random);
	for (i = 0; i < 2000; i++) {
		size_t cut = prandom_u32_state(&random) % len + 1;
		void *copy = area_copy(test, good, cut);

		((u8 *)copy)[prandom_u32_state(&random) % cut] =
			prandom_u32_state(&random);
		relay_note_find(copy, cut, &start, &size);
		kunit_kfree(test, copy);
	}
}

static struct kunit_case relay_area_cases[] = {
	KUNIT_CASE_PARAM(relay_test_area_param, area_param_gen_params),
	KUNIT_CASE(relay_test_area_note),
	KUNIT_CASE_PARAM(relay_test_area_bad_note, area_bad_note_gen_params),
	KUNIT_CASE(relay_test_area_damaged_note),
	{}
};

static struct kunit_suite relay_area_suite = {
	.name		= "relay-area",
	.test_cases	= relay_area_cases,
};

kunit_test_suite(relay_area_suite);
