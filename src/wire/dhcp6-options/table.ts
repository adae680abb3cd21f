/** Which codec belongs to which option of a message: the one list that parse.ts and emit.ts go by. */
import type { Dhcp6Options } from "../dhcp6/message.ts";
import { auth } from "./auth.ts";
import { clientId } from "./client-id.ts";
import { dnsServers } from "./dns-servers.ts";
import { domainSearch } from "./domain-search.ts";
import { elapsed } from "./elapsed.ts";
import { fqdn } from "./fqdn.ts";
import { iaNa } from "./ia-na.ts";
import { infMaxRt } from "./inf-max-rt.ts";
import { informationRefresh } from "./information-refresh.ts";
import { ntpServers } from "./ntp-servers.ts";
import { optionSet } from "./option-set.ts";
import { preference } from "./preference.ts";
import { rapidCommit } from "./rapid-commit.ts";
import { reconfigure } from "./reconfigure.ts";
import { requestList } from "./request-list.ts";
import { serverId } from "./server-id.ts";
import { solMaxRt } from "./sol-max-rt.ts";
import { status } from "./status.ts";
import { vendorClass } from "./vendor-class.ts";

export type OptionName = keyof Dhcp6Options;

/** In the order they are sent; any will do (RFC 8415 section 21.1). */
export const messageOptions = optionSet<Required<Dhcp6Options>>({
  clientId,
  serverId,
  status,
  preference,
  rapidCommit,
  elapsed,
  iaNa,
  requestList,
  reconfigure,
  vendorClass,
  fqdn,
  dnsServers,
  domainSearch,
  ntpServers,
  informationRefresh,
  solMaxRt,
  infMaxRt,
  auth,
});
