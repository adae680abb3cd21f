/** Programs that change the kernel for us: who hears of its changes need not hear of theirs. */

type Listener = (pids: readonly number[]) => void;

export class OwnWriters {
  readonly #pids = new Set<number>();
  readonly #listeners = new Set<Listener>();

  pids(): readonly number[] {
    return [...this.#pids];
  }

  /** Before it changes anything. */
  began(pid: number): void {
    this.#pids.add(pid);
    this.#tell();
  }

  /** Its number may be another's from now on. */
  ended(pid: number): void {
    if (this.#pids.delete(pid)) this.#tell();
  }

  /** Called after each change; what it gives back ends that. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.pids());
  }
}
