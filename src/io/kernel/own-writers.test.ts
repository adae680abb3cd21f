import { expect, test } from "vitest";
import { OwnWriters } from "./own-writers.ts";

test("whoever listens hears of each program that begins and ends, until he has had enough", () => {
  const writers = new OwnWriters();
  const heard: (readonly number[])[] = [];
  writers.began(1);
  const enough = writers.listen((pids) => heard.push(pids));
  writers.began(2);
  writers.ended(1);
  writers.ended(7);
  enough();
  writers.ended(2);
  expect(heard).toEqual([[1, 2], [2]]);
  expect(writers.pids()).toEqual([]);
});
