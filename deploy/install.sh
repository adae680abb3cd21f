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
usage: install.sh [--full-auto] [--lan IF --wan IF] [--own-mac silent|use] [--dry-run] [--offline]
  --full-auto       choose the interfaces, install missing packages, ask nothing
  --lan IF          interface with the IPv4-only devices
  --wan IF          interface to the network that admits registered MACs
                    (a configuration that is there counts, on OpenWrt UCI
                    network.lan.device and network.wan.device: others are refused)
  --own-mac MODE    whether the WAN port's own MAC may speak: silent (it is not registered; this machine loses the addresses
                    that it has there, and every login over them), or use (the port stays a host of its own)
  --dry-run         run all checks, say what would be done, change nothing
  --offline         install no packages, reach for no network
Only impersonate MAC addresses that you are authorised to use.
TEXT
}

say() { printf '%s\n' "$*"; }
step() { printf '==> %s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  [ -z "$changing" ] || undo
  exit 1
}
wrong() {
  printf 'install.sh: %s\n' "$1" >&2
  usage >&2
  exit 2
}
has() { command -v "$1" >/dev/null 2>&1; }

auto="" dry="" offline="" lan="" wan="" own_mac=""
over_ssh=""
# Set from the first change until the new version serves: whatever fails in between is undone.
changing=""
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
  --own-mac)
    case ${2:-} in silent | use) own_mac=$2 ;; *) wrong "--own-mac needs silent or use" ;; esac
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
[ -z "$own_mac" ] || [ ! -e /etc/openwrt_release ] || wrong "on OpenWrt that is: uci set $NAME.wan.own_mac=$own_mac"

# ---- what there is

if [ -e /etc/openwrt_release ]; then
  system=openwrt family=openwrt config=/etc/config/$NAME
elif [ -d /run/systemd/system ] && has systemctl; then
  system=systemd family=linux config=$ETC/gateway.toml
else
  system=plain family=linux config=$ETC/gateway.toml
fi
linux_network=$HERE/deploy/linux$LIB/linux-network
openwrt_network=$HERE/deploy/openwrt$LIB/openwrt-network

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

