import { expect, test } from "vitest";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { eui64Address } from "../../base/ip6.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { AddressBook } from "./address-book.ts";
import { cidr6, ip6 } from "./advert.fixture.ts";
import { Announcer } from "./announcer.ts";

const camera = mac("00:11:22:33:44:51");
const printer = mac("00:11:22:33:44:52");
const global = ip6("2001:db8:1::51");

const fact = (ip: string, state: Address6Fact["state"]): Address6Fact => ({
  ip: ip6(ip),
  length: 64,
  origin: ip.startsWith("fe80") ? "link-local" : "slaac",
  state,
});

class Scene {
  readonly log = new MemoryLog();
  readonly sent: string[] = [];
  readonly checked: string[] = [];
  readonly announcer = new Announcer({
    send: ({ source, destination }) => this.sent.push(`${source} to ${destination}`),
    introduce: () => {},
    holds: (mac, ip) => this.book.holder(ip) === mac,
  });
  readonly book: AddressBook = new AddressBook({
    log: this.log,
    announcer: this.announcer,
    onChecked: (_mac, ip, duplicate) => this.checked.push(`${ip} ${duplicate ? "taken" : "good"}`),
  });
}

test("an address is announced once, when it has become usable; a link-local one never", () => {
  const { book, sent, checked } = new Scene();
  expect(book.look(camera, [fact("fe80::51", "tentative")])).toBe(true);
  expect(book.look(camera, [fact("fe80::51", "usable"), fact(global, "tentative")])).toBe(true);
  expect([sent, checked, book.holder(global)]).toEqual([[], [], camera]);
  const both = [fact("fe80::51", "usable"), fact(global, "usable")];
  expect(book.look(camera, both)).toBe(true);
  expect(book.look(camera, [...both])).toBe(false);
  expect(book.look(camera, [fact("fe80::51", "usable"), fact(global, "deprecated")])).toBe(true);
  expect(sent).toEqual([`${global} to ff02::2`]);
  expect(checked).toEqual([`${global} good`, `${global} good`]);
});

test("what was there at the first look is announced to all, once a router vouches for it; so is everything after a change of the link", () => {
  const { book, announcer, sent } = new Scene();
  book.look(camera, [fact("fe80::51", "usable"), fact(global, "deprecated")]);
  expect(sent).toEqual([]);
  announcer.settle(() => true, true);
  expect(sent).toEqual([`${global} to ff02::1`]);
  book.announceAll();
  book.announceAll();
  announcer.settle(() => true, true);
  expect(sent.slice(1)).toEqual([`${global} to ff02::1`]);
});

test("a look that is to be news is, once", () => {
  const { book, checked } = new Scene();
  const facts = [fact(global, "usable")];
  book.look(camera, facts);
  book.lookAnew(camera);
  expect([book.look(camera, facts), book.look(camera, facts)]).toEqual([true, false]);
  expect(checked).toEqual([`${global} good`, `${global} good`]);
});

test("a conflict is told once, whoever notices it; again only after the address was good", () => {
  const { book, log, checked } = new Scene();
  book.duplicate(camera, global);
  expect(checked).toEqual([]);
  book.open(camera);
  book.duplicate(camera, global);
  book.look(camera, [fact(global, "duplicate")]);
  book.lookAnew(camera);
  book.look(camera, [fact(global, "duplicate")]);
  const line = `warn Another station has the IPv6 address ${global} of device ${camera}`;
  expect(log.take()).toEqual([line]);
  expect([book.holder(global), checked[0]]).toEqual([undefined, `${global} taken`]);
  book.look(camera, [fact(global, "usable")]);
  book.look(camera, [fact(global, "duplicate")]);
  expect(log.take()).toEqual([line]);
});

test("an address that another device has taken over stays with that one", () => {
  const { book } = new Scene();
  book.look(camera, [fact(global, "usable")]);
  book.look(printer, [fact(global, "tentative")]);
  book.look(camera, []);
  expect(book.holder(global)).toBe(printer);
  book.forget(printer);
  expect([book.holder(global), book.has(printer), book.has(camera)]).toEqual([undefined, false, true]);
  expect(book.facts(printer)).toEqual([]);
});

test("an identity is served by its address of any advertised prefix, by one that is taken, and where none is to be had", () => {
  const { book } = new Scene();
  const own = eui64Address(ip6("2001:db8:1::"), camera);
  const prefixes = [cidr6("2001:db8:1::/64"), cidr6("2001:db8:2::/64")];
  book.open(camera);
  expect([book.isServed(camera, []), book.isServed(camera, [cidr6("2001:db8::/48")])]).toEqual([true, true]);
  book.look(camera, [fact("fe80::51", "usable"), fact("2001:db8:1::7", "usable")]);
  expect(book.isServed(camera, prefixes)).toBe(false);
  book.look(camera, [fact(own, "tentative")]);
  expect(book.isServed(camera, prefixes)).toBe(true);
  book.look(camera, []);
  expect(book.isServed(camera, prefixes)).toBe(false);
  book.duplicate(camera, own);
  expect(book.isServed(camera, prefixes)).toBe(true);
});
