/** `gateway port-forward` and `gateway ipv6-forward`. Part of the composition root. */
import type { Output } from "../cli/config-place.ts";
import * as inbound from "../cli/ipv6-forward.ts";
import * as forwards from "../cli/port-forward.ts";
import type { Commands } from "../cli/program.ts";
import { terminal } from "../cli/terminal.ts";
import { withForwards, withInbound } from "./forward-store.ts";

type Names =
  | "forwardAdd"
  | "forwardRemove"
  | "forwardList"
  | "forwardQuick"
  | "inboundEnable"
  | "inboundDisable"
  | "inboundStatus";

export const forwardCommands = (io: Output): Pick<Commands, Names> => ({
  forwardAdd: (place, args, options) =>
    withForwards(place, (config, store) => forwards.forwardAdd(config, store, args, { ...options, ...io })),
  forwardRemove: (place, args, options) =>
    withForwards(place, (_, store) => forwards.forwardRemove(store, args, { ...options, ...io })),
  forwardList: (place, { json }) =>
    withForwards(place, (_, store) => forwards.forwardList(store, { json, ...terminal() }, io)),
  forwardQuick: (place, ip, options) =>
    withForwards(place, (config, store) => forwards.forwardQuick(config, store, ip, { ...options, ...io })),
  inboundEnable: (place, args, options) =>
    withInbound(place, (config, store) => inbound.inboundEnable(config, store, args, { ...options, ...io })),
  inboundDisable: (place, ip, options) =>
    withInbound(place, (config, store) => inbound.inboundDisable(config, store, ip, { ...options, ...io })),
  inboundStatus: (place, { json }) =>
    withInbound(place, (config, store) => inbound.inboundStatus(config, store, { json, ...terminal() }, io)),
});
