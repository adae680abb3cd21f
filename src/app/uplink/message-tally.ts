/** How many DHCP messages of each type were sent and received: counted as they pass, read when somebody asks. */

export type DhcpFamily = "ipv4" | "ipv6";
export type Direction = "sent" | "received";

export interface MessageCount {
  readonly family: DhcpFamily;
  readonly direction: Direction;
  /** As in RFC 2131 and RFC 8415, small letters; `malformed`: what could not be read. */
  readonly type: string;
  readonly count: number;
}

export class MessageTally {
  readonly #counts = new Map<
    string,
    { family: DhcpFamily; direction: Direction; type: string; count: number }
  >();

  count(family: DhcpFamily, direction: Direction, type: string): void {
    const key = `${family} ${direction} ${type}`;
    const known = this.#counts.get(key);
    if (known) known.count++;
    else this.#counts.set(key, { family, direction, type, count: 1 });
  }

  all(): readonly MessageCount[] {
    return [...this.#counts.values()];
  }
}
