#!/bin/bash
# series-build.sh [FIRST]: compile each commit of the series from number FIRST on, for
# User-mode Linux with every option of relay that exists at that commit, and the tools and
# user-space tests. Then run the tests as a kernel developer does, without boot/. It takes a
# quarter of an hour, so it is a job of soak.sh.
. "$(dirname "$0")/lib.sh"
first=${1:-1}
"$ROOT/boot/patch.sh"
pristine=$("$ROOT/boot/fetch.sh" | tail -n 1)
tree=$BUILD/series-tree o=$BUILD/series-um repo=$BUILD/series/git n=0 rc=0
stage "copying the source"
rsync -a --delete "$pristine/" "$tree/"
build() {
	make -s -C "$tree" O="$o" ARCH=um KCONFIG_ALLCONFIG="$o.fragment" allnoconfig || return 1
	make -s -C "$tree" O="$o" ARCH=um CC="ccache gcc" HOSTCC="ccache gcc" -j"$(nproc)" \
		linux modules || return 1
	[ ! -d "$tree/tools/relay" ] || make -s -C "$tree/tools/relay" O="$o/tools" lib || return 1
	[ ! -d "$tree/tools/relay/relayctl" ] || make -s -C "$tree/tools/relay" O="$o/tools" || return 1
	[ ! -d "$tree/tools/testing/relay" ] ||
		make -s -C "$tree/tools/testing/relay" O="$o/ring" all
}
cat "$ROOT"/boot/{common,kunit,block,um}.config >"$o.fragment"
for commit in $(git -C "$repo" rev-list --reverse pristine..end); do
	n=$((n + 1))
	git -C "$repo" diff-tree -r --name-only "$commit" | tail -n +2 | while read -r f; do
		mkdir -p "$tree/$(dirname "$f")"
		git -C "$repo" show "$commit:$f" >"$tree/$f"
		[ -z "$(git -C "$repo" ls-tree "$commit" "$f" | grep ^100755)" ] || chmod +x "$tree/$f"
	done
	[ $n -ge "$first" ] || continue
	name=$(git -C "$repo" log -1 --format=%s "$commit")
	if build >"$LOGS/series-build.log" 2>&1 && ! grep -q 'warning:' "$LOGS/series-build.log"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		grep -m 5 -E 'error|warning:|\*\*\*' "$LOGS/series-build.log" | sed 's/^/# /'
		rc=1
	fi
done

result() {
	n=$((n + 1))
	if "${@:2}" >"$LOGS/series-build.log" 2>&1; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		tail -n 5 "$LOGS/series-build.log" | sed 's/^/# /'
		rc=1
	fi
}
kunit() {
	cd "$tree" && tools/testing/kunit/kunit.py run --kunitconfig kernel/relay/tests --build_dir "$o-kunit" \
		--make_options CC="ccache gcc" --make_options HOSTCC="ccache gcc"
}
selftests() {
	make -s -C "$tree" ARCH=x86 headers &&
		make -s -C "$tree/tools/testing/selftests" TARGETS=relay O="$o/kselftest" \
			KHDR_INCLUDES="-isystem $tree/usr/include" &&
		[ -x "$o/kselftest/kselftest/relay/relay_abi" ]
}
result "kunit.py run --kunitconfig kernel/relay/tests" kunit
result "make -C tools/testing/selftests TARGETS=relay" selftests
exit $rc
