/** The manual forwards' file, for one task at a time on this machine. Part of the composition root. */
import { inboundFile } from "../app/forwards/inbound-choices.ts";
import { forwardsFile } from "../app/forwards/manual-forwards.ts";
import type { Interface4 } from "../base/cidr4.ts";
import { GatewayError } from "../base/errors.ts";
import type { ConfigPlace } from "../cli/config-place.ts";
import type { ForwardStore } from "../config/forwards-edit.ts";
import { type Holders, type ManualForward, nameOf } from "../config/forwards-file.ts";
import type { InboundStore } from "../config/inbound-edit.ts";
import type { Config } from "../config/schema.ts";
import { openDurableText } from "../io/durable-text.ts";
import { acquireLock } from "../io/lock.ts";
import { systemProcesses } from "../io/processes.ts";
import { load, readText } from "./files-of.ts";

/** Runs a command about the manual forwards. */
export async function withForwards(
  place: ConfigPlace,
  task: (config: Config, store: ForwardStore) => Promise<void>,
): Promise<0> {
  const config = await load(place);
  await lockForwards(config, (store) => task(config, store));
  return 0;
}

/** One task at a time on this machine. */
export const lockForwards = <T>(config: Config, task: (store: ForwardStore) => Promise<T>): Promise<T> =>
  locked(forwardsFile(config.state.directory), (file) =>
    task({ ...file, listening: (forwards, lan) => holdersOf(forwards, lan) }),
  );

/** The same of the devices that are open as a whole. */
export const lockInbound = <T>(config: Config, task: (store: InboundStore) => Promise<T>): Promise<T> =>
  locked(inboundFile(config.state.directory), task);

/** Runs a command about the devices that are open as a whole. */
export async function withInbound(
  place: ConfigPlace,
  task: (config: Config, store: InboundStore) => Promise<void>,
): Promise<0> {
  const config = await load(place);
  await lockInbound(config, (store) => task(config, store));
  return 0;
}

async function locked<T>(path: string, task: (store: InboundStore) => Promise<T>): Promise<T> {
  const release = await acquireLock("\0ipv4-ipv6-gateway-forwards", 5_000).catch((thrown: unknown) => {
    if (!(thrown instanceof GatewayError)) throw thrown;
    throw new GatewayError("forwards-busy", "operator", "others change the forwards just now: try again");
  });
  try {
    return await task({
      load: () => readText(path),
      save: (text) => openDurableText(path).save(text),
    });
  } finally {
    await release();
  }
}

/** Programs that listen on all addresses or the gateway's own one; our proxy is not in the way. */
async function holdersOf(forwards: readonly ManualForward[], lan: Interface4): Promise<Holders> {
  const ports = new Set(forwards.filter((f) => f.protocol === "tcp").map((f) => f.port));
  const there = await systemProcesses.listeners(ports);
  const open = there.filter(({ address }) => ["0.0.0.0", "::", lan.ip].includes(address));
  return new Map(
    open.map(({ port, program = "a program" }) => [
      nameOf({ protocol: "tcp", port }),
      `${program}, which listens there on this machine`,
    ]),
  );
}
