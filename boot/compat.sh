#!/bin/bash
# Compile the unchanged objects of every relay client of Linux 7.3 against this
# project's header, in a configuration that enables them.
. "$(dirname "$0")/lib.sh"
need_to_compile
kernel_env
"$ROOT/boot/source.sh"
o=$BUILD/compat pristine=$(cat "$BUILD/.src.from")
clients="
kernel/trace/blktrace
drivers/gpu/drm/i915/gt/uc/intel_guc_log
drivers/gpu/drm/i915/gt/uc/intel_guc_log_debugfs
drivers/net/wireless/ath/ath9k/common-spectral
drivers/net/wireless/ath/ath10k/spectral
drivers/net/wireless/ath/ath11k/spectral
drivers/net/wireless/ath/ath11k/cfr
drivers/net/wireless/mediatek/mt76/mt7915/debugfs
drivers/net/wireless/mediatek/mt76/mt7996/debugfs
drivers/net/wwan/iosm/iosm_ipc_trace
drivers/net/wwan/t7xx/t7xx_port_trace
"
stage "configuring the clients"
kconfig "$o" x86_64 compat.config

# A client that patches/ converts is compiled from the pristine file all the
# same: make finds a source in the object tree first.
for c in $clients; do
	if ! cmp -s "$pristine/$c.c" "$BUILD/src/$c.c"; then
		mkdir -p "$(dirname "$o/$c")"
		cmp -s "$pristine/$c.c" "$o/$c.c" || cp "$pristine/$c.c" "$o/$c.c"
	else
		rm -f "$o/$c.c"
	fi
	# What is there at the end was compiled now (or comes from the cache).
	rm -f "$o/$c.o"
done
stage "compiling them"
objects=
for c in $clients; do objects+=" $c.o"; done
rc=0 n=0
# shellcheck disable=SC2086
kmake "$o" x86_64 -k $objects >"$LOGS/compat.log" 2>&1 </dev/null || rc=$?
for c in $clients; do
	n=$((n + 1))
	if [ -f "$o/$c.o" ] && ! grep -q "$c\.c:.*warning:" "$LOGS/compat.log"; then
		echo "ok $n - $c.c compiles unmodified"
	else
		echo "not ok $n - $c.c compiles unmodified"
		rc=1
	fi
done
[ $rc = 0 ] || show_log "$LOGS/compat.log"
exit $rc
