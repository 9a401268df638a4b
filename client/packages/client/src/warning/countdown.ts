/** Seconds as a clock shows them: `1:32`. */
export const clockFace = (seconds: number): string => {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")}`;
};

/** About as many seconds in words, rounded up: `2 minutes`, `1 Minute`, from 40 on `40 seconds`, and `20 seconds`. */
export const inWords = (seconds: number, language: string): string => {
  const [step, value, unit] = seconds > 40 ? [60, 1, "minute"] : [20, 20, "second"];
  const rounded = Math.ceil(seconds / step) * value;
  return rounded.toLocaleString(language, { style: "unit", unit, unitDisplay: "long" });
};
