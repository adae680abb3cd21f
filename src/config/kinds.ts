/** The kinds of values that settings have: what is accepted, in code and in words, and what comes out. */
import * as z from "zod/mini";
import { type Cidr4, formatCidr4, type Interface4, parseCidr4, parseInterface4 } from "../base/cidr4.ts";
import { isHostIp4 } from "../base/ip4.ts";
import { logAreas, logLevels } from "../base/log-areas.ts";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { type Duration, millis, toSeconds } from "../base/time.ts";
import { type MacPattern, parseMacPattern } from "./mac-pattern.ts";

/** How UCI text becomes a value: UCI knows only text. */
export type Form = "flag" | "number" | "text" | "list" | "ports";

export interface Kind<S extends z.ZodMiniType> {
  readonly schema: S;
  /** Completes the sentence "must be …". */
  readonly allowed: string;
  /** The same for one entry of a list. */
  readonly entry?: string;
  readonly unit?: string;
  readonly form: Form;
}

export const flag: Kind<z.ZodMiniBoolean> = { schema: z.boolean(), allowed: "true or false", form: "flag" };

export function whole(min: number, max: number, unit?: string): Kind<z.ZodMiniNumber> {
  const schema = z.int().check(z.gte(min), z.lte(max));
  const allowed = `a whole number from ${min} to ${max}`;
  return { schema, allowed, form: "number", ...(unit === undefined ? {} : { unit }) };
}

export const port = whole(1, 65535);

/** A number of one's own in place of what the profile says. */
export const ownNumber = (min: number, max: number, unit: string, kind: "whole" | "decimal" = "whole") => {
  const number = kind === "whole" ? z.int() : z.number();
  return {
    schema: z.union([z.literal("profile"), number.check(z.gte(min), z.lte(max))]),
    allowed: `"profile" or a ${kind === "whole" ? "whole number" : "number"} from ${min} to ${max}`,
    unit,
    form: "number",
  } as const;
};

/** A span in seconds, decimals allowed, kept to the millisecond. */
export function span(min: number, max: number) {
  const schema = z.codec(z.number().check(z.gte(min), z.lte(max)), z.custom<Duration>(), {
    decode: (n) => millis(Math.round(n * 1000)),
    encode: (d) => toSeconds(d),
  });
  return {
    schema,
    allowed: `a number of seconds from ${min} to ${max}`,
    unit: "seconds",
    form: "number",
  } as const;
}

const quoted = (words: readonly string[]): string => {
  const all = words.map((w) => `"${w}"`);
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
};

export const oneOf = <const W extends readonly [string, ...string[]]>(words: W) =>
  ({ schema: z.enum(words), allowed: quoted(words), form: "text" }) as const;

export const listOf = <const W extends readonly [string, ...string[]]>(words: W) =>
  ({
    schema: z.array(z.enum(words)),
    allowed: `a list of ${quoted(words)}`,
    entry: quoted(words),
    form: "list",
  }) as const;

/**
 * `gw…` belongs to the identities (nftables and firewall zones match `gw*`); `all`, `default` are not interfaces under
 * /proc/sys/net. The characters are those that need no quoting in `ip` and `nft`; the kernel itself allows more.
 */
export const interfaceName: Kind<z.ZodMiniString> = {
  schema: z.string().check(z.regex(/^(?!gw|(?:all|default|lo)$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/)),
  allowed:
    'a network interface name: 1 to 15 letters, digits, "_", "." or "-", not beginning with "gw" (names of identities), not "lo", "all" or "default"',
  form: "text",
};

/** The rule tree's preference range holds a LAN of 2^14 addresses, hence /18 at the widest. */
export const lanPrefix = { min: 18, max: 30 };

export const lanAddress = {
  schema: z.codec(
    z.string().check(
      z.regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/),
      z.refine((text) => {
        const parsed = parseInterface4(text);
        return parsed.ok && parsed.value.length >= lanPrefix.min && parsed.value.length <= lanPrefix.max;
      }),
    ),
    z.custom<Interface4>(),
    {
      decode: (text) => must(parseInterface4(text)),
      encode: ({ ip, length }) => formatCidr4({ address: ip, length }),
    },
  ),
  allowed: `an IPv4 address with a prefix length of ${lanPrefix.min} to ${lanPrefix.max} (routing by device is laid out for a LAN of at most /${lanPrefix.min}), such as "192.168.1.1/24"`,
  form: "text",
} as const;

/** An address for each client within two hours. */
const clientPrefix = { min: 8, max: 24 };

export const clientNetwork = {
  schema: z.codec(
    z.string().check(
      z.refine((text) => {
        const parsed = parseCidr4(text);
        if (!parsed.ok) return false;
        const { address, length } = parsed.value;
        return length >= clientPrefix.min && length <= clientPrefix.max && isHostIp4(address);
      }),
    ),
    z.custom<Cidr4>(),
    { decode: (text) => must(parseCidr4(text)), encode: (net) => formatCidr4(net) },
  ),
  allowed: `an IPv4 network with a prefix length of ${clientPrefix.min} to ${clientPrefix.max}, such as "198.19.0.0/16"`,
  form: "text",
} as const;

