import { useSignal } from "@preact/signals";
import { Component } from "preact";
import { useRef } from "preact/hooks";
import type { DeviceJson } from "../../api/contract.ts";
import { addresses6, type Sorting, type SortKey } from "../device-list.ts";
import { deviceLink } from "../routes.ts";
import { Badge } from "./badge.tsx";
import { Time } from "./time.tsx";
import { useRows } from "./use-rows.ts";

const columns: readonly { readonly key: SortKey; readonly name: string }[] = [
  { key: "mac", name: "MAC" },
  { key: "host", name: "Host" },
  { key: "status", name: "Status" },
  { key: "lan", name: "LAN" },
  { key: "wan4", name: "WAN IPv4" },
  { key: "wan6", name: "WAN IPv6" },
  { key: "seen", name: "Seen" },
];

export interface DeviceTableProps {
  readonly devices: readonly DeviceJson[];
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
  /** Pixels that the page is scrolled to at first. */
  readonly start: number;
}

/** Of thousands of devices only those near what is seen are in the page. */
export function DeviceTable({ devices, sorting, onSort, start }: DeviceTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = useRows({
    count: devices.length,
    keyOf: (index) => devices[index]?.mac_address ?? "",
    heightOf: (index) => (devices[index]?.reason ? 82 : 43),
    body,
    start,
  });
  return (
    <table class="devices" aria-rowcount={devices.length + 1}>
      <caption class="unseen">Devices; the headings sort them</caption>
      <colgroup>
        {columns.map(({ key }) => (
          <col key={key} class={key} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          {columns.map((column) => (
            <Heading key={column.key} of={column} sorting={sorting} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        <Gap height={rows.above} />
        {rows.items.map(({ index, key }) => {
          const device = devices[index];
          return device && <Row key={key} device={device} index={index} measure={rows.measure} />;
        })}
        <Gap height={rows.below} />
      </tbody>
    </table>
  );
}

interface HeadingProps {
  readonly of: { readonly key: SortKey; readonly name: string };
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function Heading({ of: { key, name }, sorting, onSort }: HeadingProps) {
  const own = sorting.key === key;
  const order = sorting.descending ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={own ? order : "none"}>
      <button type="button" onClick={() => onSort({ key, descending: own && !sorting.descending })}>
        {name}
        <span class="arrow" aria-hidden="true">
          {own ? (sorting.descending ? "▼" : "▲") : ""}
        </span>
      </button>
    </th>
  );
}

/** In place of the rows that are not in the page. */
function Gap({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row that holds nothing takes no focus
    <tr class="gap" aria-hidden="true">
      <td colSpan={columns.length} style={{ height: `${height}px` }} />
    </tr>
  );
}

interface RowProps {
  readonly device: DeviceJson;
  readonly index: number;
  readonly measure: (row: HTMLTableRowElement | null) => void;
}

/** Of the rows that are shown few change at a time. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate({ device, index }: RowProps): boolean {
    return device !== this.props.device || index !== this.props.index;
  }
  override render({ device, index, measure }: RowProps) {
    return <Cells device={device} index={index} measure={measure} />;
  }
}

function Cells({ device, index, measure }: RowProps) {
  const { mac_address: mac, hostname, status, reason } = device;
  return (
    <tr ref={measure} data-index={index} aria-rowindex={index + 2}>
      <th scope="row">
        <a href={deviceLink(mac)}>
          <code>{mac}</code>
        </a>
      </th>
      <td class="host" title={hostname ?? ""}>
        {hostname ? <span class="clamp">{hostname}</span> : <None />}
      </td>
      <td class="state">
        <Badge status={status} />
        {reason && <span class="reason">{reason}</span>}
      </td>
      <td class="lan">
        <Address name="LAN" of={device.ipv4_address} />
      </td>
      <td class="wan4">
        <Address name="WAN" of={device.ipv4_wan_address} />
      </td>
      <td class="wan6">
        <Addresses6 of={addresses6(device)} />
      </td>
      <td class="seen">
        <Time at={device.last_seen} />
      </td>
    </tr>
  );
}

const None = () => <span class="dim none">–</span>;

/** The name is for narrow screens, where no heading stands above. */
function Address({ name, of }: { readonly name: string; readonly of: string | null }) {
  if (of === null) return <None />;
  return (
    <>
      <span class="label">{name} </span>
      <code>{of}</code>
    </>
  );
}

const mostShown = 2;

function Addresses6({ of }: { readonly of: readonly string[] }) {
  const open = useSignal(false);
  if (of.length === 0) return <None />;
  const shown = open.value ? of : of.slice(0, mostShown);
  return (
    <>
      {shown.map((address) => (
        <code key={address}>{address}</code>
      ))}
      {of.length > shown.length && (
        <button type="button" class="more" onClick={() => (open.value = true)}>
          and {of.length - shown.length} more
        </button>
      )}
    </>
  );
}
