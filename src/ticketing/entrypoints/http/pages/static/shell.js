// What all pages share: who is signed in, and a banner without a connection.

import { requireSession } from "./dialogs.js";
import { announce, element } from "./dom.js";
import { isSignedIn, logOut, onChange, user } from "./session.js";
import { shared as texts } from "./texts.js";

function showSession() {
  const slot = document.getElementById("session");
  const hadFocus = slot.contains(document.activeElement);
  if (isSignedIn()) {
    slot.replaceChildren(
      element("span", { class: "username" }, user().username),
      element("button", { type: "button", onclick: logOut }, texts.logOut),
    );
  } else {
    slot.replaceChildren(element("button", { type: "button", onclick: requireSession }, texts.logIn));
  }
  if (hadFocus) {
    slot.querySelector("button").focus();
  }
}

function showConnection() {
  document.getElementById("offline")?.remove();
  if (!navigator.onLine) {
    const banner = element("p", { id: "offline", role: "status" }, texts.offlineBanner);
    document.getElementById("main").prepend(banner);
  }
}

onChange(() => {
  showSession();
  announce(isSignedIn() ? texts.loggedIn(user().username) : texts.loggedOut);
});
window.addEventListener("online", showConnection);
window.addEventListener("offline", showConnection);
showSession();
showConnection();
