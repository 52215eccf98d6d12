#!/bin/bash
# job 10
# kernels: um
# relayres= where the memory map is known while it is read, as on most
# architectures but x86.
. boot/lib.sh
n=0 bad=0
# says PARAMETER MESSAGE
says() {
	local said
	n=$((n + 1))
	# (All of it, before a look: who writes to a reader that has seen enough has failed.)
	said=$(boot/um-run.sh -a "$1" -- boot/guest/area.sh 2>&1) && grep -qE " relayres: $2" <<<"$said" &&
		{ echo "ok $n - $1"; return; }
	echo "not ok $n - $1"
	sed 's/^/# /' <<<"$said"
	bad=1
}
says relayres=4M@256M "0x400000@0x10000000, System RAM$"
says "relayres=4M@256M relayres=4M@256M" "0x400000@0x10000000, System RAM$"
says "relayres=4M@256M relayres=8M@256M" "refused: given more than once"
says relayres=256M@128M "0x10000000@0x8000000, System RAM$"
says relayres=1M@1M ".* refused: the kernel lies there"
# What memblock has given out already: the last of the memory.
says relayres=4M@508M ".* refused: reserved by the firmware or another parameter"
says relayres=300M@100M ".* refused: more than half of the memory"
says relayres=4M@600M ".* refused: it cannot be mapped"
says relayres=nobody ".* refused: there is no such region"
says "reserve_mem=1M:4096:crumbs relayres=crumbs" "0x100000@.*, System RAM$"
# Whoever else is told to use it would write there, too.
for other in trace_instance=boot@crumbs trace_instance=boot^traceoff@crumbs,sched ramoops.mem_name=crumbs; do
	says "reserve_mem=1M:4096:crumbs $other relayres=crumbs" "crumbs refused: ${other//^/.} uses that region, too"
done
says "reserve_mem=1M:4096:crumbs trace_instance=crumbs@other,x@crumbs ramoops.mem_name=crumb relayres=crumbs" "0x100000@.*, System RAM$"
exit $bad
