/** The short ways that the kernel has, by identity and by address. */
import type { ShortWay } from "../../plan/short-ways.ts";

const families = [4, 6] as const;
const nameOf = ({ family, ifname }: Pick<ShortWay, "family" | "ifname">): string => `${family} ${ifname}`;
/** Addresses that only one of them can have. */
const placesOf = (way: ShortWay): string[] =>
  way.family === 4 ? [`inner ${way.inner}`, `outer ${way.outer}`] : [`inner ${way.inner}`];
const textOf = (way: ShortWay | undefined): string | undefined => way && JSON.stringify(way);

export class KnownWays {
  readonly #ways = new Map<string, ShortWay>();
  readonly #holders = new Map<string, ShortWay>();

  has(way: ShortWay): boolean {
    return textOf(this.#ways.get(nameOf(way))) === textOf(way);
  }

  /** Of these identities, or of all: those that are not, or not so, among `now`. */
  ended(now: readonly ShortWay[], ifnames?: readonly string[]): readonly ShortWay[] {
    const wanted = new Map(now.map((way) => [nameOf(way), way]));
    const known = ifnames ? this.#of(ifnames) : [...this.#ways.values()];
    return known.filter((way) => textOf(wanted.get(nameOf(way))) !== textOf(way));
  }

  /** Those that stand where these are to: an address that another device has now may be told of that one first. */
  rivals(begun: readonly ShortWay[]): readonly ShortWay[] {
    return begun.flatMap(placesOf).flatMap((place) => this.#holders.get(place) ?? []);
  }

  add(ways: readonly ShortWay[]): void {
    for (const way of ways) {
      this.#ways.set(nameOf(way), way);
      for (const place of placesOf(way)) this.#holders.set(place, way);
    }
  }

  remove(ways: readonly ShortWay[]): void {
    for (const way of ways) {
      this.#ways.delete(nameOf(way));
      for (const place of placesOf(way)) this.#holders.delete(place);
    }
  }

  clear(): void {
    this.#ways.clear();
    this.#holders.clear();
  }

  #of(ifnames: readonly string[]): ShortWay[] {
    return ifnames.flatMap((ifname) =>
      families.flatMap((family) => this.#ways.get(nameOf({ family, ifname })) ?? []),
    );
  }
}
