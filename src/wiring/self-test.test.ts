import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { checkOutput } from "../../test/support/output.ts";
import { selfTest } from "./self-test.ts";

test("all parts work here", async () => {
  const lines: string[] = [];
  expect(await selfTest({ json: false, out: (text) => void lines.push(text) })).toBe(0);
  expect(lines.map((line) => line.replace(/:.*\n/, ""))).toEqual([
    "ok      runtime",
    "ok      DHCPv4",
    "ok      DHCPv6",
    "ok      configuration",
    "ok      native part",
  ]);
});

test("in JSON each check has its outcome", async () => {
  let text = "";
  const out = (more: string): void => {
    text += more;
  };
  expect(await selfTest({ json: true, out })).toBe(0);
  const check = (name: string) => ({ name, passed: true, text: expect.stringMatching(/./) });
  expect(checkOutput("self-test", text)).toEqual({
    version: packageJson.version,
    passed: true,
    checks: ["runtime", "DHCPv4", "DHCPv6", "configuration", "native part"].map(check),
  });
});
