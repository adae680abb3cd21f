#!/bin/sh
# install.sh: installs the gateway from the unpacked archive it lies in, or upgrades it. Nothing is changed unless every check passes.
# Exit codes: 0 installed (or nothing to do), 1 a check or a step failed, 2 wrong usage.
set -u

NAME=ipv4-ipv6-gateway
LIB=/usr/lib/$NAME
ETC=/etc/$NAME
BACKUPS=$ETC/backups
COMMANDS="gateway gateway-status gateway-devices gateway-status-direct gateway-devices-direct gateway-port-forward
  gateway-diagnose setup-ipv6-port-forwarding"
# What the daemon, a thousand devices and the proxy take (docs/performance.md), and what must be left for the rest.
NEEDED_MEMORY_MB=180
# How long a new version may take to serve devices before the old one is put back.
START_SECONDS=${GATEWAY_START_SECONDS:-60}
HERE=$(dirname "$(readlink -f "$0")")
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

usage() {
  cat <<'TEXT'
usage: install.sh [--full-auto] [--lan IF --wan IF] [--dry-run] [--offline]
  --full-auto       choose the interfaces, install missing packages, ask nothing
  --lan IF          interface with the IPv4-only devices
  --wan IF          interface to the network that admits registered MACs
                    (a configuration that is there counts, on OpenWrt UCI
                    network.lan.device and network.wan.device: others are refused)
  --dry-run         run all checks, say what would be done, change nothing
  --offline         install no packages, reach for no network
Only impersonate MAC addresses that you are authorised to use.
TEXT
}

say() { printf '%s\n' "$*"; }
step() { printf '==> %s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}
wrong() {
  printf 'install.sh: %s\n' "$1" >&2
  usage >&2
  exit 2
}
has() { command -v "$1" >/dev/null 2>&1; }

auto="" dry="" offline="" lan="" wan=""
while [ $# -gt 0 ]; do
  case $1 in
  --full-auto) auto=1 ;;
  --dry-run) dry=1 ;;
  --offline) offline=1 ;;
  --lan | --wan)
    [ $# -ge 2 ] || wrong "$1 needs the name of an interface"
    if [ "$1" = --lan ]; then lan=$2; else wan=$2; fi
    shift
    ;;
  -h | --help)
    usage
    exit 0
    ;;
  *) wrong "$1 is no option" ;;
  esac
  shift
done

# ---- what there is

if [ -e /etc/openwrt_release ]; then
  system=openwrt config=/etc/config/$NAME RUN=/var/run/$NAME
elif [ -d /run/systemd/system ] && has systemctl; then
  system=systemd config=$ETC/gateway.toml RUN=/run/$NAME
else
  system=plain config=$ETC/gateway.toml RUN=/run/$NAME
fi

manager=""
for candidate in apk opkg apt-get; do
  if has $candidate; then
    manager=$candidate
    break
  fi
done
[ "$system" = openwrt ] || [ "$manager" != apk ] || manager=apk-alpine

# package PROGRAM: the package that brings it here.
package() {
  case $manager:$1 in
  opkg:ip | apk:ip) echo ip-full ;;
  opkg:nft | apk:nft) echo nftables-json ;;
  apt-get:ip | apk-alpine:ip) echo iproute2 ;;
  *:nft) echo nftables ;;
  apt-get:dnsmasq) echo dnsmasq-base ;;
  opkg:libstdc++ | apk:libstdc++) echo libstdcpp6 ;;
  opkg:node) echo node ;;
  *:node) echo nodejs ;;
  *:protocols) echo netbase ;;
  *) echo "$1" ;;
  esac
}

