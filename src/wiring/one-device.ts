/** `gateway device`, `retry`, `forget`. Part of the composition root. */
import type { DeviceDetailJson } from "../api/contract.ts";
import type { Mac } from "../base/mac.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { renderDevice } from "../cli/device-view.ts";
import { jsonText } from "../cli/json-text.ts";
import { terminal } from "../cli/terminal.ts";
import { openClient } from "./ask-api.ts";

export async function device(
  place: ConfigPlace,
  mac: Mac,
  { json }: { readonly json: boolean },
  { out }: Output,
): Promise<0> {
  const { api } = await openClient(place);
  const detail = await api.get<DeviceDetailJson>(`/devices/${mac}`);
  out(json ? jsonText(detail) : renderDevice(detail, terminal()));
  return 0;
}

interface Told {
  readonly message: string;
}

export async function retry(place: ConfigPlace, mac: Mac, { out }: Output): Promise<0> {
  const { api } = await openClient(place);
  out(sentence(await api.change<Told>("POST", `/devices/${mac}/retry`)));
  return 0;
}

export async function forget(place: ConfigPlace, mac: Mac, { out }: Output): Promise<0> {
  const { api } = await openClient(place);
  out(sentence(await api.change<Told>("DELETE", `/devices/${mac}`)));
  return 0;
}

const sentence = ({ message }: Told): string => `${message.charAt(0).toUpperCase()}${message.slice(1)}.\n`;
