import { expect, it } from "vitest";
import { backoff } from "../src/wait.js";
import { world } from "./world.js";

it("Patience doubles from a second to a minute", () => {
  const { env } = world().browser.tab();
  const patience = [1, 2, 3, 7, 8, 50].map((failures) => backoff(failures, env));
  expect(patience).toEqual([750, 1500, 3000, 45_000, 45_000, 45_000]); // three quarters: half of it is random
});
