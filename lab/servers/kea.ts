import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../wait.ts";
import {
  type DhcpOptions,
  type DhcpPlace,
  type DhcpProgram,
  hex32,
  type ServerLease,
} from "./dhcp-server.ts";

const leaseFile = (place: DhcpPlace): string => join(place.directory, "kea-leases4.csv");

/** By its number: releases differ in the name. */
const v6Only = (seconds: number) => ({
  ...{ code: 108, space: "dhcp4", "csv-format": false },
  data: hex32(seconds).replaceAll(":", ""),
});

function config(place: DhcpPlace, options: DhcpOptions): unknown {
  const option = (name: string, data: string | undefined) => (data === undefined ? [] : [{ name, data }]);
  return {
    Dhcp4: {
      "interfaces-config": { interfaces: [place.interface], "dhcp-socket-type": "raw" },
      "lease-database": { type: "memfile", persist: true, name: leaseFile(place), "lfc-interval": 0 },
      "valid-lifetime": options.leaseSeconds,
      ...(options.t1Seconds === undefined ? {} : { "renew-timer": options.t1Seconds }),
      ...(options.t2Seconds === undefined ? {} : { "rebind-timer": options.t2Seconds }),
      authoritative: options.authoritative !== false,
      subnet4: [
        {
          id: 1,
          subnet: options.subnet,
          pools: [{ pool: `${options.poolStart} - ${options.poolEnd}` }],
          "option-data": [
            ...option("routers", options.router),
            ...option("domain-name-servers", options.dns.join(", ")),
            ...option("domain-name", options.domain),
            ...(options.v6OnlySeconds === undefined ? [] : [v6Only(options.v6OnlySeconds)]),
          ],
        },
      ],
      loggers: [{ name: "kea-dhcp4", output_options: [{ output: "stdout", flush: true }], severity: "INFO" }],
    },
  };
}

/** The CSV is a journal: the last row of an address holds. State 0 is a lease in force; a lifetime of 0 is a lease given back. */
export function parseKeaLeases(csv: string): readonly ServerLease[] {
  const leases = new Map<string, ServerLease>();
  for (const line of csv.split("\n").slice(1)) {
    const fields = line.split(",");
    const [ip = "", mac = "", , lifetime = "", expire = ""] = fields;
    if (ip === "") continue;
    leases.delete(ip);
    const infinite = Number(lifetime) === 0xffffffff;
    if (fields[9] === "0" && lifetime !== "0") {
      leases.set(ip, { mac, ip, expires: infinite ? undefined : Number(expire) });
    }
  }
  return [...leases.values()];
}

export const kea: DhcpProgram = {
  kind: "kea",
  async launch(place, options, onLine) {
    await mkdir(place.directory, { recursive: true });
    const file = join(place.directory, "kea-dhcp4.json");
    await writeFile(file, JSON.stringify(config(place, options), undefined, 2));
    // A server ended by SIGKILL leaves its pid file; kea looks whether that process lives, and ids are reused.
    for (const name of await readdir(place.directory)) {
      if (name.endsWith(".pid") && name.includes("kea")) await rm(join(place.directory, name));
    }
    let ready = false;
    const running = place.namespace.start(["kea-dhcp4", "-c", file], {
      env: { KEA_PIDFILE_DIR: place.directory, KEA_LOCKFILE_DIR: place.directory },
      onLine: (line) => {
        onLine(line);
        if (line.includes("DHCP4_STARTED")) ready = true;
      },
    });
    await waitFor("kea answers", () => ready && running.running, { explain: () => running.lines.join("\n") });
    return running;
  },
  async leases(place) {
    return parseKeaLeases(await readFile(leaseFile(place), "utf8").catch(() => ""));
  },
  async forgetLeases(place) {
    await rm(leaseFile(place), { force: true });
  },
};
