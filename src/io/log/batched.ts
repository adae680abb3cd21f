/** Lines of one turn of the event loop, written together; what is left when the process ends is written then. */
export class Batched {
  readonly #write: (text: string) => void;
  #text = "";
  #armed = false;
  readonly #flush = (): void => this.flush();

  constructor(write: (text: string) => void) {
    this.#write = write;
    process.on("exit", this.#flush);
  }

  add(line: string): void {
    this.#text += line;
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(this.#flush);
  }

  flush(): void {
    this.#armed = false;
    const text = this.#text;
    this.#text = "";
    if (text !== "") this.#write(text);
  }

  close(): void {
    this.flush();
    process.off("exit", this.#flush);
  }
}