given_lan=$lan given_wan=$wan
problems="" missing="" warnings="" installed=""
problem() { problems="$problems
  - $1"; }
warning() { warnings="$warnings
  - $1"; }
lack() {
  name=$(package "$1")
  missing="$missing $name"
  advice="install the package $name"
  case "$installed " in *" $name "*) advice="the package $name is installed, and that does not do: start the machine anew, or the package is for another kernel or version" ;; esac
  lacking="$lacking
  - $2; $advice"
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
  # Without ip no port can be told from another: they are chosen when its package has come.
  { [ -n "$auto" ] && has ip; } || return 0
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

# A package manager's own installation is upgraded and removed by it alone: neither would know of the other's files.
check_owner() {
  owner=$(package_owner)
  [ -z "$owner" ] ||
    problem "$NAME is installed as a package: upgrade it as one, or remove it first ($owner); configuration and state stay"
}

# How the package is removed, where one is installed.
package_owner() {
  case $(dpkg-query -W -f '${db:Status-Status}' $NAME 2>/dev/null) in
  "" | not-installed | config-files) ;;
  *) echo "dpkg -r $NAME" ;;
  esac
  [ ! -e /usr/lib/opkg/info/$NAME.control ] || echo "opkg remove $NAME"
  if has apk && apk info -e $NAME >/dev/null 2>&1; then echo "apk del $NAME"; fi
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

check_musl() {
  if [ ! -e "/lib/ld-musl-$(uname -m).so.1" ]; then
    problem "this archive is for musl, and this system has another C library: take gateway-VERSION-linux-ARCH-glibc"
  elif [ ! -e /usr/lib/libstdc++.so.6 ] && [ ! -e /lib/libstdc++.so.6 ]; then
    lack libstdc++ "the library libstdc++.so.6 is not installed"
  fi
}

check_node() {
  if ! has node; then
    major=$(candidate nodejs)
    if [ -n "$major" ] && [ "$major" -lt 20 ]; then
      problem "Node.js is not installed, and this system's package is version $major; 20 or newer is needed: take an archive that brings a runtime (gateway-VERSION-linux-ARCH-glibc)"
    elif [ "$system:$manager" = openwrt:apk ]; then
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

# candidate PACKAGE: the first number of the version that apt would install; empty where it does not know.
candidate() {
  [ "$manager" = apt-get ] || return 0
  apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \(.*:\)\{0,1\}\([0-9][0-9]*\)\..*/\2/p'
}

check_interfaces() {
  if [ -z "$lan" ] || [ -z "$wan" ]; then
    if [ -n "$auto" ] && ! has ip; then return; fi
    problem "which interfaces? Name them with --lan IF --wan IF, or let --full-auto choose. There are: $(physical | tr '\n' ' ')"
    return
  fi
  [ "$lan" != "$wan" ] || problem "LAN and WAN are both $lan: the gateway needs two ports"
  for port in "$lan" "$wan"; do
    [ -e "/sys/class/net/$port" ] || problem "there is no interface $port. There are: $(physical | tr '\n' ' ')"
  done
}

# Whether the WAN port's own MAC is to be silent: by option, by the configuration, else by default.
is_silent() { [ "${own_mac:-$(setting wan own_mac)}" != use ]; }

# What a silent WAN port takes from this machine, and who would go on to speak there. On OpenWrt netifd is told (openwrt-network).
check_wan_port() {
  [ "$family" = linux ] && [ -n "$wan" ] && [ -e "/sys/class/net/$wan" ] || return 0
  chosen=$(setting wan own_mac)
  if [ -e "$config" ] && [ -n "$own_mac" ] && [ "$own_mac" != "${chosen:-silent}" ]; then
    problem "$config has wan.own_mac = \"${chosen:-silent}\", and --own-mac is $own_mac: change it there"
    return
  fi
  is_silent || return 0
  # A gateway that runs has its port already, and goes on as it is.
  if is_running; then return; fi
  check_own_way_out
  obstacles=$(sh "$linux_network" obstacles "$wan")
  [ -z "$obstacles" ] || problem "$(printf '%s' "$obstacles" | sed '2,$s/^/  - /')"
}

check_own_way_out() {
  has ip || return 0
  addresses=$(ip -o address show dev "$wan" scope global 2>/dev/null | sed 's/.* inet6* \([^ ]*\) .*/\1/' | tr '\n' ' ')
  default=$(ip -4 route show default dev "$wan" 2>/dev/null; ip -6 route show default dev "$wan" 2>/dev/null)
  [ -n "$addresses$default" ] || return 0
  text="$wan is how this machine itself is on the network (${addresses:-no address, }${default:+default route}): with wan.own_mac = \"silent\" its own MAC sends and
    receives nothing there, so this machine loses that, and whoever is logged in over it is cut off"
  if goes_over_ssh; then text="$text. YOUR SSH CONNECTION GOES OVER $wan"; fi
  if [ -n "$own_mac$chosen" ]; then
    warning "$text"
    # The installation goes on when its terminal is gone.
    if goes_over_ssh; then over_ssh=1; fi
  else
    problem "$text. Choose:
    --own-mac use      the port's own MAC is registered: the machine keeps what it has
    --wan IF           another port leads to the network that admits registered MACs
    --own-mac silent   do it nevertheless: log in by the LAN port ($lan) or the console"
  fi
}

# sudo hides the connection from us, not from our parents.
ssh_address() {
  process=$$
  while [ "${process:-0}" -gt 1 ]; do
    found=$(tr '\0' '\n' <"/proc/$process/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=[^ ]* [^ ]* \([^ ]*\) .*/\1/p')
    [ -z "$found" ] || { echo "$found" && return; }
    process=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status" 2>/dev/null)
  done
}

goes_over_ssh() {
  address=$(ssh_address)
  [ -n "$address" ] && ip -o address show dev "$wan" | grep -qF " ${address#::ffff:}/"
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
  apt-get)
    # A fresh image has no lists of packages.
    ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || apt-get update -q || fail "the lists of packages could not be had (apt-get update)"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
    ;;
  opkg) opkg update && opkg install $missing ;;
  apk | apk-alpine) apk add $missing ;;
  esac || fail "the packages could not be installed"
}

# What packages bring, and what is asked with them.
check_system() {
  problems="" missing="" warnings="" lacking="" lan=$given_lan wan=$given_wan
  check_archive
  check_machine
  check_owner
  check_programs
  [ "$system" != openwrt ] || check_openwrt
  check_given lan "$lan"
  check_given wan "$wan"
  choose_interfaces
  check_interfaces
  check_wan_port
}

may_install_packages() { [ -n "$missing" ] && [ -z "$problems" ] && [ -n "$auto" ] && [ -z "$offline" ] && [ -n "$manager" ]; }