problems="" missing="" warnings=""
problem() { problems="$problems
  - $1"; }
warning() { warnings="$warnings
  - $1"; }
lack() {
  name=$(package "$1")
  missing="$missing $name"
  lacking="$lacking
  - $2; install the package $name"
}
lacking=""

# setting SECTION KEY: from an existing configuration, without a program that could be missing.
setting() {
  [ -e "$config" ] || return 0
  if [ "$system" = openwrt ]; then
    uci -q get "$NAME.$1.$2"
  else
    sed -n "/^[[:space:]]*\[$1\]/,/^[[:space:]]*\[[a-z0-9]*\]/s/^[[:space:]]*$2[[:space:]]*=[[:space:]]*[\"']\([^\"']*\)[\"'].*/\1/p" \
      "$config" | head -n 1
  fi
}

# Ports with a device behind them, no bridges' members, tunnels or identities.
physical() {
  for path in /sys/class/net/*; do
    port=${path##*/}
    case $port in lo | gw????????????) continue ;; esac
    [ -e "$path/device" ] || [ -n "$(ip -d link show "$port" 2>/dev/null | sed -n '/ veth /p')" ] || continue
    [ -e "$path/master" ] || echo "$port"
  done
}

# check_given KIND INTERFACE: an interface that was named must be the one that would be used: what a configuration or OpenWrt's own network says is not
# overridden in passing.
check_given() {
  [ -n "$2" ] || return 0
  place="$config" key="$1.interface" used=""
  if [ "$system" = openwrt ] && [ ! -e $ETC/network-before ]; then
    used=$(uci -q get "network.$1.device")
    [ -z "$used" ] || place="UCI" key="network.$1.device"
  fi
  if [ -z "$used" ]; then
    [ -e "$config" ] || return 0
    used=$(setting "$1" interface)
    [ -n "$used" ] || { [ "$1" = lan ] && used=eth1 || used=eth0; }
  fi
  [ "$used" = "$2" ] || problem "--$1 $2: in $place $key is $used, and that counts; change it there, or leave --$1 out"
}

choose_interfaces() {
  [ -n "$lan" ] || lan=$(setting lan interface)
  [ -n "$wan" ] || wan=$(setting wan interface)
  if [ "$system" = openwrt ]; then
    [ -n "$lan" ] && [ -e "/sys/class/net/$lan" ] || lan=$(uci -q get network.lan.device)
    [ -n "$wan" ] && [ -e "/sys/class/net/$wan" ] || wan=$(uci -q get network.wan.device)
  fi
  [ -z "$lan" ] || [ -z "$wan" ] || return 0
  [ -n "$auto" ] || return 0
  # The way out of this machine is the WAN; else the names of the router this was made for.
  [ -n "$wan" ] || wan=$(ip -4 route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
  [ -n "$wan" ] || [ "$lan" = eth0 ] || [ ! -e /sys/class/net/eth0 ] || wan=eth0
  if [ -z "$lan" ]; then
    for port in $(physical); do
      [ "$port" = "$wan" ] || { lan=$port && break; }
    done
  fi
}

# ---- checks

check_archive() {
  for file in lib/gateway.js lib/gateway lib/SHA256SUMS VERSION uninstall.sh; do
    [ -e "$HERE/$file" ] || fail "$HERE/$file is missing: run install.sh from the unpacked archive (scripts/package makes it)"
  done
  (cd "$HERE/lib" && sha256sum -c SHA256SUMS >/dev/null 2>&1) || problem "the archive is damaged: files do not have their SHA-256 sums"
}

check_machine() {
  [ "$(id -u)" = 0 ] || problem "this needs root"
  case $(uname -m) in
  x86_64 | aarch64) ;;
  *) problem "there is no native part for $(uname -m), only for x86_64 and aarch64" ;;
  esac
  total=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  [ $((${total:-0} / 1024)) -ge $NEEDED_MEMORY_MB ] ||
    problem "$((total / 1024)) MB of memory is too little: $NEEDED_MEMORY_MB MB are needed"
  needed=$(du -sk "$HERE/lib" | cut -f 1)
  # Where df does not know, the copying will tell.
  free=$(df -k /usr/lib 2>/dev/null | awk 'NR > 1 && NF > 4 { print $(NF - 2) }' | tail -n 1)
  [ -z "$free" ] || [ "$free" -gt $((needed * 2)) ] ||
    problem "/usr/lib has $((free / 1024)) MB free, and $((needed * 2 / 1024)) MB are needed (old and new version at once)"
}

