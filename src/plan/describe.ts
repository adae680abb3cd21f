/** Actions in words for people: the commands that would bring the same about. */
import type { Action } from "./diff.ts";
import { nftTable } from "./marks.ts";
import { renderElements, renderIp, renderUp } from "./render.ts";
import { type Resource, resourceKey } from "./resource.ts";

export interface DescribedAction {
  readonly verb: "add" | "change" | "remove";
  /** Of the resource, both families together: `rule`, `address`, `identity`, … */
  readonly kind: string;
  /** What it is done to, as `address gw00005e005301 198.51.100.7`. */
  readonly subject: string;
  /** For `ip`, `nft` and `sysctl`. */
  readonly commands: readonly string[];
}

/** A setting that this kernel does not have is asked for and never written. */
export const isPossible = (action: Action): boolean =>
  action.kind === "delete" || action.resource.kind !== "sysctl" || action.was !== undefined;

export const describeAction = (action: Action): DescribedAction => ({
  verb: action.kind === "delete" ? "remove" : action.was ? "change" : "add",
  kind: action.resource.kind.replace(/6$/, ""),
  subject: resourceKey(action.resource),
  commands: commandsOf(action),
});

function commandsOf(action: Action): readonly string[] {
  const { resource } = action;
  switch (resource.kind) {
    case "element":
      return renderElements([action])
        .trim()
        .split("\n")
        .map((line) => `nft ${line}`);
    case "ruleset": {
      const table = `table ${nftTable.family} ${nftTable.name}`;
      return [action.kind === "delete" ? `nft delete ${table}` : `nft -f: ${table}, all of it anew`];
    }
    case "sysctl":
      return [`sysctl -w ${resource.key}=${resource.value}`];
    case "identity":
      return action.kind === "delete"
        ? ipLines(action)
        : [...ipLines(action), `sysctl -w ... (settings of ${resource.ifname})`, `ip ${renderUp(resource)}`];
    default:
      return ipLines(action);
  }
}

const ipLines = (action: Action): string[] =>
  renderIp(action).map((line) => `${isFamily6(action.resource) ? "ip -6" : "ip"} ${line}`);

const isFamily6 = (resource: Resource): boolean => resource.kind.endsWith("6");
