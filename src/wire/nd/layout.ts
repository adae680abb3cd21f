/** ICMPv6 types of neighbour discovery (RFC 4861 section 4), and what parse.ts and emit.ts share. */
export const ndTypes = {
  "router-solicit": 133,
  "router-advert": 134,
  "neighbour-solicit": 135,
  "neighbour-advert": 136,
} as const;

/** Only neighbours can send it: every router on the way makes it less. */
export const ndHopLimit = 255;

export const advertFlags = { managed: 0x80, otherConfig: 0x40 } as const;
export const neighbourFlags = { router: 0x80, solicited: 0x40, override: 0x20 } as const;
