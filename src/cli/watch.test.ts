import { expect, test } from "vitest";
import { GatewayError } from "../base/errors.ts";
import { type Watched, watch } from "./watch.ts";

const silent = () => new GatewayError("api-silent", "operator", "nobody answers");

/** A source that others change, and everything that it made be shown. */
class Scene {
  value: string | Error = "one";
  out = "";
  err = "";
  loads = 0;
  #changed: () => void = () => {};
  #lose: () => void = () => {};
  readonly #end = new AbortController();
  readonly ended: Promise<void>;

  constructor(isTerminal: boolean, rows = 24) {
    const source: Watched<string> = {
      load: async () => {
        this.loads++;
        if (typeof this.value !== "string") throw this.value;
        return this.value;
      },
      follow: (changed, signal) => {
        this.#changed = changed;
        return new Promise((resolve) => {
          this.#lose = resolve;
          signal.addEventListener("abort", () => resolve());
        });
      },
      render: (value) => `${value}\n`,
      essence: (value) => value,
    };
    const screen = {
      isTerminal,
      rows: () => rows,
      out: (text: string) => {
        this.out += text;
      },
      err: (text: string) => {
        this.err += text;
      },
    };
    this.ended = watch(source, screen, this.#end.signal, { tickMs: 2, ticks: 1_000_000 });
  }

  put(value: string | Error): void {
    this.value = value;
    this.#changed();
  }

  lose(): void {
    this.value = silent();
    this.#lose();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.ended;
  }
}

test("elsewhere than on a terminal a fresh text stands below the last one each time something changed", async () => {
  const scene = new Scene(false);
  await expect.poll(() => scene.out).toBe("one\n");
  scene.put("two");
  await expect.poll(() => scene.out).toBe("one\ntwo\n");
  scene.put("two");
  await expect.poll(() => scene.loads).toBe(3);
  await scene.stop();
  expect([scene.out, scene.err]).toEqual(["one\ntwo\n", ""]);
});

test("while nobody answers it says so once, tries on, and says when that is over", async () => {
  const scene = new Scene(false);
  await expect.poll(() => scene.out).toBe("one\n");
  scene.lose();
  await expect.poll(() => scene.err).toBe("gateway: The gateway does not answer; still trying.\n");
  scene.value = "three";
  await expect.poll(() => scene.out).toBe("one\nthree\n");
  await scene.stop();
  expect(scene.err.split("\n").slice(1)).toEqual(["gateway: The gateway answers again.", ""]);
});

test("on a terminal it is written over the last one, never longer than the screen, and the cursor comes back", async () => {
  const scene = new Scene(true, 5);
  await expect.poll(() => scene.out).toContain("one\x1b[K");
  scene.put("1\n2\n3\n4");
  await expect.poll(() => scene.out).toContain("1\x1b[K\n2\x1b[K\n... 2 more lines\x1b[K\n\x1b[K\n");
  scene.lose();
  await expect.poll(() => scene.out).toContain("The gateway does not answer; still trying.");
  await scene.stop();
  expect(scene.out.startsWith("\x1b[?25l\x1b[H\x1b[2J")).toBe(true);
  expect(scene.out.endsWith("\x1b[?25h")).toBe(true);
  expect(scene.out.split("\x1b[2J")).toHaveLength(2);
});

test("who cannot be asked at the beginning is not waited for", async () => {
  const failing: Watched<string> = {
    load: () => Promise.reject(silent()),
    render: String,
    essence: String,
  };
  const screen = { isTerminal: false, rows: () => 24, out: () => {}, err: () => {} };
  await expect(watch(failing, screen, new AbortController().signal)).rejects.toThrow("nobody answers");
});
