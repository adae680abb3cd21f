/** `gateway status` and `gateway devices` by the API. Part of the composition root. */
import type { DeviceJson, HealthJson, StatusJson } from "../api/contract.ts";
import { essenceOf, rowOf, statusOf } from "../cli/api-view.ts";
import type { DevicesOptions, ViewOptions } from "../cli/commands/views.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { renderDevices, renderStatus } from "../cli/direct.ts";
import { jsonText } from "../cli/json-text.ts";
import { terminal } from "../cli/terminal.ts";
import type { Watched } from "../cli/watch.ts";
import type { ApiClient } from "../io/api-client.ts";
import { openClient } from "./ask-api.ts";

interface DeviceList {
  readonly total: number;
  readonly devices: readonly DeviceJson[];
}

/** For completion: what is at hand, silently. */
export async function macs(place: ConfigPlace, { out }: Output): Promise<0> {
  const { api } = await openClient(place);
  const { devices } = await api.get<DeviceList>("/devices");
  for (const { mac_address } of devices) out(`${mac_address}\n`);
  return 0;
}

const follow =
  (api: ApiClient) =>
  (changed: () => void, signal: AbortSignal): Promise<void> =>
    api.events("/events", changed, signal);

export async function apiStatusSource(
  place: ConfigPlace,
  options: ViewOptions,
): Promise<Watched<StatusJson>> {
  const { api } = await openClient(place);
  return {
    load: () => api.get<StatusJson>("/status"),
    follow: follow(api),
    render: (status) =>
      options.json ? jsonText(status, options) : renderStatus(statusOf(status, place.path), terminal()),
    essence: ({ timestamp: _, devices, ...rest }) =>
      JSON.stringify([rest, essenceOf(Object.values(devices))]),
  };
}

interface Devices {
  readonly list: DeviceList;
  readonly problems: readonly string[];
}

export async function apiDevicesSource(
  place: ConfigPlace,
  options: DevicesOptions,
): Promise<Watched<Devices>> {
  const { api } = await openClient(place);
  const path = options.status ? `/devices?status=${options.status}` : "/devices";
  return {
    load: async () => {
      const list = await api.get<DeviceList>(path);
      if (options.json) return { list, problems: [] };
      const { problems } = await api.get<Pick<HealthJson, "problems">>("/health");
      return { list, problems };
    },
    follow: follow(api),
    render: ({ list, problems }) =>
      options.json ? jsonText(list, options) : renderDevices(list.devices.map(rowOf), terminal(), problems),
    essence: ({ list, problems }) => JSON.stringify([essenceOf(list.devices), problems]),
  };
}
