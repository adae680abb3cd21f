/** Which page the address bar names: `#/devices/02:00:5e:10:00:01` and the like. */
import { signal } from "@preact/signals";

export type Route =
  | { readonly page: "devices" | "network" | "health" | "forwards" | "unknown" }
  | { readonly page: "device"; readonly mac: string };

const plain = ["network", "health", "forwards"] as const;

/** @param hash with its `#`; empty is the list of devices */
export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, "").split("/").filter(Boolean);
  const [first, second] = parts;
  if (first === undefined || (first === "devices" && second === undefined)) return { page: "devices" };
  if (first === "devices" && second && parts.length === 2) {
    const mac = second.toLowerCase().replaceAll("-", ":");
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? { page: "device", mac } : { page: "unknown" };
  }
  const page = plain.find((name) => name === first);
  return page && parts.length === 1 ? { page } : { page: "unknown" };
}

export const devicesLink = "#/";
export const deviceLink = (mac: string): string => `#/devices/${mac}`;

export const route = signal<Route>({ page: "devices" });

export function followAddressBar(): void {
  // The browser would scroll before there is anything to scroll to.
  history.scrollRestoration = "manual";
  route.value = parseRoute(location.hash);
  addEventListener("hashchange", () => {
    route.value = parseRoute(location.hash);
  });
}
