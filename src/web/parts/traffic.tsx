import type { ComponentChildren } from "preact";
import type { DeviceDetailJson } from "../../api/contract.ts";
import { bytes, number, perSecond } from "../amounts.ts";
import { TrafficChart } from "./traffic-chart.tsx";

/** Bytes a second; absent: not known for that moment. */
export interface Sample {
  /** Seconds since 1970, by the browser. */
  readonly at: number;
  readonly received?: number;
  readonly sent?: number;
}

export interface TrafficProps {
  readonly samples: readonly Sample[];
  readonly counters: DeviceDetailJson["counters"];
}

const rate = (value: number | undefined): string => (value === undefined ? "–" : perSecond(value));

export function Traffic({ samples, counters }: TrafficProps) {
  if (!counters) return <p class="dim">It has no interface on the WAN, so nothing is counted.</p>;
  const now = samples.at(-1);
  const label = `Traffic of the last minutes; now ${rate(now?.received)} received and ${rate(now?.sent)} sent`;
  return (
    <>
      <div class="rates">
        <Way name="Received" kind="received" rate={rate(now?.received)}>
          {bytes(counters.received_bytes)} in {number(counters.received_packets)} packets
        </Way>
        <Way name="Sent" kind="sent" rate={rate(now?.sent)}>
          {bytes(counters.sent_bytes)} in {number(counters.sent_packets)} packets
        </Way>
      </div>
      <TrafficChart samples={samples} label={label} />
    </>
  );
}

interface WayProps {
  readonly name: string;
  readonly kind: string;
  readonly rate: string;
  readonly children: ComponentChildren;
}

function Way({ name, kind, rate: shown, children }: WayProps) {
  return (
    <p class={`way ${kind}`}>
      <span class="name">{name}</span>
      <strong>{shown}</strong>
      <span class="dim">{children}</span>
    </p>
  );
}
