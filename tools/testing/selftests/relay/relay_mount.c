// SPDX-License-Identifier: GPL-2.0
/*
 * The file system: its magic number, its mount options, and permissions.
 */
#include "../kselftest_harness.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include "channel.h"

#define NAME	"selftest-mount"
#define OTHER	"/tmp/relay-mount"
#define USER	1234
#define GROUP	5678

static const char *const cpu0 = CHANNELS "/" NAME "/cpu0";

FIXTURE(mount) {
	int unused;
};

static int remount(const char *options)
{
	return mount("none", CHANNELS, "relayfs", MS_REMOUNT, options);
}

FIXTURE_SETUP(mount)
{
	control("close " NAME);
	ASSERT_EQ(0, control("open " NAME " 4096 4 0 0"));
	ASSERT_EQ(0, remount("uid=0,gid=0,mode=700"));
}

FIXTURE_TEARDOWN(mount)
{
	remount("uid=0,gid=0,mode=700");
	control("close " NAME);
}

static struct stat stat_of(const char *path)
{
	struct stat st = { 0 };

	stat(path, &st);
	return st;
}

/* Open the file as another user. Return: 0, or the errno. */
static int open_as(uid_t uid, gid_t gid)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setgid(gid) || setuid(uid))
			_exit(255);
		_exit(open(cpu0, O_RDONLY) < 0 ? errno : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static int has_options(const char *options)
{
	char line[512];
	int found = 0;
	FILE *mounts = fopen("/proc/mounts", "r");

	while (mounts && fgets(line, sizeof(line), mounts))
		found |= strstr(line, CHANNELS " relayfs") && strstr(line, options);
	if (mounts)
		fclose(mounts);
	return found;
}

TEST_F(mount, statfs_shows_the_magic)
{
	struct statfs fs;

	ASSERT_EQ(0, statfs(cpu0, &fs));
	EXPECT_EQ(0xF0B4A981, (__u32)fs.f_type);
	EXPECT_EQ(RELAYFS_MAGIC, (__u32)fs.f_type);
}

TEST_F(mount, directory)
{
	DIR *dir = opendir(CHANNELS "/" NAME);
	unsigned int cpus = 0, maps = 0, others = 0;
	struct dirent *entry;

	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		cpus += !strncmp(entry->d_name, "cpu", 3);
		maps += !strncmp(entry->d_name, "map", 3);
		others += !strcmp(entry->d_name, "all") || !strcmp(entry->d_name, "stats");
	}
	closedir(dir);
	EXPECT_EQ(online_cpus(), cpus);
	EXPECT_EQ(online_cpus(), maps);
	EXPECT_EQ(2, others);
	EXPECT_EQ(-1, unlink(cpu0));
	EXPECT_EQ(-1, mkdir(CHANNELS "/" NAME "/x", 0700));
	EXPECT_EQ(-1, creat(CHANNELS "/x", 0600));
}

