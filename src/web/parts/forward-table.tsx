import type { ForwardJson } from "../../api/contract.ts";
import { tell, wordsOf } from "../state/notice.ts";
import { change } from "../state/unlock.ts";
import { Holder } from "./holder.tsx";

export interface ForwardTableProps {
  readonly forwards: readonly ForwardJson[];
  readonly onChange: () => void;
}

const nameOf = ({ protocol, port }: ForwardJson): string => `${protocol.toUpperCase()} ${port}`;

export function ForwardTable({ forwards, onChange }: ForwardTableProps) {
  const remove = async (forward: ForwardJson): Promise<void> => {
    const path = `/port-forwards?protocol=${forward.protocol}&port=${forward.port}`;
    try {
      const done = await change<{ readonly message: string }>(path, { method: "DELETE" });
      if (done) tell("good", done.message);
    } catch (thrown) {
      tell("bad", wordsOf(thrown));
    }
    onChange();
  };
  return (
    <table class="forwards">
      <caption class="unseen">Forwards in force</caption>
      <thead>
        <tr>
          <th scope="col">Port</th>
          <th scope="col">Leads to</th>
          <th scope="col">Device</th>
          <th scope="col">
            <span class="unseen">Remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {forwards.map((forward) => (
          <tr key={nameOf(forward)}>
            <th scope="row">{nameOf(forward)}</th>
            <td>
              <code>
                {forward.address}:{forward.target}
              </code>
            </td>
            <td>
              <Holder mac={forward.mac_address} status={forward.device_status} />
            </td>
            <td class="end">
              <button type="button" class="danger" onClick={() => void remove(forward)}>
                Remove<span class="unseen"> the forward of {nameOf(forward)}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
