/**
 * The rules about the translator. Between it and the kernel a device is its LAN address inside the inner prefix; on the way out the identity's own IPv6 address takes that place, as
 * IPv4's does by masquerading, and connection tracking knows answers and errors to be the device's. So nothing else that the identity's address is used for is touched.
 */
import { innerPrefix, letInMark, setMark, translatorName } from "./marks.ts";

export interface TranslationRules {
  /** The LAN inside the inner prefix, as `fd2c:81a7:464::c0a8:100/120`. */
  readonly inner: string;
  /** The inner address of the routers between us and the NAT64, in what they complain of. */
  readonly routers: string;
  /** Where IPv6 clients stand for the devices, and the LAN they reach, as IPv4 networks. */
  readonly clients: string;
  readonly lan: string;
}

/** Rules for chains of ours, and a chain of its own. */
export interface TranslatorGates {
  readonly arriving: string;
  readonly translated: string;
  readonly input: string;
  readonly leaving: string;
}

const iif = `iifname "${translatorName}"`;
const oif = `oifname "${translatorName}"`;
/** A TCP connection that begins, or its answer, tells no segment size that would not fit once an IPv6 header stands before it (RFC 4459). */
const clamp = "tcp flags & syn == syn tcp option maxseg size set rt mtu";

/** In the chain of what leaves through an identity. */
export const renderMasquerade6 = (rules: TranslationRules | undefined): string =>
  rules ? `    oifname "gw*" ip6 saddr ${rules.inner} masquerade\n` : "";

/**
 * What comes out of the translator as IPv4 is an answer, or from an IPv6 client to a device that is open as a whole, and never for the gateway itself. What comes out as IPv6 is an answer, or
 * goes to the NAT64. Errors of IPv6 routers have no IPv4 source; they are given the one that stands for
 * them all, since the program translates none without (RFC 7915 section 5.1, RFC 7600 section 4.5). That what leaves has an
 * address which its identity still has is looked at for each packet: of addresses that go the kernel ends connections by a queue of 16, and passes over the rest.
 */
export const renderTranslatorGates = ({
  inner,
  routers,
  clients,
  lan,
}: TranslationRules): TranslatorGates => ({
  arriving: `    ${iif} jump translated\n`,
  translated: `  chain translated {
    ip6 saddr != ${inner} counter drop
    ct state established,related accept
    ip saddr ${clients} ip daddr ${lan} ${setMark(letInMark)} accept
    meta nfproto ipv4 counter drop
    ip6 daddr != @nat64 counter drop
    ${setMark(letInMark)}
  }
`,
  input: `    ${iif} drop\n`,
  leaving: `    ${oif} icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ip6 saddr != @nat64 ip6 saddr set ${routers}\n`,
});

/** Of forwarded IPv6: what an identity was answered, and what is for a device that is open as a whole. */
export const toTranslator = `    ${oif} ${clamp}
    ${oif} ct state established,related accept
    ${oif} ct status dnat accept
`;

/** Of forwarded IPv6: nothing but a device's own, and by an identity. */
export const renderFromTranslator = (): string => `  chain from_translator {
    ${clamp}
    oifname "gw*" ip6 saddr ${innerPrefix.address}/${innerPrefix.length} accept
    counter drop
  }
`;