check_programs() {
  ip -V 2>&1 | grep -q iproute2 || lack ip "the program ip of iproute2 is not installed"
  has nft || lack nft "the program nft is not installed"
  has dnsmasq || lack dnsmasq "the program dnsmasq is not installed"
  if has nft && nft --json list tables 2>&1 | grep -qi 'json support'; then lack nft "the program nft cannot print JSON"; fi
  [ -s /etc/protocols ] || lack protocols "/etc/protocols is missing, without which nft knows no protocol by name"
  has haproxy || has socat || warning "neither haproxy nor socat is installed: IPv6 clients cannot reach the devices"
  if [ -x "$HERE/lib/runtime/bun" ]; then
    check_musl
  else
    [ -x "$HERE/lib/runtime/node" ] || check_node
  fi
}

# Nothing is made: the kernel loads the module at the mention of its type, and then refuses one without a parent.
has_macvlan() { ! ip link add name gwprobe type macvlan 2>&1 | grep -qE 'Unknown device type|Operation not supported'; }

# nft_takes RULES: whether the kernel has what they need; nothing is made. What nft itself does not understand is no matter of modules.
nft_takes() { ! printf '%s\n' "$1" | nft --check --file - 2>&1 | grep -q 'Could not process rule'; }

# The kernel's parts are packages there, and without them the router would be left with no WAN and no gateway.
check_openwrt() {
  check_modules
  has tayga || warning "tayga is not installed: on a network without IPv4 the devices' IPv4 is not translated (packages tayga, kmod-tun)"
  if has tayga && [ ! -e /dev/net/tun ]; then warning "there is no /dev/net/tun, which tayga needs: install the package kmod-tun"; fi
}

check_modules() {
  [ "$(id -u)" = 0 ] || return 0
  if ip -V 2>&1 | grep -q iproute2; then
    has_macvlan || lack kmod-macvlan "the kernel has no macvlan"
  fi
  has nft || return 0
  nft_takes 'table ip gw_trial { chain c { type nat hook postrouting priority 100; masquerade; }; }' ||
    lack kmod-nft-nat "the kernel has no NAT for nftables"
  nft_takes 'table netdev gw_trial { chain c { type filter hook ingress device lo priority 0; }; }' ||
    lack kmod-nft-netdev "the kernel has no nftables for single ports (netdev)"
  nft_takes 'table inet gw_trial { chain c { type filter hook prerouting priority -90; meta l4proto tcp tproxy ip6 to [::1]:61440; }; }' ||
    lack kmod-nft-tproxy "the kernel has no tproxy for nftables, by which IPv6 clients reach the devices"
  nft_takes 'table inet gw_trial { chain c { type filter hook input priority 0; socket transparent 1 accept; }; }' ||
    lack kmod-nft-socket "the kernel has no socket match for nftables, by which IPv6 clients reach the devices"
}

# After packages came: what is still not there makes the installation stop before anything of the router is another.
recheck_openwrt() {
  lacking="" missing=""
  check_modules
  [ -z "$lacking" ] || problems="$problems$lacking (the package is installed, and the kernel still refuses: reboot, or a package for another kernel)"
}

check_musl() {
  if [ ! -e "/lib/ld-musl-$(uname -m).so.1" ]; then
    problem "this archive is for musl, and this system has another C library: take gateway-VERSION-linux-ARCH-glibc"
  elif [ ! -e /usr/lib/libstdc++.so.6 ] && [ ! -e /lib/libstdc++.so.6 ]; then
    lack libstdc++ "the library libstdc++.so.6 is not installed"
  fi
}

check_node() {
  if ! has node; then
    if [ "$system:$manager" = openwrt:apk ]; then
      problem "this OpenWrt has no package of Node.js: take the archive gateway-VERSION-linux-ARCH-musl, which brings a runtime"
    else
      lack node "Node.js is not installed (or take an archive that brings a runtime: gateway-VERSION-linux-ARCH-glibc)"
    fi
    return
  fi
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] ||
    problem "Node.js $(node --version) is too old: 20 or newer is needed, or an archive that brings a runtime (…-linux-ARCH-glibc)"
}

