import { expect, test } from "vitest";
import { mac } from "../../plan/sample.fixture.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import { ip6 } from "./advert.fixture.ts";
import { Introductions } from "./introductions.ts";

const camera = mac("00:11:22:33:44:51");

test("a link-local address is introduced once before it speaks, once after each change of the link, and again on request", () => {
  const sent: NdFrame[] = [];
  const introductions = new Introductions((frame) => sent.push(frame));
  introductions.before(camera);
  introductions.before(camera);
  const probe = {
    sourceMac: camera,
    destinationMac: "33:33:ff:33:44:51",
    source: "::",
    destination: "ff02::1:ff33:4451",
    message: { kind: "neighbour-solicit", target: "fe80::211:22ff:fe33:4451" },
  };
  expect(sent).toEqual([probe]);
  introductions.linkChanged();
  introductions.before(camera);
  introductions.before(camera);
  expect(sent).toEqual([probe, probe]);
  introductions.again(camera);
  introductions.address(camera, ip6("2001:db8::51"));
  expect(sent.slice(2).map((f) => "target" in f.message && f.message.target)).toEqual([
    "fe80::211:22ff:fe33:4451",
    "2001:db8::51",
  ]);
});
