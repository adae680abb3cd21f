import type { DeviceJson } from "../../api/contract.ts";
import { csvOf } from "../csv.ts";
import { ask } from "../state/ask.ts";
import { shown } from "../state/list-view.ts";
import { tell, wordsOf } from "../state/notice.ts";
import { gatewayNow } from "../times.ts";

const columns = [
  "mac_address",
  "hostname",
  "status",
  "reason",
  "ipv4_address",
  "ipv4_wan_address",
  "ipv6_address",
  "discovered_at",
  "last_seen",
] as const;

const kinds = {
  csv: { type: "text/csv", write: (devices: readonly DeviceJson[]) => csvOf(columns, devices) },
  json: {
    type: "application/json",
    write: (devices: readonly DeviceJson[]) => `${JSON.stringify({ devices }, undefined, 2)}\n`,
  },
} as const;
type Kind = keyof typeof kinds;

/** Of those that are shown, in this order, as the gateway has them now. */
async function exportAs(kind: Kind): Promise<void> {
  const { devices } = await ask<{ readonly devices: readonly DeviceJson[] }>("/devices");
  const now = new Map(devices.map((device) => [device.mac_address, device]));
  const chosen = shown.peek().flatMap(({ mac_address }) => now.get(mac_address) ?? []);
  const day = new Date(gatewayNow()).toISOString().slice(0, 10);
  const { type, write } = kinds[kind];
  save(new Blob([write(chosen)], { type: `${type};charset=utf-8` }), `devices-${day}.${kind}`);
  tell(
    "good",
    `${chosen.length} ${chosen.length === 1 ? "device" : "devices"} written to devices-${day}.${kind}`,
  );
}

function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function ExportButtons() {
  const run = (kind: Kind) => () => {
    exportAs(kind).catch((thrown: unknown) => tell("bad", wordsOf(thrown)));
  };
  return (
    <fieldset class="export">
      <legend class="unseen">Download the devices shown, for registering their MACs</legend>
      {(["csv", "json"] as const).map((kind) => (
        <button key={kind} type="button" disabled={shown.value.length === 0} onClick={run(kind)}>
          <span class="unseen">Download as </span>
          {kind.toUpperCase()}
          <span aria-hidden="true"> ↓</span>
        </button>
      ))}
    </fieldset>
  );
}
