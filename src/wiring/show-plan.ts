/** `gateway plan`. Part of the composition root. */
import type { PlanJson } from "../api/contract.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { jsonText } from "../cli/json-text.ts";
import { renderPlan } from "../cli/plan-view.ts";
import { terminal } from "../cli/terminal.ts";
import { openClient } from "./ask-api.ts";

export async function plan(
  place: ConfigPlace,
  { json }: { readonly json: boolean },
  { out }: Output,
): Promise<0> {
  const { api } = await openClient(place);
  const answer = await api.get<PlanJson>("/plan");
  out(json ? jsonText(answer) : renderPlan(answer, terminal()));
  return 0;
}
