import type { Status } from "../device-list.ts";
import { deviceLink } from "../routes.ts";
import { devices } from "../state/devices.ts";
import { Badge } from "./badge.tsx";

/** Who has an address of the LAN now. */
export function Holder({ mac, status }: { readonly mac: string | null; readonly status: Status | null }) {
  if (mac === null) return <span class="dim">nobody has this address now</span>;
  return (
    <span class="holder">
      <a href={deviceLink(mac)}>{devices.value?.get(mac)?.hostname ?? mac}</a>
      {status && <Badge status={status} />}
    </span>
  );
}
