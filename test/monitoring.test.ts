/** The dashboard and the alert rules speak of metrics and labels that there are. */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { makeInstruments, makeRegistry } from "../src/api/instruments.ts";
import { troubles } from "../src/app/state/troubles.ts";

const folder = new URL("../deploy/monitoring/", import.meta.url);
const text = (name: string): Promise<string> => readFile(new URL(name, folder), "utf8");

/** Each name as it stands in /metrics, with its labels. */
function registered(): ReadonlyMap<string, ReadonlySet<string>> {
  const registry = makeRegistry();
  makeInstruments(registry);
  const names = new Map<string, ReadonlySet<string>>();
  for (const metric of registry.getMetricsAsArray()) {
    const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: readonly string[] };
    const isHistogram = metric.constructor.name === "Histogram";
    const labels = new Set([...labelNames, "instance", "job", ...(isHistogram ? ["le"] : [])]);
    for (const end of isHistogram ? ["_bucket", "_sum", "_count"] : [""]) names.set(name + end, labels);
  }
  return names.set("up", new Set(["instance", "job"]));
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** What Prometheus is asked. */
async function queries(): Promise<string[]> {
  const { panels } = JSON.parse(await text("grafana-dashboard.json")) as { panels: readonly Panel[] };
  const rules = (await text("alerts.yml")).split(/^ +- alert: /m).slice(1);
  const ofRule = (rule: string): string =>
    /^ +expr: (?:>-\n)?([\s\S]*?)\n +(?:for|labels):/m.exec(rule)?.[1] ?? "";
  return [...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), ...rules.map(ofRule)];
}

it("names only metrics and labels that there are", async () => {
  const names = registered();
  const asked = await queries();
  expect(asked.length).toBeGreaterThan(40);
  for (const query of asked) {
    const found = [...query.matchAll(/\b((?:gateway|nodejs|process)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?/g)];
    expect(found, query).not.toEqual([]);
    const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(", "));
    for (const [, name = "", selector = ""] of found) {
      const labels = names.get(name);
      expect(labels, `${name} in ${query}`).toBeDefined();
      const used = [...selector.matchAll(/(\w+)\s*(?:=~|!=|=|!~)/g)].map(([, label = ""]) => label);
      for (const label of [...used, ...grouped]) expect(labels, `${label} of ${name}`).toContain(label);
    }
  }
});

it("shows every metric of the gateway in the dashboard, and tells of it in the README", async () => {
  const dashboard = await text("grafana-dashboard.json");
  const readme = (await text("README.md")).replace(/`gateway_proxy_up`, (.*?)\|/, (row) =>
    row.replace(/`_/g, "`gateway_proxy_"),
  );
  for (const name of registered().keys()) {
    if (!name.startsWith("gateway_") || /_(sum|count)$/.test(name)) continue;
    expect(dashboard).toContain(name);
    expect(readme).toContain(name.replace(/_bucket$/, ""));
  }
});

it("asks for kinds of problems that there are", async () => {
  const kinds = [...(await text("alerts.yml")).matchAll(/kind="([^"]+)"/g)].map(([, kind]) => kind);
  expect(kinds.length).toBeGreaterThan(3);
  for (const kind of kinds) expect(troubles).toContain(kind);
});
