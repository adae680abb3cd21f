/** Short questions to servers, each with a time limit. */
import { Resolver } from "node:dns/promises";
import { request } from "node:http";
import { text } from "node:stream/consumers";

/**
 * The reverse name of a private address: every resolver answers it from its own knowledge (RFC 6303), whatever it answers. Asked as a name: of an address
 * c-ares may answer from its own files, and ask nobody.
 */
const question = "254.255.255.10.in-addr.arpa";
const silence = new Set(["ETIMEOUT", "ECONNREFUSED", "ECANCELLED"]);

/** Why a DNS server gives no answer of any kind; undefined: it does. */
export async function askDns(server: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    resolver.setServers([server]);
    await resolver.resolvePtr(question);
    return undefined;
  } catch (thrown) {
    const { code = "", message } = thrown as NodeJS.ErrnoException;
    if (code === "ERR_INVALID_IP_ADDRESS") return message;
    return silence.has(code) ? `no answer (${code})` : undefined;
  }
}

export type HttpPlace = { readonly host: string; readonly port: number } | { readonly socketPath: string };

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** The answer to a GET, or why there is none. */
export function askHttp(place: HttpPlace, path: string, timeoutMs: number): Promise<HttpAnswer | string> {
  return new Promise((resolve) => {
    const asked = request({ ...place, path, agent: false, timeout: timeoutMs }, (answer) => {
      text(answer).then(
        (body) => resolve({ status: answer.statusCode ?? 0, body }),
        (error: Error) => resolve(error.message),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    asked.on("error", (error) => resolve(error.message));
    asked.end();
  });
}
