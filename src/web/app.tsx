/** The dashboard: starts what goes on for as long as the page is open, and shows it. */
import { render } from "preact";
import { sortDevices } from "./device-list.ts";
import { Layout } from "./parts/layout.tsx";
import { followAddressBar } from "./routes.ts";
import { followClock } from "./state/clock.ts";
import { sorting } from "./state/list-view.ts";
import { stayConnected } from "./state/live.ts";
import { followTheme } from "./state/theme.ts";
import { relativeTime } from "./times.ts";

followTheme();
void stayConnected();
followAddressBar();
followClock();

const place = document.getElementById("app");
if (place) render(<Layout />, place);
// What the first table needs and takes long to make is made while the gateway is asked.
setTimeout(() => {
  relativeTime(new Date().toISOString());
  sortDevices([], sorting.peek());
});
