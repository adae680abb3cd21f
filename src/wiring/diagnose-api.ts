/** What the running gateway says of itself by its API. Part of the composition root. */
import type { Config } from "../config/schema.ts";
import { blankDevice, type DeviceStatus, deviceStatuses, type StoredDevice } from "../config/state-device.ts";
import type { ApiFacts } from "../diagnose/facts.ts";
import { askHttp, type HttpPlace } from "../io/probe/questions.ts";
import { ip4, type Json, list, mac, object, text } from "../plan/json-fields.ts";
import { apiSocket } from "./files-of.ts";

const patienceMs = 2_000;

const socketOf = (config: Config): HttpPlace => ({ socketPath: apiSocket(config) });

export async function apiFacts(config: Config, daemon: number | undefined): Promise<ApiFacts> {
  const { enabled, port } = config.api;
  if (!enabled || daemon === undefined)
    return { localhost: "not asked", lan: "not asked", socket: "not asked" };
  const health = async (place: HttpPlace): Promise<number | string> => {
    const answer = await askHttp(place, "/health", patienceMs);
    return typeof answer === "string" ? answer : answer.status;
  };
  const [localhost, lan, socket] = await Promise.all([
    health({ host: "127.0.0.1", port }),
    health({ host: config.lan.address.ip, port }),
    health(socketOf(config)),
  ]);
  return { localhost, lan, socket };
}

/** The devices as the gateway has them now, in the API's words; undefined where it does not answer. */
export async function liveDevices(
  config: Config,
  daemon: number | undefined,
): Promise<readonly Json[] | undefined> {
  if (!config.api.enabled || daemon === undefined) return undefined;
  const answer = await askHttp(socketOf(config), "/devices", patienceMs);
  if (typeof answer === "string" || answer.status !== 200) return undefined;
  try {
    return list(object(JSON.parse(answer.body)).devices);
  } catch {
    return undefined;
  }
}

/** The state file is some seconds old, and holds the leases; what is newer counts. */
export function withLive(stored: readonly StoredDevice[], live: readonly Json[]): readonly StoredDevice[] {
  const known = new Map<string, StoredDevice>(stored.map((d) => [d.mac_address, d]));
  return live.flatMap((now) => {
    const address = mac(now.mac_address);
    const status = text(now.status);
    if (!address || !isStatus(status)) return [];
    return [
      {
        ...(known.get(address) ?? blankDevice(address)),
        status,
        reason: orNull(now.reason),
        hostname: orNull(now.hostname),
        ipv4_address: ip4(now.ipv4_address) ?? null,
        ipv4_wan_address: ip4(now.ipv4_wan_address) ?? null,
        ipv6_address: orNull(now.ipv6_address),
      },
    ];
  });
}

const orNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const isStatus = (status: string): status is DeviceStatus => deviceStatuses.some((one) => one === status);
