/** Makes identities: the interface, its settings while it is down, and up. */
import { messageOf } from "../../base/errors.ts";
import type { Action } from "../../plan/diff.ts";
import { renderUp } from "../../plan/render.ts";
import { type Identity, resourceKey } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { type Failure, type Line, linesOf, runBatch } from "./batch.ts";
import { exists, writeLikewise, writeSettings } from "./identity-settings.ts";

type Making = Extract<Action, { readonly kind: "put" }> & { readonly resource: Identity };
const isMaking = (action: Action): action is Making =>
  action.kind === "put" && action.resource.kind === "identity";

/** While `ip` makes so many, the settings of those before them are written. */
const portion = 128;

/** Of the same order for each identity, however many there are. What the kernel refuses is told by the identity's key. */
export async function makeIdentities(kernel: Kernel, actions: readonly Action[]): Promise<Failure[]> {
  const all = actions.filter(isMaking);
  const settings = new Settings(kernel);
  const failures: Failure[] = [];
  const goingUp: Promise<Failure[]>[] = [];
  let making = begin(makeLinks(kernel, all.slice(0, portion)));
  for (let n = 0; n < all.length; n += portion) {
    failures.push(...(await making));
    making = begin(makeLinks(kernel, all.slice(n + portion, n + 2 * portion)));
    const ready: Identity[] = [];
    for (const action of all.slice(n, n + portion)) {
      const failed = await settings.write(action);
      if (failed) failures.push(failed);
      else ready.push(action.resource);
    }
    goingUp.push(begin(putUp(kernel, ready)));
  }
  return [...failures, ...(await Promise.all(goingUp)).flat()];
}

/** It is awaited later, and may fail before. */
function begin<T>(task: Promise<T>): Promise<T> {
  task.catch(() => {});
  return task;
}

const makeLinks = (kernel: Kernel, actions: readonly Making[]): Promise<Failure[]> =>
  runBatch(kernel, actions.flatMap(linesOf));

const putUp = (kernel: Kernel, identities: readonly Identity[]): Promise<Failure[]> =>
  runBatch(
    kernel,
    identities.map((identity): Line => ({ key: resourceKey(identity), line: renderUp(identity) })),
  );

class Settings {
  readonly #kernel: Kernel;
  /** What was written for the first of those made now. */
  #like: readonly number[] | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Undefined: they are as they should be. */
  async write({ resource: { ifname }, resource, was }: Making): Promise<Failure | undefined> {
    const key = resourceKey(resource);
    try {
      if (!was && this.#like) await writeLikewise(this.#kernel, ifname, this.#like);
      else {
        const written = await writeSettings(this.#kernel, ifname);
        if (!was) this.#like = written;
      }
      return undefined;
    } catch (thrown) {
      // Where the port has gone, none of its identities could be made.
      if (await exists(this.#kernel, ifname)) return { key, message: messageOf(thrown) };
      return { key, message: `there is no interface ${ifname}`, absent: true };
    }
  }
}
