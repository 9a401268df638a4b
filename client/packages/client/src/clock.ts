/** The server's clock, as far as answers tell it: a page's own may be hours off, or be set meanwhile. */

/** Milliseconds since the epoch. */
export type Now = () => number;

/** Learn from an exchange that ends now: when it was sent by our clock, and what the server's said, `NaN` for nothing. */
export type Sample = (sent: number, server: number) => void;

export const serverClock = (local: () => number): readonly [Now, Sample] => {
  let offset = 0;
  return [
    () => local() + offset,
    (sent, server) => {
      const half = (local() - sent) / 2;
      const measured = server - sent - half;
      // The server's clock was read at some moment of the round trip: more than half of it off is wrong.
      if (Math.abs(measured - offset) > half) offset = measured;
    },
  ];
};
