import { expect, test } from "vitest";
import { de } from "../../src/warning/de.js";
import { en } from "../../src/warning/texts.js";

test("German has every text that English has, and says that it is German", () => {
  expect(Object.keys(de).sort()).toEqual([...Object.keys(en), "lang"].sort());
  expect(de.lang).toBe("de");
});

test.each([
  ["en", en],
  ["de", de],
] as const)("%s has words everywhere, and a place for the time", (_, texts) => {
  expect(Object.values(texts).filter((words) => !words.trim())).toEqual([]);
  expect(
    Object.entries(texts)
      .filter(([, words]) => words.includes("{}"))
      .map(([key]) => key),
  ).toEqual(["left"]);
});
