import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sameSecret, tokenFrom } from "./secret.ts";

const directory = mkdtempSync(join(tmpdir(), "secret-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("secrets are the same or not, whatever their lengths", () => {
  expect(sameSecret("abc", "abc")).toBe(true);
  for (const other of ["", "ab", "abd", "abcd", "abc\0", "äbc"]) expect(sameSecret("abc", other)).toBe(false);
  expect(sameSecret("a\0", "a")).toBe(false);
});

test("a token is made once, for its owner alone", async () => {
  const path = join(directory, "deep", "api-token");
  const token = await tokenFrom(path);
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await tokenFrom(path)).toBe(token);
});

test("one of the operator's own is taken, and what is none is refused", async () => {
  const path = join(directory, "own");
  writeFileSync(path, "correct-horse-battery-staple\n");
  expect(await tokenFrom(path)).toBe("correct-horse-battery-staple");
  for (const text of ["", "short", "two words of it, no token", `${"x".repeat(1025)}`]) {
    writeFileSync(path, text);
    await expect(tokenFrom(path)).rejects.toMatchObject({ code: "token-file" });
  }
});
