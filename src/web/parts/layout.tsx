import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { DevicePage } from "../pages/device-page.tsx";
import { DevicesPage } from "../pages/devices-page.tsx";
import { ForwardsPage } from "../pages/forwards-page.tsx";
import { HealthPage } from "../pages/health-page.tsx";
import { LockedPage } from "../pages/locked-page.tsx";
import { NetworkPage } from "../pages/network-page.tsx";
import { UnknownPage } from "../pages/unknown-page.tsx";
import { type Route, route } from "../routes.ts";
import { line } from "../state/live.ts";
import { dismissComplaint } from "../state/notice.ts";
import { Header } from "./header.tsx";
import { LineBanner } from "./line-banner.tsx";
import { NoticeBar } from "./notice-bar.tsx";
import { TokenDialog } from "./token-dialog.tsx";

function pageOf(shown: Route): JSX.Element {
  switch (shown.page) {
    case "devices":
      return <DevicesPage />;
    case "device":
      return <DevicePage key={shown.mac} mac={shown.mac} />;
    case "network":
      return <NetworkPage />;
    case "health":
      return <HealthPage />;
    case "forwards":
      return <ForwardsPage />;
    case "unknown":
      return <UnknownPage />;
  }
}

const keyOf = (shown: Route): string => ("mac" in shown ? shown.mac : shown.page);

export function Layout() {
  const main = useRef<HTMLElement>(null);
  const before = useRef<string | undefined>(undefined);
  const shown = route.value;
  const key = keyOf(shown);
  useLayoutEffect(() => {
    // Whoever follows a link hears where they are; whoever opens the page starts at its top.
    if (before.current !== undefined && before.current !== key) {
      dismissComplaint();
      main.current?.querySelector("h1")?.focus({ preventScroll: true });
      // The list goes on where it was left.
      if (shown.page !== "devices") scrollTo({ top: 0, behavior: "instant" });
    }
    before.current = key;
  }, [key, shown.page]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header />
      <LineBanner />
      <main ref={main} id="main" tabIndex={-1}>
        {line.value === "locked" ? <LockedPage /> : pageOf(shown)}
      </main>
      <NoticeBar />
      <TokenDialog />
    </>
  );
}
