/** How a running HAProxy is used, and what its checks say of the devices; as it tells on its runtime socket. */
import type { Mac } from "../base/mac.ts";
import { backendName, macOfServer } from "./haproxy-names.ts";
import type { CheckState, PortUse, ProxyUse } from "./proxy.ts";

/** All frontends, and nothing else; the servers of the one backend. */
export const useQuestions = ["show stat -1 1 -1", `show servers state ${backendName}`] as const;

/** Answers in the order of `useQuestions`. What is not there is left out. */
export const parseUse = ([stat = "", servers = ""]: readonly string[]): ProxyUse => ({
  ports: parseFrontends(stat),
  checks: parseChecks(servers),
});

/** Comma-separated, with the names of the columns in the first line. */
function parseFrontends(text: string): readonly PortUse[] {
  const [header = "", ...lines] = text.split("\n");
  const names = header.replace(/^# /, "").split(",");
  return lines.flatMap((line) => {
    const fields = line.split(",");
    const number = (name: string): number => Number(fields[names.indexOf(name)] ?? 0) || 0;
    const [, port] = /^ipv6_(?:[a-z]+_)?(\d+|forwards)$/.exec(fields[0] ?? "") ?? [];
    if (port === undefined) return [];
    return {
      port: port === "forwards" ? ("others" as const) : Number(port),
      sessions: number("scur"),
      total: number("stot"),
      receivedBytes: number("bin"),
      sentBytes: number("bout"),
    };
  });
}

/** Columns have names, so that later versions may add some. */
function parseChecks(text: string): ReadonlyMap<Mac, CheckState> {
  const lines = text.split("\n");
  const header = lines.findIndex((line) => line.startsWith("# be_id "));
  const names = (lines[header] ?? "").slice(2).split(" ");
  const at = (fields: readonly string[], name: string): string => fields[names.indexOf(name)] ?? "";
  return new Map(
    lines.slice(header + 1).flatMap((line) => {
      const fields = line.split(" ");
      const mac = macOfServer(at(fields, "srv_name"));
      if (header < 0 || !mac) return [];
      // A server counts as up until its first check has ended (srv_check_result below 2: none has).
      const isTried = Number(at(fields, "srv_check_result")) > 1;
      const isUp = Number(at(fields, "srv_op_state")) !== 0;
      return [[mac, isUp ? (isTried ? "up" : "unknown") : "down"] as const];
    }),
  );
}
