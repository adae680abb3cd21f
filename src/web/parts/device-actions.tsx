import { useSignal } from "@preact/signals";
import { devicesLink } from "../routes.ts";
import type { Question } from "../state/ask.ts";
import { tell, wordsOf } from "../state/notice.ts";
import { change } from "../state/unlock.ts";
import { Dialog } from "./dialog.tsx";

export interface DeviceActionsProps {
  readonly mac: string;
  readonly onChange: () => void;
}

export function DeviceActions({ mac, onChange }: DeviceActionsProps) {
  const sure = useSignal(false);
  /** @returns whether it was done */
  const run = async (path: string, question: Question): Promise<boolean> => {
    try {
      const done = await change<{ readonly message: string }>(path, question);
      if (done) tell("good", done.message);
      return done !== undefined;
    } catch (thrown) {
      tell("bad", wordsOf(thrown));
      return false;
    }
  };
  const retry = async (): Promise<void> => {
    await run(`/devices/${mac}/retry`, { method: "POST" });
    onChange();
  };
  const forget = async (): Promise<void> => {
    sure.value = false;
    if (await run(`/devices/${mac}`, { method: "DELETE" })) location.hash = devicesLink;
  };
  return (
    <div class="actions">
      <button type="button" onClick={() => void retry()}>
        Retry
      </button>
      <button type="button" class="danger" onClick={() => (sure.value = true)}>
        Forget…
      </button>
      {sure.value && (
        <Dialog heading={`Forget ${mac}?`} onCancel={() => (sure.value = false)}>
          <p>
            Its leases are given back and its connections end. If it is still on the LAN it comes back by
            itself, perhaps with other addresses.
          </p>
          <div class="actions">
            <button type="button" onClick={() => (sure.value = false)}>
              Cancel
            </button>
            <button type="button" class="danger" onClick={() => void forget()}>
              Forget
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
