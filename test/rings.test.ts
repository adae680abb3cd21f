import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkRings, table } from "./rings.ts";

const root = join(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "rings-"));
cpSync(join(root, "src"), join(copy, "src"), { recursive: true });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
afterAll(() => rmSync(copy, { recursive: true }));

const countSources = (): number =>
  readdirSync(join(root, "src"), { recursive: true }).filter((f) => /\.tsx?$/.test(String(f))).length;

describe("the import table", () => {
  test("holds, and the checker looked at every module and at their imports", async () => {
    const { summary, modules } = await checkRings(root, ["src"]);
    expect(summary.violations.map((v) => `${v.from} -> ${v.to}: ${v.rule.name}`)).toEqual([]);
    const ours = modules.filter((m) => m.source.startsWith("src/"));
    expect(ours.length).toBe(countSources());
    expect(ours.length).toBeGreaterThan(80);
    expect(ours.reduce((sum, m) => sum + m.dependencies.length, 0)).toBeGreaterThan(3 * ours.length);
  });

  test("names every ring there is", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((e) => e.isDirectory());
    const rings = folders.map((f) => f.name).filter((name) => name !== "wiring");
    expect(rings.sort()).toEqual(table.map((t) => t.ring).sort());
  });

  const forbidden: readonly [ring: string, file: string, statement: string][] = [
    ["base", "time.ts", 'import "../wire/bpf.ts";'],
    ["wire", "bpf.ts", 'import type { Clock } from "../ports/clock.ts"; export type Bad = Clock;'],
    ["machine", "dhcp4/lease.ts", 'import "node:fs";'],
    ["plan", "diff.ts", 'import { x } from "zod/mini"; void x;'],
    ["ports", "clock.ts", 'import "../app/gateway.ts";'],
    ["app", "gateway.ts", 'import "../io/clock.ts";'],
    ["app", "gateway.ts", 'import "node:child_process";'],
    [
      "io",
      "clock.ts",
      'import type { Dhcp4State } from "../machine/dhcp4/state.ts"; export type Bad = Dhcp4State;',
    ],
    ["web", "routes.ts", 'import { device } from "../api/contract.ts"; void device;'],
    ["web", "routes.ts", 'import type { Mac } from "../base/mac.ts"; export type Bad = Mac;'],
    ["web", "routes.ts", 'import "node:fs";'],
  ];

  test.each(forbidden)(
    "fails when %s/%s gains: %s",
    async (ring, file, statement) => {
      const path = join(copy, "src", ring, file);
      const before = readFileSync(path, "utf8");
      writeFileSync(path, `${statement}\n${before}`);
      const { summary } = await checkRings(copy, ["src"]);
      writeFileSync(path, before);
      expect(summary.violations.map((v) => v.from)).toContain(`src/${ring}/${file}`);
    },
    60_000,
  );
});
