/** One gateway for each network namespace. */
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../base/errors.ts";

/** An abstract socket: it belongs to the network namespace, and ends with the process however that ends. */
const LOCK_NAME = "\0ipv4-ipv6-gateway";

const LOOK_EVERY_MS = 50;

/**
 * Resolves with the function that gives the lock back. Errors: GatewayError "already-running", when somebody else has it still after
 * `patienceMs`.
 */
export async function acquireLock(name = LOCK_NAME, patienceMs = 0): Promise<() => Promise<void>> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    try {
      return await tryLock(name);
    } catch (error) {
      if (waited >= patienceMs || !(error instanceof GatewayError)) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

async function tryLock(name: string): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(lockError(error)));
    server.listen(name, resolve);
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function lockError(error: NodeJS.ErrnoException): Error {
  if (error.code !== "EADDRINUSE") return error;
  return new GatewayError(
    "already-running",
    "operator",
    "another gateway is already running in this network namespace",
    "stop it first: systemctl stop ipv4-ipv6-gateway, or /etc/init.d/ipv4-ipv6-gateway stop on OpenWrt",
    { cause: error },
  );
}
