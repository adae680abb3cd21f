import { ByteWriter } from "../../base/bytes.ts";
import type { Ip6 } from "../../base/ip6.ts";
import { invalid, valid } from "../../base/parsed.ts";
import { appendOption, listOptions, type Malformed } from "../dhcp6/option-list.ts";
import { ip6, repeated } from "./shapes.ts";

const serverAddress = 1;

/**
 * Option 56, a time server each (RFC 5908 section 4); groups and names (suboptions 2 and 3) are skipped. dnsmasq puts all its
 * servers into one option.
 */
export const ntpServers = repeated<Ip6>(56, {
  parse(bytes) {
    const truncated: Malformed[] = [];
    const servers: Ip6[] = [];
    for (const { code, data } of listOptions(bytes, truncated)) {
      if (code !== serverAddress) continue;
      const server = ip6.parse(data);
      if (!server.ok) return server;
      servers.push(server.value);
    }
    const [{ why } = { why: "no server's address" }] = truncated;
    return truncated.length > 0 || servers.length === 0 ? invalid(why) : valid(servers);
  },
  emit(server) {
    const writer = new ByteWriter();
    appendOption(writer, serverAddress, ip6.emit(server));
    return writer.done();
  },
});
