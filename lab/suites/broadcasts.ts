/** ARP requests of one station for others that are not there, as busy segments have them. */
import type { Running } from "../exec.ts";
import { projectFile } from "../paths.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const program = projectFile("lab/programs/broadcast.mjs");

/** The first client on the segment; it and its MAC. */
export async function firstClient(lab: Lab): Promise<readonly [client: WanHost, mac: string]> {
  const [client] = lab.wan.clients;
  if (!client) throw new Error("the network has no client");
  const show = ["link", "show", "dev", "eth0"];
  const [link] = (await client.namespace.ipJson(show)) as readonly { readonly address: string }[];
  return [client, link?.address ?? ""];
}

/** From the first client on the segment. */
export async function sendBroadcasts(lab: Lab, perSecond: number, seconds: number): Promise<Running> {
  const [client, mac] = await firstClient(lab);
  const words = ["eth0", mac, String(perSecond), String(seconds)];
  return client.namespace.start([process.execPath, program, ...words]);
}
