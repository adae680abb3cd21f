/** What Prometheus is told and what its rules make of it, by its own tools. */
import { expect } from "vitest";
import type { LabDescription } from "../description.ts";
import { run } from "../exec.ts";
import { projectFile } from "../paths.ts";
import { scenario } from "../scenario.ts";
import { apiConfig, ask } from "../suites/api.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, waitForAddresses, waitForPage } from "../suites/reach.ts";
import type { WanHost } from "../wan-host.ts";

const network: LabDescription = { wan: { ipv6: {}, registered: registered(1), clients: ["dual"] } };
const deploy = (name: string): string => projectFile(`deploy/monitoring/${name}`);

scenario("metrics and rules are what Prometheus wants, and tell of connections", network, async (lab) => {
  await run(["promtool", "check", "config", "--syntax-only", deploy("prometheus.yml")]);
  await run(["promtool", "check", "rules", deploy("alerts.yml")]);
  await run(["promtool", "test", "rules", deploy("alerts.test.yml")]);

  await startGateway(lab, { ...quick6, ...apiConfig });
  const camera = await addServingDevice(lab, 1, { web: [80] });
  const { addresses6 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
  const [client] = lab.wan.clients as [WanHost];
  await waitForPage(lab, client, addresses6[0] ?? "", 8080, camera.name);

  const metrics = await lab.gateway.waitFor("metrics tell of the connection", async () => {
    const { body = "" } = await ask(camera.namespace, { path: "/metrics" });
    return /^gateway_proxy_connections_total\{port="8080"\} [1-9]/m.test(body) ? body : undefined;
  });
  const { stdout, stderr } = await run(["promtool", "check", "metrics"], { input: metrics });
  expect(stdout + stderr).toBe("");
  for (const line of [
    /^gateway_proxy_bytes_total\{port="8080",direction="sent"\} [1-9]/m,
    /^gateway_proxy_devices\{check="(up|unknown)"\} 1$/m,
    /^gateway_onboarding_phase_seconds_count\{family="ipv4",phase="configured"\} 1$/m,
    /^gateway_dhcp_messages_total\{family="ipv4",direction="sent",type="request"\} [1-9]/m,
    /^gateway_conntrack_entries [1-9]/m,
  ])
    expect(metrics).toMatch(line);
});
