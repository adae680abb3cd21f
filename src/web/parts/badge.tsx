import type { Status } from "../device-list.ts";

/** A status, told by its word; the colour only repeats it. */
export function Badge({ status }: { readonly status: Status }) {
  return <span class={`badge ${status}`}>{status}</span>;
}
