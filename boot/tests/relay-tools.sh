#!/bin/bash
# job 20
# librelay and relayctl as a user has them: compiled by gcc and clang, installed,
# found by pkg-config, linked with C and C++; and what needs no channel.
. "$(dirname "$0")/../lib.sh"
need abigail-tools gcc gcc-multilib g++ clang make libc6-dev pkg-config libjson-c-dev libelf-dev libisal-dev libkdumpfile-dev libbabeltrace2-dev libtraceevent-dev libzstd-dev groff-base python3
dir=$BUILD/relay-tools-test
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir" || exit 1
n=0
result() {
	local name=$1 ok=ok; shift
	n=$((n + 1))
	("$@") >out 2>&1 || ok='not ok'
	awk '{ print "# " $0 }' out
	echo "$ok $n - $name"
	[ "$ok" = ok ] || bad=1
}
bad=0

compiles() { make -C "$ROOT/tools/relay" O="$dir/$1" CC="$1" all examples; }
installs() { make -C "$ROOT/tools/relay" O="$dir/gcc" DESTDIR="$dir/root" PREFIX=/usr install; }

# Only what the header names is visible, in either library, with a version in the shared one;
# the soname, the header and the installed library have one number.
exports() {
	sed -n 's/^\([a-z_]\+ \)*\(struct [a-z_]* \)\?[*]\?\(relay_[a-z_]*\)(.*/\3/p' \
		"$ROOT/tools/relay/librelay/relay/librelay.h" | sort >declared
	[ -s declared ] || return 1
	for compiler in gcc clang; do
		nm -D --defined-only $compiler/librelay.so | awk '$2 != "A" { print $3 }' | sort >exported
		sed 's/$/@@LIBRELAY_1.0/' declared | diff - exported || return 1
		nm -g --defined-only $compiler/librelay.a | awk 'NF == 3 { print $3 }' | sort | diff declared - || return 1
	done
	readelf -d gcc/librelay.so | grep 'SONAME.*librelay\.so\.1\]' &&
		ls root/usr/lib/librelay.so.1.0.0 &&
		[ "$(readlink root/usr/lib/librelay.so.1)" = librelay.so.1.0.0 ] &&
		sed 's,.*,root/usr/share/man/man3/&.3,' declared | xargs ls
}

# abi_is DESCRIPTION: the library has that ABI, or more
abi_is() {
	echo 'LIBRELAY_1.0 { global: relay_*; local: *; };' >abi.map
	gcc -g -shared -fPIC -Wl,-soname,librelay.so.1 -Wl,--version-script=abi.map -o abi.so "$1" &&
		abidiff --no-added-syms abi.so gcc/librelay.so
}
# Also, that this sees a function that is gone, and a structure that has grown.
keeps_its_abi() {
	local is=$ROOT/tools/testing/relay/librelay-abi.c
	abi_is "$is" || return 1
	{ cat "$is"; echo 'int relay_gone(void) { return 0; }'; } >gone-abi.c
	sed '/uint64_t	missed;/d' "$is" >grown-abi.c
	for change in gone grown; do
		! abi_is $change-abi.c || { echo "it sees nothing $change"; return 1; }
	done
}

