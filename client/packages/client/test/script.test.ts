// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const calls: string[] = [];
let answers: () => Response;

const answer = (word: object) => new Response(JSON.stringify({ server_now: new Date().toJSON(), ...word }));
const nobody = () => answer({ session: null, reason: "no_session" });

/** Run the script as a tag with these attributes would. */
const run = async (attributes: Record<string, string>, page = "", lang = "en") => {
  document.documentElement.lang = lang;
  document.body.innerHTML = page;
  const script = document.createElement("script");
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  vi.resetModules();
  await import("../src/script.js");
  await vi.waitFor(() => expect(calls.length).toBe(1));
};

beforeEach(() => {
  calls.length = 0;
  answers = nobody;
  vi.stubGlobal("fetch", async (url: string) => {
    calls.push(url);
    return answers();
  });
});

afterEach(() => {
  window.coatcheck.destroy();
  vi.unstubAllGlobals();
});

const warning = () => document.querySelector("coatcheck-warning");

describe("The script", () => {
  it("finds the API beside itself, and puts the warning into the page", async () => {
    await run({ src: "https://app.test/shop/auth/client.0123456789ab.js" });
    expect(calls).toEqual(["/shop/auth/session"]);
    expect(warning()?.client).toBe(window.coatcheck);
    await vi.waitFor(() => expect(window.coatcheck.getSnapshot().phase).toBe("anonymous"));
  });

  it("takes the place of the API, and attributes of the warning, from its own attributes", async () => {
    await run({
      src: "https://cdn.test/client.js",
      "data-base-path": "/session",
      "data-login-path": "/enter",
    });
    expect(calls).toEqual(["/session/session"]);
    expect(warning()?.getAttribute("login-path")).toBe("/enter");
  });

  it("uses the warning that the page has", async () => {
    await run(
      { src: "/auth/client.js" },
      "<main><coatcheck-warning text-stay='More'></coatcheck-warning></main>",
    );
    expect(document.querySelectorAll("coatcheck-warning").length).toBe(1);
    expect(warning()?.parentElement?.localName).toBe("main");
    expect(warning()?.client).toBe(window.coatcheck);
  });

  it("speaks German on a German page", async () => {
    await run({ src: "/auth/client.js" }, "", "de-AT");
    expect(warning()?.texts?.stay).toBe("Angemeldet bleiben");
  });

  describe("on a page that comes back out of the browser's cache", () => {
    const comeBack = () =>
      window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }) as Event);
    let reload: ReturnType<typeof vi.spyOn>;

    beforeEach(() => {
      reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
      answers = () => new Response(null, { status: 503 });
    });

    const session = {
      id: "s1",
      rev: 1,
      user: { id: "u1", email: "ada@example.test", name: "Ada", roles: [] },
      expires_in: 900,
      idle_expires_in: 300,
      warn_in: 180,
    };
    const somebody = () => answer({ session, csrf_token: "c" });

    it("has it drawn anew if it never heard of its session, once the server answers", async () => {
      await run({ src: "/auth/client.js" });
      await vi.waitFor(() => expect(window.coatcheck.getSnapshot().stale).toBe(true));
      comeBack();
      comeBack();
      await window.coatcheck.refresh();
      expect(reload).not.toHaveBeenCalled();
      answers = nobody;
      await window.coatcheck.refresh();
      await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
      answers = somebody;
      await window.coatcheck.refresh();
      await vi.waitFor(() => expect(window.coatcheck.getSnapshot().phase).toBe("active"));
      expect(reload).toHaveBeenCalledOnce();
    });

    it("leaves it as it is if it knows its session", async () => {
      answers = nobody;
      await run({ src: "/auth/client.js" });
      await vi.waitFor(() => expect(window.coatcheck.getSnapshot().phase).toBe("anonymous"));
      comeBack();
      await window.coatcheck.refresh();
      expect(reload).not.toHaveBeenCalled();
    });
  });

  it("keeps the page in step without a warning too", async () => {
    await run({ src: "/auth/client.js", "data-warning": "off" });
    expect(warning()).toBeNull();
  });
});
