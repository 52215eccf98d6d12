#!/bin/sh
# reserved.sh BUILD SCENARIO SEED: runs in a guest, before and after it dies. The
# sample writes from every context of every CPU into the reserved area, while a
# witness outside of relay counts what is committed; then the machine dies under
# that load. What the next kernel finds is held against the witness.
BUILD=$1 scenario=$2 seed=$3
. boot/guest/sample.sh
. boot/guest/tools.sh
relayfs=/sys/kernel/relay
previous=$relayfs/reserved/previous
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

die() {
	case $scenario in
	hibernate*)
		result "$scenario: it goes on behind it" hibernate
		# (This returns when that is out; what the port still has goes with the machine.)
		busybox stty -echo <&1
		echo b >/proc/sysrq-trigger ;;
	panic | kdump) echo c >/proc/sysrq-trigger ;;
	reset | static | efi | damage) echo b >/proc/sysrq-trigger ;;
	kexec-file | kexec-load) kexec -e ;;
	nmi) echo 1 >$sample/die ;;
	esac
}

prepare() {
	case $scenario in
	kexec-file) kexec_load -s -l ;;
	kexec-load) kexec_load -c -l ;;
	kdump) kexec -s -p /boot/bzImage --initrd=/boot/initramfs \
		--append="console=ttyS0 panic=-1 kunit.autorun=0 tsc=reliable no_timer_check nr_cpus=1" || exit 1 ;;
	esac
}

# agrees WITNESS CHANNEL: of each CPU, what was committed is recovered, or was
# overwritten before; what came between the last commit and its witness counts.
# Of what is undecided relay alone knows.
agrees() {
	: >/tmp/found
	cpu=0
	while [ $cpu -lt "$cpus" ]; do
		relayctl cat -q -c $cpu "$2" | check_sample -w "$1" - >/tmp/said
		sed -n "/^cpu $cpu /s/[^0-9]*\([0-9]*\)/\1 /gp" /tmp/said | sed "s/\$/$(said torn </tmp/said)/" >>/tmp/found
		cpu=$((cpu + 1))
	done
	awk '
		FILENAME ~ /stats$/ { overwritten[$1] = $3; next }
		{
			n++
			print "CPU", $1 ": committed", $2 + $3, "recovered", $5, "overwritten", overwritten[$1], "torn", $6
			print $1, $2 + $3, $5, overwritten[$1], $6 >"'$OUT/recovered'"
			unknown = $5 + overwritten[$1] - $2 - $3
			bad += $6 || !$5 || unknown < 0 || unknown > $4
		}
		END { exit bad || n != '"$cpus"' }' "$2/stats" /tmp/found
}

read_witness() { dd if=/dev/mem of=/tmp/witness bs=4096 skip=$((witness / 4096)) count=1 2>/dev/null; }

same_kernel() {
	echo 0 >$sample/control && cat $sample/control && read_witness && cat $sample/stats &&
		relayctl record --snapshot -o /tmp/a $channel && cp $relayfs/$channel/stats /tmp/a/stats && agrees /tmp/witness /tmp/a
}

everything_there() { agrees /tmp/witness $previous/$channel; }
everything_back() { read_witness && everything_there; }
all_file() {
	[ "$(cat $previous/$channel/all | wc -c)" -gt "$(cat $previous/$channel/cpu* | wc -c)" ]
}
owners_words() { cat $previous/$channel/private | tr -d '\0' | tee /dev/stderr | grep -qx "seed: $seed"; }
crash_says() { cat $previous/crash; grep -qx "$1" $previous/crash; }
beside_recording() {
	load seed=7 reserved=1 overwrite=1 timer_ms=0 && write_records 200 && everything_there &&
		relayctl record --snapshot -o /tmp/b $channel && relayctl cat -q /tmp/b | check_sample -
}
from_vmcore() {
	relayctl recover --json -o /tmp/vmcore /proc/vmcore >/tmp/vmcore.json || return 1
	cat /tmp/vmcore.json
	cp $previous/$channel/stats /tmp/vmcore/$channel/ && agrees /tmp/witness /tmp/vmcore/$channel
}
# What relayctl recover stores is the same, and so are the owner's words.
stored() {
	relayctl recover -o /tmp/stored && cp $previous/$channel/stats /tmp/stored/$channel/ &&
		cmp $previous/$channel/private /tmp/stored/$channel/private && agrees /tmp/witness /tmp/stored/$channel
}
released() { relayctl recover --release && [ ! -e $previous ] && ! echo 1 2>/dev/null >$relayfs/reserved/release; }
frozen() {
	! echo 1 2>/dev/null >$relayfs/reserved/release && [ -e $previous ] &&
		! busybox insmod "$BUILD/samples/relay/relay_sample.ko" reserved=1
}

