/** The original's command names, each with what it stands for. */
export const aliases: ReadonlyMap<string, readonly string[]> = new Map([
  ["gateway-status", ["status"]],
  ["gateway-devices", ["devices"]],
  ["gateway-status-direct", ["status", "--direct"]],
  ["gateway-devices-direct", ["devices", "--direct"]],
  ["gateway-diagnose", ["diagnose"]],
  ["gateway-port-forward", ["port-forward"]],
  ["setup-ipv6-port-forwarding", ["ipv6-forward"]],
]);
