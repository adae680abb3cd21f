/** Requests and answers of the HTTP API, version 1: the schemas that check, and of which openapi.json is made. */
import { z } from "@hono/zod-openapi";
import { deviceStatuses } from "../config/state-device.ts";

const iso = z.iso.datetime().describe("UTC, RFC 3339");
export const deviceStatus = z.enum(deviceStatuses);

const macText = z.string().describe("Six bytes, small letters, colons between them");

export const device = z
  .object({
    mac_address: macText,
    ipv4_address: z.string().nullable().describe("On the LAN"),
    ipv4_wan_address: z.string().nullable(),
    ipv6_address: z.string().nullable().describe("On the WAN; commas between several"),
    status: deviceStatus,
    reason: z.string().nullable().describe("Why it is not active, for a person"),
    hostname: z.string().nullable(),
    discovered_at: iso.nullable(),
    last_seen: iso.nullable(),
  })
  .openapi("Device");

const lease4 = z
  .object({
    address: z.string(),
    prefix_length: z.int(),
    routes: z.array(z.object({ destination: z.string(), router: z.string() })),
    dns_servers: z.array(z.string()),
    ntp_servers: z.array(z.string()),
    domain_name: z.string().nullable(),
    domain_search: z.array(z.string()),
    mtu: z.int().nullable(),
    v6_only_preferred: z.int().nullable().describe("Seconds of DHCP option 108"),
    server_id: z.string(),
    server_mac: z.string(),
    acquired_at: z.string(),
    renew_at: z.string().nullable().describe("T1; null: never"),
    rebind_at: z.string().nullable().describe("T2; null: never"),
    expires_at: z.string().nullable(),
  })
  .openapi("Lease4");

const lease6 = z
  .object({
    addresses: z.array(
      z.object({
        address: z.string(),
        preferred_until: z.string().nullable(),
        valid_until: z.string().nullable(),
      }),
    ),
    dns_servers: z.array(z.string()),
    domain_search: z.array(z.string()),
    ntp_servers: z.array(z.string()),
    server_id: z.string().describe("DUID, hexadecimal (RFC 8415 section 11)"),
    acquired_at: z.string(),
    renew_at: z.string().nullable(),
    rebind_at: z.string().nullable(),
  })
  .openapi("Lease6");

export const timelineEntry = z
  .object({
    at: iso,
    kind: z.string().describe("seen, requesting, attempt-failed, obtained, configured, renewed, lost, …"),
    family: z.enum(["ipv4", "ipv6"]).nullable(),
    detail: z.string(),
    count: z.int().describe("So many in a row that said the same; `at` is the last of them"),
  })
  .openapi("TimelineEntry");

const counters = z
  .object({
    received_bytes: z.int().describe("From the WAN"),
    received_packets: z.int(),
    sent_bytes: z.int().describe("To the WAN"),
    sent_packets: z.int(),
  })
  .openapi("Counters");

export const deviceDetail = device
  .extend({
    interface: z.string().describe("Its identity on the WAN"),
    lease4: lease4.nullable(),
    lease6: lease6.nullable(),
    counters: counters.nullable().describe("Null while it has no interface"),
    timeline: z.array(timelineEntry).describe("Oldest first"),
  })
  .openapi("DeviceDetail");

export const deviceList = z.object({ total: z.int(), devices: z.array(device) }).openapi("DeviceList");

const port = z
  .object({ interface: z.string(), state: z.enum(["up", "no carrier", "down", "missing"]) })
  .openapi("Port");

const stats = z
  .object({
    total: z.int(),
    active: z.int(),
    inactive: z.int(),
    discovering: z.int(),
    pending: z.int(),
    failed: z.int(),
  })
  .openapi("DeviceStats");

export const health = z
  .object({
    status: z.enum(["ok", "degraded"]).describe("degraded: something in `problems` needs somebody"),
    running: z.literal(true),
    version: z.string(),
    uptime_seconds: z.number(),
    memory_usage_mb: z.number(),
    thread_count: z.int(),
    last_discovery: iso.nullable(),
    interfaces: z.record(
      z.string(),
      z.object({ name: z.string(), up: z.boolean(), description: z.string() }),
    ),
    device_stats: stats,
    problems: z.array(z.string()),
    timestamp: iso,
  })
  .openapi("Health");

const offer = z.enum(["yes", "no", "unknown"]);

export const status = z
  .object({
    running: z.literal(true),
    version: z.string(),
    devices: z.record(z.string(), device),
    device_count: z.int(),
    active_devices: z.int(),
    eth0_up: z.boolean().describe("The WAN port, whatever its name"),
    eth1_up: z.boolean().describe("The LAN port, whatever its name"),
    lan: port,
    wan: port,
    network: z.object({
      ipv4: z.object({ offer, routers: z.array(z.string()), servers: z.array(z.string()) }),
      ipv6: z.object({
        offer,
        routers: z.array(z.string()),
        slaac: z.array(z.string()),
        stateful: z.enum(["no", "announced", "answers"]),
        stateless: z.boolean(),
        nat64: z.array(z.string()).describe("Prefixes, best first"),
        nat64_source: z.enum(["configured", "pref64", "dns"]).optional(),
      }),
    }),
    problems: z.array(z.string()),
    timestamp: iso,
  })
  .openapi("Status");

const portNumber = z.int().min(1).max(65535);
const protocol = z.enum(["tcp", "udp"]);

export const forwardRequest = z
  .strictObject({
    protocol: protocol.default("tcp"),
    port: portNumber.describe("Of the gateway's LAN address and of the device's WAN addresses"),
    address: z.ipv4().describe("Of the device, on the LAN"),
    target: portNumber.describe("Port of the device"),
  })
  .openapi("ForwardRequest");

export const forward = z
  .object({
    protocol,
    port: portNumber,
    address: z.string(),
    target: portNumber,
    mac_address: z.string().nullable().describe("Who has the address now"),
    device_status: deviceStatus.nullable(),
  })
  .openapi("Forward");

export const forwardList = z.object({ total: z.int(), forwards: z.array(forward) }).openapi("ForwardList");

export const forwardKey = z.object({
  protocol: protocol.default("tcp").openapi({ param: { name: "protocol", in: "query" } }),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65535)
    .openapi({ param: { name: "port", in: "query" } }),
});

export const exported = z
  .object({ exported_at: iso, device_count: z.int(), devices: z.record(z.string(), device) })
  .openapi("Export");

export const confirmation = z.strictObject({ confirm: z.literal(true) }).openapi("Confirmation");

export const cleared = z
  .object({ message: z.string(), status: z.literal("success"), cleared_devices: z.int() })
  .openapi("Cleared");

export const done = z.object({ message: z.string() }).openapi("Done");

export const failure = z
  .object({ error: z.string().describe("What was wrong and what is allowed") })
  .openapi("Error");

export const index = z
  .object({ name: z.string(), version: z.string(), endpoints: z.record(z.string(), z.string()) })
  .openapi("Index");

export const macParam = z.object({
  mac: z.string().openapi({ param: { name: "mac", in: "path" }, example: "02:00:5e:10:00:01" }),
});

export const statusQuery = z.object({
  status: z
    .enum([...deviceStatuses, "all"])
    .default("all")
    .openapi({ param: { name: "status", in: "query" } }),
});

export type DeviceJson = z.infer<typeof device>;
export type HealthJson = z.infer<typeof health>;
export type StatusJson = z.infer<typeof status>;
export type ForwardJson = z.infer<typeof forward>;
export type DeviceDetailJson = z.infer<typeof deviceDetail>;
