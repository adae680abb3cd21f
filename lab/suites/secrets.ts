/** That nothing the gateway writes or answers holds a secret. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Namespace } from "../netns.ts";
import type { Lab } from "../topology.ts";
import { ask, bearer } from "./api.ts";

const pages = [
  "/",
  "/health",
  "/status",
  "/devices",
  "/timeline",
  "/plan",
  "/port-forwards",
  "/ipv6-forwards",
];
const more = ["/log-levels", "/metrics", "/openapi.json"];
const commands = [
  ["status", "--json"],
  ["status", "--direct", "--json"],
  ["devices", "--json"],
  ["events", "--json"],
  ["export", "--format", "json"],
  ["plan", "--json"],
  ["diagnose", "--json"],
  ["diagnose"],
  ["config", "show"],
];

/** All files below a directory, with their text. */
async function filesBelow(directory: string): Promise<[name: string, text: string][]> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }): Promise<[string, string]> => {
      const path = join(parentPath, name);
      return [path, await readFile(path, "latin1")];
    }),
  );
}

/** Looks for these, and for the API's token, in log, state, runtime directory, answers of the API and output of commands. @param from where the API is asked */
export async function tellsNoSecret(lab: Lab, from: Namespace, secrets: readonly string[]): Promise<void> {
  const headers = await bearer(lab);
  const token = (headers.Authorization ?? "").replace("Bearer ", "");
  expect(token.length).toBeGreaterThan(20);
  const texts: [name: string, text: string][] = [
    ["the log", await lab.gateway.log()],
    ["standard error", lab.gateway.output.join("\n")],
    ...(await filesBelow(join(lab.gateway.directory, "state"))),
    ...(await filesBelow(join(lab.gateway.directory, "run"))),
  ];
  for (const path of [...pages, ...more]) texts.push([path, (await ask(from, { path, headers })).body ?? ""]);
  const exported = await ask(from, { method: "POST", path: "/admin/export", headers });
  texts.push(["/admin/export", exported.body ?? ""]);
  for (const argv of commands) {
    const { stdout, stderr } = await lab.gateway.command(argv);
    texts.push([argv.join(" "), stdout + stderr]);
  }
  const found = texts.flatMap(([name, text]) =>
    [token, ...secrets].filter((secret) => text.includes(secret)).map((secret) => `${name}: ${secret}`),
  );
  const itself = join(lab.gateway.directory, "state", "api-token");
  // The token's own file shows that this finds one.
  expect(found).toEqual([`${itself}: ${token}`]);
  expect(texts.filter(([, text]) => text.length > 0).length).toBeGreaterThan(20);
}
