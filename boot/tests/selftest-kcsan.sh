#!/bin/sh
# job 60
# kernels: x86_64-kcsan
# Readers and writers of the files under the concurrency sanitizer.
exec boot/selftest.sh x86_64-kcsan -m 1G -a "kcsan.early_enable=1 kcsan.skip_watch=200" \
	-- relay_stream SEED="${SEED:-1}" RECORDS="${RECORDS:-1000}"
