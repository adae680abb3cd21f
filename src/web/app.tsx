/** The dashboard: starts what goes on for as long as the page is open, and shows it. */
import { render } from "preact";
import { Layout } from "./parts/layout.tsx";
import { followAddressBar } from "./routes.ts";
import { followClock } from "./state/clock.ts";
import { stayConnected } from "./state/live.ts";
import { followTheme } from "./state/theme.ts";

followTheme();
followAddressBar();
followClock();
void stayConnected();

const place = document.getElementById("app");
if (place) render(<Layout />, place);
