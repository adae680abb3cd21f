import { expect, it } from "vitest";
import { parseUse } from "./haproxy-use.ts";
import { mac as macOf } from "./sample.fixture.ts";

const mac = (n: number) => macOf(`00:00:5e:00:53:0${n}`);

/** Of HAProxy 2.6, the last columns left out. */
const stat = `# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ
ipv6_http_8080,FRONTEND,,,2,3,9984,7,158,4000,0,0,0,0
ipv6_forwards,FRONTEND,,,0,0,9984,1,10,20,0,0,0,0
stats,FRONTEND,,,1,1,9984,9,1,1,0,0,0,0

`;
const header =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";
const server = (n: number, state: number, result: number): string =>
  `5 devices ${n} device_${mac(n).replaceAll(":", "")} 192.168.1.9 ${state} 0 1 1 2 8 ${result} 0 6 0 0 0 - 0 - 0 80 - - 0`;

it("tells connections by WAN port, without the page of statistics", () => {
  expect(parseUse([stat, ""]).ports).toEqual([
    { port: 8080, sessions: 2, total: 7, receivedBytes: 158, sentBytes: 4000 },
    { port: "others", sessions: 0, total: 1, receivedBytes: 10, sentBytes: 20 },
  ]);
});

it("tells what checks say; a server whose first check still runs is neither", () => {
  const text = ["1", header, server(1, 2, 3), server(2, 0, 2), server(3, 2, 0), "", ""].join("\n");
  expect([...parseUse(["", text]).checks]).toEqual([
    [mac(1), "up"],
    [mac(2), "down"],
    [mac(3), "unknown"],
  ]);
});

it("makes nothing of what is no answer", () => {
  expect(parseUse(["Unknown command.", "Permission denied"])).toEqual({ ports: [], checks: new Map() });
});
