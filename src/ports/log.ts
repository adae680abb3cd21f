import type { LogArea } from "../base/log-areas.ts";

/** Values that stand beside a message; never secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log for one part of the gateway, whose level can be another. */
  for(area: LogArea): Log;
}
