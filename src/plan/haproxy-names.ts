/** The names by which HAProxy's configuration, its maps and its runtime socket speak of the same things. */
import { type Mac, macDigits, parseMac } from "../base/mac.ts";

/** The one backend: each device is a server of it. */
export const backendName = "devices";

export const serverName = (mac: Mac): string => `device_${macDigits(mac)}`;

/** The device of a server; undefined: none of ours. */
export function macOfServer(name: string): Mac | undefined {
  const digits = /^device_([0-9a-f]{12})$/.exec(name)?.[1];
  if (digits === undefined) return undefined;
  const parsed = parseMac(digits.replace(/..(?=.)/g, "$&:"));
  return parsed.ok ? parsed.value : undefined;
}

/** Files in the runtime directory; relative, because HAProxy runs there and its expressions cannot hold every path. */
export const haproxyFiles = {
  config: "haproxy.cfg",
  /** Being checked. */
  candidate: "haproxy.cfg.new",
  /** IPv6 address -> server. */
  devices: "haproxy-devices.map",
  /** `SERVER:WAN port` -> port of the device. */
  ports: "haproxy-ports.map",
  socket: "haproxy.sock",
  masterSocket: "haproxy-master.sock",
  /** Root directory of a worker without rights. */
  root: "haproxy-root",
} as const;

/** The argument by which our instance is found again, by a later run or by `gateway cleanup`. */
export const haproxyMarker = (runtimeDirectory: string): string =>
  `${runtimeDirectory}/${haproxyFiles.config}`;

const services: ReadonlyMap<number, string> = new Map([
  [80, "http"],
  [5000, "http"],
  [8080, "http"],
  [443, "https"],
  [8443, "https"],
  [23, "telnet"],
  [22, "ssh"],
  [5900, "vnc"],
  [3389, "rdp"],
]);

export const frontendName = (port: number, target: number): string =>
  `ipv6_${services.get(target) ?? "tcp"}_${port}`;
