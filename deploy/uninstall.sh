#!/bin/sh
# uninstall.sh [--restore-network] [--purge]: takes the gateway away: service, kernel state, files.
#   --restore-network   puts back as it was before who configures the WAN port. On OpenWrt network, firewall and DHCP settings are put back in any
#                       case; there the option is for a removal that could not, or that an older version made without
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

network="" purging=""
for option in "$@"; do
  case $option in
  --restore-network) network=1 ;;
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
code=0 restored=""

# OpenWrt: without this the router would have neither WAN nor names. What it needs lies beside the memory of how it was, for later. The firewall is
# told at the end, when our files are gone as well.
restore_network() {
  [ -e $MEMORY ] || return 0
  step "Restoring network, DHCP and firewall"
  for program in $LIB/openwrt-network "$HERE/deploy/openwrt$LIB/openwrt-network" $ETC/openwrt-network; do
    [ -f "$program" ] || continue
    if sh "$program" restore; then
      for service in network dnsmasq; do /etc/init.d/$service reload; done
      restored=1
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

# How the package is removed, where one is installed.
package_owner() {
  case $(dpkg-query -W -f '${db:Status-Status}' $NAME 2>/dev/null) in
  "" | not-installed | config-files) ;;
  *) echo "dpkg -r $NAME" ;;
  esac
  [ ! -e /usr/lib/opkg/info/$NAME.control ] || echo "opkg remove $NAME"
  if command -v apk >/dev/null 2>&1 && apk info -e $NAME >/dev/null 2>&1; then echo "apk del $NAME"; fi
}
owner=$(package_owner)
[ -z "$owner" ] || {
  echo "uninstall.sh: the gateway is installed as a package, which its manager removes: $owner" >&2
  exit 1
}

[ -d $LIB ] || {
  restore_network
  [ -z "$restored" ] || /etc/init.d/firewall reload
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

if [ ! -e /etc/openwrt_release ] && [ -n "$network" ] && [ -e $LIB/linux-network ]; then
  step "Who configures the WAN port"
  $LIB/linux-network restore || code=1
fi

step "Removing files"
# Directories that install.sh made, and that hold nothing else, go as well; systems have empty ones of their own.
forget() {
  rm -f "$1"
  directory=$(dirname "$1")
  while grep -qxF "$directory" $LIB/directories 2>/dev/null && rmdir "$directory" 2>/dev/null; do directory=$(dirname "$directory"); done
}
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
# NetworkManager and networkd hear that our files are gone.
[ ! -e $LIB/linux-network ] || $LIB/linux-network load
rm -rf $LIB $LIB.old $LIB.new $LIB.failed $LIB.undo /run/$NAME /var/run/$NAME

# The firewall's rules for the gateway went with the files.
[ ! -e /etc/openwrt_release ] || /etc/init.d/firewall reload
if [ -n "$purging" ]; then
  purge
else
  echo "    kept: configuration, state and copies in $ETC, the log (--purge removes them)"
fi
exit $code