TEST_F(mount, root_only_by_default)
{
	EXPECT_EQ(0700, stat_of(CHANNELS).st_mode & 0777);
	EXPECT_EQ(0700, stat_of(CHANNELS "/" NAME).st_mode & 0777);
	EXPECT_EQ(0400, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(EACCES, open_as(USER, GROUP));
	EXPECT_EQ(0, open_as(0, 0));
}

TEST_F(mount, gid_and_mode_admit)
{
	ASSERT_EQ(0, remount("gid=5678,mode=750"));
	EXPECT_EQ(0440, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(0750, stat_of(CHANNELS).st_mode & 0777);
	EXPECT_EQ(GROUP, stat_of(cpu0).st_gid);
	EXPECT_EQ(0, open_as(USER, GROUP));
	EXPECT_EQ(EACCES, open_as(USER, GROUP + 1));
	EXPECT_TRUE(has_options("gid=5678,mode=750"));
	/* A remount keeps the options that it does not name. */
	ASSERT_EQ(0, remount("uid=1234"));
	EXPECT_EQ(GROUP, stat_of(cpu0).st_gid);
	EXPECT_EQ(0440, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(0, open_as(USER, GROUP + 1));
	EXPECT_TRUE(has_options("uid=1234,gid=5678,mode=750"));
	/* Files that are created later get the options, too. */
	ASSERT_EQ(0, control("close " NAME));
	ASSERT_EQ(0, control("open " NAME " 4096 4 0 0"));
	EXPECT_EQ(USER, stat_of(cpu0).st_uid);
	EXPECT_EQ(0440, stat_of(cpu0).st_mode & 0777);
}

/* A remount undoes chmod() and chown() only by an option that it names. */
TEST_F(mount, remount_changes_what_it_names)
{
	ASSERT_EQ(0, chmod(cpu0, 0440));
	ASSERT_EQ(0, chown(cpu0, USER, GROUP));
	ASSERT_EQ(0, remount("gid=0"));
	EXPECT_EQ(0440, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(USER, stat_of(cpu0).st_uid);
	EXPECT_EQ(0, stat_of(cpu0).st_gid);
	ASSERT_EQ(0, remount("uid=0"));
	EXPECT_EQ(0440, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(0, stat_of(cpu0).st_uid);
	/* A mount without options changes nothing. */
	mkdir(OTHER, 0700);
	ASSERT_EQ(0, mount("none", OTHER, "relayfs", 0, NULL));
	EXPECT_EQ(0440, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(0, umount(OTHER));
	rmdir(OTHER);
	ASSERT_EQ(0, remount("mode=700"));
	EXPECT_EQ(0400, stat_of(cpu0).st_mode & 0777);
}

TEST_F(mount, nobody_writes)
{
	ASSERT_EQ(0, remount("mode=777"));
	EXPECT_EQ(0444, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(0777, stat_of(CHANNELS "/" NAME).st_mode & 0777);
}

TEST_F(mount, bad_options)
{
	EXPECT_EQ(-1, remount("mode=17777"));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, remount("mode=8"));
	EXPECT_EQ(-1, remount("uid=nobody"));
	EXPECT_EQ(-1, remount("uid=-1"));
	EXPECT_EQ(-1, remount("colour=blue"));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0400, stat_of(cpu0).st_mode & 0777);
}

/* All mounts show one file system. */
TEST_F(mount, mounted_twice)
{
	mkdir(OTHER, 0700);
	ASSERT_EQ(0, mount("none", OTHER, "relayfs", 0, NULL));
	EXPECT_EQ(stat_of(cpu0).st_ino, stat_of(OTHER "/" NAME "/cpu0").st_ino);
	EXPECT_EQ(0, umount(OTHER));
	/* An option of another mount applies to the file system. */
	ASSERT_EQ(0, mount("none", OTHER, "relayfs", 0, "mode=755"));
	EXPECT_EQ(0444, stat_of(cpu0).st_mode & 0777);
	EXPECT_EQ(0, umount(OTHER));
	rmdir(OTHER);
}

/* A channel can be opened while relayfs is not mounted. */
TEST_F(mount, unmounted)
{
	ASSERT_EQ(0, umount(CHANNELS));
	ASSERT_EQ(0, control("close " NAME));
	ASSERT_EQ(0, control("open " NAME " 4096 4 0 0"));
	ASSERT_EQ(0, mount("none", CHANNELS, "relayfs", 0, NULL));
	EXPECT_EQ(0400, stat_of(cpu0).st_mode & 0777);
}

TEST_F(mount, name_is_taken)
{
	EXPECT_EQ(-1, control("open " NAME "/sub 4096 4 0 0"));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, control("open .. 4096 4 0 0"));
}

/* Under lockdown root may not read the files, as with tracefs. */
TEST_F(mount, lockdown)
{
	char mode[128] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDWR);

	if (fd < 0 || read(fd, mode, sizeof(mode) - 1) < 0)
		SKIP(return, "a kernel without lockdown");
	if (!getenv("LOCKDOWN"))
		SKIP(return, "there is no way back: only with LOCKDOWN=1");
	ASSERT_LT(0, write(fd, "confidentiality", 15));
	EXPECT_EQ(-1, open(cpu0, O_RDONLY));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, open_file(NAME, "all", O_RDONLY));
	EXPECT_EQ(EPERM, errno);
	close(fd);
}

TEST_HARNESS_MAIN
