import { expect, test } from "vitest";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { parseInterface4 } from "../../base/cidr4.ts";
import { must } from "../../base/parsed.ts";
import { type InboundChoice, renderInboundFile } from "../../config/inbound-file.ts";
import { ip } from "../../plan/sample.fixture.ts";
import { InboundChoices } from "./inbound-choices.ts";

const path = "/state/inbound.json";
const open = (address: string): InboundChoice => ({ address: ip(address), inbound: "all", from: ["::/0"] });

async function bench(text: string) {
  const files = new MemoryFiles();
  await files.makeDirectory("/state");
  await files.write(path, text);
  const log = new MemoryLog();
  const troubles: (string | undefined)[] = [];
  const choices = new InboundChoices({
    files,
    log,
    directory: "/state",
    lan: must(parseInterface4("192.168.1.1/24")),
    fallback: "ports",
    onChange: () => {},
    onTrouble: (sentence) => troubles.push(sentence),
  });
  await choices.start();
  return { files, log, troubles, choices };
}

test("a device that no LAN has is left out and told, the others hold", async () => {
  const { choices, log, troubles } = await bench(renderInboundFile([open("192.168.1.9"), open("127.0.0.1")]));
  expect([choices.openTo(ip("192.168.1.9")), choices.openTo(ip("127.0.0.1"))]).toEqual([["::/0"], []]);
  expect(log.take()).toEqual([
    "warn /state/inbound.json opens nothing there: 127.0.0.1 is not inside the LAN 192.168.1.0/24",
    "info Devices open as a whole: 192.168.1.9 (from ::/0)",
  ]);
  expect(troubles.at(-1)).toContain("127.0.0.1");
});

test("a damaged file leaves in force what was, and counts again once mended", async () => {
  const { files, choices, troubles } = await bench(renderInboundFile([open("192.168.1.9")]));
  await files.write(path, "{");
  await expect.poll(() => troubles.at(-1)).toContain("cannot be used, what was in force stays: not JSON");
  expect(choices.openTo(ip("192.168.1.9"))).toEqual(["::/0"]);
  await files.write(path, renderInboundFile([]));
  await expect.poll(() => choices.openTo(ip("192.168.1.9"))).toEqual([]);
  expect(troubles.at(-1)).toBeUndefined();
});
