#!/bin/sh
# ltt.sh BUILD KMOD: in a guest. Record the same events in an instance with a ring buffer,
# and in instances whose events go to relay. The recordings are left in $OUT.
BUILD=$1 kmod=$2
. boot/guest/sample.sh
. boot/guest/tools.sh
tracing=/sys/kernel/tracing
instances=$tracing/instances

insmod "$kmod/relay_ltt.ko" || exit 1

# divert NAME OPTION...: an instance whose events go to relay
divert() {
	to=$instances/$1; shift
	mkdir "$to" && echo "$@" >"$to/relay" && cat "$to/relay"
}

# keep NAME: the trace of an instance, as files
keep() {
	rm -rf "${OUT:?}/$1"
	relayctl trace snapshot "$1" -o "$OUT/$1"
}

# refused ERRNO-TEXT CAUSE INSTANCE OPTION...
refused() {
	why=$1 cause=$2 at=$instances/$3; shift 3
	echo >"$at/error_log"
	cat "$at/relay" >/tmp/before
	! /bin/echo "$@" 2>/tmp/err >"$at/relay" || return 1
	cat /tmp/err "$at/error_log"
	grep -q "$why" /tmp/err && grep -q "$cause" "$at/error_log" && cmp /tmp/before "$at/relay"
}

# A name that has to be quoted.
printf '%s' 'a "name" \' >/proc/sys/kernel/hostname
result "an instance goes to relay" divert shapes size=64K n=16 memory
result "another one, without contexts" divert bare size=32K n=16 memory nocontext
mkdir $instances/ring
echo 4096 >$instances/ring/buffer_size_kb
echo 1 >$instances/ring/options/fields

shapes() {
	for i in ring shapes bare; do
		echo 1 >$instances/$i/events/relay_ltt/enable || return 1
		# A filter, and a trigger: these are staged.
		echo 'byte < 50' >$instances/$i/events/relay_ltt/shape_small/filter || return 1
		echo 'u_8 > 20' >$instances/$i/events/relay_ltt/shape_integers/filter || return 1
	done
	echo "${EVENTS:-200}" >/sys/kernel/debug/relay-ltt
	echo "a text from user space" >$instances/shapes/trace_marker
	for i in ring shapes bare; do echo 0 >$instances/$i/tracing_on; done
	echo 20 >/sys/kernel/debug/relay-ltt
	echo 0 >$instances/ring/options/fields
	cat $instances/ring/trace >"$OUT/ring.txt"
	keep shapes && keep bare
}
result "events of all shapes are recorded" shapes

refusals() {
	mkdir $instances/none
	refused "Invalid argument" "Not one of" none "size=64K sise=3" &&
	refused "Invalid argument" "Not a number" none size=64X &&
	refused "Invalid argument" "Sizes:" none size=10 &&
	refused "Invalid argument" "Sizes:" none size=65537 &&
	refused "Cannot allocate" "Not enough memory" none size=1G n=3 memory &&
	refused "No such device" "no reserved area" none reserved &&
	refused "Invalid argument" "Either" none reserved memory &&
	refused "busy" "go to relay already" shapes size=64K &&
	refused "Invalid argument" "do not go to relay" none clear &&
	echo 1 >$instances/none/events/relay_ltt/shape_small/enable &&
	refused "busy" "is enabled" none size=64K &&
	echo 0 >$instances/none/events/relay_ltt/shape_small/enable &&
	divert small metadata=4K memory &&
	! echo 1 2>/tmp/err >$instances/small/events/relay_ltt/enable &&
	grep "The metadata are full" $instances/small/error_log &&
	rmdir $instances/none $instances/small
}
result "what cannot be is refused, with its cause" refusals

nothing_half() {
	for file in trace trace_pipe per_cpu buffer_size_kb snapshot trace_marker_raw \
		tracing_cpumask current_tracer trace_clock; do
		[ ! -e $instances/shapes/$file ] || { echo "$file is there"; return 1; }
	done
	! echo 1 >$instances/shapes/options/userstacktrace &&
	! echo 0 >$instances/shapes/options/overwrite &&
	! echo 'byte=3' >$instances/shapes/events/relay_ltt/shape_small/inject
}
result "what an instance cannot do it has not" nothing_half

everything() {
	divert all size=256K n=16 memory && echo 1 >$instances/all/events/enable || return 1
	echo 1 >$instances/all/options/stacktrace
	echo 5 >/sys/kernel/debug/relay-ltt
	echo 0 >$instances/all/options/stacktrace
	ls -R /proc/self /sys/kernel/debug >/dev/null
	echo 0 >$instances/all/events/enable
	cat $instances/all/error_log
	keep all
}
result "all events that there are" everything

