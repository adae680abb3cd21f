/** A DHCPv6 server as a function from frame to answer. */
import { type Ip6, parseIp6 } from "../../src/base/ip6.ts";
import { type Mac, parseMac } from "../../src/base/mac.ts";
import { must } from "../../src/base/parsed.ts";
import { type Dhcp6Frame, dhcp6Ports, emitDhcp6Frame, parseDhcp6Frame } from "../../src/wire/dhcp6/frame.ts";
import { type Dhcp6Message, type Dhcp6Options, statusCodes } from "../../src/wire/dhcp6/message.ts";

const serverIp: Ip6 = must(parseIp6("fe80::547"));
export const server6Mac: Mac = must(parseMac("00:aa:00:00:05:47"));
const serverId = Uint8Array.of(0, 3, 0, 1, 0, 0xaa, 0, 0, 5, 0x47);

export class Dhcp6Server {
  /** What was asked: `solicit 00:11:…`, in order. */
  readonly heard: string[] = [];
  /** Seconds. */
  lifetimes = { preferred: 1800, valid: 3600 };
  /** Overrides for all answers. */
  options: Dhcp6Options = {};
  /** Whether it answers at all. */
  away = false;

  /** The addresses it gives; a MAC that is not here is told that there are none, or that its own is wrong. */
  constructor(readonly addresses: Map<Mac, Ip6>) {}

  /** The answer to one frame, or undefined. */
  answer(frame: Uint8Array): Uint8Array | undefined {
    const parsed = parseDhcp6Frame(frame);
    if (!parsed.ok || parsed.value.destinationPort !== dhcp6Ports.server) return undefined;
    const { sourceMac, message } = parsed.value;
    this.heard.push(`${message.type} ${sourceMac}`);
    return this.away ? undefined : this.#reply(parsed.value, this.#optionsFor(sourceMac, message));
  }

  #optionsFor(mac: Mac, { type, options }: Dhcp6Message): Dhcp6Options {
    const address = this.addresses.get(mac);
    const asked = options.iaNa?.[0];
    if (type === "information-request" || type === "release" || type === "decline" || !asked) return {};
    if (type === "confirm") {
      const right = asked.addresses.every((a) => a.address === address);
      return { status: { code: right ? statusCodes.success : statusCodes.notOnLink, text: "" } };
    }
    const ia = { iaid: asked.iaid, t1: 0, t2: 0 };
    if (!address)
      return {
        iaNa: [{ ...ia, addresses: [], status: { code: statusCodes.noAddrsAvail, text: "none left" } }],
      };
    return { iaNa: [{ ...ia, addresses: [{ address, ...this.lifetimes }] }] };
  }

  #reply(asked: Dhcp6Frame, options: Dhcp6Options): Uint8Array {
    const { message } = asked;
    const { clientId } = message.options;
    return emitDhcp6Frame({
      sourceMac: server6Mac,
      destinationMac: asked.sourceMac,
      source: serverIp,
      destination: asked.source,
      sourcePort: dhcp6Ports.server,
      destinationPort: dhcp6Ports.client,
      message: {
        type: message.type === "solicit" ? "advertise" : "reply",
        xid: message.xid,
        options: { serverId, ...(clientId ? { clientId } : {}), ...options, ...this.options },
        unknown: [],
        malformed: [],
      },
    });
  }
}
