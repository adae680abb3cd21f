import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { type Ip6, linkLocalOf } from "../../base/ip6.ts";
import { seededRng } from "../../base/rng.ts";
import { seconds } from "../../base/time.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { ip6 } from "./advert.fixture.ts";
import { Confirmations } from "./confirmations.ts";

const camera = mac("00:11:22:33:44:51");
const router = ip6("fe80::1");

class Scene {
  readonly clock = new FakeClock(0);
  readonly told: string[] = [];
  router: Ip6 | undefined = router;
  /** Whether frames go at once; else they wait for their turn. */
  flowing = true;
  readonly confirmations = new Confirmations({
    clock: this.clock,
    rng: seededRng(7),
    failedRetry: seconds(60),
    send: (_frame, { onSent }) => {
      if (!this.flowing) return;
      this.#tell("asked");
      onSent?.();
    },
    linkLocal: (mac) => linkLocalOf(mac),
    router: () => this.router,
    introduce: () => this.#tell("introduced"),
    onVerdict: (_mac, late) => this.#tell(late ? "late" : "verdict"),
  });

  #tell(what: string): void {
    this.told.push(`${Math.round(this.clock.now() / 1000)} ${what}`);
  }
}

test("one that is answered within a second is not asked about", () => {
  const { confirmations, clock, told } = new Scene();
  confirmations.want(camera, false);
  expect(confirmations.of(camera)).toBe("open");
  confirmations.answered(camera);
  clock.pass(seconds(100));
  expect([confirmations.of(camera), told]).toEqual(["answered", ["0 verdict"]]);
});

test("three questions a second apart, then the router is named, then slow questions until one is answered", () => {
  const { confirmations, clock, told } = new Scene();
  confirmations.want(camera, false);
  clock.pass(seconds(3.9));
  expect(confirmations.of(camera)).toBe("open");
  clock.pass(seconds(300));
  expect(confirmations.of(camera)).toEqual({ silent: router });
  expect(told.slice(0, 7)).toEqual([
    "1 asked",
    "2 introduced",
    "2 asked",
    "3 introduced",
    "3 asked",
    "4 verdict",
    "4 introduced",
  ]);
  expect(told.filter((t) => t.endsWith("asked")).length).toBe(6);
  confirmations.answered(camera);
  expect(confirmations.of(camera)).toBe("answered");
  expect(told.at(-1)).toBe("304 late");
});

test("where there is no router nobody is missed; one that comes is asked", () => {
  const scene = new Scene();
  scene.router = undefined;
  scene.confirmations.want(camera, false);
  scene.clock.pass(seconds(10));
  expect([scene.confirmations.of(camera), scene.told]).toEqual(["answered", []]);
  scene.router = router;
  scene.clock.pass(seconds(1));
  expect([scene.confirmations.of(camera), scene.told]).toEqual(["open", ["11 asked"]]);
});

test("what worked counts as working until the question has failed", () => {
  const { confirmations, clock, told } = new Scene();
  confirmations.want(camera, true);
  confirmations.answered(camera);
  confirmations.doubt(camera);
  clock.pass(seconds(3.9));
  expect([confirmations.of(camera), told.includes("4 verdict")]).toEqual(["answered", false]);
  clock.pass(seconds(1));
  expect(confirmations.of(camera)).toEqual({ silent: router });
});

test("a question that waits for its turn is not missed", () => {
  const scene = new Scene();
  scene.flowing = false;
  scene.confirmations.want(camera, false);
  scene.clock.pass(seconds(100));
  expect([scene.confirmations.of(camera), scene.told]).toEqual(["open", []]);
});

test("a forgotten device is not asked about", () => {
  const { confirmations, clock, told } = new Scene();
  confirmations.want(camera, false);
  confirmations.forget(camera);
  clock.pass(seconds(100));
  expect(told).toEqual([]);
});