run_checks() {
  step "Checking ($system, $(uname -m))"
  check_system
  # Packages first, if nothing else is in the way; what they brought may be too old, so all is looked at again.
  if may_install_packages && [ -z "$dry" ]; then
    install_packages
    installed=$missing
    check_system
  fi
  may_install_packages && [ -n "$dry" ] || problems="$problems$lacking"
  [ -n "$problems$missing" ] || check_new_version
  [ -z "$warnings" ] || say "  warnings:$warnings"
  [ -z "$problems" ] || fail "nothing was changed${installed:+, but packages were installed:$installed}:$problems"
  if [ -n "$missing" ]; then say "  packages that would be installed:$missing"; fi
  say "  all good: LAN ${lan:-(chosen when there is ip)}, WAN ${wan:-(chosen when there is ip)}"
}

# ---- steps

# Files of the archive for this system, as FROM TO lines.
system_files() {
  from=$HERE/deploy/$family
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

# What lies in $LIB besides the program, as FROM TO lines.
other_files() {
  for file in "$HERE/VERSION" "$HERE/uninstall.sh" "$HERE/deploy/$family$LIB"/*; do
    printf '%s %s\n' "$file" "$LIB/${file##*/}"
  done
}

same_program() {
  [ -e $LIB/SHA256SUMS ] && cmp -s "$HERE/lib/SHA256SUMS" $LIB/SHA256SUMS && (cd $LIB && sha256sum -c SHA256SUMS >/dev/null 2>&1) &&
    other_files | while read -r from to; do cmp -s "$from" "$to" || exit 1; done
}

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
  [ "$system" != openwrt ] || "$openwrt_network" apply --dry-run | grep -v '^ *note:'
  if [ "$family" = linux ] && [ -n "$wan" ] && is_silent; then sh "$linux_network" apply "$wan" --dry-run; fi
  is_running || say "the service"
}

backup() {
  [ -e "$1" ] || return 0
  grep -qxF "$1" $LIB/files 2>/dev/null && return 0
  mkdir -p "$BACKUPS$(dirname "$1")" && cp -p "$1" "$BACKUPS$1" && say "  kept a copy of $1 in $BACKUPS"
}

# make_directory DIRECTORY: with those above it. What is made is remembered: only that goes again, since systems have empty directories of their own.
make_directory() {
  [ ! -d "$1" ] || return 0
  make_directory "$(dirname "$1")" && mkdir "$1" && printf '%s\n' "$1" >>"$new/directories" && printf '%s\n' "$1" >>"$undo_tree/made"
}

put_files() {
  step "Files of the system"
  system_files | while read -r from to; do
    printf '%s\n' "$to" >>"$new/files"
    cmp -s "$from" "$to" && continue
    backup "$to"
    make_directory "$(dirname "$to")" && cp "$from" "$to" || exit 1
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
  if [ -e $LIB/directories ]; then cp $LIB/directories "$new/"; else : >"$new/directories"; fi || fail "$new could not be written"
  other_files | while read -r from to; do cp "$from" "$new/${to##*/}" || exit 1; done || fail "$new could not be written"
}

# ---- undoing

undo_tree=$LIB.undo

# keep PATH: as it is before the first change.
keep() {
  if [ -e "$1" ] || [ -L "$1" ]; then
    mkdir -p "$undo_tree/tree$(dirname "$1")" && cp -pP "$1" "$undo_tree/tree$1"
  else
    printf '%s\n' "$1" >>"$undo_tree/absent"
  fi
}

# All that is changed from here on, but the program's directory: that one is renamed.
begin() {
  rm -rf "$undo_tree" "$LIB.old"
  mkdir -p "$undo_tree/tree"
  {
    system_files | while read -r from to; do printf '%s\n' "$to"; done
    for name in $COMMANDS; do printf '/usr/bin/%s\n' "$name"; done
    printf '%s\n' "$config" $ETC/import-notes
  } | while read -r file; do keep "$file" || exit 1; done || fail "$undo_tree could not be written; nothing was changed"
  [ ! -d $ETC ] || ls -A $ETC >"$undo_tree/etc"
  was_enabled=$(is_enabled && echo yes)
  was_running=$(daemon)
  changing=1 started="" swapped="" network=""
  trap 'fail interrupted' INT TERM
  if [ -n "$over_ssh" ]; then trap '' HUP PIPE; else trap 'fail interrupted' HUP; fi
}

# Directories that were made for it, and hold nothing else, go as well.
forget() {
  rm -f "$1"
  directory=$(dirname "$1")
  while grep -qxF "$directory" "$undo_tree/made" 2>/dev/null && rmdir "$directory" 2>/dev/null; do directory=$(dirname "$directory"); done
}

