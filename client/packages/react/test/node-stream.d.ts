/** The one thing of Node that a test asks for: all of `@types/node` would change the types of a page's timers. */
declare module "node:stream" {
  export class Writable {
    constructor(sink: {
      write(chunk: Uint8Array, encoding: string, done: () => void): void;
      final(done: () => void): void;
    });
  }
}
