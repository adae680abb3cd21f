import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../wait.ts";
import type { DhcpOptions, DhcpPlace, DhcpProgram, ServerLease } from "./dhcp-server.ts";
import { netmaskOf, networkOf } from "./dhcp-server.ts";

const leaseFile = (place: DhcpPlace): string => join(place.directory, "dhcpd.leases");

const config = (place: DhcpPlace, options: DhcpOptions): string =>
  [
    options.authoritative === false ? "not authoritative;" : "authoritative;",
    "ping-check false;",
    "ddns-update-style none;",
    // Half a lease is left: ISC dhcpd otherwise answers with the old lease and a shorter time.
    "dhcp-cache-threshold 0;",
    `pid-file-name "${join(place.directory, "dhcpd.pid")}";`,
    `default-lease-time ${options.leaseSeconds};`,
    `max-lease-time ${options.leaseSeconds};`,
    `min-lease-time ${options.leaseSeconds};`,
    ...(options.t1Seconds === undefined ? [] : [`option dhcp-renewal-time ${options.t1Seconds};`]),
    ...(options.t2Seconds === undefined ? [] : [`option dhcp-rebinding-time ${options.t2Seconds};`]),
    `subnet ${networkOf(options.subnet)} netmask ${netmaskOf(options.subnet)} {`,
    `  range ${options.poolStart} ${options.poolEnd};`,
    `  option routers ${options.router};`,
    `  option domain-name-servers ${options.dns.join(", ")};`,
    ...(options.domain === undefined ? [] : [`  option domain-name "${options.domain}";`]),
    "}",
    "",
  ].join("\n");

const unixTime = (text: string): number =>
  Date.parse(`${text.replaceAll("/", "-").replace(" ", "T")}Z`) / 1000;

/** The lease file is a journal: the last entry of an address holds. */
export function parseDhcpdLeases(text: string): readonly ServerLease[] {
  const leases = new Map<string, ServerLease>();
  for (const [, ip = "", body = ""] of text.matchAll(/^lease ([\d.]+) \{\n([\s\S]*?)^\}/gm)) {
    leases.delete(ip);
    const mac = /hardware ethernet ([\da-f:]+);/.exec(body)?.[1];
    const ends = /^ {2}ends (?:\d (.+)|never);/m.exec(body);
    if (mac === undefined || ends === null || !/^ {2}binding state active;/m.test(body)) continue;
    leases.set(ip, { mac, ip, expires: ends[1] === undefined ? undefined : unixTime(ends[1]) });
  }
  return [...leases.values()];
}

export const dhcpd: DhcpProgram = {
  kind: "dhcpd",
  async launch(place, options, onLine) {
    await mkdir(place.directory, { recursive: true });
    const file = join(place.directory, "dhcpd.conf");
    await writeFile(file, config(place, options));
    await writeFile(leaseFile(place), "", { flag: "a" });
    await rm(join(place.directory, "dhcpd.pid"), { force: true });
    let ready = false;
    const argv = ["dhcpd", "-4", "-f", "-d", "-cf", file, "-lf", leaseFile(place)];
    const running = place.namespace.start([...argv, "-user", "root", "-group", "root", place.interface], {
      onLine: (line) => {
        onLine(line);
        if (line.includes("Server starting service")) ready = true;
      },
    });
    await waitFor("dhcpd answers", () => ready && running.running, {
      explain: () => running.lines.join("\n"),
    });
    return running;
  },
  async leases(place) {
    return parseDhcpdLeases(await readFile(leaseFile(place), "utf8").catch(() => ""));
  },
  async forgetLeases(place) {
    await rm(leaseFile(place), { force: true });
  },
};
