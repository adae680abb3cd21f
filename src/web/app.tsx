/** The dashboard: starts what goes on for as long as the page is open, and shows it. */
import { render } from "preact";
import { Layout } from "./parts/layout.tsx";
import { followAddressBar } from "./routes.ts";
import { followClock } from "./state/clock.ts";
import { listed } from "./state/devices.ts";
import { stayConnected } from "./state/live.ts";
import { followTheme } from "./state/theme.ts";

followTheme();
void stayConnected();
followAddressBar();
followClock();

// A list that is about to come is shown at once, without an empty page before it.
await Promise.race([listed(), new Promise((done) => setTimeout(done, 150))]);
const place = document.getElementById("app");
if (place) render(<Layout />, place);
