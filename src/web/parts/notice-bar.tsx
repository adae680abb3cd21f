import { dismiss, notice } from "../state/notice.ts";

/** What came of the last thing that was asked for: told to screen readers as well. */
export function NoticeBar() {
  const shown = notice.value;
  return (
    <div class="notices">
      <div role="status">{shown?.kind === "good" && <Words text={shown.text} kind="good" />}</div>
      <div role="alert">{shown?.kind === "bad" && <Words text={shown.text} kind="bad" />}</div>
    </div>
  );
}

function Words({ text, kind }: { readonly text: string; readonly kind: string }) {
  return (
    <p class={`notice ${kind}`}>
      <span>{text}</span>
      <button type="button" onClick={dismiss}>
        Close
      </button>
    </p>
  );
}
