import { useEffect, useRef } from "react";

/**
 * Keeps what was typed when the session ends, and gives it back to the same user alone.
 *
 * @returns the draft that was kept (null if there is none), what to call at each change, and what once it is stored
 */
export function useDraft(name: string, userId: string) {
  const key = `draft:${userId}:${name}`;
  const typed = useRef<string | null>(null);

  useEffect(() => {
    const keep = (event: CustomEvent<{ userId: string }>) => {
      // In this tab only, and gone with it.
      if (event.detail.userId === userId && typed.current !== null)
        sessionStorage.setItem(key, typed.current);
    };
    document.addEventListener("coatcheck:save", keep);
    return () => document.removeEventListener("coatcheck:save", keep);
  }, [key, userId]);

  return {
    kept: () => sessionStorage.getItem(key),
    type: (text: string) => {
      typed.current = text;
    },
    drop: () => {
      typed.current = null;
      sessionStorage.removeItem(key);
    },
  };
}
