#!/bin/sh
# Makes the base image of this build stage small and the same in each build: what no part of Mayfly
# runs goes, the standard library is compiled, and every file has one moment. The stage's files then
# become a layer that all images share.
set -eu

python=$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')

# Copyright notices stay; manuals, translations and character sets of others go.
find /usr/share/doc -type f ! -name copyright -delete
find /usr/share/doc -type d -empty -delete
rm -rf /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/zoneinfo/right
rm -rf /usr/lib/*/gconv /usr/lib/*/perl-base /usr/bin/perl*
# What installs packages: nothing is installed in a container.
rm -rf /var/lib/apt /var/cache /var/log /usr/lib/apt /usr/bin/apt* /usr/share/python-wheels
rm -rf /usr/lib/python3/dist-packages /usr/local/lib/python3*/site-packages /usr/bin/pip3* /usr/local/bin/pip*
rm -rf "$python/ensurepip" "$python/idlelib" "$python/lib2to3" "$python/pydoc_data" "$python/test" \
  "$python/tkinter" "$python/turtledemo"
# Where volumes are mounted in containers, and /var/log again for who expects it.
mkdir -p /var/cache /var/log

rm -f "$0"  # a folder has the moment of its last change

# A read-only container cannot keep what it compiles; the moment of a source says nothing here.
find "$python" -name __pycache__ -prune -exec rm -rf {} +
PYTHONHASHSEED=0 python -m compileall -q --invalidation-mode unchecked-hash "$python"
find / -xdev ! -path '/proc*' ! -path '/sys*' ! -path '/dev*' ! -path '/etc/hosts' \
  ! -path '/etc/hostname' ! -path '/etc/resolv.conf' -exec touch -h -d @315532800 {} +
