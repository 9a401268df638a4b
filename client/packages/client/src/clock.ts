/** The server's clock, as far as answers tell it: a page's own may be hours off, or be set meanwhile. */
export interface ServerClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Learn from an exchange that ends now: when it was sent by our clock, and what the server's said, `NaN` for nothing. */
  sample(sent: number, server: number): void;
}

export const serverClock = (local: () => number): ServerClock => {
  let offset = 0;
  return {
    now: () => local() + offset,
    sample(sent, server) {
      const half = (local() - sent) / 2;
      const measured = server - sent - half;
      // The server's clock was read at some moment of the round trip: more than half of it off is wrong.
      if (Math.abs(measured - offset) > half) offset = measured;
    },
  };
};
