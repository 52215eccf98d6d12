# shellcheck shell=bash
# Shared by all scripts here: paths, stage lines, logs, packages.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=$ROOT/build
LOGS=$BUILD/log
# The kernel source and the compiler cache outlive the clone.
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/relay-linux
# The folders whose paths are the kernel tree's own.
OVERLAY="Documentation fs include kernel samples tools"
# What stands in the way of a result that depends on nothing but the source.
export LC_ALL=C TZ=UTC
mkdir -p "$LOGS"

# Elapsed time is counted from the outermost script.
export RELAY_T0=${RELAY_T0:-$(date +%s)}
stage() { printf '[%4ds] %s\n' $(($(date +%s) - RELAY_T0)) "$*"; }
die() { echo "error: $*" >&2; exit 1; }

# The first error lines of a log and its end: where to look first.
show_log() {
	echo "---- $1: first errors"
	grep -nE '(^|[^a-z_])(error|Error|ERROR|undefined reference|FAILED|not ok|\*\*\*)' "$1" | head -5 || true
	echo "---- $1: end"
	tail -n 15 "$1"
}

# logged NAME CMD...: run with everything into build/log/NAME.log.
logged() {
	local log=$LOGS/$1.log; shift
	"$@" >"$log" 2>&1 </dev/null && return
	local rc=$?
	echo "failed ($rc): $*" >&2
	show_log "$log" >&2
	exit 1
}

# need PACKAGE...: install what is missing, by name; says so, or is silent.
need() {
	local missing=() p as=
	for p; do
		[ "$(dpkg-query -Wf '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
	done
	[ ${#missing[@]} = 0 ] && return
	[ "$(id -u)" = 0 ] || as=$(command -v sudo) || die "please install: ${missing[*]}"
	stage "installing ${missing[*]}"
	# One apt at a time, whoever else of ours runs.
	(
		flock 9
		if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit)" ]; then
			logged apt-update $as apt-get update
		fi
		logged apt-install $as env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
			install -y --no-install-recommends "${missing[@]}"
	) 9>"$BUILD/.apt.lock" || exit 1
}

need_to_compile() {
	need gcc make libc6-dev flex bison bc libelf-dev libssl-dev cpio kmod xz-utils rsync ccache patch python3 perl
}

# The cross compiler of GCC cannot be installed beside gcc-multilib.
need_for_arm64() { need clang-19 lld-19 llvm-19 make libc6-dev-arm64-cross libgcc-12-dev-arm64-cross; }

# fetch_package SUITE PACKAGE: Debian's package from another suite, unpacked into ./deb. The
# mirror is the one that this machine uses anyway; the lists are our own.
fetch_package() {
	local uri apt
	mkdir -p apt/lists/partial apt/cache/archives/partial
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u | grep '/debian/$' | head -1) || true
	[ -n "$uri" ] || die "no Debian mirror is configured (has apt-get update run?)"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $1 main" >apt/sources.list
	apt=(apt-get -o Dir::Etc::sourcelist="$PWD/apt/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache" \
		-o APT::Sandbox::User="$(id -un)")
	logged fetch-update "${apt[@]}" update
	logged fetch-download "${apt[@]}" download "$2"
	logged fetch-deb dpkg-deb -x "$2"_*.deb deb
}

# Compiles that do not depend on where the clone is or when it is built.
kernel_env() {
	export CCACHE_DIR=$CACHE/ccache CCACHE_BASEDIR=$BUILD CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_MAXSIZE=6G
	# An object includes a thousand headers: each is read once, not for every object.
	export CCACHE_INODECACHE=1
	export CCACHE_SLOPPINESS=time_macros,include_file_ctime,include_file_mtime
	export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' KBUILD_BUILD_VERSION=1
	export KBUILD_BUILD_USER=relay KBUILD_BUILD_HOST=relay
	unset KBUILD_OUTPUT KCFLAGS ARCH CROSS_COMPILE MAKEFLAGS MFLAGS MAKELEVEL || true
}

# image KERNEL: what QEMU boots, below the repository.
image() {
	case $1 in
	arm64*) echo "build/$1/arch/arm64/boot/Image" ;;
	*) echo "build/$1/arch/x86/boot/bzImage" ;;
	esac
}

# kmake DIR ARCH TARGET...: make in build/src for the objects in DIR.
kmake() {
	local o=$1 arch=$2; shift 2
	[ "$arch" != arm64 ] || set -- LLVM=-19 CC="ccache clang-19" "$@"
	make -C "$BUILD/src" O="$o" ARCH="$arch" CC="ccache gcc" HOSTCC="ccache gcc" LOCALVERSION= \
		-j"${JOBS:-$(nproc)}" "$@"
}

# kconfig DIR ARCH FRAGMENT...: configure DIR to exactly the fragments; every
# line must survive. Nothing happens while the result would be the same.
kconfig() {
	local o=$1 arch=$2 line sym lost=; shift 2
	mkdir -p "$o"
	{ cd "$ROOT/boot" && cat -- "$@"; } >"$o/.fragment.new"
	cd "$ROOT"
	if ! cmp -s "$o/.fragment.new" "$o/.fragment" || [ ! -f "$o/.config" ]; then
		logged "$(basename "$o")-config" kmake "$o" "$arch" KCONFIG_ALLCONFIG="$o/.fragment.new" allnoconfig
	else
		# An option that the overlay or a patch has added gets its default.
		logged "$(basename "$o")-config" kmake "$o" "$arch" olddefconfig
	fi
	while read -r line; do
		case $line in
		CONFIG_*=*) grep -qxF "$line" "$o/.config" || lost+=" $line" ;;
		'# CONFIG_'*' is not set')
			sym=${line#\# }; sym=${sym%% *}
			! grep -q "^$sym=" "$o/.config" || lost+=" $sym=n" ;;
		esac
	done <"$o/.fragment.new"
	[ -z "$lost" ] || die "$(basename "$o"): not in the configuration that came out:$lost"
	mv "$o/.fragment.new" "$o/.fragment"
}
