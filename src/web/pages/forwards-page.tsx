import type { ForwardJson, InboundListJson } from "../../api/contract.ts";
import { ForwardForm } from "../parts/forward-form.tsx";
import { ForwardTable } from "../parts/forward-table.tsx";
import { InboundTable } from "../parts/inbound-table.tsx";
import { Title } from "../parts/title.tsx";
import { usePolled } from "../state/polled.ts";

const everyMs = 10_000;

export function ForwardsPage() {
  const { value, error, refresh } = usePolled<{ readonly forwards: readonly ForwardJson[] }>(
    "/port-forwards",
    everyMs,
  );
  const forwards = value.value?.forwards;
  const open = usePolled<InboundListJson>("/ipv6-forwards", everyMs);
  return (
    <>
      <Title text="Forwards" />
      <p class="lead">
        A forward leads a port of the gateway's LAN address, and of the device's own WAN addresses, to a port
        of the device. Each device is reached at its usual ports without any.
      </p>
      <div class="cards">
        <section class="card wide">
          <h2>In force</h2>
          {!forwards && <p role="status">{error.value?.message ?? "Asking the gateway…"}</p>}
          {forwards?.length === 0 && <p class="dim">No forwards yet: add one below.</p>}
          {forwards && forwards.length > 0 && <ForwardTable forwards={forwards} onChange={refresh} />}
        </section>
        <section class="card wide">
          <h2>Add a forward</h2>
          <ForwardForm onChange={refresh} />
        </section>
        <section class="card wide">
          <h2>Open as a whole</h2>
          <OpenDevices told={open.value.value} why={open.error.value?.message} onChange={open.refresh} />
        </section>
      </div>
    </>
  );
}

interface OpenDevicesProps {
  readonly told: InboundListJson | undefined;
  readonly why: string | undefined;
  readonly onChange: () => void;
}

function OpenDevices({ told, why, onChange }: OpenDevicesProps) {
  if (!told) return <p role="status">{why ?? "Asking the gateway…"}</p>;
  const rest = told.total > 0 ? "all other devices" : "all devices";
  return (
    <>
      {told.total > 0 && <InboundTable devices={told.devices} onChange={onChange} />}
      <p class="dim">
        {told.default === "all"
          ? `Every port of ${rest} is open to everybody (forwards.inbound).`
          : `Of ${rest} only listed ports are open; a device's own page opens all of them.`}
      </p>
    </>
  );
}
