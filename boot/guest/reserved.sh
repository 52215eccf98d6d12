#!/bin/sh
# reserved.sh BUILD SCENARIO SEED: runs in a guest, before and after it dies. The
# sample writes from every context of every CPU into the reserved area, while a
# witness outside of relay counts the committed records; then the machine dies under
# that load. The records that are recovered are compared with the witness.
BUILD=$1 scenario=$2 seed=$3
. boot/guest/sample.sh
. boot/guest/tools.sh
relayfs=/sys/kernel/relay
reserved=$relayfs/reserved
witness=0x8000000 witness_size=4096 area=$((256 << 20))
[ "$(uname -m)" != aarch64 ] || witness=0x58000000 witness_size=65536 area=$((0x50000000))

# Until every CPU has filled its buffer more than once.
write_much() {
	load seed="$seed" reserved=1 overwrite=1 timer_ms=0 period_us=50 witness=$witness "$@"
	echo 1000000 >$sample/control
	# (An exit before the end is not the last word: END's is.)
	while ! awk '/^buffer/ { n++; few += $4 < 500 } END { exit few || n < 2 }' $sample/stats; do :; done
}

committed() { awk '/^buffer/ { n += $3 } END { print n }' $sample/stats; }

kexec_load() {
	kexec "$@" /boot/bzImage --initrd=/boot/initramfs --append="$(cat /proc/cmdline)" || exit 1
}

# Another kernel boots on the area and reads the image in. Then this one goes on, and
# its writers, who were held since before the image, write again.
hibernate() {
	busybox mkswap /dev/vda >/dev/null && busybox swapon /dev/vda && echo reboot >/sys/power/disk &&
		written=$(committed) && echo disk >/sys/power/state || return 1
	while [ "$(committed)" -lt $((written + 5000)) ]; do :; done
	cat $sample/stats
}

# (stty returns when the output is out; what the port still has goes with the machine.)
reset() {
	busybox stty -echo <&1
	echo b >/proc/sysrq-trigger
}
restart() {
	busybox stty -echo <&1
	busybox reboot -f
}
panic() {
	busybox stty -echo <&1
	echo c >/proc/sysrq-trigger
}

die() {
	case $scenario in
	hibernate*)
		result "$scenario: it goes on behind it" hibernate
		reset ;;
	panic | kdump*) echo c >/proc/sysrq-trigger ;;
	reset | static | efi | damage) echo b >/proc/sysrq-trigger ;;
	kexec-file | kexec-load) kexec -e ;;
	nmi) echo 1 >$sample/die ;;
	esac
}

prepare() {
	case $scenario in
	kexec-file) kexec_load -s -l ;;
	kexec-load) kexec_load -c -l ;;
	kdump*) kexec -s -p /boot/bzImage --initrd=/boot/initramfs \
		--append="console=ttyS0 panic=-1 kunit.autorun=0 tsc=reliable no_timer_check nr_cpus=1" || exit 1 ;;
	esac
}

# overwritten JSON: of each CPU, how many records were overwritten
overwritten() { awk '/"cpu":/ { gsub(/[^0-9]/, ""); cpu = $0 } /"overwritten":/ { gsub(/[^0-9]/, ""); print cpu, $0 }' "$1"; }

# agrees WITNESS RECORDING: of each CPU, what was committed is recovered, or was
# overwritten before; what came between the last commit and its witness counts.
# Of what is undecided relay alone knows. RECORDING.overwritten says what was.
agrees() {
	: >/tmp/checked
	cpu=0
	while [ $cpu -lt "$cpus" ]; do
		relayctl cat -q -c $cpu "$2" | check_sample -w "$1" - >/tmp/said
		sed -n "/^cpu $cpu /s/[^0-9]*\([0-9]*\)/\1 /gp" /tmp/said | sed "s/\$/$(said torn </tmp/said)/" >>/tmp/checked
		cpu=$((cpu + 1))
	done
	awk '
		FILENAME ~ /overwritten$/ { overwritten[$1] = $2; next }
		{
			n++
			print "CPU", $1 ": committed", $2 + $3, "recovered", $5, "overwritten", overwritten[$1], "torn", $6
			print $1, $2 + $3, $5, overwritten[$1], $6 >"'$OUT/recovered'"
			unknown = $5 + overwritten[$1] - $2 - $3
			bad += $6 || !$5 || unknown < 0 || unknown > $4
		}
		END { exit bad || n != '"$cpus"' }' "$2.overwritten" /tmp/checked
}

