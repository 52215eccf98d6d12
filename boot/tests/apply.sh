#!/bin/bash
# job 15
# make apply and unapply on a tree of one's own: applied once, twice, refused
# where local changes are in the way, taken out again byte for byte.
. boot/lib.sh
pristine=$(KDIR='' boot/fetch.sh | tail -n 1)
tree=$BUILD/apply-tree n=0
rm -rf "$tree"
mkdir -p "$tree"
# The folders that matter, as hard links: writing through one would spoil the original.
dirs="init kernel include samples fs tools/testing/kunit Documentation/filesystems Documentation/admin-guide Documentation/trace"
dirs+=" arch/x86/boot/compressed arch/x86/um/asm drivers/firmware/efi/libstub"
(cd "$pristine" && { cp -al --parents Makefile Kconfig MAINTAINERS $dirs "$tree/" 2>/dev/null ||
	cp -a --parents Makefile Kconfig MAINTAINERS $dirs "$tree/"; })
# Content, mode and place of every file, and every folder.
sums() {
	(
		cd "$1"
		find MAINTAINERS $dirs -type f -print0 | sort -z | xargs -0 sha256sum
		find MAINTAINERS $dirs -printf '%y %m %l %p\n' | sort
	) | sha256sum
}
try() { n=$((n + 1)); if "${@:2}"; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi; }
run() { ./boot/apply.sh "$@" 2>&1 | tee "$BUILD/apply.out" | sed 's/^/# /'; return "${PIPESTATUS[0]}"; }
export KDIR=$tree
before=$(sums "$tree")
try "applies" run apply
try "has our files" cmp -s "$tree/kernel/relay.c" kernel/relay.c
try "has our patches" grep -q relay_dead_cpu "$tree/kernel/cpu.c"
applied=$(sums "$tree")
try "again" run apply
try "says that there is nothing to do" grep -q 'nothing to do' "$BUILD/apply.out"
try "changes nothing then" [ "$(sums "$tree")" = "$applied" ]
# (sed -i makes a file of its own; >> would write into the original)
sed -i '$a/* mine */' "$tree/kernel/relay.c"
try "unapply refuses to lose an edit" eval '! run unapply'
sed -i '$d' "$tree/kernel/relay.c"
try "unapplies" run unapply
try "byte for byte" [ "$(sums "$tree")" = "$before" ]
cp "$tree/kernel/relay.c" "$tree/kernel/relay.c.new" && echo '/* mine */' >>"$tree/kernel/relay.c.new"
mv "$tree/kernel/relay.c.new" "$tree/kernel/relay.c"
mine=$(sums "$tree")
try "refuses local changes" eval '! run apply'
try "and leaves them alone" [ "$(sums "$tree")" = "$mine" ]
sed -i.bak 's/^PATCHLEVEL = .*/PATCHLEVEL = 2/' "$tree/Makefile"
try "refuses another version" eval '! run apply'
try "the pristine tree is untouched" [ "$(sums "$pristine")" = "$before" ]
rm -rf "$tree"