check_interfaces() {
  if [ -z "$lan" ] || [ -z "$wan" ]; then
    problem "which interfaces? Name them with --lan IF --wan IF, or let --full-auto choose. There are: $(physical | tr '\n' ' ')"
    return
  fi
  [ "$lan" != "$wan" ] || problem "LAN and WAN are both $lan: the gateway needs two ports"
  for port in "$lan" "$wan"; do
    [ -e "/sys/class/net/$port" ] || problem "there is no interface $port. There are: $(physical | tr '\n' ' ')"
  done
}

# Runtime, native part and an existing configuration, all with the new version.
check_new_version() {
  said=$("$HERE/lib/gateway" self-test 2>&1) || problem "the new version does not run here: $(printf '%s' "$said" | tail -n 3)"
  if [ -e "$config" ]; then
    said=$("$HERE/lib/gateway" config check 2>&1) || problem "the new version refuses $config: $said"
  fi
}

install_packages() {
  step "Installing packages:$missing"
  # shellcheck disable=SC2086 # a list of words
  case $manager in
  apt-get) DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing ;;
  opkg) opkg update && opkg install $missing ;;
  apk | apk-alpine) apk add $missing ;;
  esac || fail "the packages could not be installed"
}

run_checks() {
  step "Checking ($system, $(uname -m))"
  check_archive
  check_machine
  check_programs
  [ "$system" != openwrt ] || check_openwrt
  check_given lan "$lan"
  check_given wan "$wan"
  choose_interfaces
  check_interfaces
  # Packages first, if nothing else is in the way.
  if [ -n "$missing" ] && [ -z "$problems" ] && [ -n "$auto" ] && [ -z "$offline" ] && [ -z "$dry" ] && [ -n "$manager" ]; then
    install_packages
    [ "$system" != openwrt ] || recheck_openwrt
  else
    problems="$problems$lacking"
  fi
  [ -n "$problems" ] || check_new_version
  [ -z "$warnings" ] || say "  warnings:$warnings"
  [ -z "$problems" ] || fail "nothing was changed:$problems"
  say "  all good: LAN $lan, WAN $wan"
}

# ---- steps