flags() { PKG_CONFIG_SYSROOT_DIR=$dir/root PKG_CONFIG_PATH=$dir/root/usr/lib/pkgconfig pkg-config "$@" librelay; }
links() {
	cat >user.c <<-END
		#include <stdlib.h>
		#include <time.h>
		#include <unistd.h>
		#include <relay/librelay.h>
		int main(void)
		{
			struct relay_reader *reader;

			/* As free() does, each takes what a failed open left. */
			relay_merge_close(NULL);
			relay_close(NULL);
			return relay_open(&reader, "/", 0) >= 0 || relay_version() != LIBRELAY_VERSION;
		}
	END
	# shellcheck disable=SC2046
	"$1" -x "$2" -Wall -Wextra -Wshadow -Wsystem-headers -Werror $(flags --cflags) user.c -x none -o user "${@:3}" $(flags --libs) &&
		LD_LIBRARY_PATH=root/usr/lib ./user
}
manual() {
	for page in root/usr/share/man/man*/*; do
		(cd root/usr/share/man && groff -t -man -ww -z "$dir/$page") || return 1
	done >warnings 2>&1
	cat warnings
	[ ! -s warnings ]
}
helps() {
	for command in '' record cat verify stat list recover archive trace 'trace record' convert; do
		# shellcheck disable=SC2086
		root/usr/bin/relayctl $command --help >help && grep -q '^usage: relayctl' help || return 1
	done
}
completes() {
	. root/usr/share/bash-completion/completions/relayctl
	COMP_WORDS=(relayctl record --sn) COMP_CWORD=2
	_relayctl
	[ "${COMPREPLY[*]}" = --snapshot ] || return 1
	COMP_WORDS=(relayctl trace record --ev) COMP_CWORD=3
	_relayctl
	[ "${COMPREPLY[*]}" = --event ] || return 1
	COMP_WORDS=(relayctl convert --fo) COMP_CWORD=2
	_relayctl
	[ "${COMPREPLY[*]}" = --formats ] || return 1
	COMP_WORDS=(relayctl convert --to '') COMP_CWORD=3
	_relayctl
	[ "${COMPREPLY[*]}" = text ]
}

# The protocol of sd_notify(3): a datagram to a socket, by path or abstract.
notifies() {
	gcc -shared -fPIC -D_GNU_SOURCE -o notify.so "$ROOT/tools/relay/relayctl/notify.c" &&
		python3 - <<-'END'
			import ctypes, os, socket
			library = ctypes.CDLL("./notify.so")
			libc = ctypes.CDLL(None)
			library.notify(b"READY=1")		# nobody asked
			for name, address in (("socket", "socket"), ("@relay-%d" % os.getpid(), "\0relay-%d" % os.getpid())):
			    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
			        manager.bind(address)
			        manager.setblocking(False)
			        libc.setenv(b"NOTIFY_SOCKET", name.encode(), 1)
			        library.notify(b"READY=1")
			        assert manager.recv(100) == b"READY=1", name
		END
}

# A directory that goes while the channels are looked for hides no others, nor does a
# channel called "all".
lists_what_stays() {
	cat >channels.c <<-END
		#include "scan.c"

		static int found(const char *name, void *arg)
		{
			puts(name);
			++*(int *)arg;
			return strcmp(name, "a/channel") ? 0 : rmdir("relayfs/b");
		}

		int main(void)
		{
			int n = 0, err = relay_channels("relayfs", found, &n);

			printf("%d, %d channels\n", err, n);
			return err || n != 2 || rename("relayfs", "gone") || relay_channels("relayfs", found, &n) != -ENOENT;
		}
	END
	rm -rf relayfs gone
	mkdir -p relayfs/a/channel relayfs/b relayfs/c/all
	touch relayfs/a/channel/all relayfs/c/all/all
	gcc -D_GNU_SOURCE -I"$ROOT/include" -iquote "$ROOT/include" -I"$ROOT/tools/relay/librelay" -o channels channels.c && ./channels >found || return 1
	cat found
	grep -qx c/all found
}

# What stands for the kernel in the tests of parts of librelay, which include them: one.h
# also for the rest of the library, with the meta page of a reader's only buffer.
cat >kernel.h <<-'END'
	/*
	 * The answers; INFO is what RELAY_GET_INFO says. @put_fails: of what is put next, the
	 * first was gone. @get_fails: the error of RELAY_GET_SUBBUF.
	 */
	static uint64_t next_to_get, produced, lost;
	static int puts_seen, get_fails;
	static bool put_fails;
	static uint32_t triggers;

	int ioctl(int fd, unsigned long request, ...)
	{
		va_list list;
		void *arg;

		(void)fd;
		va_start(list, request);
		arg = va_arg(list, void *);
		va_end(list);
		puts_seen += request == RELAY_PUT_SUBBUF;
		if (request == RELAY_GET_INFO)
			*(struct relay_info *)arg = (struct relay_info) { .abi_version = RELAY_ABI_VERSION, INFO };
		if (request == RELAY_GET_SUBBUF)
			*(struct relay_subbuf_get *)arg = (struct relay_subbuf_get) { .info.sequence = next_to_get };
		if (request == RELAY_GET_COUNTERS)
			*(struct relay_counters *)arg = (struct relay_counters) { .produced = produced, .ready = 1, .lost = { lost } };
		if (request == RELAY_GET_SUBBUF && get_fails) {
			errno = get_fails;
			return -1;
		}
		if (request == RELAY_GET_TRIGGERS) {
			*(uint32_t *)arg = triggers;
			triggers = 0;
		}
		if (request != RELAY_PUT_SUBBUF || !put_fails)
			return 0;
		put_fails = false;
		((struct relay_subbuf_put *)arg)->count--;
		errno = ESTALE;
		return -1;
	}
END
cat >one.h <<-'END'
	static struct { struct relay_meta meta; struct relay_subbuf_desc desc[8]; } meta = {
		.meta = { .header_size = sizeof(struct relay_meta), .desc_size = sizeof(struct relay_subbuf_desc), .n_subbufs = 8 },
	};

	#include "reader.c"
	#include "scan.c"
END
# compiles_part PROGRAM SOURCE: as a program, against librelay's sources
compiles_part() {
	gcc -include stdio.h -include stdarg.h -include stddef.h -include sys/syscall.h -D_GNU_SOURCE -iquote . \
		-iquote "$ROOT/include" -I"$ROOT/tools/relay/librelay" -o "$1" "$2"
}

# fake_files DIR SIZE [FILE]: what a channel has on relayfs for "all" and CPU 0, and FILE
fake_files() {
	rm -rf "$1"
	mkdir "$1"
	truncate -s "$2" "$1/all" "$1/cpu0" ${3:+"$1/$3"}
}

# Who only takes snapshots waits for the end of the channel, and for nothing else: not
# for sub-buffers, and it is not missed between a look and the wait. With inotify, and
# where there is none, by a timer.
sees_the_end() {
	cat >ending.c <<-END
		#include "buf.c"
		#include "reader.c"
		#include "scan.c"

		#define INFO .flags = RELAY_CHAN_GLOBAL, .meta_size = 4096
		#include "kernel.h"

		/* As the kernel: it is closed, and then its file goes. */
		static void close_channel(void)
		{
			int fd = open("ending/cpu0", O_WRONLY);
			unsigned int one = 1;

			pwrite(fd, &one, sizeof(one), offsetof(struct relay_meta, closed));
			close(fd);
			unlink("ending/cpu0");
		}

		static bool close_at_read;

		ssize_t read(int fd, void *to, size_t size)
		{
			if (close_at_read)
				close_channel();
			close_at_read = false;
			return syscall(SYS_read, fd, to, size);
		}

		int inotify_init1(int flags)
		{
			return getenv("TIMER") ? -1 : syscall(SYS_inotify_init1, flags);
		}

		static int readable(struct relay_reader *reader, int ms)
		{
			struct pollfd fd = { .fd = relay_fd(reader), .events = POLLIN };

			return poll(&fd, 1, ms);
		}

		int main(int argc, char **argv)
		{
			const struct relay_subbuf *subbuf;
			struct relay_reader *reader;
			int err = relay_open(&reader, "./ending", RELAY_FLIGHT | RELAY_NONBLOCK), first, ready, last;

			(void)argv;
			if (err)
				return 1;
			close_at_read = argc > 1;
			first = relay_next(reader, &subbuf);
			if (argc > 1)
				return first;
			ready = readable(reader, 0);
			close_channel();
			err = readable(reader, 5000);
			last = relay_next(reader, &subbuf);
			printf("first %d, readable %d, closed: readable %d, %d\\n", first, ready, err, last);
			relay_close(reader);
			return first != -EAGAIN || ready || err != 1 || last;
		}
	END
	compiles_part see-end ending.c || return 1
	for run in ./see-end './see-end between' 'env TIMER=1 ./see-end'; do
		fake_files ending 4096
		$run || { echo "$run: $?"; return 1; }
	done
}

# relay_stop(), before the wait and when it has begun; the same reader goes on with a snapshot.
stops() {
	cat >stop.c <<-END
		#include "buf.c"
		#include "reader.c"
		#include "scan.c"

		#define INFO .flags = RELAY_CHAN_GLOBAL, .n_subbufs = 1, .meta_size = 4096
		#include "kernel.h"

		static struct relay_reader *reader;
		static bool stop_in_wait;

		int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
		{
			if (stop_in_wait)
				relay_stop(reader);
			stop_in_wait = false;
			return syscall(SYS_epoll_wait, fd, events, n, timeout);
		}

		int main(void)
		{
			const struct relay_subbuf *subbuf;
			int err = relay_open(&reader, "./stop", RELAY_FLIGHT), before, in_wait, snapshot;

			if (err)
				return 1;
			relay_stop(reader);
			before = relay_next(reader, &subbuf);
			reader->bufs[0]->ended = false;
			reader->bufs[0]->bounded = false;
			stop_in_wait = true;
			in_wait = relay_next(reader, &subbuf);
			err = relay_snapshot(reader);
			snapshot = reader->bufs[0]->ended || reader->bufs[0]->bounded;
			printf("stopped before %d, in the wait %d, snapshot %d, %d\\n", before, in_wait, err, snapshot);
			relay_close(reader);
			return before || in_wait || stop_in_wait || err || snapshot;
		}
	END
	compiles_part stop-reader stop.c || return 1
	fake_files stop 4096
	timeout 60 ./stop-reader
}

# A trigger that was there, one that comes in the wait, a stop, and the end of the channel.
waits_for_a_trigger() {
	cat >trigger.c <<-END
		#include "buf.c"
		#include "reader.c"
		#include "scan.c"

		#define INFO .flags = RELAY_CHAN_GLOBAL, .n_subbufs = 1, .meta_size = 4096
		#include "kernel.h"

		static struct relay_reader *reader;
		static bool trigger_in_wait;

		/* A file in place of the kernel's cannot be polled. */
		int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
		{
			(void)epfd;
			(void)op;
			(void)fd;
			return event && event->events & EPOLLPRI && !(event->events & EPOLLET);
		}

		int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
		{
			(void)fd;
			(void)events;
			(void)n;
			(void)timeout;
			if (trigger_in_wait)
				triggers = 1;
			else
				relay_stop(reader);
			return 1;
		}

		int main(void)
		{
			struct relay_reader *other;
			int there, in_wait, stopped, closed, none, wrong, fd;
			unsigned int one = 1;

			if (relay_open(&other, "./trigger", RELAY_TRIGGER) != -EINVAL ||
			    relay_open(&other, "./trigger", RELAY_FLIGHT) ||
			    relay_open(&reader, "./trigger", RELAY_FLIGHT | RELAY_TRIGGER))
				return 1;
			wrong = relay_wait_trigger(other);
			relay_close(other);
			triggers = 2;
			there = relay_wait_trigger(reader);
			trigger_in_wait = true;
			in_wait = relay_wait_trigger(reader);
			trigger_in_wait = false;
			stopped = relay_wait_trigger(reader);
			relay_close(reader);
			if (relay_open(&reader, "./trigger", RELAY_FLIGHT | RELAY_TRIGGER | RELAY_NONBLOCK))
				return 1;
			none = relay_wait_trigger(reader);
			fd = open("trigger/cpu0", O_WRONLY);
			pwrite(fd, &one, sizeof(one), offsetof(struct relay_meta, closed));
			closed = relay_wait_trigger(reader);
			printf("not opened for it %d, there %d, in the wait %d, stopped %d, none %d, closed %d\\n",
			       wrong, there, in_wait, stopped, none, closed);
			return wrong != -EINVAL || there != 2 || in_wait != 1 || stopped || none != -EAGAIN || closed;
		}
	END
	compiles_part wait-trigger trigger.c || return 1
	fake_files trigger 4096
	timeout 60 ./wait-trigger
}

# A CPU that came up just before the end, of which no watch has told yet.
sees_the_last_cpu() {
	cat >late.c <<-END
		#include "buf.c"
		#include "reader.c"
		#include "scan.c"

		#define INFO .n_subbufs = 1, .meta_size = 4096
		#include "kernel.h"

		int inotify_init1(int flags)
		{
			(void)flags;
			return -1;
		}

		int main(int argc, char **argv)
		{
			struct relay_reader *reader;
			int err = relay_open(&reader, "./late", RELAY_FLIGHT | RELAY_NONBLOCK), fd;

			(void)argv;
			if (err || reader->n_bufs != 1)
				return 1;
			fd = open("late/cpu1", O_WRONLY | O_CREAT, 0600);
			if (fd < 0 || ftruncate(fd, 4096))
				return 1;
			close(fd);
			err = argc > 1 ? relay_snapshot(reader) : relay_drain(reader);
			printf("error %d, %u buffers\\n", err, reader->n_bufs);
			return err || reader->n_bufs != 2;
		}
	END
	compiles_part see-late late.c || return 1
	for run in ./see-late './see-late snapshot'; do
		fake_files late 4096
		$run || { echo "$run: $?"; return 1; }
	done
}

# Splice goes on where the kernel is: there, what is released is given back at once.
gives_back() {
	cat >release.c <<-END
		#include "buf.c"
		#define INFO .n_subbufs = 64
		#include "kernel.h"
		#include "one.h"

		static int released(bool splice)
		{
			struct relay_buf buf = { .info.n_subbufs = 64, .started = true, .next = 1, .splice = splice };
			struct relay_buf *bufs[] = { &buf };
			struct relay_reader reader = { .n_bufs = 1, .bufs = bufs };
			struct relay_subbuf subbuf = { 0 };

			puts_seen = 0;
			return relay_release(&reader, &subbuf) ? -1 : puts_seen;
		}

		int main(void)
		{
			int mapped = released(false), spliced = released(true);

			printf("given back: %d, of those that are spliced: %d\n", mapped, spliced);
			return mapped != 0 || spliced != 1;
		}
	END
	compiles_part release release.c && ./release
}

# Another reader took a sub-buffer that is held, and the next: the release of the held one
# says so. That of a later one, which is still there, does not.
tells_what_is_gone() {
	cat >gone.c <<-END
		#include "buf.c"

		#define INFO .n_subbufs = 8
		#include "kernel.h"
		#include "one.h"

		int main(void)
		{
			struct relay_buf buf = { .info.n_subbufs = 8, .meta = &meta.meta, .data = (void *)&meta, .confirm = true };
			struct relay_buf *bufs[] = { &buf };
			struct relay_reader reader = { .n_bufs = 1, .bufs = bufs };
			const struct relay_stale *stale;
			struct relay_subbuf held[3];
			int err[3];

			relay_buf_take(&buf, &held[0]);
			next_to_get = 2;
			meta.meta.consumed = 2;
			relay_buf_take(&buf, &held[1]);
			next_to_get = 3;
			meta.meta.consumed = 4;
			relay_buf_take(&buf, &held[2]);
			for (int i = 0; i < 3; i++)
				err[i] = relay_release(&reader, &held[i]);
			stale = relay_get_stale(&reader);
			printf("missed %d, released: %d, %d, %d; stale: CPU %u, %d from %d\\n", (int)held[1].missed,
			       err[0], err[1], err[2], stale->cpu, (int)stale->count, (int)stale->sequence);
			return held[1].missed != 1 || err[0] != -ESTALE || err[1] || err[2] ||
			       stale->cpu || stale->count != 1 || stale->sequence;
		}
	END
	compiles_part is-gone gone.c && ./is-gone
}

# The end is that of what was delivered, also where another reader took what is held, or is
# released: the latter is told at the end.
ends_beside_another() {
	cat >bound.c <<-END
		#include "buf.c"
		#define INFO .n_subbufs = 8
		#include "kernel.h"
		#include "one.h"

		int main(void)
		{
			struct relay_buf buf = { .info.n_subbufs = 8, .meta = &meta.meta, .data = (void *)&meta, .started = true };
			struct relay_subbuf subbuf;
			int first, second, gone, last;

			/*
			 * 3 is released and 4 is held, both consumed by another reader; 5 was delivered,
			 * 6 is later.
			 */
			buf.put = 3;
			buf.done = 4;
			buf.next = 5;
			put_fails = true;
			meta.meta.consumed = 5;
			produced = 6;
			first = relay_buf_bound(&buf);
			next_to_get = 5;
			second = relay_buf_take(&buf, &subbuf);
			next_to_get = 6;
			meta.meta.consumed = 6;
			gone = relay_buf_take(&buf, &subbuf);
			last = relay_buf_take(&buf, &subbuf);
			printf("bound %d, the one before the end %d, the one after it %d, then %d; stale: %d from %d\\n",
			       first, second, gone, last, (int)buf.stale.count, (int)buf.stale.sequence);
			return first || second || gone != -ESTALE || last != -ENODATA ||
			       buf.stale.count != 1 || buf.stale.sequence != 3;
		}
	END
	compiles_part is-bound bound.c && ./is-bound
}

# The records that a reader has lost, and the sub-buffers that it has missed, after its last
# sub-buffer: in a snapshot, and up to the end of a drain or of the channel, where writers or
# another reader were faster. They are told at the end, and no later sub-buffer counts. Losses
# from before the first sub-buffer of all count, too, and a count that wraps, or has lost a
# bit, counts as none.
counts_to_the_end() {
	cat >count.c <<-END
		#include "buf.c"
		#define INFO .n_subbufs = 8
		#include "kernel.h"
		#include "one.h"

		static struct relay_buf buf;
		static int wrong;

		static void opens(uint64_t consumed, uint64_t delivered, uint64_t losses)
		{
			meta.meta.consumed = consumed;
			produced = delivered;
			lost = losses;
			get_fails = 0;
			buf = (struct relay_buf) { .info.n_subbufs = 8, .meta = &meta.meta, .data = (void *)&meta };
			buf_begin_oldest(&buf);
			buf_count_before(&buf);
		}

		static void takes(uint64_t next, int fails)
		{
			struct relay_subbuf subbuf;

			next_to_get = next;
			get_fails = fails;
			if (relay_buf_take(&buf, &subbuf) != -fails)
				wrong = 1;
			buf.held = false;
		}

		static void tells(const char *when, uint64_t since, uint64_t missed)
		{
			struct relay_counts counts = { 0 };

			relay_buf_count(&buf, &counts);
			printf("%s: lost %ld, missed %ld\n", when, (long)counts.lost_since, (long)counts.missed_since);
			wrong |= counts.lost_since != since || counts.missed_since != missed;
		}

		int main(void)
		{
			opens(0, 0, 5);
			tells("before the first sub-buffer", 5, 0);
			opens(0, 4, 5);
			lost = 7;
			tells("opened later", 2, 0);
			lost = 3;
			tells("a count that went down", 0, 0);

			opens(2, 6, 0);
			wrong |= relay_buf_snapshot(&buf);
			produced = 9;
			tells("snapshot", 0, 0);
			takes(0, ENODATA);
			tells("snapshot without a sub-buffer", 0, 4);
			opens(2, 6, 0);
			wrong |= relay_buf_snapshot(&buf);
			takes(3, 0);
			takes(0, ENODATA);
			tells("snapshot with one", 0, 2);
			opens(2, 3, 0);
			wrong |= relay_buf_snapshot(&buf);
			takes(3, 0);
			takes(0, ENODATA);
			tells("snapshot with one that was delivered meanwhile", 0, 0);

			opens(0, 8, 0);
			takes(4, 0);
			wrong |= relay_buf_bound(&buf);
			produced = 20;
			tells("drained", 0, 0);
			get_fails = 0;
			next_to_get = 16;
			wrong |= relay_buf_take(&buf, &(struct relay_subbuf) { 0 }) != -ENODATA;
			tells("drained, and lapped", 0, 3);

			opens(0, 8, 0);
			takes(4, 0);
			produced = 9;
			takes(0, ENODATA);
			tells("closed, the last taken by another reader", 0, 4);
			opens(0, 8, 0);
			buf.flight = true;
			meta.meta.closed = 1;
			takes(0, ENODATA);
			tells("closed, a flight recorder", 0, 0);
			return wrong;
		}
	END
	compiles_part counts-end count.c && ./counts-end
}

# A merge gives no record of a sub-buffer that another reader took, though it was there
# when the merge came to it: the next record tells that it was missed.
merges_beside_another() {
	cat >merging.c <<-END
		#include "buf.c"
		#include "merge.c"
		#include "reader.c"
		#include "scan.c"

		#define SUBBUFS	4
		#define SIZE	4096

		static uint64_t (*data)[SIZE / 8];
		static uint64_t next_to_get;

		/* The only record of a sub-buffer, after a header: its first word is the time. */
		static size_t time_of(const void *record, size_t left, uint64_t *time, size_t *skip, void *arg)
		{
			(void)skip;
			(void)arg;
			*time = *(const uint64_t *)record;
			return left;
		}

		int ioctl(int fd, unsigned long request, ...)
		{
			va_list list;
			void *arg;

			(void)fd;
			va_start(list, request);
			arg = va_arg(list, void *);
			va_end(list);
			if (request == RELAY_GET_INFO)
				*(struct relay_info *)arg = (struct relay_info) {
					.abi_version = RELAY_ABI_VERSION, .flags = RELAY_CHAN_GLOBAL, .n_subbufs = SUBBUFS,
					.header_size = 8, .subbuf_size = SIZE, .data_size = SUBBUFS * SIZE, .meta_offset = SUBBUFS * SIZE, .meta_size = SIZE,
				};
			if (request == RELAY_GET_COUNTERS)
				*(struct relay_counters *)arg = (struct relay_counters) { .produced = SUBBUFS };
			if (request == RELAY_GET_SUBBUF && next_to_get == SUBBUFS) {
				errno = ENODATA;
				return -1;
			}
			if (request == RELAY_GET_SUBBUF) {
				*(struct relay_subbuf_get *)arg = (struct relay_subbuf_get) { .info = { .sequence = next_to_get, .used = 16 }, .offset = next_to_get * SIZE };
				next_to_get++;
			}
			/* Another reader took it, and a writer is in it. */
			if (request == RELAY_PUT_SUBBUF && ((struct relay_subbuf_put *)arg)->sequence == 1) {
				errno = ESTALE;
				return -1;
			}
			return 0;
		}

		/* Nothing is waited for, and a file in place of the kernel's cannot be. */
		int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
		{
			(void)epfd;
			(void)op;
			(void)fd;
			(void)event;
			return 0;
		}

		int main(void)
		{
			struct relay_subbuf_desc desc = { .version = 2 };
			struct relay_meta meta = { .header_size = sizeof(meta), .desc_size = sizeof(desc), .n_subbufs = SUBBUFS };
			struct relay_reader *reader;
			const struct relay_subbuf *subbuf;
			const struct relay_record *record;
			struct relay_merge *merge;
			int fd = open("merge/cpu0", O_RDWR), err;

			data = mmap(NULL, SUBBUFS * SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			pwrite(fd, &meta, sizeof(meta), SUBBUFS * SIZE);
			for (uint64_t i = 0; i < SUBBUFS; i++) {
				data[i][0] = 77;
				data[i][1] = i;
				desc.info.sequence = i;
				desc.info.used = 16;
				pwrite(fd, &desc, sizeof(desc), SUBBUFS * SIZE + sizeof(meta) + i * sizeof(desc));
			}
			if (relay_open(&reader, "./merge", 0) || relay_merge_open(&merge, reader, time_of, NULL) ||
			    relay_next(reader, &subbuf) != -EBUSY || relay_snapshot(reader) != -EBUSY ||
			    relay_merge_open(&merge, reader, time_of, NULL) != -EBUSY)
				return 1;
			while ((err = relay_merge_next(merge, &record)) > 0) {
				/* A writer is in what was given back. */
				data[record->time][1] = 9;
				printf("time %d %d, missed %d\\n", (int)record->time, (int)*(const uint64_t *)record->data, (int)record->missed);
			}
			relay_merge_close(merge);
			relay_close(reader);
			return err;
		}
	END
	compiles_part is-merged merging.c || return 1
	fake_files merge 20480
	./is-merged >merged || return 1
	cat merged
	[ "$(cat merged)" = $'time 0 0, missed 0\ntime 2 2, missed 1\ntime 3 3, missed 0' ]
}

# With RELAY_NONBLOCK a pipe that is full, and blocks, keeps no reader: neither before the
# last byte of a sub-buffer, which is not spliced, nor before that.
splices_without_a_wait() {
	cat >nonblock.c <<-END
		#include "buf.c"
		#define INFO .n_subbufs = 8
		#include "kernel.h"
		#include "one.h"

		int main(void)
		{
			struct relay_buf buf = { .info.n_subbufs = 8, .started = true, .splice = true, .next = 1 };
			struct relay_buf *bufs[] = { &buf };
			struct relay_reader reader = { .n_bufs = 1, .bufs = bufs, .flags = RELAY_NONBLOCK };
			struct relay_subbuf subbuf = { .used = 8 };
			int from[2], to[2], some, last;
			char page[4096] = "";

			if (pipe(from) || pipe(to) || write(from[1], page, 8) != 8)
				return 1;
			fcntl(to[1], F_SETPIPE_SZ, sizeof(page));
			if (write(to[1], page, sizeof(page)) != sizeof(page))
				return 1;
			buf.fd = from[0];
			some = relay_splice(&reader, &subbuf, to[1]);
			buf.spliced = 7;
			buf.put = buf.done = 1;
			last = relay_splice(&reader, &subbuf, to[1]);
			printf("full: %d, before the last byte %d\\n", some, last);
			return some != -EAGAIN || last != -EAGAIN;
		}
	END
	compiles_part splice-nonblock nonblock.c && timeout 60 ./splice-nonblock
}

# What a recording says is not believed: cut off anywhere, or with wrong bytes, it
# is refused, or what is damaged is not printed, and nothing else happens. (It is one of
# version 1, without check sums.)
damaged() {
	python3 - "$dir/gcc/relayctl" <<-'END'
		import os, random, struct, subprocess, sys
		random.seed(1)
		os.makedirs("rec")
		data = bytes(range(256)) * 8
		header = struct.pack("<8s8IQQ72s", b"relayidx", 1, 128, 64, 0, 4, 1024, 0, 0, 0, 0, b"test")
		entries = [struct.pack("<IIQQII4Q", 0, 0, i, 512 * i, 512, 1, 0, 0, 0, 0) for i in range(4)]
		index = header + b"".join(entries)

		def cat(index, data):
		    open("rec/index", "wb").write(index)
		    open("rec/cpu0", "wb").write(data)
		    run = subprocess.run([sys.argv[1], "cat", "-q", "rec"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
		    assert run.returncode in (0, 1, 3), run.returncode
		    return run.returncode, run.stdout

		assert cat(index, data) == (0, data)
		for cut in range(0, len(index), 7):
		    status, out = cat(index[:cut], data)
		    assert (status, out) == ((0, data[:512 * ((cut - 128) // 64)]) if cut >= 128 else (1, b"")), cut
		for cut in (0, 1, 511, 512, 1500):
		    status, out = cat(index, data[:cut])
		    assert status == 3 and out == data[:cut // 512 * 512], cut
		for _ in range(300):
		    bad = bytearray(index)
		    for _ in range(random.randint(1, 4)):
		        bad[random.randrange(len(bad))] = random.randrange(256)
		    cat(bytes(bad), data)
	END
}

# Each byte of a recording has a check sum: what is changed is told, where it is, and not
# printed, and the rest is. Zeroes are what a power cut leaves, in data and index.
holds_check_sums() {
	SEED=${SEED:-$RANDOM} python3 - "$dir/gcc/relayctl" <<-'END'
		import os, random, re, shutil, subprocess, sys
		seed = int(os.environ["SEED"])
		print("seed", seed)
		random.seed(seed)

		def run(*args):
		    run = subprocess.run([sys.argv[1], *args], capture_output=True, text=True)
		    return run.returncode, run.stdout, run.stderr.splitlines()

		shutil.rmtree("sums", ignore_errors=True)
		subprocess.run(["./faked", "record", "-q", "-o", "sums", "fine"], check=True)
		index, data = open("sums/index", "rb").read(), open("sums/cpu0", "rb").read()
		assert len(index) == 128 + 3 * 80 and data == b"000000010002"
		assert run("cat", "sums") == (0, "000000010002", [])
		assert run("verify", "sums") == (0, "sums: 3 sub-buffers match their check sums, 0 have none, 12 B; 0 damaged\n", [])

		def store(index, data):
		    open("sums/index", "wb").write(index)
		    open("sums/cpu0", "wb").write(data)

		def changed(of, at, size=1, zero=False):
		    new = bytes(size) if zero else bytes([of[at] ^ 1 << random.randrange(8)])
		    assert new != of[at:at + size]
		    return of[:at] + new + of[at + size:]

		def damaged(number, said):
		    rest = "".join("%04d" % i for i in range(3) if i != number)
		    assert run("cat", "-q", "sums") == (3, rest, [said, "relayctl: 1 sub-buffers are damaged, and not printed"]), said
		    assert run("verify", "-q", "sums") == (3, "", [said]), said

		for at in range(len(data)):
		    store(index, changed(data, at))
		    damaged(at // 4, f"sums/cpu0: sub-buffer {at // 4}, 4 bytes at {at // 4 * 4}: it does not match its check sum")
		for at in range(128, len(index)):
		    start = 128 + (at - 128) // 80 * 80
		    store(changed(index, at), data)
		    damaged((at - 128) // 80, f"sums/index: the entry at {start} does not match its check sum")
		store(index, changed(data, 4, 4, True))
		damaged(1, "sums/cpu0: sub-buffer 1, 4 bytes at 4: it does not match its check sum")
		store(changed(index, 208, 80, True), data)
		damaged(1, "sums/index: the entry at 208 does not match its check sum")
		store(index, data[:-1])
		damaged(2, "sums/cpu0: sub-buffer 2, 4 bytes at 8: the file ends before the end of it")
		store(index[:100], data)
		assert run("verify", "sums")[::2] == (1, ["relayctl: sums/index: not an index, or its header is damaged"])
		shutil.rmtree("sums")
		os.mkdir("sums")
		assert run("verify", "sums") == (1, "", ["relayctl: no recording in sums"])

		# Spliced data has no check sum; parts and snapshots are looked at, too.
		subprocess.run(["./faked", "record", "-q", "--splice", "-o", "sums/a", "fine"], check=True)
		os.mkdir("sums/b")
		subprocess.run(["./faked", "record", "-q", "-s", "4", "-o", "sums/b/c", "fine"], check=True)
		assert run("verify", "sums") == (0, "sums: 3 sub-buffers match their check sums, 3 have none, 24 B; 0 damaged\n", [])
		open("sums/b/c/000001/cpu0", "wb").write(b"0000")
		code, out, said = run("verify", "sums")
		assert code == 3 and said == ["sums/b/c/000001/cpu0: sub-buffer 1, 4 bytes at 0: it does not match its check sum"], said

		# A stream is whole, or not.
		with open("sums/stream", "wb") as stream:
		    subprocess.run(["./faked", "record", "-q", "-o", "-", "fine"], stdout=stream, check=True)
		whole = open("sums/stream", "rb").read()
		assert run("verify", "sums/stream") == (0, "sums/stream: 0 sub-buffers match their check sums, 3 have none, 12 B; 0 damaged\n", [])
		open("sums/stream", "wb").write(whole[:-1])
		assert run("verify", "-q", "sums/stream") == (3, "", ["sums/stream: after 2 sub-buffers it is damaged, or cut off"])
		open("sums/stream", "wb").write(whole[:10])
		assert run("verify", "-q", "sums/stream") == (1, "", ["relayctl: sums/stream: not a recording"])
		assert run("verify", "nowhere") == (1, "", ["relayctl: nowhere: No such file or directory"])
	END
}

# A compressed recording is one: cat and verify read it. A frame costs no more memory than
# its entry says, whatever it says itself; one that is damaged is told. Without libzstd that
# is said.
compresses() {
	rm -rf packed plain
	make -C "$ROOT/tools/relay" O="$dir/none" NO_LIBZSTD=1 "$dir/none/relayctl" && ./faked record -q -o plain wide &&
		./faked record -o packed --compress wide 2>said && cat said && grep -qE '^wide: .* 3 sub-buffers, 6.0 kB in [0-9]+ B, ' said || return 1
	[ "$(gcc/relayctl cat packed | cksum)" = "$(gcc/relayctl cat plain | cksum)" ] && [ "$(wc -c <packed/cpu0)" -lt 200 ] &&
		gcc/relayctl verify packed | grep '^packed: 3 sub-buffers match their check sums, 0 have none' || return 1
	says 2 'relayctl record: --compress: this relayctl was built without libzstd' none/relayctl record -z wide &&
		says 1 'relayctl: packed is compressed with zstd; this relayctl was built without libzstd' none/relayctl cat packed &&
		says 1 'relayctl: packed is compressed with zstd; this relayctl was built without libzstd' none/relayctl verify packed &&
		none/relayctl cat plain | cmp - plain/cpu0 || return 1
	for level in 0 20 x ''; do
		says 2 "relayctl record: --compress=$level: it takes a level, 1 to 19" ./faked record --compress=$level wide || return 1
	done
	says 2 'relayctl record: --compress and --splice do not go together' ./faked record -z -p wide &&
		says 2 'relayctl record: --output=- and --compress do not go together' ./faked record -z -o - wide || return 1
	rm -rf packed-parts packed-snapshot
	./faked record -q -z19 -s 1 -o packed-parts wide && [ "$(ls packed-parts | wc -l)" = 3 ] && gcc/relayctl cat packed-parts | cmp - plain/cpu0 &&
		./faked record -q -S -z -o packed-snapshot wide && gcc/relayctl cat packed-snapshot | cmp - plain/cpu0 && [ "$(wc -c <packed-snapshot/cpu0)" -lt 200 ] || return 1
	PYTHONPATH=$ROOT/boot python3 - <<-'END'
		import resource, struct, subprocess
		from crc32c import crc32c
		index, data = open("packed/index", "rb").read(), open("packed/cpu0", "rb").read()
		plain = open("plain/cpu0", "rb").read()

		def small():
		    resource.setrlimit(resource.RLIMIT_AS, (100 << 20, 100 << 20))

		# With a check sum that fits, as a hostile recording has.
		def cat(frame, used, subbuf=0xffffffff):
		    entry = struct.pack("<IIQQII4QIII", 0, 6, 0, 0, used, 1, 0, 0, 0, 0, len(frame), crc32c(frame), 0)
		    header = index[:28] + struct.pack("<I", subbuf) + index[32:128]
		    open("packed/index", "wb").write(header + entry + struct.pack("<I", crc32c(entry)))
		    open("packed/cpu0", "wb").write(frame)
		    run = subprocess.run(["gcc/relayctl", "cat", "packed"], capture_output=True, preexec_fn=small)
		    return run.returncode, run.stdout, run.stderr

		def refused(frame, used):
		    code, out, said = cat(frame, used)
		    assert code == 3 and not out and b"it is not a whole frame of zstd" in said, (frame, used, code, said)

		def rle(size, count):
		    return b"".join(struct.pack("<I", (i == count - 1) | 1 << 1 | size << 3)[:3] + b"x" for i in range(count))

		frame = data[:struct.unpack_from("<I", index, 128 + 64)[0]]
		assert cat(frame, 2000) == (0, plain[:2000], b"")
		for at in range(len(frame)):
		    refused(frame[:at], 2000)
		    # The format has bits without a meaning.
		    for bit in range(8):
		        flipped = frame[:at] + bytes([frame[at] ^ 1 << bit]) + frame[at + 1:]
		        if cat(flipped, 2000) != (0, plain[:2000], b""):
		            refused(flipped, 2000)
		refused(frame + b"\0", 2000)
		refused(frame, 1999)
		refused(frame, 2001)
		magic = b"\x28\xb5\x2f\xfd"
		assert cat(magic + b"\x60" + struct.pack("<H", 1000 - 256) + rle(1000, 1), 1000) == (0, b"x" * 1000, b"")
		# It says 1 GiB; it says nothing and wants a window of 2 GiB; it has more than it says.
		refused(magic + b"\xa0" + struct.pack("<I", 1 << 30) + rle(1000, 1), 1000)
		refused(magic + b"\x00" + b"\xa8" + rle(1000, 1), 1000)
		refused(magic + b"\x60" + struct.pack("<H", 1000 - 256) + rle(128 << 10, 100), 1000)
		# As much as the entry says, with 2 GiB of window.
		assert cat(magic + b"\x40\xa8" + struct.pack("<H", 1000 - 256) + rle(1000, 1), 1000)[0] in (0, 3)
		# No frame, a frame that is to be skipped, one of an old format.
		refused(bytes(50), 1000)
		refused(struct.pack("<II", 0x184d2a50, 42) + bytes(42), 1000)
		refused(struct.pack("<I", 0xfd2fb527) + frame[4:], 2000)
		code, out, said = cat(magic + b"\xa0" + struct.pack("<I", 1 << 30) + rle(128 << 10, 8 << 10), 1 << 30)
		assert code == 1 and b"Cannot allocate memory" in said, (code, said)
	END
}

# A part without an index is none: there was no space for it, or it was being removed.
reads_other_parts() {
	python3 - "$dir/gcc/relayctl" <<-'END'
		import os, struct, subprocess, sys
		header = struct.pack("<8s8IQQ72s", b"relayidx", 1, 128, 64, 0, 4, 1024, 0, 0, 0, 0, b"test")

		def cat(*with_index):
		    for part in range(4):
		        path = f"parts/00000{part}"
		        os.makedirs(path, exist_ok=True)
		        with open(f"{path}/cpu0", "wb") as file:
		            file.write(b"%d" % part)
		        with open(f"{path}/index", "wb") as file:
		            file.write(header + struct.pack("<IIQQII4Q", 0, 0, part, 0, 1, 1, 0, 0, 0, 0))
		        if part not in with_index:
		            os.remove(f"{path}/index")
		    run = subprocess.run([sys.argv[1], "cat", "parts"], capture_output=True)
		    print(run)
		    return run.returncode, run.stdout

		assert cat(0, 1, 2, 3) == (0, b"0123")
		assert cat(1, 2) == (0, b"12")
		assert cat(0, 3) == (0, b"03")
		assert cat() == (1, b"")
		cat(0, 1)
		os.remove("parts/000001/cpu0")
		run = subprocess.run([sys.argv[1], "cat", "parts"], capture_output=True)
		assert run.returncode == 3 and run.stdout == b"0", run
		assert run.stderr.splitlines()[0] == b"parts/000001/cpu0: sub-buffer 1, 1 bytes at 0: the file is not there", run
	END
}

# A part that record --keep removes while it is printed, or before, is not damaged: it is
# told, and cat goes on.
goes_on_behind_what_goes() {
	python3 - "$dir/gcc/relayctl" <<-'END'
		import os, shutil, struct, subprocess, sys
		header = struct.pack("<8s8IQQ72s", b"relayidx", 1, 128, 64, 0, 4, 1 << 20, 0, 0, 0, 0, b"test")
		large = b"0" * 300000		# more than a pipe takes

		def cat(*options):
		    shutil.rmtree("going", ignore_errors=True)
		    for part in range(4):
		        path = f"going/00000{part}"
		        os.makedirs(path)
		        with open(f"{path}/index", "wb") as index:
		            index.write(header)
		            for cpu in range(3):
		                data = b"%d" % part if cpu or part else large
		                index.write(struct.pack("<IIQQII4Q", cpu, 0, 0, 0, len(data), 1, 0, 0, 0, 0))
		                with open(f"{path}/cpu{cpu}", "wb") as file:
		                    file.write(data)
		    run = subprocess.Popen([sys.argv[1], "cat", *options, "going"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
		    first = os.read(run.stdout.fileno(), 1)
		    # It has read the index of the first, and is in its first data file.
		    os.remove("going/000000/index")
		    for part in "going/000000", "going/000001":
		        shutil.rmtree(part)
		    os.remove("going/000002/index")
		    out, said = run.communicate()
		    print(run.returncode, len(out), said)
		    assert run.returncode == 0 and first + out == large + b"333", run
		    return said.decode().splitlines()

		assert cat() == ["relayctl: going/000000 was removed meanwhile; 2 of its sub-buffers are not printed",
		                 "relayctl: going/000001 is passed over: removed meanwhile, or never begun",
		                 "relayctl: going/000002 is passed over: removed meanwhile, or never begun"]
		assert cat("-q") == []
	END
}

# Where an address has 32 bits, what a file says can be more than there is memory
# for: that is refused, not cut off. (Without libelf and json-c, which are rarely
# there for 32 bits.)
refuses_at_32_bits() {
	cat >bits32.c <<-END
		#include <errno.h>
		#include <stddef.h>
		#include <stdio.h>
		#include "area.h"
		#include "recording.h"

		int vmcore_open(struct image *image) { (void)image; return -EBADMSG; }

		int main(void)
		{
			struct index_header index = { INDEX_MAGIC, INDEX_VERSION, sizeof(index), 80, .subbuf_size = 4 };
			struct relay_bank head = {
				.magic = RELAY_BANK_MAGIC, .byte_order = RELAY_BANK_BYTE_ORDER, .format = RELAY_BANK_FORMAT,
				.size = (1ULL << 32) + 4096, .n_cpus = 1, .channels = sizeof(head),
				.layout = { .word_size = 8, .control_size = 32, .subbuf_stride = 80, .note_size = 8 },
			};
			static struct area area;
			struct recording recording;
			struct area_memory memory;
			struct image image;
			FILE *file = fopen("large/index", "w");
			int found, loaded, opened;

			fwrite(&index, sizeof(index), 1, file);
			fclose(file);
			head.crc = relay_crc(0, &head, offsetof(struct relay_bank, crc));
			file = fopen("large/memory", "w");
			fwrite(&head, sizeof(head), 1, file);
			fclose(file);
			if (truncate("large/index", 128 + 80 * ((1ULL << 32) + 1)) || truncate("large/memory", 3ULL << 32))
				return 1;
			opened = recording_open(&recording, "large");
			found = image_open(&image, "large/memory") || area_from(&area, &image, 0) || area.bank[0].verdict;
			loaded = found ? 0 : area_load(&memory, &image, &area.bank[0]);
			recording_close(&recording);
			image_close(&image);
			printf("an index: %d, a bank: %d, %d\n", opened, found, loaded);
			return !(opened == -EFBIG && !found && loaded == -EFBIG);
		}
	END
	mkdir -p large stand-in/isa-l
	cat >stand-in/isa-l/crc.h <<-END
		static inline unsigned int crc32_iscsi(unsigned char *at, int size, unsigned int crc)
		{
			for (int bit = 0; bit < 8 * size; bit++)
				crc = crc >> 1 ^ (((crc ^ at[bit / 8] >> bit % 8) & 1) ? 0x82f63b78 : 0);
			return crc;
		}
	END
	gcc -m32 -g -std=gnu11 -fsanitize=address,undefined -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -include unistd.h \
		-Istand-in -iquote "$ROOT/include" -I"$ROOT/tools/relay/relayctl" \
		-I"$ROOT/tools/relay/librelay" -o bits32 bits32.c "$ROOT"/tools/relay/relayctl/{area,dump-none,image,parse_{bank,buffer,subbuf,sums},recording}.c &&
		{ ./bits32 || { [ $? = 126 ] && echo "left out: this machine runs no program of 32 bits"; }; }
}

# ends STATUS COMMAND...: with its stdout on a full device and into a broken pipe
ends() {
	local status
	"${@:2}" >/dev/full 2>errors
	status=$?
	echo "${*:2}: $status, $(cat errors)"
	[ $status = "$1" ] && grep -q 'stdout: No space left' errors || return 1
	in_broken_pipe "$@" && grep -q 'stdout: Broken pipe' errors
}
# in_broken_pipe STATUS COMMAND...: (the shell's pipe breaks when it likes)
in_broken_pipe() {
	python3 -c 'import os, subprocess, sys
from_pipe, to_pipe = os.pipe()
os.close(from_pipe)
sys.exit(subprocess.run(sys.argv[2:], stdout=to_pipe).returncode != int(sys.argv[1]))' "$@" 2>errors
	status=$?
	cat errors
	[ $status = 0 ]
}
# What only prints ends when its pipe does, and says nothing: relayctl list | head -n 1.
ends_with_its_pipe() {
	export RELAYFS=F0B4A981 CHANNELS=fine
	./faked record -q -o piped fine
	for command in list 'list --json' 'stat -n 1 fine' 'stat --json fine' 'cat piped' 'cat --live fine' help --version 'list --help'; do
		# shellcheck disable=SC2086
		in_broken_pipe -13 ./faked $command && [ ! -s errors ] || return 1
	done
}
# What cannot be printed is told. An earlier boot, though there is nothing of it,
# is not released then.
tells_what_it_cannot_print() {
	mkdir -p reserved
	echo 'bank=0 state=ended' >reserved/status
	PYTHONPATH=$ROOT/boot python3 - <<-'END'
		import struct
		from crc32c import crc32c

		# (a bank without a channel)
		layout = struct.pack("<28H", 8, 32, *[0] * 10, 8, *[0] * 2, 80, *[0] * 12)
		head = struct.pack("<8sIIQQQIIII56s16s64s64sI", b"RELAYRES", 0x01020304, 4, 0x10000, 1, 1, 4096, 1, 416, 0,
		                   layout, b"x86_64", b"7.3.0", b"", 0)
		with open("reserved/bank0", "wb") as file:
		    file.write((head + struct.pack("<I", crc32c(head))).ljust(0x10000, b"\0"))
	END
	for command in --version 'list --help'; do
		# shellcheck disable=SC2086
		gcc/relayctl $command >/dev/full 2>errors
		[ $? = 3 ] && cat errors && grep -q 'stdout: No space left' errors || return 1
	done
	for command in 'record --help' 'recover --release reserved' 'recover -r -j reserved'; do
		: >reserved/release
		# shellcheck disable=SC2086
		ends 3 gcc/relayctl $command && [ ! -s reserved/release ] || return 1
	done
	gcc/relayctl recover -r reserved && [ -s reserved/release ]
}

# relayctl on a library whose channels do what their names say.
fakes() {
	gcc -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I"$ROOT/tools/relay/librelay" \
		-iquote "$ROOT/tools/relay/relayctl" -iquote gcc/headers -o faked "$ROOT/boot/fake-relay.c" $(ls gcc/obj/relayctl/*.o | grep -v /convert-text) gcc/obj/librelay/error.o \
		-ljson-c -lelf -lisal -lzstd -lkdumpfile -lbabeltrace2 -ltraceevent
}

# Counts that are lower than before, or those of another CPU, have no rate.
has_rates() {
	for channel in returns hotplug; do
		./faked stat -i 1 -n 2 $channel >table || return 1
		cat table
		! grep -qE '[0-9]{16}|EB' table || return 1
	done
	# What stays as it is has one: 0. What came is all new.
	# (How much that is a second depends on how late the second table was.)
	awk '$NF == "-" { next } $1 == 2 && $(NF - 2) == 0 { same++ } $1 == 1 && $(NF - 2) > 0 { came++ }
		END { exit same != 1 || came != 1 }' table
}

# A channel without that CPU is not one that there is not.
names_the_cpu() {
	./faked cat -c 7 fine 2>said
	[ $? = 1 ] && cat said && grep -q 'fine.*CPU 7' said && ! grep -q 'no channel' said && ./faked cat -c 0 fine | grep 0001
}

# A directory has one recording: a snapshot beside the parts of another would not be
# printed.
refuses_to_mix() {
	rm -rf mixed
	mkdir -p mixed/000000
	touch mixed/000000/index
	./faked record --snapshot -o mixed fine 2>said
	[ $? = 1 ] && cat said && grep -q 'choose another directory' said && [ "$(ls mixed)" = 000000 ]
}

# Reading a recording takes nothing away, reading a channel does: a path that exists is
# what is meant.
prefers_a_path() {
	rm -rf fine
	./faked record -q -o fine cramped
	[ "$(./faked cat -q fine)" = 00000002 ] && [ "$(./faked cat --live fine)" = 000000010002 ] || return 1
	rm -r fine
	[ "$(./faked cat fine)" = 000000010002 ]
}

# A recording is called as its channel, however its path is written.
names_its_output() {
	rm -rf named.relay .relay ...relay
	for path in named sub/named /nowhere/named/ sub/named///; do
		./faked record -q "$path" && [ "$(gcc/relayctl cat named.relay)" = 000000010002 ] && [ ! -e .relay ] &&
			rm -r named.relay || return 1
	done
	for path in / . .. named/.. ///; do
		./faked record -q "$path" 2>said
		[ $? = 2 ] && cat said && grep -qF "with --output: $path has" said && [ ! -e .relay ] && [ ! -e ...relay ] || return 1
	done
}

# A name may have any bytes: what is printed of it is one line without a control character,
# and JSON is JSON.
prints_every_name() {
	python3 - <<-'END'
		import json, os, re, subprocess

		names = {b"plain/name": "plain/name", b"esc\x1b[31m": r"esc\033[31m", b"new\nline": r"new\nline", b'quo"te\\': r'quo"te\\',
		         "caf\u00e9 \u65e5\u672c".encode(): "caf\u00e9 \u65e5\u672c", b"\xc2\x9bC1": r"\302\233C1", b"\x7f\t\r": r"\177\t\r"}
		broken = {b"\xff\xfe": r"\377\376", b"\xed\xa0\x80surrogate": r"\355\240\200surrogate", b"cut\xe6\x97": r"cut\346\227",
		          b"\xc0\xafover\\long": r"\300\257over\\long", b"\xf4\x90\x80\x80": r"\364\220\200\200"}
		every = {**names, **broken}

		def run(*args, **env):
		    run = subprocess.run(["./faked", *args], capture_output=True, env=dict(os.environ, RELAYFS="F0B4A981", **env))
		    print(run)
		    return run

		channels = b":".join(every)
		table = run("list", CHANNELS=channels).stdout.decode()
		assert [re.split("  +", line)[0] for line in table.splitlines()[1:]] == list(every.values()), table
		said = json.loads(run("list", "--json", CHANNELS=channels).stdout.decode())
		assert [channel["channel"] for channel in said] == [name.decode() for name in names] + list(broken.values()), said
		assert [channel.get("escaped", False) for channel in said] == [False] * len(names) + [True] * len(broken)
		for name, shown in every.items():
		    said = run("stat", b"absent" + name).stderr.decode()
		    assert said.count("\n") == 1 and f"absent{shown} " in said, said
		    said = run("record", "-o", b"rec", b"absent" + name).stderr.decode()
		    assert said.count("\n") == 1 and f"absent{shown} " in said, said
		    said = json.loads(run("stat", "--json", name).stdout.decode())
		    assert said["channel"] == (shown if name in broken else name.decode()), said
	END
}

# list and stat look at a channel, they do not open its data. What cannot be looked at is
# told, and is not as if there were nothing.
only_looks() {
	export RELAYFS=F0B4A981 CHANNELS=fine:absent:other LOCKED=1
	./faked list >said && cat said && ./faked list --json >json && ./faked stat -n 1 fine && ./faked stat --json fine >stat || return 1
	grep -qE '^fine +1 +1000000 +1000000 +1.0 MB +5$' said || return 1
	python3 - <<-'END' || return 1
		import json
		said = json.load(open("json"))
		print(said)
		assert said == [{"channel": name, "buffers": 1, "committed": 1000000, "lost": 1000000, "bytes": 1000000, "ready": 5}
		                for name in ("fine", "other")]
		assert json.load(open("stat"))["total"]["lost"] == {"full": 1000000, "nested": 0, "too_big": 0, "disabled": 0}
	END
	./faked list --long >said 2>errors
	[ $? = 1 ] && [ ! -s said ] && [ "$(grep -c 'lockdown\|locked down' errors)" = 2 ] || { cat said errors; return 1; }
	unset LOCKED
	./faked list --long >said && grep -qE '^fine +no-overwrite +1 +4 +4 +0$' said || return 1
	CHANNELS=starved1:fine:starved2
	for option in '' --json; do
		# shellcheck disable=SC2086
		./faked list $option >said 2>errors
		[ $? = 1 ] && cat said errors && grep -q fine said && [ "$(grep -c 'starved.: Too many open files' errors)" = 2 ] || return 1
	done
}

# A name may begin with a dot.
finds_by_name() {
	cat >named.c <<-'END'
		#include "scan.c"

		int main(void)
		{
			static const char *const names[] = { "x", ".x", "..x", "...", ".../x", "x/.y" }, *const paths[] = { "/x", "./x", "../x", ".", "..", "/" };
			int bad = 0;

			for (int i = 0; i < 6; i++) {
				char *path = relay_channel_path(names[i]);

				bad |= strncmp(path, RELAY_ROOT "/", strlen(RELAY_ROOT) + 1) || strcmp(path + strlen(RELAY_ROOT) + 1, names[i]);
				puts(path);
				free(path);
				path = relay_channel_path(paths[i]);
				bad |= strcmp(path, paths[i]);
				puts(path);
				free(path);
			}
			return bad;
		}
	END
	gcc -D_GNU_SOURCE -I"$ROOT/include" -iquote "$ROOT/include" -I"$ROOT/tools/relay/librelay" -o named named.c && ./named
}

# says STATUS TEXT COMMAND...: ends with that status, and says that, in a line
says() {
	local status
	"${@:3}" >/dev/null 2>said
	status=$?
	echo "${*:3}: $status, $(cat said)"
	[ $status = "$1" ] && grep -qxF -- "$2" said
}

# What is wrong is named: the option, its value, and what it takes; the options that do not
# go together; the argument; the path.
names_what_is_wrong() {
	says 2 'relayctl stat: --count=x: it takes a number, 1 or more' ./faked stat -n x fine &&
		says 2 'relayctl stat: --interval=0: it takes seconds, 1 or more' ./faked stat -i 0 fine &&
		says 2 'relayctl cat: --cpu=x: it takes the number of a CPU' ./faked cat -c x fine &&
		says 2 'relayctl record: --fsync=some: it takes none, part or always' ./faked record -f some fine &&
		says 2 'relayctl record: --rotate-size=5Q: it takes bytes, 1 or more; K, M, G or T for powers of 1024' ./faked record -s 5Q fine &&
		says 2 'relayctl recover: --bank=x: it takes a number, 0 to 63' ./faked recover -b x &&
		says 2 'relayctl archive: --keep=x: it takes a number' ./faked archive -k x . &&
		says 2 'relayctl list: foo: one argument too many' ./faked list foo &&
		says 2 'relayctl stat: an argument is missing' ./faked stat &&
		says 2 'relayctl record: b: one argument too many' ./faked record --all b &&
		says 2 'relayctl trace record: which events? --event=EVENT' ./faked trace record -- true &&
		says 2 'relayctl trace record: of what? -- COMMAND, --pid=PID or --all-processes' ./faked trace record -e x &&
		says 2 'relayctl trace record: --filter=x: it takes a filter of the --event before it, and there is none' ./faked trace record -f x -e x -a &&
		says 2 'relayctl trace record: --pid=0: it takes the number of a process' ./faked trace record -e x -p 0 &&
		says 2 'relayctl trace record: --all-processes and --pid do not go together' ./faked trace record -e x -p 1 -a &&
		says 2 'relayctl trace record: no command follows --' ./faked trace record -e x -- &&
		says 2 'relayctl convert: to what? --to=text' ./faked convert . &&
		says 2 'relayctl convert: --to=json: it takes text' ./faked convert --to json . &&
		says 2 'relayctl convert: an argument is missing' ./faked convert --to text &&
		says 2 'relayctl record: --flight and --rotate-time do not go together' ./faked record -F -t 1 fine &&
		says 2 'relayctl record: --output=- and --snapshot do not go together' ./faked record -S -o - fine &&
		says 2 'relayctl record: --flight and --snapshot do not go together' ./faked record -F -S fine &&
		says 2 'relayctl record: --keep needs --rotate-size or --rotate-time' ./faked record -k 1 fine &&
		says 2 'relayctl recover: --scan and --address do not go together' ./faked recover -S -a 0 image &&
		says 2 'relayctl recover: --all and --bank do not go together' ./faked recover -A -b 0 image &&
		says 2 'relayctl recover: --size needs --address' ./faked recover -s 1M image &&
		says 2 'relayctl recover: --release is for the running kernel; image is a file' ./faked recover -r image &&
		says 2 'relayctl recover: --address is for an image of memory; . is an area' ./faked recover -a 0 . || return 1
	for command in 'stat -n 1' record; do
		# shellcheck disable=SC2086
		says 1 'relayctl: /nowhere: No such file or directory' gcc/relayctl $command /nowhere &&
			says 1 "relayctl: $dir is not the directory of a relay channel" gcc/relayctl $command "$dir" || return 1
	done
	says 1 'relayctl: /nowhere: No such file or directory' gcc/relayctl cat /nowhere && [ ! -e nowhere.relay ]
}

# A flight recorder looks at its directory when it starts, and leaves none that is empty.
flies_where_it_can() {
	rm -rf flight
	: >flight
	says 1 'relayctl: flight: Not a directory' timeout 60 ./faked record -F -o flight fine &&
		says 1 'relayctl: nowhere/flight: No such file or directory' timeout 60 ./faked record -F -o nowhere/flight fine || return 1
	rm flight
	! ./faked record -F -o flight absent 2>/dev/null && [ ! -e flight ]
}

# On a terminal, too, its summary is a line. What is in its directory is said.
sums_up_its_flight() {
	rm -rf flight
	python3 - <<-'END' || return 1
		import os, pty, re, signal, time
		pid, terminal = pty.fork()
		if not pid:
		    os.execv("./faked", ["./faked", "record", "-F", "-o", "flight", "fine"])
		while not re.search("SigBlk:.*420[23]$", open(f"/proc/{pid}/status").read(), re.M):
		    time.sleep(0.01)
		said = b""
		for n in range(2):
		    os.kill(pid, signal.SIGUSR1)
		    while said.count(b"snapshot taken\r\n") <= n:
		        said += os.read(terminal, 1000)
		os.write(terminal, b"\x03")
		try:
		    while more := os.read(terminal, 1000):
		        said += more
		except OSError:
		    pass
		print(said)
		assert os.waitpid(pid, 0)[1] == 0
		assert re.fullmatch(rb"flight/dump-000000: snapshot taken\r\nflight/dump-000001: snapshot taken\r\n"
		                    rb"\^C\r\x1b\[Kfine: 2 snapshots in flight, in [0-9.]+ s\r\n", said)
	END
	says 1 'relayctl: flight has snapshots only; the newest: relayctl cat flight/dump-000001' \
		gcc/relayctl cat flight && [ "$(gcc/relayctl cat flight/dump-000001)" = 000000010002 ] || return 1
	# One that is damaged is not less so for the snapshots in it.
	echo no >flight/index
	says 1 'relayctl: flight: not a recording, or a damaged one' gcc/relayctl cat flight
}

# Without a command, and with "help", the five things that people do.
shows_what_people_do() {
	gcc/relayctl help >help && gcc/relayctl --help >same && cmp help same || return 1
	gcc/relayctl 2>same
	[ $? = 2 ] && cmp help same && cat help || return 1
	for example in list 'stat CHANNEL' 'record -o DIR CHANNEL' 'cat DIR' 'recover -o DIR'; do
		grep -qE "^  relayctl $example +[a-z]" help || return 1
	done
	for command in record cat verify stat list recover archive trace; do
		gcc/relayctl help $command >help && gcc/relayctl $command --help | cmp - help || return 1
	done
	says 2 'relayctl: no such command: nothing' gcc/relayctl help nothing &&
		says 2 "relayctl list: unrecognized option '--foo'" gcc/relayctl list --foo
}

# Records until a command ends, which is run as if relayctl were not there, and has its exit
# status; a signal to end is passed on. "--" before the channel ends the options.
runs_a_command() {
	rm -rf run fine.relay
	(umask 027 && ./faked record -q -o run fine -- sh -c 'umask; grep -E "^Sig(Blk|Ign)" /proc/self/status; exit 7') >said
	[ $? = 7 ] && cat said || return 1
	(umask 027 && sh -c 'umask; grep -E "^Sig(Blk|Ign)" /proc/self/status') | cmp - said && [ "$(gcc/relayctl cat run)" = 000000010002 ] || return 1
	rm -r run
	says 127 'relayctl: ./nothing: No such file or directory' ./faked record -q -o run fine -- ./nothing --help && rm -r run || return 1
	says 126 "relayctl: ./said: Permission denied" ./faked record -q -o run fine -- ./said && rm -r run || return 1
	./faked record -q -o run -- fine -- sh -c 'kill -9 $$'
	[ $? = 137 ] && rm -r run || return 1
	./faked record -q -- fine && ./faked record -q -o run -- fine -- true && rm -r run fine.relay || return 1
	says 2 'relayctl record: no command follows --' ./faked record fine -- &&
		says 2 'relayctl record: --snapshot and a command do not go together' ./faked record -S fine -- true &&
		says 2 'relayctl record: --output=- and a command do not go together' ./faked record -o - fine -- true &&
		says 2 'relayctl record: --duration and a command do not go together' ./faked record -d 1 fine -- true &&
		says 2 'relayctl record: b: one argument too many' ./faked record -a b -- true || return 1
	[ "$(ulimit -S -n 100 && ./faked record -q -o run fine -- sh -c 'ulimit -S -n')" = 100 ] && rm -r run || return 1
	for signal in INT TERM; do
		./faked record -q -F -o run fine -- sh -c 'trap "exit 9" TERM; : >running; while :; do sleep 0.01; done' &
		until [ -e running ]; do kill -0 $! || return 1; sleep 0.01; done
		rm running
		kill -$signal $!
		wait $!
		[ $? = 9 ] && [ ! -e run ] || return 1
	done
}

# Several channels in one process: each in a directory of its name, all that there are, or
# none if something is in the way of one.
records_several() {
	rm -rf several channels.relay many
	./faked record -o several fine sub/other /sys/kernel/relay/sub/deep/ 2>said && cat said || return 1
	for name in fine sub/other sub/deep; do [ "$(gcc/relayctl cat several/$name)" = 000000010002 ] || return 1; done
	grep -q '^sub/other: 3 records in 3 sub-buffers, 12 B' said &&
		grep -q '^in all, 3 channels: 9 records in 9 sub-buffers, 36 B' said &&
		! gcc/relayctl cat several 2>said && cat said && grep -qE '^relayctl: several has .*one of them: relayctl cat several/(fine|sub/(other|deep))$' said &&
		gcc/relayctl verify several | grep '^several: 9 sub-buffers match' || return 1
	# (Only what was recorded there keeps a channel from being recorded.)
	says 1 'relayctl: several/fine has a recording; choose another directory with --output' ./faked record -o several new fine &&
		[ ! -e several/new ] && says 1 "relayctl: no channel absent on /sys/kernel/relay: this kernel has no relayfs" ./faked record -o several new absent &&
		[ ! -e several/new ] && ./faked record -q -o several new newer && [ "$(gcc/relayctl cat several/newer)" = 000000010002 ] || return 1
	CHANNELS=b/one:two:absent ./faked record -q --all && [ "$(cd channels.relay && echo * */*)" = 'b two b/one two/cpu0 two/index' ] &&
		[ "$(gcc/relayctl cat channels.relay/b/one)" = 000000010002 ] || return 1
	says 1 'relayctl: no channel on /sys/kernel/relay: this kernel has no relayfs' ./faked record -a -o none &&
		says 2 'relayctl record: no directory can be called as ../x/..' ./faked record -o many fine ../x/.. &&
		says 2 'relayctl record: no directory can be called as a/../../x' ./faked record -o many fine a/../../x &&
		says 2 'relayctl record: /sys/kernel/relay/x and x would both be recorded in many/x' ./faked record -o many x /sys/kernel/relay/x &&
		says 2 'relayctl record: --output=- and several channels do not go together' ./faked record -o - a b &&
		[ ! -e many ] || return 1
	rm -rf several
	./faked record -q -S -o several fine a/b && [ "$(gcc/relayctl cat several/a/b)" = 000000010002 ] || return 1
	rm -rf several
	# Losses of one are told, and the other is stored.
	./faked record -q -o several cramped another 2>said
	[ $? = 3 ] && cat said && ./faked record -q -o several/run fine other -- sh -c 'exit 7'
	[ $? = 7 ]
}

# A thousand channels where nothing happens wake nobody: one wait lasts until the signal.
wakes_nobody() {
	rm -rf thousand
	# shellcheck disable=SC2046
	./faked record -v -o thousand $(seq -f idle%g 1000) 2>said &
	until_ready $! || return 1
	kill -INT $!
	wait $! && cat said && grep -qx 'relayctl: woke up 1 times' said && [ "$(ls thousand | wc -l)" = 1000 ]
}

# Where inotify does not do for that many, timers do, all at the same moment.
ticks_at_once() {
	cat >ticks.c <<-'END'
		#include "scan.c"
		#include <assert.h>

		static struct timespec clock_is;
		static int when = -1;

		int clock_gettime(clockid_t id, struct timespec *now)
		{
			(void)id;
			*now = clock_is;
			return 0;
		}

		int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
		{
			(void)fd, (void)old;
			assert(flags == TFD_TIMER_ABSTIME && new->it_interval.tv_sec == RELAY_SCAN_SECONDS);
			assert(!new->it_value.tv_nsec && !new->it_interval.tv_nsec);
			when = new->it_value.tv_sec;
			return 0;
		}

		int main(void)
		{
			for (clock_is.tv_sec = 1; clock_is.tv_sec < 100; clock_is.tv_sec++) {
				close(watch_by_timer());
				assert(when > clock_is.tv_sec && !(when % RELAY_SCAN_SECONDS));
			}
			return 0;
		}
	END
	compiles_part ticks ticks.c && ./ticks
}

# Of some CPUs: those that come later, too, and no others. With all of them, nothing is watched.
records_some_cpus() {
	rm -rf some
	for list in x '' 1, ,1 3-1 1-x 0-70000 -1; do
		says 2 "relayctl record: --cpu=$list: it takes numbers of CPUs, such as 0,2-3" ./faked record --cpu="$list" -o some fine || return 1
	done
	says 1 'relayctl: fine has no buffer of the CPUs that --cpu names: see relayctl stat' ./faked record --cpu=1,3 -o some fine &&
		[ ! -e some ] && ./faked record -q -c 0,2-3 -o some fine && [ "$(gcc/relayctl cat some)" = 000000010002 ] || return 1
	cat >select.c <<-END
		#include "buf.c"
		#include "reader.c"
		#include "scan.c"

		#define INFO .n_subbufs = 1, .meta_size = 4096
		#include "kernel.h"

		/* A file in place of the kernel's cannot be waited for. */
		int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
		{
			(void)epfd;
			(void)op;
			(void)fd;
			(void)event;
			return 0;
		}

		static void come(const char *cpu)
		{
			int fd = open(cpu, O_WRONLY | O_CREAT, 0600);

			if (fd < 0 || ftruncate(fd, 4096))
				abort();
			close(fd);
		}

		int main(void)
		{
			const unsigned int cpus[] = { 1, 3 }, none[] = { 9 };
			struct relay_reader *reader, *other;
			int n, last;

			if (relay_open_cpus(&reader, "./select", cpus, 2, RELAY_FLIGHT | RELAY_NONBLOCK) || relay_cpu(reader, 1) != -ENOENT)
				return 1;
			come("select/cpu2");
			come("select/cpu3");
			if (relay_drain(reader))
				return 1;
			for (n = 0; relay_cpu(reader, n) >= 0; n++)
				last = relay_cpu(reader, n);
			printf("%d CPUs, the last %d\n", n, last);
			if (n != 2 || last != 3 || relay_cpu(reader, 0) != 1 || relay_open_cpus(&other, "./select", none, 1, 0) != -ENXIO)
				return 1;
			return relay_open_cpus(&other, "./select", cpus, 2, 0) || other->watch >= 0;
		}
	END
	compiles_part selects select.c && fake_files select 4096 cpu1 && ./selects
}

# It has not more bytes than it may, and as many as it may: the first of them, or with
# rotation the last. The summary tells of these; later losses are not told.
keeps_to_a_size() {
	rm -rf sized
	says 1 'relayctl record: --max-size: a sub-buffer of fine needs 420 bytes; there are 419' ./faked record -o sized -m 419 fine &&
		[ ! -e sized ] && says 2 'relayctl record: --flight and --max-size do not go together' ./faked record -F -m 1M fine || return 1
	SEED=${SEED:-$RANDOM} python3 - <<-'END'
		import os, random, re, shutil, subprocess
		seed = int(os.environ["SEED"])
		print("seed", seed)
		random.seed(seed)
		whole = "".join("%04d" % i for i in range(200))
		# (A budget that is smaller than a part, first.)
		turns = [(1000, 300)] + [(random.randrange(600, 30000), random.choice([0, 4, random.randrange(5, 300)])) for _ in range(29)]
		for most, rotate in turns:
		    shutil.rmtree("sized", ignore_errors=True)
		    args = ["./faked", "record", "-o", "sized", f"--max-size={most}", *([f"--rotate-size={rotate}"] if rotate else []), "long"]
		    run = subprocess.run(args, capture_output=True, text=True)
		    size = sum(os.path.getsize(f"{path}/{file}") for path, _, files in os.walk("sized") for file in files)
		    out = subprocess.run(["gcc/relayctl", "cat", "-q", "sized"], capture_output=True, text=True).stdout
		    told = re.search(r"long: (\d+) records in (\d+) sub-buffers, .*; (\d) records lost", run.stderr)
		    print(most, rotate, size, len(out) // 4, told.groups())
		    full = "relayctl: long ended: --max-size has no room for another sub-buffer" in run.stderr.splitlines()
		    assert run.returncode == 0 and size <= most and len(out) % 4 == 0
		    assert full == (not rotate and len(out) < len(whole)), run.stderr
		    assert (whole.endswith(out) if rotate else whole.startswith(out)), out
		    # (What one more would need, and as much for the losses at the end.)
		    assert len(out) == len(whole) or size > most - 420 - (292 + rotate * 22 if rotate else 0), (size, most)
		    assert int(told[2]) == (200 if rotate else len(out) // 4) and int(told[3]) == (not full), told
	END
	# It is that of all channels together; with rotation each has a share. The one that is full
	# ends all, though nothing comes of the other any more.
	for option in '' --rotate-size=4; do
		rm -rf sized
		# shellcheck disable=SC2086
		timeout 60 ./faked record -q -o sized -m 4000 $option long sub/long || return 1
		size=$(find sized -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
		echo "$size bytes of two channels"
		[ "$size" -le 4000 ] && [ "$size" -gt 1000 ] || return 1
	done
	rm -rf sized
	timeout 60 ./faked record -o sized -m 4000 long idle 2>said
	[ $? = 0 ] && cat said && grep -qx 'relayctl: long ended: --max-size has no room for another sub-buffer' said
}

# In the background only when nothing is in the way any more; before that an error is that
# of the command. (The number of its process is there when the command ends.)
goes_into_background() {
	rm -rf background pid
	says 1 'relayctl: no channel absent on /sys/kernel/relay: this kernel has no relayfs' ./faked record --daemon -P pid -o background absent &&
		says 1 'relayctl: nowhere/background: No such file or directory' ./faked record -D -P pid -o nowhere/background idle &&
		says 1 'relayctl: nowhere/pid: No such file or directory' ./faked record -D -P nowhere/pid -o background idle &&
		says 1 'relayctl: homeless: No space left on device' ./faked record -D -P pid -o homeless homeless &&
		says 2 'relayctl record: --output=- and --daemon do not go together' ./faked record -D -o - idle &&
		says 2 'relayctl record: a command and --daemon do not go together' ./faked record -D idle -- true &&
		says 2 'relayctl record: --compress: CTF has no compression, and trace is a trace: leave it out' ./faked record -D -P pid -z -o unbegun trace &&
		says 1 'relayctl record: signal 9 ended it before it was in the background' ./faked record -D -P pid -o unbegun deadly && [ ! -e pid ] || return 1
	# A pidfile that could not be written does not stay.
	rm -rf background
	ln -s /dev/full pid
	says 1 'relayctl: pid: No space left on device' ./faked record -D -P pid -o background idle && [ ! -L pid ] || return 1
	rm -rf background
	echo 12345678901234567890 >pid && chmod 600 pid
	# Nothing of the terminal stays with it: the pipe ends.
	./faked record --daemon --pidfile=pid -o background idle idle2 2>&1 | cat >said
	[ "${PIPESTATUS[0]}" = 0 ] && [ ! -s said ] && read -r pid <pid && [ -e background/idle2/index ] || return 1
	readlink /proc/"$pid"/fd/[012]
	[ "$(readlink /proc/"$pid"/fd/[012] | sort -u)" = /dev/null ] && [ "$(stat -c %a pid)" = 644 ] && [ "$(cat pid)" = "$pid" ] || return 1
	# The session is its own.
	[ "$(cut -d ' ' -f 6 /proc/"$pid"/stat)" = "$pid" ] || return 1
	grep -q '^SigBlk:.*420[23]$' "/proc/$pid/status" || return 1
	kill -INT "$pid"
	while [ -e pid ]; do sleep 0.01; done
	gcc/relayctl verify background && says_to_the_log && starts_without_a_terminal
}
# Its messages go to syslog(3).
says_to_the_log() {
	cat >log.c <<-'END'
		#include <fcntl.h>
		#include <stdarg.h>
		#include <stdio.h>
		#include <unistd.h>

		void syslog(int priority, const char *format, ...)
		{
			int fd = open("logged", O_WRONLY | O_CREAT | O_APPEND, 0600);
			va_list args;

			(void)priority;
			va_start(args, format);
			vdprintf(fd, format, args);
			va_end(args);
			write(fd, "\n", 1);
			close(fd);
		}
	END
	rm -rf logged background
	gcc -shared -fPIC -o log.so log.c && LD_PRELOAD=./log.so ./faked record -D -P pid -o background idle || return 1
	kill -INT "$(cat pid)"
	while [ -e pid ]; do sleep 0.01; done
	cat logged
	grep -q '^idle: 0 records in 0 sub-buffers' logged
}
# Without stdin, stdout and stderr, no file of the recording becomes one of them.
starts_without_a_terminal() {
	rm -rf background
	timeout 60 ./faked record -D -P pid -o background idle <&- >&- 2>&- || return 1
	readlink /proc/"$(cat pid)"/fd/[012]
	[ "$(readlink /proc/"$(cat pid)"/fd/[012] | sort -u)" = /dev/null ] || return 1
	kill -INT "$(cat pid)"
	while [ -e pid ]; do sleep 0.01; done
	gcc/relayctl verify background || return 1
	for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
		rm -rf background
		eval "./faked record -o background cramped $closed" 2>/dev/null
		[ $? = 3 ] && gcc/relayctl verify background || return 1
	done
}
# What is not stored is more than how the command ended.
tells_more_than_the_command() {
	rm -rf run
	./faked record -q -o run cramped -- sh -c 'exit 7' 2>said
	[ $? = 3 ] && cat said && grep -q '^1 sub-buffers with 1 records are not stored' said
}
ends_in_time() {
	rm -rf timed
	timeout 60 ./faked record -F --duration=1 -o timed fine 2>said
	[ $? = 0 ] && cat said && grep -q '^fine: 0 snapshots in timed, in [1-9]' said &&
		says 2 'relayctl record: --duration=4294967296: it takes seconds, 1 or more' ./faked record -d 4294967296 fine
}

# modes DIR: of all that is in it
modes() { find "$1" -printf '%y %m\n' | sort -u | tr '\n' ' '; }
# What a kernel has recorded is for the user that records, whatever the umask.
keeps_to_its_owner() {
	(
		umask 022
		rm -rf private dumped
		./faked record -q -o private --rotate-size=4 fine && ./faked record -q -S -o dumped fine &&
			./faked recover -A -o private/recovered -a 0 image >recovered &&
			[ -e private/000002/cpu0 ] && [ -e private/recovered/bank0/crash ]
	) || return 1
	modes private; modes dumped
	[ "$(modes private)" = 'd 700 f 600 ' ] && [ "$(modes dumped)" = 'd 700 f 600 ' ]
}

# With the time each run has a directory of its own.
stamps_its_output() {
	rm -rf stamped-*
	./faked record -q --timestamp -o stamped fine || return 1
	ls -d stamped-*
	set -- stamped-[0-9][0-9][0-9][0-9][01][0-9][0-3][0-9]T[0-2][0-9][0-5][0-9][0-6][0-9]
	[ $# = 1 ] && [ "$(gcc/relayctl cat "$1")" = 000000010002 ] || return 1
	./faked record -q --timestamp -o - fine >said
	[ $? = 2 ] && [ ! -s said ]
}

# The units: what they write is for root only, no shell sees the name of a channel, relayfs
# is mounted before they run.
has_units() {
	local units=root/usr/lib/systemd/system
	cat $units/sys-kernel-relay.mount
	grep -qx 'Where=/sys/kernel/relay' $units/sys-kernel-relay.mount && grep -qx 'Type=relayfs' $units/sys-kernel-relay.mount || return 1
	for unit in $units/*.service; do
		grep '^ExecStart=' "$unit"
		grep -qx 'UMask=0077' "$unit" && grep -qx 'StateDirectoryMode=0700' "$unit" &&
			grep -qx 'After=sys-kernel-relay.mount' "$unit" && ! grep -q '^ExecStart=.*sh -c' "$unit" || return 1
	done
	grep -q '^ExecStart=:.* -- %I$' $units/relayctl-record@.service || return 1
	command -v systemd-analyze || return 0
	# (It looks for the command that a unit runs.)
	for unit in $units/*.service; do
		sed "s,/usr/bin,$PWD/root&," "$unit" >"root/${unit##*/}"
	done
	cp $units/sys-kernel-relay.mount root/
	systemd-analyze verify --man=no root/sys-kernel-relay.mount root/relay-archive.service root/relayctl-record@test.service >said 2>&1
	status=$?
	cat said
	[ $status = 0 ] && ! grep -E 'relay.*(service|mount)' said
}

# What would keep a sub-buffer from being stored is found before any is taken: data of a
# recording that has no index, a stdout that cannot be written.
looks_at_its_output() {
	for option in '' --snapshot --rotate-size=1M; do
		rm -rf leftover
		mkdir leftover
		echo data >leftover/cpu12
		# shellcheck disable=SC2086
		./faked record $option -o leftover fine 2>said
		[ $? = 1 ] && cat said && grep -q '^relayctl: leftover/cpu12 .*remove it' said &&
			! grep -q 'not stored' said && [ "$(ls leftover)" = cpu12 ] && [ "$(cat leftover/cpu12)" = data ] || return 1
	done
	./faked record -o - fine 2>said >&-
	[ $? = 1 ] && cat said && grep -q 'stdout is not open for writing' said || return 1
	./faked record -o - fine 2>said 1</dev/null
	[ $? = 1 ] && cat said && grep -q 'stdout is not open for writing' said
}

# Waits until the process blocks what record does, which no shell does before it becomes it.
until_ready() {
	until grep -Eq '^SigBlk:.*420[23]$|^State:.Z' /proc/$1/status; do
		sleep 0.01
		[ -e /proc/$1 ] || return 1
	done
}

# The message of a snapshot has its losses.
tells_what_a_snapshot_lacks() {
	rm -rf snapshot
	./faked record --snapshot -o snapshot long 2>said && cat said &&
		grep -qx 'snapshot: snapshot taken; 1 records lost, 0 sub-buffers missed' said && rm -r snapshot || return 1
	./faked record --snapshot -o snapshot fine 2>said && cat said && grep -qx 'snapshot: snapshot taken' said
}

# A flight recorder that is started again takes its first snapshot, too.
goes_on_counting() {
	rm -rf flight
	for i in 0 1; do
		./faked record --flight -o flight fine 2>said &
		until_ready $! || return 1
		kill -USR1 $!
		until [ -s said ]; do sleep 0.01; done
		kill -INT $!
		wait $! || { cat said; return 1; }
		cat said
		grep -q "flight/dump-00000$i: snapshot taken" said && [ "$(gcc/relayctl cat flight/dump-00000$i)" = 000000010002 ] || return 1
	done
}

# A flight recorder ends with its channel, as a recording does, and says so. Who asks for
# a snapshot too late is told.
ends_with_its_channel() {
	rm -rf ended
	timeout 60 ./faked record --flight -o ended ends 2>said
	[ $? = 0 ] && cat said && grep -qx 'ends: closed; what is not in a snapshot is gone' said && [ ! -e ended ] || return 1
	python3 - 2>said <<-'END'
		import os, signal, subprocess, sys

		def ask():
		    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
		    os.kill(os.getpid(), signal.SIGUSR1)

		sys.exit(subprocess.run(["./faked", "record", "-q", "--flight", "-o", "ended", "ends"], preexec_fn=ask, timeout=60).returncode)
	END
	[ $? = 3 ] && cat said && grep -qx 'relayctl: ended/dump-000000 is not taken: the channel is closed' said
}

# What there is no space for in a snapshot is counted, and missed by what comes behind it.
counts_what_a_snapshot_lacks() {
	rm -rf cramped homeless
	./faked record --snapshot -o cramped cramped 2>said
	[ $? = 3 ] && cat said && grep -q 'cramped: No space left' said &&
		grep -qx '1 sub-buffers with 1 records are not stored' said || return 1
	gcc/relayctl cat cramped >data 2>missed
	cat data missed
	[ "$(cat data)" = 00000002 ] && grep -q 'before sub-buffer 2: 0 records lost, 1 sub-buffers missed' missed || return 1
	./faked record --snapshot -o homeless homeless 2>said
	[ $? = 3 ] && cat said && [ "$(grep -c 'No space left' said)" = 1 ] &&
		grep -qx '3 sub-buffers with 3 records are not stored' said || return 1
	rm -rf cramped
	./faked record -q --flight -o cramped cramped 2>said &
	until_ready $! || return 1
	kill -USR1 $!
	until [ -s said ]; do sleep 0.01; done
	kill -INT $!
	wait $!
	[ $? = 3 ] && cat said && grep -q 'cramped/dump-000000: No space left' said &&
		grep -qx '1 sub-buffers with 1 records are not stored' said
}

# What is written until the signal, and cannot be had, is told.
tells_what_it_leaves() {
	rm -rf left
	./faked record -q -o left undrained 2>said &
	until_ready $! || return 1
	kill -INT $!
	wait $!
	[ $? = 1 ] && cat said && grep -q 'undrained: Too many open files' said
}

# What is not spliced for want of a pipe is told, and is not the next one's data.
goes_on_splicing() {
	rm -rf spliced
	./faked record -q --splice -o spliced pipeless 2>said
	[ $? = 3 ] && cat said && grep -q '^1 sub-buffers with 1 records are not stored' said &&
		gcc/relayctl cat -q spliced >said && echo "$(cat said)" && [ "$(cat said)" = 00010002 ]
}

# What is written at once, by a disk that takes some of it or nothing, now and then: each
# sub-buffer is whole, or told as not stored, and nothing is behind the last one.
writes_at_once() {
	cat >at-once.c <<-END
		#include "part.c"

		static bool disk_fails;

		static bool one_of(unsigned int n) { return disk_fails && !(random() % n); }

		/* Some of the first. */
		ssize_t pwritev(int fd, const struct iovec *data, int n, off_t offset)
		{
			ssize_t done = 0;

			if (one_of(8))
				return errno = ENOSPC, -1;
			for (int i = 0; i < n; i++) {
				size_t size = one_of(8) ? random() % (data[i].iov_len + 1) : data[i].iov_len;

				done += syscall(SYS_pwrite64, fd, data[i].iov_base, size, offset + done);
				if (size < data[i].iov_len)
					break;
			}
			return done;
		}

		ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
		{
			if (one_of(4))
				return errno = ENOSPC, -1;
			return syscall(SYS_pwrite64, fd, data, one_of(4) ? (size + 1) / 2 : size, offset);
		}

		int relay_release(struct relay_reader *reader, const struct relay_subbuf *subbuf)
		{
			(void)reader, (void)subbuf;
			return 0;
		}

		ssize_t relay_splice(struct relay_reader *reader, const struct relay_subbuf *subbuf, int fd)
		{
			(void)reader, (void)subbuf, (void)fd;
			return -EINVAL;
		}

		#define SUBBUFS	400

		static unsigned char data[SUBBUFS][64];
		static bool stored[2][SUBBUFS];

		static void put_some(struct part *part, struct mover *mover, unsigned int cpu, uint64_t *sequence)
		{
			struct relay_subbuf subbufs[PART_AHEAD];
			unsigned int n = 1 + random() % PART_AHEAD, done, enter;

			for (unsigned int i = 0; i < n; i++, ++*sequence)
				subbufs[i] = (struct relay_subbuf) {
					.data = data[*sequence], .cpu = cpu, .sequence = *sequence,
					.used = random() % 4 ? sizeof(data[0]) : random() % sizeof(data[0]),
				};
			done = part_write_ahead(part, subbufs, n);
			/* Another reader may have had them. */
			enter = random() % 16;
			for (unsigned int i = 0; i < done && enter; i++) {
				part_enter(part, &subbufs[i], i);
				stored[cpu][subbufs[i].sequence] = true;
			}
			if (done && !enter)
				part_drop_ahead(part, cpu);
			for (unsigned int i = done; i < n && random() % 16; i++)
				stored[cpu][subbufs[i].sequence] = !part_put(part, mover, &subbufs[i]);
		}

		static void check_whole(const char *name, unsigned int cpu, bool compress)
		{
			struct index_entry entry;
			unsigned char is[64];
			int index = open("at-once/index", O_RDONLY), fd = open(name, O_RDONLY);
			off_t size = 0;
			unsigned int n = 0, compressed = 0;

			for (off_t at = sizeof(struct index_header); pread(index, &entry, sizeof(entry), at) > 0; at += sizeof(entry)) {
				if (entry.cpu != cpu)
					continue;
				assert(pread(fd, is, entry.stored, entry.offset) == entry.stored);
				assert(entry.offset == (uint64_t)size);
				if (entry.flags & INDEX_ZSTD)
					compressed++;
				else
					assert(!memcmp(is, data[entry.sequence], entry.used));
				assert(stored[cpu][entry.sequence]);
				stored[cpu][entry.sequence] = false;
				size += entry.stored;
				n++;
			}
			for (unsigned int i = 0; i < SUBBUFS; i++)
				assert(!stored[cpu][i]);
			assert(lseek(fd, 0, SEEK_END) == size);
			printf("CPU %u: %u sub-buffers are whole, %u compressed\\n", cpu, n, compressed);
			assert(!compressed == !compress);
			assert(n > SUBBUFS / 8);
		}

		int main(int argc, char **argv)
		{
			bool compress = atoi(argv[argc - 1]) % 2;
			struct part_info info = {
				.channel = "test", .geometry.subbuf_size = sizeof(data[0]),
				.compressor = compress ? compressor_open(1) : NULL,
			};
			struct mover mover;
			struct part part;
			uint64_t next[2] = { 0 };
			unsigned int unwritten;

			srandom(atoi(argv[argc - 1]));
			for (unsigned int i = 0; i < SUBBUFS; i++)
				for (unsigned int j = 0; j < sizeof(data[0]); j++)
					data[i][j] = i % 2 ? random() : 0;
			mover_init(&mover, NULL);
			assert(!part_open(&part, "at-once", &info));
			disk_fails = true;
			while (next[0] < SUBBUFS - PART_AHEAD && next[1] < SUBBUFS - PART_AHEAD) {
				unsigned int cpu = random() % 2;

				put_some(&part, &mover, cpu, &next[cpu]);
			}
			disk_fails = false;
			assert(!part_close(&part, false, &unwritten) && !unwritten);
			check_whole("at-once/cpu0", 0, compress);
			check_whole("at-once/cpu1", 1, compress);
			compressor_close(info.compressor);
			return 0;
		}
	END
	gcc -g -include assert.h -include sys/syscall.h -fsanitize=address,undefined -D_GNU_SOURCE -iquote "$ROOT/tools/relay/relayctl" -I"$ROOT/tools/relay/librelay" \
		-o write-at-once at-once.c "$ROOT"/tools/relay/relayctl/{io,mover,compress-zstd}.c -lisal -lzstd || return 1
	local first=${SEED:-$RANDOM}
	for seed in $(seq "$first" $((first + 19))); do
		rm -rf at-once
		echo "seed $seed"
		./write-at-once "$seed" && gcc/relayctl verify at-once || return 1
	done
}

# A flight recorder takes a snapshot at a trigger: one of two that came at once, and of several
# channels, of that one.
flies_until_triggered() {
	rm -rf triggered
	./faked record -F --on-trigger -o triggered triggers 2>said || return 1
	cat said
	grep -q 'triggers: 1 snapshot in triggered' said && [ "$(ls triggered)" = dump-000000 ] &&
		gcc/relayctl cat triggered/dump-000000 >printed && [ "$(cat printed)" = 000000010002 ] || return 1
	rm -rf triggered
	./faked record -q -F -g -o triggered triggers other && [ "$(ls triggered triggered/triggers)" = $'triggered:\ntriggers\n\ntriggered/triggers:\ndump-000000' ] || return 1
	says 2 'relayctl record: --on-trigger needs --flight' gcc/relayctl record --on-trigger triggers
}

# has_trace DIR LINES: a directory of CTF, whose metadata have so many lines
has_trace() {
	ls -A "$1"
	[ "$(ls "$1" | tr '\n' ' ')" = 'cpu0 metadata ' ] && [ -s "$1/.index" ] && [ ! -e "$1/.metadata.new" ] &&
		seq -f %04g 0 $(($2 - 1)) | cmp - "$1/metadata"
}

# A trace becomes a directory of CTF: the fake looks, whenever something is written, whether
# the metadata are whole and describe the data that comes.
records_traces() {
	rm -rf traced traced.* trace.relay
	./faked record -q trace && has_trace trace.relay 3 && [ "$(gcc/relayctl cat trace.relay)" = 000000010002 ] || return 1
	for option in '' --splice --fsync=always; do
		rm -rf traced
		# shellcheck disable=SC2086
		./faked record -q $option -o traced trace-long && has_trace traced 200 && gcc/relayctl verify traced &&
			seq -f %04g 0 199 | tr -d '\n' | cmp - traced/cpu0 || return 1
	done
	# Each part has what its own data needs.
	./faked record -q -s 40 -o traced.parts trace-long && [ "$(ls traced.parts | wc -l)" = 20 ] || return 1
	for part in traced.parts/*; do
		[ "$(ls "$part" | tr '\n' ' ')" = 'cpu0 metadata ' ] && [ -e "$part/.index" ] &&
			[ "$(tail -n 1 "$part/metadata")" -ge "$(tail -c 4 "$part/cpu0")" ] || { head "$part"/*; return 1; }
	done
	[ "$(gcc/relayctl cat traced.parts | wc -c)" = 800 ] &&
		./faked record -q -S -o traced.snapshot trace && has_trace traced.snapshot 3 &&
		./faked record -q -o traced.several fine trace && has_trace traced.several/trace 3 &&
		[ "$(ls -A traced.several/fine | tr '\n' ' ')" = 'cpu0 index ' ] || return 1
	./faked record -q -F -g -o traced.flight trace-triggers && has_trace traced.flight/dump-000000 3 || return 1
	./faked record -q -o - trace >streamed && ./faked record -q -o - fine | cmp - streamed || return 1
	# The kernel writes a length in two steps.
	./faked record -q -o traced.torn trace-torn && has_trace traced.torn 3
}

# The part of a packet that a killed recorder has left goes, and nothing else does: neither
# packets that the index does not name yet, nor data that is none.
cuts_packets() {
	rm -rf killed
	./faked record -q -o killed trace && cp killed/cpu0 killed.data || return 1
	python3 - <<-'END'
		import struct, subprocess
		def packet(size):
		    return struct.pack("<I16sI6QII", 0xc1fc1fc1, b"", 0, 1, 2, 8 * size, 8 * size, 3, 4, 0, 0).ljust(size, b"e")
		whole = packet(80) + packet(200) + packet(3000)
		for left in [0, 1, 3, 4, 5, 79, 80, 81, 499]:
		    open("killed/cpu1", "wb").write(whole + packet(500)[:left])
		    done = subprocess.run(["gcc/relayctl", "verify", "--cut", "-q", "killed"], capture_output=True, text=True)
		    said = f"killed: {left} bytes cut off, of packets that were not written to their end\n" if left else ""
		    assert (done.returncode, done.stdout, done.stderr) == (0, said, ""), (left, done)
		    assert open("killed/cpu1", "rb").read() == whole, left
		for rest in [b"x" * 100, packet(500)[:32] + struct.pack("<QQ", 8, 8) + bytes(40), packet(500) + b"x"]:
		    open("killed/cpu1", "wb").write(whole + rest)
		    done = subprocess.run(["gcc/relayctl", "verify", "-c", "killed"], capture_output=True, text=True)
		    assert done.returncode == 0 and "cut off" not in done.stdout, done
		    assert open("killed/cpu1", "rb").read() == whole + rest
		open("killed/cpu1", "wb").write(whole + packet(500)[:100])
		subprocess.run(["gcc/relayctl", "verify", "killed"], check=True)
		assert open("killed/cpu1", "rb").read() == whole + packet(500)[:100]
	END
	[ $? = 0 ] && cmp killed/cpu0 killed.data
}

# --max-size counts metadata; the oldest part is removed with its own.
counts_metadata() {
	rm -rf bounded bounded.parts
	says 1 'relayctl record: --max-size: a sub-buffer of trace needs 670 bytes; there are 669' ./faked record -m 669 -o bounded trace &&
		[ ! -e bounded ] && ./faked record -q -m 8000 -s 40 -o bounded.parts trace-long || return 1
	size=$(find bounded.parts -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
	echo "$size bytes in $(ls bounded.parts | tr '\n' ' ')"
	[ "$size" -le 8000 ] && [ "$size" -gt 4000 ] && [ "$(ls bounded.parts)" = "$(cd bounded.parts && dirname */.index)" ] || return 1
	# (A part that begins when there is just no room for its metadata.)
	for most in $(seq 5000 150 8000); do
		rm -rf bounded.parts
		./faked record -q -m "$most" -s 40 -o bounded.parts trace-long || return 1
		size=$(find bounded.parts -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
		[ "$size" -le "$most" ] || { echo "$size bytes of $most"; return 1; }
	done
}

# Without its metadata a trace is not begun; what they are not stored for is not stored.
refuses_traces() {
	rm -rf refused
	says 1 'relayctl: trace-bad is a trace, and the metadata in its file private are damaged' ./faked record -o refused trace-bad &&
		says 1 'relayctl: trace-secret: its file private, which a trace has its metadata in: Permission denied' ./faked record -o refused trace-secret &&
		says 2 'relayctl record: --compress: CTF has no compression, and trace is a trace: leave it out' ./faked record -z -o refused trace &&
		says 2 'relayctl record: --compress: CTF has no compression, and trace is a trace: leave it out' ./faked record -z -S -o refused trace &&
		[ ! -e refused ] || return 1
	mkdir refused
	echo mine >refused/metadata
	says 1 'relayctl: refused has a recording; choose another directory with --output' ./faked record -o refused trace &&
		[ "$(cat refused/metadata)" = mine ] && [ "$(ls -A refused)" = metadata ] && rm -r refused || return 1
	says 3 '1 sub-buffers with 1 records are not stored' ./faked record -q -o refused trace-cramped &&
		has_trace refused 3 && [ "$(gcc/relayctl cat -q refused)" = 00000002 ] && rm -r refused || return 1
	says 3 'relayctl: refused: the metadata of the trace are damaged' ./faked record -q -o refused trace-goes-bad &&
		has_trace refused 2 && [ "$(gcc/relayctl cat -q refused)" = 00000001 ]
}

# relayctl convert prints a trace as ftrace would: two CPUs by their time, names from
# events, arrays, strings, negative numbers, and what is lost; with formats from three places.
converts_to_text() {
	rm -rf fake events moved
	"$ROOT/boot/fake-trace.py" fake || return 1
	cat >fake.text <<-'END'
		           seven-7       [000] .....     1.000000: ltt_thread: tid=7 pid=7 ppid=1 name="seven"
		           seven-7       [000] .....     1.000010: fake: small=-3 word="word" text=a text list={0x1,0xffffffff} where=fake_function+0x10 length=7
		          <idle>-0       [001] .....     1.000020: print: line\n\033[1m one
		           seven-7       [000] .....     1.000030: <stack trace>
		 => fake_function
		 => fake_in_module [fake]
		CPU:0 [LOST 5 EVENTS]
		CPU:0 [LOST 2 PACKETS]
		           <...>-99      [000] dpH21     2.000000: other: value=77
	END
	cat >symbols <<-'END'
		0000000081000000 T _text
		0000000081000000 T _stext
		0000000081001000 t fake_function
		0000000081001000 t fake_alias
		0000000081001008 D fake_data
		00000000c0001000 t fake_in_module	[fake]
	END
	gcc/relayctl convert --to text -k symbols fake >converted 2>said && diff fake.text converted && cat said || return 1
	[ "$(cat said)" = 'relayctl: 1 kinds of event are printed with their fields, because their formats are not there (--formats=events/ of the kernel that traced): other' ] || return 1
	# A kernel that lay elsewhere has its modules elsewhere.
	sed 's/^00000000810/00000000910/' symbols >symbols.moved
	sed 's/ => fake_in_module.*/ => 0xc0001004/' fake.text >moved.text
	gcc/relayctl convert --to text -k symbols.moved fake 2>&1 >converted | cmp - said && diff moved.text converted || return 1
	mkdir -p events/events/some/fake
	mv fake/.formats events/events/some/fake/format
	gcc/relayctl convert --to=text --kallsyms=symbols --formats=events/events fake 2>/dev/null | diff fake.text - || return 1
	# One of that name that is of another system, and one that is of another kernel.
	mkdir -p events/events/else/fake
	sed 's/char word\[8\]/char words[8]/' events/events/some/fake/format >events/events/else/fake/format
	gcc/relayctl convert --to=text --kallsyms=symbols --formats=events/events fake 2>/dev/null | diff fake.text - || return 1
	gcc/relayctl convert --to=text --formats=events/events/else/fake/format fake 2>said | grep -F ': fake: small=-3 word="word" where=0x81001010 text="a text" list={1,4294967295}' &&
		cat said && grep -q '1 kinds .* of another kernel, or not understood by libtraceevent: fake$' said || return 1
	rm -f none/relayctl none/relayctl-convert
	make -C "$ROOT/tools/relay" O="$dir/none" NO_LIBZSTD=1 NO_LIBKDUMPFILE=1 NO_LIBTRACEEVENT=1 "$dir/none/relayctl" >none.log 2>&1 &&
		says 2 'relayctl convert: this relayctl was built without libbabeltrace2 or libtraceevent' none/relayctl convert --to text fake
}

# No trace, or a damaged one; one that would take any memory; and what a reader of damaged files
# does with each byte of them.
converts_no_nonsense() {
	rm -rf fake damaged
	"$ROOT/boot/fake-trace.py" fake || return 1
	says 1 'relayctl: nowhere: No such file or directory' gcc/relayctl convert --to text nowhere &&
		says 1 'relayctl: nowhere: No such file or directory' gcc/relayctl convert --to text -f nowhere fake &&
		says 1 "relayctl: gcc is no trace: it has no file metadata" gcc/relayctl convert --to text gcc || return 1
	cp -r fake damaged
	truncate -s 170 damaged/cpu0
	says 1 "relayctl: damaged: babeltrace2: Failed to index CTF stream file '$dir/damaged/cpu0'" gcc/relayctl convert --to text damaged || return 1
	rm -rf damaged
	cp -r fake damaged
	echo 'event {' >>damaged/metadata
	says 1 "relayctl: damaged: babeltrace2: Cannot create trace for \`$dir/damaged\`." gcc/relayctl convert --to text damaged || return 1
	cp fake/metadata damaged
	sed -i '/name = "fake"/,/^};/d' damaged/metadata
	says 3 "relayctl: damaged: babeltrace2: No event class with ID of event class ID to use in stream class" gcc/relayctl convert --to text damaged || return 1
	make -C "$ROOT/tools/relay" O="$dir/san" CFLAGS='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all' \
		LDFLAGS=-fsanitize=address,undefined "$dir/san/relayctl" >san.log 2>&1 || { tail san.log; return 1; }
	cat >mutate.py <<-'END'
		import collections, os, random, re, resource, shutil, subprocess, sys
		seed = int(os.environ.get("SEED", random.randrange(2**32)))
		print("seed", seed)
		random.seed(seed)
		# A trace that a library does not survive is told, and is no fault of ours.
		environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigfpe=0:allocator_may_return_null=1")
		# The words of each language, and numbers at which something can end.
		words = {"metadata": [b"16", b"64", b"1", b"0", b"99999999", b"[", b"]", b"u64", b"s8", b"text", b"_list", b"align", b";", b"{", b"}", b'"'],
		         ".formats": [b"offset:0", b"offset:65535", b"offset:9999999", b"size:65535", b"size:-1", b"offset:-8", b"__data_loc", b"char[]", b"[99999]",
		                      b"__print_array(", b"__get_str(text)", b"REC->list", b"%s", b"%*d", b'"', b"(", b")", b",", b"REC->", b"99999", b"ID: 0"]}

		def in_library(report):
		    """Is what a sanitizer tells a fault of a library?"""
		    frames = [line for line in re.findall(r"^    #\d+ .*", report, re.M) if "sanitizer" not in line]
		    return frames and ".so" in frames[0]

		def mutated(name, data):
		    data = bytearray(data)
		    for _ in range(random.randint(1, 4)):
		        at = random.randrange(len(data) + 1)
		        if name in words and random.random() < 0.6:
		            data[at:at + random.choice([0, 1, 8])] = random.choice(words[name])
		        elif random.random() < 0.2:
		            del data[at:at + random.choice([1, 8, 1000])]
		        elif data:
		            data[min(at, len(data) - 1)] = random.choice([0, 0xff, 0x80, random.randrange(256)])
		    return bytes(data)

		ends = collections.Counter()
		for _ in range(int(sys.argv[1])):
		    shutil.rmtree("mutated", ignore_errors=True)
		    shutil.copytree("fake", "mutated")
		    name = random.choice(["metadata", ".formats", ".formats", "cpu0", "cpu1"])
		    with open(f"fake/{name}", "rb") as file:
		        data = mutated(name, file.read())
		    with open(f"mutated/{name}", "wb") as file:
		        file.write(data)
		    run = subprocess.run(["san/relayctl", "convert", "--to", "text", "-k", "symbols", "mutated"], env=environment, capture_output=True, timeout=60)
		    assert run.returncode in (0, 1, 3), run
		    said = run.stderr.decode(errors="replace")
		    by_library = "AddressSanitizer" in said and in_library(said)
		    assert by_library or "AddressSanitizer" not in said and "runtime error" not in said, said
		    assert by_library or run.returncode == 0 or "relayctl: " in said, run
		    ends[run.returncode, by_library or "ended with" in said] += 1
		print(ends)
		shutil.rmtree("mutated")
		shutil.copytree("fake", "mutated")
		assert ends[0, False] and ends[1, False], ends

		# Fields that would lie outside of any record.
		with open("fake/.formats") as file:
		    text = file.read()
		for one, other in ("offset:8;", "offset:9999999;"), ("offset:9;", "offset:-9;"), ("size:8;", "size:99999999;"), \
		        ("offset:20;\tsize:4;", "offset:65000;\tsize:4000;"), ("ID: 1234", "ID: 70000"), ("offset:4;", "offset:4000000;"):
		    assert one in text
		    with open("mutated/.formats", "w") as file:
		        file.write(text.replace(one, other))
		    run = subprocess.run(["san/relayctl", "convert", "--to", "text", "mutated"], env=environment, capture_output=True)
		    assert run.returncode == 0 and b"not understood by libtraceevent: fake\n" in run.stderr, (other, run)

		# An array that would take 1 GB.
		with open("fake/metadata") as file:
		    text = file.read()
		shutil.rmtree("mutated")
		shutil.copytree("fake", "mutated")
		with open("mutated/metadata", "w") as file:
		    file.write(text.replace("u32 _value;", "u32 _value[12000000];"))
		run = subprocess.run(["gcc/relayctl", "convert", "--to", "text", "mutated"], capture_output=True)
		print(run)
		assert run.returncode in (1, 3) and b"relayctl: mutated: " in run.stderr
		assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 700 << 10
	END
	python3 mutate.py "${RUNS:-150}"
}

# A disk that failed is told, though it does not fail when it is asked again.
remembers_the_disk() {
	rm -rf disk
	./faked record -q --fsync=always -o disk sick 2>said
	[ $? = 3 ] && cat said && grep -q 'disk: Input/output error' said
}

# Where relayfs is not mounted, that is why there is no channel.
knows_where() {
	local sysfs=62656572 relayfs=F0B4A981
	for try in list 'list --json' 'stat absent' 'cat absent' recover; do
		# shellcheck disable=SC2086
		RELAYFS=$sysfs ./faked $try >printed 2>said
		[ $? = 1 ] && cat said && grep -q 'mount -t relayfs' said && [ ! -s printed ] || return 1
		# shellcheck disable=SC2086
		! ./faked $try 2>said && cat said && grep -q 'this kernel has no relayfs' said || return 1
		# shellcheck disable=SC2086
		RELAYFS=$relayfs ./faked $try 2>&1 | grep relayfs && return 1
	done
	RELAYFS=$relayfs ./faked list
}

# What a test prints may end in the midst of a line: its result is not behind that,
# where nobody would count it.
begins_a_line() {
	sed 's,/tmp/result,printed,g' "$ROOT/boot/guest/sample.sh" >results.sh
	(BUILD=none && . ./results.sh && result one printf x && result two sh -c 'printf y; false') >results
	cat results
	grep -qx 'ok 1 - one' results && grep -qx 'not ok 2 - two' results && printf 'as here'
}

# Of an image with a page that cannot be read, that page is missing.
reads_around() {
	PYTHONPATH=$ROOT/boot python3 - <<-'END'
		import json, os, struct, subprocess
		from crc32c import crc32c

		# (a bank without a channel)
		layout = struct.pack("<28H", 8, 32, *[0] * 10, 8, *[0] * 2, 80, *[0] * 12)
		head = struct.pack("<8sIIQQQIIII56s16s64s64sI", b"RELAYRES", 0x01020304, 4, 0x10000, 1, 1, 4096, 1, 416, 0,
		                   layout, b"x86_64", b"7.3.0", b"", 0)
		bank = (head + struct.pack("<I", crc32c(head))).ljust(0x10000, b"\0")
		with open("image", "wb") as file:
		    file.write(bank + bank)

		def recover(**env):
		    run = subprocess.run(["./faked", "recover", "-j", "-A", "-a", "0", "image"], capture_output=True, env=dict(os.environ, **env))
		    print(run)
		    return run.returncode, [(boot.get("recovered"), boot["missing_bytes"]) for boot in json.loads(run.stdout)]

		assert recover() == (0, [(True, 0), (True, 0)])
		assert recover(BAD="0x3000") == (3, [(True, 4096), (True, 0)])
		assert recover(BAD="0x1f000") == (3, [(True, 0), (True, 4096)])
		assert recover(BAD="0x10000")[0] == 3
	END
}

# An address and a size are written as a user likes.
takes_suffixes() {
	gcc/relayctl recover -j -a 65536 image >decimal
	grep -q '"address":65536' decimal || return 1
	for address in 64K 64k 0x10000 0X10000 0x40K; do
		gcc/relayctl recover -j -a $address image >other
		cmp other decimal || return 1
	done
	gcc/relayctl recover -j -A -a 0 -s 131072 image >decimal
	for size in 128K 0x20000 0x80k; do
		gcc/relayctl recover -j -A -a 0K -s $size image >other
		cmp other decimal || return 1
	done
	for bad in '' K 0x 64Kx 64KB -1 0x1x 99999999999T 20000000000000000000; do
		says 2 "relayctl recover: --address=$bad: it takes an address; 0x for hexadecimal, K, M, G or T for powers of 1024" \
			gcc/relayctl recover -a "$bad" image || return 1
	done
	says 2 'relayctl recover: --size=64K: it takes the bytes of two banks, 128K or more; K, M, G or T for powers of 1024' \
		gcc/relayctl recover -a 0 -s 64K image
}

# A dump that is compressed, or flattened, as QEMU and makedumpfile write it, is said to be so.
names_the_dump() {
	python3 - <<-'END'
		import struct
		flat = (b"makedumpfile\0\0\0\0" + struct.pack(">qq", 1, 1)).ljust(4096, b"\0")
		kdump = b"KDUMP   " + bytes(456)
		for name, content in (("kdump", kdump), ("flat-kdump", flat + struct.pack(">qq", 0, len(kdump)) + kdump),
		                      ("flat-elf", flat + struct.pack(">qq", 0, 64) + b"\x7fELF".ljust(64, b"\0")), ("flat-cut", flat[:100])):
		    with open(name, "wb") as file:
		        file.write(content)
	END
	says 1 'relayctl: kdump: a compressed (kdump) dump' gcc/relayctl recover kdump &&
		says 1 'relayctl: flat-kdump: a compressed (kdump) dump, flattened' gcc/relayctl recover flat-kdump &&
		grep -q 'dump-guest-memory without -z' said || return 1
	for flat in flat-elf flat-cut; do
		says 1 "relayctl: $flat: a flattened dump; convert it: makedumpfile -R $flat.elf <$flat" gcc/relayctl recover $flat || return 1
	done
}

# A compressed dump is read, where there is libkdumpfile: it says itself where the area is,
# and what it leaves out; a page that is damaged is missing.
reads_compressed_dumps() {
	make -C "$ROOT/tools/relay" O="$dir/none" NO_LIBZSTD=1 NO_LIBKDUMPFILE=1 "$dir/none/relayctl" || return 1
	PYTHONPATH=$ROOT/boot python3 - <<-'END' || return 1
		import json, struct, subprocess, zlib
		from crc32c import crc32c

		# As makedumpfile -c -d 1 writes it on x86_64: it has some of the machine's pages.
		def dump(n_pages, pages, info, damaged=(), holes=()):
		    block, blocks = 4096, (n_pages // 8 + 4095) // 4096
		    uts = b"".join(text.ljust(65, b"\0") for text in (b"Linux", b"host", b"7.3.0", b"#1", b"x86_64", b""))
		    header = (struct.pack("<8si", b"KDUMP   ", 6) + uts).ljust(408, b"\0")
		    header += struct.pack("<qqIiiIIIIIII", 0, 0, 1, block, 1, 2 * blocks, n_pages, 0, 0, 0, 0, 1)
		    note = struct.pack("<III12s", 11, len(info), 0, b"VMCOREINFO") + info.ljust((len(info) + 3) // 4 * 4, b"\0")
		    sub = struct.pack("<QiiQQQQQQQQQQQ", 0, 1, 0, 0, 0, block + 512 + 24, len(info), block + 512, len(note), 0, 0, 0, 0, n_pages)
		    maps = b""
		    for there in [page for page in range(n_pages) if page not in holes], pages:
		        bits = bytearray(blocks * block)
		        for page in there:
		            bits[page // 8] |= 1 << page % 8
		        maps += bits
		    at = (2 + 2 * blocks) * block + 24 * len(pages)
		    descs = data = b""
		    for page, content in sorted(pages.items()):
		        packed = b"no" if page in damaged else zlib.compress(content)
		        descs += struct.pack("<qIIQ", at + len(data), len(packed), 1, 0)
		        data += packed
		    return header.ljust(block, b"\0") + (sub.ljust(512, b"\0") + note).ljust(block, b"\0") + maps + descs + data

		# (a bank without a channel)
		layout = struct.pack("<28H", 8, 32, *[0] * 10, 8, *[0] * 2, 80, *[0] * 12)
		head = struct.pack("<8sIIQQQIIII56s16s64s64sI", b"RELAYRES", 0x01020304, 4, 0x10000, 1, 1, 4096, 1, 416, 0,
		                   layout, b"x86_64", b"7.3.0", b"", 0)
		bank = (head + struct.pack("<I", crc32c(head))).ljust(4096, b"\0")

		def recover(*args, damaged=(), holes=(), more={}):
		    with open("packed-dump", "wb") as file:
		        file.write(dump(1024, {256: bank, 260: bytes(range(256)) * 16, 400: bank, **more},
		                        b"OSRELEASE=7.3.0\nRELAYRES=100000:20000\n", damaged, holes))
		    run = subprocess.run(["gcc/relayctl", "recover", "-j", *args, "packed-dump"], capture_output=True)
		    print(run)
		    return run.returncode, [(boot["address"], boot["missing_bytes"], boot["left_out_bytes"]) for boot in json.loads(run.stdout)
		                            if boot.get("recovered")]

		assert recover() == (0, [(1 << 20, 0, 14 * 4096)])
		assert recover("-a", "1600K") == (0, [(1600 << 10, 0, 15 * 4096)])
		assert recover("-A", "--scan") == (0, [(1 << 20, 0, 14 * 4096), (1600 << 10, 0, 15 * 4096)])
		assert recover(damaged=[260]) == (3, [(1 << 20, 4096, 14 * 4096)])
		# Memory that the machine had not is missing, and no page of zeroes; what comes after it is there.
		assert recover(holes=[300, *range(258, 260)]) == (3, [(1 << 20, 2 * 4096, 12 * 4096)])
		assert recover("-a", "1600K", holes=[300]) == (0, [(1600 << 10, 0, 15 * 4096)])
		# Every other page is there.
		assert recover(more={page: b"x" * 4096 for page in range(401, 1024, 2)}) == (0, [(1 << 20, 0, 14 * 4096)])
		# A file that is cut off is an error, and no signal.
		whole = open("packed-dump", "rb").read()
		for cut in 5000, 9000, len(whole) // 2, len(whole) - 100:
		    with open("packed-dump", "wb") as file:
		        file.write(whole[:cut])
		    run = subprocess.run(["gcc/relayctl", "recover", "-j", "packed-dump"], capture_output=True)
		    print(cut, run)
		    assert run.returncode in (0, 1, 3), run
	END
	says 1 'relayctl: packed-dump: a compressed (kdump) dump' none/relayctl recover packed-dump
}

# A bank for which there is not enough memory keeps no other one back, neither from being
# told nor from being stored.
tells_what_there_is_memory_for() {
	mkdir -p large
	(ulimit -v 1000000 && PYTHONPATH=$ROOT/boot python3 -) <<-'END'
		import json, os, shutil, struct, subprocess
		from crc32c import crc32c

		# (a bank without a channel)
		layout = struct.pack("<28H", 8, 32, *[0] * 10, 8, *[0] * 2, 80, *[0] * 12)

		def bank(size):
		    head = struct.pack("<8sIIQQQIIII56s16s64s64sI", b"RELAYRES", 0x01020304, 4, size, 1, 1, 4096, 1, 416, 0,
		                       layout, b"x86_64", b"7.3.0", b"", 0)
		    return head + struct.pack("<I", crc32c(head))

		half = 4 << 30
		for sizes, failed in ((0x10000, half), [1]), ((half, 0x10000), [0]), ((half, half), [0, 1]):
		    shutil.rmtree("from-banks", ignore_errors=True)
		    with open("large/image", "wb") as file:
		        for number, size in enumerate(sizes):
		            file.seek(number * half)
		            file.write(bank(size))
		        file.truncate(2 * half)
		    run = subprocess.run(["gcc/relayctl", "recover", "-j", "-A", "-o", "from-banks", "-a", "0", "-s", "8G", "large/image"],
		                         capture_output=True)
		    print(run)
		    said = json.loads(run.stdout)
		    assert [number for number, boot in enumerate(said) if "failed_because" in boot] == failed
		    assert [number for number, boot in enumerate(said) if not boot["recovered"]] == failed
		    assert b"large/image: not enough memory" in run.stderr
		    assert run.returncode == (3 if len(failed) == 1 else 1), run.returncode
		    assert len(failed) == 2 or os.path.exists(f"from-banks/bank{1 - failed[0]}/crash")
		run = subprocess.run(["gcc/relayctl", "recover", "-A", "-a", "0", "-s", "8G", "large/image"], capture_output=True)
		assert run.stdout.count(b"  not recovered: Cannot allocate memory") == 2, run
		os.remove("large/image")
	END
}

# A mostly empty bank costs what is in it, not its size: in a file with holes, one with
# zeroes, and a vmcore that leaves them out.
costs_what_is_there() {
	PYTHONPATH=$ROOT/boot python3 - <<-'END'
		import json, os, resource, struct, subprocess
		from crc32c import crc32c

		size = 256 << 20
		# (a bank without a channel)
		layout = struct.pack("<28H", 8, 32, *[0] * 10, 8, *[0] * 2, 80, *[0] * 12)
		head = struct.pack("<8sIIQQQIIII56s16s64s64sI", b"RELAYRES", 0x01020304, 4, size, 1, 1, 4096, 1, 416, 0,
		                   layout, b"x86_64", b"7.3.0", b"", 0)
		head += struct.pack("<I", crc32c(head))

		def peak(*args):
		    run = subprocess.run(["gcc/relayctl", "recover", "-j", "-A", *args], capture_output=True)
		    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
		    print(args, run.returncode, used, "MiB")
		    boots = [boot.get("recovered") for boot in json.loads(run.stdout)]
		    # (Python itself, before it becomes relayctl, has some. There is no second bank.)
		    assert run.returncode in (0, 3) and boots[0] and used < 60, (run, used)

		with open("empty", "wb") as file:
		    file.write(head)
		    file.truncate(size)
		peak("-a", "0", "empty")
		with open("empty", "r+b") as file:
		    for at in range(4096, size, 1 << 20):
		        file.seek(at)
		        file.write(bytes(65536))
		peak("-a", "0", "empty")
		# e_phnum 1: PT_LOAD, from 4096 on, of which the file has a page
		elf = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 4, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
		elf += struct.pack("<IIQQQQQQ", 1, 7, 4096, 0, 1 << 20, 4096, size, 4096)
		with open("empty", "wb") as file:
		    file.write(elf.ljust(4096, b"\0") + head.ljust(4096, b"\0"))
		peak("-a", "1M", "empty")
		peak("--scan", "empty")
		os.remove("empty")
	END
}

# A snapshot says what the channel is that it was taken of.
takes_what_is_there() {
	rm -rf grown
	./faked record --snapshot -o grown grows && gcc/relayctl cat grown >said || return 1
	echo "$(cat said)"
	[ "$(cat said)" = "000000000000000100000002" ]
}

# Each loss is told once, where it was; those behind the last sub-buffer last.
tells_losses() {
	python3 - "$dir/gcc/relayctl" <<-'END'
		import os, struct, subprocess, sys

		def cat(source, *args):
		    run = subprocess.run([sys.argv[1], "cat", *args, source], capture_output=True, text=True)
		    print(run)
		    assert run.returncode == 0
		    return run.stdout, [line.split(", ", 1)[0] + ":" + line.split(":")[1].strip() for line in run.stderr.splitlines()]

		def subbuf(cpu, data, sequence, lost, missed):
		    return struct.pack("<4I5Q4I", 0x796c6552, 72, cpu, 0, missed, sequence, 0, 0, lost, len(data), 0, 1, 0) + data

		with open("stream", "wb") as file:
		    # (the third was delivered before the one in front of it)
		    file.write(subbuf(0, b"a", 0, 5, 0) + subbuf(1, b"b", 3, 0, 2) + subbuf(0, b"c", 2, 9, 0) +
		               subbuf(0, b"d", 1, 7, 0) + subbuf(1, b"e", 9, 1, 7))
		zero = ["cpu 0:5 records lost, 0 sub-buffers missed", "cpu 0:4 records lost, 0 sub-buffers missed"]
		one = ["cpu 1:0 records lost, 2 sub-buffers missed", "cpu 1:1 records lost, 5 sub-buffers missed"]
		assert cat("stream") == ("abcde", [zero[0], one[0], zero[1], one[1]])
		assert cat("stream", "-c", "1") == ("be", one)
		assert cat("stream", "-q") == ("abcde", [])
		with open("stream", "wb") as file:
		    file.write(subbuf(0xfffffffe, b"a", 0, 5, 0))
		assert subprocess.run([sys.argv[1], "cat", "stream"], stderr=subprocess.DEVNULL).returncode == 1

		os.makedirs("losses", exist_ok=True)
		entries = [(0, 1, 9, 1, 0, 0, 3), (0, 0, 0, 0, 1, 2000, 1), (1, 0, 0, 0, 1, 1000, 2)]
		with open("losses/index", "wb") as file:
		    file.write(struct.pack("<8s8IQQ72s", b"relayidx", 1, 128, 64, 0, 4, 1024, 0, 0, 0, 0, b"test"))
		    for cpu, flags, sequence, offset, used, time, lost in entries:
		        file.write(struct.pack("<IIQQII4Q", cpu, flags, sequence, offset, used, 1, time, time, lost, 0))
		for cpu in 0, 1:
		    with open(f"losses/cpu{cpu}", "wb") as file:
		        file.write(b"01"[cpu:cpu + 1])
		out, told = cat("losses")
		assert out == "10" and [line.split(":")[1].split()[0] for line in told] == ["2", "1", "3"], told
	END
}

result "compiles with gcc" compiles gcc
result "compiles with clang" compiles clang
result "installs" installs
result "exports what the header declares, and the manual describes" exports
result "keeps the ABI that is described" keeps_its_abi
result "links with C" links gcc c
result "links with C++" links g++ c++
result "links with C, statically" links gcc c -static
result "the manual is clean" manual
result "says how it is used" helps
result "bash completes it" completes
result "tells systemd" notifies
result "losses are told" tells_losses
result "links with a fake library" fakes
result "rates are of the same channel, and the same CPU" has_rates
result "channels beside one that goes are found" lists_what_stays
result "a CPU without a buffer is named" names_the_cpu
result "a snapshot of a channel that came back" takes_what_is_there
result "a snapshot where there are parts of a recording" refuses_to_mix
result "a channel with any name is printed" prints_every_name
result "channels are looked at, and not opened" only_looks
result "a channel whose name begins with a dot" finds_by_name
result "what is wrong is named" names_what_is_wrong
result "records while a command runs" runs_a_command
result "records several channels" records_several
result "a thousand channels where nothing happens" wakes_nobody
result "timers of a thousand channels" ticks_at_once
result "records some CPUs" records_some_cpus
result "a recording of a certain size" keeps_to_a_size
result "a recording in the background" goes_into_background
result "a command, and what is not stored" tells_more_than_the_command
result "records for some time" ends_in_time
result "what people do is shown" shows_what_people_do
result "a pipe that breaks ends what only prints" ends_with_its_pipe
result "the directory of a flight recorder" flies_where_it_can
result "the end of a flight recorder" sums_up_its_flight
result "a recording that is called as a channel is" prefers_a_path
result "the path of a channel that ends with a slash" names_its_output
result "a recording whose name ends with the time" stamps_its_output
result "units of systemd" has_units
result "an output that cannot be stored to" looks_at_its_output
result "the end of a channel of which snapshots are taken" sees_the_end
result "a reader that is stopped" stops
result "a reader that waits for a trigger" waits_for_a_trigger
result "a CPU that comes up just before the end is not left out" sees_the_last_cpu
result "a flight recorder whose channel ends" ends_with_its_channel
result "a snapshot at a trigger" flies_until_triggered
result "snapshots of a second run" goes_on_counting
result "losses of a snapshot" tells_what_a_snapshot_lacks
result "a snapshot that there is no space for" counts_what_a_snapshot_lacks
result "what cannot be drained is told" tells_what_it_leaves
result "what is released, and not spliced, is given back" gives_back
result "a sub-buffer that is held, and gone" tells_what_is_gone
result "the end, beside another reader" ends_beside_another
result "losses up to the end" counts_to_the_end
result "a full pipe keeps no reader" splices_without_a_wait
result "a merge, beside another reader" merges_beside_another
result "a sub-buffer that is not spliced" goes_on_splicing
result "traces are recorded as CTF" records_traces
result "a packet that was not written to its end" cuts_packets
result "metadata count" counts_metadata
result "a trace that cannot be recorded" refuses_traces
result "a disk that failed once" remembers_the_disk
result "sub-buffers that are written at once" writes_at_once
result "where relayfs is not mounted" knows_where
result "a result begins a line" begins_a_line
result "a page of an image that cannot be read" reads_around
result "a recording is its owner's" keeps_to_its_owner
result "addresses and sizes with suffixes" takes_suffixes
result "a dump that is not plain is named" names_the_dump
result "a compressed dump" reads_compressed_dumps
result "a trace as text" converts_to_text
result "a damaged trace as text" converts_no_nonsense
result "a bank that there is not enough memory for" tells_what_there_is_memory_for
result "a mostly empty bank costs what is in it" costs_what_is_there
result "what cannot be printed is told" tells_what_it_cannot_print
result "damaged recordings are refused" damaged
result "what does not match its check sum is told" holds_check_sums
result "a compressed recording" compresses
result "a part without an index is none" reads_other_parts
result "a part that is removed while it is printed" goes_on_behind_what_goes
result "what is larger than memory can be is refused" refuses_at_32_bits
exit $bad
