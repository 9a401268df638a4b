/** The server's clock, as far as answers tell it: a page's own may be hours off, or jump. */
export interface ServerClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Learn from an exchange: when it was sent and received by our clock, and what the server's said. */
  sample(sent: number, received: number, server: number): void;
}

export const serverClock = (local: () => number): ServerClock => {
  let offset = 0;
  let error = Number.POSITIVE_INFINITY;
  return {
    now: () => local() + offset,
    sample(sent, received, server) {
      const half = Math.abs(received - sent) / 2;
      const measured = server - (sent + received) / 2;
      // The shortest round trip knows best, unless the two cannot both be true: then a clock was set.
      if (half <= error || Math.abs(measured - offset) > half + error) {
        offset = measured;
        error = half;
      }
    },
  };
};
