/** From a host on the network: the web page and the telnet greeting of devices, at their own addresses, on the same ports at once. */
import type { GatewayDevice } from "../gateway.ts";
import { bannerAt, bracketed, pageAt, waitForPage } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";
import { addresses6Of } from "./networks.ts";
import { columns, good, say } from "./screen.ts";

interface Place {
  readonly device: string;
  readonly ip: string;
}

/** Errors: the first device that does not answer as itself. */
export async function proveReach(lab: Lab, rows: readonly GatewayDevice[]): Promise<void> {
  const [client] = lab.wan.clients;
  if (!client) throw new Error("the network has no client");
  const places = [...lab.devices.values()]
    .filter(({ name }) => name === "camera" || name === "printer")
    .flatMap(({ name, mac }) =>
      placesOf(
        name,
        rows.find((row) => row.mac_address === mac),
      ),
    );
  for (const { device, ip } of places) await waitForPage(lab, client, ip, 8080, device);
  const answers = await Promise.all(places.map((place) => ask(client, place)));
  const head = ["DEVICE", "ADDRESS", "8080 ANSWERS", "2323 ANSWERS"];
  process.stdout.write(columns([head, ...answers]));
  const [, example] = places;
  say(`  e.g. curl http://${bracketed(example?.ip ?? "")}:8080/ on ${client.namespace.name}`);
  good(`${places.length} addresses of two devices, asked at once: each answers as itself`);
}

const placesOf = (device: string, row: GatewayDevice | undefined): readonly Place[] =>
  row ? [row.ipv4_wan_address, ...addresses6Of(row)].flatMap((ip) => (ip ? [{ device, ip }] : [])) : [];

async function ask(client: WanHost, { device, ip }: Place): Promise<readonly string[]> {
  const [page, banner] = await Promise.all([pageAt(client, ip, 8080), bannerAt(client, ip, 2323)]);
  if (page !== device || !banner.includes(device))
    throw new Error(`${device} should answer at ${ip}, but: "${page}" on 8080, "${banner}" on 2323`);
  return [device, ip, page, banner];
}
