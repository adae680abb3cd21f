/** SIGHUP: other log levels are taken over as the gateway runs, anything else makes it start anew. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { quick, startGateway } from "../suites/network.ts";
import type { Lab } from "../topology.ts";

const api = { enabled: true };

async function levels(lab: Lab): Promise<unknown> {
  const { stdout } = await lab.gateway.command(["log-level", "--json"]);
  return JSON.parse(stdout);
}

async function runsSince(lab: Lab): Promise<unknown> {
  const { stdout } = await lab.gateway.command(["status", "--json"]);
  const { pid, started_at } = JSON.parse(stdout) as Record<string, unknown>;
  return { pid, started_at };
}

scenario("log levels of a changed configuration are in force at once", {}, async (lab) => {
  const log = { level: "info", levels: { lan: "info", proxy: "info" } };
  await startGateway(lab, { ...quick, api, log });
  const before = await runsSince(lab);
  const sendHup = (): void => void process.kill(lab.gateway.pid, "SIGHUP");

  const changed = { level: "warn", levels: { ...log.levels, dhcp4: "debug", gateway: "info" } };
  await lab.gateway.configure({ ...quick, api, log: changed });
  let from = lab.gateway.output.length;
  sendHup();
  await lab.gateway.waitForOutput(/INFO Log levels are taken from the configuration/, { from });
  expect(await levels(lab)).toMatchObject({
    level: "warn",
    areas: { dhcp4: "debug", lan: "info", api: "warn" },
  });
  expect(await runsSince(lab)).toEqual(before);

  // What was changed by hand meanwhile lasts until the next configuration.
  await lab.gateway.command(["log-level", "api", "debug"]);
  await lab.gateway.configure({ ...quick, api, log });
  from = lab.gateway.output.length;
  sendHup();
  await lab.gateway.waitForOutput(/INFO Log levels are taken from the configuration/, { from });
  expect(await levels(lab)).toMatchObject({ level: "info", areas: { dhcp4: "info", api: "info" } });
  expect(await runsSince(lab)).toEqual(before);

  await lab.gateway.configure({
    ...quick,
    api: { ...api, port: 5051 },
    log: { ...log, levels: { ...log.levels, dhcp4: "debug" } },
  });
  from = lab.gateway.output.length;
  sendHup();
  await lab.gateway.waitForOutput(/starts anew \(SIGHUP\)/, { from });
  await lab.gateway.waitForOutput(/API on http:\/\/192\.168\.1\.1:5051/, { from, timeoutMs: 30_000 });
  expect(await levels(lab)).toMatchObject({ level: "info", areas: { dhcp4: "debug" } });
  expect(await runsSince(lab)).not.toEqual(before);
});
