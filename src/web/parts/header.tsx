import { devicesLink, route } from "../routes.ts";
import { keepToken, token } from "../state/ask.ts";
import { problems } from "../state/devices.ts";
import { haveToken } from "../state/unlock.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

const links = [
  { page: "devices", href: devicesLink, text: "Devices" },
  { page: "network", href: "#/network", text: "Network" },
  { page: "health", href: "#/health", text: "Health" },
  { page: "forwards", href: "#/forwards", text: "Forwards" },
] as const;

function Navigation() {
  const current = route.value.page === "device" ? "devices" : route.value.page;
  return (
    <nav aria-label="Pages">
      <ul>
        {links.map(({ page, href, text }) => (
          <li key={page}>
            <a href={href} {...(page === current ? { "aria-current": "page" as const } : {})}>
              {text}
              {page === "health" && <ProblemCount />}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function ProblemCount() {
  const count = problems.value.length;
  if (count === 0) return null;
  return (
    <span class="count">
      {count}
      <span class="unseen">{count === 1 ? " problem" : " problems"}</span>
    </span>
  );
}

function TokenButton() {
  if (token.value === "")
    return (
      <button type="button" onClick={() => void haveToken()}>
        Unlock
        <span class="unseen"> changes</span>
      </button>
    );
  return (
    <button type="button" onClick={() => keepToken("")}>
      Lock changes
    </button>
  );
}

export function Header() {
  return (
    <header class="bar">
      <a class="brand" href={devicesLink}>
        <span class="logo" aria-hidden="true">
          ⇄
        </span>
        IPv4-IPv6 gateway
      </a>
      <Navigation />
      <div class="tools">
        <ThemeSwitch />
        <TokenButton />
      </div>
    </header>
  );
}
