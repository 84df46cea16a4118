#!/bin/sh
# Installs the Debian package $2 unless the file $1 is there.
set -eu
[ -e "$1" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "$1 is missing. Install Debian's package $2 (as root: apt-get install $2) and start again." >&2
    exit 1
fi
echo "Installing $2 ..."
export DEBIAN_FRONTEND=noninteractive
case "$2" in
postgresql-*) # only the programs: no cluster that starts by itself
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf ;;
esac
apt-get -qq update </dev/null
apt-get -qq install -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$2" </dev/null >/dev/null