# Files of the archive for this system, as FROM TO lines.
system_files() {
  case $system in openwrt) from=$HERE/deploy/openwrt ;; *) from=$HERE/deploy/linux ;; esac
  (cd "$from" && find . -type f | sed 's|^\.||') | while read -r file; do
    case $system:$file in
    openwrt:/etc/config/*) if [ -e "$file" ] || [ -n "$(original_config)" ]; then continue; fi ;;
    # What the first boot of an image does, done here.
    openwrt:/etc/uci-defaults/95-*) continue ;;
    *:/usr/lib/$NAME/*) continue ;;
    plain:/usr/lib/systemd/* | plain:/usr/lib/NetworkManager/*) continue ;;
    *:/usr/lib/NetworkManager/*) [ -d /etc/NetworkManager ] || continue ;;
    esac
    printf '%s %s\n' "$from$file" "$file"
  done
}

same_program() { [ -e $LIB/SHA256SUMS ] && cmp -s "$HERE/lib/SHA256SUMS" $LIB/SHA256SUMS && (cd $LIB && sha256sum -c SHA256SUMS >/dev/null 2>&1); }

# changes: one line for each thing to do; empty when all is as it should be.
changes() {
  same_program || say "program in $LIB: ${old_version:-none} -> $(cat "$HERE/VERSION")"
  system_files | while read -r from to; do
    cmp -s "$from" "$to" || say "file $to"
  done
  for name in $COMMANDS; do
    [ "$(readlink "/usr/bin/$name")" = "../lib/$NAME/gateway" ] || say "command $name"
  done
  [ -e "$config" ] || say "configuration $config"
  [ "$system" != openwrt ] || "$HERE/deploy/openwrt$LIB/openwrt-network" apply --dry-run | grep -v '^ *note:'
  is_running || say "the service"
}

backup() {
  [ -e "$1" ] || return 0
  grep -qxF "$1" $LIB/files 2>/dev/null && return 0
  mkdir -p "$BACKUPS$(dirname "$1")" && cp -p "$1" "$BACKUPS$1" && say "  kept a copy of $1 in $BACKUPS"
}

put_files() {
  step "Files of the system"
  system_files | while read -r from to; do
    printf '%s\n' "$to" >>"$new/files"
    cmp -s "$from" "$to" && continue
    backup "$to"
    mkdir -p "$(dirname "$to")"
    cp "$from" "$to" || exit 1
    say "  $to"
  done || fail "a file could not be written"
  for name in $COMMANDS; do
    printf '%s\n' "/usr/bin/$name" >>"$new/files"
    [ -L "/usr/bin/$name" ] || backup "/usr/bin/$name"
    ln -sfn "../lib/$NAME/gateway" "/usr/bin/$name"
  done
}

put_program() {
  step "Program in $LIB"
  rm -rf "$new"
  mkdir -p "$new"
  cp -R "$HERE/lib/." "$new/" || fail "$new could not be written"
  cp "$HERE/VERSION" "$HERE/uninstall.sh" "$new/"
  [ "$system" != openwrt ] || cp "$HERE/deploy/openwrt$LIB/"* "$new/"
}

# The new tree takes the old one's place; the old one stays until the new version has shown that it runs.
swap() {
  rm -rf "$LIB.old"
  [ ! -d $LIB ] || mv $LIB "$LIB.old"
  mv "$new" $LIB
}

original_config() {
  for file in $ETC/gateway_config.py /opt/$NAME/gateway_config.py; do
    if [ -e "$file" ]; then
      echo "$file"
      return
    fi
  done
}

put_config() {
  [ ! -e "$config" ] || return 0
  step "Configuration $config"
  mkdir -p $ETC
  original=$(original_config)
  uci=""
  [ "$system" != openwrt ] || uci=--uci
  # shellcheck disable=SC2086 # an option or none
  if [ -n "$original" ] && $LIB/gateway config import $uci "$original" >"$config.new" 2>$ETC/import-notes; then
    say "  taken over from $original; what it says about that is in $ETC/import-notes"
    mv "$config.new" "$config"
    return
  fi
  [ -z "$original" ] || say "  $original cannot be taken over: $(tail -n 1 $ETC/import-notes)"
  rm -f "$config.new" $ETC/import-notes
  if [ "$system" = openwrt ]; then
    cp "$HERE/deploy/openwrt$config" "$config" || fail "$config could not be written"
    return
  fi
  cat >"$config" <<TEXT
# Every key with its meaning and value: gateway config show
[lan]
interface = "$lan"
address = "$(lan_address)"

[wan]
interface = "$wan"
TEXT
}

# An address that the port has already stays; else the usual one.
lan_address() {
  address=$(ip -4 -o addr show dev "$lan" 2>/dev/null | sed -n 's/.* inet \([0-9./]*\) .*/\1/p' | head -n 1)
  echo "${address:-192.168.1.1/24}"
}

set_network() {
  [ "$system" = openwrt ] || return 0
  step "Network, DHCP and firewall (UCI)"
  mkdir -p "$BACKUPS/etc/config"
  for package in network dhcp firewall; do
    [ -e "$BACKUPS/etc/config/$package" ] || cp -p /etc/config/$package "$BACKUPS/etc/config/$package"
  done
  $LIB/openwrt-network apply || fail "UCI refused a change; copies of the files are in $BACKUPS"
  for service in network dnsmasq firewall; do /etc/init.d/$service reload; done
}

service() {
  case $system:$1 in
  openwrt:start)
    /etc/init.d/$NAME enable
    /etc/init.d/$NAME restart
    ;;
  openwrt:stop) /etc/init.d/$NAME stop ;;
  systemd:start)
    systemctl daemon-reload
    systemctl enable -q $NAME
    systemctl restart $NAME
    ;;
  systemd:stop) systemctl stop $NAME ;;
  plain:start) $LIB/service restart ;;
  plain:stop) $LIB/service stop ;;
  esac
}

