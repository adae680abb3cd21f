import { scenario } from "../scenario.ts";
import { startLanServer } from "../stand-in.ts";

for (const n of [300]) {
  scenario(`burst ${n}`, { lan: { subnet: "10.20.0.0/16" } }, async (lab) => {
    const server = await startLanServer(lab);
    const sim = await lab.addSimulator();
    await sim.start({
      count: n,
      firstMac: "00:16:3e:00:00:01",
      addressing: { kind: "dhcp" },
      hostName: "sim",
    });
    for (let i = 0; i < 8; i++) {
      await new Promise((r) => setTimeout(r, 250));
      console.log((await sim.stats()).bound, (await sim.stats()).dhcpSent, server.log().length);
    }
    console.log(JSON.stringify(await sim.waitForAll()));
    console.log((await lab.gateway.namespace.run(["grep", "-h", "Udp:", "/proc/net/snmp"])).stdout);
    console.log((await lab.gateway.namespace.run(["cat", "/proc/net/stat/arp_cache"])).stdout);
    const log = server.log();
    const kinds: Record<string, number> = {};
    for (const line of log) {
      const k = /DHCP[A-Z]+/.exec(line)?.[0] ?? "other";
      kinds[k] = (kinds[k] ?? 0) + 1;
    }
    console.log(
      JSON.stringify(kinds),
      log
        .filter((l) => !/DHCP[DORA]/.test(l))
        .slice(-5)
        .join("\n"),
    );
    const c = lab.captures.get("lan");
    console.log(
      JSON.stringify([
        await c?.count(["udp", "port", "67"]),
        await c?.count(["arp"]),
        await c?.count(["udp", "src", "port", "67"]),
      ]),
    );
    console.log(
      (await c?.lines(["arp"]))?.slice(0, 3).join("\n"),
      (await c?.lines(["arp"]))?.slice(-3).join("\n"),
    );
  });
}
