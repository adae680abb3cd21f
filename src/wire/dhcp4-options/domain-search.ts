import { domainNames } from "../domain-names.ts";
import { option } from "./shapes.ts";

/** Option 119, domains to search, as names of RFC 1035 with compression (RFC 3397). */
export const domainSearch = option(119, domainNames({ pointers: true }));
