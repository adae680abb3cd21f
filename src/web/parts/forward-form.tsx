import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import type { ForwardJson } from "../../api/contract.ts";
import { all } from "../state/devices.ts";
import { tell, wordsOf } from "../state/notice.ts";
import { change } from "../state/unlock.ts";

const portBounds = { type: "number", inputMode: "numeric", min: 1, max: 65535, required: true } as const;

export function ForwardForm({ onChange }: { readonly onChange: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const error = useSignal("");
  const busy = useSignal(false);
  const id = useId();
  const add = async (asked: unknown): Promise<void> => {
    const added = await change<ForwardJson>("/port-forwards", { method: "POST", body: asked });
    if (!added) return;
    const { protocol, port, address, target } = added;
    tell("good", `${protocol.toUpperCase()} port ${port} leads to ${address}:${target}`);
    form.current?.reset();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!form.current) return;
    const told = Object.fromEntries(new FormData(form.current));
    busy.value = true;
    error.value = "";
    try {
      await add({ ...told, port: Number(told.port), target: Number(told.target) });
    } catch (thrown) {
      error.value = wordsOf(thrown);
    } finally {
      busy.value = false;
      onChange();
    }
  };
  return (
    <form ref={form} class="forward" aria-describedby={`${id}error`} onSubmit={(event) => void submit(event)}>
      <label>
        Protocol
        <select name="protocol">
          <option value="tcp">TCP</option>
          <option value="udp">UDP</option>
        </select>
      </label>
      <label>
        Port of the gateway
        <input name="port" {...portBounds} />
      </label>
      <label>
        Device's LAN address
        <input name="address" list={`${id}known`} required autocomplete="off" placeholder="192.168.1.100" />
      </label>
      <label>
        Port of the device
        <input name="target" {...portBounds} />
      </label>
      <datalist id={`${id}known`}>
        {all.value.map(
          ({ mac_address, ipv4_address, hostname }) =>
            ipv4_address && (
              <option key={mac_address} value={ipv4_address}>
                {hostname ?? mac_address}
              </option>
            ),
        )}
      </datalist>
      <button type="submit" class="primary" disabled={busy.value}>
        Add
      </button>
      <p id={`${id}error`} class="error" role="alert">
        {error.value}
      </p>
    </form>
  );
}
