import { anyIp4 } from "../../base/ip4.ts";
import type { Route4 } from "../dhcp4/message.ts";
import { checked, listOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

const routes = listOf<Route4>(
  8,
  (reader) => ({ destination: { address: reader.ip4(), length: 32 }, router: reader.ip4() }),
  (writer, route) => writer.ip4(route.destination.address).ip4(route.router),
);

/** Option 33, host routes; 0.0.0.0 is not a legal destination (RFC 2132 section 5.8). */
export const staticRoutes = option(
  33,
  checked(routes, (list) =>
    list.some((route) => route.destination.address === anyIp4) ? "0.0.0.0 as a destination" : undefined,
  ),
);
