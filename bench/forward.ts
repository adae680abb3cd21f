/** Forwarding with many identities beside plain masquerading, and forms of the rules beside each other. Run it as bench/forward. */
import { parseArgs } from "node:util";
import {
  changeRules,
  type Forwarded,
  ForwardNet,
  forwardedDevices,
  installIdentities,
  lan,
  lanPort,
  leaveShortWays,
  masqueradePlainly,
  type Talker,
  takeShortWays,
} from "../lab/suites/forward-net.ts";
import {
  type PacketFigures,
  packetRate,
  type StreamFigures,
  streamRate,
} from "../lab/suites/forward-speed.ts";
import { listRules, type Tables, treeRules } from "../lab/suites/rule-shapes.ts";
import { sleep } from "../lab/wait.ts";
import type { Ip4 } from "../src/base/ip4.ts";
import type { Rule } from "../src/plan/resource.ts";
import { median, medianRatio, rotated } from "./lib/figures.ts";
import { publish, type Table } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "1" },
    /** Without other forms of the rules. */
    brief: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const count = Number(values.count);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

type Shape = "gateway" | "list" | "tree1" | "tree2" | "tree3" | "tree4";
type Place = "first" | "middle" | "last";
const placeOf: Readonly<Record<Place, number>> = { first: 0, middle: Math.floor(count / 2), last: count - 1 };

/** One thing to measure. Without a shape: no identities, plain masquerading. */
interface Way {
  readonly name: string;
  readonly shape?: Shape;
  readonly place: Place;
  /** With what follows in a flow of datagrams going the short way (ADR 34). */
  readonly short: boolean;
  /** Streams too, which take longer. */
  readonly streams: boolean;
}

const places: readonly Place[] = ["first", "middle", "last"];
const shapeWays = (shape: Shape, streams: boolean, of: readonly Place[], short = false): Way[] =>
  of.map((place) => ({ name: `${shape}${short ? " short" : ""} ${place}`, shape, place, short, streams }));
const forms = ["tree1", "tree2", "tree3", "tree4"] as const;
const ways: readonly Way[] = [
  { name: "plain", place: "first", short: false, streams: true },
  ...shapeWays("gateway", true, places, true),
  ...shapeWays("gateway", true, places),
  ...(values.brief ? [] : shapeWays("list", true, ["last"])),
  ...(values.brief ? [] : forms.flatMap((shape) => shapeWays(shape, false, ["first", "last"]))),
];

interface Figures {
  readonly packets: PacketFigures[];
  readonly streams: StreamFigures[];
}
const figures = new Map<string, Figures>(ways.map(({ name }) => [name, { packets: [], streams: [] }]));

/** The kernel frees thousands of old rules later, in the time of whoever sends. */
const afterChangeMs = 1_000;

/** The network with identities, whose rules are exchanged. */
class Identities {
  #shape: Shape = "gateway";
  #short = false;

  private constructor(
    readonly net: ForwardNet,
    readonly rules: Readonly<Record<Shape, readonly Rule[]>>,
    readonly shortWays: readonly string[],
  ) {}

  static async create(devices: readonly Forwarded[], talkers: readonly Talker[]): Promise<Identities> {
    const net = await ForwardNet.create("identities", talkers);
    const { rules: own, shortWays } = await installIdentities(net, devices);
    const tables = tablesOf(own);
    const tree = (stepBits: number): readonly Rule[] => treeRules(lan, lanPort, tables, stepBits);
    const rules = {
      ...{ gateway: own, list: listRules(lan, lanPort, tables) },
      ...{ tree1: tree(1), tree2: tree(2), tree3: tree(3), tree4: tree(4) },
    };
    return new Identities(net, rules, shortWays);
  }

