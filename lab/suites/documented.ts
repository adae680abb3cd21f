/** The commands that README and docs tell people to type. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectFile } from "../paths.ts";

/** What begins so, in a code span or a fenced block, is a command. */
const programs =
  /^(\.\/)?(gateway|gateway-[a-z-]+|setup-[a-z0-9-]+|curl|source|scripts\/\S+|bench\/\S+|(un)?install\.sh|npm|sudo|opkg|apk|apt|dpkg|systemctl|journalctl|logread|reload_config|\/etc\/init\.d\/\S+|\/usr\/lib\/\S+\/service|… service)( |$)/;
/** Names that stand in a sentence. */
const isName = (text: string): boolean =>
  /^(gateway|(un)?install\.sh|curl|dpkg|opkg|apk|scripts\/\S+\.mjs)$/.test(text);

async function pages(): Promise<readonly string[]> {
  const docs = (await readdir(projectFile("docs"))).filter((name) => name.endsWith(".md"));
  const files = ["README.md", ...docs.map((name) => join("docs", name)), "deploy/monitoring/README.md"];
  return Promise.all(files.map((file) => readFile(projectFile(file), "utf8")));
}

/** Code: lines of fenced blocks without a language (continued ones joined, comments cut off), and spans. */
function codeOf(markdown: string): readonly string[] {
  const parts = markdown.split(/^```(.*)$/m);
  const prose = parts.filter((_, n) => n % 4 === 0).join("");
  // Prose, language, block, nothing; and so on.
  const blocks = parts.filter((_, n) => n % 4 === 2 && parts[n - 1] === "");
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, "").split("\n"));
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span.replaceAll("\\|", "|"));
  return [...lines.map((line) => line.replace(/\s+# .*/, "").trim()), ...spans];
}

/** Each once, as it is written. */
export async function documentedCommands(): Promise<readonly string[]> {
  const code = (await pages()).flatMap(codeOf);
  return [...new Set(code)].filter((line) => programs.test(line) && !isName(line)).sort();
}

/** Commands that one gateway on one machine answers; the rest installs, or belongs to the system. */
export const isOfGateway = (line: string): boolean =>
  /^(gateway|source <\(gateway|curl)\b/.test(line) && line !== "gateway run";

/** What stands for something is written out, each in every way that is meant. */
const variants: Readonly<Record<string, readonly string[]>> = {
  "gateway COMMAND --help": ["gateway --help", "gateway port-forward add --help"],
  "gateway schema COMMAND": ["gateway schema", "gateway schema devices"],
  "gateway devices [STATUS]": ["gateway devices", "gateway devices active", "gateway devices --watch"],
  "gateway device MAC": ["gateway device 00:00:5e:00:53:01"],
  "gateway events [--follow]": ["gateway events", "gateway events --follow"],
  "gateway retry MAC": ["gateway retry 00:00:5e:00:53:01"],
  "gateway forget MAC": ["gateway forget 00:00:5e:00:53:01"],
  "gateway export --format csv|json [--status STATUS]": [
    "gateway export --format csv",
    "gateway export --format json --status active",
    "gateway export --direct",
  ],
  "gateway port-forward add PORT IP DEVICE-PORT [--udp]": [
    "gateway port-forward add 9001 192.168.1.100 80 && gateway port-forward remove 9001 192.168.1.100 80",
    "gateway port-forward add 9002 192.168.1.100 7 --udp && gateway port-forward list",
    "gateway port-forward quick-device 192.168.1.100",
  ],
  "gateway ipv6-forward enable IP [--from NETWORK]...": [
    "gateway ipv6-forward enable 192.168.1.100 --from 198.51.100.0/24 && gateway ipv6-forward status && gateway ipv6-forward disable 192.168.1.100",
  ],
  "gateway ipv6-forward": ["gateway ipv6-forward status"],
  "gateway log-level [AREA] [LEVEL]": ["gateway log-level", "gateway log-level dhcp4 default"],
  "gateway status": ["gateway status", "gateway status --json"],
  "curl --unix-socket /run/ipv4-ipv6-gateway/api.sock http://localhost/...": [
    "curl --unix-socket /run/ipv4-ipv6-gateway/api.sock http://localhost/status",
  ],
};

/**
 * The lines to type; `ip6` is the address of a device with a page.
 * Errors: it has a placeholder that nobody has written out.
 */
export function writtenOut(line: string, ip6: string): readonly string[] {
  const lines = variants[line] ?? [line.replace("2001:db8:a::1001", ip6)];
  for (const each of lines)
    if (
      /\b[A-Z]{2,}\b(?!.*api-token)|[[|](?![^\]]*:)|\.\.\./.test(
        each.replace(/^curl .*/, "").replace(" | man", ""),
      )
    )
      throw new Error(`${line}: write out what its placeholders stand for, in lab/suites/documented.ts`);
  return lines;
}