# The same hits, by ftrace and by a trace: what the host prints of the trace is to be its text.
# The trace is within what ftrace has of them, and begins and ends with events of ours.
compared_events="sched irq syscalls timer workqueue rcu kmem signal task"
texts() {
	mkdir $instances/texts.ring && echo 16384 >$instances/texts.ring/buffer_size_kb &&
	divert texts size=256K n=32 memory || return 1
	for i in texts.ring texts; do
		for system in $compared_events; do
			[ ! -e $instances/$i/events/$system ] || echo 1 >$instances/$i/events/$system/enable || return 1
		done
	done
	ls -R /sys/kernel/debug /proc/self >/dev/null
	sh -c 'kill -USR1 $$' || true
	for i in texts texts.ring; do echo 0 >$instances/$i/tracing_on; done
	cat $instances/texts.ring/trace >"$OUT/texts.txt"
	cat /proc/kallsyms >"$OUT/kallsyms"
	keep texts && rmdir $instances/texts $instances/texts.ring
}
result "events are printed by ftrace, and traced" texts

# A user event is as long as a program makes it; its trace stays readable.
user_events() {
	divert user size=64K n=8 memory &&
	python3 boot/guest/ltt-user.py "${SEED:-1}" $instances/user && keep user
}
result "user events" user_events

comes_and_goes() {
	for i in 1 2 3; do
		echo 1 >$instances/shapes/tracing_on
		echo 1 >$instances/shapes/events/relay_ltt/shape_mask/enable
		echo 3 >/sys/kernel/debug/relay-ltt
		rmmod relay_ltt && insmod "$kmod/relay_ltt.ko" || return 1
	done
	keep shapes && cp "$OUT/shapes/metadata" "$OUT/metadata.again"
}
# (After what was kept of it is copied: the host compares that.)
cp -r "$OUT/shapes" "$OUT/first"
result "the module comes and goes" comes_and_goes
# As a user has it: a flight recorder, from nothing to a directory of CTF.
by_hand() {
	relayctl trace create demo size=64K n=4 overwrite memory &&
	relayctl trace enable demo 'sched:*' irq:softirq_entry && relayctl trace list &&
	relayctl trace list | grep -q '^channel=demo size=65536 n=4 .* overwrite memory$' || return 1
	# (Until each CPU has gone round its buffer.)
	until awk 'NR > 1 && !$3 { exit 1 }' /sys/kernel/relay/demo/stats; do ls -R /sys/kernel/relay >/dev/null; done
	relayctl trace stop demo && [ "$(cat $instances/demo/tracing_on)" = 0 ] &&
	relayctl trace start demo && [ "$(cat $instances/demo/tracing_on)" = 1 ] &&
	relayctl trace stop demo && relayctl trace snapshot demo -o "$OUT/demo" &&
	relayctl trace destroy demo && [ ! -e $instances/demo ]
}
result "from nothing to a trace by relayctl" by_hand

# Killed when it has stored what there was, and some events were described only after it had
# begun.
killed() {
	channel=live
	relayctl trace create live size=4K n=16 memory &&
	echo 1 >$instances/live/events/relay_ltt/shape_small/enable || return 1
	start_record -q -o "$OUT/live" || return 1
	echo 100 >/sys/kernel/debug/relay-ltt
	until_drained
	echo 1 >$instances/live/events/relay_ltt/enable
	echo 100 >/sys/kernel/debug/relay-ltt
	until_drained
	kill -9 $recorder
	wait $recorder
	[ $? = 137 ] && relayctl verify "$OUT/live"
}
result "a recording of a trace is killed" killed

parts() {
	for option in "" --splice; do
		relayctl record -q -s 8K $option -o "$OUT/parts$option" live -- sh -c 'echo 50 >/sys/kernel/debug/relay-ltt' &&
		[ "$(ls "$OUT/parts$option" | wc -l)" -gt 2 ] || return 1
	done
	echo 5 >/sys/kernel/debug/relay-ltt
	relayctl record -q -S -o "$OUT/still" live && relayctl trace destroy live
}
result "a trace is recorded in parts" parts

no_instance() {
	for left in $instances/relayctl-* /sys/kernel/relay/relayctl-*; do
		[ ! -e "$left" ] || return 1
	done
}

