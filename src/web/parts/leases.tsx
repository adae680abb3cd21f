import type { ComponentChildren } from "preact";
import type { DeviceDetailJson } from "../../api/contract.ts";
import { Fact, Facts, Lines } from "./facts.tsx";
import { Time } from "./time.tsx";

type Four = NonNullable<DeviceDetailJson["lease4"]>;
type Six = NonNullable<DeviceDetailJson["lease6"]>;

function Card({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>{name}</h2>
      {children}
    </section>
  );
}

interface Times {
  readonly acquired_at: string;
  readonly renew_at: string | null;
  readonly rebind_at: string | null;
}

function TimesOf({ lease }: { readonly lease: Times }) {
  return (
    <>
      <Fact name="Granted">
        <Time at={lease.acquired_at} both />
      </Fact>
      <Fact name="Renew (T1)">
        <Time at={lease.renew_at} none="never" both />
      </Fact>
      <Fact name="Rebind (T2)">
        <Time at={lease.rebind_at} none="never" both />
      </Fact>
    </>
  );
}

/** Only what the server told. */
function Told({ name, of }: { readonly name: string; readonly of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <Fact name={name}>
      <Lines of={of} />
    </Fact>
  );
}

export function Lease4({ lease }: { readonly lease: Four | null }) {
  return (
    <Card name="IPv4 lease (DHCP)">
      {lease ? (
        <Facts>
          <Told name="Address" of={[`${lease.address}/${lease.prefix_length}`]} />
          <Fact name="Server">
            <code>{lease.server_id}</code> <code class="dim">{lease.server_mac}</code>
          </Fact>
          <TimesOf lease={lease} />
          <Fact name="Expires">
            <Time at={lease.expires_at} none="never" both />
          </Fact>
          <Told name="Routes" of={lease.routes.map(routeText)} />
          <Told name="DNS" of={lease.dns_servers} />
          <Told name="NTP" of={lease.ntp_servers} />
          <Told
            name="Domain"
            of={[...(lease.domain_name ? [lease.domain_name] : []), ...lease.domain_search]}
          />
          <Told name="MTU" of={lease.mtu === null ? [] : [String(lease.mtu)]} />
        </Facts>
      ) : (
        <p class="dim">No lease.</p>
      )}
    </Card>
  );
}

const routeText = ({ destination, router }: Four["routes"][number]): string =>
  router === "0.0.0.0" ? `${destination} on the link` : `${destination} by ${router}`;

export function Lease6({ lease }: { readonly lease: Six | null }) {
  return (
    <Card name="IPv6 lease (DHCPv6)">
      {lease ? (
        <Facts>
          {lease.addresses.map(({ address, preferred_until, valid_until }) => (
            <Fact key={address} name="Address">
              <code>{address}</code>
              <br />
              preferred until <Time at={preferred_until} none="ever" both />
              <br />
              valid until <Time at={valid_until} none="ever" both />
            </Fact>
          ))}
          <Told name="Server (DUID)" of={[lease.server_id]} />
          <TimesOf lease={lease} />
          <Told name="DNS" of={lease.dns_servers} />
          <Told name="NTP" of={lease.ntp_servers} />
          <Told name="Domain" of={lease.domain_search} />
        </Facts>
      ) : (
        <p class="dim">No lease. Addresses by SLAAC need none.</p>
      )}
    </Card>
  );
}
