import { domainNames } from "../domain-names.ts";
import { option } from "./shapes.ts";

/** Option 24, domains to search (RFC 3646 section 4), never compressed (RFC 8415 section 10). */
export const domainSearch = option(24, domainNames({ pointers: false }));
