import type { DeviceDetailJson } from "../../api/contract.ts";
import { Time } from "./time.tsx";

type Entry = DeviceDetailJson["timeline"][number];

const families: Readonly<Record<NonNullable<Entry["family"]>, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

/** Kinds of entries that need a look. */
const bad = new Set(["attempt-failed", "failed", "lost", "refused", "conflict"]);

/** What happened to a device, the latest first. */
export function TimelineView({ entries }: { readonly entries: readonly Entry[] }) {
  if (entries.length === 0) return <p class="dim">Nothing since the gateway was started.</p>;
  return (
    <ol class="timeline">
      {entries.toReversed().map((entry) => (
        <li
          key={`${entry.kind} ${entry.family} ${entry.at} ${entry.detail}`}
          class={bad.has(entry.kind) ? "bad" : ""}
        >
          <Time at={entry.at} both />
          <span class="what">
            <strong>{entry.kind}</strong>
            {entry.family && <span class="family">{families[entry.family]}</span>}
            {entry.count > 1 && <span class="dim">{entry.count} times</span>}
          </span>
          {entry.detail && <span class="detail">{entry.detail}</span>}
        </li>
      ))}
    </ol>
  );
}
