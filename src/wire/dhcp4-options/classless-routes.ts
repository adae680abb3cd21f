import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { networkOf } from "../../base/cidr4.ts";
import { ip4FromBytes, ip4ToBytes } from "../../base/ip4.ts";
import { invalid, valid } from "../../base/parsed.ts";
import type { Route4 } from "../dhcp4/message.ts";
import { option } from "./shapes.ts";

const significantOctets = (length: number): number => Math.ceil(length / 8);

function readRoute(reader: ByteReader): Route4 {
  const length = reader.u8();
  if (length > 32) reader.fail(`prefix length ${length}`);
  const destination = reader.take(significantOctets(Math.min(length, 32)));
  // RFC 3442: bits set beyond the prefix are masked off.
  return { destination: networkOf(ip4FromBytes(destination), Math.min(length, 32)), router: reader.ip4() };
}

/** Option 121: prefix length, its significant octets, router; again and again (RFC 3442). */
export const classlessRoutes = option<readonly Route4[]>(121, {
  parse(bytes) {
    if (bytes.length === 0) return invalid("empty");
    const reader = new ByteReader(bytes);
    const routes: Route4[] = [];
    while (reader.remaining > 0 && reader.error === undefined) routes.push(readRoute(reader));
    return reader.error === undefined ? valid(routes) : invalid(reader.error);
  },
  emit(routes) {
    const writer = new ByteWriter();
    for (const { destination, router } of routes) {
      const octets = ip4ToBytes(destination.address).subarray(0, significantOctets(destination.length));
      writer.u8(destination.length).raw(octets).ip4(router);
    }
    return writer.done();
  },
});
