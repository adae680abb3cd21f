#!/bin/sh
# Called by udhcpc on each event: sets what the lease says on the host's interface.
case "$1" in
  deconfig)
    ip addr flush dev "$interface"
    ;;
  bound | renew)
    ip addr replace "$ip/$mask" dev "$interface"
    for old in $(ip -4 -o addr show dev "$interface" | awk '{ print $4 }'); do
      [ "$old" = "$ip/$mask" ] || ip addr del "$old" dev "$interface"
    done
    [ -z "$router" ] || ip route replace default via "${router%% *}" dev "$interface"
    ;;
esac
echo "event=$1 ip=$ip router=$router dns=$dns lease=$lease server=$serverid"
