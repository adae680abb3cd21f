/** Who may ask what: checks before any handler. Whoever comes by the Unix socket is the machine's own administrator. */
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { RateLimiterMemory } from "rate-limiter-flexible";

export interface GuardParts {
  /** Undefined: nobody may change anything by TCP. */
  readonly token: string | undefined;
  /** Compares in a time that tells nothing. */
  readonly sameSecret: (a: string, b: string) => boolean;
  /** Reading needs no token. */
  readonly openReading: boolean;
  /** Names of this machine besides addresses and localhost. */
  readonly hostnames: readonly string[];
}

/** Requests of one address within ten seconds, and wrong tokens of it within a minute. */
const mostRequests = 150;
const mostWrongTokens = 10;

const reads = new Set(["GET", "HEAD"]);
const refuse = (c: Context, status: 401 | 403 | 429, error: string): Response => c.json({ error }, status);

/**
 * A page of another site must not use its visitor's browser to reach us: names of others that lead here (DNS rebinding) are refused by their
 * `Host`, requests that a page of another site makes by their `Origin`. RFC 9110 section 7.2, RFC 6454.
 */
export function checkSource(hostnames: readonly string[]): MiddlewareHandler {
  const known = new Set(["localhost", ...hostnames.map((name) => name.toLowerCase())]);
  return async (c, next) => {
    const host = c.req.header("host") ?? "";
    const name = host.replace(/:\d+$/, "").toLowerCase();
    const isAddress = /^\d{1,3}(\.\d{1,3}){3}$|^\[[0-9a-f:.]+\]$/.test(name);
    if (!isAddress && !known.has(name))
      return refuse(c, 403, `${host.slice(0, 100)} is not a name of this gateway: use its address`);
    const origin = c.req.header("origin");
    if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
      return refuse(c, 403, "a page of another site may not use this API");
    return next();
  };
}

/** Empty: it came by the Unix socket. */
export const addressOf = (c: Context): string => getConnInfo(c).remote.address ?? "";

/** Bounds what one address may ask for. */
export function limitRate(): MiddlewareHandler {
  const requests = new RateLimiterMemory({ points: mostRequests, duration: 10 });
  return async (c, next) => {
    try {
      await requests.consume(addressOf(c));
    } catch {
      c.header("Retry-After", "10");
      return refuse(c, 429, `no more than ${mostRequests} requests in ten seconds`);
    }
    return next();
  };
}

/** The bearer token (RFC 6750) for changes, and for reading where that is closed. */
export function checkToken({ token, sameSecret, openReading }: GuardParts): MiddlewareHandler {
  const wrong = new RateLimiterMemory({ points: mostWrongTokens, duration: 60 });
  return async (c, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (given === undefined && openReading && reads.has(c.req.method)) return next();
    if (given !== undefined) {
      const address = addressOf(c);
      try {
        // Before it is looked at: those that come at once must not all be looked at.
        await wrong.consume(address);
      } catch {
        c.header("Retry-After", "60");
        return refuse(c, 429, "too many wrong tokens: wait a minute");
      }
      if (token !== undefined && sameSecret(given, token)) {
        await wrong.reward(address);
        return next();
      }
    }
    c.header("WWW-Authenticate", "Bearer");
    return refuse(
      c,
      401,
      given === undefined
        ? 'this needs the token: "Authorization: Bearer …", see api.token_file'
        : "wrong token",
    );
  };
}
