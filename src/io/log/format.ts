/** Log lines for people: `2026-11-23 19:52:50.123 INFO device discovered mac=02:00:5e:10:00:01`. */

/** One record as pino writes it. */
export interface LogRecord {
  readonly level: number;
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
  readonly msg: string;
  /** The part of the gateway that speaks. */
  readonly area?: string;
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
}

export function formatRecord({ level, time, msg, fields = {} }: LogRecord): string {
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${formatValue(value)}`);
  return `${formatTime(time)} ${levelName(level)} ${escapeControls(msg)}${pairs.join("")}\n`;
}

/** One object a line, for programs: time (UTC), level, area, message, fields. */
export const formatJson = ({ level, time, msg, area, fields }: LogRecord): string =>
  `${JSON.stringify({ time: new Date(time).toISOString(), level: levelName(level).toLowerCase(), area, message: msg, fields })}\n`;

/** Lines for systemd's journal: a priority in front (sd-daemon(3)), and no time where text has one, because the journal has its own. */
export const formatJournal =
  (format: (record: LogRecord) => string) =>
  (record: LogRecord): string => {
    const line = format === formatRecord ? formatRecord(record).slice(stampLength) : format(record);
    return `<${priorityOf(record.level)}>${line}`;
  };

/** `2026-11-23 19:52:50.123 ` */
const stampLength = 24;

/** syslog(3): 7 debug, 6 informational, 4 warning, 3 error. */
const priorityOf = (level: number): number => (level >= 50 ? 3 : level >= 40 ? 4 : level >= 30 ? 6 : 7);

const levelName = (level: number): string =>
  level >= 50 ? "ERROR" : level >= 40 ? "WARN" : level >= 30 ? "INFO" : "DEBUG";

/** Local time, as the original logged. */
export function formatTime(ms: number): string {
  const thousandths = ((ms % 1000) + 1000) % 1000;
  const second = ms - thousandths;
  if (second !== said.second) said = { second, text: formatSecond(new Date(second)) };
  return `${said.text}.${String(thousandths).padStart(3, "0")}`;
}

/** A crowd has hundreds of lines in the same second. */
let said = { second: Number.NaN, text: "" };

function formatSecond(t: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const date = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
  return `${date} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

/** Quoted where it would not read as one word. */
function formatValue(value: string | number | boolean): string {
  const text = escapeControls(String(value));
  return text === "" || /[\s"=]/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
}

/** Control and format characters, line ends included: host names come from strangers, and the log is read on terminals. */
export const escapeControls = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return c === "\n" ? "\\n" : c === "\t" ? "\\t" : `\\u${code.toString(16).padStart(4, "0")}`;
  });
