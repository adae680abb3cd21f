/** Tables of nftables that hang on a port beside our own one. They save time or frames, and without them nothing is lost. */
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";

/** A script that takes a table away, also where there is none. */
export const removal = (table: string): string => `add table ${table}\ndelete table ${table}\n`;

/** There may be none, and a kernel that knows no such tables. */
export const removeTable = (kernel: Pick<Kernel, "nft">, table: string): Promise<void> =>
  kernel.nft(removal(table)).catch(() => {});

export interface NetdevTableParts {
  readonly kernel: Pick<Kernel, "nft">;
  readonly log: Log;
  /** As `netdev name`. */
  readonly table: string;
  /** What is said, once, where there is none. */
  readonly lacking: string;
}

/** One table, on which one thing is done after the other. */
export class NetdevTable {
  readonly #parts: NetdevTableParts;
  #turn: Promise<void> = Promise.resolve();
  /** Undefined: there may be one of an earlier run. */
  #isThere: boolean | undefined;
  #told = false;

  constructor(parts: NetdevTableParts) {
    this.#parts = parts;
  }

  get isThere(): boolean {
    return this.#isThere === true;
  }

  next(task: () => Promise<unknown>): void {
    this.#turn = this.#turn.then(async () => void (await task()));
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#turn;
  }

  /** In place of what there was. Gives whether it is there. */
  make(text: string): Promise<boolean> {
    this.#isThere = true;
    return this.change(removal(this.#parts.table) + text);
  }

  /** Nothing while it is not there. What cannot be kept right must not be there at all, until it is made again. Gives whether it is there. */
  async change(script: string): Promise<boolean> {
    if (!this.isThere || script === "") return this.isThere;
    try {
      await this.#parts.kernel.nft(script);
      return true;
    } catch {
      await this.remove();
      if (!this.#told) this.#parts.log.info(this.#parts.lacking);
      this.#told = true;
      return false;
    }
  }

  async remove(): Promise<void> {
    if (this.#isThere === false) return;
    this.#isThere = false;
    await removeTable(this.#parts.kernel, this.#parts.table);
  }
}
