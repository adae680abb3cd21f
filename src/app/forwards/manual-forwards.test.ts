import { expect, test } from "vitest";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { parseInterface4 } from "../../base/cidr4.ts";
import { must } from "../../base/parsed.ts";
import { type ManualForward, renderForwardsFile } from "../../config/forwards-file.ts";
import type { Files } from "../../ports/files.ts";
import { ManualForwards } from "./manual-forwards.ts";

const path = "/state/forwards.json";
const forward = (address: string, port = 9000): ManualForward =>
  ({ protocol: "tcp", port, address, target: 80 }) as ManualForward;

async function bench(files: Files) {
  const log = new MemoryLog();
  const troubles: (string | undefined)[] = [];
  const manual = new ManualForwards({
    files,
    log,
    directory: "/state",
    lan: must(parseInterface4("192.168.1.1/24")),
    onChange: () => {},
    onTrouble: (sentence) => troubles.push(sentence),
  });
  await manual.start();
  return { log, troubles, manual };
}

async function memory(text: string): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  await files.makeDirectory("/state");
  await files.write(path, text);
  return files;
}

test("a damaged file leaves in force what was, is not touched, and counts again once mended", async () => {
  const good = renderForwardsFile([forward("192.168.1.9")]);
  const files = await memory(good);
  const { log, troubles, manual } = await bench(files);
  expect(log.take()).toEqual(["info Manual forwards: tcp/9000 to 192.168.1.9:80"]);
  const damaged = good.replace("192.168.1.9", "$(reboot)");
  await files.write(path, damaged);
  await expect.poll(() => troubles.length).toBe(2);
  expect(manual.list).toEqual([forward("192.168.1.9")]);
  expect(log.take()[0]).toMatch(/^warn \/state\/forwards.json cannot be used, what was in force stays: /);
  expect(files.texts.get(path)).toBe(damaged);
  await files.write(path, good);
  await expect.poll(() => troubles.at(-1)).toBe(undefined);
});

test("at start a damaged file means no manual forward", async () => {
  const { troubles } = await bench(await memory("{"));
  expect(troubles).toEqual([
    expect.stringMatching(/^\/state\/forwards.json cannot be used, no manual forward is in force: not JSON/),
  ]);
});

test("a forward that leads out of the LAN or to the gateway itself is left out, the others hold", async () => {
  const text = renderForwardsFile([
    forward("192.168.1.9"),
    forward("127.0.0.1", 9001),
    forward("192.168.1.1", 9002),
  ]);
  const { log, troubles, manual } = await bench(await memory(text));
  expect(manual.list).toEqual([forward("192.168.1.9")]);
  expect(log.take()).toEqual([
    "warn /state/forwards.json: TCP port 9001 leads nowhere: 127.0.0.1 is not inside the LAN 192.168.1.0/24",
    "warn /state/forwards.json: TCP port 9002 leads nowhere: 192.168.1.1 is the gateway itself",
    "info Manual forwards: tcp/9000 to 192.168.1.9:80",
  ]);
  expect(troubles).toEqual([expect.stringContaining("TCP port 9001")]);
});

test("what cannot be read is a trouble and no crash", async () => {
  const files = await memory("");
  files.read = () => Promise.reject(new Error("EISDIR: illegal operation on a directory, read"));
  const { troubles } = await bench(files);
  expect(troubles).toEqual([
    "/state/forwards.json cannot be used, no manual forward is in force: EISDIR: illegal operation on a directory, read",
  ]);
});
