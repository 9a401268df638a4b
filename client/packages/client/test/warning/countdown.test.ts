import { expect, test } from "vitest";
import { clockFace, inWords } from "../../src/warning/countdown.js";

test.each([
  [120, "2:00"],
  [92, "1:32"],
  [91.2, "1:32"],
  [9, "0:09"],
  [0, "0:00"],
  [3661, "61:01"],
])("a clock shows %d seconds as %s", (seconds, face) => {
  expect(clockFace(seconds)).toBe(face);
});

test.each([
  [300, "5 minutes"],
  [61, "2 minutes"],
  [60, "1 minute"],
  [40.5, "1 minute"],
  [40, "40 seconds"],
  [20.1, "40 seconds"],
  [20, "20 seconds"],
  [0.3, "20 seconds"],
  [0, "0 seconds"],
])("%d seconds are spoken of as %s", (seconds, words) => {
  expect(inWords(seconds, "en")).toBe(words);
});

test.each([
  ["de", "1 Minute", "20 Sekunden"],
  ["nl", "1 minuut", "20 seconden"],
  ["pl", "1 minuta", "20 sekund"],
])("in %s too, with the plurals of the language", (language, minute, seconds) => {
  expect([inWords(60, language), inWords(20, language)]).toEqual([minute, seconds]);
});

test("two minutes are spoken of four times", () => {
  const all = Array.from({ length: 120 }, (_, passed) => inWords(120 - passed, "en"));
  expect([...new Set(all)]).toEqual(["2 minutes", "1 minute", "40 seconds", "20 seconds"]);
});
