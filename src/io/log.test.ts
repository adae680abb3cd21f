import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { formatRecord } from "./log/format.ts";
import { openLog } from "./log.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "log-"));
  path = join(directory, "gateway.log");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} /;
const withoutTime = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(stamp, ""));

describe("lines", () => {
  it("carry level, message and fields, and what is undefined is left out", async () => {
    const echoed: string[] = [];
    const log = openLog({ level: "info", file: path, echo: (line) => echoed.push(line) });
    log.debug("not written");
    log.info("device discovered", {
      mac: "02:00:5e:10:00:01",
      name: "front door",
      count: 2,
      new: true,
      x: undefined,
    });
    log.warn("plain");
    log.error("time and level are only fields here", { time: 1, level: "x", msg: "y" });
    log.setLevel("debug");
    log.debug("now written");
    log.close();
    const text = await readFile(path, "utf8");
    expect(echoed.join("")).toBe(text);
    expect(text).toMatch(stamp);
    expect(withoutTime(text)).toEqual([
      'INFO device discovered mac=02:00:5e:10:00:01 name="front door" count=2 new=true',
      "WARN plain",
      "ERROR time and level are only fields here time=1 level=x msg=y",
      "DEBUG now written",
    ]);
  });

  it("cannot be forged by what strangers send", () => {
    const line = formatRecord({
      level: 30,
      time: 0,
      msg: "name\n2026-01-01 INFO forged",
      fields: { host: 'a\u001b[31m"\u202e\r\nx', empty: "" },
    });
    expect(line.replace(stamp, "")).toBe(
      'INFO name\\n2026-01-01 INFO forged host="a\\u001b[31m\\"\\u202e\\u000d\\nx" empty=""\n',
    );
  });
});

it("lines of one moment are written together, a serious one at once, and none is lost when the log is closed", async () => {
  const echoed: string[] = [];
  const log = openLog({ level: "info", echo: (lines) => echoed.push(lines) });
  log.info("one");
  log.info("two");
  expect(echoed).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(echoed.map(withoutTime)).toEqual([["INFO one", "INFO two"]]);
  log.error("three");
  expect(echoed).toHaveLength(2);
  log.info("four");
  log.close();
  expect(withoutTime(echoed.join(""))).toEqual(["INFO one", "INFO two", "ERROR three", "INFO four"]);
});

it("areas have levels of their own, changed at any time", () => {
  const echoed: string[] = [];
  const log = openLog({ level: "warn", areas: { dhcp4: "debug" }, echo: (line) => echoed.push(line) });
  const dhcp4 = log.for("dhcp4");
  dhcp4.debug("one");
  log.for("wan").info("not written");
  log.setArea("wan", "info");
  log.for("wan").info("two");
  log.setArea("dhcp4", undefined);
  dhcp4.info("not written");
  log.setLevel("info");
  dhcp4.info("three");
  expect(log.levels).toEqual({ level: "info", areas: { wan: "info" } });
  log.close();
  expect(withoutTime(echoed.join(""))).toEqual(["DEBUG one", "INFO two", "INFO three"]);
});

it("JSON is one object a line", async () => {
  const log = openLog({ level: "info", format: "json", file: path, echo: () => {} });
  log.for("devices").info("a\nb", { host: "x\u001b[31m", n: 1 });
  log.close();
  const [line = "", ...rest] = (await readFile(path, "utf8")).split("\n");
  expect(rest).toEqual([""]);
  expect(JSON.parse(line)).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    level: "info",
    area: "devices",
    message: "a\nb",
    fields: { host: "x\u001b[31m", n: 1 },
  });
});

it("the journal gets priorities and no time, the file both as ever", async () => {
  const echoed: string[] = [];
  const log = openLog({ level: "debug", file: path, journal: true, echo: (line) => echoed.push(line) });
  log.debug("a");
  log.info("b", { n: 1 });
  log.warn("c");
  log.error("d");
  log.close();
  expect(echoed.join("")).toBe("<7>DEBUG a\n<6>INFO b n=1\n<4>WARN c\n<3>ERROR d\n");
  expect(withoutTime(await readFile(path, "utf8"))).toEqual(["DEBUG a", "INFO b n=1", "WARN c", "ERROR d"]);
});

describe("the file", () => {
  it("rotates by size, keeps three old ones and loses no line", async () => {
    const log = openLog({ level: "info", file: path, echo: () => {}, rotation: { bytes: 1000, files: 3 } });
    for (let i = 0; i < 60; i++) log.info(`line ${i}`.padEnd(60, "."));
    log.close();
    expect((await readdir(directory)).sort()).toEqual([
      "gateway.log",
      "gateway.log.1",
      "gateway.log.2",
      "gateway.log.3",
    ]);
    const texts = await Promise.all([".3", ".2", ".1", ""].map((end) => readFile(path + end, "utf8")));
    expect(texts.every((text) => Buffer.byteLength(text) <= 1000)).toBe(true);
    const numbers = withoutTime(texts.join("")).map((line) => Number(/line (\d+)/.exec(line)?.[1]));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 60 - numbers.length + i));
    expect(numbers.length).toBeGreaterThan(30);
  });

  it("is continued by the next run", async () => {
    await writeFile(path, "from before\n");
    const log = openLog({ level: "info", file: path, echo: () => {} });
    log.info("after");
    log.close();
    expect(withoutTime(await readFile(path, "utf8"))).toEqual(["from before", "INFO after"]);
  });

  it("is tried again after half a minute when it could not be written, and says so", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const late = join(directory, "late", "gateway.log");
      const echoed: string[] = [];
      const log = openLog({ level: "info", file: late, echo: (lines) => echoed.push(lines) });
      log.error("one");
      vi.advanceTimersByTime(31_000);
      log.error("two");
      await mkdir(join(directory, "late"));
      vi.advanceTimersByTime(29_000);
      log.error("three");
      vi.advanceTimersByTime(2_000);
      log.error("four");
      log.error("five");
      log.close();
      expect(withoutTime(await readFile(late, "utf8"))).toEqual(["ERROR four", "ERROR five"]);
      const told = withoutTime(echoed.join("")).filter((line) => line.includes("the log file"));
      expect(told).toEqual([
        expect.stringMatching(/^WARN the log file .*late.gateway\.log cannot be written, meanwhile only/),
        `WARN the log file ${late} is written again`,
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(["/proc/nowhere/gateway.log", "/dev/full"])(
    "that cannot be written (%s) costs one warning",
    (file) => {
      const echoed: string[] = [];
      const log = openLog({ level: "info", file, echo: (line) => echoed.push(line) });
      log.info("one");
      log.info("two");
      log.close();
      const lines = echoed.join("").split("\n");
      expect(
        lines.filter((line) => line.includes(`WARN the log file ${file} cannot be written`)),
      ).toHaveLength(1);
      expect(lines.filter((line) => /INFO (one|two)$/.test(line))).toHaveLength(2);
    },
  );
});
