import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import schema from "../../../schema/wire.json" with { type: "json" };
import { isWord } from "../src/word.js";
import { world } from "./world.js";

const ajv = new Ajv2020({ strict: false, allErrors: true }).addSchema(schema);

/** Hold content to a definition of the schema, as the Python side does with what it answers. */
const conforms = (name: string, content: unknown) => {
  const validate = ajv.getSchema(`${schema.$id}#/$defs/${name}`);
  expect(validate?.(content), JSON.stringify(validate?.errors)).toBe(true);
  return content;
};

describe("The server of these tests answers as the real one does:", () => {
  it.each([
    ["SessionAnswer", "GET", "/session", true],
    ["SessionAnswer", "GET", "/session", false],
    ["SessionAnswer", "POST", "/session/touch", true],
    ["SessionsAnswer", "GET", "/sessions", true],
    ["RevokedAnswer", "DELETE", "/sessions", true],
    ["Problem", "POST", "/session/touch", false],
    ["Problem", "POST", "/login", false],
  ])("%s to %s %s, signed in: %s", async (name, method, path, signedIn) => {
    const { server, browser } = world({ signedIn });
    const request = new Request(`https://app.test/auth${path}`, { method });
    const content = conforms(name, await (await server.handle(browser, request)).json());
    if (name === "SessionAnswer") expect(isWord(content)).toBe(true);
  });

  it("the events of the stream", async () => {
    const { server, browser } = world();
    const source = new (browser.tab().env.EventSource)("/auth/events");
    const heard: unknown[] = [];
    source.addEventListener("session", ({ data }) => heard.push(conforms("SessionAnswer", JSON.parse(data))));
    source.addEventListener("ended", ({ data }) => heard.push(conforms("Ended", JSON.parse(data))));
    await new Promise((done) => setTimeout(done, 0));
    server.change("s1", { ended: "revoked" });
    expect(heard.length).toBe(2);
    expect(heard.every(isWord)).toBe(true);
  });
});
