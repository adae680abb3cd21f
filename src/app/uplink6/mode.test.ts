import { expect, test } from "vitest";
import { type ModeFacts, modeFor } from "./mode.ts";

const none: ModeFacts = {
  enabled: true,
  managed: false,
  otherConfig: false,
  leased: false,
  slaacFailed: false,
};

test.each([
  ["neither flag", {}, undefined],
  ["M", { managed: true }, "stateful"],
  ["O", { otherConfig: true }, "stateless"],
  ["M and O", { managed: true, otherConfig: true }, "stateful"],
  ["no address by SLAAC", { slaacFailed: true }, "stateful"],
  ["no address by SLAAC, O", { slaacFailed: true, otherConfig: true }, "stateful"],
  ["M went away while a lease is held", { leased: true }, "stateful"],
  ["M became O while a lease is held", { leased: true, otherConfig: true }, "stateful"],
  ["switched off", { enabled: false, managed: true, leased: true, slaacFailed: true }, undefined],
])("%s", (_name, facts, mode) => {
  expect(modeFor({ ...none, ...facts })).toBe(mode);
});
