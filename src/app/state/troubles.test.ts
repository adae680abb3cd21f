import { expect, test } from "vitest";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { parseTroubles, Troubles, troublesFile } from "./troubles.ts";

test("what is wrong is a sentence a line, until it is mended; an earlier run's is forgotten", async () => {
  const files = new MemoryFiles();
  const troubles = new Troubles({ files, log: new MemoryLog(), directory: "/run/gw" });
  const shown = async (): Promise<readonly string[]> => {
    await new Promise((resolve) => setImmediate(resolve));
    return parseTroubles(files.texts.get(troublesFile("/run/gw")));
  };
  await files.makeDirectory("/run/gw");
  await files.write(troublesFile("/run/gw"), "Something of yesterday.\n");
  await troubles.start();
  expect(await shown()).toEqual([]);
  troubles.tell("wan-quiet", "Nobody speaks.");
  troubles.tell("state-unsaved", "No room\non the disk.");
  expect(await shown()).toEqual(["Nobody speaks.", "No room on the disk."]);
  troubles.tell("wan-quiet", undefined);
  expect(await shown()).toEqual(["No room on the disk."]);
  await troubles.stop();
  expect(await shown()).toEqual([]);
});

test("a file that cannot be written is said and harms nothing", async () => {
  const log = new MemoryLog();
  const files = new MemoryFiles();
  files.makeDirectory = () => Promise.reject(new Error("no room"));
  const troubles = new Troubles({ files, log, directory: "/run/gw" });
  troubles.tell("wan-quiet", "Nobody speaks.");
  await new Promise((resolve) => setImmediate(resolve));
  expect(log.take()).toEqual(["warn status cannot show what is wrong: no room"]);
});

test("one thing may be wrong in several ways; what could not be written is written when it can be", async () => {
  const log = new MemoryLog();
  const files = new MemoryFiles();
  const { makeDirectory } = files;
  files.makeDirectory = () => Promise.reject(new Error("read-only"));
  const troubles = new Troubles({ files, log, directory: "/run/gw" });
  const tell = async (): Promise<readonly string[]> => {
    troubles.tellAll("proxy", ["Port 1 is taken.", "Port 2 is taken."]);
    await new Promise((resolve) => setImmediate(resolve));
    return parseTroubles(files.texts.get(troublesFile("/run/gw")));
  };
  expect(await tell()).toEqual([]);
  expect(await tell()).toEqual([]);
  expect(log.take()).toHaveLength(1);
  files.makeDirectory = makeDirectory;
  expect(await tell()).toEqual(["Port 1 is taken.", "Port 2 is taken."]);
});
