/** The token of the API: made once, kept in a file that only its owner reads. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { GatewayError, messageOf } from "../base/errors.ts";
import { systemFiles } from "./files.ts";
import { writeFresh } from "./fresh-file.ts";

const bytes = 32;

/** Of equal length whatever was given, so that neither content nor length shows in the time it takes. */
export function sameSecret(a: string, b: string): boolean {
  const length = Math.max(Buffer.byteLength(a), Buffer.byteLength(b), 1);
  const padded = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.alloc(length)], length);
  return timingSafeEqual(padded(a), padded(b)) && a.length === b.length;
}

/**
 * The token in the file; where there is no file yet, a new one of 256 random bits is put there, readable by its owner alone.
 * Errors: GatewayError "token-file".
 */
export async function tokenFrom(path: string): Promise<string> {
  try {
    return (await readToken(path)) ?? (await makeToken(path));
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    throw new GatewayError("token-file", "operator", `the token of the API: ${messageOf(thrown)}`);
  }
}

async function readToken(path: string): Promise<string | undefined> {
  const token = (await systemFiles.read(path))?.trim();
  if (token === undefined) return undefined;
  if (/^[\x21-\x7e]{16,1024}$/.test(token)) return token;
  throw new GatewayError(
    "token-file",
    "operator",
    `${path} holds no token: one word of 16 to 1024 printable characters`,
    "remove the file, and a new token is made",
  );
}

async function makeToken(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const token = randomBytes(bytes).toString("base64url");
  // Half a token must never be one: it has its name once it is whole.
  const unfinished = `${path}.new`;
  await writeFresh(unfinished, `${token}\n`);
  await rename(unfinished, path);
  return token;
}
