/** The moment, for whatever says how long ago something was. */
import { signal } from "@preact/signals";
import { gatewayNow } from "../times.ts";

export const moment = signal(gatewayNow());

export function followClock(): void {
  setInterval(() => {
    if (!document.hidden) moment.value = gatewayNow();
  }, 5_000);
}
