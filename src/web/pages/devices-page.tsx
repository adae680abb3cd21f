import { useEffect } from "preact/hooks";
import { DeviceTable } from "../parts/device-table.tsx";
import { ExportButtons } from "../parts/export-buttons.tsx";
import { StatusFilter } from "../parts/status-filter.tsx";
import { Title } from "../parts/title.tsx";
import { route } from "../routes.ts";
import { all, devices } from "../state/devices.ts";
import { scrolled, search, shown, sorting, wanted } from "../state/list-view.ts";

export function DevicesPage() {
  const told = devices.value !== undefined;
  useEffect(() => {
    const note = (): void => {
      // The page that comes next is shorter, which scrolls as well.
      if (route.peek().page === "devices") scrolled.value = scrollY;
    };
    addEventListener("scroll", note, { passive: true });
    return () => removeEventListener("scroll", note);
  }, []);
  return (
    <>
      <Title text="Devices" />
      <div class="controls">
        <StatusFilter />
        <label class="search">
          <span class="unseen">Search devices</span>
          <input
            type="search"
            placeholder="Search name, MAC, address…"
            value={search.value}
            onInput={(event) => {
              search.value = event.currentTarget.value;
            }}
          />
        </label>
        <ExportButtons />
      </div>
      <Summary />
      {!told && <p class="empty">Asking the gateway…</p>}
      {told && all.value.length === 0 && <NoDevices />}
      {told && all.value.length > 0 && shown.value.length === 0 && <NoneFound />}
      {shown.value.length > 0 && (
        <DeviceTable
          devices={shown.value}
          sorting={sorting.value}
          start={scrolled.peek()}
          onSort={(next) => {
            sorting.value = next;
          }}
        />
      )}
    </>
  );
}

/** For screen readers, whenever the list becomes longer or shorter. */
function Summary() {
  const total = all.value.length;
  const text =
    shown.value.length === total ? `${total} devices` : `${shown.value.length} of ${total} devices`;
  return (
    <p class="unseen" role="status">
      {text}
    </p>
  );
}

function NoDevices() {
  return (
    <div class="empty">
      <p>
        <strong>No devices yet.</strong>
      </p>
      <p>
        A device appears here by itself with the first frame that it sends on the LAN: plug it in, or switch
        it on. If it stays away, look at <a href="#/health">Health</a> and at the cable of the LAN port in{" "}
        <a href="#/network">Network</a>.
      </p>
    </div>
  );
}

function NoneFound() {
  const clear = (): void => {
    search.value = "";
    wanted.value = "all";
  };
  return (
    <div class="empty">
      <p>No device is like that.</p>
      <button type="button" onClick={clear}>
        Show all devices
      </button>
    </div>
  );
}
