import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemFiles } from "./files.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "files-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function until(condition: () => boolean, limitMs = 3000): Promise<void> {
  for (let waited = 0; !condition() && waited < limitMs; waited += 10) await sleep(10);
}

it("writes, reads and removes, and leaves no temporary file", async () => {
  const path = join(directory, "a", "conf");
  await systemFiles.makeDirectory(join(directory, "a"));
  expect(await systemFiles.read(path)).toBeUndefined();
  await systemFiles.write(path, "one");
  await systemFiles.write(path, "two");
  expect(await systemFiles.read(path)).toBe("two");
  expect(await readdir(join(directory, "a"))).toEqual(["conf"]);
  await systemFiles.remove(path);
  await systemFiles.remove(path);
  expect(await systemFiles.read(path)).toBeUndefined();
});

it("tells of a file that comes, changes, is replaced and goes; several writes at once count as one", async () => {
  const path = join(directory, "leases");
  let changes = 0;
  const stop = systemFiles.watch(path, () => changes++);
  for (const step of [
    () => writeFile(path, "1"),
    () => Promise.all([writeFile(path, "2"), writeFile(path, "3")]),
    () => writeFile(`${path}.new`, "4").then(() => rename(`${path}.new`, path)),
    () => rm(path),
  ]) {
    const before = changes;
    await step();
    await until(() => changes > before);
    await sleep(60);
    expect(changes - before).toBe(1);
  }
  await writeFile(join(directory, "other"), "");
  await sleep(60);
  expect(changes).toBe(4);
  stop();
  await writeFile(path, "5");
  await sleep(60);
  expect(changes).toBe(4);
});

it("waits for a directory that is not there yet", async () => {
  const path = join(directory, "late", "leases");
  let changes = 0;
  const stop = systemFiles.watch(path, () => changes++);
  await mkdir(join(directory, "late"));
  await until(() => changes > 0);
  expect(changes).toBe(1);
  stop();
});
