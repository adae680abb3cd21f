import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { invalid, valid } from "../../base/parsed.ts";
import type { RouterAdvert } from "../nd/message.ts";
import { listOf, type Shape } from "../option-shapes.ts";
import { readLifetime, writeLifetime } from "./lifetime.ts";
import { ndOption } from "./option-list.ts";

const addresses = listOf(
  16,
  (reader) => reader.ip6(),
  (writer, ip) => writer.ip6(ip),
);

const shape: Shape<RouterAdvert["rdnss"][number]> = {
  parse(bytes) {
    const reader = new ByteReader(bytes);
    reader.skip(2);
    const lifetime = readLifetime(reader);
    const servers = addresses.parse(reader.rest());
    return servers.ok ? valid({ lifetime, servers: servers.value }) : invalid(servers.error);
  },
  emit: ({ lifetime, servers }) =>
    writeLifetime(new ByteWriter().zeros(2), lifetime).raw(addresses.emit(servers)).done(),
};

/** Option 25, recursive DNS servers, one at least (RFC 8106 section 5.1). */
export const rdnss = ndOption(25, shape);
