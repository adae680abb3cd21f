import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Dhcp6Kind, type Dhcp6Options, hostOf6, infinite } from "../description6.ts";
import { waitFor } from "../wait.ts";
import type { DhcpPlace, Server, ServerProgram } from "./dhcp-server.ts";

/** A lease as the server's own lease file has it. */
export interface Lease6 {
  readonly address: string;
  /** Hexadecimal with colons. */
  readonly duid: string;
  readonly iaid: number;
  /** The MAC inside a DUID-LL of Ethernet (RFC 8415 section 11.4); undefined when the DUID is of another kind. */
  readonly mac: string | undefined;
  /** Unix time in seconds; undefined: never. */
  readonly expires: number | undefined;
}

export type Dhcp6Server = Server<Dhcp6Kind, Dhcp6Options, Lease6>;
export type Dhcp6Program = ServerProgram<Dhcp6Kind, Dhcp6Options, Lease6>;

/** What a network hands out unless told; `dns` is the router. */
export const standardDhcp6 = (subnet: string, changes: Partial<Dhcp6Options> = {}): Dhcp6Options => ({
  subnet,
  pool: [hostOf6(subnet, "1000"), hostOf6(subnet, "1fff")],
  validSeconds: 600,
  preferredSeconds: 300,
  rapidCommit: true,
  dns: [hostOf6(subnet, "1")],
  logPackets: true,
  ...changes,
});

const leaseFile = (place: DhcpPlace): string => join(place.directory, "kea-leases6.csv");

const uint32 = (code: number, value: number | undefined) =>
  value === undefined
    ? []
    : [{ code, "csv-format": false, data: value.toString(16).padStart(8, "0"), "always-send": true }];

function config(place: DhcpPlace, options: Dhcp6Options): unknown {
  const { pool, t1Seconds, t2Seconds } = options;
  return {
    Dhcp6: {
      "interfaces-config": { interfaces: [place.interface] },
      "data-directory": place.directory,
      "lease-database": { type: "memfile", persist: true, name: leaseFile(place), "lfc-interval": 0 },
      "preferred-lifetime": options.preferredSeconds,
      "valid-lifetime": options.validSeconds,
      ...(t1Seconds === undefined ? {} : { "renew-timer": t1Seconds }),
      ...(t2Seconds === undefined ? {} : { "rebind-timer": t2Seconds }),
      // Leases that ended are free at once.
      "expired-leases-processing": { "hold-reclaimed-time": 0, "reclaim-timer-wait-time": 1 },
      subnet6: [
        {
          id: 1,
          subnet: options.subnet,
          interface: place.interface,
          "rapid-commit": options.rapidCommit,
          pools: pool === undefined ? [] : [{ pool: pool.join(" - ") }],
          "option-data": [
            ...(options.dns.length === 0 ? [] : [{ name: "dns-servers", data: options.dns.join(", ") }]),
            ...(options.domain === undefined ? [] : [{ name: "domain-search", data: options.domain }]),
            // By number: this Kea knows no name for them.
            ...uint32(32, options.informationRefreshSeconds),
            ...uint32(82, options.solMaxRtSeconds),
          ],
        },
      ],
      loggers: [
        {
          name: "kea-dhcp6",
          output_options: [{ output: "stdout", flush: true }],
          ...(options.logPackets ? { severity: "DEBUG", debuglevel: 50 } : { severity: "INFO" }),
        },
      ],
    },
  };
}

const macOfDuid = (duid: string): string | undefined =>
  /^00:03:00:01:((?:[\da-f]{2}:){5}[\da-f]{2})$/i.exec(duid)?.[1]?.toLowerCase();

/** The CSV is a journal: the last row of an address holds. State 0 is a lease in force; a lifetime of 0 is a lease given back. */
export function parseKeaLeases6(csv: string): readonly Lease6[] {
  const leases = new Map<string, Lease6>();
  for (const line of csv.split("\n").slice(1)) {
    const fields = line.split(",");
    const [address = "", duid = "", lifetime = "", expire = "", , , , iaid = ""] = fields;
    if (address === "") continue;
    leases.delete(address);
    const expires = Number(lifetime) === infinite ? undefined : Number(expire);
    if (fields[13] === "0" && lifetime !== "0") {
      leases.set(address, { address, duid, iaid: Number(iaid), mac: macOfDuid(duid), expires });
    }
  }
  return [...leases.values()];
}

/** A server ended by SIGKILL leaves its pid file; kea looks whether that process lives, and ids are reused. */
async function removePidFiles(place: DhcpPlace): Promise<void> {
  for (const name of await readdir(place.directory)) {
    if (name.endsWith(".pid")) await rm(join(place.directory, name));
  }
}

/** Needs a directory of its own. */
export const kea6: Dhcp6Program = {
  kind: "kea",
  async launch(place, options, onLine) {
    await mkdir(place.directory, { recursive: true });
    const file = join(place.directory, "kea-dhcp6.json");
    await writeFile(file, JSON.stringify(config(place, options), undefined, 2));
    await removePidFiles(place);
    let ready = false;
    const running = place.namespace.start(["kea-dhcp6", "-c", file], {
      env: { KEA_PIDFILE_DIR: place.directory, KEA_LOCKFILE_DIR: place.directory },
      onLine: (line) => {
        onLine(line);
        if (line.includes("DHCP6_STARTED")) ready = true;
      },
    });
    await waitFor("kea answers", () => ready && running.running, { explain: () => running.lines.join("\n") });
    return running;
  },
  async leases(place) {
    return parseKeaLeases6(await readFile(leaseFile(place), "utf8").catch(() => ""));
  },
  async forgetLeases(place) {
    await rm(leaseFile(place), { force: true });
  },
};
