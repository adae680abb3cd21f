/** Adapter of ports/NameLookup: Node's own resolver (c-ares), which asks the servers it is told and no file of the system. */
import { NODATA, NOTFOUND, Resolver } from "node:dns/promises";
import { messageOf } from "../base/errors.ts";
import { parseIp6 } from "../base/ip6.ts";
import { seconds } from "../base/time.ts";
import type { Answer6, NameLookup } from "../ports/name-lookup.ts";

export const systemNameLookup: NameLookup = {
  async aaaa(name, servers, signal): Promise<Answer6> {
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    signal.addEventListener("abort", () => resolver.cancel());
    try {
      resolver.setServers(servers);
      const records = await resolver.resolve6(name, { ttl: true });
      const addresses = records.flatMap(({ address }) => {
        const ip = parseIp6(address);
        return ip.ok ? [ip.value] : [];
      });
      return { kind: "found", addresses, ttl: seconds(Math.min(...records.map(({ ttl }) => ttl))) };
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === NODATA || code === NOTFOUND) return { kind: "none" };
      return { kind: "failed", why: messageOf(thrown) };
    }
  },
};
