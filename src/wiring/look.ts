/** `gateway status` and `gateway devices`: by the API or without it, of which only that one is loaded. Part of the composition root. */
import type { DevicesOptions, ViewOptions } from "../cli/commands/views.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { untilInterrupted } from "../cli/until-interrupted.ts";
import { type Watched, watch } from "../cli/watch.ts";

export async function status(place: ConfigPlace, options: ViewOptions, io: Output): Promise<0> {
  if (!options.direct) {
    const { apiStatusSource } = await import("./look-api.ts");
    return show(await apiStatusSource(place, options), options, io);
  }
  const { directStatusSource } = await import("./look-direct.ts");
  return show(directStatusSource(place, options), options, io);
}

export async function devices(place: ConfigPlace, options: DevicesOptions, io: Output): Promise<0> {
  if (!options.direct) {
    const { apiDevicesSource } = await import("./look-api.ts");
    return show(await apiDevicesSource(place, options), options, io);
  }
  const { directDevicesSource } = await import("./look-direct.ts");
  return show(directDevicesSource(place, options), options, io);
}

async function show<T>(source: Watched<T>, options: ViewOptions, io: Output): Promise<0> {
  if (!options.watch) {
    io.out(source.render(await source.load()));
    return 0;
  }
  const screen = {
    ...io,
    isTerminal: process.stdout.isTTY === true && !options.json,
    rows: () => process.stdout.rows || 24,
  };
  await untilInterrupted((signal) => watch(source, screen, signal));
  return 0;
}
