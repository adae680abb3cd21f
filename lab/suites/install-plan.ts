/** Puts what the gateway's plan wants into a namespace that has none of it yet: by its own text, without its daemon. */
import { elementsOf, type GatewayPlan } from "../../src/plan/desired.ts";
import { type Action, diff } from "../../src/plan/diff.ts";
import { renderIp, renderUp } from "../../src/plan/render.ts";
import type { Identity, Resource, ResourceMap } from "../../src/plan/resource.ts";
import { renderRuleset } from "../../src/plan/ruleset.ts";
import { identitySettings } from "../../src/plan/sysctls.ts";
import type { Namespace } from "../netns.ts";

export async function installPlan(
  namespace: Namespace,
  gateway: GatewayPlan,
  desired: ResourceMap,
): Promise<void> {
  const puts = diff(desired, []);
  const identities = puts.map(({ resource }) => resource).filter((r): r is Identity => r.kind === "identity");
  await namespace.nft(renderRuleset(gateway, elementsOf(desired), new Map()));
  await writeSettings(namespace, portSettings(puts));
  await namespace.ip(linesOf(puts, (r) => isLink(r)));
  await writeSettings(
    namespace,
    identities.flatMap(({ ifname }) => identitySettings(ifname)),
  );
  await namespace.ip(identities.map(renderUp));
  await namespace.ip(linesOf(puts, (r) => !isLink(r)));
}

const isLink = ({ kind }: Resource): boolean => kind === "port" || kind === "identity";

const linesOf = (puts: readonly Action[], wanted: (resource: Resource) => boolean): string[] =>
  puts.filter(({ resource }) => wanted(resource)).flatMap(renderIp);

const portSettings = (puts: readonly Action[]) =>
  puts.flatMap(({ resource }) => (resource.kind === "sysctl" ? [resource] : []));

/** All in one process; what this kernel does not have is passed over. */
async function writeSettings(
  namespace: Namespace,
  settings: readonly { readonly key: string; readonly value: string }[],
): Promise<void> {
  const input = settings.map(({ key, value }) => `${key} = ${value}\n`).join("");
  await namespace.run(["sysctl", "-q", "-e", "-p", "-"], { input, timeoutMs: 120_000 });
}
