import { useRef } from "preact/hooks";
import type { DeviceDetailJson } from "../../api/contract.ts";
import { type Reading, rateBetween } from "../amounts.ts";
import { addresses6 } from "../device-list.ts";
import { Badge } from "../parts/badge.tsx";
import { DeviceActions } from "../parts/device-actions.tsx";
import { Fact, Facts, Lines } from "../parts/facts.tsx";
import { Inbound } from "../parts/inbound.tsx";
import { Lease4, Lease6 } from "../parts/leases.tsx";
import { Time } from "../parts/time.tsx";
import { TimelineView } from "../parts/timeline-view.tsx";
import { Title } from "../parts/title.tsx";
import { type Sample, Traffic } from "../parts/traffic.tsx";
import { devicesLink } from "../routes.ts";
import { usePolled } from "../state/polled.ts";

const everyMs = 2_000;
/** Five minutes. */
const mostSamples = 150;

export function DevicePage({ mac }: { readonly mac: string }) {
  const samples = useRef<Sample[]>([]);
  const last = useRef<Reading | undefined>(undefined);
  const { value, error, refresh } = usePolled<DeviceDetailJson>(`/devices/${mac}`, everyMs, (detail) => {
    const now = readingOf(detail);
    const rate = last.current && now && rateBetween(last.current, now);
    samples.current = [...samples.current, { at: Date.now() / 1_000, ...(rate ?? {}) }].slice(-mostSamples);
    last.current = now;
  });
  const gone = error.value?.status === 404;
  const detail = gone ? undefined : value.value;
  return (
    <>
      <p class="back">
        <a href={devicesLink}>← All devices</a>
      </p>
      <div class="heading">
        <Title text={detail?.hostname ?? mac} />
        {detail && <Badge status={detail.status} />}
        {detail && <DeviceActions mac={mac} onChange={refresh} />}
      </div>
      {gone && (
        <p class="empty">
          The gateway knows no such device. If it is on the LAN it comes back with its next frame.
        </p>
      )}
      {!gone && !detail && (
        <p class="empty" role="status">
          {error.value?.message ?? "Asking the gateway…"}
        </p>
      )}
      {detail && <Details detail={detail} samples={samples.current} onChange={refresh} />}
    </>
  );
}

const readingOf = ({ counters }: DeviceDetailJson): Reading | undefined =>
  counters
    ? { at: performance.now() / 1_000, received: counters.received_bytes, sent: counters.sent_bytes }
    : undefined;

interface DetailsProps {
  readonly detail: DeviceDetailJson;
  readonly samples: readonly Sample[];
  readonly onChange: () => void;
}

function Details({ detail, samples, onChange }: DetailsProps) {
  return (
    <>
      {detail.reason && <p class={`callout ${detail.status}`}>{detail.reason}</p>}
      <div class="cards">
        <About detail={detail} />
        <section class="card">
          <h2>Traffic</h2>
          <Traffic samples={samples} counters={detail.counters} />
        </section>
        <Lease4 lease={detail.lease4} />
        <Lease6 lease={detail.lease6} />
        <Inbound detail={detail} onChange={onChange} />
        <section class="card wide">
          <h2>What happened</h2>
          <TimelineView entries={detail.timeline} />
        </section>
      </div>
    </>
  );
}

function About({ detail }: { readonly detail: DeviceDetailJson }) {
  return (
    <section class="card">
      <h2>Addresses</h2>
      <Facts>
        <Fact name="MAC">
          <code>{detail.mac_address}</code>
        </Fact>
        <Fact name="On the LAN">
          <Lines of={detail.ipv4_address ? [detail.ipv4_address] : []} />
        </Fact>
        <Fact name="WAN IPv4">
          <Lines of={detail.ipv4_wan_address ? [detail.ipv4_wan_address] : []} />
        </Fact>
        <Fact name="WAN IPv6">
          <Lines of={addresses6(detail)} />
        </Fact>
        <Fact name="Identity">
          <code>{detail.interface}</code>
        </Fact>
        <Fact name="First seen">
          <Time at={detail.discovered_at} both />
        </Fact>
        <Fact name="Last seen">
          <Time at={detail.last_seen} both />
        </Fact>
      </Facts>
    </section>
  );
}
