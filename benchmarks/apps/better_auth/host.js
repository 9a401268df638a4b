// better-auth with its sessions in Redis, and a bare handler, both as functions from Request to Response.
// Each line of the standard input is an order; each gets one line of an answer: hosts/node.py.
import { createInterface } from "node:readline";
import { betterAuth } from "better-auth";
import { createClient } from "redis";

const [mode, url] = process.argv.slice(2);
const ORIGIN = "https://app.example.test";
const ADA = { email: "ada@example.test", password: "a secret of no consequence", name: "Ada" };

const bare = (request) => new Response(request.url.endsWith("/plain") ? "ok" : "0");

const withSessions = async () => {
  const client = createClient({ url });
  await client.connect();
  const auth = betterAuth({
    baseURL: ORIGIN,
    secret: "a secret of no consequence, but a long one",
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    secondaryStorage: {
      get: (key) => client.get(key),
      set: (key, value, ttl) => client.set(key, value, ttl ? { EX: ttl } : {}),
      delete: (key) => client.del(key),
    },
  });
  return async (request) => {
    if (request.url.endsWith("/plain")) return new Response("ok");
    if (request.url.endsWith("/login")) return auth.api.signUpEmail({ body: ADA, asResponse: true });
    const session = await auth.api.getSession({ headers: request.headers });
    return new Response(session ? "0" : "nobody");
  };
};

const handle = mode === "bare" ? bare : await withSessions();

const repeat = async (make, requests) => {
  const begin = process.hrtime.bigint();
  for (let number = 0; number < requests; number += 1) await handle(make());
  return Number(process.hrtime.bigint() - begin) / 1e9;
};

for await (const line of createInterface({ input: process.stdin })) {
  const { path, headers, requests } = JSON.parse(line);
  const make = () => new Request(ORIGIN + path, { headers });
  if (requests) {
    console.log(JSON.stringify(await repeat(make, requests)));
  } else {
    const answer = await handle(make());
    console.log(JSON.stringify([answer.status, [...answer.headers], await answer.text()]));
  }
}
process.exit(0);