put_back_files() {
  [ ! -e "$undo_tree/absent" ] || while read -r file; do forget "$file"; done <"$undo_tree/absent"
  (cd "$undo_tree/tree" && find . ! -type d | sed 's|^\.||') | while read -r file; do
    mkdir -p "$(dirname "$file")"
    rm -f "$file" && cp -pP "$undo_tree/tree$file" "$file"
  done
  [ -n "$old_version" ] || put_back_state
}

# What an upgrade changes here the old version wants as well; a first installation's is taken back.
first_network() { [ -n "$old_version" ] || network=1; }

# What a daemon that failed wrote is of no use; an upgrade's state is the old version's as well. What OpenWrt's network was is kept until it is restored.
put_back_state() {
  if [ ! -e "$undo_tree/etc" ] && [ ! -e $ETC/network-before ]; then
    rm -rf $ETC
    return
  fi
  for path in "$ETC"/*; do
    case ${path##*/} in network-before | openwrt-network) continue ;; esac
    grep -qxF "${path##*/}" "$undo_tree/etc" 2>/dev/null || rm -rf "$path"
  done
}

put_back_network() {
  [ -n "$network" ] || return 0
  if [ "$family" = linux ]; then
    sh "$linux_network" restore
    return
  fi
  sh "$openwrt_network" restore && return
  cp "$openwrt_network" $ETC/openwrt-network
  printf 'install.sh: %s\n' "UCI refuses to be put back; how it was is kept in $ETC/network-before. To try again: $HERE/uninstall.sh --restore-network" >&2
}

# As it was before this run. A first installation leaves nothing but its log; 1: the version before does not serve again.
undo() {
  changing=""
  trap '' INT TERM HUP
  step "Undoing"
  before=$(daemon)
  if [ -z "$was_running" ] && [ -n "$started" ]; then
    service stop
    if [ ! -d "$LIB.old" ]; then
      $LIB/gateway cleanup || say "  something of it may be left in the kernel: start the machine anew"
      rm -rf /run/$NAME /var/run/$NAME
    fi
  fi
  [ -n "$was_enabled" ] || disable
  put_back_network
  rm -rf "$new"
  if [ -d "$LIB.old" ]; then
    rm -rf "$LIB.failed"
    mv $LIB "$LIB.failed"
    mv "$LIB.old" $LIB
  elif [ -n "$swapped" ]; then
    rm -rf $LIB
  fi
  put_back_files
  rm -rf "$undo_tree"
  settings_in_force
  [ -n "$was_running" ] || return 0
  [ -n "$started" ] || return 0
  service start
  comes_up "$before"
}

# Unit files, modules, kernel settings, and what NetworkManager, networkd or OpenWrt's services are told: without a new boot.
settings_in_force() {
  [ "$system" != systemd ] || systemctl daemon-reload
  if [ "$family" = linux ]; then
    sh "$linux_network" load
  else
    for service in network dnsmasq firewall; do /etc/init.d/$service reload; done
  fi
}

# The new tree takes the old one's place; the old one stays until the new version has shown that it runs.
swap() {
  if [ -d $LIB ]; then mv $LIB "$LIB.old" || fail "$LIB could not be replaced"; fi
  mv "$new" $LIB || fail "$LIB could not be replaced"
  swapped=1
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
    put_own_mac
    return
  fi
  [ -z "$original" ] || say "  $original cannot be taken over: $(tail -n 1 $ETC/import-notes)"
  rm -f "$config.new" $ETC/import-notes
  if [ "$system" = openwrt ]; then
    cp "$HERE/deploy/openwrt$config" "$config" || fail "$config could not be written"
    return
  fi
  cat >"$config" <<TEXT || fail "$config could not be written"
# Every key with its meaning and value: gateway config show
[lan]
interface = "$lan"
address = "$(lan_address)"

[wan]
interface = "$wan"
TEXT
  put_own_mac
}

# What was chosen on the command line, in a configuration that says nothing of it.
put_own_mac() {
  [ -n "$own_mac" ] && [ -z "$(setting wan own_mac)" ] || return 0
  grep -q '^\[wan\]' "$config" || printf '\n[wan]\n' >>"$config"
  sed "s/^\[wan\].*/&\nown_mac = \"$own_mac\"/" "$config" >"$config.new" && mv "$config.new" "$config"
}

