#!/bin/sh
# Makes the root directory of an image for one binary: the binary, the libraries that it loads, and a
# data directory that the user 65532 owns.
#
#   deploy/root-of.sh target/dist/landfall DIRECTORY
set -eu
binary=$1
root=$2

mkdir -p "$root/data" "$root/tmp"
cp "$binary" "$root/landfall"
# The loader's own path is one of the lines without an arrow.
ldd "$binary" | grep -o '/[^ ]*' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp --dereference "$library" "$root$library"
done
chmod 0700 "$root/data"
chmod 1777 "$root/tmp"
# Outside of a build, where one is not root, the owner is left as it is.
if [ "$(id -u)" = 0 ]; then
    chown 65532:65532 "$root/data"
fi