  async have(shape: Shape, short: boolean): Promise<void> {
    if (short !== this.#short)
      await (short ? takeShortWays(this.net, this.shortWays) : leaveShortWays(this.net));
    this.#short = short;
    if (shape === this.#shape) return;
    await changeRules(this.net, this.rules[this.#shape], this.rules[shape]);
    this.#shape = shape;
    await sleep(afterChangeMs);
  }
}

/** Which table the gateway's own rules lead each device to. */
const tablesOf = (rules: readonly Rule[]): Tables =>
  new Map(
    rules.flatMap(({ from, action }): [Ip4, number][] =>
      from?.length === 32 && action.to === "lookup" && typeof action.table === "number"
        ? [[from.address, action.table]]
        : [],
    ),
  );

const devices = forwardedDevices(count);
const talkerAt = (place: Place): Talker => devices[placeOf[place]] as Talker;
const talkers = [...new Set(places.map(talkerAt))];
const plain = await ForwardNet.create("plain", talkers);
const plainWanIp = await masqueradePlainly(plain);
const identities = await Identities.create(devices, talkers);

async function measure({ name, shape, place, short, streams }: Way): Promise<void> {
  if (shape) await identities.have(shape, short);
  const net = shape ? identities.net : plain;
  const talker = shape ? talkerAt(place) : { ...talkerAt(place), wanIp: plainWanIp };
  figures.get(name)?.packets.push(await packetRate(net, talker, seconds));
  if (streams) figures.get(name)?.streams.push(await streamRate(net, talker, seconds));
}

// What is new to the kernel is made at the first packet.
await packetRate(identities.net, talkerAt("first"), seconds);
for (let round = 0; round < rounds; round++) {
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  for (const way of rotated(ways, round)) await measure(way);
}

type Kind = keyof Figures;
const all = (name: string, kind: Kind): readonly number[] =>
  figures.get(name)?.[kind].map((f) => f.perProcessorSecond) ?? [];
const wall = {
  packets: (name: string) => median(figures.get(name)?.packets.map((f) => f.perSecond) ?? []),
  streams: (name: string) => median(figures.get(name)?.streams.map((f) => f.gigabits) ?? []),
};
const wallRatio = (name: string): string =>
  medianRatio(
    figures.get(name)?.streams.map((f) => f.gigabits) ?? [],
    figures.get("plain")?.streams.map((f) => f.gigabits) ?? [],
  ).toFixed(2);
const ratio = (name: string, kind: Kind): string =>
  medianRatio(all(name, kind), all("plain", kind)).toFixed(2);

const forwarding = (rows: readonly (readonly [what: string, name: string])[]): Table => [
  ["FORWARDING", "TCP Gbit/s", "TO PLAIN", "BY CPU", "UDP packets/s", "BY CPU s", "TO PLAIN"],
  ...rows.map(([what, name]) => [
    what,
    wall.streams(name).toFixed(1),
    name === "plain" ? "" : wallRatio(name),
    name === "plain" ? "" : ratio(name, "streams"),
    wall.packets(name).toFixed(0),
    median(all(name, "packets")).toFixed(0),
    name === "plain" ? "" : ratio(name, "packets"),
  ]),
];
const shapes = (rows: readonly (readonly [what: string, shape: Shape])[]): Table => [
  ["FORM OF THE RULES", "RULES", "FIRST DEVICE", "LAST DEVICE"],
  ...rows.map(([what, shape]) => [
    what,
    String(identities.rules[shape].length),
    shape === "list" ? "" : ratio(`${shape} first`, "packets"),
    ratio(`${shape} last`, "packets"),
  ]),
];

const formsTable = shapes([
  ["binary search: the gateway's", "gateway"],
  ["tree, 1 bit a step", "tree1"],
  ["tree, 2 bits a step", "tree2"],
  ["tree, 3 bits a step", "tree3"],
  ["tree, 4 bits a step", "tree4"],
  ["one rule a device", "list"],
]);

const report = {
  title: "Forwarding",
  about: [
    `From LAN to WAN with ${count} identities, spread over a /${lan.length}; medians of ${rounds} rounds of ${seconds} s.`,
    "Ratios are of the same round. UDP packets have 64 octets and count where they arrive, under the right address;",
    "By the whole way: without the table by which what follows in a flow of datagrams goes straight to the router; the forms of the rules are so too.",
    "BY CPU: for the same processor time, sender and receiver included, whatever else the machine does.",
  ],
  tables: [
    forwarding([
      ["plain masquerade, no identities", "plain"],
      ...places.map((place) => [`gateway: ${place} device`, `gateway short ${place}`] as const),
      ...places.map((place) => [`all by the whole way: ${place} device`, `gateway ${place}`] as const),
      ...(values.brief ? [] : [["one rule a device: last device", "list last"] as const]),
    ]),
    ...(values.brief ? [] : [formsTable]),
  ],
};
await publish(report, { count, rounds, seconds, figures: Object.fromEntries(figures) }, values.json);
await Promise.all([plain, identities.net].map((net) => net.dispose()));
process.exit(0);
