import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../wait.ts";
import type { DhcpOptions, DhcpPlace, DhcpProgram, ServerLease } from "./dhcp-server.ts";
import { hex32, netmaskOf } from "./dhcp-server.ts";

const leaseFile = (place: DhcpPlace): string => join(place.directory, "dnsmasq.leases");

const config = (place: DhcpPlace, options: DhcpOptions): string =>
  [
    "port=0",
    `interface=${place.interface}`,
    "bind-dynamic",
    "no-ping",
    "log-facility=-",
    `pid-file=${join(place.directory, "dnsmasq.pid")}`,
    `dhcp-leasefile=${leaseFile(place)}`,
    "dhcp-lease-max=10000",
    `dhcp-range=${options.poolStart},${options.poolEnd},${netmaskOf(options.subnet)},${options.leaseSeconds}`,
    `dhcp-option=3,${options.router}`,
    `dhcp-option=6,${options.dns.join(",")}`,
    ...(options.domain === undefined ? [] : [`domain=${options.domain}`, `dhcp-option=15,${options.domain}`]),
    ...(options.t1Seconds === undefined ? [] : [`dhcp-option=58,${options.t1Seconds}`]),
    ...(options.t2Seconds === undefined ? [] : [`dhcp-option=59,${options.t2Seconds}`]),
    ...(options.v6OnlySeconds === undefined ? [] : [`dhcp-option=108,${hex32(options.v6OnlySeconds)}`]),
    ...(options.authoritative === false ? [] : ["dhcp-authoritative"]),
    "",
  ].join("\n");

/** Lines of `expiry MAC IP name client-id`; expiry 0 is never. */
export const parseDnsmasqLeases = (text: string): readonly ServerLease[] =>
  text.split("\n").flatMap((line) => {
    const [expires = "", mac = "", ip = ""] = line.split(" ");
    if (!/^\d+$/.test(expires) || !ip.includes(".")) return [];
    return [{ mac, ip, expires: expires === "0" ? undefined : Number(expires) }];
  });

export const dnsmasq: DhcpProgram = {
  kind: "dnsmasq",
  async launch(place, options, onLine) {
    await mkdir(place.directory, { recursive: true });
    const file = join(place.directory, "dnsmasq.conf");
    await writeFile(file, config(place, options));
    let ready = false;
    // In a user namespace only root exists, and setgroups is denied: an empty group keeps dnsmasq from trying.
    const running = place.namespace.start(
      ["dnsmasq", "--keep-in-foreground", `--conf-file=${file}`, "--user=root", "--group="],
      {
        onLine: (line) => {
          onLine(line);
          if (/DHCP, (IP range|sockets bound)/.test(line)) ready = true;
        },
      },
    );
    await waitFor("dnsmasq answers", () => ready && running.running, {
      explain: () => running.lines.join("\n"),
    });
    return running;
  },
  async leases(place) {
    return parseDnsmasqLeases(await readFile(leaseFile(place), "utf8").catch(() => ""));
  },
  async forgetLeases(place) {
    await rm(leaseFile(place), { force: true });
  },
};
