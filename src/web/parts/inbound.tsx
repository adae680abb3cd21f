import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import type { DeviceDetailJson, InboundJson } from "../../api/contract.ts";
import { tell, wordsOf } from "../state/notice.ts";
import { change } from "../state/unlock.ts";
import { Dialog } from "./dialog.tsx";
import { Lines } from "./facts.tsx";

type How = InboundJson["inbound"];

/** Opens a device as a whole, or closes it again. @returns whether it was done: whoever has no token may not. Errors: ApiError */
async function setInbound(address: string, inbound: How, from: readonly string[] = []): Promise<boolean> {
  const body = { address, inbound, from };
  const now = await change<InboundJson>("/ipv6-forwards", { method: "PUT", body });
  if (!now) return false;
  const open = `Every port of ${address} is open to ${now.from.join(", ") || "everybody"}`;
  tell("good", now.inbound === "all" ? open : `Only listed ports lead to ${address}`);
  return true;
}

/** What was refused is told. */
export const closeInbound = (address: string): Promise<boolean> =>
  setInbound(address, "ports").catch((thrown: unknown) => {
    tell("bad", wordsOf(thrown));
    return false;
  });

export interface InboundProps {
  readonly detail: DeviceDetailJson;
  readonly onChange: () => void;
}

/** What leads to a device from the network, and whether all of it does. */
export function Inbound({ detail, onChange }: InboundProps) {
  const asking = useSignal(false);
  const { ipv4_address: address, inbound, inbound_from: from } = detail;
  const close = async (): Promise<void> => {
    if (address !== null && (await closeInbound(address))) onChange();
  };
  return (
    <section class="card">
      <h2>From the network</h2>
      <Lines of={detail.forwards.map(wayText)} />
      <p>
        {inbound === "all"
          ? `Besides, every TCP and UDP port and ping are open to ${nameOf(from)}.`
          : "Nothing else leads to it."}
      </p>
      {address !== null && (
        <div class="actions">
          {inbound === "all" && (
            <button type="button" class="danger" onClick={() => void close()}>
              Close it
            </button>
          )}
          <button type="button" onClick={() => (asking.value = true)}>
            {inbound === "all" ? "Change…" : "Open every port…"}
          </button>
        </div>
      )}
      {asking.value && address !== null && (
        <OpenDialog
          address={address}
          onDone={(done) => {
            asking.value = false;
            if (done) onChange();
          }}
        />
      )}
    </section>
  );
}

/** Ports without a word are not looked at: the gateway asks those that it chooses among, and UDP does not answer. */
const wayText = ({ protocol, port, target, open }: DeviceDetailJson["forwards"][number]): string =>
  `${protocol.toUpperCase()} ${port} → ${target}${open === null ? "" : open ? ", open" : ", closed"}`;

const nameOf = (from: readonly string[]): string =>
  from.length === 0 || (from.includes("0.0.0.0/0") && from.includes("::/0")) ? "everybody" : from.join(", ");

interface OpenDialogProps {
  readonly address: string;
  readonly onDone: (done: boolean) => void;
}

function OpenDialog({ address, onDone }: OpenDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const error = useSignal("");
  const id = useId();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const told = form.current && String(new FormData(form.current).get("from"));
    const from = (told ?? "").split(/[\s,]+/).filter(Boolean);
    try {
      onDone(await setInbound(address, "all", from));
    } catch (thrown) {
      error.value = wordsOf(thrown);
    }
  };
  return (
    <Dialog heading={`Open every port of ${address}?`} onCancel={() => onDone(false)}>
      <form ref={form} class="token" onSubmit={(event) => void submit(event)}>
        <p id={`${id}what`}>
          Every TCP and UDP port and ping, at the device's own addresses on the network. Name the networks
          that may, as 192.0.2.0/24 or 2001:db8::/32; none means everybody.
        </p>
        <label>
          Networks
          <input name="from" autocomplete="off" aria-describedby={`${id}what`} placeholder="everybody" />
        </label>
        <p class="error" role="alert">
          {error.value}
        </p>
        <div class="actions">
          <button type="button" onClick={() => onDone(false)}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Open
          </button>
        </div>
      </form>
    </Dialog>
  );
}
