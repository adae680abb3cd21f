/** Which codec belongs to which option: the one list that parse.ts and emit.ts go by. */
import type { Dhcp4Options } from "../dhcp4/message.ts";
import { broadcastAddress } from "./broadcast-address.ts";
import { classlessRoutes } from "./classless-routes.ts";
import { clientId } from "./client-id.ts";
import { dnsServers } from "./dns-servers.ts";
import { domainName } from "./domain-name.ts";
import { domainSearch } from "./domain-search.ts";
import { hostName } from "./host-name.ts";
import { interfaceMtu } from "./interface-mtu.ts";
import { leaseTime } from "./lease-time.ts";
import { maxMessageSize } from "./max-message-size.ts";
import { message } from "./message.ts";
import { messageType } from "./message-type.ts";
import { ntpServers } from "./ntp-servers.ts";
import { overload } from "./overload.ts";
import { parameterList } from "./parameter-list.ts";
import { rebindingTime } from "./rebinding-time.ts";
import { renewalTime } from "./renewal-time.ts";
import { requestedAddress } from "./requested-address.ts";
import { routers } from "./routers.ts";
import { serverId } from "./server-id.ts";
import type { Option } from "./shapes.ts";
import { staticRoutes } from "./static-routes.ts";
import { subnetMask } from "./subnet-mask.ts";
import { v6OnlyPreferred } from "./v6-only-preferred.ts";
import { vendorClass } from "./vendor-class.ts";
import { vendorSpecific } from "./vendor-specific.ts";

export type OptionName = keyof Dhcp4Options;
type Values = Required<Dhcp4Options>;
/** Dhcp4Options in the shape in which the compiler can follow a name from value to codec. */
export type OptionsToSend = { readonly [K in OptionName]?: Values[K] };
/** The same while a message is read. */
export type OptionsSoFar = { -readonly [K in OptionName]?: Values[K] };
/** An option without its codec here does not compile. */
export type OptionTable = { readonly [K in OptionName]: Option<Values[K]> };

/** In the order they are sent: the message type first, where old servers and snooping switches look for it. */
export const optionTable: OptionTable = {
  messageType,
  clientId,
  serverId,
  requestedAddress,
  leaseTime,
  renewalTime,
  rebindingTime,
  subnetMask,
  broadcastAddress,
  classlessRoutes,
  routers,
  staticRoutes,
  dnsServers,
  domainName,
  domainSearch,
  hostName,
  interfaceMtu,
  ntpServers,
  maxMessageSize,
  vendorClass,
  vendorSpecific,
  v6OnlyPreferred,
  message,
  overload,
  parameterList,
};

export const optionNames = Object.keys(optionTable) as readonly OptionName[];

/** The name of the option with this code; undefined for those without a type. */
export const optionNameByCode: ReadonlyMap<number, OptionName> = new Map(
  optionNames.map((name) => [optionTable[name].code, name]),
);
