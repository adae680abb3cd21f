/** Shows something again and again: in place on a terminal, and elsewhere each time that it has changed. */
import { GatewayError, messageOf } from "../base/errors.ts";

/** Where it is shown. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Lines that the terminal has now. */
  readonly rows: () => number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export interface Watched<T> {
  readonly load: () => Promise<T>;
  /** Calls back when something is different; resolves or rejects when it can tell no more. Absent: it is loaded every other time. */
  readonly follow?: (changed: () => void, signal: AbortSignal) => Promise<void>;
  readonly render: (value: T) => string;
  /** What counts as unchanged, without running times. */
  readonly essence: (value: T) => string;
}

export interface Pace {
  readonly tickMs: number;
  /** What no event tells, as when a device was seen last, is loaded after so many ticks. */
  readonly ticks: number;
}

const usual: Pace = { tickMs: 1_000, ticks: 10 };

/** Runs until the signal. Errors: those of the first `load`; later ones are shown, and it goes on. */
export async function watch<T>(
  watched: Watched<T>,
  screen: Screen,
  signal: AbortSignal,
  { tickMs, ticks }: Pace = usual,
): Promise<void> {
  const view = screen.isTerminal ? new TerminalView(screen) : new StreamView(screen);
  const most = watched.follow ? ticks : 2;
  let value = await watched.load();
  let age = 0;
  let trouble: string | undefined;
  const changed = (): void => {
    age = most;
  };
  const following = watched.follow ? followOn(watched.follow, changed, signal, tickMs) : undefined;
  try {
    view.show(watched.render(value), watched.essence(value), trouble);
    while (await pause(tickMs, signal)) {
      age++;
      if (age >= most || trouble !== undefined) {
        age = 0;
        try {
          value = await watched.load();
          trouble = undefined;
        } catch (thrown) {
          trouble = whatIsWrong(thrown);
        }
      }
      view.show(watched.render(value), watched.essence(value), trouble);
    }
  } finally {
    view.end();
    await following;
  }
}

const whatIsWrong = (thrown: unknown): string =>
  thrown instanceof GatewayError && thrown.code === "api-silent"
    ? "The gateway does not answer; still trying."
    : `${messageOf(thrown)}; still trying.`;

/** Whatever ends it, it is begun anew. */
async function followOn(
  follow: (changed: () => void, signal: AbortSignal) => Promise<void>,
  changed: () => void,
  signal: AbortSignal,
  pauseMs: number,
): Promise<void> {
  do {
    await follow(changed, signal).catch(() => {});
    changed();
  } while (await pause(pauseMs, signal));
}

/** @returns whether to go on */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (on: boolean) => (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(on);
    };
    const stop = end(false);
    const timer = setTimeout(end(true), ms);
    signal.addEventListener("abort", stop);
  });
}

interface View {
  show(text: string, essence: string, trouble: string | undefined): void;
  end(): void;
}

/** Each line is written over the one before, so that nothing flickers. */
class TerminalView implements View {
  readonly #screen: Screen;
  #begun = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(text: string, _: string, trouble: string | undefined): void {
    const start = this.#begun ? "\x1b[H" : "\x1b[?25l\x1b[H\x1b[2J";
    this.#begun = true;
    const foot = trouble ?? `${new Date().toTimeString().slice(0, 8)}, Ctrl-C ends`;
    const lines = [...this.#fit(text.trimEnd().split("\n")), "", foot];
    this.#screen.out(`${start}${lines.map((line) => `${line}\x1b[K`).join("\n")}\x1b[J`);
  }

  #fit(lines: readonly string[]): readonly string[] {
    const room = Math.max(1, this.#screen.rows() - 2);
    return lines.length <= room
      ? lines
      : [...lines.slice(0, room - 1), `... ${lines.length - room + 1} more lines`];
  }

  end(): void {
    if (this.#begun) this.#screen.out("\n\x1b[?25h");
  }
}

class StreamView implements View {
  readonly #screen: Screen;
  #essence: string | undefined;
  #trouble: string | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(text: string, essence: string, trouble: string | undefined): void {
    if (trouble !== this.#trouble) this.#screen.err(`gateway: ${trouble ?? "The gateway answers again."}\n`);
    this.#trouble = trouble;
    if (essence === this.#essence) return;
    this.#essence = essence;
    this.#screen.out(text);
  }

  end(): void {}
}
