import type { WarningTexts } from "./texts.js";

/** German. */
export const de: WarningTexts = {
  lang: "de",
  soon: "Sie werden bald abgemeldet",
  ended: "Sie wurden abgemeldet",
  idle_timeout: "Hier ist seit einer Weile nichts geschehen.",
  absolute_timeout: "Ihre Sitzung hat ihre Höchstdauer erreicht. Sie kann nicht verlängert werden.",
  left: "Noch {}",
  failed: "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
  stay: "Angemeldet bleiben",
  leave: "Abmelden",
  later: "Vorerst weiterarbeiten",
  again: "Neu anmelden",
};