# recover OUTPUT [OPTION...]: its channel is /tmp/OUTPUT/relay-sample
recover() {
	to=/tmp/$1; shift
	rm -rf "$to"
	recover_to "$to.json" -o "$to" "$@" || { cat "$to.json"; return 1; }
	overwritten "$to.json" >"$to/$channel.overwritten"
}

read_witness() { dd if=/dev/mem of=/tmp/witness bs=4096 skip=$((witness / 4096)) count=1 2>/dev/null; }

# In the kernel that recorded, from its bank as it lies there.
same_kernel() {
	echo 0 >$sample/control && cat $sample/control && read_witness && cat $sample/stats $reserved/status &&
		grep -q '^bank=0 state=recording .*generation=1 ' $reserved/status &&
		recover a --bank=0 && agrees /tmp/witness /tmp/a/$channel
}

# Of an archive, which is a plain copy.
everything_there() { cp $reserved/bank"$1" /tmp/archive && recover archived /tmp/archive && agrees /tmp/witness /tmp/archived/$channel; }
everything_back() { read_witness && everything_there "$@"; }
# By read, by pread and by mmap it is the same, and of one size.
is_a_file() {
	[ "$(stat -c %a:%s $reserved/bank0)" = "400:$(stat -c %s /tmp/archive)" ] && cmp $reserved/bank"$1" /tmp/archive &&
		dd if=$reserved/bank"$1" bs=4096 skip=3 count=2 2>/dev/null | cmp - /tmp/archive.part
}
owners_words() { tr -d '\0' </tmp/archived/$channel/private | tee /dev/stderr | grep -qx "seed: $seed"; }
# says BANK KEY=VALUE...: the status
says() {
	cat $reserved/status
	line=$(grep "^bank=$1 " $reserved/status); shift
	for word; do case " $line " in *" $word "*) ;; *) echo "not $word"; return 1 ;; esac; done
}
beside_recording() {
	load seed=7 reserved=1 overwrite=1 timer_ms=0 && write_records 200 && says 1 state=recording && everything_there 0 &&
		relayctl record --snapshot -o /tmp/b $channel && relayctl cat -q /tmp/b | check_sample -
}
from_vmcore() { recover vmcore /proc/vmcore && cat /tmp/vmcore.json && agrees /tmp/witness /tmp/vmcore/$channel; }
# Without an argument it is the same, as it lies there.
stored() {
	recover live && cmp /tmp/archived/$channel/private /tmp/live/$channel/private && agrees /tmp/witness /tmp/live/$channel &&
		diff -r /tmp/archived /tmp/live
}
# cannot ERRNO COMMAND: the shell's redirections are part of it
cannot() { sh -c "$2" 2>/tmp/why && return 1; cat /tmp/why; grep -q "$1" /tmp/why; }
released() {
	for bad in 2 -1 x ''; do cannot 'Invalid argument' "echo $bad >$reserved/release" || return 1; done
	cannot 'resource busy' "echo 1 >$reserved/release" && release && says 0 state=released &&
		! relayctl recover && recover again --bank=0
}
# (Where a commit was under way relayctl leaves the release to its user.)
release() {
	relayctl recover --release || { [ $? = 3 ] && recover doubted --bank=0 && echo 0 >$reserved/release; }
}
frozen() {
	cannot 'Read-only' "echo 0 >$reserved/release" && says 0 state=ended end=unknown && says 1 state=empty &&
		! busybox insmod "$BUILD/samples/relay/relay_sample.ko" reserved=1 && says 1 state=empty
}

# A number of so many bytes in physical memory.
peek() { dd if=/dev/mem bs=1 skip="$2" count="$1" 2>/dev/null | od -An "-tu$1" | tr -d ' '; }

# Of the channel that was opened first: <uapi/linux/relay.h>.
damage_subbuf() {
	bank=$area entry=$((area + 416))
	at=$((bank + $(peek 8 $((entry + 72))) + $1 * $(peek 4 $((entry + 16)))))
	printf "%b" "\\$(printf %o $(($(peek 1 $at) ^ 1)))" | dd of=/dev/mem bs=1 seek=$at conv=notrunc 2>/dev/null
}

# What is damaged is left out, and told with its cause.
damage_told() {
	damage_subbuf 1 && damage_subbuf 3 && relayctl recover && return 1
	relayctl recover --json >/tmp/told.json
	[ $? = 3 ] || return 1
	for i in 1 3; do
		grep -A1 "\"subbuf\":$i," /tmp/told.json | grep "\"discarded_because\":\"its bytes" || return 1
	done
	awk '/"cpu":/ { n++; gsub(/[^0-9]/, ""); cpu = $0 } /"subbufs":/ { gsub(/[^0-9]/, ""); subbufs = $0 }
		/"sealed":/ { gsub(/[^0-9]/, ""); bad += $0 != subbufs } /"subbuf":/ { bad += cpu != 0; damaged++ }
		END { exit bad || damaged != 2 || n != '"$cpus"' }' /tmp/told.json
}

