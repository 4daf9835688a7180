// The time that is left, by the monotonic clock.

import { announce } from "./dom.js";
import { shared as texts } from "./texts.js";

const ANNOUNCED_SECONDS = [300, 120, 60];

/**
 * Call `onTick` with the seconds left, now and each second until they are 0, and announce 5, 2 and
 * 1 minutes. Return a function that stops it. The clock may stand still while a device sleeps: on
 * waking, read the time left again and start another one.
 */
export function countDown(seconds, onTick) {
  const end = performance.now() + seconds * 1000;
  let before = seconds;
  const timer = setInterval(tick, 1000);
  function tick() {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const passed = ANNOUNCED_SECONDS.find((mark) => left <= mark && mark < before);
    if (passed) {
      announce(texts.minutesLeft(passed / 60));
    }
    before = left;
    if (left === 0) {
      clearInterval(timer);
    }
    onTick(left);
  }
  tick();
  return () => clearInterval(timer);
}
