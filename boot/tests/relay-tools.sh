#!/bin/bash
# job 20
# librelay and relayctl as a user has them: compiled by gcc and clang, installed,
# found by pkg-config, linked with C and C++; and what needs no channel.
. "$(dirname "$0")/../lib.sh"
need gcc g++ clang make libc6-dev pkg-config libjson-c-dev libelf-dev libisal-dev groff-base python3
dir=$BUILD/relay-tools-test
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir" || exit 1
n=0
result() {
	local name=$1 ok=ok; shift
	n=$((n + 1))
	("$@") >out 2>&1 || ok='not ok'
	sed 's/^/# /' out
	echo "$ok $n - $name"
	[ "$ok" = ok ] || bad=1
}
bad=0

compiles() { make -C "$ROOT/tools/relay" O="$dir/$1" CC="$1" all examples; }
installs() { make -C "$ROOT/tools/relay" O="$dir/gcc" DESTDIR="$dir/root" PREFIX=/usr install; }

# Only what the header names is visible.
exports() {
	nm -D --defined-only "$dir/gcc/librelay.so" | awk '{ print $3 }' | sort >exported
	sed -n 's/^\(int\|void\|ssize_t\|const char \*\) \?\(relay_[a-z_]*\)(.*/\2/p' \
		"$ROOT/tools/relay/librelay/relay/librelay.h" | sort >declared
	diff declared exported && [ -s declared ] &&
		readelf -d gcc/librelay.so | grep 'SONAME.*librelay\.so\.1' &&
		sed 's,.*,root/usr/share/man/man3/&.3,' declared | xargs ls
}

flags() { PKG_CONFIG_SYSROOT_DIR=$dir/root PKG_CONFIG_PATH=$dir/root/usr/lib/pkgconfig pkg-config "$@" librelay; }
links() {
	cat >user.c <<-END
		#include <relay/librelay.h>
		int main(void)
		{
			struct relay_reader *reader;

			return relay_open(&reader, "/", 0) >= 0;
		}
	END
	# shellcheck disable=SC2046
	"$1" -x "$2" -Wall -Wextra -Werror $(flags --cflags) user.c -x none -o user "${@:3}" $(flags --libs) &&
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
	for command in '' record cat stat list recover; do
		# shellcheck disable=SC2086
		root/usr/bin/relayctl $command --help >help && grep -q '^usage: relayctl' help || return 1
	done
}
completes() {
	. root/usr/share/bash-completion/completions/relayctl
	COMP_WORDS=(relayctl record --sn) COMP_CWORD=2
	_relayctl
	[ "${COMPREPLY[*]}" = --snapshot ]
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

# What a recording says is not believed: cut off anywhere, or with wrong bytes, it
# is refused or ends early, and nothing else happens.
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
		    assert run.returncode in (0, 1), run.returncode
		    return run.returncode, run.stdout

		assert cat(index, data) == (0, data)
		for cut in range(0, len(index), 7):
		    status, out = cat(index[:cut], data)
		    assert (status, out) == ((0, data[:512 * ((cut - 128) // 64)]) if cut >= 128 else (1, b"")), cut
		for cut in (0, 1, 511, 512, 1500):
		    status, out = cat(index, data[:cut])
		    assert status == 1 and out == data[:cut // 512 * 512], cut
		for _ in range(300):
		    bad = bytearray(index)
		    for _ in range(random.randint(1, 4)):
		        bad[random.randrange(len(bad))] = random.randrange(256)
		    cat(bytes(bad), data)
	END
}

result "compiles with gcc" compiles gcc
result "compiles with clang" compiles clang
result "installs" installs
result "exports what the header declares, and the manual describes" exports
result "links with C" links gcc c
result "links with C++" links g++ c++
result "links with C, statically" links gcc c -static
result "the manual is clean" manual
result "says how it is used" helps
result "bash completes it" completes
result "tells systemd" notifies
result "damaged recordings are refused" damaged
exit $bad