export const macPatterns = {
  schema: z.array(
    z.codec(z.string().check(z.refine((text) => parseMacPattern(text).ok)), z.custom<MacPattern>(), {
      decode: (text) => must(parseMacPattern(text)),
      encode: (pattern) => pattern,
    }),
  ),
  allowed: 'a list of MAC addresses such as "02:00:5e:10:00:01", or of leading octets such as "02:00:5e:*"',
  entry: 'a MAC address such as "02:00:5e:10:00:01", or leading octets such as "02:00:5e:*"',
  form: "list",
} as const;

/** One of `words` or a MAC, which comes out in canonical form. */
export const macOr = (...words: readonly string[]) => ({
  schema: z.codec(
    z.string().check(z.refine((text) => words.includes(text) || parseMac(text).ok)),
    z.custom<string>((v) => typeof v === "string"),
    {
      decode: (text) => (words.includes(text) ? text : must(parseMac(text))),
      encode: (text) => text,
    },
  ),
  allowed: `${quoted(words)} or a MAC address such as "02:00:5e:10:00:01"`,
  form: "text" as const,
});

/** Of a directory whose name is told to other programs: what needs no quoting in any of their files and command lines. */
export const directory = (maxLength = 1024): Kind<z.ZodMiniString> => ({
  schema: z.string().check(z.maxLength(maxLength), z.regex(/^\/[A-Za-z0-9/._+@~-]*$/)),
  allowed: `an absolute path of at most ${maxLength} characters: letters of ASCII, digits, "/", ".", "_", "+", "@", "~" or "-"`,
  form: "text",
});

/** Control characters would break the lines of messages that name it. */
export const pathOrEmpty: Kind<z.ZodMiniString> = {
  schema: z.string().check(z.maxLength(1024), z.regex(/^(?:\/[^\p{Cc}\p{Cf}]*)?$/u)),
  allowed: 'an absolute path of at most 1024 characters, or ""',
  form: "text",
};

/** Without a name or password in it, which logs would show. */
export const webAddress: Kind<z.ZodMiniString> = {
  schema: z
    .string()
    .check(
      z.maxLength(1024),
      z.regex(/^(?:https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\/[\x21-\x7e]*)?)?$/),
    ),
  allowed: 'an address such as "https://nac.example.org/register", or ""',
  form: "text",
};

export const uriPath: Kind<z.ZodMiniString> = {
  schema: z.string().check(z.regex(/^\/[A-Za-z0-9._~/-]{1,100}$/)),
  allowed:
    'a path that begins with "/" and goes on with letters, digits, ".", "_", "~", "-" or "/", such as "/stats"',
  form: "text",
};

/** RFC 6052 section 2.2 names the six lengths. */
export const nat64Prefix: Kind<z.ZodMiniUnion<readonly [z.ZodMiniLiteral<"">, z.ZodMiniCIDRv6]>> = {
  schema: z.union([z.literal(""), z.cidrv6().check(z.regex(/\/(?:32|40|48|56|64|96)$/))]),
  allowed: '"" or an IPv6 prefix of length 32, 40, 48, 56, 64 or 96, such as "64:ff9b::/96"',
  form: "text",
};

/** A port of the gateway, and the ports of the device that it may lead to; the first one that is open serves. */
export interface PortForward {
  readonly port: number;
  readonly devicePorts: readonly number[];
}

export const areaLevels = {
  schema: z.record(
    z.string().check(z.refine((text) => (logAreas as readonly string[]).includes(text))),
    z.enum(logLevels),
  ),
  allowed: `a level (${quoted(logLevels)}) under an area: ${logAreas.join(", ")}`,
  form: "ports",
} as const;

export const portForwards = {
  schema: z.codec(
    z.record(
      z.string().check(
        z.regex(/^[1-9]\d{0,4}$/),
        z.refine((text) => Number(text) <= 65535),
      ),
      z.union([port.schema, z.array(port.schema).check(z.minLength(1), z.maxLength(16))]),
    ),
    z.custom<readonly PortForward[]>(),
    {
      decode: (table) =>
        Object.entries(table)
          .map(([key, value]) => ({
            port: Number(key),
            devicePorts: typeof value === "number" ? [value] : value,
          }))
          .sort((a, b) => a.port - b.port),
      encode: (forwards) =>
        Object.fromEntries(
          forwards.map(({ port, devicePorts: [first = port, ...more] }) => [
            String(port),
            more.length === 0 ? first : [first, ...more],
          ]),
        ),
    },
  ),
  allowed:
    "a port, or a list of 1 to 16 ports, under a port of the gateway: all from 1 to 65535, as in 8080 = [80, 5000]",
  form: "ports",
} as const;
