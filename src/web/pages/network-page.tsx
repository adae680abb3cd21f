import type { ComponentChildren } from "preact";
import type { StatusJson } from "../../api/contract.ts";
import { statuses } from "../device-list.ts";
import { Fact, Facts, Lines } from "../parts/facts.tsx";
import { Title } from "../parts/title.tsx";
import { all, counts, problems } from "../state/devices.ts";
import { usePolled } from "../state/polled.ts";

const everyMs = 15_000;

export function NetworkPage() {
  const { value, error } = usePolled<StatusJson>("/status", everyMs);
  const status = value.value;
  return (
    <>
      <Title text="Network" />
      {status ? (
        <Picture status={status} />
      ) : (
        <p class="empty" role="status">
          {error.value?.message ?? "Asking the gateway…"}
        </p>
      )}
    </>
  );
}

/** From the LAN to the WAN, as a list: whoever cannot see it hears it in this order. */
function Picture({ status }: { readonly status: StatusJson }) {
  return (
    <ol class="picture">
      <Station name="LAN">
        <Devices />
      </Station>
      <Cable port={status.lan} />
      <Station name="Gateway">
        <Facts>
          <Fact name="Version">{status.version}</Fact>
          <Fact name="Problems">
            {problems.value.length === 0 ? "none" : <a href="#/health">{problems.value.length}</a>}
          </Fact>
        </Facts>
        <p class="dim">
          Each active device has an identity of its own on the WAN: its own MAC, leases and addresses.
        </p>
      </Station>
      <Cable port={status.wan} />
      <Station name="WAN">
        <Offer4 of={status.network.ipv4} />
        <Offer6 of={status.network.ipv6} />
      </Station>
    </ol>
  );
}

function Station({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <li class="card station">
      <h2>{name}</h2>
      {children}
    </li>
  );
}

function Cable({ port }: { readonly port: StatusJson["lan"] }) {
  return (
    <li class={`cable ${port.state === "up" ? "up" : "broken"}`}>
      <code>{port.interface}</code>
      <span class="wire" aria-hidden="true" />
      <span class="port-state">{port.state}</span>
    </li>
  );
}

function Devices() {
  return (
    <Facts>
      <Fact name="Devices">{all.value.length}</Fact>
      {statuses
        .filter((status) => counts.value[status] > 0)
        .map((status) => (
          <Fact key={status} name={status}>
            {counts.value[status]}
          </Fact>
        ))}
    </Facts>
  );
}

const offers: Readonly<Record<StatusJson["network"]["ipv4"]["offer"], string>> = {
  yes: "offered",
  no: "not offered",
  unknown: "not known yet",
};

function Offer4({ of }: { readonly of: StatusJson["network"]["ipv4"] }) {
  return (
    <>
      <h3>
        IPv4 <span class={`offer ${of.offer}`}>{offers[of.offer]}</span>
      </h3>
      {of.offer === "yes" && (
        <Facts>
          <Fact name="Routers">
            <Lines of={of.routers} />
          </Fact>
          <Fact name="DHCP servers">
            <Lines of={of.servers} />
          </Fact>
        </Facts>
      )}
    </>
  );
}

const stateful = {
  no: "no",
  announced: "announced, nobody has an address by it",
  answers: "gives addresses",
} as const;

function Offer6({ of }: { readonly of: StatusJson["network"]["ipv6"] }) {
  return (
    <>
      <h3>
        IPv6 <span class={`offer ${of.offer}`}>{offers[of.offer]}</span>
      </h3>
      {of.offer === "yes" && (
        <Facts>
          <Fact name="Routers">
            <Lines of={of.routers} />
          </Fact>
          <Fact name="SLAAC">
            <Lines of={of.slaac} none="no" />
          </Fact>
          <Fact name="DHCPv6">
            {stateful[of.stateful]}
            {of.stateless ? "; other settings by it" : ""}
          </Fact>
          <Fact name="NAT64">
            <Lines of={of.nat64} none="no" />
          </Fact>
        </Facts>
      )}
    </>
  );
}
