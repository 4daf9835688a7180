// localStorage and sessionStorage, or the page's memory where the browser refuses them.

/** What all tabs share, until it is removed. */
export const shared = open("localStorage");

/** What this tab keeps until it is closed. */
export const ofTab = open("sessionStorage");

function open(name) {
  const stored = reachable(name);
  const memory = new Map();
  return {
    /** Return the value stored under `key`; null where there is none, or where it is not ours. */
    get(key) {
      try {
        return JSON.parse((stored ? stored.getItem(key) : memory.get(key)) ?? "null");
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        (stored ?? memory)[stored ? "setItem" : "set"](key, JSON.stringify(value));
      } catch {
        memory.set(key, JSON.stringify(value)); // full
      }
    },
    remove(key) {
      memory.delete(key);
      stored?.removeItem(key);
    },
  };
}

function reachable(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}
