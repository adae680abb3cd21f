/** The sets and maps of our nftables table; what is listed in them are resources of their own. */
export const sets = {
  /** LAN addresses of the devices that have IPv4. */
  snat4: { kind: "set", type: "ipv4_addr" },
  /** Which address may leave through which identity. */
  own4: { kind: "set", type: "ipv4_addr . ifname" },
  /** The identities' IPv6 addresses, where the WAN port speaks for itself and must not use them. */
  own6: { kind: "set", type: "ipv6_addr" },
  /** The identities' IPv4 addresses: no host for the LAN. */
  held4: { kind: "set", type: "ipv4_addr" },
  /** A WAN address with the automatic forwards, and the device's LAN address. */
  device4: { kind: "map", type: "ipv4_addr : ipv4_addr" },
  /** What only one device has: WAN address, protocol, port, and where they lead. */
  forward4: { kind: "map", type: "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service" },
  /** Manual forwards, for the LAN: protocol and port of the gateway's LAN address, and where they lead. */
  lan4: { kind: "map", type: "inet_proto . inet_service : ipv4_addr . inet_service" },
  /** WAN addresses with the automatic forwards. */
  reach6: { kind: "set", type: "ipv6_addr" },
  /** What only one device has: WAN address and port; the proxy knows where they lead. */
  forward6: { kind: "set", type: "ipv6_addr . inet_service" },
  /** WAN addresses of devices that are open as a whole, each with a network that may reach it; and where each leads. */
  open4: { kind: "set", type: "ipv4_addr . ipv4_addr", flags: "interval" },
  target4: { kind: "map", type: "ipv4_addr : ipv4_addr" },
  open6: { kind: "set", type: "ipv6_addr . ipv6_addr", flags: "interval" },
  /** By IPv6 the translator lies between: the device's inner address. */
  target6: { kind: "map", type: "ipv6_addr : ipv6_addr" },
  /** The NAT64 that is used: a single prefix, or none. */
  nat64: { kind: "set", type: "ipv6_addr", flags: "interval" },
} as const;

export type SetName = keyof typeof sets;

export const setNames = Object.keys(sets) as readonly SetName[];
