import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadQuickWrite } from "./quick-write.ts";

const quickWrite = loadQuickWrite();
if (!quickWrite) throw new Error("koffi cannot be loaded here");

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "quick-write-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("writes into files that are there, folder after folder", () => {
  const [a, b] = [join(folder(), "a"), join(folder(), "b")];
  writeFileSync(a, "old");
  writeFileSync(b, "old");
  expect([quickWrite(a, "1\n"), quickWrite(b, "22\n"), quickWrite(a, "3\n")]).toEqual([true, true, true]);
  expect([readFileSync(a, "utf8"), readFileSync(b, "utf8")]).toEqual(["3\nd", "22\n"]);
});

test("makes nothing that is not there", () => {
  const here = folder();
  expect(quickWrite(join(here, "none"), "1\n")).toBe(false);
  expect(quickWrite(join(here, "no-folder", "none"), "1\n")).toBe(false);
  expect(() => readFileSync(join(here, "none"))).toThrow(/ENOENT/);
});

test("a folder that went and came again under its name is found at the second time", () => {
  const here = join(folder(), "conf");
  mkdirSync(here);
  writeFileSync(join(here, "x"), "0");
  expect(quickWrite(join(here, "x"), "1")).toBe(true);
  rmSync(here, { recursive: true });
  mkdirSync(`${here}-new`);
  writeFileSync(join(`${here}-new`, "x"), "0");
  renameSync(`${here}-new`, here);
  expect([quickWrite(join(here, "x"), "1"), quickWrite(join(here, "x"), "2")]).toEqual([false, true]);
  expect(readFileSync(join(here, "x"), "utf8")).toBe("2");
});

test("what does not take a value is told", () => {
  expect(quickWrite("/dev/full", "1")).toBe(false);
});