# The daemon names itself here once it serves devices, and takes the file away when it ends.
is_running() {
  pid=$(cut -d ' ' -f 1 $RUN/gateway.pid 2>/dev/null)
  [ -n "$pid" ] && [ -d "/proc/$pid" ]
}

# Whether another daemon than the one before serves devices in time.
comes_up() {
  n=0
  while [ $n -lt "$START_SECONDS" ]; do
    if is_running && [ "$(cat $RUN/gateway.pid)" != "$1" ]; then return 0; fi
    sleep 1
    n=$((n + 1))
  done
  return 1
}

start_or_roll_back() {
  step "Starting"
  before=$(cat $RUN/gateway.pid 2>/dev/null)
  service start
  if comes_up "$before"; then
    rm -rf "$LIB.old"
    return
  fi
  if [ -d "$LIB.old" ]; then
    say "  the new version does not come up; the old one is put back"
    rm -rf "$LIB.failed"
    mv $LIB "$LIB.failed" && mv "$LIB.old" $LIB
    before=$(cat $RUN/gateway.pid 2>/dev/null)
    service start
    comes_up "$before" || fail "neither version $(cat "$HERE/VERSION") nor $old_version starts; what is said: $(last_words)"
    fail "version $(cat "$HERE/VERSION") did not start within $START_SECONDS s; $old_version runs again (the new one is in $LIB.failed)"
  fi
  fail "the gateway does not start; what it says: $(last_words)"
}

last_words() {
  case $system in
  systemd) journalctl -u $NAME -n 5 --no-pager 2>&1 ;;
  openwrt) logread -e $NAME 2>&1 | tail -n 5 ;;
  plain) tail -n 5 $RUN/keeper.log 2>&1 ;;
  esac
}

finish() {
  step "Done: version $(cat $LIB/VERSION)"
  say "  gateway devices     what is up, and why not"
  say "  gateway status      how the gateway is"
  if [ "$system" = plain ]; then
    say "  This system has neither systemd nor procd. To have it at boot, call this from rc.local or the like:"
    say "    $LIB/service start"
  fi
}

# OpenWrt: a first installation that fails leaves the router as it was, whatever step it came to.
undo_if_it_fails() {
  [ "$system" = openwrt ] && [ ! -d $LIB ] || return 0
  had=""
  for place in $ETC $BACKUPS; do [ ! -e "$place" ] || had="$had $place"; done
  config_before=""
  if [ -e "$config" ]; then
    config_before=$(mktemp) && cp -p "$config" "$config_before"
  fi
  trap undo_first_installation EXIT
  trap 'exit 1' HUP INT TERM
}

undo_first_installation() {
  code=$?
  trap - EXIT
  trap '' HUP INT TERM
  step "The installation failed; what it did is undone"
  [ -d $LIB ] || [ ! -d "$new" ] || mv "$new" $LIB
  # What it says of kept files holds for a removal that somebody asked for.
  sh "$HERE/uninstall.sh" | sed '/^    kept:/d'
  if [ -n "$config_before" ]; then mv "$config_before" "$config"; else rm -f "$config"; fi
  # As long as the network is not restored, the memory of how it was stays.
  if [ ! -e $ETC/network-before ]; then
    for place in $ETC $BACKUPS; do
      case " $had " in *" $place "*) ;; *) rm -rf "$place" ;; esac
    done
  fi
  exit $code
}

installed() {
  trap - EXIT HUP INT TERM
  [ -z "${config_before:-}" ] || rm -f "$config_before"
}

old_version=$(cat $LIB/VERSION 2>/dev/null)
new=$LIB.new
run_checks
todo=$(changes)
if [ -z "$todo" ]; then
  say "Version $old_version is installed and runs: nothing to do."
  exit 0
fi
say "To do:"
printf '%s\n' "$todo" | sed 's/^ */  /'
[ -z "$dry" ] || exit 0
if [ -z "$auto" ] && [ -t 0 ]; then
  printf 'Go on? [y/N] '
  read -r answer
  case $answer in y | Y | yes) ;; *) fail "nothing was changed" ;; esac
fi
undo_if_it_fails
put_program
put_files
swap
put_config
set_network
start_or_roll_back
installed
finish
