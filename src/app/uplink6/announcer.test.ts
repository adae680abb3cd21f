import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { switchSafePacer } from "../../../test/support/pacers.ts";
import type { Ip6 } from "../../base/ip6.ts";
import { seconds } from "../../base/time.ts";
import { mac } from "../../plan/sample.fixture.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import { ip6 } from "./advert.fixture.ts";
import { Announcer } from "./announcer.ts";

const camera = mac("00:11:22:33:44:51");
const address = ip6("2001:db8:1::51");

function scene() {
  const clock = new FakeClock();
  const pacer = switchSafePacer(clock);
  const sent: NdFrame[] = [];
  const gone = new Set<string>();
  const introduced: string[] = [];
  const announcer = new Announcer({
    send: (frame, queueing) => pacer.send("nd", () => sent.push(frame), queueing),
    introduce: (_mac, ip) => introduced.push(ip),
    holds: (_mac, ip) => !gone.has(ip),
  });
  return { clock, sent, gone, introduced, announcer };
}

test("a new address: to the routers, without Override; one that may have been elsewhere: to all, with it", () => {
  const { announcer, sent, introduced } = scene();
  announcer.announce(camera, address, "new");
  expect(introduced).toEqual([]);
  announcer.announce(camera, address, "moved");
  expect(introduced).toEqual([address]);
  const message = { kind: "neighbour-advert", target: address, router: false, solicited: false };
  expect(sent).toEqual([
    {
      sourceMac: camera,
      destinationMac: "33:33:00:00:00:02",
      source: address,
      destination: "ff02::2",
      message: { ...message, override: false, targetMac: camera },
    },
    {
      sourceMac: camera,
      destinationMac: "33:33:00:00:00:01",
      source: address,
      destination: "ff02::1",
      message: { ...message, override: true, targetMac: camera },
    },
  ]);
});

test("a crowd is announced once each, new addresses first, those that went not at all", () => {
  const { announcer, sent, gone, clock } = scene();
  const crowd = Array.from({ length: 100 }, (_, n) => ip6(`2001:db8:1::1:${n}`));
  for (const ip of crowd) announcer.announce(camera, ip, "moved");
  for (const ip of crowd) announcer.announce(camera, ip, "moved");
  gone.add(crowd[50] ?? "");
  announcer.announce(camera, address, "new");
  clock.pass(seconds(1));
  expect(sent.findIndex(({ source }) => source === address)).toBe(2);
  clock.pass(seconds(30));
  expect(sent.length).toBe(1 + 99 + 2);
  expect(new Set(sent.map(({ source }) => source)).size).toBe(100);
});

test("an address that may be of another network waits until a router vouches for it", () => {
  const { announcer, sent, gone } = scene();
  const [a, b, c] = ["a", "b", "c"].map((end) => ip6(`2001:db8:1::${end}`)) as [Ip6, Ip6, Ip6];
  for (const ip of [a, b, c]) announcer.announceOnceSure(camera, ip);
  announcer.settle(() => false, false);
  expect(sent).toEqual([]);
  announcer.settle((ip) => ip === a, false);
  announcer.settle((ip) => ip === a, false);
  expect(sent.map(({ source, destination }) => `${source} ${destination}`)).toEqual([`${a} ff02::1`]);
  gone.add(b);
  announcer.settle((ip) => ip === b, true);
  announcer.settle(() => true, false);
  expect(sent.length).toBe(1);
});
