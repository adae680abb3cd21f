/** Requests and answers of the HTTP API, version 1: the schemas that check, and of which openapi.json is made. */
import { z } from "@hono/zod-openapi";
import { mostRecent } from "../app/inspection.ts";
import { logAreas, logLevels } from "../base/log-areas.ts";
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

const portNumber = z.int().min(1).max(65535);
const protocol = z.enum(["tcp", "udp"]);
const open = z
  .boolean()
  .nullable()
  .describe(
    "Whether the device had the port open when the gateway looked last; null: it does not look. It looks at the TCP ports of `forwards.ports` that it chooses among, and at no others: connections without an end in sight would be a nuisance to devices",
  );

const way = z
  .object({
    protocol,
    port: portNumber.describe("Of the device's WAN addresses"),
    target: portNumber.describe("Port of the device"),
    automatic: z.boolean().describe("By `forwards.ports`, not by somebody's wish"),
    addresses: z.array(z.string()).describe("Where it answers"),
    open,
  })
  .openapi("Way");

export const deviceDetail = device
  .extend({
    interface: z.string().describe("Its identity on the WAN"),
    lease4: lease4.nullable(),
    lease6: lease6.nullable(),
    counters: counters.nullable().describe("Null while it has no interface"),
    forwards: z.array(way).describe("What leads to it from the WAN, by port"),
    inbound: z
      .enum(["ports", "all"])
      .describe("all: besides, every TCP and UDP port of its own WAN addresses, and echoes"),
    inbound_from: z.array(z.string()).describe("With all: the networks that may"),
    proxy_check: z
      .enum(["up", "down", "unknown"])
      .nullable()
      .describe("What the IPv6 proxy's check of one of its ports says; null: no proxy, or none that checks"),
    timeline: z.array(timelineEntry).describe("Oldest first"),
  })
  .openapi("DeviceDetail");

export const deviceList = z.object({ total: z.int(), devices: z.array(device) }).openapi("DeviceList");

export const recentEntry = timelineEntry
  .extend({ mac_address: macText, hostname: z.string().nullable() })
  .openapi("RecentEntry");

export const recentList = z
  .object({ total: z.int(), entries: z.array(recentEntry).describe("Oldest first") })
  .openapi("RecentList");

export const limitQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(mostRecent)
    .default(100)
    .openapi({ param: { name: "limit", in: "query" } }),
});

export const eventsQuery = z.object({
  timeline: z
    .enum(["true", "false"])
    .default("false")
    .openapi({ param: { name: "timeline", in: "query" } }),
});

export const plan = z
  .object({
    checked_at: iso,
    busy: z.boolean().describe("The gateway was changing the kernel meanwhile: some may be done already"),
    total: z.int().describe("All actions, also those that are not listed"),
    counts: z.array(
      z.object({ verb: z.enum(["add", "change", "remove"]), kind: z.string(), count: z.int() }),
    ),
    actions: z
      .array(
        z.object({
          verb: z.enum(["add", "change", "remove"]),
          kind: z.string(),
          subject: z.string(),
          commands: z.array(z.string()),
        }),
      )
      .describe("In the order in which they would be carried out"),
  })
  .openapi("Plan");

const port = z
  .object({
    interface: z.string(),
    state: z.enum(["up", "no carrier", "down", "missing"]),
    addresses: z.array(z.string()).describe("IPv4, with prefix lengths"),
  })
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
    wan: port.extend({ own_mac: z.enum(["silent", "use"]) }),
    pid: z.int(),
    started_at: iso,
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

const inboundHow = z
  .enum(["ports", "all"])
  .describe("ports: what is listed; all: every TCP and UDP port and echoes besides");

export const inboundRequest = z
  .strictObject({
    address: z.ipv4().describe("Of the device, on the LAN"),
    inbound: inboundHow,
    from: z
      .array(z.string())
      .default([])
      .describe("With all: the networks that may, as 192.0.2.0/24 or 2001:db8::/32; empty: everybody"),
  })
  .openapi("InboundRequest");

export const inboundChoice = z
  .object({
    address: z.string(),
    inbound: inboundHow,
    from: z.array(z.string()).describe("The networks that may; empty: everybody"),
    mac_address: z.string().nullable().describe("Who has the address now"),
    device_status: deviceStatus.nullable(),
  })
  .openapi("InboundChoice");

export const inboundList = z
  .object({
    default: inboundHow.describe("`forwards.inbound`: of the devices that are not listed"),
    total: z.int(),
    devices: z.array(inboundChoice),
  })
  .openapi("InboundList");

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
    open,
    proxy_check: z
      .enum(["up", "down", "unknown"])
      .nullable()
      .describe("What the IPv6 proxy's check of one port of the device says"),
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

export const logLevel = z.enum(logLevels);
export const logArea = z.enum(logAreas);

export const logLevelsShown = z
  .object({
    level: logLevel.describe("Of all areas without one of their own"),
    areas: z.record(z.string(), logLevel).describe("What is in force in each area"),
  })
  .openapi("LogLevels");

export const logLevelChange = z
  .strictObject({
    area: logArea.optional().describe("Absent: all areas without a level of their own"),
    level: z.union([logLevel, z.literal("default")]).describe("default: as the rest; for an area only"),
  })
  .openapi("LogLevelChange");

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
export type InboundJson = z.infer<typeof inboundChoice>;
export type InboundListJson = z.infer<typeof inboundList>;
export type ForwardJson = z.infer<typeof forward>;
export type RecentEntryJson = z.infer<typeof recentEntry>;
export type PlanJson = z.infer<typeof plan>;
export type DeviceDetailJson = z.infer<typeof deviceDetail>;
