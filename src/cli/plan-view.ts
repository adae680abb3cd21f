/** `gateway plan`: what would be done, grouped by what it is done to. */
import type { PlanJson } from "../api/contract.ts";
import type { RenderOptions } from "./direct.ts";
import { styled, wrap } from "./text.ts";

const names: Readonly<Record<string, readonly [one: string, many: string]>> = {
  identity: ["identity", "identities"],
  port: ["port", "ports"],
  address: ["address", "addresses"],
  route: ["route", "routes"],
  rule: ["routing rule", "routing rules"],
  neighbour: ["neighbour entry", "neighbour entries"],
  ruleset: ["nftables table", "nftables tables"],
  element: ["set or map element", "set and map elements"],
  sysctl: ["setting", "settings"],
};

const styles = { add: "green", change: "yellow", remove: "red" } as const;

export function renderPlan(plan: PlanJson, { color, width }: RenderOptions): string {
  const busy = plan.busy
    ? wrap("The gateway was changing the kernel meanwhile: some of it may be done already.", width, "")
    : [];
  if (plan.total === 0) return `${["Nothing to do.", ...busy].join("\n")}\n`;
  const groups = plan.counts.flatMap(({ verb, kind, count }) => {
    const [one, many] = names[kind] ?? [kind, kind];
    const title = styled(`${verb} ${count} ${count === 1 ? one : many}`, styles[verb], color);
    const commands = plan.actions
      .filter((action) => action.verb === verb && action.kind === kind)
      .flatMap((action) => action.commands);
    return [title, ...commands.flatMap((command) => hanging(command, width))];
  });
  const listed = plan.actions.length;
  const rest = listed < plan.total ? [`... and ${plan.total - listed} more that are not listed`] : [];
  const sum = plan.total === 1 ? "1 change" : `${plan.total} changes`;
  return `${[...groups, ...rest, "", `${sum} to make; none was made by this command.`, ...busy].join("\n")}\n`;
}

/** A long command goes on deeper. */
const hanging = (command: string, width: number): readonly string[] =>
  wrap(command, width - 4, "  ").map((line, i) => (i === 0 ? line : `    ${line}`));
