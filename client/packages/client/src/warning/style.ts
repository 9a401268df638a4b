/** The sheet of the shadow root; as a constructed one it needs no `style-src` of the page's CSP. */
export const sheet = (): CSSStyleSheet => {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
};

// `all: initial` keeps the page's text styles out, but neither its custom properties nor its direction.
// Sizes are in em of the person's own font size, so that zooming text zooms everything.
const css = `
:host {
  all: initial;
  color-scheme: light dark;
  --accent: light-dark(#17594a, #74c3a4);
  --card: light-dark(#fff, #1d2322);
}
dialog {
  box-sizing: border-box;
  width: 30em;
  padding: 1em 2em 2em;
  border: 0;
  border-radius: 1em;
  background: var(--card);
  font: 1em/1.5 system-ui;
}
::backdrop { background: #0009 }
.ended::backdrop { background: var(--card) }
#countdown { margin: 0; font-size: 3em; font-variant-numeric: tabular-nums }
#status { position: absolute; opacity: 0 }
button {
  width: 100%;
  margin-top: 1em;
  padding: .7em;
  border: 2px solid var(--accent);
  border-radius: .5em;
  background: none;
  color: inherit;
  font: inherit;
}
#primary { background: var(--accent); color: var(--card) }
`;
