import { expect, test } from "vitest";
import { allCommands } from "./command-model.ts";
import { renderManPage } from "./man-page.ts";
import { sampleModel } from "./program.fixture.ts";
import { type Commands, runProgram } from "./program.ts";

const root = sampleModel();
const leaves = allCommands(root).filter(({ subcommands }) => subcommands.length === 0);

async function helpOf(path: readonly string[]): Promise<string> {
  let text = "";
  const code = await runProgram(["node", "gateway", ...path, "--help"], {} as Commands, {
    version: "1.2.3",
    defaultConfigPath: "/etc/ipv4-ipv6-gateway/gateway.toml",
    out: (more) => {
      text += more;
    },
    err: () => {},
  });
  expect(code).toBe(0);
  return text;
}

test("the help of every command says what it does, with examples, in 80 columns", async () => {
  expect(leaves.length).toBeGreaterThan(18);
  for (const { path, summary, subcommands } of allCommands(root)) {
    const help = await helpOf(path);
    const name = `gateway ${path.join(" ")}`.trim();
    expect(help, name).toContain(`Usage: ${name}`);
    expect(help, name).toMatch(/\nExamples:\n {2}(gateway|source) /);
    if (subcommands.length === 0) expect(help.replace(/\s+/g, " "), name).toContain(summary);
    expect(help.split("\n").filter((line) => line.length > 80 && !line.startsWith("Usage:"))).toEqual([]);
  }
});

test("examples are command lines of this very program", async () => {
  for (const { examples } of allCommands(root))
    for (const [line] of examples) {
      const words = /(?:^|\()gateway ([^|>)]*)/.exec(line)?.[1]?.trim().split(" ") ?? [];
      const known = leaves.some(({ path }) => path.every((word, i) => words[i] === word));
      expect([line, known]).toEqual([line, true]);
    }
});

test("the manual page has every command, option and example, and nothing that roff would swallow", () => {
  const page = renderManPage(root, "1.2.3");
  const plain = page
    .replace(/\\f[BIR]|\\&/g, "")
    .replaceAll("\\-", "-")
    .replaceAll(/\n(?!\.)/g, " ");
  for (const { path, options, examples } of leaves) {
    expect(plain).toContain(`.TP ${path.join(" ")}`);
    for (const { names } of options) expect(plain).toContain(names.join(", "));
    for (const [line] of examples) expect(plain).toContain(line);
  }
  const requests = page.split("\n").filter((line) => /^[.']/.test(line));
  for (const request of requests) expect(request).toMatch(/^\.(\\"|TH |SH |TP$|RS$|RE$|br$)/);
});
