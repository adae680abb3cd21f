import { expect, test } from "vitest";
import { renderResolv } from "./dnsmasq.ts";

test("resolvers of both families, a link-local one with its interface", () => {
  const servers = ["192.0.2.53", "2001:db8::53", "fe80::53%gw001122334451"];
  expect(renderResolv(servers)).toBe(
    "nameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver fe80::53%gw001122334451\n",
  );
  expect(renderResolv([])).toBe("");
});
