# shellcheck shell=bash
# For jobs that test the boot-reserved area: QEMU's memory is a file. A pattern is
# written to the area before the machine starts, and must be there after it has ended.
. boot/lib.sh
need qemu-system-x86 ovmf kexec-tools
dir=$BUILD/area/$(basename "$0" .sh) n=0 bad=0
rm -rf "$dir"
mkdir -p "$dir"

# area SIZE ADDRESS [OFFSET]: of the machine that starts next, in bytes. OFFSET is
# where the memory file has it, if not at ADDRESS.
at=0 size=0 offset=0
area() { size=$(($1)) at=$(($2)) offset=$((${3-$2})); }

# machine NAME MEM OPTION... -- COMMAND...: what qemu-run.sh takes, in addition
machine() {
	name=$1
	local mem=$2; shift 2
	rm -f "$dir/ram"
	truncate -s "$mem" "$dir/ram"
	yes "this is the area" | head -c "$size" >"$dir/pattern"
	dd if="$dir/pattern" of="$dir/ram" bs=64K seek=$((offset / 65536)) conv=notrunc status=none
	boot/qemu-run.sh -c 1 -m "$mem" -o "$dir/$name" -f boot/guest/area.sh \
		-x "-object memory-backend-file,id=ram,mem-path=$dir/ram,size=$mem,share=on -machine memory-backend=ram" \
		"$@" >"$dir/$name.out" 2>"$dir/$name.err"
}

# result NAME COMMAND...
result() {
	n=$((n + 1))
	if "${@:2}"; then echo "ok $n - $1"; return; fi
	bad=1
	echo "not ok $n - $1"
	sed 's/^/# /' "$dir/$name.out" "$dir/$name.err" | tail -n 30
}

said() { grep -qE -- "$1" "$dir/$name.out"; }
# The area is a resource of its own, alone, and nobody wrote there.
placed() { said "^ *$(printf '%08x-%08x' $at $((at + size - 1))) : Relay"; }
intact() { cmp -s -n "$size" -i "0:$offset" "$dir/pattern" "$dir/ram"; }
kept() { placed && intact; }

# boots N PLACES WHAT COMMAND...: COMMAND NAME boots a machine; N times it has
# nothing in the area, and PLACES different places for its kernel at least.
boots() {
	local wrong=0 places= i
	for ((i = 0; i < $1; i++)); do
		"${@:4}" "boot$i" && kept || { wrong=1; break; }
		places+=$(sed -n 's/ : Kernel code//p' "$dir/$name.out")$'\n'
	done
	places=$(printf %s "$places" | sort -u | wc -l)
	echo "# the kernel was in $places places"
	result "$1 boots $3: nothing in the area" [ $wrong = 0 ]
	result "and the kernel moved" [ "$places" -ge "$2" ]
}
