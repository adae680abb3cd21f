import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { domainNames, readName } from "../domain-names.ts";
import type { RouterAdvert } from "../nd/message.ts";
import type { Shape } from "../option-shapes.ts";
import { readLifetime, writeLifetime } from "./lifetime.ts";
import { ndOption } from "./option-list.ts";

const names = domainNames({ pointers: false });

/** The root cannot be told from the zeros that fill the option up, and ends the list. */
function readNames(bytes: Uint8Array): Parsed<readonly string[]> {
  const domains: string[] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const name = readName(bytes, at, false);
    if (!name.ok) return name;
    domains.push(name.value.labels.join("."));
    at = name.value.next;
  }
  return domains.length === 0 ? invalid("no names") : valid(domains);
}

const shape: Shape<RouterAdvert["dnssl"][number]> = {
  parse(bytes) {
    const reader = new ByteReader(bytes);
    reader.skip(2);
    const lifetime = readLifetime(reader);
    const domains = readNames(reader.rest());
    return domains.ok ? valid({ lifetime, domains: domains.value }) : domains;
  },
  emit: ({ lifetime, domains }) =>
    writeLifetime(new ByteWriter().zeros(2), lifetime).raw(names.emit(domains)).done(),
};

/** Option 31, domains to search, without compression (RFC 8106 section 5.2). */
export const dnssl = ndOption(31, shape);
