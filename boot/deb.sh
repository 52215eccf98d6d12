#!/bin/bash
# build/deb/*.deb: librelay1, librelay-dev and relay-tools, from the files in
# tools/relay/debian; then lintian checks them.
. "$(dirname "$0")/lib.sh"
need debhelper dpkg-dev lintian gcc make libc6-dev pkg-config libjson-c-dev libelf-dev libisal-dev libkdumpfile-dev libbabeltrace2-dev libtraceevent-dev libzstd-dev
tree=$BUILD/deb/relay-tools
rm -rf "$BUILD/deb"
mkdir -p "$tree/include/uapi/linux" "$tree/samples" "$tree/tools"
cd "$ROOT"
rsync -a tools/relay "$tree/tools/"
rsync -a samples/relay "$tree/samples/"
cp include/uapi/linux/relay.h include/uapi/linux/ltt.h "$tree/include/uapi/linux/"
mv "$tree/tools/relay/debian" "$tree/debian"
chmod +x "$tree/debian/rules"
stage "building the packages"
cd "$tree"
logged deb dpkg-buildpackage -us -uc -b
rm -rf "$tree"
cd ..
n=0
for package in librelay1 librelay-dev relay-tools; do
	n=$((n + 1))
	if [ -f "$(echo "$package"_*.deb)" ]; then echo "ok $n - $package"; else echo "not ok $n - $package"; fi
done
if lintian --allow-root --fail-on error,warning ./*.changes >"$LOGS/lintian.log" 2>&1 && [ ! -s "$LOGS/lintian.log" ]; then
	echo "ok $((n + 1)) - lintian has nothing to say"
else
	echo "not ok $((n + 1)) - lintian"
	head -20 "$LOGS/lintian.log" | sed 's/^/# /'
	exit 1
fi
