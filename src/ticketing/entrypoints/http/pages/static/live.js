// What changes in the room while the page is visible: by a stream of events, or else by polling.
// It is a hint for the eyes: only the box office decides who gets a seat.

const POLL_MS = 5000;

/**
 * Call `onMap` with the statuses of the whole room, by number, where those that are missing are
 * available; and `onChange` with the statuses that changed.
 */
export function watch(showId, onMap, onChange) {
  const path = `/api/shows/${showId}/seats`;
  let stream = null;
  let timer = null;
  let etag = null;

  function start() {
    stop();
    stream = new EventSource(`${path}/stream`);
    stream.addEventListener("snapshot", ({ data }) => onMap(JSON.parse(data).seats));
    stream.addEventListener("change", ({ data }) => onChange(JSON.parse(data).seats));
    stream.addEventListener("error", () => {
      if (stream?.readyState === EventSource.CLOSED) {
        poll(); // there are no streams here, or no more of them
      }
    });
  }

  function stop() {
    stream?.close();
    clearTimeout(timer);
    stream = timer = null;
  }

  async function poll() {
    clearTimeout(timer);
    const ours = (timer = setTimeout(poll, POLL_MS));
    try {
      const response = await fetch(path, { headers: etag ? { "If-None-Match": etag } : {} });
      if (response.status === 200 && ours === timer) {
        etag = response.headers.get("ETag");
        const { seats } = await response.json();
        onMap(Object.fromEntries(seats.map(({ number, status }) => [number, status])));
      }
    } catch {
      // offline: the next one may succeed
    }
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", ({ persisted }) => persisted && start());
  if (!document.hidden) {
    start();
  }
}
