// Dialogs: to log in or sign up, and to confirm.

import { element } from "./dom.js";
import { explanation } from "./notices.js";
import { isSignedIn, logIn, signUp } from "./session.js";
import { dialogs as texts, shared } from "./texts.js";

/** Return true when signed in, after logging in or signing up if need be; false when dismissed. */
export function requireSession() {
  if (isSignedIn()) {
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const dialog = openDialog(() => resolve(isSignedIn()));
    showLogIn(dialog);
  });
}

/** Return whether the customer confirmed. `confirmLabel` names what happens: "Cancel booking". */
export function confirm({ title, text, confirmLabel, dismissLabel }) {
  return new Promise((resolve) => {
    let isConfirmed = false;
    const dialog = openDialog(() => resolve(isConfirmed));
    const yes = () => {
      isConfirmed = true;
      dialog.close();
    };
    fill(
      dialog,
      title,
      element("p", {}, text),
      element(
        "p",
        { class: "actions" },
        element("button", { type: "button", class: "primary", onclick: yes }, confirmLabel),
        element("button", { type: "button", onclick: () => dialog.close() }, dismissLabel),
      ),
    );
  });
}

/** Open an empty dialog. The focus returns to where it was, or to the page's content. */
function openDialog(onClose) {
  const dialog = element("dialog", { "aria-labelledby": "dialog-title" });
  const opener = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose();
    if (!opener?.isConnected) {
      document.getElementById("main").focus();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function fill(dialog, title, ...content) {
  dialog.replaceChildren(
    element(
      "div",
      { class: "dialog-head" },
      element("h2", { id: "dialog-title" }, title),
      element("button", { type: "button", class: "close", "aria-label": shared.close, onclick: () => dialog.close() }, "✕"),
    ),
    ...content,
  );
}

function showLogIn(dialog, { name = "", message = "" } = {}) {
  const form = accountForm(
    [
      field("name", texts.name, { autocomplete: "username", value: name, autocapitalize: "none", spellcheck: "false" }),
      field("password", texts.password, { type: "password", autocomplete: "current-password" }),
    ],
    texts.logIn,
    async (given) => {
      await logIn(given.get("name"), given.get("password"));
      dialog.close();
    },
    { username: "name" },
  );
  fill(
    dialog,
    texts.logInTitle,
    message && element("p", { role: "status" }, message),
    form,
    element("p", {}, element("a", { href: "/password-reset/request" }, texts.forgotten)),
    element("p", { class: "aside" }, `${texts.newHere} `, linkButton(texts.toSignUp, () => showSignUp(dialog))),
  );
  form.elements[name ? "password" : "name"].focus();
}

function showSignUp(dialog) {
  const form = accountForm(
    [
      field("username", texts.username, { autocomplete: "username", autocapitalize: "none", spellcheck: "false" }, texts.usernameHint),
      field("email", texts.email, { type: "email", autocomplete: "email", required: false }, texts.emailHint),
      field("password", texts.password, { type: "password", autocomplete: "new-password" }, texts.passwordHint),
    ],
    texts.signUp,
    async (given) => {
      const { username, email, password } = Object.fromEntries(given);
      await signUp({ username, email, password });
      try {
        await logIn(username, password);
      } catch (problem) {
        showLogIn(dialog, { name: username, message: `${texts.accountExists} ${explanation(problem)}` });
        return;
      }
      dialog.close();
    },
  );
  fill(dialog, texts.signUpTitle, form, element("p", { class: "aside" }, linkButton(texts.toLogIn, () => showLogIn(dialog))));
  form.elements.username.focus();
}

/**
 * Return a form that calls `submit` with its FormData, and shows the problems of the API beside
 * the fields they name. It posts: if a script fails, no password becomes part of an address.
 */
function accountForm(fields, label, submit, renamed = {}) {
  const error = element("div", { role: "alert" });
  const button = element("button", { class: "primary" }, label);
  const form = element("form", { method: "post", class: "stacked", onsubmit: submitted }, error, fields, button);

  async function submitted(event) {
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) {
      return;
    }
    showErrors(form, error, {}, "");
    button.setAttribute("aria-disabled", "true");
    try {
      await submit(new FormData(form));
    } catch (problem) {
      const byField = Object.entries(problem.body?.errors ?? {}).map(([name, messages]) => [
        renamed[name] ?? name,
        messages.join(" "),
      ]);
      showErrors(form, error, Object.fromEntries(byField), explanation(problem));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }
  return form;
}

/** Show each error beside its field and focus the first one; without any, show `summary`. */
function showErrors(form, summaryBox, errors, summary) {
  const inputs = [...form.querySelectorAll("input")];
  for (const input of inputs) {
    const text = errors[input.name] ?? "";
    form.querySelector(`#${input.id}-error`).textContent = text;
    input.setAttribute("aria-invalid", text ? "true" : "false");
  }
  const faulty = inputs.filter((input) => errors[input.name]);
  faulty[0]?.focus();
  summaryBox.replaceChildren(...(summary && !faulty.length ? [element("p", { class: "error-summary" }, summary)] : []));
}

function field(name, label, attributes, hint = "") {
  const id = `field-${name}`;
  const described = hint ? `${id}-error ${id}-hint` : `${id}-error`;
  return element(
    "div",
    { class: "field" },
    element("label", { for: id }, label),
    element("input", { id, name, required: true, "aria-describedby": described, ...attributes }),
    element("p", { class: "error", id: `${id}-error` }),
    hint && element("p", { class: "hint", id: `${id}-hint` }, hint),
  );
}

function linkButton(text, onclick) {
  return element("button", { type: "button", class: "link", onclick }, text);
}
