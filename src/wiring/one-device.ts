/** `gateway device`, `retry`, `forget`. Part of the composition root. */
import type { DeviceDetailJson } from "../api/contract.ts";
import type { Mac } from "../base/mac.ts";
import type { Told } from "../cli/commands/common.ts";
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

interface Answer {
  readonly message: string;
}

export async function retry(place: ConfigPlace, mac: Mac, options: Told, io: Output): Promise<0> {
  const { api } = await openClient(place);
  tell(mac, await api.change<Answer>("POST", `/devices/${mac}/retry`), options, io);
  return 0;
}

export async function forget(place: ConfigPlace, mac: Mac, options: Told, io: Output): Promise<0> {
  const { api } = await openClient(place);
  tell(mac, await api.change<Answer>("DELETE", `/devices/${mac}`), options, io);
  return 0;
}

const tell = (mac: Mac, { message }: Answer, { json }: Told, { out }: Output): void =>
  out(
    json
      ? jsonText({ mac_address: mac, message })
      : `${message.charAt(0).toUpperCase()}${message.slice(1)}.\n`,
  );
