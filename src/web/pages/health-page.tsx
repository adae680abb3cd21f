import type { HealthJson } from "../../api/contract.ts";
import { Fact, Facts } from "../parts/facts.tsx";
import { Time } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { problems } from "../state/devices.ts";
import { usePolled } from "../state/polled.ts";
import { span } from "../times.ts";

const everyMs = 10_000;

export function HealthPage() {
  const { value, error } = usePolled<HealthJson>("/health", everyMs, (told) => {
    // Sooner than the next event says it.
    problems.value = told.problems;
  });
  const health = value.value;
  return (
    <>
      <Title text="Health" />
      {!health && (
        <p class="empty" role="status">
          {error.value?.message ?? "Asking the gateway…"}
        </p>
      )}
      {health && (
        <>
          <Problems />
          <div class="cards">
            <Itself health={health} />
            <Ports health={health} />
          </div>
        </>
      )}
    </>
  );
}

/** Told as they come and go. */
function Problems() {
  const there = problems.value;
  return (
    <section class="card wide" aria-labelledby="problems">
      <h2 id="problems">Problems</h2>
      <div role="status">
        {there.length === 0 ? (
          <p class="well">The gateway is well: nothing needs anybody.</p>
        ) : (
          <ul class="problems">
            {there.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function Itself({ health }: { readonly health: HealthJson }) {
  return (
    <section class="card">
      <h2>The program</h2>
      <Facts>
        <Fact name="Version">{health.version}</Fact>
        <Fact name="Runs for">{span(health.uptime_seconds)}</Fact>
        <Fact name="Memory">{Math.round(health.memory_usage_mb)} MB</Fact>
        <Fact name="Threads">{health.thread_count}</Fact>
        <Fact name="Latest device">
          <Time at={health.last_discovery} none="none yet" both />
        </Fact>
        <Fact name="Its clock">
          <Time at={health.timestamp} both />
        </Fact>
      </Facts>
    </section>
  );
}

function Ports({ health }: { readonly health: HealthJson }) {
  return (
    <section class="card">
      <h2>Ports</h2>
      <Facts>
        {Object.values(health.interfaces).map(({ name, description, up }) => (
          <Fact key={name} name={name}>
            <span class={up ? "well" : "ill"}>{description}</span>
          </Fact>
        ))}
      </Facts>
    </section>
  );
}
