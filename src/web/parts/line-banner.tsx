import { line, loss, tryNow } from "../state/live.ts";
import { absoluteTime } from "../times.ts";

/** Says that what is shown is old, and since when. */
export function LineBanner() {
  const lost = line.value === "lost" ? loss.value : undefined;
  return (
    <div class="line" role="alert">
      {lost && (
        <>
          <p>
            <strong>Connection to the gateway lost.</strong> {lost.why} What you see is from{" "}
            {absoluteTime(new Date(lost.at).toISOString(), lost.at)}; it is tried again and again.
          </p>
          <button type="button" onClick={tryNow}>
            Try now
          </button>
        </>
      )}
    </div>
  );
}