# How often this machine has booted: kept behind the witness.
boots() { dd if=/dev/mem bs=1 skip=$((witness + witness_size)) count=1 2>/dev/null | od -An -tu1 | tr -d ' '; }
set_boots() { awk "BEGIN { printf \"%c\", $1 }" | dd of=/dev/mem bs=1 seek=$((witness + witness_size)) conv=notrunc 2>/dev/null; }

# It dies again and again, at last while the first time is being read: that stays.
crash_loop() {
	case $booted in
	0) write_much; reset ;;
	[1-4])
		result "loop: boot $booted still has what the first one left" everything_back 0
		result "loop: boot $booted says so" says 0 generation=1 end=unknown
		[ "$booted" != 4 ] || { result "loop: released" relayctl recover --bank=0 --release; write_much; reset; }
		witness=0 write_much
		while :; do cmp -s $reserved/bank0 /tmp/archive || break; done &
		panic ;;
	5)
		result "loop: what came after the release is there" everything_back 0
		result "loop: and says so" says 0 generation=5
		exit ;;
	esac
}

# Which bank a boot records into, and what is said of the one that is lost.
record_into() {
	load seed=1 reserved=1 overwrite=1 timer_ms=0 && write_records 20 && says "$1" state=recording || return 1
	dmesg | grep "relay: bank $1 .* recorded over" >/tmp/over
	cat /tmp/over
	if [ -n "$2" ]; then grep -q "$2" /tmp/over; else [ ! -s /tmp/over ]; fi
}
# flip OFFSET: a bit of the area
flip() {
	at=$((area + $1))
	printf "%b" "\\$(printf %o $(($(peek 1 $at) ^ 1)))" | dd of=/dev/mem bs=1 seek=$at conv=notrunc 2>/dev/null
}
no_room() { ! busybox insmod "$BUILD/samples/relay/relay_sample.ko" reserved=1 subbuf_size=1048576 n_subbufs=64; }
policy() {
	case $booted in
	0)
		result "policy: an empty area" says 0 state=empty
		result "policy: the first bank" record_into 0
		restart ;;
	1)
		result "policy: a restart is an end" says 0 state=ended generation=1 end=restart 'reason="restart"'
		result "policy: the bank that is empty" record_into 1
		panic ;;
	2)
		result "policy: a panic is one" says 1 state=ended generation=2 end=panic 'reason="sysrq triggered crash"'
		result "policy: a channel that finds no room" no_room
		result "policy: costs no recording" says 0 state=ended generation=1
		result "policy: over the boot that was restarted, and that is told" record_into 0 "generation 1 (end: restart), not released"
		reset ;;
	3)
		result "policy: a reset says nothing" says 0 state=ended generation=3 end=unknown 'reason=""'
		result "policy: over the newer of two crashes" record_into 0 "generation 3 (end: unknown), not released"
		# (It does not return; the kernel goes on.)
		(busybox insmod /relay_oops.ko)
		restart ;;
	4)
		result "policy: a restart after an oops is a crash" says 0 state=ended generation=4 end=oops 'reason="restart"'
		result "policy: the first crash is still there" says 1 state=ended generation=2 end=panic
		result "policy: it is released" sh -c "echo 1 >$reserved/release"
		result "policy: and says so" says 1 state=released generation=2
		result "policy: the bank that is released, at once" record_into 1
		kexec_load -s -l
		busybox stty -echo <&1
		kexec -e ;;
	5)
		result "policy: kexec is an end" says 1 state=ended generation=5 end=kexec
		result "policy: over the boot that ended, though it is newer than a crash" record_into 1 "generation 5 (end: kexec), not released"
		flip 40
		reset ;;
	6)
		result "policy: one bit of a header costs nothing" says 0 state=ended generation=4 end=oops
		flip 4136
		restart ;;
	7)
		result "policy: without a header it cannot be read" says 0 state=unreadable
		result "policy: it is no bank that may be lost to a boot that was restarted" says 1 state=ended generation=6 end=unknown
		echo 1 >$reserved/release
		result "policy: the released bank rather than the unreadable one" record_into 1
		restart ;;
	8)
		result "policy: what cannot be read counts as a crash" record_into 1 "generation 7 (end: restart), not released"
		reset ;;
	9)
		result "policy: of two crashes, the one that cannot be read goes first" record_into 0 "damaged, or of another format, not released"
		exit ;;
	esac
}

