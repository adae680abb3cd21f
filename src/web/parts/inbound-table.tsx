import type { InboundJson } from "../../api/contract.ts";
import { Holder } from "./holder.tsx";
import { closeInbound } from "./inbound.tsx";

export interface InboundTableProps {
  readonly devices: readonly InboundJson[];
  readonly onChange: () => void;
}

/** What was decided about single devices. */
export function InboundTable({ devices, onChange }: InboundTableProps) {
  const close = async (address: string): Promise<void> => {
    await closeInbound(address);
    onChange();
  };
  return (
    <table class="forwards">
      <caption class="unseen">Devices that are open as a whole</caption>
      <thead>
        <tr>
          <th scope="col">Address</th>
          <th scope="col">Open to</th>
          <th scope="col">Device</th>
          <th scope="col">
            <span class="unseen">Close</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {devices.map(({ address, inbound, from, mac_address, device_status }) => (
          <tr key={address}>
            <th scope="row">
              <code>{address}</code>
            </th>
            <td>{inbound === "all" ? from.join(", ") || "everybody" : "listed ports only"}</td>
            <td>
              <Holder mac={mac_address} status={device_status} />
            </td>
            <td class="end">
              {inbound === "all" && (
                <button type="button" class="danger" onClick={() => void close(address)}>
                  Close<span class="unseen"> {address}</span>
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
