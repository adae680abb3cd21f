import { type Status, statuses } from "../device-list.ts";
import { all, counts } from "../state/devices.ts";
import { wanted } from "../state/list-view.ts";

export function StatusFilter() {
  return (
    <fieldset class="filter">
      <legend class="unseen">Show devices of this status</legend>
      <Choice status="all" count={all.value.length} />
      {statuses.map((status) => (
        <Choice key={status} status={status} count={counts.value[status]} />
      ))}
    </fieldset>
  );
}

function Choice({ status, count }: { readonly status: Status | "all"; readonly count: number }) {
  return (
    <button
      type="button"
      class={`choice ${status}`}
      aria-pressed={wanted.value === status}
      onClick={() => {
        wanted.value = status;
      }}
    >
      <span class="amount">{count}</span> {status}
    </button>
  );
}
