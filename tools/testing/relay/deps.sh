#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Install what the tests need, where a program or header is missing.
set -eu
want=
command -v gcc >/dev/null || want="$want gcc"
command -v clang >/dev/null || want="$want clang"
command -v spin >/dev/null || want="$want spin"
echo '#include <stdio.h>' | gcc -m32 -xc -fsyntax-only - 2>/dev/null ||
	want="$want gcc-multilib"
[ -z "$want" ] && exit 0
echo "# installing:$want"
# Somebody else may be installing, too.
# shellcheck disable=SC2086 # a list of packages
install() {
	apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $want >/dev/null
}
install || {
	apt-get update >/dev/null
	install
}
