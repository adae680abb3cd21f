/** How long what may be so for a moment only is waited for. */
import { seconds } from "../../base/time.ts";

/** After a start routers and name servers have told of themselves by then, and devices have IPv6 again. */
export const adoption = seconds(30);
/** So long a network with IPv6 may take for its IPv4, and so long it has given some devices IPv4 until the others are not translated any more. */
export const settling = seconds(4);
/**
 * The same after a start: devices ask for IPv4 one after the other then, and servers that look whether an address is in use take three seconds for an offer. Who
 * has got IPv4 is let go before.
 */
export const settlingAtStart = seconds(12);
/** Name servers are asked this soon where there was no IPv6 before, hence none that could be of another network. */
export const briefly = seconds(2);