# From nothing to a trace of a command, beside other processes.
one_line() {
	while :; do ls -R /sys/kernel/relay >/dev/null; done &
	noise=$!
	relayctl trace record -o "$OUT/line" -e 'sched_process_*' -e sched:sched_switch size=32K n=8 memory -- \
		sh -c "echo \$\$ >$OUT/line.pid; ls /proc >/dev/null; exit 7"
	[ $? = 7 ] && no_instance &&
	relayctl trace record -q -o "$OUT/line.all" -a -e 'sched:*' -e sched_process_exec -f 'filename ~ "*/ls"' -- true &&
	relayctl trace record -q -o "$OUT/line.pid-of" -e sched_process_fork -p $noise -- sh -c 'i=0; while [ $i -lt 50 ]; do i=$((i + 1)); ls >/dev/null; done' &&
	echo $noise >"$OUT/line.noise" && no_instance
	code=$?
	kill $noise
	return $code
}
result "a command is traced in one line" one_line

# A signal ends it wherever it is: when the instance is there, when it records, with a command.
# (What the shell runs beside itself ignores SIGINT until it waits for signals.)
signalled() {
	for signal in TERM HUP; do
		rm -rf /tmp/signalled
		"$tools/relayctl" trace record -q -a -e '*:*' -o /tmp/signalled memory &
		recorder=$!
		until [ -e $instances/relayctl-$recorder ]; do [ -e /proc/$recorder ] || return 1; done
		kill -$signal $recorder
		wait $recorder && no_instance || return 1
	done
	for signal in INT TERM HUP; do
		rm -rf /tmp/signalled
		"$tools/relayctl" trace record -q -a -e sched_switch -o /tmp/signalled memory &
		recorder=$!
		until_ready $recorder && kill -$signal $recorder && wait $recorder && no_instance || return 1
	done
	rm -rf /tmp/signalled
	relayctl trace record -q -e sched_switch -o /tmp/signalled -- sh -c 'kill -TERM $PPID; exec sleep 1000'
	[ $? = 143 ] && no_instance
}
result "a signal leaves no instance" signalled

# says STATUS TEXT COMMAND...
says() {
	status=$1 text=$2; shift 2
	"$@" >/tmp/said 2>&1
	ended=$?
	cat /tmp/said
	[ $ended = "$status" ] && grep -q "$text" /tmp/said || { echo "status $ended"; return 1; }
}

wrong() {
	mkdir -p $instances/plain
	says 1 "Not one of size=" relayctl trace create wrong sise=3 && [ ! -e $instances/wrong ] &&
	says 1 "there is no trace nowhere" relayctl trace stop nowhere &&
	says 1 "is an instance of tracefs, and no trace" relayctl trace stop plain &&
	says 1 "File exists" relayctl trace create plain &&
	says 1 "set_event: Invalid argument" relayctl trace enable shapes no_such:event &&
	says 1 "File exists" relayctl trace snapshot shapes -o /tmp &&
	says 2 "no name of a trace" relayctl trace stop ../x &&
	says 2 "an argument is missing" relayctl trace enable shapes &&
	says 2 "trace what" relayctl trace &&
	says 2 "is for snapshot" relayctl trace stop shapes -o /tmp/x &&
	says 1 "no event is called no_such" relayctl trace record -e no_such -- true &&
	says 1 "^relayctl: Field not found" relayctl trace record -e sched_switch -f 'no == 1' -- true &&
	says 1 "there is no process 99999" relayctl trace record -e sched_switch -p 99999 &&
	says 1 "Not one of size=" relayctl trace record -e sched_switch sise=3 -- true &&
	says 1 "choose another directory" relayctl trace record -e sched_switch -o "$OUT/line" -- true &&
	says 1 "dynamic_events" relayctl trace record -e kprobe:no_such_symbol -- true &&
	says 127 "no_such_command: No such file" relayctl trace record -e sched_switch -o /tmp/none -- no_such_command &&
	no_instance &&
	rmdir $instances/plain
}
result "what is wrong is named" wrong
# A trace without tracefs, of which the module writes each event itself.
of_a_module() {
	insmod "$kmod/ltt_client.ko" n=1000 && relayctl record -q --snapshot -o "$OUT/client" client &&
		rmmod ltt_client && [ ! -e /sys/kernel/relay/client ]
}
result "a module has a trace of its own" of_a_module
result "the instances go" rmdir $instances/shapes $instances/bare $instances/all $instances/user $instances/ring
rmmod relay_ltt