# The unit's own line, with its directory.
run_unit() {
	mkdir -p /var/lib/relay
	line=$(sed -n "s,^ExecStart=@BINDIR@,$tools,p" tools/relay/relayctl/relay-archive.service.in)
	echo "$line"
	$line && ls -l /var/lib/relay && cat $reserved/status
}
archived() {
	read_witness && recover archived /var/lib/relay/bank"$1"-*-"$2" && agrees /tmp/witness /tmp/archived/$channel && says "$1" state=released
}
# A boot, a restart, a panic, a reboot: each is archived.
unit() {
	case $booted in
	0) witness=0 write_much; restart ;;
	1) write_much; panic ;;
	2)
		result "unit: it runs" run_unit
		result "unit: the panic is archived whole, and its bank released" archived 1 2
		result "unit: and so is the boot that was restarted" sh -c "ls /var/lib/relay/bank0-*-1"
		result "unit: this boot records over a released bank" record_into 0
		result "unit: it runs again" run_unit
		result "unit: what is recorded is not archived" [ "$(find /var/lib/relay -type f | wc -l)" = 2 ]
		exit ;;
	esac
}

case $scenario in loop | policy | unit)
	booted=$(boots)
	set_boots $((booted + 1))
	cpus=$(grep -c ^processor /proc/cpuinfo)
	case $scenario in loop) crash_loop ;; policy) policy ;; unit) unit ;; esac
	busybox usleep 60000000
	exit 1 ;;
esac
cpus=$(sed -n 's/^bank=0 state=ended .* cpus=\([0-9]*\).*/\1/p' $reserved/status)
if [ -z "$cpus" ]; then
	cpus=$(grep -c ^processor /proc/cpuinfo)
	prepare
	write_much
	# All is delivered then, and sealed.
	[ "$scenario" != damage ] || busybox rmmod relay_sample
	[ "$scenario" != same ] || { result "read in the same kernel" same_kernel; exit; }
	echo "running"
	die
	busybox usleep 60000000
	# (The host ends it, and may take long.)
	while [ "$scenario" = kill ]; do busybox usleep 60000000; done
	exit 1
fi
if [ "$scenario" = kdump-large ]; then
	# There is no room for a bank of 512 MiB: it is read where it lies.
	awk '/^MemTotal/ { print; exit $2 > 200000 }' /proc/meminfo || exit 1
	result "kdump-large: a bank larger than the crash kernel's memory is recovered where it lies" eval 'read_witness && recover live && agrees /tmp/witness /tmp/live/$channel'
	result "kdump-large: its archive takes no more than what was recorded" eval 'relayctl archive /tmp && du -k /tmp/bank0-* && [ "$(du -k /tmp/bank0-* | cut -f1)" -lt 10000 ]'
	exit
fi
[ "$scenario" != damage ] || { result "damage: it is left out, and told with its cause" damage_told; exit; }
result "$scenario: everything that was committed is back, or was overwritten" everything_back 0
dd if=/tmp/archive of=/tmp/archive.part bs=4096 skip=3 count=2 2>/dev/null
result "$scenario: the bank is a file like any other" is_a_file 0
result "$scenario: what the owner kept is there" owners_words
result "$scenario: relayctl recover stores it" stored
case $scenario in
kdump)
	result "$scenario: a crash kernel changes nothing" frozen
	result "$scenario: it is in /proc/vmcore" from_vmcore
	# For the host, as one would take it away.
	cp $reserved/bank0 /tmp/witness "$OUT"
	result "$scenario: and so is the reason" grep -q '"end":"Kernel panic - not syncing: sysrq triggered crash' /tmp/vmcore.json
	exit ;;
panic) result "$scenario: the reason is known" says 0 end=panic 'reason="sysrq triggered crash"' ;;
nmi) result "$scenario: the reason is known" says 0 end=panic 'reason="relay-sample: told to die"' ;;
reset | static | efi | hibernate* | kill*) result "$scenario: no reason is known" says 0 end=unknown 'reason=""' ;;
kexec*) result "$scenario: the reason is known" says 0 end=kexec 'reason="kexec"' ;;
esac
case $scenario in kill-*) exit ;; esac
result "$scenario: this boot records beside it" beside_recording
result "$scenario: released, it is not taken any more" released
