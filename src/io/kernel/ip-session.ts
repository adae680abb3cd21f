/** `ip` in batches. The program stays for the next one: to start it takes this large process tens of milliseconds, a batch takes less than one. */
import { type IpAnswers, IpProcess } from "./ip-process.ts";
import type { OwnWriters } from "./own-writers.ts";

const LOOKS = 5;
/** Then nobody needs it any more. */
const IDLE_MS = 60_000;

export class IpSession {
  readonly #options: readonly string[];
  #process: IpProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  /** Interfaces that went while the program ran: one of the same name is another. */
  readonly #left = new Set<string>();

  readonly #writers: OwnWriters | undefined;

  /**
   * @param options of `ip`, as `-6`
   * @param writers where its programs are known, if they change something; then its lines may print nothing
   */
  constructor(options: readonly string[] = [], writers?: OwnWriters) {
    this.#options = options;
    this.#writers = writers;
  }

  /**
   * Carries out all lines, after those of earlier calls. The program remembers interfaces by their number, and would not find one that was made anew: what
   * fails in one that was used before is tried again in a new one. Errors: GatewayError "ip-failed", "tool-missing", "tool-failed".
   */
  run(lines: readonly string[]): Promise<IpAnswers> {
    const turn = this.#last.then(() => this.#run(lines));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Looks until nothing changed meanwhile, or several times in vain: where something always changes, the next look mends what this one missed. */
  async look(lines: readonly string[]): Promise<IpAnswers> {
    let answers = await this.run(lines);
    for (let times = 1; answers.inconsistent && times < LOOKS; times++) answers = await this.run(lines);
    return answers;
  }

  async #run(lines: readonly string[]): Promise<IpAnswers> {
    clearTimeout(this.#idle);
    if (this.#left.size > 0 && lines.some((line) => line.split(" ").some((word) => this.#left.has(word))))
      this.#end();
    const used = this.#process !== undefined && !this.#process.ended;
    const first = await this.#ask(lines);
    if (!used || first.failures.length === 0) return first;
    this.#end();
    const second = await this.#ask(first.failures.map(({ line }) => lines[line] ?? ""));
    return {
      printed: [...first.printed, ...second.printed],
      inconsistent: first.inconsistent || second.inconsistent,
      failures: second.failures.map(({ line, message }) => ({
        line: first.failures[line]?.line ?? line,
        message,
      })),
    };
  }

  async #ask(lines: readonly string[]): Promise<IpAnswers> {
    if (!this.#process || this.#process.ended) this.#process = new IpProcess(this.#options, this.#writers);
    const answers = await this.#process.ask(lines);
    this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
    return answers;
  }

  /** This interface is gone. */
  gone(ifname: string): void {
    if (this.#process) this.#left.add(ifname);
  }

  /** Forgets which number an interface has: one of the same name may be another by now. */
  renew(): void {
    this.#last = this.#last.then(() => this.#end());
  }

  #end(): void {
    clearTimeout(this.#idle);
    this.#process?.end();
    this.#process = undefined;
    this.#left.clear();
  }
}
