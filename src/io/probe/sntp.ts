/** What time a server says it is (SNTP, RFC 4330 section 5). */
import { createSocket } from "node:dgram";
import { type WallTime, wallTime } from "../../base/time.ts";

/** Version 4, client. */
const question = Uint8Array.from([0x23, ...new Uint8Array(47)]);
const serverMode = 4;
const transmitAt = 40;
const port = 123;
/** From 1900 to 1970, in seconds. */
const epoch = 2_208_988_800;
/** Seconds of the fields start again in 2036 (RFC 4330 section 3). */
const era = 2 ** 32;

/** The time in an answer, of the era nearest to `now`; undefined: it is none, or its server does not know the time itself. */
export function readSntp(answer: Uint8Array, now: number): WallTime | undefined {
  if (answer.length < 48) return undefined;
  const [first = 0, stratum = 0] = answer;
  const isGood = (first & 7) === serverMode && first >> 6 !== 3 && stratum > 0 && stratum < 16;
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  const [secs, fraction] = [view.getUint32(transmitAt), view.getUint32(transmitAt + 4)];
  if (!isGood || secs === 0) return undefined;
  const unix = secs - epoch + fraction / era;
  return wallTime((unix + Math.round((now / 1000 - unix) / era) * era) * 1000);
}

/** Undefined: no answer of use within the time. */
export function askSntp(server: string, timeoutMs: number, now: () => number): Promise<WallTime | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    let isOpen = true;
    const end = (time: WallTime | undefined): void => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      socket.close();
      resolve(time);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    socket.on("error", () => end(undefined));
    // Connected, so that nobody else answers.
    socket.connect(port, server, () => socket.send(question));
    socket.on("message", (answer) => end(readSntp(answer, now())));
  });
}
