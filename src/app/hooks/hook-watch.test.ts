import { expect, it } from "vitest";
import { camera, printer } from "../../../test/support/devices.ts";
import { GatewayBench } from "../../../test/support/gateway-bench.ts";
import { minutes, seconds } from "../../base/time.ts";
import { ip } from "../../plan/sample.fixture.ts";
import { HookWatch } from "./hook-watch.ts";

const serving = (): GatewayBench => {
  const bench = new GatewayBench();
  bench.server.addresses.set(camera, ip("192.0.2.10")).set(printer, ip("192.0.2.11"));
  return bench;
};

const watch = (bench: GatewayBench): string[] => {
  const told: string[] = [];
  new HookWatch(bench.gateway.inspection, (event, { mac_address, ipv4_wan_address }) =>
    told.push(`${event} ${mac_address === camera ? "camera" : "printer"} ${ipv4_wan_address}`),
  );
  return told;
};

it("tells that a device comes, works and goes, each once", async () => {
  const bench = serving();
  await bench.start();
  const told = watch(bench);
  bench.comes(camera, ip("192.168.1.20"));
  await bench.clock.advance(seconds(10));
  expect(told).toEqual(["new camera null", expect.stringMatching(/^active camera \d/)]);
  await bench.clock.advance(minutes(20));
  bench.gateway.inspection.forget(camera);
  await bench.clock.advance(seconds(1));
  expect(told.slice(2, 3)).toEqual([expect.stringMatching(/^gone camera \d/)]);
  await bench.gateway.stop();
});

it("tells nothing of what an earlier run knew, and all of what came before it looked", async () => {
  const bench = serving();
  await bench.start();
  bench.comes(camera, ip("192.168.1.20"));
  await bench.clock.advance(seconds(10));
  await bench.restart(seconds(5));
  bench.comes(printer, ip("192.168.1.21"));
  await bench.clock.advance(seconds(10));
  const told = watch(bench);
  await bench.clock.advance(seconds(10));
  expect(told).toEqual([expect.stringMatching(/^new printer/), expect.stringMatching(/^active printer/)]);
  await bench.gateway.stop();
});
