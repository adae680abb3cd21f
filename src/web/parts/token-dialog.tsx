import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { wordsOf } from "../state/notice.ts";
import { asking, offerToken } from "../state/unlock.ts";
import { Dialog } from "./dialog.tsx";

export function TokenDialog() {
  const asked = asking.value;
  if (!asked) return null;
  return (
    <Dialog heading="The gateway's token" onCancel={() => asked.done(false)}>
      <TokenForm cancel={() => asked.done(false)} />
    </Dialog>
  );
}

/** Checks what is entered, and keeps it for this tab if it is right. */
export function TokenForm({ cancel }: { readonly cancel?: () => void }) {
  const error = useSignal("");
  const busy = useSignal(false);
  const id = useId();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const field = form.elements.namedItem("token") as HTMLInputElement;
    busy.value = true;
    error.value = "";
    try {
      error.value = (await offerToken(field.value.trim())) ?? "";
    } catch (thrown) {
      error.value = wordsOf(thrown);
    } finally {
      busy.value = false;
    }
    if (error.value !== "") field.select();
  };
  return (
    <form class="token" onSubmit={(event) => void submit(event)}>
      <p>
        It stands in the file <code>api-token</code> in the gateway's state directory, usually{" "}
        <code>/etc/ipv4-ipv6-gateway/api-token</code>. This tab forgets it when it is closed.
      </p>
      <label for={`${id}token`}>Token</label>
      <input
        id={`${id}token`}
        name="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        required
        aria-invalid={error.value !== ""}
        aria-describedby={`${id}error`}
      />
      <p id={`${id}error`} class="error" role="alert">
        {error.value}
      </p>
      <div class="actions">
        {cancel && (
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        )}
        <button type="submit" class="primary" disabled={busy.value}>
          {busy.value ? "Checking…" : "Unlock"}
        </button>
      </div>
    </form>
  );
}
