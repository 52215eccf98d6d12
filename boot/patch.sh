#!/bin/bash
# build/patch/<series>/*.patch: overlay and patches as series for "git am" on a pristine
# 7.3 tree, one on top of the other, in the order of boot/series. Then check that all
# series, applied to a fresh copy, result in exactly the files of the build.
. "$(dirname "$0")/lib.sh"
need git rsync patch
exec 7>"$BUILD/.patch.lock"
flock 7
pristine=$("$ROOT/boot/fetch.sh" | tail -n 1)
work=$BUILD/series final=$BUILD/series/final
rm -rf "$work" "$BUILD/patch"
mkdir -p "$work"
stage "exporting the series"
"$ROOT/boot/stage.sh" "$pristine" "$final"

# The same commits come out whoever runs this, whenever.
export GIT_AUTHOR_NAME='Relay for Linux' GIT_AUTHOR_EMAIL=relay@example.org GIT_CONFIG_NOSYSTEM=1
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE || true

# base DIR: a repository with just the pristine files that the series touches.
base() {
	mkdir -p "$1"
	{ (cd "$final" && find . ! -type d); cat "$ROOT"/patches/*.patch | sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p'; } |
		sed 's,^\./,,' | sort -u | while read -r f; do
		[ ! -e "$pristine/$f" ] || { mkdir -p "$(dirname "$1/$f")"; cp "$pristine/$f" "$1/$f"; }
	done
	git -C "$1" init -q -b main
	git -C "$1" add -Af
	git -C "$1" commit -q --allow-empty -m "Linux 7.3"
	git -C "$1" tag pristine
}

# am REPO FILE...: a patch without a date gets the date of all.
am() {
	local repo=$1 f; shift
	for f; do
		grep -q '^Date: ' "$f" || sed -i '1,/^Subject:/s/^Subject:/Date: Thu, 1 Jan 2026 00:00:00 +0000\n&/' "$f"
	done
	logged patch-am git -C "$repo" am -q --committer-date-is-author-date "$@"
}

base "$work/git"
cd "$work/git"
subject='' body=''
# Of the files that say what is built, those that are in already: as much of them as is
# there. (A directory's name has no blank.)
partial() {
	local f
	for f in $(grep -E '^\./(kernel/relay|kernel/ltt|fs/relayfs)/.*(Makefile|Kconfig)$' "$work/taken" || true); do
		cp "$final/$f" "$f"
		"$ROOT/boot/partial.py" . "$f"
		git add -f "$f"
	done
}
commit() {
	[ -n "$subject" ] || return 0
	partial
	git diff --cached --quiet ||
		git commit -q -s -m "$subject" -m "$body"
	subject='' body=''
}
while IFS= read -r line; do
	case $line in
	'#'* | '') ;;
	'series '*)
		commit
		set -- $line
		git tag "start-$2"
		shift
		echo "$*" >>"$work/names" ;;
	'patches '*)
		commit
		# shellcheck disable=SC2086
		set -- $(cd "$ROOT" && ls ${line#patches } 2>/dev/null || true)
		rm -rf "$work/am"
		mkdir "$work/am"
		for f; do cp "$ROOT/$f" "$work/am/"; done
		[ $# = 0 ] || am . "$work"/am/* ;;
	'commit '*) commit; subject=${line#commit } ;;
	'|'*) line=${line#|}; body+=${line# }$'\n' ;;
	*)
		(cd "$final" && find . ! -type d -path "./$line") | while read -r f; do
			# The first that names a file has it.
			! grep -qxF "$f" "$work/taken" 2>/dev/null || continue
			echo "$f" >>"$work/taken"
			mkdir -p "$(dirname "$f")"
			cp -P "$final/$f" "$f"
			git add -f "$f"
		done ;;
	esac
done <"$ROOT/boot/series"
commit

# Each series with its cover letter: boot/cover/<series>, a subject and a text.
series=() from=() n=0
while read -r name to; do series+=("$name") from+=("start-$name") cc[${#series[@]}]=$to; done <"$work/names"
git tag end
from+=(end)
base "$work/proof"
for i in "${!series[@]}"; do
	name=${series[$i]} out=$BUILD/patch/${series[$i]}
	# Later series get the patches that they need as prerequisites.
	git format-patch -q --no-signature --cover-letter --base=pristine \
		${cc[$((i + 1))]:+--cc="${cc[$((i + 1))]}"} -o "$out" "${from[$i]}..${from[$((i + 1))]}"
	python3 - "$out/0000-cover-letter.patch" "$ROOT/boot/cover/$name" <<-'END'
		import sys
		letter, cover = (open(name).read() for name in sys.argv[1:])
		subject, text = cover.split("\n\n", 1)
		letter = letter.replace("*** SUBJECT HERE ***", subject.strip(), 1)
		open(sys.argv[1], "w").write(letter.replace("*** BLURB HERE ***", text.strip(), 1))
	END
	# The base is known by its tag: this repository has few of the tree's files.
	sed -i 's/^base-commit: .*/base-commit: v7.3/' "$out/0000-cover-letter.patch"
	mapfile -t mails < <(find "$out" -name '*.patch' ! -name 0000-\* | sort)
	am "$work/proof" "${mails[@]}"
	n=$((n + ${#mails[@]}))
done
rm -rf "$work/proof/.git"
if diff -r "$final" "$work/proof" >"$LOGS/patch-proof.log"; then
	echo "ok 1 - $n patches in ${#series[@]} series in build/patch apply with git am and give what we build from"
else
	echo "not ok 1 - the series does not give what we build from (is a file missing in boot/series?)"
	head -20 "$LOGS/patch-proof.log"
	exit 1
fi
