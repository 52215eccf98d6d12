#!/bin/sh
# Runs in a guest: check that the guest runs the expected kernel.
n=0
check() { n=$((n + 1)); if eval "$2"; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi; }
check "Linux 7.3" 'grep -q "^Linux version 7\.3" /proc/version'
check "two CPUs" '[ "$(grep -c ^processor /proc/cpuinfo)" = 2 ]'
check "debugfs is mounted" 'grep -q " /sys/kernel/debug debugfs " /proc/mounts'
check "/tmp can be written" 'echo x >/tmp/x'
check "files can be left for the host" 'echo hello >"$OUT/hello"'
