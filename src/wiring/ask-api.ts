/** Asking the running gateway. Part of the composition root. */
import { GatewayError } from "../base/errors.ts";
import type { ConfigPlace } from "../cli/config-place.ts";
import type { Config } from "../config/schema.ts";
import { ApiClient } from "../io/api-client.ts";
import { apiSocket, load } from "./files-of.ts";

/** Errors: those of the configuration; GatewayError "api-off". */
export async function openClient(place: ConfigPlace): Promise<{ config: Config; api: ApiClient }> {
  const config = await load(place);
  const { enabled, listen, port } = config.api;
  if (!enabled)
    throw new GatewayError(
      "api-off",
      "operator",
      "the configuration switches the API off (api.enabled = false), so the gateway cannot be asked",
      "gateway status --direct needs no daemon",
    );
  const addresses = [
    ...(listen.includes("localhost") ? ["127.0.0.1"] : []),
    ...(listen.includes("lan") ? [config.lan.address.ip] : []),
  ];
  return { config, api: new ApiClient({ socket: apiSocket(config), addresses, port }) };
}
