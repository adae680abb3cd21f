/**
 * Program of packet.test.ts, run inside namespaces of its own with two joined ports `pa` and `pb`: prints one JSON object of findings.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../base/errors.ts";
import type { BpfInstruction } from "../../wire/bpf.ts";
import { openPacketLinks } from "./links.ts";
import { runPacketReaderIfWorker } from "./reader-thread.ts";

const KEPT = 0x88b5;
const DROPPED = 0x88b6;
const FRAMES = 10_000;

const onlyKept: readonly BpfInstruction[] = [
  { code: 0x28, jt: 0, jf: 0, k: 12 },
  { code: 0x15, jt: 0, jf: 1, k: KEPT },
  { code: 0x06, jt: 0, jf: 0, k: 0x40000 },
  { code: 0x06, jt: 0, jf: 0, k: 0 },
];

function frame(type: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(60 + (sequence % 1400), sequence & 0xff);
  Buffer.from("ffffffffffff020000000001", "hex").copy(bytes);
  bytes.writeUInt16BE(type, 12);
  bytes.writeUInt32BE(sequence, 14);
  return bytes;
}

const ip = (...args: string[]): void => void execFileSync("ip", args);
const rssMb = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);

const threads = (): readonly string[] => readdirSync(`/proc/${process.pid}/task`);

/** Voluntary context switches: each one is a sleep that ended. */
function wakeUps(threadIds: readonly string[]): number {
  return threadIds.reduce((sum, id) => {
    const status = readFileSync(`/proc/${process.pid}/task/${id}/status`, "utf8");
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  }, 0);
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  for (let waited = 0; !condition() && waited < limitMs; waited += 5) await sleep(5);
}

async function codeOf(task: () => unknown): Promise<string> {
  try {
    await task();
    return "no error";
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error);
  }
}

async function trial(): Promise<Record<string, unknown>> {
  const errors: string[] = [];
  const threadsBefore = threads();
  const rssBefore = rssMb();
  const links = openPacketLinks({ onError: (ifname, error) => errors.push(`${ifname} ${error.code}`) });
  const findings: Record<string, unknown> = {
    noInterface: await codeOf(() => links.open("nope0", onlyKept, () => {})),
  };

  let inOrder = 0;
  let wrong = 0;
  let own = 0;
  const b = await links.open("pb", onlyKept, (got) => {
    if (Buffer.compare(got, frame(KEPT, inOrder)) === 0) inOrder++;
    else wrong++;
  });
  const a = await links.open("pa", onlyKept, () => own++);
  await sleep(300);
  const rssAfter = rssMb();

  const started = performance.now();
  for (let i = 0; i < FRAMES; i++) {
    a.send(frame(KEPT, i));
    if (i % 10 === 0) a.send(frame(DROPPED, i));
    if (i % 100 === 99) await until(() => inOrder + wrong > i - 200, 2000);
  }
  await until(() => inOrder + wrong >= FRAMES, 2000);
  const seconds = (performance.now() - started) / 1000;
  Object.assign(findings, { inOrder, wrong, own });
  findings.checkedFramesPerSecond = Math.round(FRAMES / seconds);

  // The last frame has been told of, but whoever read it may not sleep yet.
  await sleep(500);
  const reader = threads().filter((id) => !threadsBefore.includes(id));
  const idleFrom = [wakeUps(reader), wakeUps(threads())] as const;
  await sleep(3000);
  findings.readerThreads = reader.length;
  findings.readerIdleWakeUps = wakeUps(reader) - idleFrom[0];
  findings.allIdleWakeUps = wakeUps(threads()) - idleFrom[1];

  const burst = await flood(links);
  Object.assign(findings, burst, { rssBefore, rssAfter, rssEnd: rssMb() });

  ip("link", "set", "pb", "down");
  await sleep(400);
  findings.sendWhileDown = await codeOf(() => b.send(frame(KEPT, 0)));
  const before = inOrder + wrong;
  ip("link", "set", "pb", "up");
  await sleep(100);
  for (let i = 0; i < 50; i++) a.send(frame(KEPT, i));
  await until(() => inOrder + wrong >= before + 50, 1000);
  findings.afterLinkReturned = inOrder + wrong - before;
  findings.errorsAfterFlap = [...errors];

  ip("link", "del", "pa");
  await until(() => errors.length >= 2, 1000);
  const cpu = process.cpuUsage();
  await sleep(500);
  findings.cpuMsAfterRemoval = Math.round((process.cpuUsage(cpu).user + process.cpuUsage(cpu).system) / 1000);
  findings.errorsAfterRemoval = [...errors].sort();
  findings.sendWhenGone = await codeOf(() => a.send(frame(KEPT, 0)));
  const beforeReturn = inOrder + wrong;
  ip("link", "add", "pa", "type", "veth", "peer", "name", "pb");
  ip("link", "set", "pa", "up");
  ip("link", "set", "pb", "up");
  await sleep(1200);
  for (let i = 0; i < 50; i++) a.send(frame(KEPT, i));
  await until(() => inOrder + wrong >= beforeReturn + 50, 1000);
  findings.afterInterfaceReturned = inOrder + wrong - beforeReturn;
  await Promise.all([a.close(), b.close()]);
  findings.sendWhenClosed = await codeOf(() => a.send(frame(KEPT, 0)));
  return findings;
}

/** As many small frames as one sender and the reader manage together, with a sender that never waits. */
async function flood(links: ReturnType<typeof openPacketLinks>): Promise<Record<string, number>> {
  let received = 0;
  const to = await links.open("pb", onlyKept, () => received++);
  const from = await links.open("pa", onlyKept, () => {});
  const small = frame(KEPT, 1400);
  const total = 200_000;
  const started = performance.now();
  for (let i = 0; i < total; i++) {
    from.send(small);
    if (i % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
  }
  await sleep(100);
  const seconds = (performance.now() - started - 100) / 1000;
  await Promise.all([to.close(), from.close()]);
  return { floodSent: total, floodReceived: received, floodFramesPerSecond: Math.round(total / seconds) };
}

if (!runPacketReaderIfWorker()) {
  if (process.argv[2] === "rights") {
    const link = await codeOf(
      async () => await (await openPacketLinks().open("lo", onlyKept, () => {})).close(),
    );
    process.stdout.write(link);
    process.exit(0);
  }
  if (process.argv[2] === "crash") {
    await openPacketLinks().open("pb", onlyKept, () => {});
    await sleep(200);
    throw new Error("on purpose");
  }
  process.stdout.write(`${JSON.stringify(await trial())}\n`);
}
