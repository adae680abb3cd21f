/** Connections through the gateway that must outlive whatever happens to it. */
import { expect } from "vitest";
import { type Device, type Download, startDownload } from "../devices.ts";
import type { Root } from "../root.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import { installedDevices } from "./install.ts";
import { bracketed, pageAt } from "./reach.ts";

/** For an hour or more. */
const slow = "slow?bytes=100000000&rate=20000";
const many = 20;

/** 20 downloads of a device, and 20 of a client from the device: half by IPv4 and its port 8080, half by IPv6 and the proxy. */
export class Traffic {
  private constructor(readonly connections: readonly Download[]) {}

  /** `device` has a web server at port 80, and is active. */
  static async start(lab: Lab, root: Root, device: Device): Promise<Traffic> {
    const [client] = lab.wan.clients;
    if (client === undefined) throw new Error("the network has no client");
    const addresses = await waitFor(
      "the client reaches the device by both families",
      async () => {
        const told = (await installedDevices(root)).find((d) => d.mac_address === device.mac);
        const both = [told?.ipv4_wan_address ?? "", told?.ipv6_address?.split(",")[0] ?? ""];
        const pages = await Promise.all(both.map((ip) => pageAt(client, ip, 8080)));
        return pages.every((name) => name === device.name) && both;
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
    const outbound = Array.from({ length: many }, () =>
      device.download(`http://${lab.wan.internet.ip}/${slow}`),
    );
    const inbound = Array.from({ length: many }, (_, n) =>
      startDownload(client.namespace, `http://${bracketed(addresses[n % 2] ?? "")}:8080/${slow}`),
    );
    const traffic = new Traffic([...outbound, ...inbound]);
    await traffic.goesOn();
    return traffic;
  }

  /** Waits until each connection has carried more than it had. Errors: one ended, or carries nothing for 20 s. */
  async goesOn(): Promise<void> {
    const had = this.connections.map((connection) => connection.received());
    const moved = (): boolean => this.connections.every((c, n) => c.received() > (had[n] ?? 0));
    await waitFor("all connections go on", moved, { timeoutMs: 20_000 });
    expect(this.connections.map((connection) => connection.running)).not.toContain(false);
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.stop()));
  }
}
