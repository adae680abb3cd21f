/** `gateway status --direct`, `gateway devices --direct` and `gateway export --direct`. Part of the composition root. */
import type { DevicesOptions, ViewOptions } from "../cli/commands/views.ts";
import type { ConfigPlace } from "../cli/config-place.ts";
import {
  type DeviceRow,
  renderDevices,
  renderDevicesJson,
  renderStatus,
  renderStatusJson,
} from "../cli/direct.ts";
import { type DirectFacts, directDevices, directProblems, directStatus } from "../cli/direct-view.ts";
import { jsonText } from "../cli/json-text.ts";
import { terminal } from "../cli/terminal.ts";
import type { Watched } from "../cli/watch.ts";
import { directFacts } from "./direct-facts.ts";

const oneLine = (json: string, options: ViewOptions): string =>
  options.watch ? jsonText(JSON.parse(json), options) : json;

export function directStatusSource(place: ConfigPlace, options: ViewOptions): Watched<DirectFacts> {
  return {
    load: () => directFacts(place),
    render: (facts) =>
      options.json
        ? oneLine(renderStatusJson(directStatus(facts)), options)
        : renderStatus(directStatus(facts), terminal()),
    essence: (facts) => essence({ ...directStatus(facts), stateWrittenAt: null }),
  };
}

export function directDevicesSource(place: ConfigPlace, options: DevicesOptions): Watched<DirectFacts> {
  const rowsOf = (facts: DirectFacts) =>
    directDevices(facts).filter(({ status }) => !options.status || status === options.status);
  return {
    load: () => directFacts(place),
    render: (facts) =>
      options.json
        ? oneLine(renderDevicesJson(rowsOf(facts)), options)
        : renderDevices(rowsOf(facts), terminal(), directProblems(facts)),
    essence: (facts) => essence([rowsOf(facts), directProblems(facts)]),
  };
}

/** For `gateway export --direct`. */
export async function directRows(place: ConfigPlace): Promise<readonly DeviceRow[]> {
  return directDevices(await directFacts(place));
}

/** When a device was seen last is no change. */
const essence = (value: unknown): string =>
  JSON.stringify(value, (key, inner: unknown) => (key === "lastSeen" ? null : inner));
