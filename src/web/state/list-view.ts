/** How the list of devices is looked at: kept while other pages are shown. */
import { computed, signal } from "@preact/signals";
import { matches, type Sorting, type Status, sortDevices } from "../device-list.ts";
import { all } from "./devices.ts";

export const search = signal("");
export const wanted = signal<Status | "all">("all");
export const sorting = signal<Sorting>({ key: "host", descending: false });
/** Pixels that the list was scrolled by when it was left. */
export const scrolled = signal(0);

const filtered = computed(() => {
  const words = search.value.trim();
  const status = wanted.value;
  return all.value.filter(
    (d) => (status === "all" || d.status === status) && (words === "" || matches(d, words)),
  );
});

/** Those that are shown, in order. */
export const shown = computed(() => sortDevices(filtered.value, sorting.value));
