#!/bin/sh
# uninstall.sh [--restore-network] [--purge]: takes the gateway away: service, kernel state, files.
#   --restore-network   OpenWrt: puts network, firewall and DHCP settings back as they were before. That is done in any case; the option is for a
#                       removal that could not, or that an older version made without
#   --purge             configuration, state and logs too
# Exit codes: 0 gone, 1 something could not be removed, 2 wrong usage.
set -u

NAME=ipv4-ipv6-gateway
LIB=/usr/lib/$NAME
ETC=/etc/$NAME
MEMORY=$ETC/network-before
HERE=$(dirname "$(readlink -f "$0")")
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

purging=""
for option in "$@"; do
  case $option in
  --restore-network) ;;
  --purge) purging=1 ;;
  *)
    echo "usage: uninstall.sh [--restore-network] [--purge]" >&2
    exit 2
    ;;
  esac
done
[ "$(id -u)" = 0 ] || {
  echo "uninstall.sh: this needs root" >&2
  exit 1
}
step() { printf '==> %s\n' "$*"; }
code=0

# OpenWrt: without this the router would have neither WAN nor names. What it needs lies beside the memory of how it was, for later.
restore_network() {
  [ -e $MEMORY ] || return 0
  step "Restoring network, DHCP and firewall"
  for program in $LIB/openwrt-network "$HERE/deploy/openwrt$LIB/openwrt-network" $ETC/openwrt-network; do
    [ -f "$program" ] || continue
    if sh "$program" restore; then
      for service in network dnsmasq firewall; do /etc/init.d/$service reload; done
      return 0
    fi
    [ "$program" = $ETC/openwrt-network ] || cp "$program" $ETC/openwrt-network
    break
  done
  code=1
  echo "uninstall.sh: the network is NOT as it was: this router has no WAN of its own. How it was is kept in $MEMORY;" >&2
  echo "  to try again: uninstall.sh --restore-network, or: sh $ETC/openwrt-network restore" >&2
}

purge() {
  step "Removing configuration, state and logs"
  if [ -e $MEMORY ]; then
    find $ETC -type f ! -name network-before ! -name openwrt-network -exec rm -f {} +
    echo "    kept: $MEMORY, until the network is restored"
  else
    rm -rf $ETC
  fi
  rm -f /var/log/$NAME.log /var/log/$NAME.log.*
  [ ! -e /etc/openwrt_release ] || rm -f /etc/config/$NAME
}

[ -d $LIB ] || {
  restore_network
  [ -z "$purging" ] || purge
  echo "The gateway is not installed."
  exit $code
}

step "Stopping"
if [ -e /etc/openwrt_release ]; then
  [ ! -x /etc/init.d/$NAME ] || { /etc/init.d/$NAME disable && /etc/init.d/$NAME stop; }
elif [ -d /run/systemd/system ]; then
  systemctl disable -q --now $NAME
else
  $LIB/service stop
fi

step "Removing what the gateway owns in the kernel"
$LIB/gateway cleanup || code=1

restore_network

step "Removing files"
# Directories that held nothing else go as well.
forget() {
  rm -f "$1"
  directory=$(dirname "$1")
  # OpenWrt's own, and usually empty.
  [ "$directory" != /etc/uci-defaults ] || return 0
  while rmdir "$directory" 2>/dev/null; do directory=$(dirname "$directory"); done
}
# An installation that failed at its first file has no list.
[ -e $LIB/files ] || : >$LIB/files
while read -r file; do
  case $file in
  "/etc/config/$NAME") [ -n "$purging" ] || continue ;;
  esac
  if [ -e "$ETC/backups$file" ]; then
    cp -p "$ETC/backups$file" "$file"
  else
    forget "$file"
  fi
done <$LIB/files
[ ! -d /run/systemd/system ] || systemctl daemon-reload
rm -rf $LIB $LIB.old $LIB.new $LIB.failed /run/$NAME /var/run/$NAME

if [ -n "$purging" ]; then
  purge
else
  echo "    kept: configuration, state and copies in $ETC, the log (--purge removes them)"
fi
exit $code