# A number of so many bytes in physical memory.
peek() { dd if=/dev/mem bs=1 skip="$2" count="$1" 2>/dev/null | od -An "-tu$1" | tr -d ' '; }

# Of the channel that was opened first: <uapi/linux/relay.h>.
damage_subbuf() {
	bank=$area entry=$((area + 408))
	at=$((bank + $(peek 8 $((entry + 72))) + $1 * $(peek 4 $((entry + 16)))))
	printf "%b" "\\$(printf %o $(($(peek 1 $at) ^ 1)))" | dd of=/dev/mem bs=1 seek=$at conv=notrunc 2>/dev/null
}

# What is damaged is left out of what anybody reads, and said with its cause.
damage_told() {
	damage_subbuf 1 && damage_subbuf 3 && cat $previous/$channel/recovered && relayctl recover --json >/tmp/told.json
	[ $? = 3 ] || return 1
	for i in 1 3; do
		grep -qx "cpu 0 sub-buffer $i: its bytes are not those that were sealed" $previous/$channel/recovered &&
			grep -A1 "\"subbuf\":$i," /tmp/told.json | grep "\"discarded_because\":\"its bytes" || return 1
	done
	awk '/^[0-9]/ { n++; bad += $7 != ($1 ? 0 : 2) || $3 != $2 || $4 } END { exit bad || n != '"$cpus"' }' $previous/$channel/recovered
}

# How often this machine has booted: kept behind the witness.
boots() { dd if=/dev/mem bs=1 skip=$((witness + witness_size)) count=1 2>/dev/null | od -An -tu1 | tr -d ' '; }
set_boots() { awk "BEGIN { printf \"%c\", $1 }" | dd of=/dev/mem bs=1 seek=$((witness + witness_size)) conv=notrunc 2>/dev/null; }

# It dies again and again, at last while the first time is being read: that stays.
crash_loop() {
	booted=$(boots)
	set_boots $((booted + 1))
	case $booted in
	0) cpus=4; write_much; echo b >/proc/sysrq-trigger ;;
	[1-4])
		result "loop: boot $booted still has what the first one left" everything_back
		result "loop: boot $booted says so" crash_says "generation: 1"
		[ "$booted" != 4 ] || { result "loop: released, it is gone" released; write_much; echo b >/proc/sysrq-trigger; }
		witness=0 write_much
		while :; do relayctl cat -q $previous/$channel >/dev/null; done &
		echo c >/proc/sysrq-trigger ;;
	5)
		result "loop: what came after the release is there" everything_back
		result "loop: and says so" crash_says "generation: 5"
		exit ;;
	esac
	busybox usleep 60000000
}

cpus=$(awk '/^cpus:/ { print $2 }' $previous/crash 2>/dev/null)
[ "$scenario" != loop ] || crash_loop
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
	# (Somebody else ends it, and may take long.)
	while [ "$scenario" = kill ]; do busybox usleep 60000000; done
	exit 1
fi
[ "$scenario" != damage ] || { result "damage: it is left out, and told with its cause" damage_told; exit; }
result "$scenario: everything that was committed is back, or was overwritten" everything_back
result "$scenario: it is there for who reads after another" everything_there
result "$scenario: the file of all CPUs has it" all_file
result "$scenario: what the owner kept is there" owners_words
result "$scenario: relayctl recover stores it" stored
case $scenario in
kdump)
	result "$scenario: nobody changes it in a crash kernel" frozen
	result "$scenario: it is in /proc/vmcore" from_vmcore
	result "$scenario: and so is the reason" grep -q '"end":"Kernel panic - not syncing: sysrq triggered crash' /tmp/vmcore.json
	exit ;;
panic) result "$scenario: the reason is known" crash_says "end: sysrq triggered crash" ;;
nmi) result "$scenario: the reason is known" crash_says "end: relay-sample: told to die" ;;
reset | static | efi | hibernate* | kill*) result "$scenario: no reason is known" crash_says "end: unknown" ;;
kexec*) result "$scenario: the reason is known" crash_says "end: restart" ;;
esac
case $scenario in kill-*) exit ;; esac
result "$scenario: this boot records beside it" beside_recording
result "$scenario: released, it is gone" released
