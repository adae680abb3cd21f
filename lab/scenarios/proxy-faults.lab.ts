/** What goes wrong around the IPv6 proxy: the gateway mends it or names it, and IPv4 and the other devices never feel it. */
import { expect } from "vitest";
import { exceptionsListener } from "../../src/plan/proxy.ts";
import { run } from "../exec.ts";
import { faults, startLoad } from "../load.ts";
import { scenario } from "../scenario.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import {
  addLoadDevice,
  heardAt,
  hidden,
  pidsOf,
  portsOf,
  readOnly,
  target4,
  waitForAnswer,
  waitForNoProblem,
  waitForProblems,
} from "../suites/proxy.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const wan = { ipv6: {}, registered: registered(1, 2), clients: ["dual"] as const };
const config = { ...quick6, discovery: { poll_interval: 1 } };
const clientOf = (lab: Lab): WanHost => lab.wan.clients[0] as WanHost;

/** Where the proxy listens for WAN port 2323: ports in order, 22, 23, 80, 443, 2222, 2323. */
const telnetListener = exceptionsListener + 6;

scenario(
  "ports that others hold are named and used once free; HAProxy's worker and master killed: IPv4 feels nothing",
  { wan },
  async (lab) => {
    const { namespace } = lab.gateway;
    const client = clientOf(lab);
    const holder = namespace.start(["socat", `TCP6-LISTEN:${telnetListener},bind=[::1],fork`, "SYSTEM:cat"]);
    const other = namespace.start(["socat", "TCP4-LISTEN:8404,bind=192.168.1.1,freebind,fork", "SYSTEM:cat"]);
    await lab.gateway.waitFor("both listen", async () => (await portsOf(lab, "socat")).length === 2);
    await startGateway(lab, config);
    const first = await addLoadDevice(lab, 1);
    await waitForAnswer(lab, client, first.target);
    const taken = [
      new RegExp(
        `Port ${telnetListener} of ::1 is taken by socat \\(process ${holder.pid}, on ::1\\): WAN port 2323 over IPv6 does not work`,
      ),
      new RegExp(
        `Port 8404 of 192.168.1.1 is taken by socat \\(process ${other.pid}, on 192.168.1.1\\): the statistics page`,
      ),
    ];
    for (const sentence of taken) await lab.gateway.waitForOutput(sentence);
    await waitForProblems(lab, taken);
    const four = await target4(lab, first);
    expect(
      await heardAt(client, first.target.host, 2323),
      "the other program must not answer",
    ).toBeUndefined();
    expect(await heardAt(client, four.host, 2323)).toContain("port 23");
    await Promise.all([holder.stop(), other.stop()]);
    const second = await addLoadDevice(lab, 2);
    await waitForAnswer(lab, client, second.target);
    await waitForNoProblem(lab);
    expect(await heardAt(client, first.target.host, 2323)).toContain("port 23");
    expect(await second.device.fetch("http://192.168.1.1:8404/stats")).toContain("device_00005e005302");

    const targets = [four, await target4(lab, second)];
    const load = await startLoad(client.namespace, {
      targets,
      downloads: 10,
      bytes: 300_000,
      rate: 30_000,
      connectionsPerSecond: 50,
    });
    for (const which of ["worker", "master"] as const) {
      const from = lab.gateway.output.length;
      const [master = -1, worker = -1] = await pidsOf(lab, "haproxy");
      const killedAt = performance.now();
      process.kill(which === "master" ? master : worker, "SIGKILL");
      await lab.gateway.waitForOutput(/HAProxy ended and is started again/, { from });
      await lab.gateway.waitForOutput(/HAProxy started/, { from });
      for (const { target } of [first, second]) await waitForAnswer(lab, client, target);
      lab.notes.push(`HAProxy's ${which} killed: back after ${Math.round(performance.now() - killedAt)} ms`);
      await lab.gateway.waitFor(
        "one master and one worker",
        async () => (await pidsOf(lab, "haproxy")).length === 2,
      );
    }
    expect(faults(await load.finish())).toEqual([]);
    await waitForNoProblem(lab);
  },
);

