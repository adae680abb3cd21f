import { expect, test } from "vitest";
import { parseCidr4 } from "../base/cidr4.ts";
import { must } from "../base/parsed.ts";
import { renderBase4 } from "./short-ways4.ts";

const sizes = (lan: string): Set<string> => {
  const text = renderBase4("eth1", "eth0", must(parseCidr4(lan)));
  return new Set([...text.matchAll(/size (\d+)/g)].map(([, size = ""]) => size));
};

test("maps are as large as the LAN, and no larger than the kernel can spare the room", () => {
  expect(sizes("192.168.4.0/22")).toEqual(new Set(["65535", "1024"]));
  expect(sizes("10.0.0.0/8")).toEqual(new Set(["65535", "65536"]));
});
