/**
 * exchange INTERFACE COUNT OUTSTANDING FIRST-MAC: as many DHCPv4 exchanges as told, so many at a time, by the gateway's own socket and codec and
 * nothing else. Prints the seconds from the first frame to the last ACK.
 */
import { anyIp4, broadcastIp4 } from "../../src/base/ip4.ts";
import { broadcastMac, type Mac, macToBytes } from "../../src/base/mac.ts";
import { openPacketLinks } from "../../src/io/packet/links.ts";
import { runPacketReaderIfWorker } from "../../src/io/packet/reader-thread.ts";
import type { PacketLink } from "../../src/ports/packet-link.ts";
import { wanFilter } from "../../src/wire/bpf.ts";
import { dhcp4Ports, emitDhcp4Frame, parseDhcp4Frame } from "../../src/wire/dhcp4/frame.ts";
import type { Dhcp4Message, Dhcp4Options } from "../../src/wire/dhcp4/message.ts";
import { nextMac } from "../simulator/protocol.ts";

const retryMs = 1_000;
const [, , ifname = "eth0", count = "1", outstanding = "1", firstMac = ""] = process.argv;

/** One client's exchange under way. */
interface Exchange {
  readonly mac: Mac;
  /** What it said last. */
  options: Dhcp4Options;
  sentAt: number;
}

class Exchanges {
  readonly #open = new Map<number, Exchange>();
  #begun = 0;
  #done = 0;
  #finish: () => void = () => {};
  readonly finished = new Promise<void>((resolve) => {
    this.#finish = resolve;
  });

  constructor(
    private readonly count: number,
    private readonly send: (frame: Uint8Array) => void,
  ) {}

  begin(): void {
    if (this.#begun >= this.count) return;
    const xid = this.#begun++;
    const exchange = { mac: nextMac(firstMac, xid) as Mac, options: {}, sentAt: 0 };
    this.#open.set(xid, exchange);
    this.#say(xid, exchange, { messageType: "discover" });
  }

  hear({ op, xid, yiaddr, options }: Dhcp4Message): void {
    const exchange = this.#open.get(xid);
    if (op !== "reply" || exchange === undefined) return;
    const { messageType, serverId } = options;
    if (messageType === "offer" && exchange.options.messageType === "discover")
      this.#say(xid, exchange, {
        messageType: "request",
        requestedAddress: yiaddr,
        ...(serverId === undefined ? {} : { serverId }),
      });
    if (messageType === "ack") this.#end(xid);
  }

  #end(xid: number): void {
    this.#open.delete(xid);
    if (++this.#done === this.count) this.#finish();
    else this.begin();
  }

  retry(): void {
    const before = performance.now() - retryMs;
    for (const [xid, exchange] of this.#open)
      if (exchange.sentAt < before) this.#say(xid, exchange, exchange.options);
  }

  #say(xid: number, exchange: Exchange, options: Dhcp4Options): void {
    exchange.options = options;
    exchange.sentAt = performance.now();
    try {
      this.send(frameOf(xid, exchange));
    } catch {
      // No room: said again when its time is over.
    }
  }
}

function frameOf(xid: number, { mac, options }: Exchange): Uint8Array {
  const message: Dhcp4Message = {
    op: "request",
    ...{ hops: 0, xid, secs: 0, broadcast: false },
    ...{ ciaddr: anyIp4, yiaddr: anyIp4, siaddr: anyIp4, giaddr: anyIp4, chaddr: mac },
    options: { ...options, clientId: Uint8Array.of(1, ...macToBytes(mac)), parameterList: [1, 3, 6, 51, 54] },
    unknown: new Map(),
    malformed: [],
  };
  return emitDhcp4Frame({
    ...{ sourceMac: mac, destinationMac: broadcastMac, sourceIp: anyIp4, destinationIp: broadcastIp4 },
    ...{ sourcePort: dhcp4Ports.client, destinationPort: dhcp4Ports.server, message },
  });
}

async function main(): Promise<void> {
  let link: PacketLink | undefined;
  const exchanges = new Exchanges(Number(count), (frame) => link?.send(frame));
  link = await openPacketLinks().open(ifname, wanFilter, (frame) => {
    const parsed = parseDhcp4Frame(frame);
    if (parsed.ok) exchanges.hear(parsed.value.message);
  });
  const startedAt = performance.now();
  setInterval(() => exchanges.retry(), 100);
  for (let n = 0; n < Number(outstanding); n++) exchanges.begin();
  await exchanges.finished;
  process.stdout.write(`${(performance.now() - startedAt) / 1000}\n`);
  process.exit(0);
}

if (!runPacketReaderIfWorker()) await main();