# An address that the port has already stays; else the usual one.
lan_address() {
  address=$(ip -4 -o addr show dev "$lan" 2>/dev/null | sed -n 's/.* inet \([0-9./]*\) .*/\1/p' | head -n 1)
  echo "${address:-192.168.1.1/24}"
}

set_network() {
  if [ "$family" = linux ]; then
    set_linux_network
    return
  fi
  first_network
  step "Network, DHCP and firewall (UCI)"
  mkdir -p "$BACKUPS/etc/config"
  for package in network dhcp firewall; do
    [ -e "$BACKUPS/etc/config/$package" ] || cp -p /etc/config/$package "$BACKUPS/etc/config/$package"
  done
  $LIB/openwrt-network apply || fail "UCI refused a change"
  settings_in_force
}

# A silent WAN port: whoever configures ports here is told to leave it alone (uninstall.sh --restore-network takes that back).
set_linux_network() {
  settings_in_force
  is_silent || return 0
  [ -n "$(sh $LIB/linux-network apply "$wan" --dry-run)" ] || return 0
  step "Who configures $wan"
  first_network
  sh $LIB/linux-network apply "$wan" || fail "they could not be told"
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
    # Without waiting: we watch for ourselves, and not for as long as the unit may take.
    systemctl restart --no-block $NAME
    ;;
  systemd:stop) systemctl stop $NAME ;;
  # What is ignored here the daemon would ignore for ever, SIGHUP among it.
  plain:start) (trap - HUP INT TERM PIPE && exec $LIB/service restart) ;;
  plain:stop) $LIB/service stop ;;
  esac
}

is_enabled() {
  case $system in
  openwrt) [ -x /etc/init.d/$NAME ] && /etc/init.d/$NAME enabled ;;
  systemd) systemctl is-enabled -q $NAME 2>/dev/null ;;
  plain) false ;;
  esac
}

disable() {
  case $system in
  openwrt) [ ! -x /etc/init.d/$NAME ] || /etc/init.d/$NAME disable ;;
  systemd) systemctl disable -q $NAME 2>/dev/null ;;
  esac
}

# daemon: the process id of the one that serves devices. systemd knows; else it names itself in its runtime directory, and takes the file away when it ends.
daemon() {
  if [ "$system" = systemd ]; then
    [ "$(systemctl show --value -p ActiveState $NAME)" != active ] || systemctl show --value -p MainPID $NAME
    return
  fi
  case $family in openwrt) directory=/var/run/$NAME ;; *) directory=/run/$NAME ;; esac
  chosen_directory=$(setting state runtime_directory)
  pid=$(cut -d ' ' -f 1 "${chosen_directory:-$directory}/gateway.pid" 2>/dev/null)
  [ -z "$pid" ] || [ ! -d "/proc/$pid" ] || echo "$pid"
}

is_running() { [ -n "$(daemon)" ]; }

# Whether another daemon than the one before serves devices in time.
comes_up() {
  n=0
  while [ $n -lt "$START_SECONDS" ]; do
    now=$(daemon)
    if [ -n "$now" ] && [ "$now" != "$1" ]; then return 0; fi
    sleep 1
    n=$((n + 1))
  done
  return 1
}

start_or_roll_back() {
  step "Starting"
  before=$(daemon)
  started=1
  service start
  if comes_up "$before"; then
    changing=""
    rm -rf "$LIB.old" "$undo_tree"
    return
  fi
  said=$(last_words)
  if [ ! -d "$LIB.old" ]; then
    undo
    fail "the gateway does not start; all of it was taken back but its log. What it says: $said"
  fi
  say "  the new version does not come up; the old one is put back"
  undo || fail "neither version $(cat "$HERE/VERSION") nor $old_version starts; what is said: $(last_words)"
  [ -n "$was_running" ] || fail "version $(cat "$HERE/VERSION") did not start within $START_SECONDS s; $old_version is put back, which did not run before either"
  fail "version $(cat "$HERE/VERSION") did not start within $START_SECONDS s; $old_version runs again (the new one is in $LIB.failed)"
}

last_words() {
  case $system in
  # What it says itself, and not what systemd says of it.
  systemd) journalctl --no-pager -n 5 "_SYSTEMD_UNIT=$NAME.service" 2>&1 ;;
  openwrt) logread -e $NAME 2>&1 | tail -n 5 ;;
  plain) tail -n 5 /run/$NAME/keeper.log 2>&1 ;;
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
begin
put_program
put_files
swap
put_config
set_network
start_or_roll_back
finish
