/** What the client needs of the page around it; `globalThis` in a browser, fakes in tests. */
export interface Surroundings {
  readonly Date: Pick<DateConstructor, "now">;
  readonly Math: Pick<Math, "random">;
  readonly fetch: typeof fetch;
  setTimeout(act: () => void, ms: number): number;
  clearTimeout(timer: number | undefined): void;
  readonly BroadcastChannel: typeof BroadcastChannel;
  readonly EventSource: new (url: string) => EventSource;
  /** Without locks no tab can tell whether another one holds the stream: then there is none. */
  readonly navigator: { readonly locks?: Pick<LockManager, "request"> };
  readonly location: Pick<Location, "origin">;
  readonly document: Pick<Document, "hidden" | "baseURI">;
  addEventListener: EventTarget["addEventListener"];
}