scenario(
  "runtime and state directories read-only: named, devices still come, HAProxy is back once it can be",
  { wan },
  async (lab) => {
    const address = (n: number) => ({ ip: `192.168.1.${60 + n}/24`, router: "192.168.1.1" });
    const client = clientOf(lab);
    const state = await readOnly(lab, "state");
    const runtime = await readOnly(lab, "run");
    try {
      // dnsmasq would hold its leases open, and the disk could not be made read-only.
      const quiet = { ...config, lan: { dhcp: false } };
      await startGateway(lab, quiet);
      const first = await addLoadDevice(lab, 1, address(1));
      await first.device.ping("192.168.1.1");
      await waitForAnswer(lab, client, first.target);
      const four = await target4(lab, first);

      await Promise.all([state.remount("ro"), runtime.remount("ro")]);
      const second = await addLoadDevice(lab, 2, address(2));
      await second.device.ping("192.168.1.1");
      await waitForAnswer(lab, client, second.target);
      await lab.gateway.waitForOutput(/HAProxy's files in \S+ cannot be written: EROFS/);
      await lab.gateway.waitForOutput(/devices\.json cannot be written: EROFS/);
      await waitForProblems(lab, [/\/run is read-only/]);
      const refused = await lab.gateway.command(["port-forward", "add", "9000", "192.168.1.61", "80"]);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("EROFS")]);

      const [, worker = -1] = await pidsOf(lab, "haproxy");
      process.kill(worker, "SIGKILL");
      await lab.gateway.waitForOutput(/Devices cannot be kept reachable by HAProxy: .*[Rr]ead-only/);
      expect(await heardAt(client, four.host, 8080)).toBe(four.answer);
      expect(await lab.gateway.stop(), "it ends all the same").toEqual({ code: 0, signal: null });
      const refusedStart = lab.gateway.start();
      expect((await refusedStart.exited).code).toBe(1);
      expect(refusedStart.lines.join("\n")).toMatch(/\/run cannot be used: its file system is read-only/);
      await Promise.all([state.remount("rw"), runtime.remount("rw")]);
      await startGateway(lab, quiet);
      await second.device.ping("192.168.1.1");
      for (const { target } of [first, second]) await waitForAnswer(lab, client, target);
      await waitForNoProblem(lab);
      await lab.gateway.stop();
    } finally {
      await Promise.all([state.remove(), runtime.remove()]);
    }
  },
);

scenario(
  "haproxy, socat, haproxy, and auto without HAProxy: one at a time, and what goes wrong with socat is told",
  { wan },
  async (lab) => {
    const client = clientOf(lab);
    const restart = async (proxy: Record<string, string | number>): Promise<number> => {
      await lab.gateway.stop();
      const from = lab.gateway.output.length;
      await startGateway(lab, { ...config, proxy });
      return from;
    };
    await restart({ backend: "haproxy" });
    const devices = await Promise.all([1, 2].map((n) => addLoadDevice(lab, n)));
    const answers = async (): Promise<void> => {
      for (const { target } of devices) await waitForAnswer(lab, client, target);
    };
    const only = async (program: "haproxy" | "socat", from: number): Promise<void> => {
      await lab.gateway.waitForOutput(new RegExp(`IPv6 clients reach the devices by ${program} `), {
        from,
      });
      await answers();
      const other = program === "haproxy" ? "socat" : "haproxy";
      expect([await pidsOf(lab, other), await portsOf(lab, other)]).toEqual([[], []]);
      for (const device of devices) {
        const { host, answer } = await target4(lab, device);
        expect(await heardAt(client, host, 8080)).toBe(answer);
      }
    };
    await only("haproxy", 0);

    const limited = await restart({ backend: "socat", socat_limit: 15 });
    await lab.gateway.waitForOutput(/Ended haproxy of an earlier run/, { from: limited });
    const surplus = /5 of 20 IPv6 forwards are not served: .* proxy\.socat_limit is 15/;
    await lab.gateway.waitForOutput(surplus, { from: limited, timeoutMs: 20_000 });
    await waitForProblems(lab, [surplus]);
    await lab.gateway.waitFor("15 are there", async () => (await pidsOf(lab, "socat")).length === 15);
    expect(lab.gateway.output.slice(limited).filter((line) => surplus.test(line))).toHaveLength(1);

    await only("socat", await restart({ backend: "socat" }));
    const all = 20;
    await lab.gateway.waitFor("all are there", async () => (await pidsOf(lab, "socat")).length === all);
    await waitForNoProblem(lab);
    const { stdout } = await run(["pgrep", "-f", "TCP6-LISTEN:8080.*5301"]);
    const from = lab.gateway.output.length;
    process.kill(Number(stdout.trim()), "SIGKILL");
    const ended =
      /socat for \[\S+:5301\]:8080 to \S+:80 \(device 00:00:5e:00:53:01\) ended \(signal SIGKILL\)/;
    await lab.gateway.waitForOutput(ended, { from });
    await answers();
    await waitForNoProblem(lab);
    expect(lab.gateway.output.slice(from).filter((line) => / ended \(/.test(line))).toHaveLength(1);

    await only("haproxy", await restart({ backend: "haproxy" }));
    const haproxy = await hidden("haproxy");
    try {
      const without = await restart({ backend: "auto" });
      await lab.gateway.waitForOutput(/by socat \(HAProxy is not installed\)/, { from: without });
      await only("socat", without);
    } finally {
      await haproxy.show();
    }
  },
);
