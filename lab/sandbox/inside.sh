#!/bin/sh
# First process of the sandbox: private /run, a check of what the laboratory needs, then the command.
# It stays as process 1, so that orphans are reaped and Ctrl-C ends the command in the usual way.
missing=""
lack() { missing="$missing
  $1"; }

need() { command -v "$1" >/dev/null 2>&1 || lack "program $1 is not installed (Debian package: $2)"; }
try() {
  what=$1
  shift
  said=$("$@" 2>&1) || lack "$what: $said"
}

PATH=$PATH:/usr/sbin:/sbin
export PATH
# Temporary files vanish with the sandbox.
TMPDIR=/run/lab
export TMPDIR
mount -t tmpfs -o mode=755 none /run || { echo "The laboratory cannot start: no private /run" >&2; exit 2; }
mkdir -p /run/netns /run/lock /run/lab

# What musl's loader finds there (scripts/packaging/musl.mjs).
if [ -n "${LAB_MUSL_LIBRARIES:-}" ]; then
  mount --bind "$LAB_MUSL_LIBRARIES" "/usr/lib/$(uname -m)-linux-musl" || exit 2
fi

# What scripts/prepare installs.
while read -r program package; do need "$program" "$package"; done <"${0%/*}/programs.txt"

if command -v ip >/dev/null 2>&1; then
  ip link set lo up
  try "named network namespaces (ip netns)" ip netns add probe
  try "veth interfaces (kernel module veth)" ip link add probe0 type veth peer name probe1
  try "macvlan interfaces (kernel module macvlan)" ip link add probe2 link probe0 type macvlan mode private
  try "bridges (kernel module bridge)" ip link add probe3 type bridge
  ip link del probe3 2>/dev/null
  ip link del probe0 2>/dev/null
  ip netns del probe 2>/dev/null
fi
if command -v nft >/dev/null 2>&1; then
  try "nftables family inet (kernel module nf_tables)" nft add table inet probe
  try "nftables NAT (kernel module nft_chain_nat)" nft add chain inet probe nat "{ type nat hook postrouting priority 100; }"
  try "nftables family bridge (kernel module nf_tables_bridge)" nft add table bridge probe
  nft delete table inet probe 2>/dev/null
  nft delete table bridge probe 2>/dev/null
fi

if [ -n "$missing" ]; then
  echo "The laboratory cannot start; this system lacks:$missing" >&2
  exit 2
fi

trap : INT
"$@"
exit $?
