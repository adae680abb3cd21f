/** Forwards that people ask for: on the LAN, on both families of the WAN, over restarts, and gone when removed. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import { addServingDevice, pageAt, waitForAddresses, waitForPage } from "../suites/reach.ts";
import type { WanHost } from "../wan-host.ts";

scenario(
  "manual forwards: quick-device and a port of one's own, live, after a restart, and removed",
  { wan: { ipv6: {}, registered: registered(1, 2), clients: ["dual"] } },
  async (lab) => {
    await startGateway(lab, quick6);
    const camera = await addServingDevice(lab, 1, { web: [80, 8000], udpEcho: [7] });
    const other = await addServingDevice(lab, 2, { web: [80] });
    const { addresses4, addresses6 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
    const [client] = lab.wan.clients;
    if (!client) throw new Error("no client");
    const lanIp = await camera.waitForIp();
    const [four = "", six = ""] = [...addresses4, ...addresses6];
    const forward = (...args: readonly string[]) => lab.gateway.command(["port-forward", ...args]);

    expect((await forward("quick-device", lanIp)).code).toBe(0);
    expect((await forward("add", "9000", lanIp, "8000")).code).toBe(0);
    expect((await forward("add", "9007", lanIp, "7", "--udp")).code).toBe(0);
    const taken = await forward("add", "9000", await other.waitForIp(), "80");
    expect([taken.code, taken.stderr]).toEqual([
      1,
      `gateway: TCP port 9000 is taken by the forward to ${lanIp}:8000; remove it first\n`,
    ]);
    for (const ip of [four, six]) await waitForPage(lab, client, ip, 9000, camera.name);
    expect(await other.fetch("http://192.168.1.1:8080/")).toContain(camera.name);
    const echo = ["busybox", "timeout", "3", "socat", "-t", "1", "-", `UDP4:${four}:9007`];
    expect((await client.namespace.run(echo, { input: "hello", mayFail: true })).stdout).toBe("hello");

    await lab.gateway.stop("SIGKILL");
    for (const ip of [four, six]) expect(await pageAt(client, ip, 9000)).toBe(camera.name);
    await startGateway(lab, quick6);
    for (const ip of [four, six]) await waitForPage(lab, client, ip, 9000, camera.name);
    expect((await forward("list")).stdout).toContain(`9000/tcp  ${lanIp}`);

    expect((await forward("remove", "9000", lanIp, "8000")).code).toBe(0);
    for (const ip of [four, six])
      await lab.gateway.waitFor(`nothing at ${ip} 9000`, async () => {
        return await pageAt(client, ip, 9000).then(
          () => false,
          () => true,
        );
      });
    expect(await pageAt(client, six, 8080)).toBe(camera.name);
  },
);

scenario(
  "forwards go with the device to another network, and end at the addresses that it had",
  { wan: { ipv6: {}, registered: registered(1), clients: ["dual"] } },
  async (lab) => {
    const second = await lab.addWan({
      ...{ name: "b", subnet: "192.0.2.0/24", routerMac: "00:00:5e:00:53:fb" },
      ...{ ipv6: {}, registered: registered(1), clients: ["dual"] as const },
    });
    await startGateway(lab, quick6);
    const camera = await addServingDevice(lab, 1, { web: [80, 8000] });
    const before = await waitForAddresses(lab, camera, { four: 1, six: 1 });
    const add = ["port-forward", "add", "9000", await camera.waitForIp(), "8000"];
    expect((await lab.gateway.command(add)).code).toBe(0);
    const old = [...before.addresses4, ...before.addresses6];
    for (const ip of old) await waitForPage(lab, lab.wan.clients[0] as WanHost, ip, 9000, camera.name);

    await lab.moveCable(lab.wan, second);
    const ip6 = slaacAddress("2001:db8:b::/64", camera.mac);
    const after = await lab.gateway.waitFor(
      "the camera is on the other network",
      async () => {
        const now = await waitForAddresses(lab, camera, { four: 1, six: 1 });
        return now.addresses4[0]?.startsWith("192.0.2.") && now.addresses6[0] === ip6 ? now : undefined;
      },
      { timeoutMs: 40_000 },
    );
    const client = second.clients[0] as WanHost;
    for (const ip of [...after.addresses4, ...after.addresses6])
      for (const port of [9000, 8080]) await waitForPage(lab, client, ip, port, camera.name);
    const { nftables } = await lab.gateway.kernelState();
    for (const ip of old) expect(JSON.stringify(nftables)).not.toContain(`"${ip}"`);
  },
);
