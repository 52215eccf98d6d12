#!/bin/bash
# job 1
# Which reports of KCSAN count as ours.
. boot/lib.sh
n=0

# report TITLE FIRST SECOND: as KCSAN prints it, each of the accesses with the
# functions of its stack, one of a module as FUNCTION@MODULE. No SECOND: the other
# side is not known.
report() {
	local by='task 97'
	echo "[    9.5] =================================================================="
	echo "[    9.5] BUG: KCSAN: data-race in $1"
	shift
	for stack; do
		echo "[    9.5] "
		echo "[    9.5] write to 0xffff8880008ffe40 of 8 bytes by $by on cpu 0:"
		# shellcheck disable=SC2086
		printf '[    9.5]  %s+0x1f/0x40\n' $stack | sed 's/@\(.*\)+\(.*\)/+\2 [\1]/'
		by=interrupt
	done
	echo "[    9.5] "
	echo "[    9.5] Reported by Kernel Concurrency Sanitizer on:"
	echo "[    9.5] CPU: 0 UID: 0 PID: 97 Comm: relay_stream Not tainted 7.3.4 #1 PREEMPT"
	echo "[    9.5] =================================================================="
	echo "[    9.6] what came after"
}

# counts NAME EXPECTED: of the report on stdin
counts() {
	local out
	out=$(awk -f boot/races.awk)
	n=$((n + 1))
	if [ "$(grep -c KCSAN: <<<"$out")" = "$2" ] && grep -q 'came after' <<<"$out"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
}

counts "ours with ours" 1 < <(
	report "relay_switch / relay_file_read" "relay_switch relay_flush" "relay_file_read vfs_read")
counts "ours with another's" 1 < <(
	report "generic_read / relay_switch" "generic_read vfs_read" "relay_switch timer_fn")
counts "both made for us" 1 < <(
	report "list_sort / list_sort" "list_sort relay_open" "list_sort sort_channels relay_close")
counts "made for us, the other side not known" 1 < <(
	report "memcmp" "memcmp relay_found kthread")
counts "another's, in a task of ours" 0 < <(
	report "kernfs_a / kernfs_b" "kernfs_a vfs_read" "kernfs_b vfs_open")
counts "of a work queue that we use" 0 < <(
	report "move_linked_works / queue_work_on" "move_linked_works worker_thread" "queue_work_on relay_seal_kick irq_work_run")
counts "of a work queue that we use on both sides" 0 < <(
	report "clear_pending_if_disabled / queue_work_on" "clear_pending_if_disabled __flush_work relay_seal_free" \
	"queue_work_on relay_seal_kick irq_work_run")
counts "ours, by a helper that copies" 1 < <(
	report "_copy_to_iter / memset" "_copy_to_iter relay_copy_to_iter vfs_read" "memset client_fill kthread")
counts "of a module of ours" 1 < <(
	report "client_fill / vfs_read" client_fill@relay_sample vfs_read)
counts "of an interrupt that came upon us" 0 < <(
	report "usleep_range_state / hrtimer_wakeup" "usleep_range_state sample_thread relay_thread" \
	"hrtimer_wakeup sysvec_timer asm_sysvec_timer usleep_range_state relay_thread")
counts "ours behind another's" 1 < <(
	report "a / b" "a" "b"
	report "relay_a / b" "relay_a" "b")
