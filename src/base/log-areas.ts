/** The parts of the gateway whose messages can be told apart, and how important messages can be. */
export const logAreas = [
  "gateway",
  "devices",
  "discovery",
  "lan",
  "dhcp4",
  "dhcp6",
  "wan",
  "kernel",
  "proxy",
  "xlat",
  "state",
  "api",
  "hooks",
] as const;
export type LogArea = (typeof logAreas)[number];

/** Least important first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Which messages are written: those of `level` and above, in some areas of another level. */
export interface LogLevels {
  readonly level: LogLevel;
  readonly areas: Partial<Readonly<Record<LogArea, LogLevel>>>;
}

export const levelOf = ({ level, areas }: LogLevels, area: LogArea): LogLevel => areas[area] ?? level;
