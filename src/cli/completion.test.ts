/** Real shells at a terminal: what they put in place of what was typed, and run then. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { renderCompletion } from "./completion.ts";
import { sampleModel } from "./program.fixture.ts";

const directory = mkdtempSync(join(tmpdir(), "completion-"));
afterAll(() => rmSync(directory, { recursive: true }));

const mac = "00:00:5e:00:53:01";
/** In place of the gateway: says how it was called. */
const stand = `#!/bin/sh
case "$*" in *complete-macs) echo ${mac} ;; *) printf '<%s>\\n' "$*" ;; esac
`;
for (const name of ["gateway", "gateway-devices"]) {
  writeFileSync(join(directory, name), stand);
  chmodSync(join(directory, name), 0o755);
}

/** Types each line with a tab at its end, and waits for what it runs. */
const driver = `
zmodload zsh/zpty
zpty shell "$1"
zpty -w shell "$2"
zpty -r shell out $'*<ready>*'
for line in "\${@:3}"; do
  zpty -w -n shell "$line"$'\\t\\n'
  zpty -r shell out $'*<*>*'
  print -r -- "\${\${out##*<}%%>*}"
done
zpty -d shell
`;

const typed: readonly [typed: string, completed: string][] = [
  ["gateway conf", "config"],
  ["gateway devices fail", "devices failed"],
  ["gateway status --dir", "status --direct"],
  ["gateway config sch", "config schema"],
  ["gateway port-forward quick", "port-forward quick-device"],
  ["gateway export --format js", "export --format json"],
  ["gateway export --format csv --stat", "export --format csv --status"],
  ["gateway --config /etc/passw", "--config /etc/passwd"],
  ["gateway --config x.toml completion z", "--config x.toml completion zsh"],
  ["gateway device 00:00:5e:", `device ${mac}`],
  ["gateway forget ", `forget ${mac}`],
  ["gateway-devices inac", "inactive"],
];

const shells = {
  bash: {
    start: "bash --norc --noprofile -i",
    setup: (file: string) => `stty -echo; PS1=; source ${file}; echo "<rea""dy>"`,
  },
  zsh: {
    start: "zsh -f -i",
    setup: (file: string) =>
      `stty -echo; PS1=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -U compinit; compinit -u -D; source ${file}; echo "<rea""dy>"`,
  },
} as const;

test.each(["bash", "zsh"] as const)(
  "%s completes commands, options, words, files and MACs",
  (shell) => {
    const file = join(directory, `completion.${shell}`);
    writeFileSync(file, renderCompletion(sampleModel(), shell));
    const { start, setup } = shells[shell];
    const lines = typed.map(([line]) => line);
    const out = execFileSync("zsh", ["-f", "-c", driver, "driver", start, setup(file), ...lines], {
      env: { ...process.env, PATH: `${directory}:${process.env.PATH}`, TERM: "dumb", HOME: directory },
      timeout: 60_000,
      encoding: "utf8",
    });
    expect(out.trim().split("\n")).toEqual(typed.map(([, completed]) => completed));
  },
  70_000,
);
